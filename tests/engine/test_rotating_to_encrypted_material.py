# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""on_different_material with key material that was encrypted elsewhere: only KMS can compare it."""

from __future__ import annotations

from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, patient_client, result_of, run_failing, run_one
from support.materials import SYMMETRIC, new_material, other_material

from .predictions import in_days, predicted
from .test_encrypted_elsewhere import bundle, encrypted, label

pytestmark = pytest.mark.usefixtures("short_rotations")

ROTATE = {"on_different_material": "rotate", **NEVER}
STAGE = {"on_different_material": "stage", **NEVER}


@pytest.fixture(params=["plaintext", "ciphertext", "unlabeled"])
def key(kms: Any, request: pytest.FixtureRequest) -> ExternalKey:
    """A key with key material of which the task's ciphertext says nothing."""
    key, content = ExternalKey.create(kms), new_material(SYMMETRIC)
    if request.param == "plaintext":
        run_one(kms, key, content, **NEVER)
    elif request.param == "ciphertext":
        run_one(kms, key, sources=encrypted(key, content), **NEVER)
    else:
        key.put(content)
    key.material = content
    return key


@pytest.mark.parametrize("make", [encrypted, bundle])
def test_one_task_rotates_the_key(kms: Any, key: ExternalKey, make: Any) -> None:
    files = make(key, other_material(SYMMETRIC))
    before = key.current_id
    foretold = result_of(kms, key, sources=files, check_mode=True, **ROTATE)
    result = run_one(kms, key, sources=files, **ROTATE)
    assert result["actions"] == foretold["actions"] == ["stage", "rotate"]
    assert run_one(kms, key, sources=files, **ROTATE)["changed"] is False
    assert key.current_id != before
    assert key.entry(key.current_id)["KeyMaterialDescription"] == label(files)
    assert key.state == "Enabled"


def test_stage_now_and_rotate_in_the_change_window(kms: Any, key: ExternalKey) -> None:
    files = encrypted(key, other_material(SYMMETRIC))
    assert run_one(kms, key, sources=files, **STAGE)["actions"] == ["stage"]
    assert run_one(kms, key, sources=files, **STAGE)["changed"] is False
    assert predicted(kms, key, None, sources=files, **ROTATE)["actions"] == ["rotate"]


@pytest.mark.parametrize("policy", [STAGE, ROTATE])
def test_what_the_key_holds_already_is_not_staged(kms: Any, key: ExternalKey, policy: dict[str, Any]) -> None:
    """KMS refuses to stage known key material. The task then lets KMS compare it with the current key material."""
    files = encrypted(key, key.material)
    result = run_one(kms, key, sources=files, **policy)
    assert (result["material_match"], result["material_match_by"]) == ("same", "kms_import")
    assert result["actions"] == ["reimport"]
    assert len(key.history()) == 1
    again = run_one(kms, key, sources=files, **policy)
    assert (again["changed"], again["material_match_by"]) == (False, "label")


def test_an_older_material_never_becomes_the_current_one_again(kms: Any, key: ExternalKey) -> None:
    run_one(kms, key, sources=encrypted(key, other_material(SYMMETRIC)), **ROTATE)
    before = key.history()
    result = run_failing(kms, key, sources=encrypted(key, key.material), **ROTATE)
    assert "older key material" in result["msg"]
    assert not result["changed"]
    assert key.history() == before


def test_other_material_is_staged_already(kms: Any, key: ExternalKey) -> None:
    run_one(kms, key, sources=encrypted(key, other_material(SYMMETRIC)), **STAGE)
    before = key.history()
    for policy in (STAGE, ROTATE):
        result = run_failing(kms, key, sources=encrypted(key, new_material(SYMMETRIC)), **policy)
        assert "already staged" in result["msg"]
    assert key.history() == before


@pytest.mark.parametrize("on_unknown", ["fail", "accept", "reimport"])
def test_what_the_task_says_of_unknown_material_counts(kms: Any, key: ExternalKey, on_unknown: str) -> None:
    before = key.history()
    files = encrypted(key, other_material(SYMMETRIC))
    result = result_of(kms, key, sources=files, on_unknown_material=on_unknown, **ROTATE)
    assert bool(result.get("failed")) == (on_unknown != "accept")
    assert key.history() == before


@pytest.mark.parametrize("operation", ["ImportKeyMaterial", "RotateKeyOnDemand"])
def test_a_reply_that_is_lost(kms: Any, emulator: Emulator, key: ExternalKey, operation: str) -> None:
    """The next run finishes, regardless of the result of this one."""
    files = encrypted(key, other_material(SYMMETRIC))
    emulator.control.faults([{"operation": operation, "drop": True}])
    result_of(patient_client(kms), key, sources=files, **ROTATE)
    run_one(kms, key, sources=files, **ROTATE)
    assert key.entry(key.current_id)["KeyMaterialDescription"] == label(files)
    assert run_one(kms, key, sources=files, **ROTATE)["changed"] is False


def test_lost_material_is_restored_before_anything_is_rotated(kms: Any, emulator: Emulator, key: ExternalKey) -> None:
    key.lose_material()
    files = encrypted(key, key.material)
    result = run_one(kms, key, sources=files, on_different_material="rotate", valid_to=in_days(emulator, 9))
    assert result["actions"] == ["import"]
    key.lose_material()
    result = run_failing(kms, key, sources=encrypted(key, other_material(SYMMETRIC)), **ROTATE)
    assert "lacks required key material" in result["msg"]
    assert len(key.history()) == 1


def test_each_replica_key_with_a_ciphertext_of_its_own(kms: Any, emulator: Emulator) -> None:
    """Import token and label belong to one key in one Region. KMS compares the ciphertext with the staged one."""
    primary, first, second = ExternalKey.create(kms, MultiRegion=True), new_material(SYMMETRIC), b"\x07" * 32
    run_one(kms, primary, first, **NEVER)
    replica = emulator.replicate(primary, "eu-west-1")
    elsewhere = replica.kms
    run_one(elsewhere, replica, first, **NEVER)
    files, of_replica = encrypted(primary, second), encrypted(replica, second)
    assert "it is unknown" in run_one(elsewhere, replica, sources=of_replica, **STAGE)["warnings"][0]
    assert run_one(kms, primary, sources=files, **STAGE)["actions"] == ["stage"]
    wrong = encrypted(replica, other_material(SYMMETRIC))
    failed = run_failing(elsewhere, replica, sources=wrong, **STAGE)
    assert (failed["material_match"], failed["material_match_by"]) == ("different", "kms_import"), failed["msg"]
    assert run_one(elsewhere, replica, sources=of_replica, **STAGE)["actions"] == ["import"]
    assert run_one(kms, primary, sources=files, **ROTATE)["actions"] == ["rotate"]
    assert replica.current_id == primary.current_id
    assert replica.state == "Enabled"
