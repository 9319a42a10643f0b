"""`bookstream migrate`."""

import asyncio
from typing import Any

import typer

from services.cli import tables
from services.cli.output import AsJson, show, telling_failures
from services.ingest.settings import IngestDatabase
from services.projector.settings import ProjectorDatabase
from services.runtime.settings import KafkaSettings, load
from services.runtime.topics import create_topics

app = typer.Typer(add_completion=False)


@app.command()
def migrate(*, json: AsJson = False) -> None:
    """Create or upgrade tables and topics. Safe to repeat, and safe when two run at once."""
    with telling_failures():
        ingest, projector, kafka = load(IngestDatabase), load(ProjectorDatabase), load(KafkaSettings)
        rows = [*_tables(ingest.database, "ingest"), *_tables(projector.database, "projector")]
        topics = asyncio.run(create_topics(kafka.kafka_bootstrap_servers))
        rows += [{"kind": "topic", "where": "kafka", "name": name} for name in topics]
    show(rows, title="migrated", empty="Tables and topics are up to date.", as_json=json)


def _tables(database_url: str, service: str) -> list[dict[str, Any]]:
    return [{"kind": "tables", "where": service, "name": name} for name in tables.migrate(service, database_url)]
