"""Calendly's API as Bookstream uses it. Nothing is written there but our own webhook subscriptions (R1)."""
