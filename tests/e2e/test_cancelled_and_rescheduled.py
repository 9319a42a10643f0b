"""R7: a cancellation or a rescheduling changes no appointment; the booking that a rescheduling makes is imported."""

from datetime import timedelta

from tests.support.scene import Scene, until


async def test_a_cancellation_changes_nothing_even_when_it_comes_first(scene: Scene) -> None:
    # Given a calendar whose deliveries are held back
    organization = await scene.admin.organization()
    account = await scene.admin.user(organization, "Ingrid Solheim")
    calendar = await scene.admin.event_type(organization, "Intro call", hosts=[account], owner=account.uri)
    await scene.connected(account, calendar)
    await scene.admin.behave(hold=True)
    # When a booking is made and cancelled, and the cancellation is delivered first
    (booked,) = await scene.admin.book(calendar, ("Ada Guest", "ada@guest.example"))
    await scene.admin.cancel(booked.invitee)
    await scene.admin.release(order="newest first")
    await scene.admin.behave()
    await until(scene.has_caught_up, "both deliveries were settled")
    # Then the appointment is there, confirmed, and the topic tells of nothing else
    assert [row["status"] for row in await scene.appointments()] == ["confirmed"]
    assert {one.type for one in await scene.on_topics()} == {
        "CalendlyConnected",
        "CalendarSelected",
        "ContactUpserted",
        "BookingImported",
        "OwnerAssigned",
    }


async def test_a_rescheduling_leaves_the_old_appointment_and_makes_a_new_one(scene: Scene) -> None:
    # Given an appointment
    organization = await scene.admin.organization()
    account = await scene.admin.user(organization, "Ingrid Solheim")
    calendar = await scene.admin.event_type(organization, "Intro call", hosts=[account], owner=account.uri)
    await scene.connected(account, calendar)
    (first,) = await scene.admin.book(calendar, ("Ada Guest", "ada@guest.example"))
    await until(scene.has_caught_up, "the booking was projected")
    (before,) = await scene.appointments()
    # When it is rescheduled to the next day
    start = before["starts_at"] + timedelta(days=1)
    await scene.admin.reschedule(first.invitee, start_time=start.isoformat())
    await until(scene.has_caught_up, "the new booking was projected")
    # Then the old one stands unchanged, and the new one is an appointment of the same contact
    after = await scene.appointments()
    assert after[0] == before
    assert [(row["starts_at"], row["contact_id"]) for row in after[1:]] == [(start, before["contact_id"])]
    assert [one["appointment_count"] for one in await scene.contacts()] == [2]
