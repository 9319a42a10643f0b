"""Looking after connections: access, plan (R22) and webhook subscription."""

from typing import Any

from devstack.calendly.admin_client import EXPIRED
from services.ingest.connections.replace_subscription import replace_subscription
from services.ingest.connections.watch import watch
from tests.integration.ingest.connections.office import LENA, Office, office

__all__ = ["office"]


async def test_a_personal_token_that_is_refused_asks_for_a_reconnection_and_a_new_one_renews_it(
    office: Office,
) -> None:
    # given
    studio = office.studio
    connection = await studio.connected()
    await studio.admin.order("token_faults", token=studio.account.token, fault=EXPIRED)
    # when
    assert await watch(office.deps, await office.row(connection)) is False
    assert await office.state(connection) == "needs_reconnect"
    # then
    fresh = await studio.admin.token(studio.account.uri)
    body: dict[str, Any] = {"user_id": str(studio.user_id), "personal_access_token": fresh}
    answer = await studio.call("POST", "", body)
    assert (answer.status_code, answer.json()["id"], answer.json()["state"]) == (200, connection, "connected")
    assert len(await studio.subscriptions()) == 1


async def test_r22_a_plan_that_lapses_is_shown_and_one_that_is_accepted_again_too(office: Office) -> None:
    studio = office.studio
    connection = await studio.connected()
    shown: list[str] = []
    for plan in ("basic", "teams"):
        await studio.admin.change("organizations", uri=studio.organization, plan=plan)
        await watch(office.deps, await office.row(connection))
        shown.append(await office.state(connection))
    assert shown == ["plan_refused", "connected"]


async def test_a_disabled_subscription_is_replaced_and_the_new_one_delivers(office: Office) -> None:
    # given
    studio = office.studio
    connection = await studio.connected()
    (old,) = await studio.subscriptions()
    await studio.admin.order("subscription_states", uri=old["uri"], state="disabled")
    # when
    found = await watch(office.deps, await office.row(connection))
    # then
    (new,) = await studio.subscriptions()
    assert (found, new["callback_url"]) == (True, f"{old['callback_url']}?n=2")
    (booked,) = await studio.admin.book(await studio.event_type("Intro call"), LENA)
    await studio.delivered(connection, booked.invitee)
    assert await watch(office.deps, await office.row(connection)) is False


async def test_a_replacement_whose_answers_were_lost_goes_on_and_leaves_one_subscription(office: Office) -> None:
    # given that Calendly goes away in the middle
    studio = office.studio
    connection = await studio.connected()
    row = await office.row(connection)
    old_key = office.deps.vault.open(row.signing_keys[0], owner=row.id)
    await studio.admin.order("outage", calls=1, path="/webhook_subscriptions", cut="after")
    # when
    await replace_subscription(office.deps, row.id)
    # then both keys are good for a while
    now = await office.row(connection)
    keys = [office.deps.vault.open(one, owner=row.id) for one in now.signing_keys]
    assert (len(keys), keys[1], now.replacing, now.retired_subscriptions) == (2, old_key, False, [])
    assert [one["uri"] for one in await studio.subscriptions()] == [now.subscription_uri]
