"""How a person says which dead letters are meant."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from services.cli.times import length, moment

_MOST = 2**63 - 1

LetterId = Annotated[int, typer.Argument(min=1, max=_MOST, metavar="ID", help="the id, as 'list' shows it")]
Ids = Annotated[list[int] | None, typer.Argument(min=1, max=_MOST, metavar="[ID]...", help="ids, as 'list' shows them")]
Projection = Annotated[str | None, typer.Option(help="those of this projection")]
Key = Annotated[str | None, typer.Option(help="those of this key: an appointment's or a contact's id")]
Reason = Annotated[str | None, typer.Option(help="those whose reason or class of error contains this")]
Older = Annotated[timedelta | None, typer.Option(parser=length, metavar="LENGTH", help="set aside before, such as 2h")]
Since = Annotated[datetime | None, typer.Option(parser=moment, metavar="TIME", help="set aside since, in RFC 3339")]
Every = Annotated[bool, typer.Option("--all", help="all dead letters")]
