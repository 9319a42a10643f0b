"""From Calendly's JSON to a booking: R5 is read, R6 is not, and a fault is named without its value."""

from dataclasses import fields
from datetime import UTC, datetime

import pytest

from domain.booked import BookedInvitee, title_without_guest
from domain.contact import Guest
from services.ingest.importing.translate import Malformed, translate
from tests.support.payloads import API, body, invitee_created


def test_r5_what_is_synced_is_read() -> None:
    assert translate(body(invitee_created())) == BookedInvitee(
        invitee_uri=f"{API}/scheduled_events/S1/invitees/I1",
        event_uri=f"{API}/scheduled_events/S1",
        calendar_uri=f"{API}/event_types/E1",
        title="Intro call",
        starts_at=datetime(2026, 12, 3, 15, tzinfo=UTC),
        ends_at=datetime(2026, 12, 3, 15, 30, tzinfo=UTC),
        booked_at=datetime(2026, 11, 24, 11, 0, 10, 300000, tzinfo=UTC),
        guest=Guest(email="Lena.Vogt@mail.example", name="Lena Vogt"),
    )


def test_r6_nothing_else_has_a_place_in_a_booking() -> None:
    assert [one.name for one in fields(BookedInvitee)] == [
        "invitee_uri",
        "event_uri",
        "calendar_uri",
        "title",
        "starts_at",
        "ends_at",
        "booked_at",
        "guest",
    ]
    assert "23125" not in repr(translate(body(invitee_created())))


@pytest.mark.parametrize("email", [None, "", "   "])
def test_r9_a_missing_or_blank_address_is_no_guest(email: str | None) -> None:
    assert translate(body(invitee_created(email=email))).guest is None


def test_a_character_that_no_table_takes_is_left_out() -> None:
    told = invitee_created(name="Le\x00na", email="\x00lena@mail.example", scheduled_event={"name": "In\x00tro"})

    booked = translate(body(told))

    assert (booked.title, booked.guest) == ("Intro", Guest(email="lena@mail.example", name="Lena"))


@pytest.mark.parametrize(
    "title",
    ["Intro call with LENA VOGT", "lena.vogt@MAIL.example / Intro"],
)
def test_a_title_that_names_the_guest_becomes_the_calendars_name(title: str) -> None:
    booked = translate(body(invitee_created(scheduled_event={"name": title})))

    assert title_without_guest(booked, calendar_name="Intro") == "Intro"


@pytest.mark.parametrize(
    ("delivery", "fault"),
    [
        (invitee_created(created_at="yesterday"), "payload.created_at"),
        (invitee_created(created_at="2026-11-24T11:00:10"), "payload.created_at"),
        (invitee_created(uri=7), "payload.uri"),
        (invitee_created(scheduled_event={"uri": f"{API}/a\x00b"}), "payload.scheduled_event.uri"),
        (invitee_created(scheduled_event={"event_type": None}), "payload.scheduled_event.event_type"),
        (invitee_created(scheduled_event={"end_time": "2026-12-01T00:00:00Z"}), "payload.scheduled_event.end_time"),
        ({"event": "invitee.created"}, "payload"),
        ([], "body"),
    ],
)
def test_a_malformed_payload_is_refused_naming_the_field(delivery: dict[str, object], fault: str) -> None:
    with pytest.raises(Malformed) as refused:
        translate(body(delivery))

    assert str(refused.value).split(":")[0] == fault
    assert "yesterday" not in str(refused.value)
