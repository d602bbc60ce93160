# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrapping keys, import tokens, and the decryption of EncryptedKeyMaterial."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import threading
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap_with_padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .clock import DAY
from .errors import Refused
from .specs import CURVES, ED25519, HMAC, RSA, SYMMETRIC

ALGORITHMS = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256")
TOKEN_LIFE = DAY
_POOL = 2
_DIGEST = hashlib.sha256().digest_size


def allowed(spec: str, algorithm: str, wrapping_key_spec: str, region: str) -> bool:
    """The tables in "Select a wrapping public key spec" and "Select a wrapping algorithm"."""
    china = region.startswith("cn-")
    if algorithm not in ALGORITHMS or wrapping_key_spec not in RSA:
        return False
    if algorithm.startswith("RSA_AES_KEY_WRAP"):
        return not china and spec not in (SYMMETRIC, *HMAC)
    if spec in RSA:
        return False
    # P-521 is too long. Ed25519 would fit, but live KMS refuses it.
    return not (wrapping_key_spec == "RSA_2048" and spec in ("ECC_NIST_P521", ED25519))


class WrappingKeys:
    """A few RSA keys per spec, generated on first use. KMS generates one per request, which would take too
    long here.
    """

    def __init__(self) -> None:
        self._keys: dict[str, list[rsa.RSAPrivateKey]] = {}
        self._turn = 0
        self._lock = threading.Lock()

    def next(self, spec: str) -> str:
        """Return the name of a key of this spec."""
        with self._lock:
            pool = self._keys.setdefault(spec, [])
            self._turn += 1
            if len(pool) < _POOL:
                pool.append(rsa.generate_private_key(65537, RSA[spec]))
            return f"{spec}/{self._turn % len(pool)}"

    def private(self, name: str) -> rsa.RSAPrivateKey:
        spec, number = name.split("/")
        return self._keys[spec][int(number)]

    def public(self, name: str) -> bytes:
        return self.private(name).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True)
class Token:
    """The content of an import token. It is signed, and bound to one key, one Region, one wrapping key, and one day."""

    arn: str
    wrapping_key: str
    algorithm: str
    expires: float


class Tokens:
    def __init__(self) -> None:
        self._secret = os.urandom(32)

    def seal(self, token: Token) -> bytes:
        # Random bytes make every token different.
        said = json.dumps({**vars(token), "random": os.urandom(16).hex()}).encode()
        return hmac.digest(self._secret, said, "sha256") + said

    def open(self, sealed: bytes, arn: str, now: float) -> Token:
        signature, said = sealed[:_DIGEST], sealed[_DIGEST:]
        if not hmac.compare_digest(signature, hmac.digest(self._secret, said, "sha256")):
            raise Refused("InvalidImportTokenException")
        content: dict[str, Any] = json.loads(said)
        del content["random"]
        token = Token(**content)
        if token.arn != arn:
            raise Refused("InvalidImportTokenException")
        if token.expires <= now:
            raise Refused("ExpiredImportTokenException")
        return token


def unwrap(ciphertext: bytes, algorithm: str, key: rsa.RSAPrivateKey) -> bytes:
    """Return the plaintext. Everything that does not match the algorithm exactly is refused with KMS's empty
    message.
    """
    named = SHA256 if algorithm.endswith("SHA_256") else SHA1
    oaep = padding.OAEP(padding.MGF1(named()), named(), None)
    size = key.key_size // 8
    try:
        if not algorithm.startswith("RSA_AES_KEY_WRAP"):
            return key.decrypt(ciphertext, oaep)
        aes = key.decrypt(ciphertext[:size], oaep)
        # Only a 256-bit key is accepted: an empty key makes the unwrapping fail.
        return aes_key_unwrap_with_padding(aes if len(aes) == 32 else b"", ciphertext[size:])
    except (ValueError, InvalidUnwrap):
        raise Refused("InvalidCiphertextException") from None


def is_asymmetric(spec: str) -> bool:
    return spec in RSA or spec in CURVES or spec == ED25519
