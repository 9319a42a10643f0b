"""Ingest over HTTP, and a studio that connects."""

from tests.integration.ingest.connections.conftest import ingest, stand_in, studio

__all__ = ["ingest", "stand_in", "studio"]
