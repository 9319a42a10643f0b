"""The project's rebuild, as `bookstream projections rebuild` runs it: from zero into a new version with its indexes."""

from benchmarks.given import Given, Stopwatch
from services.projector.rebuilding.drop import drop_version
from services.projector.rebuilding.progress import Progress
from services.projector.rebuilding.rebuild import Rebuild
from services.projector.rebuilding.tools import Tools
from services.projector.versions import versions


async def prepare(given: Given) -> None:
    """Drop what the round before built."""
    await drop_rebuilt(given)


async def drop_rebuilt(given: Given) -> None:
    """Drop all versions but the live ones; the projector would feed them too."""
    async with Tools.open(database_url=given.database_url, bootstrap_servers=given.bootstrap_servers) as tools:
        for one in await versions(tools.pool):
            if one.state != "live":
                await drop_version(tools, one.name, number=one.version)


async def run(given: Given, stopwatch: Stopwatch) -> None:
    """Rebuild one projection."""
    async with Tools.open(database_url=given.database_url, bootstrap_servers=given.bootstrap_servers) as tools:
        await Rebuild(tools=tools).run(given.names[0], progress=Progress())
        stopwatch.stop()
