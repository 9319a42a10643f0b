"""`bookstream token`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from services.cli.output import telling_failures
from services.runtime.settings import SettingsError, TokenSettings, load
from services.runtime.tokens import mint

ALL_SCOPES = "connections:read connections:write appointments:read contacts:read operations"


app = typer.Typer(add_completion=False)


@app.command()
def token(
    *,
    user: Annotated[str, typer.Option(help="the user, claim `sub`")],
    subaccounts: Annotated[str, typer.Option(help="ids separated by commas, or * for all")],
    scope: Annotated[str, typer.Option(help="scopes separated by spaces")] = ALL_SCOPES,
    hours: Annotated[int, typer.Option(min=1, help="how long it is valid")] = 24,
) -> None:
    """Print a development token, signed with AUTH_JWT_SECRET."""
    with telling_failures():
        secret = load(TokenSettings).auth_jwt_secret
        if secret is None:
            raise SettingsError("AUTH_JWT_SECRET: not set. Set it to 32 characters or more, as the services have it.")
        allowed = [one.strip() for one in subaccounts.split(",")]
        typer.echo(
            mint(
                secret.get_secret_value(),
                user=user,
                subaccounts=allowed,
                scope=scope,
                now=datetime.now(UTC),
                lifetime=timedelta(hours=hours),
            )
        )
