"""What the rules refuse. Each refusal carries its facts and says what a person can do.

Refusal
├── UserHasAccount      R20: one Calendly account per user per subaccount
├── AccountTaken        R21: a Calendly account belongs to one user of one subaccount
├── PlanRefused         R22: only Standard, Teams and Enterprise
├── ChoiceMissing       R16: keep or delete must be chosen
├── ChoiceUnclear       R16: a calendar is selected and removed at once
├── CalendarUnknown     R3: only calendars that the account has can be selected
└── NotConnected        the connection is gone
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class Refusal(Exception):
    """A rule says no. `rule` is its R-number, the message is meant for the person who asked."""

    rule: ClassVar[str] = ""


class UserHasAccount(Refusal):
    """R20."""

    rule = "R20"

    def __init__(self) -> None:
        super().__init__(
            "This user already has a Calendly account connected in this subaccount. "
            "Disconnect it first, then connect the other one."
        )


class AccountTaken(Refusal):
    """R21; the other tenant is never named."""

    rule = "R21"

    def __init__(self) -> None:
        super().__init__(
            "This Calendly account is already linked elsewhere. It can belong to one user of one subaccount only: "
            "disconnect it there first, or connect another account."
        )


class PlanRefused(Refusal):
    """R22; names the plan."""

    rule = "R22"

    def __init__(self, plan: str) -> None:
        self.plan = plan
        super().__init__(
            f"Calendly's plan '{plan}' is not supported. "
            "Upgrade the account to Standard, Teams or Enterprise, then connect again."
        )


class ChoiceMissing(Refusal):
    """R16; names the calendars that leave the selection without a choice."""

    rule = "R16"

    def __init__(self, calendar_uris: Sequence[str]) -> None:
        self.calendar_uris = tuple(calendar_uris)
        super().__init__(
            "Choose what becomes of the synced events of each calendar that leaves the selection: put it in 'removed' "
            "with 'keep' or 'delete'. Missing: " + ", ".join(calendar_uris)
        )


class ChoiceUnclear(Refusal):
    """R16; names the calendars that are both selected and removed."""

    rule = "R16"

    def __init__(self, calendar_uris: Sequence[str]) -> None:
        self.calendar_uris = tuple(calendar_uris)
        super().__init__(
            "These calendars are in 'selected' and in 'removed' at once; leave each in one of them: "
            + ", ".join(calendar_uris)
        )


class CalendarUnknown(Refusal):
    """R3."""

    rule = "R3"

    def __init__(self, calendar_uris: Sequence[str]) -> None:
        self.calendar_uris = tuple(calendar_uris)
        super().__init__(
            "These calendars are not among those of the connected account; list its calendars and select from them: "
            + ", ".join(calendar_uris)
        )


class NotConnected(Refusal):
    """The connection was disconnected."""

    def __init__(self) -> None:
        super().__init__("This connection is no longer there. Connect the account again.")
