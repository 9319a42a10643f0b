"""Draws a history for people: each delivery, pass or command, the events that it caused, and the rule behind each."""

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.tree import Tree

HIDDEN = frozenset({"subaccount_id", "appointment_id"})
"""Facts that the heading tells already."""


def timeline(events: Sequence[Mapping[str, Any]], title: str) -> Tree:
    """Return the tree of the events, as `explain` tells them, the oldest first."""
    tree = Tree(f"[bold]{title}[/bold]")
    for _, caused in groupby(events, key=lambda event: event["cause"]["id"]):
        together = list(caused)
        branch = tree.add(_cause(together[0]["cause"]))
        for event in together:
            _add(branch, event)
    return tree


def _cause(cause: Mapping[str, Any]) -> str:
    text = f"[cyan]{cause['kind']}[/cyan] {cause['id']}"
    if "received_at" in cause:
        text += f", received {cause['received_at']:%Y-%m-%d %H:%M:%S} by connection {cause['connection_id']}"
    return text


def _add(branch: Tree, event: Mapping[str, Any]) -> None:
    leaf = branch.add(f"[green]{event['at'][:19].replace('T', ' ')}[/green]  [bold]{event['event']}[/bold]")
    leaf.add(f"[yellow]{event['rule']}[/yellow]  {event['why'] or ''}")
    leaf.add(f"[dim]sequence {event['sequence']}, position {event['position']}[/dim]")
    for name, value in event["data"].items():
        if value is not None and name not in HIDDEN:
            leaf.add(f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")
