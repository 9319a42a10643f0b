"""The demo: two users connect, guests book, and everybody can watch how each booking travels."""
