# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""on_different_material: other key material replaces the current one under the same ARN."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, patient_client, result_of, run_failing, run_one
from support.materials import SYMMETRIC, new_material, other_material

from .predictions import in_days, refused

pytestmark = pytest.mark.usefixtures("short_rotations")

ROTATE = {"on_different_material": "rotate", **NEVER}
STAGE = {"on_different_material": "stage", **NEVER}


@pytest.fixture
def key(kms: Any) -> ExternalKey:
    return ExternalKey.create(kms)


@pytest.fixture
def first(kms: Any, key: ExternalKey) -> bytes:
    """The key material that the key has."""
    content = new_material(SYMMETRIC)
    run_one(kms, key, content, **NEVER)
    return content


@pytest.fixture
def second() -> bytes:
    return new_material(SYMMETRIC)


def rotations(key: ExternalKey) -> int:
    return sum("RotationType" in entry for entry in key.history())


def unchanged(kms: Any, key: ExternalKey, content: bytes, **options: Any) -> dict[str, Any]:
    before = key.history()
    result = run_one(kms, key, content, **options)
    assert (result["changed"], result["actions"]) == (False, [])
    assert result["diff"]["before"] == result["diff"]["after"]
    assert key.history() == before
    return result


def test_one_task_rotates_the_key(kms: Any, key: ExternalKey, first: bytes, second: bytes) -> None:
    ciphertext = kms.encrypt(KeyId=key.arn, Plaintext=b"of last year")["CiphertextBlob"]
    foretold = result_of(kms, key, second, check_mode=True, **ROTATE)
    assert (foretold["actions"], foretold["changed"]) == (["stage", "rotate"], True)
    assert rotations(key) == 0, "check mode changed the key"
    old = key.current_id
    result = run_one(kms, key, second, previous=[first], **ROTATE)
    assert result["actions"] == ["stage", "rotate"]
    assert result["material_match"] == "same"
    assert result["kms_key"]["current_key_material_id"] == result["import"]["key_material_id"] == key.current_id != old
    assert result["diff"]["before"]["key_material_id"] == old
    assert result["diff"]["after"]["key_material_id"] == key.current_id
    assert [state for state, _imported in key.states()] == ["NON_CURRENT", "CURRENT"]
    assert kms.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"of last year"
    again = unchanged(kms, key, second, previous=[first], **ROTATE)
    assert (again["material_match"], again["material_match_by"]) == ("same", "label")
    assert [one["material_match"] for one in again["previous_key_materials"]] == ["same"]
    assert rotations(key) == 1


def test_stage_now_and_rotate_in_the_change_window(kms: Any, key: ExternalKey, first: bytes, second: bytes) -> None:
    old = key.current_id
    assert result_of(kms, key, second, check_mode=True, **STAGE)["actions"] == ["stage"]
    result = run_one(kms, key, second, **STAGE)
    assert result["actions"] == ["stage"]
    staged = result["import"]["key_material_id"]
    assert result["diff"]["after"]["other_key_materials"][staged]["state"] == "PENDING_ROTATION"
    assert key.current_id == old
    unchanged(kms, key, second, **STAGE)
    unchanged(kms, key, first, **NEVER)
    assert "staged and waiting for a rotation" in refused(kms, key, second, **NEVER)
    assert result_of(kms, key, second, check_mode=True, **ROTATE)["actions"] == ["rotate"]
    assert run_one(kms, key, second, **ROTATE)["actions"] == ["rotate"]
    assert key.current_id == staged
    unchanged(kms, key, second, **ROTATE)


@pytest.mark.usefixtures("first")
def test_new_material_has_an_expiration_a_description_and_a_label_of_its_own(
    kms: Any, emulator: Emulator, key: ExternalKey, second: bytes
) -> None:
    end = in_days(emulator, 40)
    run_one(kms, key, second, on_different_material="rotate", valid_to=end, description="This year")
    old, new = key.history()
    assert "ValidTo" not in old
    assert new["ValidTo"].isoformat() == end
    assert new["KeyMaterialDescription"].startswith("This year cloudkeys.aws/v1:")


