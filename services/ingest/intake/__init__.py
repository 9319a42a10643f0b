"""Intake: the webhook. An authentic delivery is stored durably and answered; nothing else happens here (DESIGN 6.1)."""
