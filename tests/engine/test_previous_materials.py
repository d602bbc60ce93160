# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""previous_key_materials: a rotated key is usable only while all of its key materials are imported."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, result_of, run_failing, run_one
from support.materials import SYMMETRIC, new_material
from support.wrapping import wrap

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.sources import Sources

from .predictions import fails_usefully, in_days, predicted, refused, time_standing_still

pytestmark = pytest.mark.usefixtures("short_rotations")

ROTATE = {"on_different_material": "rotate", **NEVER}


@pytest.fixture
def materials() -> list[bytes]:
    """The newest first, as a task gives them."""
    return [new_material(SYMMETRIC) for _number in range(3)]


@pytest.fixture
def key(kms: Any, materials: list[bytes]) -> ExternalKey:
    """Rotated twice, by tasks."""
    key = ExternalKey.create(kms)
    run_one(kms, key, materials[2], **NEVER)
    run_one(kms, key, materials[1], **ROTATE)
    run_one(kms, key, materials[0], **ROTATE)
    return key


@pytest.fixture
def unlabeled(kms: Any, emulator: Emulator, materials: list[bytes]) -> ExternalKey:
    """The same key, made by other means."""
    key = ExternalKey.create(kms)
    key.put(materials[2])
    for content in (materials[1], materials[0]):
        key.stage(content)
        emulator.rotate(key)
    return key


def imports(result: dict[str, Any]) -> list[str]:
    """The order of the imports, by the IDs of the materials."""
    own = [result["import"]["key_material_id"]] if "import" in result else []
    return [one["key_material_id"] for one in result.get("previous_imports", [])] + own


def test_an_expiration_that_cannot_be_had_is_named_with_its_entry(
    kms: Any, key: ExternalKey, materials: list[bytes]
) -> None:
    past = {"content": materials[2], "valid_to": "2020-01-01T00:00:00Z"}
    told = refused(kms, key, materials[0], previous=[materials[1], past], **NEVER)
    assert told.startswith("previous_key_materials[1]: valid_to, 2020-01-01T00:00:00+00:00, is not in the future")


def test_after_a_loss_all_of_them_are_restored_the_oldest_first(
    kms: Any, key: ExternalKey, materials: list[bytes]
) -> None:
    names = [entry["KeyMaterialId"] for entry in key.history()]
    for name in names:
        key.lose_material(name)
    result = predicted(kms, key, materials[0], previous=materials[1:], **NEVER)
    assert result["actions"] == ["import"] * 3
    assert imports(result) == names
    assert key.state == "Enabled"


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_one_that_is_lost_is_restored(kms: Any, key: ExternalKey, materials: list[bytes], lost: int) -> None:
    name = key.history()[lost]["KeyMaterialId"]
    key.lose_material(name)
    result = predicted(kms, key, materials[0], previous=materials[1:], **NEVER)
    assert imports(result) == [name]
    assert key.state == "Enabled"


def test_each_has_its_own_expiration(kms: Any, emulator: Emulator, key: ExternalKey, materials: list[bytes]) -> None:
    end = in_days(emulator, 50)
    options: dict[str, Any] = {
        "previous": [materials[1], {"content": materials[2], "valid_to": end}],
        "valid_for": "90d",
        "renew_before": "30d",
    }
    result = run_one(kms, key, materials[0], **options)
    assert result["actions"] == ["reimport"] * 3
    oldest, older, current = key.history()
    assert oldest["ValidTo"].isoformat() == end
    assert older["ValidTo"] == current["ValidTo"] != oldest["ValidTo"]
    assert run_one(kms, key, materials[0], **options)["changed"] is False
    emulator.advance(days=61)
    assert "is in the past" in run_failing(kms, key, materials[0], **options)["msg"]
    options["previous"] = materials[1:]
    with time_standing_still(emulator):
        renewed = predicted(kms, key, materials[0], **options)
    assert sorted(renewed["actions"]) == ["import", "reimport", "reimport"]


def test_without_labels_kms_says_which_is_which(kms: Any, unlabeled: ExternalKey, materials: list[bytes]) -> None:
    names = [entry["KeyMaterialId"] for entry in unlabeled.history()]
    foretold = result_of(kms, unlabeled, materials[0], previous=materials[1:], check_mode=True, **ROTATE)
    result = run_one(kms, unlabeled, materials[0], previous=materials[1:], **ROTATE)
    assert result["actions"] == foretold["actions"] == ["reimport"] * 3
    assert imports(result) == names
    again = run_one(kms, unlabeled, materials[0], previous=materials[1:], **ROTATE)
    assert again["changed"] is False
    assert [one["key_material_id"] for one in again["previous_key_materials"]] == [names[1], names[0]]


