"""Why: what happened to an appointment or a contact, by which rule and because of what, from the event store."""
