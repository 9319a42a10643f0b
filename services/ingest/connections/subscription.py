"""The webhook subscription of a connection: all that is ever written to Calendly (R1)."""

from uuid import UUID

import structlog

from services.ingest.calendly.client import Calendly
from services.ingest.calendly.errors import AlreadyExists, CalendlyError
from services.ingest.calendly.models import User

log = structlog.get_logger(__name__)


def callback_url(public_url: str, connection_id: UUID, number: int) -> str:
    """Return a connection's own address; the number of the subscription, which the route ignores, makes it a new one:
    Calendly has one subscription for each address.
    """
    url = f"{public_url.rstrip('/')}/webhooks/calendly/{connection_id}"
    return url if number == 1 else f"{url}?n={number}"


async def subscribe(calendly: Calendly, user: User, *, url: str, signing_key: str | None) -> str:
    """Have the user's bookings delivered to an address; return the subscription's URI. Raises CalendlyError."""
    try:
        return (await calendly.subscribe(user, url=url, signing_key=signing_key)).uri
    except AlreadyExists:
        # Ours, from an attempt whose answer was lost: its key may be another, so it is made anew.
        for stale in await calendly.subscriptions(user):
            if stale.callback_url == url:
                await calendly.unsubscribe(stale.uri)
        return (await calendly.subscribe(user, url=url, signing_key=signing_key)).uri


async def unsubscribe(calendly: Calendly, subscription_uri: str) -> None:
    """Remove a subscription if Calendly lets us; what stays is answered 404 and disabled by Calendly after a day."""
    try:
        await calendly.unsubscribe(subscription_uri)
    except CalendlyError as error:
        log.warning("subscription could not be removed", error=type(error).__name__)