def test_without_labels_all_that_was_lost_is_restored(kms: Any, unlabeled: ExternalKey, materials: list[bytes]) -> None:
    for entry in unlabeled.history():
        unlabeled.lose_material(entry["KeyMaterialId"])
    result = run_one(kms, unlabeled, materials[0], previous=materials[1:], **NEVER)
    assert result["actions"] == ["import"] * 3
    assert unlabeled.state == "Enabled"


def test_an_id_is_a_claim_that_kms_checks(kms: Any, unlabeled: ExternalKey, materials: list[bytes]) -> None:
    oldest, older, _current = (entry["KeyMaterialId"] for entry in unlabeled.history())
    swapped = [
        {"content": materials[1], "key_material_id": oldest},
        {"content": materials[2], "key_material_id": older},
    ]
    result = run_failing(kms, unlabeled, materials[0], previous=swapped, **ROTATE)
    assert "previous_key_materials[1]" in result["msg"]
    right = [
        {"content": materials[1], "key_material_id": older},
        {"content": materials[2], "key_material_id": oldest},
    ]
    assert run_one(kms, unlabeled, materials[0], previous=right, **ROTATE)["actions"] == ["reimport"] * 3
    assert run_one(kms, unlabeled, materials[0], previous=right, **ROTATE)["changed"] is False


def test_what_the_key_never_had(kms: Any, key: ExternalKey, materials: list[bytes]) -> None:
    stranger = new_material(SYMMETRIC)
    sentence = refused(kms, key, materials[0], previous=[materials[1], stranger], **NEVER)
    assert "previous_key_materials[1]" in sentence
    named = {"content": materials[1], "key_material_id": "0" * 64}
    assert "0" * 64 in refused(kms, key, materials[0], previous=[named], **NEVER)


def test_what_the_key_never_had_and_no_label_tells(kms: Any, unlabeled: ExternalKey, materials: list[bytes]) -> None:
    stranger = new_material(SYMMETRIC)
    result = run_failing(kms, unlabeled, materials[0], previous=[stranger], **ROTATE)
    assert "previous_key_materials[0]" in result["msg"]
    assert result["actions"] == []


def test_the_same_material_twice(kms: Any, key: ExternalKey, materials: list[bytes]) -> None:
    assert "same key material" in refused(kms, key, materials[0], previous=[materials[0]], **NEVER)
    assert "same key material" in refused(kms, key, materials[0], previous=[materials[1], materials[1]], **NEVER)


def test_older_key_materials_that_are_not_declared(
    kms: Any, emulator: Emulator, key: ExternalKey, materials: list[bytes]
) -> None:
    """The task fails if they are missing or expire within renew_before."""
    renewed: dict[str, Any] = {"valid_for": "90d", "renew_before": "30d"}
    run_one(kms, key, materials[0], previous=materials[1:], **renewed)
    assert run_one(kms, key, materials[0], **renewed)["changed"] is False
    emulator.advance(days=65)
    with time_standing_still(emulator):
        result = fails_usefully(kms, key, materials[0], previous=[materials[1]], **renewed)
    oldest = key.history()[0]
    assert result["actions"] == ["reimport", "reimport"]
    assert oldest["KeyMaterialId"] in result["msg"]
    assert oldest["ValidTo"].isoformat() in result["msg"]
    emulator.advance(days=26)
    with time_standing_still(emulator):
        result = fails_usefully(kms, key, materials[0], previous=[materials[1]], **renewed)
        assert "not usable" in result["msg"]
        assert predicted(kms, key, materials[0], previous=materials[1:], **renewed)["actions"] == ["import"]


