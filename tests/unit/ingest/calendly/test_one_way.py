"""R1: nothing is written to Calendly but our own webhook subscriptions."""

import ast
from pathlib import Path

from services.ingest.calendly import client

WRITES = {"POST", "PUT", "PATCH", "DELETE"}


def writes(source: str) -> set[tuple[str, str]]:
    """Return method and path (as written) of each call that writes."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    sends = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "send"]
    return {
        (call.args[0].value, ast.unparse(call.args[1]))
        for call in sends
        if isinstance(call.args[0], ast.Constant) and call.args[0].value in WRITES
    }


def test_the_client_writes_webhook_subscriptions_and_nothing_else() -> None:
    source = Path(client.__file__).read_text(encoding="utf-8")
    # What is deleted is named by the caller, and its docstring says what that may be
    assert writes(source) == {("POST", "'/webhook_subscriptions'"), ("DELETE", "uri")}


def test_another_write_would_be_seen() -> None:
    source = 'async def f(self):\n    await self._transport.send("POST", "/invitees")'
    assert writes(source) == {("POST", "'/invitees'")}
