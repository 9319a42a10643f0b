"""The command `bookstream`: one file for each command (DESIGN 5)."""
