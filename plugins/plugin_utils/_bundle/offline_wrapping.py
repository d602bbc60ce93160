# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Key material encrypted with import parameters from a bundle: here, or by another tool such as an HSM's.

This module uses neither AWS nor the network. Its only external input is the random bytes for the encryption and for a
MAC's message.
"""

from __future__ import annotations

from datetime import timedelta

from ...module_utils._errors import Refusal
from ...module_utils._key.expiration_options import parse_duration
from .._cryptography.evidence import Evidence
from .._cryptography.key_material import KeyMaterial
from .._cryptography.wrapping import wrap
from .contents import TOKEN_LIFETIME, ImportParameters, WrappedKeyMaterial

__all__ = ("from_ciphertext", "read_min_validity", "wrap_offline")


def read_min_validity(text: str) -> timedelta:
    """:raises Refusal: it is not a duration, or longer than the lifetime of an import token."""
    duration = parse_duration(text, "min_validity")
    if duration >= TOKEN_LIFETIME:
        raise Refusal(
            f"min_validity is {text}, but KMS accepts an import token for only 24 hours. Set a shorter duration."
        )
    return duration


def wrap_offline(parameters: ImportParameters, material: KeyMaterial) -> WrappedKeyMaterial:
    """:raises Refusal: the wrapping public key does not match the bundle, or the key material does not fit."""
    encrypted = wrap(
        material.data,
        wrapping_public_key=parameters.wrapping_public_key,
        wrapping_algorithm=parameters.wrapping_algorithm,
        wrapping_key_spec=parameters.wrapping_key_spec,
    )
    evidence = Evidence.of_material(material, parameters.key_id)
    message, mac = evidence.mac or (None, None)
    return WrappedKeyMaterial.of(parameters, encrypted, public_key=evidence.public_key, mac_message=message, mac=mac)


def from_ciphertext(parameters: ImportParameters, encrypted_key_material: bytes, what: str) -> WrappedKeyMaterial:
    """The bundle for a ciphertext that another tool made. Its content cannot be verified here.

    :raises Refusal: its length shows that it was not encrypted with these parameters.
    """
    modulus = int(parameters.wrapping_key_spec.rpartition("_")[2]) // 8
    length = len(encrypted_key_material)
    if parameters.wrapping_algorithm.startswith("RSA_AES_KEY_WRAP"):
        # RFC 5649, section 4.1: the ciphertext has the padded length, a multiple of 8 bytes, plus 8 bytes.
        right = length >= modulus + 16 and (length - modulus) % 8 == 0
        expected = f"{modulus} bytes of the wrapped AES key, followed by a multiple of 8 bytes"
    else:
        right = length == modulus
        expected = f"{modulus} bytes"
    if not right:
        raise Refusal(
            f"{what} has {length} bytes, but {parameters.wrapping_algorithm} under an {parameters.wrapping_key_spec}"
            f" wrapping key results in {expected}. Encrypt the key material with this bundle's wrapping public key"
            " and algorithm."
        )
    return WrappedKeyMaterial.of(parameters, encrypted_key_material)
