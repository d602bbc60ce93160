# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotated key with several materials. Each has its own expiration, and the key needs all of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, new_material

from .answers import pending_import, refused

if TYPE_CHECKING:
    from support.emulator import Emulator


def rotated(kms: Any, emulator: Emulator, *valid_to: datetime | None) -> tuple[ExternalKey, list[bytes], list[str]]:
    """Rotate a key through one material per expiration. Return it, the materials, and their IDs, oldest first."""
    key = ExternalKey.create(kms)
    materials = [new_material(SYMMETRIC) for _end in valid_to]
    key.put(materials[0], valid_to[0])
    for material, expiry in zip(materials[1:], valid_to[1:], strict=False):
        key.stage(material, expiry)
        emulator.rotate(key)
    return key, materials, [entry["KeyMaterialId"] for entry in key.history()]


@pytest.mark.parametrize("lost", [0, 1])
def test_one_lost_material_makes_the_whole_key_pending_import(kms: Any, emulator: Emulator, lost: int) -> None:
    """Documented: ImportKeyMaterial; observed: stackd imports.json, missing_noncurrent_*. The current ID stays."""
    key, materials, ids = rotated(kms, emulator, None, None)
    before = key.describe()
    key.lose_material(ids[lost])
    assert (key.state, key.current_id) == ("PendingImport", ids[1])
    assert "ExpirationModel" not in key.describe()
    with pending_import(key.arn):
        kms.encrypt(KeyId=key.arn, Plaintext=b"plaintext")
    key.put(materials[lost], KeyMaterialId=ids[lost])
    assert key.describe() == before


def test_an_old_material_comes_back_without_its_id_too(kms: Any, emulator: Emulator) -> None:
    """Observed on a replica: stackd imports_multi_region.json, restore_replica_noncurrent; documented: KMS determines
    the ID.
    """
    key, materials, ids = rotated(kms, emulator, None, None)
    key.lose_material(ids[0])
    assert key.put(materials[0])["KeyMaterialId"] == ids[0]
    assert key.state == "Enabled"


def test_the_key_is_enabled_once_all_materials_are_back(kms: Any, emulator: Emulator) -> None:
    """Documented: ImportKeyMaterial, "Enabled only after all of the key materials ... are imported"."""
    key, materials, ids = rotated(kms, emulator, None, None, None)
    for material_id in ids:
        key.lose_material(material_id)
    for material, state in zip(materials, ["PendingImport", "PendingImport", "Enabled"], strict=False):
        key.put(material)
        assert key.state == state


def test_the_id_selects_the_material(kms: Any, emulator: Emulator) -> None:
    """Documented: ImportKeyMaterial, KeyMaterialId; text observed: stackd imports.json."""
    key, materials, ids = rotated(kms, emulator, None, None)
    with refused(
        "IncorrectKeyMaterialException",
        f"Imported key material does not have the expected identifier ({ids[0]}).",
    ):
        key.put(materials[1], KeyMaterialId=ids[0])


def test_describe_key_shows_the_earliest_expiry(kms: Any, emulator: Emulator) -> None:
    """Documented: DescribeKey, ValidTo: the earliest of all permanently associated materials."""
    sooner, later = (emulator.now() + timedelta(days=days) for days in (10, 20))
    for order in ((sooner, later), (later, sooner)):
        key, _materials, ids = rotated(kms, emulator, *order)
        assert key.describe()["ValidTo"] == sooner
        assert [key.entry(material_id)["ValidTo"] for material_id in ids] == list(order)


def test_the_key_expires_if_any_material_expires(kms: Any, emulator: Emulator) -> None:
    """Documented: Identify key types, "expiration model"."""
    sooner = emulator.now() + timedelta(days=10)
    key, _materials, ids = rotated(kms, emulator, sooner, None)
    assert (key.describe()["ExpirationModel"], key.describe()["ValidTo"]) == ("KEY_MATERIAL_EXPIRES", sooner)
    assert "ValidTo" not in key.entry(ids[1])


