"""Stored tokens and keys are encrypted: AES-256-GCM, bound to the connection that they belong to."""

import hashlib
import os
from collections.abc import Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_ID = 4
_NONCE = 12


class SecretUnreadable(Exception):
    """A stored secret cannot be decrypted; the message says what to do."""


class Vault:
    """Seals with the first key and opens with any, so that keys can be exchanged one after the other."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {_key_id(key): AESGCM(key) for key in keys}
        self._first = _key_id(keys[0])

    def seal(self, secret: bytes, *, owner: UUID) -> bytes:
        """Return the sealed secret: the key's id, a random nonce, and the cipher text bound to its owner."""
        nonce = os.urandom(_NONCE)
        return self._first + nonce + self._keys[self._first].encrypt(nonce, secret, owner.bytes)

    def open(self, sealed: bytes, *, owner: UUID) -> bytes:
        """Return the secret. Raises SecretUnreadable where its key is not there or it belongs to another owner."""
        cipher = self._keys.get(sealed[:_ID])
        if cipher is None:
            raise SecretUnreadable(
                "A stored secret was encrypted with a key that SECRETS_KEY does not list. Add that key after the first."
            )
        nonce, text = sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :]
        try:
            return cipher.decrypt(nonce, text, owner.bytes)
        except InvalidTag:
            raise SecretUnreadable("A stored secret was changed or belongs to another connection.") from None


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"bookstream key id" + key).digest()[:_ID]
