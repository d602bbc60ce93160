# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decisions of the module for each state of a key, and their prediction in check mode."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, fresh_client, run_failing, run_one
from support.materials import IMPORTABLE, SAMPLES, SYMMETRIC, new_material, other_material

from .predictions import in_days, predicted, refused

PROOFS = dict(zip(SAMPLES, ("label", "mac", "public_key", "public_key", "public_key"), strict=True))


@pytest.mark.parametrize("spec", SAMPLES)
def test_the_first_import(kms: Any, spec: str) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    result = predicted(kms, key, material, **NEVER)
    assert result["actions"] == ["import"]
    assert (result["material_match"], result["material_match_by"]) == ("same", "kms_import")
    assert result["kms_key"]["key_state"] == "Enabled"
    assert result["import"]["request_id"]
    assert result["import"]["wrapping_public_key_sha256"]
    if spec == SYMMETRIC:
        assert result["import"]["key_material_id"] == key.current_id


@pytest.mark.parametrize(("spec", "by"), list(PROOFS.items()))
def test_a_second_run_proves_that_nothing_is_to_be_done(kms: Any, spec: str, by: str) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    run_one(kms, key, material, **NEVER)
    result = predicted(kms, key, material, **NEVER)
    assert result["actions"] == []
    assert (result["material_match"], result["material_match_by"]) == ("same", by)


@pytest.mark.parametrize("spec", SAMPLES)
def test_other_material_is_refused_before_anything_is_touched(kms: Any, spec: str) -> None:
    key = ExternalKey.create(kms, spec)
    run_one(kms, key, new_material(spec), **NEVER)
    for options in ({}, {"force": True}, {"on_unknown_material": "reimport"}):
        sentence = refused(kms, key, other_material(spec), **NEVER, **options)
        assert key.arn in sentence
        assert "nothing was changed" in sentence.lower()


