"""Why an appointment is as it is: from the delivery to the rows, in one answer (R4, R9, R11, R13)."""

import json
import uuid
from datetime import UTC, datetime, timedelta

from devstack.system import System, run_command
from tests.support.scene import Scene, until


async def one_booking(scene: Scene) -> tuple[str, str, dict[str, object]]:
    """Book one appointment; return the invitee's URI, the user, and the appointment's row."""
    organization, user = await scene.admin.organization(), str(uuid.uuid4())
    account = await scene.admin.user(organization, "Ingrid Solheim")
    calendar = await scene.admin.event_type(organization, "Intro call", hosts=[account], owner=account.uri)
    await scene.connected(account, calendar, user=user)
    (booked,) = await scene.admin.book(calendar, ("Ada Guest", "ada@guest.example"))
    await until(scene.has_caught_up, "the booking was projected")
    return booked.invitee, user, (await scene.appointments())[0]


async def test_the_history_names_delivery_rule_owner_and_place_of_each_event(scene: Scene) -> None:
    # Given an appointment
    invitee, user, row = await one_booking(scene)
    base = f"{scene.system.ingest_url}/v1/subaccounts/{scene.subaccount}"
    # When its history and its deliveries are asked for
    history = (await scene.http.get(f"{base}/history/appointments/{row['id']}")).json()
    (delivery,) = (await scene.http.get(f"{base}/deliveries", params={"invitee_uri": invitee})).json()
    # Then each event has its rule, its cause and its place
    told = [(one["event"], one["rule"], one["sequence"], one["cause"]) for one in history["items"]]
    cause = {"kind": "delivery", "id": delivery["id"]}
    assert told == [("BookingImported", "R4", 1, cause), ("OwnerAssigned", "R11", 2, cause)]
    positions = [one["position"] for one in history["items"]]
    assert positions == sorted(set(positions))
    assert (delivery["outcome"], delivery["rule"], delivery["appointment_id"]) == ("imported", "R4", str(row["id"]))
    state = history["state"]
    assert (state["title"], state["owner_user_id"], state["deleted"]) == ("Intro call", user, False)


async def test_as_of_answers_as_things_were_and_another_tenant_finds_nothing(scene: Scene) -> None:
    # Given an appointment
    _, _, row = await one_booking(scene)
    base = f"{scene.system.ingest_url}/v1/subaccounts/{scene.subaccount}/history"
    # When asked for a time before it
    before = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    then = await scene.http.get(f"{base}/appointments/{row['id']}", params={"as_of": before})
    # Then there was nothing; and the contact's history is no appointment's, nor another tenant's
    assert then.json() == {"state": None, "items": []}
    assert (await scene.http.get(f"{base}/appointments/{row['contact_id']}")).status_code == 404
    foreign = f"{scene.system.ingest_url}/v1/subaccounts/{uuid.uuid4()}/history/contacts/{row['contact_id']}"
    assert (await scene.http.get(foreign)).status_code == 404
    contact = (await scene.http.get(f"{base}/contacts/{row['contact_id']}")).json()
    assert [(one["event"], one["rule"]) for one in contact["items"]] == [("ContactUpserted", "R9")]


async def test_explain_tells_a_booking_that_was_left_out_its_rule(system: System, scene: Scene) -> None:
    # Given an appointment, and a booking from before the calendar was selected
    booked, user, row = await one_booking(scene)
    deliveries = f"{scene.system.ingest_url}/v1/subaccounts/{scene.subaccount}/deliveries"
    past = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    (early,) = await scene.admin.book(str(row["calendar_uri"]), ("Early Bird", "early@guest.example"), created_at=past)
    await until(scene.has_caught_up, "the early booking was settled")
    # When the command explains both
    appointment = run_command(["explain", "appointment", str(row["id"])], system.environment)
    left_out = run_command(["explain", "invitee", early.invitee], system.environment)
    # Then a pipe gets JSON lines, with the rule that left the early one out
    imported, owned = (json.loads(line) for line in appointment.splitlines())
    assert (imported["event"], owned["event"]) == ("BookingImported", "OwnerAssigned")
    (told,) = [json.loads(line) for line in left_out.splitlines()]
    assert (told["outcome"], told["rule"], told["appointment_id"]) == ("left_out", "R13", None)
    assert told["why"] == "It was booked before the calendar was selected for the first time."
    # And each event names the delivery that caused it: when it came, and by which connection
    delivery = (await scene.http.get(deliveries, params={"invitee_uri": booked})).json()[0]
    cause = imported["cause"]
    assert (cause["id"], cause["connection_id"]) == (delivery["id"], delivery["connection_id"])
    assert datetime.fromisoformat(cause["received_at"]) == datetime.fromisoformat(delivery["received_at"])
    assert (owned["rule"], owned["data"]["candidates"]) == ("R11", [user])
