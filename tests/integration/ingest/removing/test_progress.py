"""How far a deletion is, as the connections API shows it (R17)."""

from tests.integration.ingest.removing.conftest import Scene
from tests.integration.ingest.removing.test_interruptions import ordered


async def test_a_calendar_shows_how_many_of_its_appointments_are_deleted_until_all_are(scene: Scene) -> None:
    # Given a deletion of fifty appointments that was just agreed on
    connection, calendar, _ = await ordered(scene, count=50)
    assert (await scene.studio.calendars(connection))[calendar]["progress"] == {"kind": "deleting", "done": 0, "of": 50}
    # When a batch of twenty is gone
    await scene.remover(batch=20).one_round()
    # Then it says so
    (shown,) = [one for uri, one in (await scene.studio.calendars(connection)).items() if uri == calendar]
    assert shown["progress"] == {"kind": "deleting", "done": 20, "of": 50}
    # And when all are gone there is nothing to say
    await scene.remove_all()
    assert "progress" not in (await scene.studio.calendars(connection))[calendar]
