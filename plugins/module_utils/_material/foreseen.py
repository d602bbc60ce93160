# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The state of a key that KMS will report after some steps. Pure.

Check mode returns it, and a run waits until KMS reports it.
"""

from __future__ import annotations

import typing as t
from datetime import datetime

from .._key.expiration import Expiration
from .._key.facts import IMPORTED, PENDING_IMPORT, KeyFacts, Material
from .._messages import Step
from .match import unrecognized
from .wanted import GivenMaterial

__all__ = ("NEW", "foreseen", "identified")

# A placeholder for the KeyMaterialId that KMS will assign to new key material.
NEW = "new key material"
_STAGED = Material(NEW, "PENDING_ROTATION", PENDING_IMPORT)


def foreseen(facts: KeyFacts, steps: t.Iterable[Step], now: datetime) -> KeyFacts:
    """:param now: expired key material counts as gone, even if KMS still lists it."""
    for step in steps:
        facts = _after(facts, step, now)
    return facts


def identified(facts: KeyFacts, previous: t.Sequence[GivenMaterial], steps: t.Sequence[Step]) -> list[Step]:
    """The steps with the IDs that KMS will assign to older key materials, as far as they are predictable.

    That is the case if as many are given as there are without a label. If there are several, the order is unknown, so
    their labels are not predicted.
    """
    asked = sorted({step.place for step in steps if step.imports and step.place and step.key_material_id is None})
    named = {step.key_material_id for step in steps if step.imports}
    labels = [previous[place - 1].label or "" for place in asked]
    open_ones = [[one.key_material_id for one in unrecognized(facts, label) if one.associated] for label in labels]
    candidates = [name for name in (open_ones[0] if open_ones else ()) if name not in named]
    if len(candidates) != len(asked) or any(names != open_ones[0] for names in open_ones):
        return list(steps)
    names = dict(zip(asked, candidates))
    return [
        step._replace(key_material_id=names[step.place], description=step.description if len(names) == 1 else None)
        if step.place in names
        else step
        for step in steps
    ]


def _after(facts: KeyFacts, step: Step, now: datetime) -> KeyFacts:
    if step.action in ("enable", "disable"):
        if step.proof or facts.key_state not in ("Enabled", "Disabled"):
            return facts
        return facts._replace(key_state="Enabled" if step.action == "enable" else "Disabled")
    if step.action == "delete":
        return _deleted(facts, step.key_material_id)
    if step.action == "rotate":
        return _rotated(facts)
    if step.expiration is None:
        return facts
    if step.action == "stage":
        state = "Enabled" if facts.key_state == "Disabled" else facts.key_state
        return _with(facts._replace(key_state=state), _imported(_STAGED, step, step.expiration))
    return _with_import(facts, step, step.expiration, now)


def _with_import(facts: KeyFacts, step: Step, end: Expiration, now: datetime) -> KeyFacts:
    if facts.materials is None:
        return facts._replace(key_state="Enabled", expiration_model=end.model, valid_to=end.valid_to)
    if step.place and step.key_material_id is None:
        return facts  # KMS will report which one it is.
    # Key material has no ID before its first import.
    name = step.key_material_id or facts.current_key_material_id or ""
    known = facts.material(name)
    if name == NEW:
        known = _STAGED
    if known is None and facts.current_key_material_id:
        return facts
    changed = _imported(known or Material(name, "CURRENT", PENDING_IMPORT), step, end)
    facts = _with(facts._replace(current_key_material_id=facts.current_key_material_id or ""), changed)
    if changed.associated:
        facts = facts._replace(key_state="PendingImport" if facts.missing_materials_at(now) else "Enabled")
    return facts


def _imported(material: Material, step: Step, end: Expiration) -> Material:
    description = material.description if step.description is None else step.description
    return material._replace(
        import_state=IMPORTED, description=description, expiration_model=end.model, valid_to=end.valid_to
    )


def _with(facts: KeyFacts, material: Material) -> KeyFacts:
    others = tuple(one for one in facts.materials or () if one.key_material_id != material.key_material_id)
    return facts._replace(materials=(material, *others) if material.state == "CURRENT" else (*others, material))


def _rotated(facts: KeyFacts) -> KeyFacts:
    materials = tuple(one._replace(state="CURRENT" if one.staged else "NON_CURRENT") for one in facts.materials or ())
    current = next((one.key_material_id for one in materials if one.state == "CURRENT"), None)
    return facts._replace(materials=materials, current_key_material_id=current, rotation_started=None)


def _deleted(facts: KeyFacts, key_material_id: str | None) -> KeyFacts:
    state = facts.key_state if facts.key_state.startswith("Pending") else "PendingImport"
    named = facts.material(key_material_id or facts.current_key_material_id)
    if named is not None and named.staged and not facts.replica:
        return facts._replace(materials=tuple(one for one in facts.materials or () if one is not named))
    if named is not None:
        gone = named._replace(import_state=PENDING_IMPORT, expiration_model=None, valid_to=None)
        materials = tuple(gone if one is named else one for one in facts.materials or ())
        return facts._replace(key_state=facts.key_state if named.staged else state, materials=materials)
    return facts._replace(key_state=state, expiration_model=None, valid_to=None)
