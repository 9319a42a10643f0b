"""`bookstream audit`."""

import asyncio
from dataclasses import asdict, dataclass, field
from typing import Any

import asyncpg
import typer
from bookstream_contracts import TOPICS, Topic

from services.cli.auditing.findings import Finding, OnTopic, compare_rows, compare_topic, expected_rows
from services.cli.auditing.reading import Projected, on_topic, projected, stored
from services.cli.output import AsJson, show, telling_failures
from services.ingest.relay.position import read_position
from services.ingest.settings import IngestDatabase
from services.projector.projections import PROJECTIONS
from services.projector.settings import ProjectorDatabase
from services.runtime.database import pool
from services.runtime.server import tune_interpreter
from services.runtime.settings import KafkaSettings, load

ENDS_WITH = {"appointments": "bookstream.BookingDeleted.v1", "contacts": ""}
"""The type after which a projection keeps no row."""

app = typer.Typer()


@dataclass
class Report:
    """What was compared in each place, and what is off."""

    accounts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    findings: list[Finding] = field(default_factory=list[Finding])

    def add(self, where: str, compared: int, found: list[Finding], *, discarded: int = 0) -> None:
        """Note what was found in one place, and of how many aggregates a person discarded a record."""
        counts = {"compared": compared, "discarded": discarded, "off": len(found)}
        self.accounts.append({"kind": "account", "where": where, **counts})
        self.findings.extend(found)


@app.command()
def audit(*, json: AsJson = False) -> None:
    """Compare event store, topics and projections: nothing lost, nothing doubled. Works while the system runs."""
    tune_interpreter()  # a million events are as many objects, and none is part of a ring
    with telling_failures():
        report = asyncio.run(_audit())
    show(report.accounts, title="what was compared", empty="", as_json=json)
    findings = [asdict(one) for one in report.findings]
    show(findings, title="what is off", empty="Everything agrees.", as_json=json)
    if findings:
        typer.echo("bookstream: what is off is listed above; 'explain' tells an aggregate's history.", err=True)
        raise typer.Exit(1)


async def _audit() -> Report:
    servers = load(KafkaSettings).kafka_bootstrap_servers
    report = Report()
    async with (
        pool(load(IngestDatabase).database, connections=1) as ingest,
        pool(load(ProjectorDatabase).database, connections=1) as projector,
    ):
        # Each place is pinned before the one that it is compared with, so that what comes meanwhile is no difference.
        read_models = {name: await projected(projector, name) for name in PROJECTIONS}
        upto = await read_position(servers)
        for topic in (one for one in TOPICS if one.owner == "ingest"):
            records = [record async for record in on_topic(servers, topic.name)]
            await _compare(report, ingest, topic, records, upto=upto)
            for name, projection in PROJECTIONS.items():
                if projection.topic == topic.name:
                    _compare_rows(report, name, read_models[name], records)
    return report


async def _compare(report: Report, ingest: asyncpg.Pool, topic: Topic, records: list[OnTopic], *, upto: int) -> None:
    known = await stored(ingest, topic.events, upto=upto)
    found = compare_topic(topic.name, known, records, upto=upto, compacted=topic.retention == "compacted")
    report.add(topic.name, len(known), found)


def _compare_rows(report: Report, name: str, state: Projected, records: list[OnTopic]) -> None:
    expected = expected_rows(records, state.positions, ends_with=ENDS_WITH[name])
    found = compare_rows(name, state.rows, expected, waiting=state.waiting, discarded=state.discarded)
    report.add(f"projection {name}", len(expected), found, discarded=len(state.discarded))
