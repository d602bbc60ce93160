# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DeleteImportedKeyMaterial: the material that it deletes, its answer, and the remaining key."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.external_key import ExternalKey
from support.materials import IMPORTABLE, OTHER_THAN_SYMMETRIC, SYMMETRIC, new_material

from .answers import pending_import, refused

if TYPE_CHECKING:
    from support.emulator import Emulator

UNKNOWN_ID = "0" * 64


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_deleting_the_material_leaves_the_key_pending_import(kms: Any, emulator: Emulator, spec: str) -> None:
    """Documented: DeleteImportedKeyMaterial; fields observed: stackd imports.json.

    The key is in the same state as before its first import, except that a symmetric key keeps its CurrentKeyMaterialId.
    """
    key = ExternalKey.create(kms, spec)
    unused = key.describe()
    key.put(new_material(spec), emulator.now() + timedelta(days=1))
    kept = {"CurrentKeyMaterialId": key.current_id} if spec == SYMMETRIC else {}
    key.lose_material()
    assert key.describe() == unused | kept


def test_the_answer_names_the_material_of_a_symmetric_key(kms: Any) -> None:
    """Observed: stackd imports.json, delete_current. KeyId is the ARN."""
    key = ExternalKey.imported(kms)
    answer = key.lose_material()
    assert (answer["KeyId"], answer["KeyMaterialId"]) == (key.arn, key.current_id)


@pytest.mark.parametrize("spec", OTHER_THAN_SYMMETRIC)
def test_the_answer_for_other_keys_is_the_arn_alone(kms: Any, spec: str) -> None:
    """Observed: stackd imports_families.json."""
    answer = ExternalKey.imported(kms, spec).lose_material()
    assert set(answer) == {"KeyId", "ResponseMetadata"}


def test_deleting_again_succeeds(kms: Any) -> None:
    """Observed: stackd imports.json, delete_current_again; the answer is the same."""
    key = ExternalKey.imported(kms)
    answers = [key.lose_material(), key.lose_material()]
    assert answers[0]["KeyMaterialId"] == answers[1]["KeyMaterialId"]
    assert key.state == "PendingImport"


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_deleting_from_a_key_that_never_had_material_succeeds(kms: Any, spec: str) -> None:
    """Observed: stackd imports.json, symmetric_delete_empty: the answer contains no KeyMaterialId. Assumed for other
    specs.
    """
    key = ExternalKey.create(kms, spec)
    answer = key.lose_material()
    assert set(answer) == {"KeyId", "ResponseMetadata"}
    assert key.state == "PendingImport"


def test_an_unknown_material_is_refused(kms: Any) -> None:
    """Observed: stackd imports.json, delete_unknown_id."""
    key = ExternalKey.imported(kms)
    with refused(
        "ValidationException",
        f"Key material (id: {UNKNOWN_ID}) has never been imported into KMS key {key.arn}.",
    ):
        key.lose_material(UNKNOWN_ID)
    assert key.state == "Enabled"


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_the_same_material_can_come_back_at_any_time(kms: Any, emulator: Emulator, spec: str) -> None:
    """Documented: Delete imported key material, "you can reimport the same key material at any time"."""
    key = ExternalKey.imported(kms, spec)
    enabled = key.describe()
    key.lose_material()
    emulator.advance(days=100)
    key.put(key.material)
    assert key.describe() == enabled


def test_deleting_stops_use_at_once(kms: Any) -> None:
    """Documented: Delete imported key material, the effect on new requests is immediate."""
    key = ExternalKey.imported(kms)
    blob = kms.encrypt(KeyId=key.arn, Plaintext=b"secret")["CiphertextBlob"]
    key.lose_material()
    with pending_import(key.arn):
        kms.decrypt(CiphertextBlob=blob)
    key.put(key.material)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"


def test_the_list_of_materials_keeps_what_was_deleted(kms: Any) -> None:
    """Observed: stackd imports.json, missing_noncurrent_history: PENDING_IMPORT, without an expiration."""
    key = ExternalKey.imported(kms)
    key.lose_material()
    assert key.history() == [
        {
            "KeyId": key.arn,
            "KeyMaterialId": key.current_id,
            "ImportState": "PENDING_IMPORT",
            "KeyMaterialState": "CURRENT",
        }
    ]


def test_deleting_from_a_disabled_key(kms: Any) -> None:
    """Documented: key states page; "otherwise, it changes the KMS key's state to PendingImport"."""
    key = ExternalKey.imported(kms)
    kms.disable_key(KeyId=key.arn)
    key.lose_material()
    assert key.state == "PendingImport"


def test_deleting_while_pending_deletion_keeps_that_state(kms: Any) -> None:
    """Documented: DeleteImportedKeyMaterial. After the deletion is canceled, the key is PendingImport."""
    key = ExternalKey.imported(kms)
    kms.schedule_key_deletion(KeyId=key.arn)
    key.lose_material()
    assert key.state == "PendingDeletion"
    kms.cancel_key_deletion(KeyId=key.arn)
    assert key.state == "PendingImport"


def test_without_an_id_only_the_current_material_is_deleted(kms: Any, emulator: Emulator) -> None:
    """Documented: DeleteImportedKeyMaterial, KeyMaterialId: "KMS deletes the current key material"."""
    key = ExternalKey.imported(kms)
    first = key.current_id
    second = key.stage()
    emulator.rotate(key)
    assert key.lose_material()["KeyMaterialId"] == second
    assert key.states() == [("NON_CURRENT", "IMPORTED"), ("CURRENT", "PENDING_IMPORT")]
    assert key.lose_material(first)["KeyMaterialId"] == first
    assert key.states() == [("NON_CURRENT", "PENDING_IMPORT"), ("CURRENT", "PENDING_IMPORT")]


def test_material_made_by_kms_cannot_be_deleted(kms: Any) -> None:
    """Documented: DeleteImportedKeyMaterial, UnsupportedOperationException; text as observed for
    GetParametersForImport.
    """
    key = ExternalKey(kms, kms.create_key()["KeyMetadata"])
    with refused(
        "UnsupportedOperationException", f"{key.arn} origin is AWS_KMS which is not valid for this operation."
    ):
        key.lose_material()
