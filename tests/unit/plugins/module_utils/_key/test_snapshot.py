# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key in the fields of the diff."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.snapshot import (
    OTHERS,
    cannot_come_about,
    differences,
    snapshot,
)

from ..keys import CURRENT, LABEL, NOW, SYMMETRIC, keys

OF_EVERY_KEY = {"key_state", "expiration_model", "valid_to"}
OF_THE_DESCRIPTION = {"key_material_description", "key_material_label"}


@given(key=keys())
def test_what_cannot_be_read_is_left_out(key: KeyFacts) -> None:
    """The value None would mean that the field is empty."""
    shown = set(snapshot(key))
    assert shown >= OF_EVERY_KEY
    assert (shown >= OF_THE_DESCRIPTION) == (key.symmetric and key.materials is not None)
    assert ("key_material_id" in shown) == (key.symmetric and key.current_key_material_id is not None)
    unread = key._replace(materials=None, materials_unread="kms:ListKeyRotations is denied")
    assert not set(snapshot(unread)) & OF_THE_DESCRIPTION


def imported(description: str | None, end: datetime | None = None) -> KeyFacts:
    model = "KEY_MATERIAL_DOES_NOT_EXPIRE" if end is None else "KEY_MATERIAL_EXPIRES"
    return SYMMETRIC._replace(
        key_state="Enabled", materials=(Material(CURRENT, "CURRENT", "IMPORTED", description, model, end),)
    )


def test_the_current_key_material() -> None:
    end = NOW + timedelta(30)
    assert snapshot(imported(f"For payments {LABEL}", end)) == {
        "key_state": "Enabled",
        "expiration_model": "KEY_MATERIAL_EXPIRES",
        "valid_to": end.isoformat(),
        "key_material_id": CURRENT,
        "key_material_description": "For payments",
        "key_material_label": LABEL,
    }


@given(key=keys())
def test_nothing_is_missing_of_what_is_shown(key: KeyFacts) -> None:
    assert differences(snapshot(key), snapshot(key)) == []


def test_other_key_materials_are_compared_by_their_ids() -> None:
    older = Material("older", "NON_CURRENT", "PENDING_IMPORT")
    key = imported(LABEL)
    rotated = key._replace(materials=(*(key.materials or ()), older))
    shown = snapshot(rotated)
    assert differences(shown, snapshot(key)) == [], "KMS may have more of them"
    assert "older" in " ".join(differences(snapshot(key), shown))
    there = {OTHERS: {"older": {"import_state": "IMPORTED"}}}
    assert "PENDING_IMPORT instead of IMPORTED" in " ".join(differences(shown, there))
    unread = snapshot(rotated._replace(materials=None))
    assert differences(unread, there) == [], "a field that cannot be read is not awaited"


def test_what_another_key_material_makes_hopeless() -> None:
    older = Material("older", "NON_CURRENT", "PENDING_IMPORT")
    key = imported(LABEL)
    rotated = key._replace(key_state="PendingImport", materials=(*(key.materials or ()), older))
    assert cannot_come_about(rotated, {"key_state": "Enabled"})
    assert not cannot_come_about(rotated, {"key_state": "PendingImport"})
    assert not cannot_come_about(rotated, {})
    assert not cannot_come_about(key, {"key_state": "Enabled"})


def test_no_text_is_none() -> None:
    shown = snapshot(imported(LABEL))
    assert (shown["key_material_description"], shown["key_material_label"]) == (None, LABEL)
