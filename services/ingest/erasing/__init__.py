"""Forgetting a person (DESIGN 2): nothing of them is kept, their appointments stay."""
