"""Kafka and PostgreSQL without Bookstream: for a debugger, a second run, or one's own tools."""

import shlex

from devstack.demo.draw import Stage
from devstack.processes import told_to_stop
from devstack.stack import open_stack


async def stack() -> None:
    """Run both until Ctrl-C or SIGTERM, and tell the two settings that name them: to a shell, or as a JSON line."""
    stage = Stage()
    async with open_stack(say=stage.say) as opened:
        stop = told_to_stop()
        if stage.person:
            for name, value in opened.environment.items():
                print(f"export {name}={shlex.quote(value)}")  # noqa: T201, to be copied as it stands
            stage.say("Ctrl-C stops both.")
        else:
            stage.tell(kind="stack", **opened.environment)
        await stop.wait()
        stage.say("Stopping both")
