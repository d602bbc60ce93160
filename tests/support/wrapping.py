# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrapping as in the AWS KMS Developer Guide ("Encrypt key material"), with ``cryptography`` only."""

from __future__ import annotations

import os
from typing import Final, cast

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

#: The hash function of each wrapping algorithm, for both OAEP and its MGF1.
HASHES: Final[dict[str, type[HashAlgorithm]]] = {
    "RSAES_OAEP_SHA_1": SHA1,
    "RSAES_OAEP_SHA_256": SHA256,
    "RSA_AES_KEY_WRAP_SHA_1": SHA1,
    "RSA_AES_KEY_WRAP_SHA_256": SHA256,
}

WRAPPING_KEY_SPECS: Final = ("RSA_2048", "RSA_3072", "RSA_4096")


def oaep(algorithm: str) -> padding.OAEP:
    named = HASHES[algorithm]
    return padding.OAEP(padding.MGF1(named()), named(), None)


def rsa_public_key(der: bytes) -> rsa.RSAPublicKey:
    return cast("rsa.RSAPublicKey", load_der_public_key(der))


def wrap(algorithm: str, public_key: bytes, material: bytes) -> bytes:
    """Return ``EncryptedKeyMaterial`` for ImportKeyMaterial; ``public_key`` is from GetParametersForImport."""
    key = rsa_public_key(public_key)
    if algorithm.startswith("RSAES_OAEP"):
        return key.encrypt(material, oaep(algorithm))
    wrapping_key = os.urandom(32)
    return key.encrypt(wrapping_key, oaep(algorithm)) + aes_key_wrap_with_padding(wrapping_key, material)
