# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Whether KMS holds the given key material, and how that is known. Pure."""

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
    """The result of a comparison, in the terms of the module results.

    :ivar verdict: ``material_match``.
    :ivar by: ``material_match_by``.
    :ivar reason: a clause that explains why the result is unknown, or what is different.
    :ivar key_material_id: the key material of a symmetric key that has the label, if there is one.
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
    """Compare the label of the given key material with the labels of a symmetric key's key materials.

    :raises Refusal: two key materials have this label.
    """
    if facts.materials is None:
        return _unlisted(facts)
    found = _labeled(facts, label)
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
        f"the current key material {current.key_material_id} has the label of another key material",
    )


def located(facts: KeyFacts, found: Material, by: Proof) -> Match:
    """The result if the given key material is known to be *found*, which is the current one or another one of the
    key.
    """
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
    """Which of a symmetric key's key materials an older one is.

    ``same`` by its label; ``different`` if no key material of the key can be it; otherwise ``unknown``. In that case
    only an import can tell: KMS compares, and rejects key material that it does not know.

    :raises Refusal: two key materials have this label.
    """
    if facts.materials is None or given.label is None:
        return _unlisted(facts)
    found = _labeled(facts, given.label)
    if found is not None:
        if given.key_material_id not in (None, found.key_material_id):
            return Match(
                "different",
                "label",
                f"it has the label of {found.key_material_id}, but key_material_id is {given.key_material_id}",
                found.key_material_id,
            )
        return Match("same", "label", key_material_id=found.key_material_id)
    if given.key_material_id is not None:
        named = facts.material(given.key_material_id)
        if named is None:
            return Match("different", "none", f"the key has no key material {given.key_material_id}")
        incomparable = _why_incomparable(named.label, given.label)
        if incomparable is None:
            reason = f"the key material {named.key_material_id} has the label of another key material"
            return Match("different", "label", reason)
        return Match("unknown", "none", f"{named.key_material_id} {incomparable}", named.key_material_id)
    if not unrecognized(facts, given.label):
        return Match("different", "label", "every key material of the key has the label of another one")
    return Match.unknown("some key materials of the key have no label to compare")


def unrecognized(facts: KeyFacts, label: str) -> list[Material]:
    """The key materials that may be the one with *label*, because their own labels do not rule it out."""
    return [one for one in facts.materials or () if _why_incomparable(one.label, label) is not None]


def _unlisted(facts: KeyFacts) -> Match:
    return Match.unknown(facts.materials_unread or "the key materials of the key could not be listed")


def _labeled(facts: KeyFacts, label: str) -> Material | None:
    """:raises Refusal: there are several."""
    labeled = [entry for entry in facts.materials or () if entry.label == label]
    if len(labeled) > 1:
        raise Refusal(
            f"Two key materials of {facts.arn} have the same label: "
            + " and ".join(entry.key_material_id for entry in labeled)
            + ". Different key materials cannot have the same label, so a description was copied. Nothing was"
            " changed. Find out in CloudTrail (ImportKeyMaterial) who imported them, and remove one of the"
            " labels."
        )
    return labeled[0] if labeled else None


def _why_incomparable(present: str | None, given: str) -> str | None:
    """Why two labels cannot be compared. Only fingerprints of plaintext tell two key materials apart."""
    if present is None:
        return "has no label of this collection"
    if names_ciphertext(present):
        if names_ciphertext(given):
            return "was imported from another ciphertext, which may contain the same key material"
        return "was encrypted elsewhere, and its label identifies only the imported ciphertext"
    if names_ciphertext(given):
        return "has the fingerprint of plaintext key material, which cannot be compared with a ciphertext"
    return None
