# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Public keys are compared by their values, not by their encoding."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.public_keys import same_public_key

from ..key_files import PRIVATE, private


def spki(key_spec: str) -> bytes:
    der: bytes = private(key_spec).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return der


@pytest.mark.parametrize("key_spec", PRIVATE)
def test_each_is_the_same_as_itself_alone(key_spec: str) -> None:
    assert [other for other in PRIVATE if same_public_key(spki(key_spec), spki(other))] == [key_spec]


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()])
def test_another_key_of_the_same_kind(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> None:
    other = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert not any(same_public_key(other, spki(key_spec)) for key_spec in PRIVATE)


def test_a_compressed_point_is_the_same_key() -> None:
    """The numbers are the same, but the bytes differ (RFC 5480, section 2.2)."""
    point = private("ECC_NIST_P256").public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    compressed = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point
    assert compressed != spki("ECC_NIST_P256")
    assert same_public_key(compressed, spki("ECC_NIST_P256"))


@given(content=st.binary(max_size=100))
def test_what_is_no_key_is_no_match_and_no_exception(content: bytes) -> None:
    assert not same_public_key(content, spki("ECC_NIST_P256"))
    assert not same_public_key(spki("ECC_NIST_P256"), content)
