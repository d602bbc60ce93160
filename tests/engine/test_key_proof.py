# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kms_key_proof``: only the key that made a proof verifies it."""

from __future__ import annotations

from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, USAGES, new_material

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError, Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import Kms
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.errors import KmsError
from ansible_collections.cloudkeys.aws.plugins.module_utils._proof.round_trip import (
    Proof,
    proof_from_options,
    prove,
)

KINDS = [(spec, usage) for spec, usages in USAGES.items() for usage in usages]


def made(kms: Any, key: ExternalKey) -> Proof:
    arn, proof = prove(Kms(kms), key.arn, None)
    assert arn == key.arn
    return proof


@pytest.mark.parametrize(("spec", "usage"), KINDS)
def test_a_key_is_the_same_after_a_loss_and_another_is_not(kms: Any, spec: str, usage: str) -> None:
    key = ExternalKey.imported(kms, spec, usage)
    proof = made(kms, key)
    key.lose_material()
    with pytest.raises(Refusal, match="is PendingImport"):
        prove(Kms(kms), key.arn, proof)
    key.put(key.material)
    assert prove(Kms(kms), key.arn, proof)[1].kind == proof.kind
    if spec.startswith("RSA"):
        return  # Its key material is the same in every test: making one takes long.
    other = ExternalKey.create(kms, spec, usage)
    other.put(new_material(spec))
    with pytest.raises(CloudKeysError, match="the key is not the same as when"):
        prove(Kms(kms), other.arn, proof)


def test_kms_says_which_key_material_was_used(kms: Any, emulator: Emulator) -> None:
    key = ExternalKey.imported(kms)
    first = made(kms, key)
    assert first.key_material_id == key.current_id
    key.stage()
    emulator.rotate(key)
    assert made(kms, key).key_material_id == key.current_id != first.key_material_id
    assert prove(Kms(kms), key.arn, first)[1].key_material_id == key.current_id


def test_no_message_is_used_twice(kms: Any) -> None:
    key = ExternalKey.imported(kms)
    first, second = made(kms, key), made(kms, key)
    assert first.message != second.message
    assert first.message.startswith(b"cloudkeys.aws/proof/v1:")


def test_another_message_is_not_verified(kms: Any) -> None:
    for spec in (SYMMETRIC, "HMAC_256", "ECC_NIST_P256"):
        key = ExternalKey.imported(kms, spec)
        proof = made(kms, key)
        with pytest.raises(CloudKeysError, match="or not for this message"):
            prove(Kms(kms), key.arn, proof._replace(message=proof.message[::-1]))


def test_a_proof_of_another_kind(kms: Any) -> None:
    proof = made(kms, ExternalKey.imported(kms, "HMAC_256"))
    with pytest.raises(CloudKeysError, match="The proof was made by another key"):
        prove(Kms(kms), ExternalKey.imported(kms).arn, proof)


@pytest.mark.parametrize("operation", ["DescribeKey", "Encrypt", "Decrypt"])
def test_what_is_denied_is_named(kms: Any, emulator: Emulator, operation: str) -> None:
    key = ExternalKey.imported(kms)
    emulator.control.denied([operation])
    with pytest.raises(KmsError, match=f"KMS denied {operation}"):
        prove(Kms(kms), key.arn, None)


def test_what_is_no_proof() -> None:
    options = {"kind": "mac", "algorithm": "HMAC_SHA_256", "random_message": "AAAA", "content": "no base64!"}
    with pytest.raises(Refusal, match="content is not base64") as refusal:
        proof_from_options(options)
    assert "no base64!" not in str(refusal.value)
    read = proof_from_options({**options, "content": "AAAA"})
    assert (read.message, read.content) == (b"\0\0\0", b"\0\0\0")
