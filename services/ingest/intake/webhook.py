"""`POST /webhooks/calendly/{connection_id}` as a lean ASGI route: it stands before the framework, which costs more than
all that a delivery needs."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

from prometheus_client import CollectorRegistry, Counter

from services.ingest.intake.group_commit import Arrival, GroupCommit, InboxUnavailable
from services.ingest.intake.reading import NotJson, Read, read
from services.ingest.intake.signature import HEADER, Unauthentic, verify
from services.runtime.problems import Problem, not_found
from services.runtime.trace import valid_trace

PATH = "/webhooks/calendly/"
MOST_BYTES = 1024 * 1024

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class SigningKeys(Protocol):
    """Who may sign for a connection."""

    async def keys_of(self, connection_id: UUID) -> tuple[bytes, ...] | None:
        """Return the keys that may have signed; None where there is no such connection, or it is disconnected."""
        ...


class Webhook:
    """Takes deliveries; passes every other request on to `app`."""

    def __init__(self, app: App, *, keys: SigningKeys, commits: GroupCommit, registry: CollectorRegistry) -> None:
        self._app = app
        self._keys = keys
        self._commits = commits
        self._answers = Counter("bookstream_deliveries", "Deliveries by answer", ["answer"], registry=registry)
        self._stored = self._answers.labels("202")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request: 202 once the delivery is stored, else a problem that says what to do."""
        if scope["type"] != "http" or not scope["path"].startswith(PATH):
            await self._app(scope, receive, send)
            return
        try:
            await self._take(scope, receive)
        except Problem as problem:
            self._answers.labels(str(problem.status)).inc()
            await problem.response(scope, receive, send)
        else:
            self._stored.inc()
            await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})

    async def _take(self, scope: Scope, receive: Receive) -> None:
        if scope["method"] != "POST":
            raise Problem(405, "method-not-allowed", "Deliveries are sent with POST.", headers={"Allow": "POST"})
        connection_id, keys = await self._connection(scope["path"][len(PATH) :])
        headers: dict[bytes, bytes] = dict(scope["headers"])
        body = await _body(headers, receive)
        try:
            verify(headers.get(HEADER), body, keys=keys, now=time.time())
        except Unauthentic as fault:
            raise Problem(401, "signature-refused", str(fault)) from None
        try:
            told = read(body)
        except NotJson:
            raise Problem(400, "not-json", "The body is not JSON. Send what Calendly sent, unchanged.") from None
        await self._store(_arrival(connection_id, told, body, headers))

    async def _connection(self, text: str) -> tuple[UUID, tuple[bytes, ...]]:
        try:
            connection_id = UUID(text)
        except ValueError:
            raise not_found("connection") from None
        keys = await self._keys.keys_of(connection_id)
        if keys is None:
            raise not_found("connection")
        return connection_id, keys

    async def _store(self, arrival: Arrival) -> None:
        try:
            await self._commits.store(arrival)
        except InboxUnavailable:
            raise Problem(
                503,
                "inbox-unavailable",
                "The delivery cannot be stored now. Send it again.",
                headers={"Retry-After": "5"},
            ) from None


def _arrival(connection_id: UUID, told: Read, body: bytes, headers: dict[bytes, bytes]) -> Arrival:
    outcome = "parked" if told.fault else None if told.used else "ignored"
    return Arrival(
        id=uuid4(),
        connection_id=connection_id,
        received_at=datetime.now(UTC),
        event=told.event,
        invitee_uri=told.invitee_uri,
        body=None if outcome == "ignored" else body,
        trace=valid_trace(headers.get(b"traceparent", b"").decode("ascii", "replace")),
        state={"parked": "parked", "ignored": "done"}.get(outcome or "", "waiting"),
        outcome=outcome,
        reason=told.fault,
    )


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    announced = headers.get(b"content-length", b"0")
    if announced.isdigit() and int(announced) > MOST_BYTES:
        raise _too_large()
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem(400, "cut-short", "The connection ended before the body did. Send it again.")
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise _too_large()
        if not message.get("more_body"):
            return body


def _too_large() -> Problem:
    return Problem(
        413, "too-large", "A delivery may have 1 MiB at most. Check what sent this.", headers={"Connection": "close"}
    )
