"""New versions of a projection: rebuilt from the topic, compared, switched to, dropped (DESIGN 6.6)."""
