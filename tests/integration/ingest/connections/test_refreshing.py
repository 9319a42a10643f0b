"""Tokens of OAuth are refreshed once, whoever asks; one that is refused asks for a reconnection."""

import asyncio

import pytest

from devstack.calendly.admin_client import EXPIRED
from services.ingest.calendly.errors import TokenRefused
from services.ingest.connections.access import Access
from services.ingest.connections.connect_account import Connected
from tests.integration.ingest.connections.office import Office, office

__all__ = ["office"]


async def test_a_refresh_happens_once_however_many_ask_at_the_same_moment(office: Office) -> None:
    # given a token that is about to expire
    row = await office.expire((await office.connected()).id)
    other = Access(office.deps.pool, vault=office.deps.vault, oauth=office.oauth, clock=office.deps.clock)
    # when two processes ask for it
    tokens = await asyncio.gather(*(one.access_token(row) for one in (office.deps.access, other) * 4))
    # then all have the same new one, and it works
    assert len(set(tokens)) == 1
    assert (await office.deps.calendly(tokens[0]).me()).uri == row.calendly_user_uri
    assert await office.state(row.id) == "connected"


async def test_a_refresh_token_that_is_refused_asks_for_a_reconnection_and_oauth_renews_the_connection(
    office: Office,
) -> None:
    # given
    made = await office.connected()
    row = await office.expire(made.id)
    await office.studio.admin.order(
        "token_faults", user=office.studio.account.uri, fault=EXPIRED, refresh_too=True
    )  # fmt: skip
    # when
    with pytest.raises(TokenRefused):
        await office.deps.access.access_token(row)
    # then
    assert await office.state(made.id) == "needs_reconnect"
    # and connecting the account again keeps the connection
    again = await office.connected()
    assert (again, await office.state(made.id)) == (Connected(id=made.id, new=False), "connected")
