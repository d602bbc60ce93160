# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotation of a multi-Region key: import new material into the primary key, then into every replica, then rotate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, new_material

from .answers import refused, unexpected_material

if TYPE_CHECKING:
    from support.emulator import Emulator

EVERYWHERE = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"


def pair(kms: Any, emulator: Emulator) -> tuple[ExternalKey, ExternalKey]:
    """A primary key and a replica, both Enabled with the same material."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    replica = emulator.replicate(key)
    replica.put(key.material)
    return key, replica


def test_new_material_waits_for_every_replica(kms: Any, emulator: Emulator) -> None:
    """Documented: ImportKeyMaterial on multi-Region keys; observed: stackd imports_multi_region.json."""
    key, replica = pair(kms, emulator)
    other = emulator.replicate(key, "eu-west-1")
    other.put(key.material)
    second_material = new_material(SYMMETRIC)
    second = key.stage(second_material)
    assert key.states()[1] == (EVERYWHERE, "IMPORTED")
    assert replica.states()[1] == other.states()[1] == (EVERYWHERE, "PENDING_IMPORT")
    assert (key.state, replica.state, other.state) == ("Enabled", "Enabled", "Enabled")
    replica.put(second_material)
    assert key.states()[1] == (EVERYWHERE, "IMPORTED")
    other.put(second_material, KeyMaterialId=second)
    assert key.states()[1] == replica.states()[1] == other.states()[1] == ("PENDING_ROTATION", "IMPORTED")


def test_rotation_before_the_replicas_have_it_is_refused(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd imports_multi_region.json, rotate_before_replica_import."""
    key, _replica = pair(kms, emulator)
    key.stage()
    with refused(
        "KMSInvalidStateException",
        "Cannot perform key material rotation: "
        "Key material has not been imported for replicas of the Multi-Region key.",
    ):
        kms.rotate_key_on_demand(KeyId=key.arn)


def test_the_rotation_reaches_every_region(kms: Any, emulator: Emulator) -> None:
    """Documented: RotateKeyOnDemand; observed: stackd imports_multi_region.json, rotated_replica_history."""
    key, replica = pair(kms, emulator)
    material = new_material(SYMMETRIC)
    second = key.stage(material)
    replica.put(material)
    emulator.rotate(key)
    assert key.current_id == replica.current_id == second
    for one in (key, replica):
        assert one.state == "Enabled"
        assert one.states() == [("NON_CURRENT", "IMPORTED"), ("CURRENT", "IMPORTED")]
        assert one.entry(second)["RotationType"] == "ON_DEMAND"
    assert key.entry(second)["RotationDate"] == replica.entry(second)["RotationDate"]


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("rotate_key_on_demand", "RotateKeyOnDemand"),
        ("enable_key_rotation", "EnableKeyRotation"),
        ("disable_key_rotation", "DisableKeyRotation"),
    ],
)
def test_a_replica_is_not_rotated_itself(kms: Any, emulator: Emulator, operation: str, name: str) -> None:
    """Observed on material made by KMS: stackd multi_region.json, replica_rotate-key-on-demand."""
    _key, replica = pair(kms, emulator)
    with refused(
        "UnsupportedOperationException",
        f"{replica.arn} is a multi-region replica key which is not valid for {name}.",
    ):
        getattr(replica.kms, operation)(KeyId=replica.arn)


