"""The relay: every event of the log onto its topic, exactly once and in order (DESIGN 6.4, R23)."""