@pytest.mark.parametrize("spec", SAMPLES)
def test_another_expiration_is_a_reimport(kms: Any, emulator: Emulator, spec: str) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    run_one(kms, key, material, **NEVER)
    wanted = in_days(emulator, 30)
    result = predicted(kms, key, material, valid_to=wanted)
    assert result["actions"] == ["reimport"]
    assert result["kms_key"]["valid_to"] == wanted
    assert predicted(kms, key, material)["actions"] == [], "an expiration that is not declared is left alone"
    result = predicted(kms, key, material, **NEVER)
    assert result["actions"] == ["reimport"]
    assert result["kms_key"]["expiration_model"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"


@pytest.mark.parametrize("spec", SAMPLES)
def test_renewal_before_the_end(kms: Any, emulator: Emulator, spec: str) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    wanted = {"valid_for": "90d", "renew_before": "30d"}
    assert run_one(kms, key, material, **wanted)["actions"] == ["import"]
    emulator.advance(days=59)
    assert run_one(kms, key, material, **wanted)["actions"] == []
    emulator.advance(days=2)
    assert run_one(kms, key, material, **wanted)["actions"] == ["reimport"]
    assert run_one(kms, key, material, **wanted)["actions"] == []


@pytest.mark.parametrize("spec", SAMPLES)
def test_expired_material_is_imported_again(kms: Any, emulator: Emulator, spec: str) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    past = in_days(emulator, 1)
    run_one(kms, key, material, valid_to=past)
    emulator.advance(days=2)
    assert "expired as declared" in refused(kms, key, material, valid_to=past)
    assert "does not declare when it expires" in refused(kms, key, material)
    result = predicted(kms, key, material, valid_to=in_days(emulator, 10))
    assert result["actions"] == ["import"]
    assert result["kms_key"]["key_state"] == "Enabled"


@pytest.mark.parametrize("spec", SAMPLES)
def test_other_material_for_a_key_that_lost_its_own_is_refused_by_label_or_by_kms(kms: Any, spec: str) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    run_one(kms, key, material, **NEVER)
    key.lose_material()
    result = run_failing(kms, key, other_material(spec), **NEVER)
    assert result["actions"] == []
    assert result["material_match"] == "different"
    assert result["material_match_by"] == ("label" if spec == SYMMETRIC else "kms_import")
    assert key.arn in result["msg"]
    assert predicted(kms, key, material, **NEVER)["actions"] == ["import"]


@pytest.mark.parametrize(("choice", "actions"), [("accept", []), ("reimport", ["reimport"])])
def test_material_imported_by_other_means(kms: Any, choice: str, actions: list[str]) -> None:
    key = ExternalKey.imported(kms)
    foretold = run_one(kms, key, key.material, on_unknown_material=choice, check_mode=True)
    assert foretold["material_match"] == "unknown"
    result = run_one(kms, key, key.material, on_unknown_material=choice)
    assert result["actions"] == foretold["actions"] == actions
    if choice == "accept":
        (warning,) = result["warnings"]
        assert key.arn in warning
        return
    assert (result["material_match"], result["material_match_by"]) == ("same", "kms_import")
    again = run_one(kms, key, key.material, on_unknown_material=choice)
    assert again["actions"] == [], "the label is adopted"
    assert again["material_match_by"] == "label"


@pytest.mark.parametrize("choice", [None, "fail"])
def test_unknown_material_is_refused_unless_the_task_says_otherwise(kms: Any, choice: str | None) -> None:
    key = ExternalKey.imported(kms)
    sentence = refused(kms, key, key.material, on_unknown_material=choice)
    assert "run once with on_unknown_material: reimport" in sentence
    assert predicted(kms, key, key.material, on_unknown_material=choice, force=True)["actions"] == ["reimport"]
    assert run_one(kms, key, key.material, on_unknown_material=choice)["material_match_by"] == "label"


def test_kms_refuses_other_material_where_nothing_was_known(kms: Any) -> None:
    key = ExternalKey.imported(kms)
    before = key.describe()
    result = run_failing(kms, key, new_material(SYMMETRIC), on_unknown_material="reimport")
    assert (result["material_match"], result["material_match_by"]) == ("different", "kms_import")
    assert key.describe() == before


@pytest.mark.parametrize("spec", SAMPLES)
def test_force_imports_again(kms: Any, spec: str) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    run_one(kms, key, material, **NEVER)
    assert predicted(kms, key, material, force=True)["actions"] == ["reimport"]


@pytest.mark.parametrize("spec", SAMPLES)
def test_a_disabled_key_with_nothing_to_import_is_left_alone(kms: Any, spec: str) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    run_one(kms, key, material, **NEVER)
    kms.disable_key(KeyId=key.arn)
    result = predicted(kms, key, material, **NEVER)
    assert result["actions"] == []
    assert key.state == "Disabled"
    if spec == "HMAC_256":
        assert "Disabled" in result["material_match_reason"]
        assert "Disabled" in refused(kms, key, material, on_unknown_material="fail", **NEVER)


def test_a_disabled_hmac_key_is_not_imported_again_every_night(kms: Any) -> None:
    """Only an import could compare the key's material, and the import would enable the key."""
    key, material = ExternalKey.create(kms, "HMAC_256"), new_material("HMAC_256")
    wanted = {"enabled": False, "on_unknown_material": "reimport", **NEVER}
    assert predicted(kms, key, material, **wanted)["actions"] == ["import", "disable"]
    assert "unknown" in predicted(kms, key, material, **wanted)["material_match"]


@pytest.mark.parametrize(("enabled", "actions"), [(True, ["reimport"]), (False, ["reimport", "disable"])])
@pytest.mark.parametrize("spec", SAMPLES)
def test_a_disabled_key_with_an_import_due_needs_a_word(
    kms: Any, emulator: Emulator, spec: str, enabled: bool, actions: list[str]
) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    run_one(kms, key, material, **NEVER)
    kms.disable_key(KeyId=key.arn)
    wanted = {"valid_to": in_days(emulator, 5)}
    assert "Declare the state" in refused(kms, key, material, **wanted)
    assert predicted(kms, key, material, enabled=enabled, **wanted)["actions"] == actions
    assert key.state == ("Enabled" if enabled else "Disabled")


def test_without_the_permission_to_disable_a_disabled_key_is_not_imported_into(kms: Any, emulator: Emulator) -> None:
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    run_one(kms, key, material, **NEVER)
    kms.disable_key(KeyId=key.arn)
    emulator.control.denied(["DisableKey"])
    result = run_failing(kms, key, material, enabled=False, valid_to=in_days(emulator, 5))
    assert "kms:DisableKey" in result["msg"]
    assert (key.state, result["actions"], result["changed"]) == ("Disabled", [], False)


@pytest.mark.parametrize("spec", SAMPLES)
def test_enabled_is_enforced_both_ways(kms: Any, spec: str) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    assert predicted(kms, key, material, enabled=False, **NEVER)["actions"] == ["import", "disable"]
    assert predicted(kms, key, material, enabled=True, **NEVER)["actions"] == ["enable"]
    assert predicted(kms, key, material, enabled=False, **NEVER)["actions"] == ["disable"]


def test_a_description_beside_the_label(kms: Any) -> None:
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    run_one(kms, key, material, description="Payments 2027", **NEVER)
    (entry,) = key.history()
    assert entry["KeyMaterialDescription"].startswith("Payments 2027 cloudkeys.aws/v1:")
    assert predicted(kms, key, material, description="Payments")["actions"] == ["reimport"]
    assert predicted(kms, key, material)["actions"] == [], "a description that is not declared is left alone"
    (entry,) = key.history()
    assert entry["KeyMaterialDescription"].startswith("Payments cloudkeys.aws/v1:")


def test_without_a_label_nothing_is_written(kms: Any) -> None:
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    sentence = refused(kms, key, material, label=False, **NEVER)
    assert "the next run could not determine" in sentence
    assert "key_material_label: true" in sentence
    assert predicted(kms, key, material, label=False, on_unknown_material="accept", **NEVER)["actions"] == ["import"]
    (entry,) = key.history()
    assert "KeyMaterialDescription" not in entry
    result = run_one(kms, key, material, label=False, on_unknown_material="accept")
    assert result["material_match"] == "unknown"


def test_a_description_cannot_be_taken_away(kms: Any) -> None:
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    assert predicted(kms, key, material, description="", **NEVER)["actions"] == ["import"]
    assert predicted(kms, key, material, description="payments", **NEVER)["actions"] == ["reimport"]
    assert "cannot remove a description" in refused(kms, key, material, description="", label=False, **NEVER)
    assert predicted(kms, key, material, description="", **NEVER)["actions"] == ["reimport"]
    (entry,) = key.history()
    assert entry["KeyMaterialDescription"].startswith("cloudkeys.aws/v1:")


def test_a_long_description_of_another_user(kms: Any) -> None:
    """It is not shortened to fit a label. Tasks that need no import are not refused."""
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    key.put(material, KeyMaterialDescription="x" * 250)
    accepted = run_one(kms, key, material, on_unknown_material="accept", **NEVER)
    assert accepted["actions"] == []
    assert "no room" in " ".join(accepted["warnings"])
    key.lose_material()
    assert "shorter key_material_description" in refused(kms, key, material, **NEVER)
    assert run_one(kms, key, material, description="payments", **NEVER)["actions"] == ["import"]
    assert run_one(kms, key, material, **NEVER)["material_match_by"] == "label"


def test_a_copied_label_is_called_out(kms: Any) -> None:
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    run_one(kms, key, material, **NEVER)
    (entry,) = key.history()
    key.stage(KeyMaterialDescription=entry["KeyMaterialDescription"])
    sentence = refused(kms, key, material, **NEVER)
    assert "same label" in sentence


@pytest.mark.parametrize(
    ("spec", "operation"),
    [(SYMMETRIC, "ListKeyRotations"), ("HMAC_256", "VerifyMac"), ("RSA_2048", "GetPublicKey")],
)
def test_a_proof_that_cannot_be_read_leaves_the_match_unknown(
    kms: Any, emulator: Emulator, spec: str, operation: str
) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    emulator.control.denied([operation])
    accept = {"on_unknown_material": "accept"}
    assert run_one(kms, key, material, **accept, **NEVER)["actions"] == ["import"]
    result = predicted(kms, key, material, **accept, **NEVER)
    assert result["actions"] == []
    assert result["material_match"] == "unknown"
    assert f"kms:{operation} is denied" in result["material_match_reason"]
    assert f"kms:{operation} is denied" in refused(kms, key, material, **NEVER)
    assert run_one(kms, key, material, valid_to=in_days(emulator, 9), **accept)["actions"] == ["reimport"]


def test_without_the_list_of_materials_the_first_import_is_refused_or_succeeds(kms: Any, emulator: Emulator) -> None:
    """The task does not wait for a label that it cannot read."""
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    emulator.control.denied(["ListKeyRotations"])
    sentence = refused(kms, key, material, **NEVER)
    assert "kms:ListKeyRotations" in sentence
    result = predicted(kms, key, material, on_unknown_material="accept", **NEVER)
    assert result["actions"] == ["import"]
    assert result["kms_key"]["key_state"] == "Enabled"
    emulator.control.denied([])
    assert run_one(kms, key, material, **NEVER)["material_match_by"] == "label", "it was written all the same"


def test_a_label_that_could_not_be_read_is_not_overwritten(kms: Any, emulator: Emulator) -> None:
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    run_one(kms, key, material, description="Kept", **NEVER)
    emulator.control.denied(["ListKeyRotations"])
    assert run_one(kms, key, material, force=True, on_unknown_material="accept")["actions"] == ["reimport"]
    emulator.control.denied([])
    (entry,) = key.history()
    assert entry["KeyMaterialDescription"].startswith("Kept cloudkeys.aws/v1:")


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_an_import_waits_until_kms_shows_it(kms: Any, emulator: Emulator, spec: str) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    emulator.control.stale_reads(0.5)
    result = run_one(kms, key, material, **NEVER)
    assert not result.get("failed"), result["msg"]
    assert result["kms_key"]["key_state"] == "Enabled"
    emulator.control.stale_reads(0)
    assert run_one(kms, key, material, **NEVER)["actions"] == []


def test_an_import_waits_for_the_list_of_materials(kms: Any) -> None:
    """ListKeyRotations may be behind DescribeKey; only it returns the label."""
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    client, asked = fresh_client(kms), itertools.count()

    def show_nothing_yet(parsed: dict[str, Any], **_event: Any) -> None:
        if parsed["Rotations"] and next(asked) < 2:
            parsed["Rotations"] = []

    client.meta.events.register("after-call.kms.ListKeyRotations", show_nothing_yet)
    result = run_one(client, key, material, **NEVER)
    (entry,) = result["kms_key"]["materials"]
    assert result["diff"]["after"]["key_material_label"] == entry["description"]
    assert next(asked) > 2


def test_an_import_that_does_not_show_in_time(kms: Any, emulator: Emulator) -> None:
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    emulator.control.stale_reads(86_400)
    result = run_failing(kms, key, material, wait_timeout=1, **NEVER)
    assert result["actions"] == ["import"]
    assert result["changed"], "the import was made, and the result says so"
    assert "wait_timeout" in result["msg"]
    emulator.control.stale_reads(0)
    assert run_one(kms, key, material, **NEVER)["actions"] == []


def test_keys_that_cannot_have_imported_material(kms: Any) -> None:
    generated = kms.create_key()["KeyMetadata"]
    result = run_failing(kms, generated["Arn"], new_material(SYMMETRIC), **NEVER)
    assert "EXTERNAL" in result["msg"]


def test_identifiers_of_every_form(kms: Any) -> None:
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    kms.create_alias(AliasName=f"alias/of-{key.id}", TargetKeyId=key.id)
    alias_arn = key.arn.replace(f"key/{key.id}", f"alias/of-{key.id}")
    assert run_one(kms, f"alias/of-{key.id}", material, **NEVER)["actions"] == ["import"]
    for name in (key.id, key.arn, alias_arn):
        assert run_one(kms, name, material, **NEVER)["material_match_by"] == "label"


def test_a_key_that_changes_between_the_visits_is_looked_at_again(kms: Any) -> None:
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    tampering = fresh_client(kms)

    def import_it_first(**_event: Any) -> None:
        tampering.meta.events.unregister("after-call.kms.GetParametersForImport", import_it_first)
        key.put(material)

    tampering.meta.events.register("after-call.kms.GetParametersForImport", import_it_first)
    result = run_one(tampering, key, material, on_unknown_material="accept", **NEVER)
    assert result["actions"] == []
    assert result["material_match"] == "unknown", "the other import wrote no label"
