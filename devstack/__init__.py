"""Stands in for the outside on one machine: Kafka, PostgreSQL, and a Calendly that speaks HTTP."""
