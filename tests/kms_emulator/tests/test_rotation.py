# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On-demand rotation of a symmetric key: staging new material, RotateKeyOnDemand, and its end minutes later."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.emulator import ROTATION_SECONDS
from support.external_key import ExternalKey
from support.materials import OTHER_THAN_SYMMETRIC, SYMMETRIC, new_material

from .answers import UNSOURCED, refused, unexpected_material

if TYPE_CHECKING:
    from support.emulator import Emulator

CURRENT = ("CURRENT", "IMPORTED")
NON_CURRENT = ("NON_CURRENT", "IMPORTED")
PENDING = ("PENDING_ROTATION", "IMPORTED")


def nothing_to_rotate(key: ExternalKey) -> Any:
    return refused("KMSInvalidStateException", f"No available key material pending rotation for the key: {key.arn}.")


def test_a_key_without_material_has_no_rotations(kms: Any) -> None:
    """Observed: stackd imports.json, symmetric_empty_history."""
    answer = kms.list_key_rotations(KeyId=ExternalKey.create(kms).id, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    assert (answer["Rotations"], answer["Truncated"]) == ([], False)


def test_the_first_material_is_current_and_has_no_rotation_date(kms: Any) -> None:
    """Observed: stackd imports_edges.json. KeyId is the ARN."""
    key = ExternalKey.imported(kms)
    assert key.history() == [
        {
            "KeyId": key.arn,
            "KeyMaterialId": key.current_id,
            "ImportState": "IMPORTED",
            "KeyMaterialState": "CURRENT",
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        }
    ]


def test_a_key_with_material_made_by_kms_has_no_import_state(kms: Any) -> None:
    """Observed: stackd rotation.json, initial_all."""
    key = ExternalKey(kms, kms.create_key()["KeyMetadata"])
    assert key.history() == [{"KeyId": key.arn, "KeyMaterialId": key.current_id, "KeyMaterialState": "CURRENT"}]


def test_new_material_waits_for_its_rotation(kms: Any) -> None:
    """Documented: ImportKeyMaterial, ListKeyRotations; observed: stackd imports.json, pending_rotation_history."""
    key = ExternalKey.imported(kms)
    first = key.describe()
    second = key.stage()
    assert key.describe() == first, "pending material changes nothing about the key"
    assert key.history()[1] == {
        "KeyId": key.arn,
        "KeyMaterialId": second,
        "ImportState": "IMPORTED",
        "KeyMaterialState": "PENDING_ROTATION",
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }


def test_only_rotations_are_listed_unless_all_material_is_asked_for(kms: Any, emulator: Emulator) -> None:
    """Documented: ListKeyRotations, IncludeKeyMaterial is ROTATIONS_ONLY by default; observed: stackd
    imports_edges.json.
    """
    key = ExternalKey.imported(kms)
    second = key.stage()
    assert kms.list_key_rotations(KeyId=key.arn)["Rotations"] == []
    emulator.rotate(key)
    key.stage()
    for request in ({}, {"IncludeKeyMaterial": "ROTATIONS_ONLY"}):
        listed = kms.list_key_rotations(KeyId=key.arn, **request)["Rotations"]
        assert [entry["KeyMaterialId"] for entry in listed] == [second]


def test_only_one_material_can_be_pending(kms: Any) -> None:
    """Observed: stackd imports.json, third_while_pending; documented: Import key material."""
    key = ExternalKey.imported(kms)
    second = key.stage()
    third = new_material(SYMMETRIC)
    with refused("KMSInvalidStateException", UNSOURCED):
        key.stage(third)
    key.lose_material(second)
    third_id = key.stage(third)
    key.lose_material(third_id)
    key.stage(b"s" * 32)
    pending = key.history()[1]["KeyMaterialId"]
    with refused(
        "KMSInvalidStateException",
        f"New key material (id: {third_id}) cannot be imported into KMS key {key.arn}, "
        f"because another key material (id: {pending}) is pending rotation.",
    ):
        key.stage(third)


def test_a_second_material_must_be_called_new(kms: Any) -> None:
    """Documented: ImportKeyMaterial, ImportType is EXISTING_KEY_MATERIAL by default; observed: stackd imports.json."""
    key = ExternalKey.imported(kms)
    with unexpected_material(key.current_id):
        key.put(new_material(SYMMETRIC))


def test_pending_material_can_be_imported_again(kms: Any, emulator: Emulator) -> None:
    """Documented: ImportKeyMaterial, EXISTING_KEY_MATERIAL applies to all material that the key knows."""
    key = ExternalKey.imported(kms)
    second_material = new_material(SYMMETRIC)
    second = key.stage(second_material)
    valid_to = emulator.now().replace(microsecond=0) + emulator.day
    key.put(second_material, valid_to, KeyMaterialId=second)
    assert key.states() == [CURRENT, PENDING]
    assert key.entry(second)["ValidTo"] == valid_to


def test_rotation_takes_its_time(kms: Any, emulator: Emulator) -> None:
    """Documented: RotateKeyOnDemand is asynchronous, GetKeyRotationStatus; observed: stackd imports_edges.json.

    The answer contains only the ARN. OnDemandRotationStartDate exists during the rotation. Then CurrentKeyMaterialId
    changes.
    """
    key = ExternalKey.imported(kms)
    first, second = key.current_id, key.stage()
    answer = kms.rotate_key_on_demand(KeyId=key.id)
    assert answer.pop("ResponseMetadata")
    assert answer == {"KeyId": key.arn}
    status = kms.get_key_rotation_status(KeyId=key.id)
    assert set(status) == {"KeyId", "KeyRotationEnabled", "OnDemandRotationStartDate", "ResponseMetadata"}
    assert (key.current_id, key.states()) == (first, [CURRENT, PENDING])

    emulator.finish_rotation()
    assert "OnDemandRotationStartDate" not in kms.get_key_rotation_status(KeyId=key.arn)
    assert (key.current_id, key.states()) == (second, [NON_CURRENT, CURRENT])
    entry = key.entry(second)
    assert entry["RotationType"] == "ON_DEMAND"
    assert emulator.now() - entry["RotationDate"] < emulator.day
    assert not {"RotationType", "RotationDate"} & set(key.entry(first))


def test_how_long_a_rotation_takes(kms: Any, emulator: Emulator) -> None:
    """Documented: RotateKeyOnDemand is asynchronous; RotationsListEntry, RotationDate is when a rotation completed. The
    test sets the duration, and the emulator's own clock ends the rotation.
    """
    key = ExternalKey.imported(kms)
    first, second = key.current_id, key.stage()
    emulator.control.rotation(460)
    try:
        kms.rotate_key_on_demand(KeyId=key.arn)
        started = kms.get_key_rotation_status(KeyId=key.arn)["OnDemandRotationStartDate"]
        emulator.advance(seconds=230)
        assert (key.current_id, key.states()) == (first, [CURRENT, PENDING])
        emulator.advance(seconds=231)
        assert (key.current_id, key.states()) == (second, [NON_CURRENT, CURRENT])
        # The time of completion, not of the request.
        emulator.advance(days=3)
        assert key.entry(second)["RotationDate"] - started == timedelta(seconds=460)
    finally:
        emulator.control.rotation(ROTATION_SECONDS)


def test_the_arn_and_the_key_stay_the_same(kms: Any, emulator: Emulator) -> None:
    """Documented: Rotate keys, "same key ID, key ARN, ...": only the current material changes."""
    key = ExternalKey.imported(kms)
    before = key.describe()
    second = key.stage()
    emulator.rotate(key)
    assert key.describe() == before | {"CurrentKeyMaterialId": second}


def test_old_material_still_decrypts(kms: Any, emulator: Emulator) -> None:
    """Documented: Rotate keys; Decrypt answers with the KeyMaterialId, Encrypt does not (observed: stackd
    rotation.json).
    """
    key = ExternalKey.imported(kms)
    first = key.current_id
    old = kms.encrypt(KeyId=key.arn, Plaintext=b"old")
    second = key.stage()
    emulator.rotate(key)
    new = kms.encrypt(KeyId=key.arn, Plaintext=b"new")
    assert "KeyMaterialId" not in old
    decrypted = [kms.decrypt(CiphertextBlob=answer["CiphertextBlob"]) for answer in (old, new)]
    assert [(answer["Plaintext"], answer["KeyMaterialId"]) for answer in decrypted] == [
        (b"old", first),
        (b"new", second),
    ]


def test_without_pending_material_there_is_nothing_to_rotate(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd imports.json, imported_rotate-key-on-demand. The answer is the same after a rotation."""
    key = ExternalKey.imported(kms)
    with nothing_to_rotate(key):
        kms.rotate_key_on_demand(KeyId=key.arn)
    key.stage()
    emulator.rotate(key)
    with nothing_to_rotate(key):
        kms.rotate_key_on_demand(KeyId=key.arn)


@pytest.mark.parametrize("origin", ["EXTERNAL", "AWS_KMS"])
def test_a_rotation_may_be_requested_twice(kms: Any, emulator: Emulator, origin: str) -> None:
    """Observed, on material made by KMS: stackd rotation.json, rotate_immediate_repeat; assumed for imported
    material. The second request, during the first rotation, does not start another rotation.
    """
    key = ExternalKey.imported(kms) if origin == "EXTERNAL" else ExternalKey(kms, kms.create_key()["KeyMetadata"])
    first = key.current_id
    if origin == "EXTERNAL":
        key.stage()
    for _time in range(2):
        answer = kms.rotate_key_on_demand(KeyId=key.arn)
        assert answer["KeyId"] == key.arn
    emulator.finish_rotation()
    assert [entry["KeyMaterialState"] for entry in key.history()] == ["NON_CURRENT", "CURRENT"]
    assert key.current_id != first


def test_old_material_is_not_new(kms: Any, emulator: Emulator) -> None:
    """Documented: ImportKeyMaterial, IncorrectKeyMaterialException; text observed: stackd imports.json."""
    key = ExternalKey.imported(kms)
    first, first_material = key.current_id, key.material
    key.stage()
    emulator.rotate(key)
    with refused(
        "IncorrectKeyMaterialException",
        f"Key material (id: {first}) being imported as NEW_KEY_MATERIAL is already associated with KMS key {key.arn}.",
    ):
        key.stage(first_material)


def test_a_key_can_be_rotated_25_times(kms: Any, emulator: Emulator) -> None:
    """Documented: RotateKeyOnDemand, Resource quotas; text observed: localstack's validated snapshots."""
    key = ExternalKey.imported(kms)
    for _number in range(25):
        key.stage()
        emulator.rotate(key)
    assert len(key.history()) == 26
    key.stage()
    with refused(
        "LimitExceededException",
        "The on-demand rotations limit has been reached for the given keyId. "
        f"No more on-demand rotations can be performed for this key: {key.arn}",
    ):
        kms.rotate_key_on_demand(KeyId=key.arn)


@pytest.mark.parametrize("operation", ["enable_key_rotation", "disable_key_rotation"])
@pytest.mark.parametrize("imported", [False, True])
def test_there_is_no_automatic_rotation(kms: Any, operation: str, imported: bool) -> None:
    """Observed, before and after an import: stackd imports.json."""
    key = ExternalKey.imported(kms) if imported else ExternalKey.create(kms)
    with refused(
        "UnsupportedOperationException", f"{key.arn} origin is EXTERNAL which is not valid for this operation."
    ):
        getattr(kms, operation)(KeyId=key.arn)


@pytest.mark.parametrize("imported", [False, True])
def test_the_rotation_status_can_be_asked_of_imported_keys(kms: Any, imported: bool) -> None:
    """Observed, also in PendingImport, which the key states page excludes: stackd imports.json. KeyId is the ARN."""
    key = ExternalKey.imported(kms) if imported else ExternalKey.create(kms)
    answer = kms.get_key_rotation_status(KeyId=key.id)
    del answer["ResponseMetadata"]
    assert answer == {"KeyRotationEnabled": False, "KeyId": key.arn}


@pytest.mark.parametrize("spec", OTHER_THAN_SYMMETRIC)
def test_other_keys_never_rotate(kms: Any, spec: str) -> None:
    """Documented: RotateKeyOnDemand; the empty message observed for HMAC keys: stackd rotation.json."""
    key = ExternalKey.imported(kms, spec)
    with refused("UnsupportedOperationException", ""):
        kms.rotate_key_on_demand(KeyId=key.arn)


@pytest.mark.parametrize("spec", OTHER_THAN_SYMMETRIC)
def test_other_keys_list_no_material(kms: Any, spec: str) -> None:
    """Observed for HMAC keys: stackd imports_families.json (all material), rotation.json (default)."""
    key = ExternalKey.imported(kms, spec)
    with refused("ValidationException", "Input parameter includeKeyMaterial can only be used with symmetric keys."):
        key.history()
    assert kms.list_key_rotations(KeyId=key.arn)["Rotations"] == []


def test_disabling_the_automatic_rotation_of_an_hmac_key_succeeds(kms: Any) -> None:
    """Observed, on material made by KMS: stackd rotation.json, hmac_disable-key-rotation."""
    key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    kms.disable_key_rotation(KeyId=key["Arn"])
    with refused("UnsupportedOperationException", ""):
        kms.enable_key_rotation(KeyId=key["Arn"])


def test_the_list_of_materials_comes_in_pages(kms: Any, emulator: Emulator) -> None:
    """Documented: ListKeyRotations, Limit and Marker; observed: stackd rotation.json."""
    key = ExternalKey.imported(kms)
    for _number in range(3):
        key.stage()
        emulator.rotate(key)
    pages = list(
        kms.get_paginator("list_key_rotations").paginate(
            KeyId=key.arn, IncludeKeyMaterial="ALL_KEY_MATERIAL", PaginationConfig={"PageSize": 3}
        )
    )
    assert [page["Truncated"] for page in pages] == [True, False]
    assert [entry for page in pages for entry in page["Rotations"]] == key.history()
    with refused("InvalidMarkerException", ""):
        kms.list_key_rotations(KeyId=key.arn, IncludeKeyMaterial="ALL_KEY_MATERIAL", Marker="no such marker")


def test_a_disabled_key_can_have_material_staged_only_by_enabling_it(kms: Any) -> None:
    """Observed for a reimport: stackd imports.json, after_disabled_import; assumed for NEW_KEY_MATERIAL."""
    key = ExternalKey.imported(kms)
    kms.disable_key(KeyId=key.arn)
    key.stage()
    assert key.state == "Enabled"


def test_a_rotation_goes_on_while_the_key_is_disabled(kms: Any, emulator: Emulator) -> None:
    """Observed on material made by KMS: stackd rotation.json, disable_key_during_rotation."""
    key = ExternalKey.imported(kms)
    second = key.stage()
    kms.rotate_key_on_demand(KeyId=key.arn)
    kms.disable_key(KeyId=key.arn)
    emulator.finish_rotation()
    assert (key.state, key.current_id) == ("Disabled", second)
