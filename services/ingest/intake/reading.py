"""What intake reads of a delivery: its event and the invitee's URI, no more. Pure."""

from dataclasses import dataclass

import msgspec

USED = frozenset({"invitee.created", "invitee.canceled"})
LONGEST = 500
"""Characters of an event's name or a URI; Calendly's are well below."""


class NotJson(Exception):
    """The body is not JSON."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a body says. `fault` names why it is malformed and must be parked."""

    event: str
    invitee_uri: str | None = None
    fault: str | None = None

    @property
    def used(self) -> bool:
        """Tell whether Bookstream does anything with deliveries of this event."""
        return self.event in USED


class _Payload(msgspec.Struct, gc=False):
    uri: str | None = None


class _Body(msgspec.Struct, gc=False):
    event: str
    payload: _Payload | None = None


_decode = msgspec.json.Decoder(_Body).decode


def read(body: bytes) -> Read:
    """Return what the body says. Raises NotJson."""
    try:
        told = _decode(body)
    except msgspec.ValidationError as fault:
        return Read(event="unknown", fault=f"body: {fault}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotJson from None
    uri = told.payload.uri if told.payload else None
    if not _storable(told.event) or not _storable(uri or "-"):
        return Read(event="unknown", fault="event or payload.uri: empty, too long, or not plain text")
    return Read(event=told.event, invitee_uri=uri)


def _storable(text: str) -> bool:
    # PostgreSQL's text takes no NUL; one such value would fail the commit that it shares with others.
    return 0 < len(text) <= LONGEST and text.isprintable()
