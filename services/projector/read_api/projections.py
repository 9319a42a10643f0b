"""How far the projections have come."""

from typing import Literal

import asyncpg
from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.projector.applying import positions
from services.projector.projections import PROJECTIONS
from services.projector.tails import Tails
from services.projector.versions import Version, versions
from services.runtime.tokens import authorized


class Partition(BaseModel):
    """One partition: the next offset to apply, and the partition's end."""

    topic: str
    partition: int
    position: int
    end: int


class ProjectionState(BaseModel):
    """One version of a projection; `lag` counts offsets, and is 0 when every record is applied."""

    name: str
    version: int
    state: Literal["building", "live", "retired"]
    events_applied: int
    lag: int
    partitions: list[Partition]


class Projections(BaseModel):
    """All versions of all projections."""

    items: list[ProjectionState]


def router(pool: asyncpg.Pool, tails: Tails) -> APIRouter:
    """Return the route of projections."""
    routes = APIRouter(prefix="/v1/projections", tags=["operations"])

    @routes.get("", dependencies=[Depends(authorized("operations"))])
    async def list_projections() -> Projections:
        """Return each version with its positions."""
        return Projections(items=[await state_of(pool, tails, one) for one in await versions(pool)])

    return routes


async def state_of(pool: asyncpg.Pool, tails: Tails, one: Version) -> ProjectionState:
    """Return how far a version has come on each partition."""
    async with pool.acquire() as connection:
        known = await positions.load(connection, name=one.name, version=one.version)
    places = await tails.partitions(PROJECTIONS[one.name].topic)
    found = await tails.where({place: known.get((place.topic, place.partition), 0) for place in places})
    partitions = [
        Partition(topic=place.topic, partition=place.partition, position=tail.position, end=tail.end)
        for place, tail in sorted(found.items())
    ]
    return ProjectionState(
        name=one.name,
        version=one.version,
        state=one.state,
        events_applied=one.events_applied,
        lag=sum(one.end - one.position for one in partitions),
        partitions=partitions,
    )
