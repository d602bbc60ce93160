# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""``state: absent``: which key materials of a key to delete, and whether the task has proven that it holds copies.
Pure.
"""

from __future__ import annotations

import typing as t

from .._errors import Refusal
from .._key.expiration import format_time
from .._key.facts import KeyFacts
from .._messages import Step
from .imports import comparison
from .match import Match
from .wanted import GivenMaterial, Wanted

__all__ = ("plan_deletion",)


def plan_deletion(facts: KeyFacts, wanted: Wanted, matches: t.Sequence[Match], warnings: list[str]) -> list[Step]:
    """:param matches: of the key materials that the task gives, its own key material first.
    :raises Refusal: the key material to delete is unknown, or the task has not proven that it holds a copy.
    """
    if wanted.key_material_id or wanted.all_materials:
        targets = _named(facts, wanted)
    elif facts.material_present:
        targets = [facts.current_key_material_id if facts.symmetric else None]
    else:
        warnings += _warn_of_unseen_material(facts)
        targets = []
    if not wanted.force:
        _refuse_rotating(facts, targets)
    steps: list[Step] = []
    for target in targets:
        if not wanted.force:
            steps += _proof(facts, wanted, matches, target)
        elif wanted.material != "none" and not wanted.all_materials and _known_as_another(facts, matches[0], target):
            raise _other_material(facts, matches[0], target)
    steps += [Step("delete", key_material_id=target) for target in targets]
    if any(not _staged(facts, target) for target in targets):
        # The warning also appears in check mode, and if KMS has yet to compare the key material and may reject it.
        older = any(target not in (None, facts.current_key_material_id) for target in targets)
        warnings.append(
            f"Everything that uses {facts.arn} stops working when"
            + (" any of its key materials, including an older one," if older else " its key material")
            + " is deleted, until the same key material is imported again."
        )
    return steps


def _named(facts: KeyFacts, wanted: Wanted) -> list[str | None]:
    """:raises Refusal: the key has no such key material, or its key material has no ID."""
    option = "all_materials" if wanted.all_materials else "key_material_id"
    if not facts.symmetric:
        if wanted.all_materials:
            return [None] if facts.material_present else []
        raise Refusal(
            f"{facts.arn} is an {facts.key_spec} key, and KMS assigns no ID to its only key material. Remove {option}."
        )
    if facts.materials is None:
        raise Refusal(
            f"{facts.arn}: {option} requires the list of the key's key materials, which could not be read"
            f" ({facts.materials_unread}). Allow the task to read it (kms:ListKeyRotations)."
        )
    if wanted.all_materials:
        return [one.key_material_id for one in reversed(facts.materials) if one.imported]
    named = facts.material(wanted.key_material_id)
    if named is None:
        known = ", ".join(f"{one.key_material_id} ({one.state})" for one in facts.materials) or "none"
        raise Refusal(
            f"{facts.arn} has no key material {wanted.key_material_id}. Nothing was deleted. The key materials of"
            f" the key are: {known}. A deleted staged key material is no longer in this list. Correct key_material_id."
        )
    return [named.key_material_id] if named.imported else []


def _refuse_rotating(facts: KeyFacts, targets: t.Sequence[str | None]) -> None:
    """:raises Refusal: KMS is making one of *targets* the current one. AWS does not document a deletion at that
    time.
    """
    rotating = [target for target in targets if _staged(facts, target)]
    if facts.rotation_started is not None and rotating:
        raise Refusal(
            f"{facts.arn}: the key material {rotating[0]} is staged, and KMS has been rotating the key to it since"
            f" {format_time(facts.rotation_started)}. Nothing was deleted. Run the task again when the rotation is"
            " complete; or, to delete the key material now, set force: true."
        )


def _proof(facts: KeyFacts, wanted: Wanted, matches: t.Sequence[Match], target: str | None) -> list[Step]:
    """The steps that prove that the task holds a copy of *target*: none if its label proves it.

    :raises Refusal: the task does not give a copy of it.
    """
    given = [wanted.own, *wanted.previous]
    plaintext = [place for place, one in enumerate(given) if one.source == "given"]
    if any(_is(facts, matches[place], target) for place in plaintext):
        return []
    unknown = [place for place in plaintext if matches[place].verdict == "unknown"]
    named = [place for place in unknown if matches[place].key_material_id == target]
    # The task's own key material counts for the key material that it names, or else for the current one.
    own = [] if wanted.all_materials and target not in (None, facts.current_key_material_id) else [0]
    candidates = named or [place for place in own if place in unknown] or [place for place in unknown if place]
    if not candidates:
        if matches[0].verdict == "different" or (wanted.key_material_id and matches[0].verdict == "same"):
            raise _other_material(facts, matches[0], target)
        raise _no_copy(facts, target, wanted)
    if len(candidates) > 1:
        raise Refusal(
            f"{facts.arn}: it is unknown which of the given key materials is {target}:"
            f" {matches[candidates[0]].reason}. Nothing was deleted. Identify it with key_material_id in"
            " previous_key_materials; or run once with state: present, which writes the labels."
        )
    return [_comparison(facts, given[candidates[0]], matches[candidates[0]], target)]


def _known_as_another(facts: KeyFacts, match: Match, target: str | None) -> bool:
    return not _is(facts, match, target) and match.verdict != "unknown"


def _comparison(facts: KeyFacts, given: GivenMaterial, match: Match, target: str | None) -> Step:
    if _staged(facts, target) and not facts.replica:
        # AWS does not document the import of staged key material over itself.
        raise Refusal(
            f"{facts.arn}: it is unknown whether the given key material is the staged key material {target}:"
            f" {match.reason}. Nothing was deleted. To delete it without proof, set force: true; the key itself stays"
            " usable."
        )
    return comparison(facts, given, match, target)


def _is(facts: KeyFacts, match: Match, target: str | None) -> bool:
    """Whether the matched key material is known to be *target*, which may be another one than the current one."""
    if not facts.symmetric or match.key_material_id is None:
        return match.verdict == "same" and target in (None, facts.current_key_material_id)
    return match.by in ("label", "kms_import") and match.key_material_id == (target or facts.current_key_material_id)


def _staged(facts: KeyFacts, target: str | None) -> bool:
    material = facts.material(target)
    return material is not None and material.staged


def _other_material(facts: KeyFacts, match: Match, target: str | None) -> Refusal:
    under, reason = "", match.reason
    if target not in (None, facts.current_key_material_id):
        under = f" under the ID {target}"
        if match.verdict == "same":
            reason = f"the given one is the current key material {facts.current_key_material_id}"
        elif match.key_material_id is None:
            # The comparison was with the current one.
            reason = "the given one has the label of none of its key materials"
    return Refusal(
        f"{facts.arn} holds other key material than the given one{under}: {reason}. Nothing was deleted, because KMS"
        f" cannot return key material. Give the key material that the key holds{under}; or, to delete key material of"
        " which you may have no copy, give none and set force: true."
    )


def _no_copy(facts: KeyFacts, target: str | None, wanted: Wanted) -> Refusal:
    what = f" {target}" if wanted.key_material_id or wanted.all_materials else ""
    options = "key_material_src, previous_key_materials" if wanted.all_materials else "key_material_src"
    return Refusal(
        f"{facts.arn}: KMS cannot return the key material{what} after its deletion. Nothing was deleted. Prove that"
        f" you hold a copy by giving it as plaintext ({options}), or set force: true."
    )


def _warn_of_unseen_material(facts: KeyFacts) -> list[str]:
    """For a key with several key materials, DescribeKey reports only that one of them is missing."""
    if facts.materials is not None or not facts.current_key_material_id:
        return []
    return [
        f"Nothing was deleted from {facts.arn}, which is {facts.key_state} because a key material is missing. If the"
        " key was rotated, the missing one may be an older one, and KMS may still hold the current one. The list of"
        f" key materials could not be read ({facts.materials_unread})."
    ]
