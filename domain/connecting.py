"""Connecting and disconnecting a Calendly account (R3, R16, R17, R20, R21)."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.account_link import AccountLink
from domain.calendar import Calendar
from domain.connection import Connection, SyncedEvents
from domain.recorded import Context
from domain.refusals import AccountTaken, NotConnected, UserHasAccount


@dataclass(frozen=True, kw_only=True)
class Places:
    """The two places that a connection takes: the user's slot (R20) and the account's own (R21)."""

    slot: AccountLink
    account: AccountLink

    def check_free(self) -> None:
        """Raise UserHasAccount (R20) or AccountTaken (R21) where a place is held."""
        if self.slot.held_by is not None:
            raise UserHasAccount
        if self.account.held_by is not None:
            raise AccountTaken


def connect_account(
    context: Context,
    connection: Connection,
    places: Places,
    *,
    subaccount_id: UUID,
    user_id: UUID,
    calendly_user_uri: str,
    plan: str,
) -> None:
    """Connect an account for a user. Raises UserHasAccount (R20) or AccountTaken (R21)."""
    places.check_free()
    connection.connect(
        context, subaccount_id=subaccount_id, user_id=user_id, calendly_user_uri=calendly_user_uri, plan=plan
    )
    places.slot.link(context, connection_id=connection.id)
    places.account.link(context, connection_id=connection.id)


def disconnect_account(
    context: Context,
    connection: Connection,
    places: Places,
    calendars: Mapping[str, Calendar],
    *,
    synced_events: SyncedEvents,
) -> None:
    """Disconnect: every calendar is left with the choice, and both places are free again (DESIGN 2).

    `calendars` holds every calendar that the connection ever selected, by URI. With `delete` the choice is made for
    those left with `keep` too (R17). Raises NotConnected where the connection has ended.
    """
    if not connection.active:
        raise NotConnected
    user_id = connection.facts.user_id
    selected = sorted(connection.selected)
    for uri in selected:
        connection.deselect(context, calendar_uri=uri, synced_events=synced_events, reason="disconnected")
        calendars[uri].remove_selection(context, user_id=user_id, synced_events=synced_events)
    if synced_events == "delete":
        for uri in sorted(connection.ever_selected - set(selected)):
            if calendars[uri].choices.get(user_id) == "keep":
                calendars[uri].remove_selection(context, user_id=user_id, synced_events="delete")
    connection.disconnect(context)
    places.slot.unlink(context, connection_id=connection.id)
    places.account.unlink(context, connection_id=connection.id)
