"""Stored secrets: sealed with the first key, opened with any, bound to their connection."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.secrets.vault import SecretUnreadable, Vault

OLD, NEW = b"o" * 32, b"n" * 32
ONE = UUID("00000000-0000-4000-8000-000000000001")
OTHER = UUID("00000000-0000-4000-8000-000000000002")
TOKEN = b"pat-of-ingrid"


@given(st.binary(max_size=4096))
def test_what_is_sealed_opens_again(secret: bytes) -> None:
    vault = Vault([NEW])
    assert vault.open(vault.seal(secret, owner=ONE), owner=ONE) == secret


def test_a_sealed_secret_shows_nothing_and_never_looks_the_same_twice() -> None:
    first, second = (Vault([NEW]).seal(TOKEN, owner=ONE) for _ in range(2))
    assert TOKEN not in first
    assert first != second


def test_after_a_change_of_keys_old_secrets_open_and_new_ones_need_the_new_key() -> None:
    # given a secret sealed before the change
    before = Vault([OLD]).seal(TOKEN, owner=ONE)
    # when the new key stands first
    changed = Vault([NEW, OLD])
    # then
    assert changed.open(before, owner=ONE) == TOKEN
    assert Vault([NEW]).open(changed.seal(TOKEN, owner=ONE), owner=ONE) == TOKEN


def test_a_secret_whose_key_is_gone_is_refused_with_what_to_do() -> None:
    sealed = Vault([OLD]).seal(TOKEN, owner=ONE)
    with pytest.raises(SecretUnreadable) as refused:
        Vault([NEW]).open(sealed, owner=ONE)
    assert str(refused.value) == (
        "A stored secret was encrypted with a key that SECRETS_KEY does not list. Add that key after the first."
    )


def test_a_secret_does_not_open_for_another_connection() -> None:
    vault = Vault([NEW])
    with pytest.raises(SecretUnreadable):
        vault.open(vault.seal(TOKEN, owner=ONE), owner=OTHER)


@pytest.mark.parametrize("place", [0, 4, 16, -1], ids=["key id", "nonce", "text", "tag"])
def test_a_secret_that_was_changed_does_not_open(place: int) -> None:
    vault = Vault([NEW])
    sealed = bytearray(vault.seal(TOKEN, owner=ONE))
    sealed[place] ^= 1
    with pytest.raises(SecretUnreadable):
        vault.open(bytes(sealed), owner=ONE)
