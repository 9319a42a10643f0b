"""What stands on the topic of dead letters (DESIGN 3)."""

from dataclasses import dataclass
from uuid import UUID

from aiokafka import ConsumerRecord
from bookstream_contracts import TOPICS

from services.projector.dead_letters.letters import Letter

TOPIC = "crm.calendly.dead-letters.v1"
MOST_BYTES = 900_000
"""Bytes of a record that is passed on whole: the broker takes 1 MiB, and we add headers."""

_PERSONAL = frozenset(topic.name for topic in TOPICS if topic.personal_data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A record as it is published. Header values may be null, as they may in the record that was set aside."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


def needs_record(letter: Letter) -> bool:
    """Tell whether the record itself is passed on; one that may hold personal data is only named."""
    return letter.topic not in _PERSONAL


def passed(letter: Letter, record: ConsumerRecord | None) -> Passed:
    """Return what is published of a dead letter: the raw record, or its place alone where there is none to pass on."""
    facts = [(name, str(value).encode()) for name, value in _facts(letter).items()]
    if record is None or not needs_record(letter) or _size(record) > MOST_BYTES:
        return Passed(key=_key(letter), value=b"", headers=[*facts])
    # Kafka's client refuses a record that has neither key nor value.
    value = b"" if record.key is None and record.value is None else record.value
    return Passed(key=record.key, value=value, headers=[*record.headers, *facts])


def _facts(letter: Letter) -> dict[str, object]:
    place = f"{letter.topic}/{letter.partition}/{letter.position}"
    return {
        "dl_id": f"{letter.name}/v{letter.version}/{place}",
        "dl_reason": letter.reason,
        "dl_error_class": letter.error or "",
        "dl_topic": letter.topic,
        "dl_partition": letter.partition,
        "dl_offset": letter.position,
        "dl_attempts": letter.attempts,
        "dl_projection": letter.name,
        "dl_version": letter.version,
    }


def _key(letter: Letter) -> bytes | None:
    """Return the key of a record that is only named: none where it is no id, for then it may be of a person."""
    try:
        return str(UUID(letter.key)).encode()
    except ValueError:
        return None


def _size(record: ConsumerRecord) -> int:
    headers = sum(len(name) + len(value or b"") for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers
