"""What the admin interface takes to spoil things and to steer deliveries."""

from typing import Annotated, Literal

from pydantic import Field

from devstack.calendly.admin_models import Body


class TokenFault(Body):
    """Why a token, or all of a user's, is refused from now on; null makes it good again.

    With `refresh_too` the user's refresh tokens are gone as well.
    """

    token: str | None = None
    user: str | None = None
    fault: str | None
    refresh_too: bool = False


class SubscriptionState(Body):
    """A subscription that is disabled, or active again."""

    uri: str
    state: Literal["active", "disabled"]


class LimitsChange(Body):
    """Calls a minute for each user (null: 500, or 50 on the free plan); an outage that answers a number of calls.

    What is left out stays as it is.
    """

    per_minute: Annotated[int | None, Field(ge=0)] = None
    outage_calls: Annotated[int, Field(ge=0)] = 0
    outage_status: int = 503


class OutageChange(Body):
    """An outage of the next `calls` calls (null: until it is lifted with 0) whose path begins with `path`.

    They are answered with `status`; or the connection breaks (`cut`) before the call is worked on, or after it, so that
    only its answer is lost.
    """

    calls: Annotated[int | None, Field(ge=0)] = None
    status: int = 503
    path: str = "/"
    cut: Literal["before", "after"] | None = None


class BehaviourChange(Body):
    """How deliveries behave from now on; what is left out is as it was at the start. Times are in seconds."""

    hold: bool = False
    times: Annotated[int, Field(ge=1, le=100)] = 1
    drop_next: Annotated[int, Field(ge=0)] = 0
    delay: Annotated[float | None, Field(ge=0)] = None
    first_wait: Annotated[float | None, Field(ge=0)] = None
    give_up_after: Annotated[float | None, Field(ge=0)] = None
    same_stamp: bool = False
    at_once: Annotated[int | None, Field(ge=1, le=500)] = None


class Release(Body):
    """Send what is held, in this order: each is sent when the one before it has its first answer."""

    order: Literal["oldest first", "newest first"] = "oldest first"


class Redelivery(Body):
    """Send the deliveries of a booking once more."""

    invitee: str
    times: Annotated[int, Field(ge=1, le=100)] = 1
