# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The key specs that take imported key material, and how each may be wrapped. Pure.

Sources, all in the AWS KMS Developer Guide: "Importing key material", the table of requirements for the key material;
"Download the wrapping public key and import token", the table of wrapping algorithms; and the parameter WrappingKeySpec
of GetParametersForImport in the API Reference.
"""

from __future__ import annotations

import typing as t

from .._errors import Refusal

__all__ = (
    "DEFAULT_WRAPPING_KEY_SPEC",
    "KEY_SPECS",
    "KeySpec",
    "WRAPPING_ALGORITHMS",
    "WRAPPING_KEY_SPECS",
    "choose_wrapping_algorithm",
    "material_lengths",
    "refuse_key_spec",
    "refuse_key_usage",
)

WRAPPING_ALGORITHMS = (
    "RSAES_OAEP_SHA_256",
    "RSAES_OAEP_SHA_1",
    "RSA_AES_KEY_WRAP_SHA_256",
    "RSA_AES_KEY_WRAP_SHA_1",
)
WRAPPING_KEY_SPECS = ("RSA_2048", "RSA_3072", "RSA_4096")
DEFAULT_WRAPPING_KEY_SPEC = "RSA_4096"


class KeySpec(t.NamedTuple):
    """One key spec.

    :ivar default_key_usage: None where CreateKey must be told.
    :ivar minimum_length: in bytes, of raw key material; None for private keys.
    :ivar curve: the curve by the name that ``cryptography`` gives it.
    :ivar mac_algorithm: KMS's MacAlgorithm.
    """

    name: str
    kind: t.Literal["symmetric", "hmac", "rsa", "ecc"]
    key_usages: tuple[str, ...]
    default_key_usage: str | None = None
    minimum_length: int | None = None
    maximum_length: int | None = None
    curve: str | None = None
    modulus_bits: int | None = None
    mac_algorithm: str | None = None

    @property
    def title(self) -> str:
        """What key material for it is, in words."""
        if self.kind == "rsa":
            return f"an RSA private key of {self.modulus_bits} bits"
        if self.kind == "ecc":
            return f"a private key on the curve {self.curve}"
        return "raw bytes"


def _hmac(bits: int) -> KeySpec:
    # The longest is 1024 bits for all of them.
    return KeySpec(
        f"HMAC_{bits}",
        "hmac",
        ("GENERATE_VERIFY_MAC",),
        "GENERATE_VERIFY_MAC",
        minimum_length=bits // 8,
        maximum_length=128,
        mac_algorithm=f"HMAC_SHA_{bits}",
    )


def _ecc(name: str, curve: str, *key_usages: str) -> KeySpec:
    return KeySpec(name, "ecc", key_usages, key_usages[0] if len(key_usages) == 1 else None, curve=curve)


KEY_SPECS: dict[str, KeySpec] = {
    spec.name: spec
    for spec in (
        # In the China Regions the material is an SM4 key: see material_lengths.
        KeySpec(
            "SYMMETRIC_DEFAULT",
            "symmetric",
            ("ENCRYPT_DECRYPT",),
            "ENCRYPT_DECRYPT",
            minimum_length=32,
            maximum_length=32,
        ),
        *(_hmac(bits) for bits in (224, 256, 384, 512)),
        *(
            KeySpec(f"RSA_{bits}", "rsa", ("ENCRYPT_DECRYPT", "SIGN_VERIFY"), modulus_bits=bits)
            for bits in (2048, 3072, 4096)
        ),
        _ecc("ECC_NIST_P256", "secp256r1", "SIGN_VERIFY", "KEY_AGREEMENT"),
        _ecc("ECC_NIST_P384", "secp384r1", "SIGN_VERIFY", "KEY_AGREEMENT"),
        _ecc("ECC_NIST_P521", "secp521r1", "SIGN_VERIFY", "KEY_AGREEMENT"),
        _ecc("ECC_SECG_P256K1", "secp256k1", "SIGN_VERIFY"),
        _ecc("ECC_NIST_EDWARDS25519", "ed25519", "SIGN_VERIFY"),
    )
}


def material_lengths(spec: KeySpec, region: str) -> tuple[int, int]:
    """The shortest and the longest raw key material that KMS takes, in bytes."""
    if spec.kind == "symmetric" and in_china(region):
        return 16, 16
    return spec.minimum_length or 0, spec.maximum_length or 0


def in_china(region: str) -> bool:
    return region.startswith("cn-")


def refuse_key_spec(name: str, key: str) -> None:
    """:param key: whose key spec it is, for the sentence.
    :raises Refusal: key material for this key spec cannot be imported here.
    """
    if name in KEY_SPECS:
        return
    if name.startswith("ML_DSA"):
        raise Refusal(f"{key} has the key spec {name}, and KMS does not take imported key material for ML-DSA keys.")
    if name == "SM2":
        raise Refusal(
            f"{key} has the key spec SM2, of the China Regions. Its key material must be wrapped with SM2PKE, which"
            " this collection cannot do; import it with AWS's own tool."
        )
    raise Refusal(
        f"{key} has the key spec {name}, for which this collection cannot import key material. It can for"
        f" {', '.join(KEY_SPECS)}."
    )


def refuse_key_usage(name: str, key_usage: str, key: str) -> None:
    """:param name: of one of ``KEY_SPECS``.
    :param key: whose key spec it is, for the sentence.
    :raises Refusal: no key with this key spec is for *key_usage*.
    """
    usages = KEY_SPECS[name].key_usages
    if key_usage not in usages:
        raise Refusal(
            f"{key}: KMS has no keys with the key spec {name} for {key_usage}. key_usage can be {' or '.join(usages)}."
        )


def choose_wrapping_algorithm(
    key: str, key_spec: str, region: str, wrapping_key_spec: str, declared: str | None = None
) -> str:
    """The wrapping algorithm for the key material of *key*: the declared one, or else the default.

    The default has SHA-256 always; the hybrid wrap for private keys, which RSA alone would often be too small for. The
    China Regions do not support the hybrid wrap; elliptic curve keys go without.

    :raises Refusal: key material for this key spec cannot be imported here, or KMS refuses this algorithm with this key
        spec, wrapping key spec and Region.
    """
    refuse_key_spec(key_spec, key)
    spec = KEY_SPECS[key_spec]
    hybrid = spec.kind == "rsa" or (spec.kind == "ecc" and not in_china(region))
    algorithm = declared or ("RSA_AES_KEY_WRAP_SHA_256" if hybrid else "RSAES_OAEP_SHA_256")
    _refuse_wrapping(key, spec, region, wrapping_key_spec, algorithm)
    return algorithm


def _refuse_wrapping(key: str, spec: KeySpec, region: str, wrapping_key_spec: str, algorithm: str) -> None:
    """:raises Refusal: KMS does."""
    hybrid = algorithm.startswith("RSA_AES_KEY_WRAP")
    wrapped = f"KMS does not take {spec.name} key material wrapped with {algorithm}"
    if spec.kind == "rsa" and in_china(region):
        raise Refusal(
            f"{key}: In the China Region {region} KMS takes {spec.name} key material only when it is wrapped with"
            " SM2PKE, which this collection cannot do; import it with AWS's own tool."
        )
    if hybrid and in_china(region):
        raise Refusal(
            f"{key}: In the China Region {region} {wrapped}. Remove wrapping_algorithm, or use RSAES_OAEP_SHA_256."
        )
    if hybrid and spec.kind in ("symmetric", "hmac"):
        raise Refusal(f"{key}: {wrapped}. Remove wrapping_algorithm, or use RSAES_OAEP_SHA_256.")
    if not hybrid and spec.kind == "rsa":
        raise Refusal(
            f"{key}: {wrapped}, which is too small for it. Remove wrapping_algorithm, or use RSA_AES_KEY_WRAP_SHA_256."
        )
    # A P-521 key does not fit. An Ed25519 key would, and KMS refuses it all the same.
    if not hybrid and wrapping_key_spec == "RSA_2048" and spec.curve in ("secp521r1", "ed25519"):
        raise Refusal(
            f"{key}: {wrapped} under an RSA_2048 wrapping key. Set wrapping_key_spec to RSA_3072 or RSA_4096, or"
            " wrapping_algorithm: RSA_AES_KEY_WRAP_SHA_256."
        )
