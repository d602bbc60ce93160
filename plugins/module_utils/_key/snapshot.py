# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A key in the fields of the diff. It contains facts only, without the future results of an import. Pure."""

from __future__ import annotations

import typing as t

from .expiration import format_time
from .facts import KeyFacts, Material
from .material_label import split_description

__all__ = ("OTHERS", "differences", "cannot_come_about", "snapshot")

# The field for the key materials other than the current one, by ID.
OTHERS = "other_key_materials"


def snapshot(facts: KeyFacts) -> dict[str, t.Any]:
    """The fields of the diff. Facts that cannot be read are omitted."""
    end = facts.expiration
    values: dict[str, t.Any] = {
        "key_state": facts.key_state,
        "expiration_model": end.model if end else None,
        "valid_to": format_time(end.valid_to) if end and end.valid_to else None,
    }
    if not facts.symmetric:
        return values
    if facts.current_key_material_id:
        values["key_material_id"] = facts.current_key_material_id
    if facts.materials is not None:
        current = facts.current_material
        text, label = split_description(current.description if current else None)
        values["key_material_description"] = text or None
        values["key_material_label"] = label
        others = {one.key_material_id: _other(one) for one in facts.materials if one is not current}
        if others:
            values[OTHERS] = others
    return values


def _other(material: Material) -> dict[str, t.Any]:
    text, label = split_description(material.description)
    end = material.expiration
    return {
        "state": material.state,
        "import_state": material.import_state,
        "expiration_model": end.model if end else None,
        "valid_to": format_time(end.valid_to) if end and end.valid_to else None,
        "key_material_description": text or None,
        "key_material_label": label,
    }


def differences(shown: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> list[str]:
    """The differences between the present and the expected state. A fact that cannot be read is missing from both, or
    only from *shown*.

    The other key materials in *after* must exist and match; KMS may have additional ones.
    """
    differing = [
        f"{name} {shown[name]} instead of {value}"
        for name, value in after.items()
        if name != OTHERS and name in shown and shown[name] != value
    ]
    readable = "key_material_label" in shown
    for key_material_id, wanted in (after.get(OTHERS, {}) if readable else {}).items():
        present = shown.get(OTHERS, {}).get(key_material_id)
        if present is None:
            differing.append(f"no key material {key_material_id}")
            continue
        differing += [
            f"{name} {present[name]} instead of {value} for the key material {key_material_id}"
            for name, value in wanted.items()
            if present[name] != value
        ]
    return differing


def cannot_come_about(facts: KeyFacts, after: t.Mapping[str, t.Any]) -> bool:
    """Whether waiting for *after* is useless, because another key material of the key is missing."""
    return after.get("key_state", "PendingImport") != "PendingImport" and bool(facts.other_missing_materials)
