"""Measurements, on real Kafka and PostgreSQL. Nothing here asserts a time."""
