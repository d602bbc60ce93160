# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A symmetric key with several key materials is usable only while all of them are imported."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, fresh_client, run_failing, run_one
from support.materials import SYMMETRIC, new_material

from .predictions import fails_usefully, in_days, predicted, refused, time_standing_still

RENEWED = {"valid_for": "90d", "renew_before": "30d"}


@pytest.fixture
def materials() -> list[bytes]:
    return [new_material(SYMMETRIC), new_material(SYMMETRIC)]


def rotated(kms: Any, emulator: Emulator, materials: list[bytes], older_days: int | None = None) -> ExternalKey:
    """A key whose first material expires in so many days, and whose second is current, labeled, and does not."""
    first, second = materials
    key = ExternalKey.create(kms)
    key.put(first, None if older_days is None else emulator.now() + timedelta(days=older_days))
    key.stage(second)
    emulator.rotate(key)
    run_one(kms, key, second, on_unknown_material="reimport", **NEVER)
    return key


def test_other_key_material_than_the_current_one(kms: Any, emulator: Emulator, materials: list[bytes]) -> None:
    key = ExternalKey.create(kms)
    run_one(kms, key, materials[0], **NEVER)
    key.stage(materials[1])
    assert predicted(kms, key, materials[0], **NEVER)["actions"] == [], "staged material changes nothing yet"
    emulator.rotate(key)
    assert "earlier key material" in refused(kms, key, materials[0], **NEVER)


def test_a_key_that_lacks_another_material_fails(kms: Any, emulator: Emulator, materials: list[bytes]) -> None:
    key = rotated(kms, emulator, materials)
    older = key.history()[0]["KeyMaterialId"]
    key.lose_material(older)
    sentence = refused(kms, key, materials[1], **NEVER)
    assert older in sentence
    assert "not usable" in sentence


def test_what_can_be_imported_is_before_it_fails(kms: Any, emulator: Emulator, materials: list[bytes]) -> None:
    key = rotated(kms, emulator, materials)
    older = key.history()[0]["KeyMaterialId"]
    for name in (older, key.current_id):
        key.lose_material(name)
    result = fails_usefully(kms, key, materials[1], **NEVER)
    assert (result["actions"], result["changed"]) == (["import"], True)
    assert older in result["msg"]
    assert key.states() == [("NON_CURRENT", "PENDING_IMPORT"), ("CURRENT", "IMPORTED")]
    key.put(materials[0], ImportType="EXISTING_KEY_MATERIAL", KeyMaterialId=older)
    assert predicted(kms, key, materials[1], **NEVER)["actions"] == []


@pytest.mark.parametrize("lag", [True, False])
def test_an_older_material_that_expired(kms: Any, emulator: Emulator, materials: list[bytes], lag: bool) -> None:
    """For a minute, ListKeyRotations still lists it as imported. The task does not import the current one instead."""
    key = rotated(kms, emulator, materials, older_days=1)
    older = key.history()[0]["KeyMaterialId"]
    emulator.advance(days=1, seconds=1 if lag else 600)
    sentence = refused(kms, key, materials[1], **NEVER)
    assert older in sentence


@pytest.mark.parametrize(
    ("declared", "warned"),
    [
        ({}, False),
        (NEVER, True),
        ({**RENEWED, "renew_before": "19d"}, False),
        ({"days": 19}, False),
        ({"days": 30}, True),
    ],
)
def test_an_older_material_that_expires_before(
    kms: Any, emulator: Emulator, materials: list[bytes], declared: dict[str, Any], warned: bool
) -> None:
    """It expires before the declared expiration of the current key material."""
    key = rotated(kms, emulator, materials, older_days=20)
    older = key.history()[0]
    options = dict(declared)
    if "days" in options:
        options["valid_to"] = in_days(emulator, options.pop("days"))
    run_one(kms, key, materials[1], **options)
    result = run_one(kms, key, materials[1], **options)
    text = " ".join(result.get("warnings", ()))
    assert result["actions"] == []
    assert (older["KeyMaterialId"] in text) is warned
    assert (older["ValidTo"].date().isoformat() in text) is warned


def test_an_older_material_that_expires_within_renew_before(
    kms: Any, emulator: Emulator, materials: list[bytes]
) -> None:
    key = rotated(kms, emulator, materials, older_days=20)
    older = key.history()[0]
    with time_standing_still(emulator):
        result = fails_usefully(kms, key, materials[1], **{**RENEWED, "renew_before": "21d"})
    assert result["actions"] == ["reimport"]
    assert older["KeyMaterialId"] in result["msg"]
    assert older["ValidTo"].date().isoformat() in result["msg"]


def test_without_the_list_the_missing_one_cannot_be_named(kms: Any, emulator: Emulator, materials: list[bytes]) -> None:
    key = rotated(kms, emulator, materials)
    key.lose_material(key.history()[0]["KeyMaterialId"])
    emulator.control.denied(["ListKeyRotations"])
    result = run_failing(kms, key, materials[1], on_unknown_material="accept", wait_timeout=1, **NEVER)
    assert "kms:ListKeyRotations" in result["msg"]
    assert "PendingImport" in result["msg"]


def test_an_older_material_that_is_lost_during_the_import(kms: Any, emulator: Emulator, materials: list[bytes]) -> None:
    """The task does not wait, because the key material would not return."""
    key = rotated(kms, emulator, materials)
    older = key.history()[0]["KeyMaterialId"]
    meddling = fresh_client(kms)

    def lose_the_older(**_event: Any) -> None:
        key.lose_material(older)

    meddling.meta.events.register("after-call.kms.ImportKeyMaterial", lose_the_older)
    result = run_failing(meddling, key, materials[1], valid_to=in_days(emulator, 9))
    assert result["actions"] == ["reimport"]
    assert older in result["msg"]
    assert "wait_timeout" not in result["msg"]
