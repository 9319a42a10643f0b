"""The read API: what DESIGN 4 lists for the projector, one resource per file."""
