"""Import: deliveries from the inbox become appointments and contacts, in batches (DESIGN 6.2)."""
