# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a key, from the first import to a rotation, against an emulator of a third party."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.external_key import ExternalKey
from support.in_process import NEVER, run_failing, run_one
from support.materials import SYMMETRIC, new_material, other_material

from .third_party import DELETING, LABELS, REPEATING, ROTATING, STAGING, VALID_TO, ThirdPartyEmulator, importing

PROVEN_BY = {"HMAC_256": "mac", "RSA_2048": "public_key", "ECC_NIST_P256": "public_key"}
# Without the list of key materials a run cannot compare symmetric key material.
ACCEPT = {"on_unknown_material": "accept"}
REIMPORT = {"on_unknown_material": "reimport"}


def _in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0).isoformat()


@pytest.mark.parametrize("spec", [SYMMETRIC, *PROVEN_BY])
def test_check_mode_predicts_the_first_import(spec: str, third_party: ThirdPartyEmulator, kms: Any) -> None:
    third_party.needs(importing(spec))
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    predicted = run_one(kms, key, material, check_mode=True, **NEVER, **ACCEPT)
    assert predicted["changed"] is True
    assert key.state == "PendingImport"
    result = run_one(kms, key, material, **NEVER, **ACCEPT)
    assert (result["changed"], key.state) == (True, "Enabled")


@pytest.mark.parametrize("spec", PROVEN_BY)
def test_a_second_run_proves_the_key_material(spec: str, third_party: ThirdPartyEmulator, kms: Any) -> None:
    third_party.needs(importing(spec))
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    run_one(kms, key, material, **NEVER)
    again = run_one(kms, key, material, **NEVER)
    assert (again["changed"], again["material_match"], again["material_match_by"]) == (False, "same", PROVEN_BY[spec])


def test_a_second_run_compares_the_label_of_a_symmetric_key(third_party: ThirdPartyEmulator, kms: Any) -> None:
    third_party.needs(importing(SYMMETRIC), LABELS)
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    run_one(kms, key, material, **NEVER)
    again = run_one(kms, key, material, **NEVER)
    assert (again["changed"], again["material_match_by"]) == (False, "label")


def test_a_symmetric_key_whose_key_materials_cannot_be_listed(third_party: ThirdPartyEmulator, kms: Any) -> None:
    """The task accepts the key only with ``on_unknown_material: accept``."""
    third_party.needs(importing(SYMMETRIC))
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    run_one(kms, key, material, **NEVER, **ACCEPT)
    assert run_one(kms, key, material, **NEVER, **ACCEPT)["changed"] is False


@pytest.mark.parametrize("spec", [SYMMETRIC, *PROVEN_BY])
def test_a_renewal(spec: str, third_party: ThirdPartyEmulator, kms: Any) -> None:
    third_party.needs(importing(spec), VALID_TO, *([REPEATING] if spec == SYMMETRIC else []))
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    first, later = _in_days(90), _in_days(180)
    run_one(kms, key, material, valid_to=first, **ACCEPT)
    assert run_one(kms, key, material, valid_to=first, **ACCEPT)["changed"] is False
    # Where KMS's own comparison is needed, the import makes it.
    assert run_one(kms, key, material, valid_to=later, **REIMPORT)["changed"] is True
    assert key.describe()["ValidTo"] == datetime.fromisoformat(later)


@pytest.mark.parametrize("spec", PROVEN_BY)
def test_other_key_material_is_refused(spec: str, third_party: ThirdPartyEmulator, kms: Any) -> None:
    """The collection refuses it. These emulators would import it."""
    third_party.needs(importing(spec))
    key = ExternalKey.create(kms, spec)
    run_one(kms, key, new_material(spec), **NEVER)
    result = run_failing(kms, key, other_material(spec), **NEVER)
    assert result["material_match"] == "different"


@pytest.mark.parametrize("spec", [SYMMETRIC, *PROVEN_BY])
def test_deletion_and_restore(spec: str, third_party: ThirdPartyEmulator, kms: Any) -> None:
    third_party.needs(importing(spec), DELETING, *([REPEATING] if spec == SYMMETRIC else []))
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    run_one(kms, key, material, **NEVER, **ACCEPT)
    deleted = run_one(kms, key, material, state="absent", **REIMPORT)
    assert (deleted["changed"], key.state) == (True, "PendingImport")
    assert run_one(kms, key, material, state="absent")["changed"] is False
    assert run_one(kms, key, material, **NEVER, **ACCEPT)["changed"] is True
    assert key.state == "Enabled"


def test_a_rotation(third_party: ThirdPartyEmulator, kms: Any) -> None:
    third_party.needs(importing(SYMMETRIC), LABELS, STAGING, ROTATING)
    key, old, new = ExternalKey.create(kms), new_material(SYMMETRIC), new_material(SYMMETRIC)
    run_one(kms, key, old, **NEVER)
    rotated = run_one(kms, key, new, on_different_material="rotate", previous=[old], **NEVER)
    assert rotated["changed"] is True
    assert [state for state, _material in key.states()] == ["NON_CURRENT", "CURRENT"]
    assert run_one(kms, key, new, on_different_material="rotate", previous=[old], **NEVER)["changed"] is False
