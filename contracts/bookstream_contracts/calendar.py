"""A calendar as events name it."""

from typing import Literal

from bookstream_contracts.event import Event


class Calendar(Event):
    """A Calendly event type: its URI is its identity, the name a label; `shared` as DESIGN 2 defines it."""

    uri: str
    name: str
    kind: Literal["personal", "shared"]
