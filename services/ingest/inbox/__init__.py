"""The inbox: deliveries as they came, stored before anything else happens to them (DESIGN 6.1)."""
