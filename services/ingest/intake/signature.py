"""Calendly's signature: `t=<unix seconds>,v1=<hex>` is HMAC-SHA256 over `t`, a full stop and the raw body."""

import hashlib
import hmac
from collections.abc import Iterable

HEADER = b"calendly-webhook-signature"
MOST_AGE = 25 * 3600
"""Seconds. Calendly retries for 24 hours, and whether a retry is signed anew is not known."""
MOST_AHEAD = 5 * 60
"""Seconds that the sender's clock may run ahead of ours."""


class Unauthentic(Exception):
    """The delivery is not shown to be Calendly's. The message says what is wrong and what to do."""


def verify(header: bytes | None, body: bytes, *, keys: Iterable[bytes], now: float) -> None:
    """Check that one of the keys signed the body, lately enough. Raises Unauthentic.

    Several `v1` parts may be given, and several keys may be valid, while a key is being exchanged; parts of other names
    are passed over. Comparison takes constant time.
    """
    if header is None:
        raise Unauthentic("The header Calendly-Webhook-Signature is missing. Only signed deliveries are taken.")
    stamp, given = _parts(header)
    _check_age(stamp, now)
    message = stamp + b"." + body
    expected = [hmac.new(key, message, hashlib.sha256).hexdigest().encode() for key in keys]
    # Every pair is compared, so that the time taken does not tell which one matched.
    matches = [hmac.compare_digest(one, other) for one in given for other in expected]
    if not any(matches):
        raise Unauthentic("The signature does not match the body. Check the signing key of the webhook subscription.")


def _parts(header: bytes) -> tuple[bytes, list[bytes]]:
    pairs = [part.strip().partition(b"=") for part in header.split(b",")]
    stamps = [value for name, _, value in pairs if name == b"t"]
    given = [value for name, _, value in pairs if name == b"v1"]
    if len(stamps) != 1 or not given or not _is_number(stamps[0]):
        raise Unauthentic("The header Calendly-Webhook-Signature is not of the form t=<unix seconds>,v1=<hex>.")
    return stamps[0], given


def _is_number(text: bytes) -> bool:
    return text.isdigit() and len(text) <= 12


def _check_age(stamp: bytes, now: float) -> None:
    age = now - int(stamp)
    if age > MOST_AGE:
        raise Unauthentic("The signature is more than 25 hours old. Check the clock of this server.")
    if age < -MOST_AHEAD:
        raise Unauthentic("The signature is more than 5 minutes ahead. Check the clock of this server.")
