# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key specs, their usages, and the algorithms that DescribeKey lists for them (API Reference, KeyMetadata)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from moto.utilities.utils import get_partition

SYMMETRIC = "SYMMETRIC_DEFAULT"
ED25519 = "ECC_NIST_EDWARDS25519"
HMAC = {"HMAC_224": 28, "HMAC_256": 32, "HMAC_384": 48, "HMAC_512": 64}
"""The minimum length in bytes; the maximum is 1024 bits for every spec."""
HMAC_LONGEST = 128
RSA = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}
CURVES: dict[str, type[ec.EllipticCurve]] = {
    "ECC_NIST_P256": ec.SECP256R1,
    "ECC_NIST_P384": ec.SECP384R1,
    "ECC_NIST_P521": ec.SECP521R1,
    "ECC_SECG_P256K1": ec.SECP256K1,
}
ASYMMETRIC = (*RSA, *CURVES, ED25519)
ML_DSA = ("ML_DSA_44", "ML_DSA_65", "ML_DSA_87")

USAGES: dict[str, tuple[str, ...]] = {
    SYMMETRIC: ("ENCRYPT_DECRYPT",),
    **dict.fromkeys(HMAC, ("GENERATE_VERIFY_MAC",)),
    **dict.fromkeys(RSA, ("ENCRYPT_DECRYPT", "SIGN_VERIFY")),
    **dict.fromkeys(("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"), ("SIGN_VERIFY", "KEY_AGREEMENT")),
    "ECC_SECG_P256K1": ("SIGN_VERIFY",),
    ED25519: ("SIGN_VERIFY",),
    **dict.fromkeys(ML_DSA, ("SIGN_VERIFY",)),
}

_RSA_SIGNING = [f"RSASSA_{scheme}_SHA_{bits}" for scheme in ("PKCS1_V1_5", "PSS") for bits in (256, 384, 512)]
_ECC_SIGNING = {"ECC_NIST_P384": ["ECDSA_SHA_384"], "ECC_NIST_P521": ["ECDSA_SHA_512"]}


def algorithms(spec: str, usage: str) -> dict[str, list[str]]:
    """The field of KeyMetadata and of GetPublicKey's answer that lists the algorithms of the key."""
    if usage == "ENCRYPT_DECRYPT":
        return {
            "EncryptionAlgorithms": [SYMMETRIC] if spec == SYMMETRIC else ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
        }
    if usage == "GENERATE_VERIFY_MAC":
        return {"MacAlgorithms": [spec.replace("HMAC_", "HMAC_SHA_")]}
    if usage == "KEY_AGREEMENT":
        return {"KeyAgreementAlgorithms": ["ECDH"]}
    if spec in RSA:
        return {"SigningAlgorithms": _RSA_SIGNING}
    if spec == ED25519:
        return {"SigningAlgorithms": ["ED25519_SHA_512", "ED25519_PH_SHA_512"]}
    if spec in ML_DSA:
        return {"SigningAlgorithms": ["ML_DSA_SHAKE_256"]}
    return {"SigningAlgorithms": _ECC_SIGNING.get(spec, ["ECDSA_SHA_256"])}


def partition(region: str) -> str:
    found: str = get_partition(region)
    return found