def test_pending_material_does_not_count(kms: Any, emulator: Emulator) -> None:
    """Documented: DescribeKey, ValidTo: "permanently associated"; observed: stackd imports_edges.json."""
    key = ExternalKey.imported(kms)
    key.stage(valid_to=emulator.now() + timedelta(days=1))
    assert key.describe()["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    assert "ValidTo" not in key.describe()


def test_materials_expire_one_by_one(kms: Any, emulator: Emulator) -> None:
    """Documented: Import key material; Identify key types."""
    start = emulator.now()
    key, materials, ids = rotated(kms, emulator, start + timedelta(days=1), start + timedelta(days=3))
    emulator.advance(days=2)
    assert (key.state, key.current_id) == ("PendingImport", ids[1])
    key.put(materials[0])
    assert (key.state, key.describe()["ValidTo"]) == ("Enabled", start + timedelta(days=3))
    emulator.advance(days=2)
    assert key.state == "PendingImport"
    key.put(materials[1])
    assert (key.state, key.describe()["ExpirationModel"]) == ("Enabled", "KEY_MATERIAL_DOES_NOT_EXPIRE")


def test_one_materials_expiry_moves_without_the_others(kms: Any, emulator: Emulator) -> None:
    """Documented: ImportKeyMaterial, KeyMaterialId and ValidTo."""
    start = emulator.now()
    key, materials, ids = rotated(kms, emulator, start + timedelta(days=1), start + timedelta(days=3))
    key.put(materials[0], start + timedelta(days=9), KeyMaterialId=ids[0])
    assert [key.entry(material_id)["ValidTo"] for material_id in ids] == [
        start + timedelta(days=9),
        start + timedelta(days=3),
    ]


def test_pending_material_can_be_deleted_and_replaced(kms: Any, emulator: Emulator) -> None:
    """Documented: Import key material, "without impacting the key's usability"; observed: stackd imports.json."""
    key = ExternalKey.imported(kms)
    before = key.describe()
    material = new_material(SYMMETRIC)
    second = key.stage(material)
    answer = key.lose_material(second)
    assert answer["KeyMaterialId"] == second
    assert key.describe() == before
    assert key.states() == [("CURRENT", "IMPORTED")]
    assert key.stage(material) == second
    emulator.rotate(key)
    assert key.current_id == second


def test_pending_material_that_expired_still_waits(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd imports_expiry.json, for at least fifteen minutes. It stays IMPORTED and known."""
    key = ExternalKey.imported(kms)
    before = key.describe()
    material = new_material(SYMMETRIC)
    valid_to = emulator.now() + timedelta(minutes=5)
    second = key.stage(material, valid_to)
    emulator.advance(minutes=15)
    assert key.describe() == before
    entry = key.entry(second)
    assert (entry["ImportState"], entry["KeyMaterialState"]) == ("IMPORTED", "PENDING_ROTATION")
    assert entry["ValidTo"] == valid_to
    with refused(
        "IncorrectKeyMaterialException",
        f"Key material (id: {second}) being imported as NEW_KEY_MATERIAL is already associated with KMS key {key.arn}.",
    ):
        key.stage(material)


def test_rotating_to_expired_material_ends_in_pending_import(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd imports_rotation_expiry.json; a reimport of that material brings the key back."""
    key = ExternalKey.imported(kms)
    material = new_material(SYMMETRIC)
    second = key.stage(material, emulator.now() + timedelta(minutes=5))
    emulator.advance(minutes=6)
    emulator.rotate(key)
    assert (key.state, key.current_id) == ("PendingImport", second)
    key.put(material)
    assert key.state == "Enabled"


def test_a_rotation_needs_all_materials(kms: Any, emulator: Emulator) -> None:
    """Documented: key states page, RotateKeyOnDemand; text observed: stackd imports.json."""
    key, _materials, ids = rotated(kms, emulator, None, None)
    key.stage()
    key.lose_material(ids[0])
    with pending_import(key.arn):
        kms.rotate_key_on_demand(KeyId=key.arn)


def test_material_deleted_during_a_rotation_and_not_replaced_rotates_nothing(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd imports_edges.json and imports_rotation_replacement.json: the request lapses."""
    key = ExternalKey.imported(kms)
    first, second = key.current_id, key.stage()
    kms.rotate_key_on_demand(KeyId=key.arn)
    key.lose_material(second)
    assert "OnDemandRotationStartDate" in kms.get_key_rotation_status(KeyId=key.arn)
    emulator.finish_rotation()
    assert "OnDemandRotationStartDate" not in kms.get_key_rotation_status(KeyId=key.arn)
    assert (key.current_id, key.states()) == (first, [("CURRENT", "IMPORTED")])


def test_material_replaced_during_a_rotation_is_rotated_to(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd imports_rotation_replacement.json."""
    key = ExternalKey.imported(kms)
    second = key.stage()
    kms.rotate_key_on_demand(KeyId=key.arn)
    key.lose_material(second)
    third = key.stage()
    emulator.finish_rotation()
    assert key.current_id == third
    assert key.states() == [("NON_CURRENT", "IMPORTED"), ("CURRENT", "IMPORTED")]


def test_the_current_material_can_be_imported_during_a_rotation(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd imports_edges.json, reimport_during_rotation."""
    key = ExternalKey.imported(kms)
    first, first_material = key.current_id, key.material
    second = key.stage()
    kms.rotate_key_on_demand(KeyId=key.arn)
    assert key.put(first_material)["KeyMaterialId"] == first
    emulator.finish_rotation()
    assert key.current_id == second
