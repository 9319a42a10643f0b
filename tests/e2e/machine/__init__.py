"""The machine of random histories against the running system."""
