"""Dropping what came before: events of one appointment, contact or connection come in order, each with its number."""

from collections import OrderedDict
from uuid import UUID

from bookstream_contracts.records import Received


class Seen:
    """Remembers the highest sequence of the subjects seen lately.

    It lives in memory, and so catches repetitions while a consumer runs. To catch them across restarts too, keep
    `ce_sequence` by subject with the result of your work, in the same transaction.
    """

    def __init__(self, *, subjects: int = 100_000) -> None:
        self._highest: OrderedDict[UUID, int] = OrderedDict()
        self._subjects = subjects

    def is_new(self, received: Received) -> bool:
        """Tell whether an event was not seen before, and remember it."""
        known = self._highest.pop(received.subject, 0)
        self._highest[received.subject] = max(known, received.sequence)
        if len(self._highest) > self._subjects:
            self._highest.popitem(last=False)
        return received.sequence > known
