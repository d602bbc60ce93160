# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""How a key proves that it is the same key as before, by key usage and key spec. Pure.

Sources: AWS KMS API Reference, Encrypt, Sign and GenerateMac, their parameters EncryptionAlgorithm, SigningAlgorithm
and MacAlgorithm.
"""

from __future__ import annotations

import typing as t

from .._errors import Refusal
from .._key.facts import KeyFacts
from .._key.specs import KEY_SPECS

__all__ = ("KINDS", "Kind", "Scheme", "scheme_for")

Kind = t.Literal["ciphertext", "signature", "mac", "public_key"]
KINDS: tuple[Kind, ...] = ("ciphertext", "signature", "mac", "public_key")
_ECDSA = {
    "ECC_NIST_P256": "ECDSA_SHA_256",
    "ECC_NIST_P384": "ECDSA_SHA_384",
    "ECC_NIST_P521": "ECDSA_SHA_512",
    "ECC_SECG_P256K1": "ECDSA_SHA_256",
    "ECC_NIST_EDWARDS25519": "ED25519_SHA_512",
}


class Scheme(t.NamedTuple):
    """:ivar algorithm: KMS's name; None for a public key, which is only read."""

    kind: Kind
    algorithm: str | None = None


def scheme_for(facts: KeyFacts) -> Scheme:
    """:raises Refusal: the key is not usable now, or key material cannot be imported into it."""
    if facts.key_spec not in KEY_SPECS:
        raise Refusal(
            f"{facts.arn} has the key spec {facts.key_spec}, for which this collection supports no proof. Supported"
            f" key specs: {', '.join(KEY_SPECS)}."
        )
    if facts.key_state != "Enabled":
        raise Refusal(
            f"{facts.arn} is {facts.key_state}, but only an Enabled key can be used. No cryptographic operation"
            " was requested." + (" Import its key material first." if facts.key_state == "PendingImport" else "")
        )
    kind = KEY_SPECS[facts.key_spec].kind
    if kind == "hmac":
        return Scheme("mac", KEY_SPECS[facts.key_spec].mac_algorithm)
    if facts.key_usage == "KEY_AGREEMENT":
        # DeriveSharedSecret is not used because it returns a secret.
        return Scheme("public_key")
    if facts.key_usage == "SIGN_VERIFY":
        return Scheme("signature", "RSASSA_PSS_SHA_256" if kind == "rsa" else _ECDSA[facts.key_spec])
    return Scheme("ciphertext", "SYMMETRIC_DEFAULT" if kind == "symmetric" else "RSAES_OAEP_SHA_256")
