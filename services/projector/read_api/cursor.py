"""Cursors: the place in a sorted list after which the next page begins, opaque to callers."""

import base64
import binascii
from datetime import datetime
from uuid import UUID

import msgspec

from services.runtime.problems import Problem


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """The sort key of the last item of a page: a moment and an id."""

    moment: datetime
    id: UUID

    def __str__(self) -> str:
        """Return the text that callers hand back."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


def read_cursor(text: str | None) -> Cursor | None:
    """Return the cursor that a caller handed back. Raises Problem (422) for one that is not ours."""
    if text is None:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = msgspec.json.decode(raw, type=Cursor)
    except (binascii.Error, msgspec.DecodeError, ValueError):
        cursor = None
    if cursor is None or cursor.moment.tzinfo is None:
        detail = "The cursor is not one of ours. Take 'next_cursor' of the last page unchanged, or leave it out."
        raise Problem(422, "cursor-refused", detail)
    return cursor
