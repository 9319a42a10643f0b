"""Calendly's answers, as far as they are read. Unknown fields and unknown values of enumerations are tolerated."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Uri = Annotated[str, Field(pattern=r"^https://[\w.:-]+/[\x21-\x7e]*$", max_length=500)]


class Answer(BaseModel):
    """Base of all."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class User(Answer):
    """The account that a token belongs to."""

    uri: Uri
    current_organization: Uri


class Organization(Answer):
    """The organization of an account; its `plan` is free text, and new plans may come."""

    uri: Uri
    plan: str


class Profile(Answer):
    """To whom an event type belongs: `User` or `Team`."""

    type: str


class EventType(Answer):
    """An event type: what Bookstream calls a calendar."""

    uri: Uri
    name: str | None = None
    active: bool = True
    pooling_type: str | None = None
    profile: Profile | None = None
    deleted_at: str | None = None

    @property
    def shared(self) -> bool:
        """Tell whether it is shared, as DESIGN 2 defines it."""
        return self.pooling_type is not None or (self.profile is not None and self.profile.type == "Team")

    @property
    def usable(self) -> bool:
        """Tell whether bookings can be made on it."""
        return self.active and self.deleted_at is None


class Subscription(Answer):
    """A webhook subscription."""

    uri: Uri
    callback_url: str
    state: str


class InviteesCounter(Answer):
    """How many booked a scheduled event."""

    total: int = 0
    active: int = 0


class ScheduledEvent(Answer):
    """A meeting, without those who booked it."""

    uri: Uri
    name: str | None = None
    status: str
    start_time: AwareDatetime
    end_time: AwareDatetime
    event_type: Uri | None = None
    updated_at: AwareDatetime
    invitees_counter: InviteesCounter = InviteesCounter()


class Invitee(Answer):
    """One who booked a scheduled event, and when."""

    uri: Uri
    email: str | None = None
    name: str | None = None
    status: str
    created_at: AwareDatetime


class TokenAnswer(Answer):
    """Tokens given by OAuth; `expires_in` is in seconds."""

    access_token: str = Field(min_length=1, repr=False)
    refresh_token: str = Field(min_length=1, repr=False)
    expires_in: int = Field(gt=0)


class Pagination(Answer):
    """Where the next page is; no token on the last one."""

    next_page_token: str | None = None


class Page(Answer):
    """A page of a list."""

    collection: list[dict[str, Any]]
    pagination: Pagination
