# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Key material encrypted with import parameters that came in a bundle: here, or by another tool such as an HSM's.

Knows no AWS and no network. The random bytes of the encryption and of a MAC's message are the only thing from outside.
"""

from __future__ import annotations

from ...module_utils._errors import CloudKeysError
from .._cryptography.key_material import KeyMaterial
from .._cryptography.wrapping import wrap
from .._material.evidence import Evidence
from .._trust import TARGET, Way, why_not_direct
from .contents import ImportParameters, WrappedKeyMaterial

__all__ = ("judge_recorded_way", "take_in", "wrap_offline")


def wrap_offline(parameters: ImportParameters, material: KeyMaterial) -> WrappedKeyMaterial:
    """:raises CloudKeysError: the wrapping public key is not what the bundle says, or the material does not fit."""
    encrypted = wrap(
        material.data,
        wrapping_public_key=parameters.wrapping_public_key,
        wrapping_algorithm=parameters.wrapping_algorithm,
        wrapping_key_spec=parameters.wrapping_key_spec,
    )
    proof = Evidence.of_material(material, parameters.key_id)
    message, mac = proof.mac or (None, None)
    return WrappedKeyMaterial.of(
        parameters,
        encrypted,
        public_key=proof.public_key,
        mac_message=message,
        mac=mac,
    )


def take_in(parameters: ImportParameters, encrypted_key_material: bytes, what: str) -> WrappedKeyMaterial:
    """The bundle around a ciphertext that another tool made; what is in it nobody can tell from outside.

    :raises CloudKeysError: its length shows that it was not encrypted as the parameters ask for.
    """
    modulus = int(parameters.wrapping_key_spec.rpartition("_")[2]) // 8
    length = len(encrypted_key_material)
    if parameters.wrapping_algorithm.startswith("RSA_AES_KEY_WRAP"):
        # RFC 5649, section 4.1: the ciphertext has the padded length, a multiple of 8 bytes, and 8 bytes more.
        right = length >= modulus + 16 and (length - modulus) % 8 == 0
        expected = f"{modulus} bytes of the wrapped AES key and, after them, a multiple of 8 bytes"
    else:
        right = length == modulus
        expected = f"{modulus} bytes"
    if not right:
        raise CloudKeysError(
            f"{what} has {length} bytes. Encrypted with {parameters.wrapping_algorithm} under an"
            f" {parameters.wrapping_key_spec} wrapping key it has {expected}. Encrypt it with this bundle's wrapping"
            " public key and algorithm."
        )
    return WrappedKeyMaterial.of(parameters, encrypted_key_material)


def judge_recorded_way(parameters: ImportParameters, trust: str, what: str) -> tuple[str | None, str | None]:
    """A refusal, or a warning, or neither, for the way that the bundle says its wrapping public key came."""
    if trust == TARGET:
        return None, None
    way = Way(parameters.connection, parameters.endpoint, parameters.certificates)
    reason = why_not_direct(way)
    if reason:
        return (
            f"Nothing was wrapped. {what} says of its wrapping public key: {reason}. Whoever chooses the wrapping"
            " public key can read the key material. Export the import parameters again, on a machine that talks to"
            " KMS itself; or, if that target and endpoint may read the key material, set wrapping_key_trust: target.",
            None,
        )
    if way.loopback:
        return None, (
            f"The wrapping public key came from {way.url}, on the machine that exported it: whatever answered there"
            " can read the key material. That is right for an emulator, and for nothing else."
        )
    return None, None
