"""The projector: read models of appointments and contacts, built from the topics (DESIGN 6.5)."""