def test_kms_is_asked_before_material_counts_as_different(kms: Any, key: ExternalKey, second: bytes) -> None:
    """The key material cannot be identified, so KMS compares it with the current one first."""
    unlabeled = new_material(SYMMETRIC)
    key.put(unlabeled)
    result = run_one(kms, key, unlabeled, **ROTATE)
    assert result["actions"] == ["reimport"]
    assert rotations(key) == 0
    unchanged(kms, key, unlabeled, **ROTATE)
    assert run_one(kms, key, second, **ROTATE)["actions"] == ["stage", "rotate"]


def test_only_the_refusal_of_kms_makes_it_different(kms: Any, key: ExternalKey, second: bytes) -> None:
    key.put(new_material(SYMMETRIC))
    assert result_of(kms, key, second, check_mode=True, **ROTATE)["actions"] == ["reimport"]
    result = run_one(kms, key, second, **ROTATE)
    assert result["actions"] == ["stage", "rotate"]
    unchanged(kms, key, second, **ROTATE)


@pytest.mark.parametrize("on_unknown", ["fail", "accept"])
def test_what_the_task_says_of_unknown_material_counts(
    kms: Any, key: ExternalKey, second: bytes, on_unknown: str
) -> None:
    key.put(new_material(SYMMETRIC))
    result = result_of(kms, key, second, on_unknown_material=on_unknown, **ROTATE)
    assert bool(result.get("failed")) == (on_unknown == "fail")
    assert result["actions"] == []
    assert rotations(key) == 0


def test_an_older_material_never_becomes_the_current_one_again(
    kms: Any, key: ExternalKey, first: bytes, second: bytes
) -> None:
    run_one(kms, key, second, **ROTATE)
    assert "older key material" in refused(kms, key, first, **ROTATE)


def test_an_older_material_without_a_label(kms: Any, emulator: Emulator, key: ExternalKey, second: bytes) -> None:
    first = new_material(SYMMETRIC)
    key.put(first)
    key.stage(second)
    emulator.rotate(key)
    before = key.history()
    result = run_failing(kms, key, first, **ROTATE)
    assert "older key material" in result["msg"]
    assert key.history() == before


@pytest.mark.usefixtures("first")
def test_other_material_is_staged_already(kms: Any, key: ExternalKey, second: bytes) -> None:
    run_one(kms, key, second, **STAGE)
    for policy in (STAGE, ROTATE):
        sentence = refused(kms, key, other_material(SYMMETRIC), **policy)
        assert key.history()[1]["KeyMaterialId"] in sentence
        assert "already staged" in sentence


@pytest.mark.usefixtures("first")
def test_no_rotation_is_left(kms: Any, emulator: Emulator, key: ExternalKey, second: bytes) -> None:
    for number in range(25):
        key.stage()
        emulator.rotate(key)
        if number == 22:
            warned = result_of(kms, key, second, check_mode=True, **ROTATE)
            assert "2 more times" in " ".join(warned["warnings"])
    before = key.history()
    result = run_failing(kms, key, second, **ROTATE)
    assert (result["actions"], key.history()) == ([], before)
    assert "25 times" in result["msg"]


@pytest.mark.usefixtures("first")
def test_the_staged_material_expires_soon_or_has_expired(
    kms: Any, emulator: Emulator, key: ExternalKey, second: bytes
) -> None:
    renewed = {"valid_for": "90d", "renew_before": "30d"}
    run_one(kms, key, second, on_different_material="stage", **renewed)
    emulator.advance(days=61)
    for policy in ("stage", "rotate"):
        assert "within renew_before" in refused(kms, key, second, on_different_material=policy, **renewed)
    emulator.advance(days=30)
    staged = key.history()[1]["KeyMaterialId"]
    sentence = refused(kms, key, second, **ROTATE)
    assert "is gone" in sentence
    assert f"key_material_id: {staged}" in sentence
    # What the sentence says to do.
    run_one(kms, key, second, state="absent", key_material_id=staged, force=True)
    assert run_one(kms, key, second, **ROTATE)["actions"] == ["stage", "rotate"]


