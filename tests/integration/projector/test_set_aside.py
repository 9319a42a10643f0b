"""What cannot be applied is set aside with all that follows for its key; the rest flows (R23)."""

from uuid import UUID

import asyncpg

from tests.integration.projector.test_appointments_projection import A, B, imported, owned
from tests.support.projector import applier, rows
from tests.support.records import raw

TOPIC = "crm.calendly.bookings.v1"


async def letters(pool: asyncpg.Pool) -> list[tuple[int, str, bool]]:
    """Return offset, reason and whether it only waits behind another."""
    found = await pool.fetch("SELECT position, reason, behind FROM projector.dead_letters ORDER BY position")
    return [(row["position"], row["reason"], row["behind"]) for row in found]


def broken(key: UUID, offset: int, *, value: bytes | None = b"{}"):
    good = imported(key, offset=offset)
    return raw(TOPIC, key=good.key, value=value, headers=list(good.headers), offset=offset)


async def test_a_bad_record_takes_the_later_ones_of_its_key_with_it_and_others_flow(pool: asyncpg.Pool) -> None:
    # Given a record that is not what its contract says, then good ones of the same and of another key
    events = [broken(A, 0), imported(B, offset=1), owned(A, offset=2), owned(B, offset=3)]
    # When they are applied, and one more comes later
    await applier(pool, "appointments").apply(events)
    await applier(pool, "appointments").apply([owned(A, offset=4, sequence=3)])
    # Then the other key has its row, and this one's records wait in order
    assert [one["id"] for one in await rows(pool, "crm.appointments")] == [B]
    found = await letters(pool)
    assert [(offset, behind) for offset, _, behind in found] == [(0, False), (2, True), (4, True)]
    assert found[0][1].startswith("value: ")


async def test_headers_that_break_a_parser_and_null_values_are_set_aside_alone(pool: asyncpg.Pool) -> None:
    # Given a header that is not UTF-8, one that is null, no headers at all, and a value that is null
    good = imported(A, offset=0)
    odd = [
        raw(TOPIC, key=str(UUID(int=1)).encode(), value=good.value, headers=[("ce_type", b"\xff")], offset=1),
        raw(TOPIC, key=str(UUID(int=2)).encode(), value=good.value, headers=[], offset=2),
        broken(UUID(int=3), 3, value=None),
        raw(TOPIC, key=b"not an id", value=good.value, headers=list(good.headers), offset=4),
    ]
    # When they come together with a good one
    await applier(pool, "appointments").apply([good, *odd])
    # Then only the good one is applied, and each of the others is named
    assert [one["id"] for one in await rows(pool, "crm.appointments")] == [A]
    assert [offset for offset, _, _ in await letters(pool)] == [1, 2, 3, 4]


async def test_an_unknown_type_is_passed_over(pool: asyncpg.Pool) -> None:
    # Given an event of a type that is not known yet
    good = imported(A, offset=0)
    headers = [(name, b"bookstream.BookingMoved.v1" if name == "ce_type" else value) for name, value in good.headers]
    await applier(pool, "appointments").apply([raw(TOPIC, key=good.key, value=b"{}", headers=headers, offset=0)])
    # Then nothing is set aside, and the position is behind it
    assert await letters(pool) == []
    assert await pool.fetchval("SELECT position FROM projector.positions") == 1
