"""Connections: who connected which account, and which calendars are selected (R3, R13 to R22)."""