@pytest.mark.usefixtures("first")
def test_a_disabled_key(kms: Any, key: ExternalKey, second: bytes) -> None:
    kms.disable_key(KeyId=key.arn)
    assert "Disabled" in refused(kms, key, second, **ROTATE)
    assert "Disabled" in refused(kms, key, second, enabled=False, **ROTATE)
    foretold = result_of(kms, key, second, check_mode=True, enabled=True, **ROTATE)
    result = run_one(kms, key, second, enabled=True, **ROTATE)
    assert result["actions"] == foretold["actions"]
    assert (key.state, rotations(key)) == ("Enabled", 1)


@pytest.mark.usefixtures("first")
def test_a_key_that_is_to_be_disabled_afterwards(kms: Any, key: ExternalKey, second: bytes) -> None:
    foretold = result_of(kms, key, second, check_mode=True, enabled=False, **ROTATE)
    result = run_one(kms, key, second, enabled=False, **ROTATE)
    assert result["actions"] == foretold["actions"] == ["stage", "rotate", "disable"]
    assert (key.state, rotations(key)) == ("Disabled", 1)


def test_a_key_that_lacks_its_current_material(kms: Any, key: ExternalKey, first: bytes, second: bytes) -> None:
    key.lose_material()
    assert "lacks required key material" in refused(kms, key, second, **ROTATE)
    result = run_one(kms, key, second, previous=[first], **ROTATE)
    assert result["actions"] == ["import", "stage", "rotate"]
    assert key.state == "Enabled"


@pytest.mark.usefixtures("first")
def test_the_list_of_materials_cannot_be_read(kms: Any, emulator: Emulator, key: ExternalKey, second: bytes) -> None:
    emulator.control.denied(["ListKeyRotations"])
    result = run_failing(kms, key, second, **ROTATE)
    assert "kms:ListKeyRotations" in result["msg"]
    assert result["actions"] == []


@pytest.mark.parametrize("spec", ["HMAC_256", "ECC_NIST_P256"])
def test_other_keys_never_rotate(kms: Any, spec: str) -> None:
    key = ExternalKey.create(kms, spec)
    content = new_material(spec)
    run_one(kms, key, content, **ROTATE)
    assert run_one(kms, key, content, **ROTATE)["actions"] == []
    assert "cloudkeys.aws.rotate_by_alias" in refused(kms, key, other_material(spec), **ROTATE)


@pytest.mark.usefixtures("first")
def test_a_rotation_that_takes_longer_than_the_task_waits(
    kms: Any, emulator: Emulator, key: ExternalKey, second: bytes
) -> None:
    emulator.control.rotation(460)
    result = run_failing(kms, key, second, rotation_timeout=90, **ROTATE)
    assert result["actions"] == ["stage", "rotate"]
    assert "after 90 s" in result["msg"]
    again = run_failing(kms, key, second, rotation_timeout=90, **ROTATE)
    assert again["actions"] == [], "a rotation that runs is not begun again"
    emulator.advance(seconds=460)
    unchanged(kms, key, second, **ROTATE)
    assert rotations(key) == 1


@pytest.mark.usefixtures("first")
def test_a_key_is_not_disabled_while_a_rotation_runs(
    kms: Any, emulator: Emulator, key: ExternalKey, second: bytes
) -> None:
    """An interrupted run has started the rotation. Later steps wait for its end."""
    emulator.control.rotation(460)
    run_failing(kms, key, second, rotation_timeout=10, **ROTATE)
    result = run_failing(kms, key, second, rotation_timeout=10, enabled=False, **ROTATE)
    assert (result["actions"], key.state) == ([], "Enabled")
    assert "after 10 s" in result["msg"]
    assert result_of(kms, key, second, check_mode=True, enabled=False, **ROTATE)["actions"] == ["disable"]
    emulator.advance(seconds=460)
    assert run_one(kms, key, second, enabled=False, **ROTATE)["actions"] == ["disable"]
    unchanged(kms, key, second, enabled=False, **ROTATE)
    assert (key.state, rotations(key)) == ("Disabled", 1)


