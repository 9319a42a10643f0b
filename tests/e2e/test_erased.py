"""A person is forgotten everywhere, and their appointments stay without a contact (DESIGN 2, R9)."""

import json
import subprocess
from typing import Any

from devstack.system import bookstream
from tests.support.scene import Scene, until


def erased(scene: Scene, email: str) -> dict[str, Any]:
    """Erase a person of the scene's subaccount by command; return the receipt."""
    done = subprocess.run(
        [bookstream(), "erase", "--subaccount", scene.subaccount, "--email", email],
        capture_output=True, text=True, check=True, env={**scene.system.environment, "PATH": "/bin"},
    )  # fmt: skip
    return json.loads(done.stdout)


async def test_who_is_erased_is_gone_from_every_view_and_comes_back_as_somebody_else(scene: Scene) -> None:
    # Given two guests
    organization = await scene.admin.organization()
    account = await scene.admin.user(organization, "Ingrid Solheim")
    calendar = await scene.admin.event_type(organization, "Intro call", hosts=[account], owner=account.uri)
    await scene.connected(account, calendar)
    await scene.admin.book(calendar, ("Ada Guest", "ada@guest.example"))
    await scene.admin.book(calendar, ("Bela Guest", "bela@guest.example"))
    await until(scene.has_caught_up, "both bookings were projected")
    ada, bela = await scene.contacts()
    before = {one["id"]: one["contact_id"] for one in await scene.appointments()}
    # When one of them is erased
    receipt = erased(scene, " ADA@guest.example")
    await until(scene.has_caught_up, "the erasure was projected")
    # Then the receipt names the contact and not the person
    assert (receipt["kind"], receipt["contact_id"]) == ("erased", str(ada["id"]))
    assert "ada" not in json.dumps(receipt).casefold().replace(str(ada["id"]), "")
    # And the contact is gone, the appointment is there with contact null, the other guest is as before
    assert await scene.contacts() == [bela]
    after = {one["id"]: one["contact_id"] for one in await scene.appointments()}
    assert after == {one: None if contact == ada["id"] else contact for one, contact in before.items()}
    read = f"{scene.system.projector_url}/v1/subaccounts/{scene.subaccount}"
    assert (await scene.http.get(f"{read}/contacts/{ada['id']}")).status_code == 404
    (mine,) = [one for one, contact in before.items() if contact == ada["id"]]
    assert (await scene.http.get(f"{read}/appointments/{mine}")).json()["contact"] is None
    # And the history tells that there was somebody, and no more
    history = f"{scene.system.ingest_url}/v1/subaccounts/{scene.subaccount}/history/contacts/{ada['id']}"
    told = (await scene.http.get(history)).json()
    assert (told["state"]["erased"], [one["event"] for one in told["items"]]) == (
        True,
        ["ContactUpserted", "ContactErased"],
    )
    # When the guest books again
    await scene.admin.book(calendar, ("Ada Guest", "ada@guest.example"))
    await until(scene.has_caught_up, "the new booking was projected")
    # Then it is another contact, and the earlier appointment stays without one
    again = (await scene.contacts())[0]
    assert (again["email"], again["id"] == ada["id"]) == ("ada@guest.example", False)
    assert {one["id"]: one["contact_id"] for one in await scene.appointments()}[mine] is None