@pytest.mark.parametrize("given", [1, 2])
def test_what_only_kms_can_recognize_is_no_failure_in_check_mode_where_all_are_given(
    kms: Any, emulator: Emulator, materials: list[bytes], given: int
) -> None:
    """If fewer are given than have no label, one that expires soon is not renewed, and the task cannot name it."""
    soon = emulator.now() + timedelta(days=5)
    key = ExternalKey.create(kms)
    key.put(materials[2], soon)
    for content in (materials[1], materials[0]):
        key.stage(content, soon)
        emulator.rotate(key)
    options: dict[str, Any] = {"valid_for": "90d", "renew_before": "30d", "on_unknown_material": "reimport"}
    options["previous"] = materials[1 : 1 + given]
    foretold = result_of(kms, key, materials[0], check_mode=True, **options)
    result = result_of(kms, key, materials[0], **options)
    assert bool(foretold.get("failed")) == bool(result.get("failed")) == (given == 1), foretold.get("msg")


def test_a_disabled_key_stays_disabled(kms: Any, key: ExternalKey, materials: list[bytes]) -> None:
    kms.disable_key(KeyId=key.arn)
    key.lose_material(key.history()[0]["KeyMaterialId"])
    after_the_loss = key.state
    result = predicted(kms, key, materials[0], previous=materials[1:], enabled=False, **NEVER)
    assert (after_the_loss, key.state) == ("PendingImport", "Disabled")
    assert result["actions"] == ["import", "disable"]


def test_the_list_is_needed(kms: Any, emulator: Emulator, key: ExternalKey, materials: list[bytes]) -> None:
    emulator.control.denied(["ListKeyRotations"])
    sentence = refused(kms, key, materials[0], previous=materials[1:], on_unknown_material="accept", **NEVER)
    assert "kms:ListKeyRotations" in sentence


@pytest.mark.parametrize("spec", ["HMAC_256", "ECC_NIST_P256"])
def test_keys_without_older_ones(kms: Any, spec: str) -> None:
    key, content = ExternalKey.create(kms, spec), new_material(spec)
    run_one(kms, key, content, **NEVER)
    assert "no older ones" in refused(kms, key, content, previous=[new_material(spec)], **NEVER)


def test_a_new_key_has_no_older_ones(kms: Any, materials: list[bytes]) -> None:
    key = ExternalKey.create(kms)
    assert "never had key material" in refused(kms, key, materials[0], previous=materials[1:], **NEVER)


def test_many_materials_in_any_order(kms: Any, emulator: Emulator) -> None:
    key, materials = ExternalKey.create(kms), [new_material(SYMMETRIC) for _number in range(6)]
    key.put(materials[0], emulator.now() + timedelta(days=3))
    for content in materials[1:]:
        key.stage(content)
        emulator.rotate(key)
    older = materials[:-1]
    random.Random(11).shuffle(older)
    assert run_one(kms, key, materials[-1], previous=older, **ROTATE)["actions"] == ["reimport"] * 6
    assert run_one(kms, key, materials[-1], previous=older, **ROTATE)["changed"] is False


@pytest.mark.parametrize("made", ["key", "unlabeled"])
def test_force_imports_each_of_them_again_and_once(
    kms: Any, made: str, materials: list[bytes], request: pytest.FixtureRequest
) -> None:
    """KMS then compares each of them. A label can be copied."""
    key: ExternalKey = request.getfixturevalue(made)
    names = [entry["KeyMaterialId"] for entry in key.history()]
    options: dict[str, Any] = {"force": True, "on_unknown_material": "reimport", "label": False}
    before = key.history()
    result = run_one(kms, key, materials[0], previous=materials[1:], **options)
    assert result["actions"] == ["reimport"] * 3
    assert imports(result) == names
    proofs = [result, *result["previous_key_materials"]]
    assert [(one["material_match"], one["material_match_by"]) for one in proofs] == [("same", "kms_import")] * 3
    assert [one["key_material_id"] for one in result["previous_key_materials"]] == [names[1], names[0]]
    assert key.history() == before


def test_kms_says_which_of_several_copies_is_wrong(kms: Any, unlabeled: ExternalKey, materials: list[bytes]) -> None:
    oldest, older, _current = (entry["KeyMaterialId"] for entry in unlabeled.history())
    given = [
        {"content": new_material(SYMMETRIC), "key_material_id": older},
        {"content": materials[2], "key_material_id": oldest},
    ]
    options: dict[str, Any] = {"force": True, "on_unknown_material": "reimport"}
    result = run_failing(kms, unlabeled, materials[0], previous=given, **options)
    wrong, right = result["previous_key_materials"]
    assert (wrong["material_match"], wrong["material_match_by"]) == ("different", "kms_import")
    assert (right["material_match"], right["material_match_by"]) == ("same", "kms_import")
    assert result["material_match"] == "unknown", "KMS was not asked any more"


