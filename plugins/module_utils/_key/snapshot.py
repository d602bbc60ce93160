# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A key in the fields of the diff: facts, and nothing that an import has yet to bring about. Pure."""

from __future__ import annotations

import typing as t

from .expiration import Expiration, format_time
from .facts import KeyFacts
from .material_label import split_description

__all__ = ("differences", "hopeless", "present_description", "snapshot", "snapshot_after")


def snapshot(facts: KeyFacts) -> dict[str, t.Any]:
    """The key as KMS shows it now."""
    return snapshot_after(facts, facts.key_state, facts.expiration, present_description(facts))


def snapshot_after(
    facts: KeyFacts, key_state: str, expiration: Expiration | None, description: str | None
) -> dict[str, t.Any]:
    """The key *facts* as KMS will show it with these values. What cannot be read of the key is left out."""
    values: dict[str, t.Any] = {
        "key_state": key_state,
        "expiration_model": expiration.model if expiration else None,
        "valid_to": format_time(expiration.valid_to) if expiration and expiration.valid_to else None,
    }
    if facts.symmetric:
        if facts.current_key_material_id:
            values["key_material_id"] = facts.current_key_material_id
        if facts.materials is not None:
            text, label = split_description(description)
            values["key_material_description"] = text or None
            values["key_material_label"] = label
    return values


def present_description(facts: KeyFacts) -> str | None:
    """The KeyMaterialDescription of the current key material, with its label."""
    current = facts.current_material
    return current.description if current else None


def differences(shown: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> list[str]:
    """What is not yet as it is to be. A field that cannot be read of the key is in neither, or no longer in *shown*."""
    return [
        f"{name} {shown[name]} instead of {value}"
        for name, value in after.items()
        if name in shown and shown[name] != value
    ]


def hopeless(facts: KeyFacts, after: t.Mapping[str, t.Any]) -> bool:
    """Whether waiting for *after* is in vain, because another key material of the key is gone."""
    return after["key_state"] != "PendingImport" and bool(facts.other_missing_materials)
