"""Which version is meant by a command that names a projection only."""

from datetime import UTC, datetime

from services.projector.rebuilding.refusals import (
    Ambiguous,
    IsLive,
    NoSuchVersion,
    NothingToCompare,
    NothingToGoBackTo,
    NotLoaded,
)
from services.projector.versions import Version

_NEVER = datetime.min.replace(tzinfo=UTC)


def live_of(there: list[Version], name: str) -> Version:
    """Return the live version; there is always one."""
    return next(one for one in there if one.name == name and one.state == "live")


def rebuilt_of(there: list[Version], name: str) -> Version:
    """Return the newest version that was rebuilt and is not live yet. Raises NothingToCompare, NotLoaded."""
    building = [one for one in there if one.name == name and one.state == "building"]
    if not building:
        raise NothingToCompare(name)
    if building[-1].loaded_at is None:
        raise NotLoaded(name, building[-1].label)
    return building[-1]


def previous_of(there: list[Version], name: str) -> Version:
    """Return the version that was live before. Raises NothingToGoBackTo."""
    retired = [one for one in there if one.name == name and one.state == "retired"]
    if not retired:
        raise NothingToGoBackTo(name)
    return max(retired, key=lambda one: one.retired_at or _NEVER)


def to_drop(there: list[Version], name: str, number: int | None) -> Version:
    """Return the version to drop. Raises NoSuchVersion, Ambiguous, IsLive."""
    ours = [one for one in there if one.name == name and number in {None, one.version}]
    if number is None:
        ours = [one for one in ours if one.state != "live"]
    if not ours:
        raise NoSuchVersion(name, number)
    if len(ours) > 1:
        raise Ambiguous(name, [one.version for one in ours])
    if ours[0].state == "live":
        raise IsLive(ours[0].label)
    return ours[0]
