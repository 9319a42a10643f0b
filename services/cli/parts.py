"""The option `--only` and its like, shared by the two services."""

from typing import Annotated

import typer

Host = Annotated[str, typer.Option(help="address to listen on")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="port to listen on")]
Only = Annotated[str | None, typer.Option(help="parts to run, separated by commas; all when left out")]


def chosen(only: str | None, known: tuple[str, ...]) -> frozenset[str]:
    """Return the parts to run. Raises typer.BadParameter (exit code 2) for one that there is not."""
    if only is None:
        return frozenset(known)
    wanted = frozenset(part.strip() for part in only.split(","))
    unknown = sorted(wanted - set(known))
    if unknown:
        raise typer.BadParameter(f"no such part: {', '.join(unknown)}. There are: {', '.join(known)}.")
    return wanted
