"""Deliveries: what is in them, how they are signed, and who gets them."""

import hashlib
import hmac
import json

from devstack.calendly.delivery import signature
from tests.integration.calendly_standin.receiver import Receiver, Studio

INVITEE_FIELDS = (
    "cancel_url created_at email event first_name invitee_scheduled_by last_name name new_invitee no_show old_invitee "
    "payment questions_and_answers reconfirmation reschedule_url rescheduled routing_form_submission scheduled_event "
    "scheduling_method status text_reminder_number timezone tracking updated_at uri"
)
EVENT_FIELDS = (
    "created_at end_time event_guests event_memberships event_type invitees_counter location meeting_notes_html "
    "meeting_notes_plain name start_time status updated_at uri"
)


def test_the_signature_follows_the_rule_to_the_letter() -> None:
    body = b'{"event":"invitee.created","created_at":"2026-11-24T09:15:04.000000Z"}'
    assert signature(body, key="made-up-signing-key-1", stamp=1795511704) == (
        "t=1795511704,v1=3e3df4869b602fb77fe617bdb73afbf3d7c4d36f2525b71fc5957e95df4e2c29"
    )


async def test_a_delivery_is_signed_over_its_raw_bytes(studio: Studio, receiver: Receiver) -> None:
    # given
    await studio.subscribe(f"{receiver.url}/hook")
    # when
    await studio.admin.book(studio.calendar, ("Zoë Åberg", "Zoe@Example.test"))
    # then
    [got] = await receiver.until(1)
    stamp, _, made = (got.signature or "").removeprefix("t=").partition(",v1=")
    message = stamp.encode() + b"." + got.body
    assert made == hmac.new(b"key-of-the-connection", message, hashlib.sha256).hexdigest()


async def test_without_a_signing_key_there_is_no_signature(studio: Studio, receiver: Receiver) -> None:
    await studio.subscribe(f"{receiver.url}/hook", signing_key=None)
    await studio.admin.book(studio.calendar, ("Zoë", "zoe@example.test"))
    [got] = await receiver.until(1)
    assert got.signature is None


async def test_a_delivery_has_the_documented_fields(studio: Studio, receiver: Receiver) -> None:
    # given
    await studio.subscribe(f"{receiver.url}/hook")
    # when
    [booked] = await studio.admin.book(studio.calendar, ("Zoë Åberg", "Zoe@Example.test"))
    # then
    envelope = (await receiver.until(1))[0].envelope
    payload, event = envelope["payload"], envelope["payload"]["scheduled_event"]
    assert list(envelope) == ["event", "created_at", "created_by", "payload"]
    assert (envelope["event"], envelope["created_by"]) == ("invitee.created", studio.owner.uri)
    assert sorted(payload) == INVITEE_FIELDS.split()
    assert sorted(event) == EVENT_FIELDS.split()
    assert (payload["uri"], payload["event"], event["uri"]) == (booked.invitee, booked.event, booked.event)
    assert (payload["name"], payload["email"], payload["status"]) == ("Zoë Åberg", "Zoe@Example.test", "active")
    assert event["event_type"] == studio.calendar
    assert event["event_memberships"] == [
        {"user": studio.owner.uri, "user_email": "ann.berg@studio.example", "user_name": "Ann Berg"}
    ]


async def test_a_group_event_gives_one_delivery_for_each_guest(studio: Studio, receiver: Receiver) -> None:
    # given
    await studio.subscribe(f"{receiver.url}/hook")
    workshop = await studio.admin.event_type(studio.organization, "Workshop", hosts=[studio.owner], kind="group")
    guests = [("Ida", "ida@example.test"), ("Jan", "jan@example.test"), ("Kim", "kim@example.test")]
    # when
    booked = await studio.admin.book(workshop, *guests)
    # then
    got = {one.invitee: one.envelope["payload"] for one in await receiver.until(3)}
    assert set(got) == {one.invitee for one in booked}
    assert {one["event"] for one in got.values()} == {booked[0].event}
    counters = [got[one.invitee]["scheduled_event"]["invitees_counter"] for one in booked]
    assert counters == [{"total": number, "active": number, "limit": 8} for number in (1, 2, 3)]


async def test_one_of_a_group_cancels_and_the_event_stays_active(studio: Studio, receiver: Receiver) -> None:
    # given
    workshop = await studio.admin.event_type(studio.organization, "Workshop", hosts=[studio.owner], kind="group")
    [ida, _] = await studio.admin.book(workshop, ("Ida", "ida@example.test"), ("Jan", "jan@example.test"))
    await studio.subscribe(f"{receiver.url}/hook")
    # when
    await studio.admin.cancel(ida.invitee, reason="Ill")
    # then
    [got] = await receiver.until(1)
    payload = got.envelope["payload"]
    assert (got.envelope["event"], payload["status"], payload["rescheduled"]) == ("invitee.canceled", "canceled", False)
    assert payload["cancellation"] == {
        "canceled_by": "Ida",
        "reason": "Ill",
        "canceler_type": "invitee",
        "created_at": payload["updated_at"],
    }
    assert payload["scheduled_event"]["status"] == "active"
    assert "cancellation" not in payload["scheduled_event"]
    assert payload["scheduled_event"]["invitees_counter"] == {"total": 2, "active": 1, "limit": 8}


