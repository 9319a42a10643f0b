"""What the rules say, in a sentence each, for whoever asks why (DESIGN 1)."""

SENTENCES = {
    "R3": "Nobody in the subaccount had selected this calendar, and only selected ones are synced.",
    "R4": "Every new booking of a selected calendar becomes an appointment.",
    "R7": "A cancellation or a rescheduling does not change the appointment.",
    "R8": "It was booked before the account was first connected.",
    "R9": "A guest becomes a contact, or is the contact that has this e-mail address already.",
    "R10": "The contact's user is the owner of the appointment that was booked last.",
    "R11": "On a personal calendar the user who connected the account owns the appointment.",
    "R12": "On a shared calendar one of the users who have it selected owns the appointment, drawn at random.",
    "R13": "It was booked before the calendar was selected for the first time.",
    "R14": "It was booked, or arrived, while nobody had the calendar selected.",
    "R15": "The calendar was selected again, and what was booked while it had been selected came back.",
    "R17": "Everybody who had the calendar chose to delete its appointments.",
    "R19": "Its appointment was deleted, and a deleted appointment never comes back.",
    "R22": "The plan of the Calendly account is not accepted any more.",
    "erasure": "The person was forgotten by command.",
}
"""By the rule's number."""


def sentence(rule: str | None) -> str | None:
    """Return what a rule says; None where no rule decided, or one that has no sentence."""
    return SENTENCES.get(rule) if rule else None