@pytest.mark.parametrize("lost", [[0], [0, 2]], ids=["an-older-one", "the-current-one-too"])
def test_nothing_is_staged_before_kms_has_said_that_nothing_is_missing(
    kms: Any, unlabeled: ExternalKey, materials: list[bytes], lost: list[int]
) -> None:
    """One that is there is given for one that is lost."""
    run_one(kms, unlabeled, materials[0], on_unknown_material="reimport", **NEVER)
    names = [entry["KeyMaterialId"] for entry in unlabeled.history()]
    for place in lost:
        unlabeled.lose_material(names[place])
    others = [materials[1], *([materials[2]] if len(lost) > 1 else [])]
    result = run_failing(kms, unlabeled, new_material(SYMMETRIC), previous=others, **ROTATE)
    assert f"lacks required key material, {names[lost[-1]]}" in result["msg"]
    assert not {"stage", "rotate"} & set(result["actions"])
    assert [entry["KeyMaterialId"] for entry in unlabeled.history()] == names


def test_a_rotation_that_is_refused_after_an_import_does_not_say_that_nothing_was_touched(
    kms: Any, key: ExternalKey, materials: list[bytes]
) -> None:
    """The current key material is known to be another only after the older one was imported."""
    run_one(kms, key, new_material(SYMMETRIC), on_different_material="stage", **NEVER)
    oldest = key.history()[0]["KeyMaterialId"]
    key.put(materials[0], ImportType="EXISTING_KEY_MATERIAL", KeyMaterialDescription="without a label")
    key.lose_material(oldest)
    result = run_failing(kms, key, new_material(SYMMETRIC), previous=[materials[2]], **ROTATE)
    assert result["actions"] == ["import"]
    assert "is already staged" in result["msg"]
    assert "nothing was changed" not in result["msg"].lower()


@pytest.mark.parametrize("options", [{}, {"on_different_material": "rotate"}], ids=["", "rotate"])
def test_nothing_is_accepted_beside_the_current_one(
    kms: Any, key: ExternalKey, materials: list[bytes], options: dict[str, Any]
) -> None:
    """The current key material is given as an older one, and as the current one something that cannot be compared."""
    parameters = key.parameters()
    own = Sources(
        encrypted_key_material=wrap(parameters["algorithm"], parameters["PublicKey"], new_material(SYMMETRIC)),
        import_token=parameters["ImportToken"],
        origin="a ciphertext",
    )
    given: dict[str, Any] = {"sources": own, "previous": [materials[0]], "on_unknown_material": "accept", **NEVER}
    assert "previous_key_materials[0] is the current key material" in refused(kms, key, None, **given, **options)


def test_without_labels_no_region_is_left_out(kms: Any, emulator: Emulator) -> None:
    """Older key material that a later run cannot recognize is imported in every Region, or in none."""
    older, current = new_material(SYMMETRIC), new_material(SYMMETRIC)
    key = ExternalKey.create(kms, MultiRegion=True)
    key.put(older)
    replica = emulator.replicate(key)
    emulator.control.rotation(0.01)
    options: dict[str, Any] = {"replicas": True, **NEVER}
    replica.put(older)
    run_one(kms, key, current, on_different_material="rotate", **options)
    key.lose_material(key.history()[0]["KeyMaterialId"])
    replica.lose_material(key.history()[0]["KeyMaterialId"])
    result = run_failing(kms, key, current, previous=[older], label=False, **options)
    assert (result["changed"], result["actions"]) == (False, [])
    run_one(kms, key, current, previous=[older], label=False, on_unknown_material="reimport", **options)
    assert (key.state, replica.state) == ("Enabled", "Enabled")


def test_what_is_to_fail_fails_too_where_expirations_differ(kms: Any, emulator: Emulator) -> None:
    """KMS holds all of them, and nothing tells which one is given."""
    first, second, third = (new_material(SYMMETRIC) for _one in range(3))
    key = ExternalKey.create(kms)
    emulator.control.rotation(0.01)
    key.put(first)
    key.stage(second, emulator.now() + 50 * emulator.day)
    emulator.rotate(key)
    run_one(kms, key, third, on_different_material="rotate", **NEVER)
    said = refused(kms, key, third, previous=[second], on_unknown_material="fail", **NEVER)
    assert "it is unknown whether one of its key materials is previous_key_materials[0]" in said
