"""Each event is read as it was stored; what cannot be read is told by name and never guessed."""

from dataclasses import fields, replace
from datetime import UTC
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import MapperDeserialisationError, StoredEvent
from eventsourcing.utils import TopicError
from hypothesis import given
from hypothesis import strategies as st

from domain.contact import ContactErased
from domain.recorded import Recorded
from services.ingest.event_store import topics
from services.ingest.event_store.mapper import to_recorded, to_stored
from services.ingest.event_store.topics import STORED_EVENTS

topics.register()


def events_of(kind: type[Recorded]) -> st.SearchStrategy[Recorded]:
    """Make events of one kind, of any values that its fields allow."""
    moments = st.datetimes(timezones=st.just(UTC))
    times = {one.name: moments for one in fields(kind) if one.type == "datetime"}
    return st.builds(kind, **(times | {"timestamp": moments}))


@given(st.sampled_from(STORED_EVENTS).flatmap(events_of))
def test_each_event_is_read_as_it_was_stored(event: Recorded) -> None:
    stored = to_stored(event)
    assert (stored.originator_id, stored.originator_version) == (event.originator_id, event.originator_version)
    assert to_recorded(stored) == event


ERASED = StoredEvent(
    originator_id=UUID(int=7),
    originator_version=2,
    topic=ContactErased.TOPIC,
    state=b'{"timestamp":"2026-11-24T09:00:00Z","cause":"command","cause_id":"00000000000000000000000000000001",'
    b'"trace":null,"subaccount_id":"00000000-0000-0000-0000-000000000002"}',
)


def test_ids_are_read_with_and_without_dashes() -> None:
    event: Any = to_recorded(ERASED)
    assert (event.cause_id, event.subaccount_id) == (UUID(int=1), UUID(int=2))


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (b'{"timestamp":"2026-11-24T09:00:00Z"}', "missing required field `cause`"),
        (ERASED.state.replace(b'"command"', b"7"), r"Expected `str`, got `int` - at `\$\.cause`"),
        (ERASED.state[:-1], "truncated"),
        (b'"\xff"', "Expected `object`"),
    ],
    ids=["a field is missing", "a field of another type", "cut off", "not an object"],
)
def test_what_cannot_be_read_is_told_with_its_name_and_id(state: bytes, told: str) -> None:
    with pytest.raises(MapperDeserialisationError, match=f"^{ContactErased.TOPIC} of {UUID(int=7)}: .*{told}"):
        to_recorded(replace(ERASED, state=state))


def test_an_event_that_nobody_knows_is_not_read() -> None:
    with pytest.raises(TopicError, match="nobody"):
        to_recorded(replace(ERASED, topic="nobody:Knows"))
