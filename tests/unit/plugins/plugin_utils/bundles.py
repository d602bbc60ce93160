# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bundles for one KMS key, and their parts."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.provenance import Provenance
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.contents import ImportParameters
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.file import sha256
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.key_material import (
    KeyMaterial,
    parse_key_material,
)

KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:eu-central-1:111122223333:key/{KEY}"
NOW = datetime(2027, 1, 1, tzinfo=UTC)
END = NOW + timedelta(hours=24)
DIRECT = Provenance("https://kms.eu-central-1.amazonaws.com", "verified", connection="local")
SPECS = ("SYMMETRIC_DEFAULT", "HMAC_384", "ECC_NIST_P256")


@cache
def wrapping_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def wrapping_public_key() -> bytes:
    return wrapping_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def parameters(key_spec: str = "SYMMETRIC_DEFAULT", **changed: Any) -> ImportParameters:
    bundle = ImportParameters(
        key_arn=ARN,
        key_id=KEY,
        key_spec=key_spec,
        region="eu-central-1",
        wrapping_algorithm="RSA_AES_KEY_WRAP_SHA_256" if key_spec.startswith("ECC") else "RSAES_OAEP_SHA_256",
        wrapping_key_spec="RSA_2048",
        wrapping_public_key_sha256=sha256(wrapping_public_key()),
        import_token=b"a token",
        parameters_valid_to=END,
        endpoint=DIRECT.url,
        connection=DIRECT.connection,
        certificates=DIRECT.certificates,
        wrapping_public_key=wrapping_public_key(),
    )
    return replace(bundle, **changed)


def material(key_spec: str) -> KeyMaterial:
    content = os.urandom(31 if not key_spec.startswith("HMAC") else 47) + b"\xfe"
    if key_spec.startswith("ECC"):
        private_key = ec.generate_private_key(ec.SECP256R1())
        content = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return parse_key_material(
        content, key_spec=key_spec, key_material_format="auto", passphrase=None, origin="it", region="eu-central-1"
    )


def facts(**changed: Any) -> KeyFacts:
    """Facts of a key without key material. *changed* are other fields in DescribeKey's response."""
    metadata = {
        "KeyId": KEY,
        "Arn": ARN,
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "Origin": "EXTERNAL",
        "KeyManager": "CUSTOMER",
        "KeyState": "PendingImport",
        "Enabled": False,
        "MultiRegion": False,
    }
    return KeyFacts.from_kms({**metadata, **changed}, None, None)
