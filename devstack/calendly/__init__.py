"""A Calendly that speaks real HTTP and refuses what Calendly would refuse.

It stands in for the one thing that cannot be had on one's own machine, and is driven by an admin interface of its own.
"""
