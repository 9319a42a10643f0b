"""What the admin interface takes."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from devstack.calendly.state import SCOPES


class Body(BaseModel):
    """Base of all; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class NewOrganization(Body):
    """An organization."""

    name: str = "Harbour Studio"
    plan: str = "teams"
    stage: str = "paid"


class NewUser(Body):
    """A user with a personal access token of these scopes."""

    organization: str
    name: str
    email: str
    role: Literal["user", "admin", "owner"] = "user"
    scopes: list[str] = list(SCOPES)


class NewEventType(Body):
    """An event type; without an owner it belongs to a team."""

    organization: str
    name: str
    hosts: list[str]
    owner: str | None = None
    kind: Literal["solo", "group"] = "solo"
    pooling_type: Literal["round_robin", "collective"] | None = None
    limit: int = 1


class EventTypeChange(Body):
    """What is to change."""

    uri: str
    name: str | None = None
    active: bool | None = None
    deleted: bool = False


class OrganizationChange(Body):
    """A new plan."""

    uri: str
    plan: str


class Person(Body):
    """A guest."""

    name: str
    email: str


class NewBookings(Body):
    """Bookings: of the guests given, or of a number of made-up ones, each on its own event unless `together`."""

    event_type: str
    guests: list[Person] = []
    count: Annotated[int, Field(ge=0, le=100_000)] = 0
    together: bool = False
    event: str | None = None
    starts_at: AwareDatetime | None = None
    created_at: AwareDatetime | None = None
    host: str | None = None
    silently: bool = False
    per_second: Annotated[float | None, Field(gt=0)] = None


class Cancellation(Body):
    """Which booking is cancelled, and by whom."""

    invitee: str
    by: Literal["host", "invitee"] = "invitee"


class Rescheduling(Body):
    """Which booking is rescheduled."""

    invitee: str
    starts_at: AwareDatetime | None = None
    host: str | None = None


class TokenFault(Body):
    """Why a token is refused from now on; null makes it good again."""

    token: str
    fault: str | None


class SubscriptionState(Body):
    """A subscription that is disabled, or active again."""

    uri: str
    state: Literal["active", "disabled"]


class LimitsChange(Body):
    """Calls a minute for each user; an outage that answers a number of calls with a status."""

    per_minute: int | None = None
    outage_calls: int = 0
    outage_status: int = 503


class BehaviourChange(Body):
    """How deliveries behave from now on."""

    hold: bool = False
    times: Annotated[int, Field(ge=1, le=100)] = 1
    drop_next: int = 0
    first_wait: float = 0.2


class Release(Body):
    """Send what is held, in this order."""

    order: Literal["oldest first", "newest first"] = "oldest first"


class Redelivery(Body):
    """Send the deliveries of a booking once more."""

    invitee: str
    times: Annotated[int, Field(ge=1, le=100)] = 1
