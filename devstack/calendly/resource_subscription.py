"""A webhook subscription as Calendly's API shows it."""

from devstack.calendly.model import Subscription
from devstack.calendly.resources import Json, stamp


def subscription_shown(one: Subscription) -> Json:
    """Return a webhook subscription."""
    return {
        "uri": one.uri,
        "callback_url": one.url,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.updated_at),
        "retry_started_at": stamp(one.retry_started_at),
        "state": one.state,
        "events": one.events,
        "scope": one.scope,
        "organization": one.organization,
        "user": one.user,
        "group": None,
        "creator": one.creator,
    }
