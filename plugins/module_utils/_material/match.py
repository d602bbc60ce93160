# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Whether KMS holds the key material that the task gives, and how that is known. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._errors import Refusal
from .._key.facts import KeyFacts, Material
from .._key.material_label import names_ciphertext
from .wanted import GivenMaterial

__all__ = ("Match", "located", "match_label", "match_previous", "unrecognized")


Verdict = t.Literal["same", "different", "unknown"]
Proof = t.Literal["public_key", "mac", "label", "kms_import", "none"]


@dataclass(frozen=True)
class Match:
    """The answer, as the results give it.

    :ivar verdict: ``material_match``.
    :ivar by: ``material_match_by``.
    :ivar reason: a clause that says why it is unknown, or what is different.
    :ivar key_material_id: the material of a symmetric key that carries the label, where one does.
    """

    verdict: Verdict
    by: Proof = "none"
    reason: str = ""
    key_material_id: str | None = None

    @classmethod
    def unknown(cls, reason: str) -> Match:
        return cls("unknown", "none", reason)


_STATES = {
    "NON_CURRENT": "an earlier key material of this key",
    "PENDING_ROTATION": "staged and waiting for a rotation",
    "PENDING_MULTI_REGION_IMPORT_AND_ROTATION": "staged and waiting for the replicas",
}


def match_label(facts: KeyFacts, label: str) -> Match:
    """Compares the label of what is given with the labels of a symmetric key's materials.

    :raises Refusal: two materials with this label.
    """
    if facts.materials is None:
        return _unlisted(facts)
    found = _labelled(facts, label)
    current = facts.current_material
    if found is not None:
        return located(facts, found, "label")
    if current is None:
        return Match.unknown("no key material has been imported into the key yet")
    incomparable = _why_incomparable(current.label, label)
    if incomparable:
        return Match.unknown(f"the current key material {current.key_material_id} {incomparable}")
    return Match(
        "different",
        "label",
        f"the current key material {current.key_material_id} carries the label of another key material",
    )


def located(facts: KeyFacts, found: Material, by: Proof) -> Match:
    """The given key material is known to be *found*, one of the key's: the current one, or another?"""
    current = facts.current_key_material_id
    if current is None or found.key_material_id == current:
        return Match("same", by, key_material_id=found.key_material_id)
    return Match(
        "different",
        by,
        f"the given key material is {_STATES.get(found.state, found.state)} ({found.key_material_id}); the current one"
        f" is {current}",
        found.key_material_id,
    )


def match_previous(facts: KeyFacts, given: GivenMaterial) -> Match:
    """Which of a symmetric key's materials an older one is.

    ``same`` by its label; ``different`` where no key material of the key can be it; else ``unknown``, and only an
    import tells: KMS compares, and refuses what it does not know.

    :raises Refusal: two materials with this label.
    """
    if facts.materials is None or given.label is None:
        return _unlisted(facts)
    found = _labelled(facts, given.label)
    if found is not None:
        if given.key_material_id not in (None, found.key_material_id):
            return Match(
                "different",
                "label",
                f"it carries the label of {found.key_material_id}, and key_material_id is {given.key_material_id}",
                found.key_material_id,
            )
        return Match("same", "label", key_material_id=found.key_material_id)
    if given.key_material_id is not None:
        named = facts.material(given.key_material_id)
        if named is None:
            return Match("different", "none", f"the key has no key material {given.key_material_id}")
        incomparable = _why_incomparable(named.label, given.label)
        if incomparable is None:
            reason = f"the key material {named.key_material_id} carries the label of another key material"
            return Match("different", "label", reason)
        return Match("unknown", "none", f"{named.key_material_id} {incomparable}", named.key_material_id)
    if not unrecognized(facts, given.label):
        return Match("different", "label", "every key material of the key carries the label of another one")
    return Match.unknown("some key materials of the key carry no label that could be compared")


def unrecognized(facts: KeyFacts, label: str) -> list[Material]:
    """The key materials whose own labels leave open whether they are the one with *label*."""
    return [one for one in facts.materials or () if _why_incomparable(one.label, label) is not None]


def _unlisted(facts: KeyFacts) -> Match:
    return Match.unknown(facts.materials_unread or "the key materials of the key could not be listed")


def _labelled(facts: KeyFacts, label: str) -> Material | None:
    """:raises Refusal: there are several."""
    labelled = [entry for entry in facts.materials or () if entry.label == label]
    if len(labelled) > 1:
        raise Refusal(
            f"Two key materials of {facts.arn} carry the same label: "
            + " and ".join(entry.key_material_id for entry in labelled)
            + ". Different key materials cannot have one label, so a description was copied. Find out in CloudTrail"
            " (ImportKeyMaterial) who imported them; nothing is done until one of the labels is gone."
        )
    return labelled[0] if labelled else None


def _why_incomparable(present: str | None, given: str) -> str | None:
    """Two labels tell two key materials apart only when both are fingerprints of plaintext."""
    if present is None:
        return "carries no label of this collection"
    if names_ciphertext(present):
        if names_ciphertext(given):
            return "was imported from another ciphertext, and the same key material may be in both"
        return "was encrypted elsewhere, and its label only tells which ciphertext was imported"
    if names_ciphertext(given):
        return "carries the fingerprint of plaintext key material, and a ciphertext has none"
    return None
