"""Deleting by agreement: the appointments of calendars that everybody left with "delete" (R16 to R19)."""
