"""Comparing with Calendly: what was missed is imported, and what a calendar selected again brings back (R4, R15)."""
