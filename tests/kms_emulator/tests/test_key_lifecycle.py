# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transitions between key states with imported material: enable, disable, schedule and cancel deletion."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.external_key import ExternalKey
from support.materials import IMPORTABLE, SYMMETRIC, new_material

from .answers import UNSOURCED, refused, unexpected_material

if TYPE_CHECKING:
    from support.emulator import Emulator


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_disabling_and_enabling(kms: Any, spec: str) -> None:
    """Documented: Enable and disable keys."""
    key = ExternalKey.imported(kms, spec)
    enabled = key.describe()
    kms.disable_key(KeyId=key.arn)
    assert key.describe() == enabled | {"KeyState": "Disabled", "Enabled": False}
    kms.enable_key(KeyId=key.arn)
    assert key.describe() == enabled


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_an_import_enables_a_disabled_key(kms: Any, spec: str) -> None:
    """Observed: stackd imports.json, after_disabled_import; documented: ImportKeyMaterial, "changes to Enabled"."""
    key = ExternalKey.imported(kms, spec)
    kms.disable_key(KeyId=key.arn)
    key.put(key.material)
    assert key.state == "Enabled"


def test_a_refused_import_leaves_a_disabled_key_disabled(kms: Any) -> None:
    """Assumed: no source documents that a failed import changes anything."""
    key = ExternalKey.imported(kms)
    kms.disable_key(KeyId=key.arn)
    with unexpected_material(key.current_id):
        key.put(new_material(SYMMETRIC))
    assert key.state == "Disabled"


def test_importing_one_of_two_missing_materials_does_not_enable_a_disabled_key(kms: Any, emulator: Emulator) -> None:
    """Documented: ImportKeyMaterial: Enabled only after all permanently associated materials are imported."""
    key = ExternalKey.imported(kms)
    first_material = key.material
    key.stage()
    emulator.rotate(key)
    kms.disable_key(KeyId=key.arn)
    for entry in key.history():
        key.lose_material(entry["KeyMaterialId"])
    key.put(first_material)
    assert key.state == "PendingImport"


@pytest.mark.parametrize("days", [7, 30, None])
def test_a_key_waits_for_its_deletion(kms: Any, emulator: Emulator, days: int | None) -> None:
    """Documented: ScheduleKeyDeletion (7 to 30 days, 30 by default); fields observed: stackd imports.json."""
    key = ExternalKey.imported(kms)
    request = {"PendingWindowInDays": days} if days else {}
    answer = kms.schedule_key_deletion(KeyId=key.id, **request)
    assert (answer["KeyId"], answer["KeyState"]) == (key.arn, "PendingDeletion")
    assert answer["PendingWindowInDays"] == (days or 30)
    expected = emulator.now() + timedelta(days=days or 30)
    assert abs(answer["DeletionDate"] - expected) < timedelta(seconds=10)
    metadata = key.describe()
    assert (metadata["KeyState"], metadata["Enabled"]) == ("PendingDeletion", False)
    assert metadata["DeletionDate"] == answer["DeletionDate"]


@pytest.mark.parametrize("days", [6, 31])
def test_other_waiting_periods_are_refused(kms: Any, days: int) -> None:
    """Documented: ScheduleKeyDeletion, PendingWindowInDays; the code is assumed from the generic list."""
    key = ExternalKey.imported(kms)
    with refused("ValidationException", UNSOURCED):
        kms.schedule_key_deletion(KeyId=key.arn, PendingWindowInDays=days)
    assert key.state == "Enabled"


def test_a_key_is_gone_after_its_waiting_period(kms: Any, emulator: Emulator) -> None:
    """Documented: ScheduleKeyDeletion; text observed: stackd multi_region.json, cleanup_followup."""
    key = ExternalKey.imported(kms)
    kms.schedule_key_deletion(KeyId=key.arn, PendingWindowInDays=7)
    emulator.advance(days=6, hours=23)
    assert key.state == "PendingDeletion"
    emulator.advance(hours=2)
    with refused("NotFoundException", f"Key '{key.arn}' does not exist"):
        key.describe()


def test_a_canceled_deletion_leaves_the_key_disabled(kms: Any) -> None:
    """Documented: CancelKeyDeletion; observed: stackd multi_region.json, primary_after_cancel."""
    key = ExternalKey.imported(kms)
    enabled = key.describe()
    kms.schedule_key_deletion(KeyId=key.arn)
    assert kms.cancel_key_deletion(KeyId=key.id)["KeyId"] == key.arn
    assert key.describe() == enabled | {"KeyState": "Disabled", "Enabled": False}


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_a_canceled_deletion_without_material_ends_in_pending_import(kms: Any, spec: str) -> None:
    """Observed for a symmetric key: stackd imports.json, after_cancel_missing_material."""
    key = ExternalKey.imported(kms, spec)
    key.lose_material()
    lost = key.describe()
    kms.schedule_key_deletion(KeyId=key.arn)
    kms.cancel_key_deletion(KeyId=key.arn)
    assert key.describe() == lost


def test_material_that_expires_during_a_pending_deletion(kms: Any, emulator: Emulator) -> None:
    """Assumed: the state stays PendingDeletion, as for deleted material; after cancellation it is PendingImport."""
    key = ExternalKey.create(kms)
    key.put(new_material(SYMMETRIC), emulator.now() + timedelta(days=1))
    kms.schedule_key_deletion(KeyId=key.arn)
    emulator.advance(days=2)
    assert key.state == "PendingDeletion"
    kms.cancel_key_deletion(KeyId=key.arn)
    assert key.state == "PendingImport"


def test_a_key_is_found_among_all_keys_in_every_state(kms: Any) -> None:
    """Documented: ListKeys, all keys of the account and Region."""
    made = {ExternalKey.create(kms).id, ExternalKey.imported(kms).id}
    listed = {key["KeyId"] for page in kms.get_paginator("list_keys").paginate() for key in page["Keys"]}
    assert made <= listed


def test_a_recreated_symmetric_key_does_not_decrypt(kms: Any) -> None:
    """Documented: Delete keys: ciphertext is bound to the KMS key, not to its material; the error is assumed."""
    key = ExternalKey.imported(kms)
    again = ExternalKey.create(kms)
    again.put(key.material)
    blob = kms.encrypt(KeyId=key.arn, Plaintext=b"secret")["CiphertextBlob"]
    with refused("IncorrectKeyException", UNSOURCED):
        kms.decrypt(KeyId=again.arn, CiphertextBlob=blob)
