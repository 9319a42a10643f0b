"""Applying records: rows and positions in one transaction, faults set aside with all that follows for their key."""
