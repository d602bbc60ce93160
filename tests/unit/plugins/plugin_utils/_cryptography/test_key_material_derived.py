# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values derived from key material: its public key, MACs, and fingerprint."""

from __future__ import annotations

import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
)

from ..key_files import PRIVATE, RAW, parse, private, random_bytes, written


@pytest.mark.parametrize("key_spec", PRIVATE)
def test_the_public_key(key_spec: str) -> None:
    parsed = parse(written(key_spec), key_spec)
    public = private(key_spec).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert parsed.public_key == public
    assert parsed.same_public_key(public)
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    assert not parsed.same_public_key(other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    assert not parsed.same_public_key(b"no key")


@pytest.mark.parametrize("key_spec", ["HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"])
def test_macs_are_those_of_openssl(key_spec: str) -> None:
    material = random_bytes(RAW[key_spec])
    command = [
        "openssl",
        "dgst",
        f"-sha{key_spec[5:]}",
        "-mac",
        "HMAC",
        "-macopt",
        f"hexkey:{material.hex()}",
        "-binary",
    ]
    expected = subprocess.run(command, input=b"message", capture_output=True, check=True).stdout
    assert parse(material, key_spec).mac(b"message") == expected


@pytest.mark.parametrize("key_spec", ["SYMMETRIC_DEFAULT", "HMAC_512"])
def test_the_fingerprint_is_hkdf_of_the_material_and_the_key_id(key_spec: str) -> None:
    material, key_id = random_bytes(RAW[key_spec]), "1234abcd-12ab-34cd-56ef-1234567890ab"
    options = [
        "digest:SHA256",
        f"hexkey:{material.hex()}",
        f"hexsalt:{b'cloudkeys.aws/key-material/v1'.hex()}",
        f"hexinfo:{key_id.encode().hex()}",
    ]
    command = [
        "openssl",
        "kdf",
        "-keylen",
        "16",
        *(w for option in options for w in ("-kdfopt", option)),
        "-binary",
        "HKDF",
    ]
    expected = subprocess.run(command, capture_output=True, check=True).stdout.hex()
    assert parse(material, key_spec).fingerprint(key_id) == expected
    assert parse(material, key_spec).fingerprint("mrk-" + "0" * 32) != expected


def test_a_known_fingerprint() -> None:
    """The fingerprint is stored in KMS. It must not change between versions of this collection."""
    parsed = parse(bytes(range(32)), "SYMMETRIC_DEFAULT")
    assert parsed.fingerprint("1234abcd-12ab-34cd-56ef-1234567890ab") == "c2ed4d315d607cbd0d55ec29cecbf429"
