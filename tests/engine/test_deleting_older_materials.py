# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""state: absent on a rotated key: delete one older key material, all, or a staged one, each with proof of a copy."""

from __future__ import annotations

from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, run_failing, run_one
from support.materials import SYMMETRIC, new_material

from .predictions import predicted, refused

ABSENT = {"state": "absent"}


@pytest.fixture
def materials() -> list[bytes]:
    """The oldest first."""
    return [new_material(SYMMETRIC) for _number in range(3)]


@pytest.fixture(params=["labeled", "unlabeled"])
def key(kms: Any, emulator: Emulator, materials: list[bytes], request: pytest.FixtureRequest) -> ExternalKey:
    """A key with two key materials and a third, staged one."""
    key = ExternalKey.create(kms)
    key.put(materials[0])
    key.stage(materials[1])
    emulator.rotate(key)
    if request.param == "labeled":
        rotate = {"on_different_material": "rotate", **NEVER}
        run_one(kms, key, materials[1], previous=[materials[0]], **rotate)
        run_one(kms, key, materials[2], **{**rotate, "on_different_material": "stage"})
    else:
        key.stage(materials[2])
    return key


def names(key: ExternalKey) -> list[str]:
    return [entry["KeyMaterialId"] for entry in key.history()]


def test_an_older_one(kms: Any, key: ExternalKey, materials: list[bytes]) -> None:
    older = names(key)[0]
    result = predicted(kms, key, materials[0], key_material_id=older, **ABSENT)
    assert result["actions"][-1] == "delete"
    assert "including an older one" in " ".join(result["warnings"])
    assert key.state == "PendingImport"
    assert key.states() == [
        ("NON_CURRENT", "PENDING_IMPORT"), ("CURRENT", "IMPORTED"), ("PENDING_ROTATION", "IMPORTED"),
    ]  # fmt: skip


def test_a_copy_of_another_one_is_no_proof(kms: Any, key: ExternalKey, materials: list[bytes]) -> None:
    older, current, _staged = names(key)
    before = key.states()
    for given, target in ((materials[1], older), (materials[0], current), (new_material(SYMMETRIC), older)):
        run_failing(kms, key, given, key_material_id=target, **ABSENT)
        assert key.states() == before
    assert "copy" in refused(kms, key, None, key_material_id=older, **ABSENT)


# Without labels KMS compares, and what it refuses is told.
@pytest.mark.parametrize("key", ["labeled"], indirect=True)
def test_what_is_refused_says_which_is_which(kms: Any, key: ExternalKey, materials: list[bytes]) -> None:
    older, current, _staged = names(key)
    for force in (False, True):
        told = refused(kms, key, materials[1], key_material_id=older, force=force, **ABSENT)
        assert f"under the ID {older}: the given one is the current key material {current}." in told
        told = refused(kms, key, new_material(SYMMETRIC), key_material_id=older, force=force, **ABSENT)
        assert f"under the ID {older}: the given one has the label of none of its key materials." in told
    assert f"cannot return the key material {older}" in refused(kms, key, None, key_material_id=older, **ABSENT)


def test_without_a_copy_by_force(kms: Any, key: ExternalKey) -> None:
    older = names(key)[0]
    assert run_one(kms, key, None, key_material_id=older, force=True, **ABSENT)["actions"] == ["delete"]
    assert key.states()[0] == ("NON_CURRENT", "PENDING_IMPORT")


def test_a_staged_one_while_kms_rotates_to_it(kms: Any, key: ExternalKey, materials: list[bytes]) -> None:
    kms.rotate_key_on_demand(KeyId=key.arn)
    staged, before = names(key)[2], key.states()
    told = refused(kms, key, materials[2], key_material_id=staged, **ABSENT)
    assert "has been rotating the key to it since" in told
    run_failing(kms, key, materials[1], previous=[materials[0], materials[2]], all_materials=True, **ABSENT)
    assert key.states() == before


def test_all_of_them(kms: Any, key: ExternalKey, materials: list[bytes]) -> None:
    assert "Prove that you hold a copy" in refused(kms, key, materials[1], all_materials=True, **ABSENT)
    kms.delete_imported_key_material(KeyId=key.arn, KeyMaterialId=names(key)[2])
    result = run_one(kms, key, materials[1], previous=[materials[0]], all_materials=True, **ABSENT)
    assert result["actions"].count("delete") == 2
    assert key.states() == [("NON_CURRENT", "PENDING_IMPORT"), ("CURRENT", "PENDING_IMPORT")]
    assert run_one(kms, key, materials[1], previous=[materials[0]], all_materials=True, **ABSENT)["changed"] is False


def test_all_of_them_by_force(kms: Any, key: ExternalKey) -> None:
    result = predicted(kms, key, None, all_materials=True, force=True, **ABSENT)
    assert result["actions"] == ["delete"] * 3
    assert len(names(key)) == 2, "a staged one is gone for good"


def test_the_current_one_alone(kms: Any, key: ExternalKey, materials: list[bytes]) -> None:
    run_one(kms, key, materials[1], **ABSENT)
    assert [imported for _state, imported in key.states()] == ["IMPORTED", "PENDING_IMPORT", "IMPORTED"]


def test_a_staged_one(kms: Any, key: ExternalKey, materials: list[bytes]) -> None:
    """The key stays usable."""
    staged = names(key)[2]
    labeled = "KeyMaterialDescription" in key.history()[2]
    if not labeled:
        assert "force" in refused(kms, key, materials[2], key_material_id=staged, **ABSENT)
    result = run_one(kms, key, materials[2], key_material_id=staged, force=not labeled, **ABSENT)
    assert result["actions"] == ["delete"]
    assert key.state == "Enabled"
    assert len(names(key)) == 2
    assert "stops working" not in " ".join(result.get("warnings", ()))


def test_what_the_key_does_not_have(kms: Any, key: ExternalKey, materials: list[bytes]) -> None:
    sentence = refused(kms, key, materials[0], key_material_id="0" * 64, **ABSENT)
    assert all(name in sentence for name in names(key))
