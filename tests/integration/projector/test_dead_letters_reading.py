"""Single records are found again wherever they stand, and what is gone is not taken for another."""

from dataclasses import replace
from uuid import uuid4

import pytest

from services.projector.dead_letters.reading import NEAR, Reader
from services.runtime.topics import create_topics
from tests.integration.projector.test_appointments_projection import owned
from tests.integration.projector.test_contacts_projection import FIRST, TOMAS, upserted
from tests.support.dead_letters import delete_before, put
from tests.support.published import publish


@pytest.fixture(scope="module")
async def topics(empty_kafka: str) -> str:
    await create_topics(empty_kafka)
    return empty_kafka


async def test_records_far_apart_are_found_in_any_order_and_again(topics: str) -> None:
    # Given more records than are read over, in transactions that leave markers between them, and another topic
    key = uuid4()
    await publish(topics, *([owned(key, offset=0, sequence=number)] * 3 for number in range(2, 22)))
    placed = await put(topics, *(owned(key, offset=0, sequence=number) for number in range(2, NEAR + 10)))
    (contact,) = await put(topics, upserted(offset=0, sequence=1, user=TOMAS, latest=FIRST))
    wanted = [contact, placed[-1], placed[3], placed[0]]
    origins = [(one.topic, one.partition, one.offset) for one in wanted]
    async with Reader.open(topics) as reader:
        # When they are read twice, and one of them alone
        found = [await reader.read(origins), await reader.read(origins), await reader.read(origins[-1:])]
        # Then each is the record that was put there
        values = dict(zip(origins, [one.value for one in wanted], strict=True))
        assert [{origin: one.value for origin, one in some.items()} for some in found] == [
            values,
            values,
            {origins[-1]: placed[0].value},
        ]
        # When some are deleted, then the others still are found; so is one that came since, and none beyond the end
        await delete_before(topics, placed[3])
        (last,) = await put(topics, replace(placed[0], offset=0))
        place = (last.topic, last.partition)
        asked = [*origins[2:], (*place, last.offset), (*place, last.offset + 7)]
        assert sorted(await reader.read(asked)) == [origins[2], (*place, last.offset)]