async def test_a_host_cancels_in_the_hosts_name(studio: Studio, receiver: Receiver) -> None:
    # given
    [booked] = await studio.admin.book(studio.calendar, ("Zoë", "zoe@example.test"))
    await studio.subscribe(f"{receiver.url}/hook")
    # when
    await studio.admin.cancel(booked.invitee, by="host")
    # then
    payload = (await receiver.until(1))[0].envelope["payload"]
    assert (payload["cancellation"]["canceled_by"], payload["cancellation"]["canceler_type"]) == ("Ann Berg", "host")
    assert payload["scheduled_event"]["status"] == "canceled"
    assert payload["scheduled_event"]["cancellation"] == payload["cancellation"]


async def test_a_reschedule_is_a_cancellation_and_a_new_booking_on_a_new_event(
    studio: Studio, receiver: Receiver
) -> None:
    # given
    demo = await studio.admin.event_type(
        studio.organization, "Demo", hosts=[studio.owner, studio.member], pooling_type="round_robin"
    )
    [old] = await studio.admin.book(demo, ("Zoë", "zoe@example.test"), host=studio.owner.uri)
    await studio.subscribe(f"{receiver.url}/hook", scope="organization", user=None)
    # when
    new = await studio.admin.reschedule(old.invitee, host=studio.member.uri)
    # then
    told = {one.envelope["event"]: one.envelope["payload"] for one in await receiver.until(2)}
    canceled, created = told["invitee.canceled"], told["invitee.created"]
    assert (canceled["uri"], canceled["rescheduled"], canceled["new_invitee"]) == (old.invitee, True, new.invitee)
    assert (created["uri"], created["rescheduled"], created["old_invitee"]) == (new.invitee, False, old.invitee)
    assert new.event != old.event
    assert [one["user"] for one in created["scheduled_event"]["event_memberships"]] == [studio.member.uri]


async def test_user_hooks_get_what_the_user_hosts_and_organization_hooks_get_all(
    studio: Studio, receiver: Receiver
) -> None:
    # given
    await studio.subscribe(f"{receiver.url}/owner")
    await studio.subscribe(f"{receiver.url}/member", studio.member)
    await studio.subscribe(f"{receiver.url}/all", scope="organization", user=None)
    # when the owner is booked
    await studio.admin.book(studio.calendar, ("Zoë", "zoe@example.test"))
    # then
    assert sorted(one.path for one in await receiver.until(2)) == ["/all", "/owner"]


async def test_another_organizations_bookings_are_not_told(studio: Studio, receiver: Receiver) -> None:
    # given
    elsewhere = await studio.admin.organization()
    stranger = await studio.admin.user(elsewhere, "Cy Dahl")
    calendar = await studio.admin.event_type(elsewhere, "Call", hosts=[stranger], owner=stranger.uri)
    await studio.subscribe(f"{receiver.url}/all", scope="organization", user=None)
    # when
    await studio.admin.book(calendar, ("Zoë", "zoe@example.test"))
    # then
    assert await studio.admin.deliveries() == []


async def test_round_robin_takes_turns(studio: Studio) -> None:
    hosts = [studio.owner, studio.member]
    demo = await studio.admin.event_type(studio.organization, "Demo", hosts=hosts, pooling_type="round_robin")
    booked = await studio.admin.book(demo, count=4)
    events = [(await studio.get(one.event)).json()["resource"] for one in booked]
    assert [[it["user"] for it in one["event_memberships"]] for one in events] == [
        [studio.owner.uri],
        [studio.member.uri],
        [studio.owner.uri],
        [studio.member.uri],
    ]


async def test_the_booking_call_answers_with_uris(studio: Studio) -> None:
    # given
    workshop = await studio.admin.event_type(studio.organization, "Workshop", hosts=[studio.owner], kind="group")
    first = {"event_type": workshop, "invitees": [{"name": "Ida", "email": "ida@example.test"}]}
    # when
    [one] = (await studio.http.post("/admin/bookings", json=first)).json()["bookings"]
    more = {**first, "same_event": one["event_uri"], "created_at": "2026-01-02T03:04:05Z"}
    [other] = (await studio.http.post("/admin/bookings", json=more)).json()["bookings"]
    # then
    assert (sorted(one), other["event_uri"]) == (["event_uri", "invitee_uri"], one["event_uri"])
    shown = (await studio.get(other["invitee_uri"])).json()["resource"]
    assert shown["created_at"] == "2026-01-02T03:04:05.000000Z"
    assert json.dumps(shown).count(one["event_uri"]) == 2


async def test_a_host_cancels_a_whole_event(studio: Studio, receiver: Receiver) -> None:
    # given
    workshop = await studio.admin.event_type(studio.organization, "Workshop", hosts=[studio.owner], kind="group")
    booked = await studio.admin.book(workshop, ("Ida", "ida@example.test"), ("Jan", "jan@example.test"))
    await studio.subscribe(f"{receiver.url}/hook")
    # when
    assert await studio.admin.cancel_event(booked[0].event) == 2
    # then
    assert {one.invitee for one in await receiver.until(2)} == {one.invitee for one in booked}
    assert (await studio.get(booked[0].event)).json()["resource"]["status"] == "canceled"
