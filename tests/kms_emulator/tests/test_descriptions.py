# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KeyMaterialDescription: its characters, how long KMS keeps it, and the answers that contain it."""

from __future__ import annotations

from typing import Any

import pytest
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, new_material

from .answers import UNSOURCED, refused


def description(key: ExternalKey) -> str | None:
    told = key.entry(key.current_id).get("KeyMaterialDescription")
    return None if told is None else str(told)


@pytest.mark.parametrize(
    "text", ["first material", "abcXYZ019 :/_.-", "cloudkeys.aws/v1:00ff", "two\nlines\tand a tab", "d" * 256, "d"]
)
def test_a_description_is_shown_with_its_material(kms: Any, text: str) -> None:
    """Documented: ImportKeyMaterial, KeyMaterialDescription (pattern and length); observed: stackd imports.json."""
    key = ExternalKey.create(kms)
    key.put(new_material(SYMMETRIC), KeyMaterialDescription=text)
    assert description(key) == text


@pytest.mark.parametrize("text", ["a,b", "(a)", "a@b", "a=b", "a+b", "é", "a;b", 'a"b', "d" * 257])
def test_other_texts_are_refused(kms: Any, text: str) -> None:
    """Documented: KeyMaterialDescription (pattern and length in the API model); the text has no source."""
    key = ExternalKey.create(kms)
    with refused("ValidationException", UNSOURCED):
        key.put(new_material(SYMMETRIC), KeyMaterialDescription=text)
    assert key.state == "PendingImport"


def test_a_material_without_description_has_no_such_field(kms: Any) -> None:
    """Observed: stackd imports_edges.json."""
    key = ExternalKey.imported(kms)
    assert "KeyMaterialDescription" not in key.entry(key.current_id)


def test_a_reimport_without_a_description_keeps_it(kms: Any) -> None:
    """Documented: ImportKeyMaterial, KeyMaterialDescription; observed: stackd imports.json, restore_noncurrent."""
    key = ExternalKey.create(kms)
    key.put(new_material(SYMMETRIC), KeyMaterialDescription="kept")
    key.put(key.material)
    assert description(key) == "kept"
    key.lose_material()
    assert description(key) == "kept"
    key.put(key.material)
    assert description(key) == "kept"


def test_a_reimport_with_a_description_replaces_it(kms: Any) -> None:
    """Documented: ImportKeyMaterial, KeyMaterialDescription."""
    key = ExternalKey.create(kms)
    key.put(new_material(SYMMETRIC), KeyMaterialDescription="old")
    key.put(key.material, KeyMaterialDescription="new")
    assert description(key) == "new"


def test_every_material_has_its_own_description(kms: Any) -> None:
    """Observed: stackd imports.json, pending_rotation_history."""
    key = ExternalKey.create(kms)
    key.put(new_material(SYMMETRIC), KeyMaterialDescription="first material")
    key.stage(KeyMaterialDescription="pending second")
    assert [entry["KeyMaterialDescription"] for entry in key.history()] == ["first material", "pending second"]


def test_a_deleted_pending_material_loses_its_description(kms: Any) -> None:
    """Observed: stackd imports.json, restore_second_as_new: the same ID, but no description."""
    key = ExternalKey.imported(kms)
    second = new_material(SYMMETRIC)
    material_id = key.stage(second, KeyMaterialDescription="pending second")
    key.lose_material(material_id)
    assert key.stage(second) == material_id
    assert "KeyMaterialDescription" not in key.entry(material_id)
