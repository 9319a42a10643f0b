"""What all events share: frozen, read tolerantly, with times in UTC."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, PlainSerializer, WithJsonSchema


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _as_rfc3339(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


UtcTime = Annotated[
    AwareDatetime,
    AfterValidator(_in_utc),
    PlainSerializer(_as_rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment in UTC, RFC 3339 with microseconds on the wire; a time without a zone is refused."""


class Event(BaseModel):
    """Base of all events. A field that a reader does not know is passed over: schemas grow by optional fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")
