# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files with key material of every key spec."""

from __future__ import annotations

import functools
import os
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.specs import KEY_SPECS
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.key_material import (
    KeyMaterial,
    parse_key_material,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.passphrase import Passphrase

RAW = {name: spec.minimum_length or 0 for name, spec in KEY_SPECS.items() if spec.kind in ("symmetric", "hmac")}
PRIVATE = [name for name in KEY_SPECS if name not in RAW]
CURVES: dict[str, type[ec.EllipticCurve]] = {
    "ECC_NIST_P256": ec.SECP256R1,
    "ECC_NIST_P384": ec.SECP384R1,
    "ECC_NIST_P521": ec.SECP521R1,
    "ECC_SECG_P256K1": ec.SECP256K1,
}


def parse(
    content: bytes, key_spec: str, form: str = "auto", passphrase: bytes | None = None, region: str = "eu-central-1"
) -> KeyMaterial:
    return parse_key_material(
        content,
        key_spec=key_spec,
        key_material_format=form,
        passphrase=None if passphrase is None else Passphrase(passphrase, "key_material_passphrase"),
        origin="payments.key",
        region=region,
    )


@functools.cache
def private(key_spec: str) -> Any:
    if key_spec in CURVES:
        return ec.generate_private_key(CURVES[key_spec]())
    if key_spec == "ECC_NIST_EDWARDS25519":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, int(key_spec[4:]))


def written(
    key_spec: str,
    encoding: Encoding = Encoding.DER,
    form: PrivateFormat = PrivateFormat.PKCS8,
    encryption: KeySerializationEncryption | None = None,
) -> bytes:
    made: bytes = private(key_spec).private_bytes(encoding, form, encryption or NoEncryption())
    return made


def random_bytes(length: int) -> bytes:
    """Random bytes without a newline at the end, about which auto reports an error if the length is wrong."""
    return os.urandom(length - 1) + b"\xfe"
