# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key specs that accept imported key material, and the wrapping algorithms for each."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.specs import (
    KEY_SPECS,
    WRAPPING_ALGORITHMS,
    WRAPPING_KEY_SPECS,
    choose_wrapping_algorithm,
    material_lengths,
    refuse_key_spec,
)

# The size in bytes of raw key material, or of the largest PKCS#8 structure that OpenSSL writes for the spec.
LONGEST = {
    "SYMMETRIC_DEFAULT": 32,
    **{f"HMAC_{bits}": 128 for bits in (224, 256, 384, 512)},
    "RSA_2048": 1218,
    "RSA_3072": 1794,
    "RSA_4096": 2375,
    "ECC_NIST_P256": 138,
    "ECC_NIST_P384": 185,
    "ECC_NIST_P521": 241,
    "ECC_SECG_P256K1": 135,
    "ECC_NIST_EDWARDS25519": 48,
}


@pytest.mark.parametrize("name", ["ML_DSA_44", "ML_DSA_87", "SM2", "ML_KEM_768", "BRAND_NEW"])
def test_key_specs_that_are_refused_in_words(name: str) -> None:
    with pytest.raises(Refusal, match=f"alias/payments has the key spec {name}"):
        refuse_key_spec(name, "alias/payments")


@pytest.mark.parametrize("name", KEY_SPECS)
def test_key_specs_that_are_not(name: str) -> None:
    refuse_key_spec(name, "alias/payments")
    assert set(LONGEST) == set(KEY_SPECS)


@pytest.mark.parametrize("region", ["eu-central-1", "us-gov-west-1", "cn-north-1"])
@pytest.mark.parametrize("wrapping_key_spec", WRAPPING_KEY_SPECS)
@pytest.mark.parametrize("name", KEY_SPECS)
def test_the_default_is_allowed(name: str, wrapping_key_spec: str, region: str) -> None:
    if region == "cn-north-1" and (KEY_SPECS[name].kind == "rsa" or wrapping_key_spec == "RSA_2048"):
        return  # RSA keys require SM2PKE. Without the hybrid wrap, two curves require a longer wrapping key.
    default = choose_wrapping_algorithm("alias/payments", name, region, wrapping_key_spec)
    assert choose_wrapping_algorithm("alias/payments", name, region, wrapping_key_spec, default) == default


@pytest.mark.parametrize("algorithm", WRAPPING_ALGORITHMS)
@pytest.mark.parametrize("wrapping_key_spec", WRAPPING_KEY_SPECS)
@pytest.mark.parametrize("name", KEY_SPECS)
def test_what_is_allowed_has_room(name: str, wrapping_key_spec: str, algorithm: str) -> None:
    """RFC 8017, section 7.1.1: at most k - 2h - 2 bytes."""
    try:
        choose_wrapping_algorithm("alias/payments", name, "eu-central-1", wrapping_key_spec, algorithm)
    except Refusal:
        return
    if algorithm.startswith("RSA_AES"):
        return
    hash_length = 32 if algorithm.endswith("256") else 20
    assert LONGEST[name] <= int(wrapping_key_spec[4:]) // 8 - 2 * hash_length - 2


@pytest.mark.parametrize(
    ("name", "algorithm", "wrapping_key_spec", "region", "way_out"),
    [
        ("SYMMETRIC_DEFAULT", "RSA_AES_KEY_WRAP_SHA_256", "RSA_4096", "eu-central-1", "RSAES_OAEP_SHA_256"),
        ("HMAC_512", "RSA_AES_KEY_WRAP_SHA_1", "RSA_4096", "eu-central-1", "RSAES_OAEP_SHA_256"),
        ("RSA_2048", "RSAES_OAEP_SHA_256", "RSA_4096", "eu-central-1", "RSA_AES_KEY_WRAP_SHA_256"),
        ("ECC_NIST_P521", "RSAES_OAEP_SHA_256", "RSA_2048", "eu-central-1", "RSA_3072"),
        ("ECC_NIST_EDWARDS25519", "RSAES_OAEP_SHA_1", "RSA_2048", "eu-central-1", "RSA_3072"),
        ("ECC_NIST_P256", "RSA_AES_KEY_WRAP_SHA_256", "RSA_4096", "cn-north-1", "RSAES_OAEP_SHA_256"),
        ("RSA_2048", "RSA_AES_KEY_WRAP_SHA_256", "RSA_4096", "cn-northwest-1", "SM2PKE"),
    ],
)
def test_what_kms_refuses_is_refused_with_a_way_out(
    name: str, algorithm: str, wrapping_key_spec: str, region: str, way_out: str
) -> None:
    with pytest.raises(Refusal, match=rf"alias/payments: .*{name}.*{way_out}"):
        choose_wrapping_algorithm("alias/payments", name, region, wrapping_key_spec, algorithm)


def test_symmetric_material_is_shorter_in_china() -> None:
    spec = KEY_SPECS["SYMMETRIC_DEFAULT"]
    assert material_lengths(spec, "eu-central-1") == (32, 32)
    assert material_lengths(spec, "cn-north-1") == (16, 16)
