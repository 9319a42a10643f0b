"""Calendly's signature: over the raw bytes, lately enough, by any of the keys."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.intake.signature import Unauthentic, verify

VECTORS = [
    (
        b"made-up-signing-key-1",
        b'{"event":"invitee.created","created_at":"2026-11-24T09:15:04.000000Z"}',
        b"t=1795511704,v1=3e3df4869b602fb77fe617bdb73afbf3d7c4d36f2525b71fc5957e95df4e2c29",
    ),
    (
        b"made-up-signing-key-1",
        b'{"event": "invitee.created", "created_at": "2026-11-24T09:15:04.000000Z"}',
        b"t=1795511704,v1=ad35e0f86af308d871fc89ee34b1594baee0f003e9b0dd84befd9e039960b7a8",
    ),
    (
        b"made-up-signing-key-2",
        '{"payload":{"name":"Tomás Quiroga"}}'.encode(),
        b"t=1795511705,v1=074fc47c5e7337e07e5a9828f9b4bc390139392f9f0d5954315010121810cc31",
    ),
]
NOW = 1795511710
KEY, BODY = b"key", b"{}"


def signed(stamp: int, *, key: bytes = KEY, body: bytes = BODY) -> bytes:
    """Return the header that signs a body at a moment."""
    return b"t=%d,v1=%s" % (stamp, hmac.new(key, b"%d." % stamp + body, hashlib.sha256).hexdigest().encode())


@pytest.mark.parametrize(("key", "body", "header"), VECTORS)
def test_a_vector_is_accepted_and_refused_with_one_byte_changed(key: bytes, body: bytes, header: bytes) -> None:
    verify(header, body, keys=[key], now=NOW)
    with pytest.raises(Unauthentic, match="does not match the body"):
        verify(header, body + b" ", keys=[key], now=NOW)


@pytest.mark.parametrize("age", [0, 25 * 3600, -5 * 60])
def test_a_signature_within_25_hours_and_5_minutes_ahead_is_accepted(age: int) -> None:
    verify(signed(NOW - age), BODY, keys=[KEY], now=NOW)


@pytest.mark.parametrize(("age", "told"), [(25 * 3600 + 1, "more than 25 hours old"), (-301, "5 minutes ahead")])
def test_one_that_is_older_or_further_ahead_is_refused(age: int, told: str) -> None:
    with pytest.raises(Unauthentic, match=told):
        verify(signed(NOW - age), BODY, keys=[KEY], now=NOW)


def test_while_a_key_is_exchanged_both_are_good_and_unknown_parts_are_passed_over() -> None:
    header = signed(NOW, key=b"old") + b",v2=later"
    verify(header, BODY, keys=[b"new", b"old"], now=NOW)
    verify(signed(NOW, key=b"other") + b"," + signed(NOW).partition(b",")[2], BODY, keys=[KEY], now=NOW)


@pytest.mark.parametrize("header", [None, b"", b"v1=00", b"t=1", b"t=x,v1=00", b"t=1,t=2,v1=00", b"t=-1,v1=00"])
def test_a_header_that_is_missing_or_of_another_form_is_refused(header: bytes | None) -> None:
    with pytest.raises(Unauthentic):
        verify(header, BODY, keys=[KEY], now=NOW)


@given(header=st.binary(max_size=200), body=st.binary(max_size=50))
def test_whatever_comes_is_refused_and_never_anything_else(header: bytes, body: bytes) -> None:
    with pytest.raises(Unauthentic):
        verify(header, body, keys=[KEY], now=NOW)
