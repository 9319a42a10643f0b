"""Dead letters: published to their topic, listed, retried after a fix, discarded (DESIGN 3, 6.5)."""
