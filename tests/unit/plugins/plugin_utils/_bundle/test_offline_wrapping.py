# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrapping with import parameters on a computer without a network."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA256

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.offline_wrapping import (
    from_ciphertext,
    read_min_validity,
    wrap_offline,
)

from ..bundles import SPECS, material, parameters, wrapping_key


def test_kms_would_unwrap_it() -> None:
    mine = material("SYMMETRIC_DEFAULT")
    bundle = wrap_offline(parameters(), mine)
    padding = OAEP(MGF1(SHA256()), SHA256(), None)
    assert wrapping_key().decrypt(bundle.encrypted_key_material, padding) == mine.data


@pytest.mark.parametrize("key_spec", SPECS)
def test_the_bundle_does_not_show_the_key_material(key_spec: str) -> None:
    mine = material(key_spec)
    content = wrap_offline(parameters(key_spec), mine).content
    assert mine.data not in content
    assert mine.data.hex().encode() not in content


@pytest.mark.parametrize(
    ("algorithm", "length", "right"),
    [
        ("RSAES_OAEP_SHA_256", 256, True),
        ("RSAES_OAEP_SHA_256", 255, False),
        ("RSAES_OAEP_SHA_256", 384, False),
        ("RSA_AES_KEY_WRAP_SHA_256", 256, False),
        ("RSA_AES_KEY_WRAP_SHA_256", 256 + 16, True),
        ("RSA_AES_KEY_WRAP_SHA_256", 256 + 20, False),
        ("RSA_AES_KEY_WRAP_SHA_256", 256 + 144, True),
    ],
)
def test_the_length_of_what_another_tool_made(algorithm: str, length: int, right: bool) -> None:
    asked = parameters(wrapping_algorithm=algorithm)
    encrypted = os.urandom(length)
    if right:
        bundle = from_ciphertext(asked, encrypted, "It")
        assert (bundle.encrypted_key_material, bundle.public_key, bundle.mac) == (encrypted, None, None)
    else:
        with pytest.raises(Refusal, match=f"^It has {length} bytes, but {algorithm}"):
            from_ciphertext(asked, encrypted, "It")


@pytest.mark.parametrize("text", ["24h", "2d", "soon", "", "-1h"])
def test_a_min_validity_that_cannot_be(text: str) -> None:
    with pytest.raises(Refusal, match="min_validity"):
        read_min_validity(text)


def test_a_min_validity() -> None:
    assert read_min_validity("90m") == timedelta(minutes=90)


@pytest.mark.parametrize("key_spec", SPECS)
def test_what_kms_can_confirm_is_beside_the_ciphertext(key_spec: str) -> None:
    mine = material(key_spec)
    bundle = wrap_offline(parameters(key_spec), mine)
    assert bundle.public_key == mine.public_key
    assert (bundle.mac is not None) == key_spec.startswith("HMAC")
    if bundle.mac_message is not None:
        assert bundle.mac == mine.mac(bundle.mac_message)