@pytest.mark.usefixtures("first")
def test_what_was_staged_gets_the_declared_expiration_when_it_is_current(
    kms: Any, emulator: Emulator, key: ExternalKey, second: bytes
) -> None:
    run_one(kms, key, second, **STAGE)
    end = in_days(emulator, 40)
    foretold = result_of(kms, key, second, check_mode=True, on_different_material="rotate", valid_to=end)
    result = run_one(kms, key, second, on_different_material="rotate", valid_to=end)
    assert result["actions"] == foretold["actions"] == ["rotate", "reimport"]
    assert key.history()[1]["ValidTo"].isoformat() == end
    unchanged(kms, key, second, on_different_material="rotate", valid_to=end)


@pytest.mark.usefixtures("first")
def test_a_task_that_does_not_wait(kms: Any, emulator: Emulator, key: ExternalKey, second: bytes) -> None:
    emulator.control.rotation(460)
    result = run_one(kms, key, second, wait_timeout=None, rotation_timeout=None, **ROTATE)
    assert result["actions"] == ["stage", "rotate"]
    assert "wait: false" in " ".join(result["warnings"])
    emulator.advance(seconds=460)
    unchanged(kms, key, second, **ROTATE)


@pytest.mark.usefixtures("first")
def test_without_the_permission_to_see_a_rotation_that_runs(
    kms: Any, emulator: Emulator, key: ExternalKey, second: bytes
) -> None:
    emulator.control.denied(["GetKeyRotationStatus"])
    emulator.control.rotation(460)
    run_failing(kms, key, second, rotation_timeout=10, **ROTATE)
    # KMS takes a second request during a rotation for the first.
    run_failing(kms, key, second, rotation_timeout=10, **ROTATE)
    emulator.advance(seconds=460)
    unchanged(kms, key, second, **ROTATE)
    assert rotations(key) == 1


def test_the_message_names_older_key_material_that_is_not_declared(
    kms: Any, emulator: Emulator, key: ExternalKey, second: bytes
) -> None:
    first = new_material(SYMMETRIC)
    key.put(first, emulator.now() + timedelta(days=20))
    run_one(kms, key, first, **{**ROTATE, "valid_to": in_days(emulator, 20), "expiration_model": None})
    old = key.current_id
    result = run_failing(kms, key, second, on_different_material="rotate", valid_for="90d", renew_before="30d")
    assert result["actions"] == ["stage", "rotate"]
    assert old in result["msg"]
    given = run_one(
        kms, key, second, previous=[first], on_different_material="rotate", valid_for="90d", renew_before="30d"
    )
    assert given["actions"] == ["reimport"]


def test_by_force_once(kms: Any, key: ExternalKey, first: bytes, second: bytes) -> None:
    """With force, KMS compares all declared key material once. Staging also counts as an import."""
    assert run_one(kms, key, first, force=True, **ROTATE)["actions"] == ["reimport"]
    result = run_one(kms, key, second, previous=[first], force=True, **ROTATE)
    assert result["actions"] == ["reimport", "stage", "rotate"]
    assert rotations(key) == 1


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize("operation", ["ImportKeyMaterial", "RotateKeyOnDemand"])
def test_a_reply_that_is_lost(kms: Any, emulator: Emulator, key: ExternalKey, second: bytes, operation: str) -> None:
    """A module's client repeats an import, but never a rotation, because KMS counts each request."""
    emulator.control.faults([{"operation": operation, "drop": True}])
    result = result_of(patient_client(kms), key, second, **ROTATE)
    if operation == "ImportKeyMaterial":
        assert result["actions"] == ["stage", "rotate"]
    else:
        assert (result["actions"], result["actions_unconfirmed"]) == (["stage"], ["rotate"])
    assert run_one(kms, key, second, **ROTATE)["actions"] == []
    assert rotations(key) == 1
