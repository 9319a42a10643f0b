"""Bookstream's rules, pure: aggregates, their events and decisions. Time, ids and chance are passed in."""
