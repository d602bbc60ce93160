# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The key specs that support imported key material, and how each may be wrapped. Pure.

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

    :ivar default_key_usage: None if CreateKey requires an explicit key usage.
    :ivar minimum_length: of raw key material, in bytes; None for private keys.
    :ivar curve: the name of the curve in ``cryptography``.
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
        """A description of the key material for this key spec."""
        if self.kind == "rsa":
            return f"an RSA private key of {self.modulus_bits} bits"
        if self.kind == "ecc":
            return f"a private key on curve {self.curve}"
        return "raw bytes"


def _hmac(bits: int) -> KeySpec:
    # The maximum is 1024 bits for all of them.
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
        # In the China Regions, the key material is an SM4 key: see material_lengths.
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
    """The minimum and maximum length of raw key material in KMS, in bytes."""
    if spec.kind == "symmetric" and in_china(region):
        return 16, 16
    return spec.minimum_length or 0, spec.maximum_length or 0


def in_china(region: str) -> bool:
    return region.startswith("cn-")


def refuse_key_spec(name: str, key: str) -> None:
    """:param key: the key with this key spec, for messages.
    :raises Refusal: key material for this key spec cannot be imported here.
    """
    if name in KEY_SPECS:
        return
    if name.startswith("ML_DSA"):
        raise Refusal(
            f"{key} has the key spec {name}, and KMS does not support imported key material for ML-DSA keys. Choose"
            " another key."
        )
    if name == "SM2":
        raise Refusal(
            f"{key} has the key spec SM2, which exists only in the China Regions. Its key material must be wrapped"
            " with SM2PKE, which this collection does not support. Import it with AWS's own tools."
        )
    raise Refusal(
        f"{key} has the key spec {name}, which this collection does not support. Supported key specs:"
        f" {', '.join(KEY_SPECS)}."
    )


def refuse_key_usage(name: str, key_usage: str, key: str) -> None:
    """:param name: a key in ``KEY_SPECS``.
    :param key: the key with this key spec, for messages.
    :raises Refusal: this key spec does not support *key_usage*.
    """
    usages = KEY_SPECS[name].key_usages
    if key_usage not in usages:
        raise Refusal(
            f"{key}: the key spec {name} does not support the key usage {key_usage}. Set key_usage to"
            f" {' or '.join(usages)}."
        )


def choose_wrapping_algorithm(
    key: str, key_spec: str, region: str, wrapping_key_spec: str, declared: str | None = None
) -> str:
    """The wrapping algorithm for the key material of *key*: the declared one or the default.

    The default always uses SHA-256, and the hybrid wrap for private keys, most of which are too large for RSA alone.
    The China Regions do not support the hybrid wrap; elliptic curve keys do without it there.

    :raises Refusal: key material for this key spec cannot be imported here, or KMS does not accept this combination of
        algorithm, key spec, wrapping key spec and Region.
    """
    refuse_key_spec(key_spec, key)
    spec = KEY_SPECS[key_spec]
    hybrid = spec.kind == "rsa" or (spec.kind == "ecc" and not in_china(region))
    algorithm = declared or ("RSA_AES_KEY_WRAP_SHA_256" if hybrid else "RSAES_OAEP_SHA_256")
    _refuse_wrapping(key, spec, region, wrapping_key_spec, algorithm)
    return algorithm


def _refuse_wrapping(key: str, spec: KeySpec, region: str, wrapping_key_spec: str, algorithm: str) -> None:
    """:raises Refusal: KMS does not accept this combination."""
    hybrid = algorithm.startswith("RSA_AES_KEY_WRAP")
    wrapped = f"KMS does not accept {spec.name} key material wrapped with {algorithm}"
    if spec.kind == "rsa" and in_china(region):
        raise Refusal(
            f"{key}: in the China Region {region}, KMS accepts {spec.name} key material only if it is wrapped with"
            " SM2PKE, which this collection does not support. Import it with AWS's own tools."
        )
    if hybrid and in_china(region):
        raise Refusal(
            f"{key}: in the China Region {region}, {wrapped}. Remove wrapping_algorithm, or set it to"
            " RSAES_OAEP_SHA_256."
        )
    if hybrid and spec.kind in ("symmetric", "hmac"):
        raise Refusal(f"{key}: {wrapped}. Remove wrapping_algorithm, or set it to RSAES_OAEP_SHA_256.")
    if not hybrid and spec.kind == "rsa":
        raise Refusal(
            f"{key}: {wrapped}, because it is too large. Remove wrapping_algorithm, or set it to"
            " RSA_AES_KEY_WRAP_SHA_256."
        )
    # A P-521 key does not fit. An Ed25519 key would fit, but KMS rejects it.
    if not hybrid and wrapping_key_spec == "RSA_2048" and spec.curve in ("secp521r1", "ed25519"):
        raise Refusal(
            f"{key}: {wrapped} under an RSA_2048 wrapping key. Set wrapping_key_spec to RSA_3072 or RSA_4096, or"
            " wrapping_algorithm: RSA_AES_KEY_WRAP_SHA_256."
        )
