"""What the admin interface takes."""

from typing import Annotated, Literal

from pydantic import AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field

from devstack.calendly.model import SCOPES


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
    limit: Annotated[int | None, Field(ge=1)] = None
    duration: Annotated[int, Field(ge=1)] = 30


class NewToken(Body):
    """One more personal access token of a user."""

    user: str
    scopes: list[str] = list(SCOPES)


class EventTypeChange(Body):
    """What is to change; a deleted event type is no longer listed, and can still be read."""

    uri: str
    name: str | None = None
    hosts: list[str] | None = None
    active: bool | None = None
    deleted: bool = False


class OrganizationChange(Body):
    """A new plan or stage."""

    uri: str
    plan: str | None = None
    stage: str | None = None


class Person(Body):
    """A guest; first and last name only where the event type asks for them apart."""

    name: str
    email: str
    first_name: str | None = None
    last_name: str | None = None
    timezone: str | None = "Europe/Oslo"


StartTime = Annotated[AwareDatetime | None, Field(validation_alias=AliasChoices("start_time", "starts_at"))]


class NewBookings(Body):
    """Bookings: of the invitees given, or of `count` made-up ones.

    Named invitees of a group event type share one event, all others have an event each; `together` decides otherwise.
    `same_event` adds them to an event that is there. `created_at` may be past. `silently` delivers nothing.
    `per_second` books in the background at that pace, and answers at once with no bookings.
    """

    event_type: str
    invitees: Annotated[list[Person], Field(validation_alias=AliasChoices("invitees", "guests"))] = []
    count: Annotated[int, Field(ge=0, le=100_000)] = 0
    together: bool | None = None
    same_event: Annotated[str | None, Field(validation_alias=AliasChoices("same_event", "event"))] = None
    start_time: StartTime = None
    created_at: AwareDatetime | None = None
    host: str | None = None
    silently: bool = False
    per_second: Annotated[float | None, Field(gt=0)] = None


class Cancellation(Body):
    """Which booking is cancelled, or which event with all its bookings, and by whom."""

    invitee: str | None = None
    event: str | None = None
    by: Literal["host", "invitee"] = "invitee"
    reason: str | None = None
    silently: bool = False


class Rescheduling(Body):
    """Which booking is rescheduled."""

    invitee: str
    start_time: StartTime = None
    host: str | None = None
    silently: bool = False


class NewApp(Body):
    """An OAuth app: a web app with a secret, or a native one without."""

    redirect_uris: list[str]
    scopes: list[str] = list(SCOPES)
    native: bool = False


class SignIn(Body):
    """Who is signed in at Calendly and allows every app what it asks; null: nobody, so that it is refused."""

    user: str | None
