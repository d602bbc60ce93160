# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key specs, their usages, and key material that KMS takes for each of them."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
ED25519: Final = "ECC_NIST_EDWARDS25519"

#: Shortest material in bytes for each HMAC key spec; the longest is 1024 bits for all of them.
HMAC_SHORTEST: Final = {"HMAC_224": 28, "HMAC_256": 32, "HMAC_384": 48, "HMAC_512": 64}
HMAC_LONGEST: Final = 128

RSA_BITS: Final = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}

CURVES: Final[dict[str, type[ec.EllipticCurve]]] = {
    "ECC_NIST_P256": ec.SECP256R1,
    "ECC_NIST_P384": ec.SECP384R1,
    "ECC_NIST_P521": ec.SECP521R1,
    "ECC_SECG_P256K1": ec.SECP256K1,
}

#: Every key spec that takes imported material outside the China Regions, and the usages it may be created with.
USAGES: Final[dict[str, tuple[str, ...]]] = {
    SYMMETRIC: ("ENCRYPT_DECRYPT",),
    **dict.fromkeys(HMAC_SHORTEST, ("GENERATE_VERIFY_MAC",)),
    **dict.fromkeys(RSA_BITS, ("ENCRYPT_DECRYPT", "SIGN_VERIFY")),
    "ECC_NIST_P256": ("SIGN_VERIFY", "KEY_AGREEMENT"),
    "ECC_NIST_P384": ("SIGN_VERIFY", "KEY_AGREEMENT"),
    "ECC_NIST_P521": ("SIGN_VERIFY", "KEY_AGREEMENT"),
    "ECC_SECG_P256K1": ("SIGN_VERIFY",),
    ED25519: ("SIGN_VERIFY",),
}

IMPORTABLE: Final = tuple(USAGES)
OTHER_THAN_SYMMETRIC: Final = tuple(spec for spec in IMPORTABLE if spec != SYMMETRIC)
ASYMMETRIC: Final = (*RSA_BITS, *CURVES, ED25519)
#: One key spec of each kind.
OTHER_SAMPLES: Final = ("HMAC_256", "RSA_2048", "ECC_NIST_P256", ED25519)
SAMPLES: Final = (SYMMETRIC, *OTHER_SAMPLES)


def new_material(spec: str) -> bytes:
    """Material for a key of this spec. It is new at every call, except for RSA, where making it is slow."""
    if spec == SYMMETRIC or spec in HMAC_SHORTEST:
        # Not ending in a newline: a module that reads such a file fails and asks whether the newline belongs to it.
        return os.urandom(HMAC_SHORTEST.get(spec, 32) - 1) + b"\xfe"
    if spec in RSA_BITS:
        return rsa_material(RSA_BITS[spec])
    if spec == ED25519:
        return pkcs8(ed25519.Ed25519PrivateKey.generate())
    return pkcs8(ec.generate_private_key(CURVES[spec]()))


@cache
def rsa_material(bits: int, _which: int = 0) -> bytes:
    """The same RSA private key for the same arguments, as PKCS#8 DER: making one takes up to seconds."""
    return pkcs8(rsa.generate_private_key(65537, bits))


def other_material(spec: str) -> bytes:
    """Material of the same spec that is not what ``new_material`` gave."""
    return rsa_material(RSA_BITS[spec], 1) if spec in RSA_BITS else new_material(spec)


def pkcs8(private_key: PrivateKeyTypes) -> bytes:
    return private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def public_key_of(material: bytes) -> bytes:
    """The SubjectPublicKeyInfo, DER, that belongs to a PKCS#8 private key."""
    return (
        load_der_private_key(material, None).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
