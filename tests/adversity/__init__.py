"""Faults on purpose, in the whole system as processes."""