def test_a_replica_that_lacks_old_material_does_not_stop_a_rotation(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd imports_multi_region.json, rotate_imported_multi. That replica stays PendingImport."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    first_material = key.material
    replica = emulator.replicate(key)
    material = new_material(SYMMETRIC)
    key.stage(material)
    replica.put(material)
    assert replica.state == "PendingImport"
    emulator.rotate(key)
    assert (key.state, replica.state) == ("Enabled", "PendingImport")
    assert replica.states() == [("NON_CURRENT", "PENDING_IMPORT"), ("CURRENT", "IMPORTED")]
    replica.put(first_material)
    assert replica.state == "Enabled"


def test_deleting_the_primarys_pending_material_takes_it_from_the_replicas(kms: Any, emulator: Emulator) -> None:
    """Documented: DeleteImportedKeyMaterial; observed: stackd imports_multi_region.json,
    replica_after_primary_pending_delete.
    """
    key, replica = pair(kms, emulator)
    material = new_material(SYMMETRIC)
    second = key.stage(material)
    replica.put(material)
    key.lose_material(second)
    assert key.states() == replica.states() == [("CURRENT", "IMPORTED")]
    with unexpected_material(key.current_id):
        replica.put(material)
    assert key.stage(material) == second


def test_deleting_a_replicas_pending_material_changes_no_other_region(kms: Any, emulator: Emulator) -> None:
    """Documented: DeleteImportedKeyMaterial; observed: stackd imports_multi_region.json,
    primary_after_replica_pending_delete.
    """
    key, replica = pair(kms, emulator)
    material = new_material(SYMMETRIC)
    second = key.stage(material)
    replica.put(material)
    replica.lose_material(second)
    assert key.entry(second)["ImportState"] == "IMPORTED"
    assert replica.entry(second)["ImportState"] == "PENDING_IMPORT"
    replica.put(material)
    emulator.rotate(key)
    assert key.current_id == replica.current_id == second


def test_a_replica_that_loses_the_material_during_the_rotation_ends_without_it(kms: Any, emulator: Emulator) -> None:
    """Observed: stackd imports_rotation_replica.json: the rotation is done, the replica waits for the current
    material.
    """
    key, replica = pair(kms, emulator)
    material = new_material(SYMMETRIC)
    second = key.stage(material)
    replica.put(material)
    kms.rotate_key_on_demand(KeyId=key.arn)
    replica.lose_material(second)
    assert "OnDemandRotationStartDate" in kms.get_key_rotation_status(KeyId=key.arn)
    emulator.finish_rotation()
    assert (key.state, replica.state) == ("Enabled", "PendingImport")
    assert key.current_id == replica.current_id == second
    assert replica.states() == [("NON_CURRENT", "IMPORTED"), ("CURRENT", "PENDING_IMPORT")]
    replica.put(material)
    assert replica.state == "Enabled"


def test_a_primary_without_replicas_rotates_alone(kms: Any, emulator: Emulator) -> None:
    """Assumed: without replicas, new material is PENDING_ROTATION immediately."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    second = key.stage()
    assert key.states()[1] == ("PENDING_ROTATION", "IMPORTED")
    emulator.rotate(key)
    assert key.current_id == second


def test_a_replica_made_while_material_is_staged_must_have_it_too(kms: Any, emulator: Emulator) -> None:
    """Documented: ImportKeyMaterial, "for every replica Region key"; the change back of the state is assumed."""
    key, replica = pair(kms, emulator)
    material = new_material(SYMMETRIC)
    second = key.stage(material)
    replica.put(material)
    assert key.entry(second)["KeyMaterialState"] == "PENDING_ROTATION"
    late = emulator.replicate(key, "eu-west-1")
    assert late.states() == [("CURRENT", "PENDING_IMPORT"), (EVERYWHERE, "PENDING_IMPORT")]
    assert key.entry(second)["KeyMaterialState"] == EVERYWHERE
    with refused(
        "KMSInvalidStateException",
        "Cannot perform key material rotation: "
        "Key material has not been imported for replicas of the Multi-Region key.",
    ):
        kms.rotate_key_on_demand(KeyId=key.arn)
    late.put(material)
    assert key.entry(second)["KeyMaterialState"] == "PENDING_ROTATION"
    assert late.state == "PendingImport", "it waits for the current material"


def test_every_region_knows_of_a_rotation_that_runs(kms: Any, emulator: Emulator) -> None:
    """Documented: GetKeyRotationStatus, rotation is a shared property of multi-Region keys. That a replica reports the
    start of an on-demand rotation is assumed.
    """
    key, replica = pair(kms, emulator)
    material = new_material(SYMMETRIC)
    second = key.stage(material)
    replica.put(material)
    before = emulator.now()
    kms.rotate_key_on_demand(KeyId=key.arn)
    starts = [one.kms.get_key_rotation_status(KeyId=one.arn)["OnDemandRotationStartDate"] for one in (key, replica)]
    assert starts[0] == starts[1]
    assert before <= starts[0] < before + emulator.day
    emulator.finish_rotation()
    for one in (key, replica):
        assert "OnDemandRotationStartDate" not in one.kms.get_key_rotation_status(KeyId=one.arn)
        assert starts[0] < one.entry(second)["RotationDate"]


def test_a_replica_may_be_rotated_no_more_often(kms: Any, emulator: Emulator) -> None:
    """Documented: Resource quotas, "on-demand rotations" of a key; the Regions of one key have one history."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    for _number in range(25):
        key.stage()
        emulator.rotate(key)
    replica = emulator.replicate(key)
    assert len(replica.states()) == 26
    assert {state for _state, state in replica.states()} == {"PENDING_IMPORT"}
    rotations = [one for one in replica.history() if one.get("RotationType") == "ON_DEMAND"]
    assert len(rotations) == 25


def test_a_replica_made_after_a_rotation_needs_every_material(kms: Any, emulator: Emulator) -> None:
    """Documented: Importing key material into multi-Region keys; ImportKeyMaterial (all permanently associated
    materials).
    """
    key = ExternalKey.imported(kms, MultiRegion=True)
    first_material, second_material = key.material, new_material(SYMMETRIC)
    key.stage(second_material)
    emulator.rotate(key)
    replica = emulator.replicate(key)
    assert replica.states() == [("NON_CURRENT", "PENDING_IMPORT"), ("CURRENT", "PENDING_IMPORT")]
    replica.put(second_material)
    assert replica.state == "PendingImport"
    replica.put(first_material)
    assert replica.state == "Enabled"
