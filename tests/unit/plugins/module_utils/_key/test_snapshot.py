# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key in the fields of the diff."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import Expiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.snapshot import snapshot, snapshot_after

from ..keys import CURRENT, LABEL, NOW, SYMMETRIC, keys

OF_EVERY_KEY = {"key_state", "expiration_model", "valid_to"}
OF_THE_DESCRIPTION = {"key_material_description", "key_material_label"}


@given(key=keys())
def test_what_cannot_be_read_is_left_out(key: KeyFacts) -> None:
    """None would say that there is none."""
    shown = set(snapshot(key))
    assert shown >= OF_EVERY_KEY
    assert (shown >= OF_THE_DESCRIPTION) == (key.symmetric and key.materials is not None)
    assert ("key_material_id" in shown) == (key.symmetric and key.current_key_material_id is not None)
    unread = key._replace(materials=None, materials_unread="kms:ListKeyRotations is denied")
    assert not set(snapshot(unread)) & OF_THE_DESCRIPTION


@given(key=keys())
def test_nothing_changes_where_nothing_is_done(key: KeyFacts) -> None:
    current = key.current_material
    description = current.description if current else None
    assert snapshot_after(key, key.key_state, key.expiration, description) == snapshot(key)


def imported(description: str | None) -> KeyFacts:
    return SYMMETRIC._replace(materials=(Material(CURRENT, "CURRENT", "IMPORTED", description),))


def test_what_an_import_will_show() -> None:
    end = NOW + timedelta(30)
    assert snapshot_after(imported("ledger"), "Enabled", Expiration(end), f"For payments {LABEL}") == {
        "key_state": "Enabled",
        "expiration_model": "KEY_MATERIAL_EXPIRES",
        "valid_to": end.isoformat(),
        "key_material_id": CURRENT,
        "key_material_description": "For payments",
        "key_material_label": LABEL,
    }


def test_no_text_is_none() -> None:
    shown = snapshot(imported(LABEL))
    assert (shown["key_material_description"], shown["key_material_label"]) == (None, LABEL)
