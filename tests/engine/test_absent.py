# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key material is deleted only if it is known to match the task's key material, or with force."""

from __future__ import annotations

from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, fresh_client, run_failing, run_one
from support.materials import SAMPLES, SYMMETRIC, new_material, other_material

from .predictions import in_days, predicted, refused

READS = {SYMMETRIC: "ListKeyRotations", "HMAC_256": "VerifyMac"}


@pytest.mark.parametrize("spec", SAMPLES)
def test_absent(kms: Any, spec: str) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    assert predicted(kms, key, material, state="absent")["actions"] == []
    run_one(kms, key, material, **NEVER)
    assert "hold a copy" in refused(kms, key, None, state="absent")
    assert "other key material" in refused(kms, key, other_material(spec), state="absent")
    result = predicted(kms, key, material, state="absent")
    assert result["actions"] == ["delete"]
    assert "stops working" in " ".join(result["warnings"])
    assert key.state == "PendingImport"
    run_one(kms, key, material, **NEVER)
    assert predicted(kms, key, None, state="absent", force=True)["actions"] == ["delete"]


def test_absent_in_a_key_that_is_to_be_deleted(kms: Any) -> None:
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    run_one(kms, key, material, **NEVER)
    kms.schedule_key_deletion(KeyId=key.arn)
    assert "CancelKeyDeletion" in refused(kms, key, material, **NEVER)
    assert predicted(kms, key, material, state="absent")["actions"] == ["delete"]


@pytest.mark.parametrize("choice", [None, "fail", "accept", "reimport"])
@pytest.mark.parametrize("spec", SAMPLES)
def test_kms_compares_what_nothing_else_can(kms: Any, emulator: Emulator, spec: str, choice: str | None) -> None:
    """The option on_unknown_material has no effect here: it applies to keys that keep their key material."""
    key = ExternalKey.create(kms, spec)
    material = new_material(spec)
    run_one(kms, key, material, valid_to=in_days(emulator, 9), label=False, on_unknown_material="accept")
    before = key.describe()
    emulator.control.denied([READS.get(spec, "GetPublicKey")])
    other = run_failing(kms, key, other_material(spec), state="absent", on_unknown_material=choice)
    assert (other["material_match"], other["material_match_by"]) == ("different", "kms_import")
    assert other["actions"] == []
    assert key.describe() == before
    result = predicted(kms, key, material, state="absent", on_unknown_material=choice)
    assert result["actions"] == ["reimport", "delete"]
    assert (result["material_match"], result["material_match_by"]) == ("same", "kms_import")
    assert key.state == "PendingImport"


@pytest.mark.parametrize("spec", [SYMMETRIC, "HMAC_256"])
def test_what_kms_cannot_compare_now_is_not_deleted(kms: Any, spec: str) -> None:
    key = ExternalKey.imported(kms, spec)
    kms.disable_key(KeyId=key.arn)
    assert "enable the key first" in refused(kms, key, key.material, state="absent")
    kms.schedule_key_deletion(KeyId=key.arn)
    assert "CancelKeyDeletion" in refused(kms, key, key.material, state="absent")
    assert predicted(kms, key, key.material, state="absent", force=True)["actions"] == ["delete"]


def test_without_the_permission_to_import_nothing_is_deleted(kms: Any, emulator: Emulator) -> None:
    key = ExternalKey.imported(kms)
    emulator.control.denied(["ImportKeyMaterial"])
    result = run_failing(kms, key, key.material, state="absent")
    assert (result["actions"], key.state) == ([], "Enabled")


def test_one_of_several_materials(kms: Any, emulator: Emulator) -> None:
    """The key is unusable because another key material is missing. KMS still compares."""
    key = ExternalKey.imported(kms)
    first = key.current_id
    second = new_material(SYMMETRIC)
    key.stage(second)
    emulator.rotate(key)
    key.lose_material(first)
    assert key.state == "PendingImport"
    assert predicted(kms, key, second, state="absent")["actions"] == ["reimport", "delete"]


def behind(kms: Any, key: ExternalKey) -> Any:
    """A client whose ListKeyRotations keeps returning its present response."""
    client = fresh_client(kms)
    answer = client.list_key_rotations(KeyId=key.arn, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    client.list_key_rotations = lambda **_request: answer
    return client


@pytest.mark.parametrize("imported", [True, False])
def test_a_list_from_before_a_rotation_or_import_proves_nothing(kms: Any, emulator: Emulator, imported: bool) -> None:
    """The label of the previous key material does not identify the current key material."""
    key, first = ExternalKey.create(kms), new_material(SYMMETRIC)
    if imported:
        run_one(kms, key, first, **NEVER)
    client = behind(kms, key)
    if imported:
        key.stage(other_material(SYMMETRIC))
        emulator.rotate(key)
    else:
        key.put(other_material(SYMMETRIC))
    before = key.history()
    result = run_failing(client, key, first, state="absent", wait_timeout=1)
    assert (result["material_match"], result["material_match_by"]) == ("different", "kms_import")
    assert result["actions"] == []
    assert key.history() == before
    assert "does not contain" in run_failing(client, key, first, wait_timeout=1, **NEVER)["msg"]


def test_a_key_that_lacks_an_unknown_one_of_its_materials(kms: Any, emulator: Emulator) -> None:
    """Without the list, the task cannot determine the current one. It reports that nothing was deleted."""
    key = ExternalKey.imported(kms)
    older, material = key.current_id, other_material(SYMMETRIC)
    key.stage(material)
    emulator.rotate(key)
    key.lose_material(older)
    emulator.control.denied(["ListKeyRotations"])
    result = run_one(kms, key, material, state="absent")
    assert result["changed"] is False
    assert "may still hold the current one" in " ".join(result["warnings"])
