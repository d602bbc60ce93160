# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The KeyMaterialDescription to send with an import. Pure."""

from __future__ import annotations

from .._errors import Refusal
from .._key.facts import KeyFacts
from .._key.material_label import join_description, room_beside, split_description
from .wanted import GivenMaterial, Wanted

__all__ = ("import_description", "refuse_unrecognizable")


def import_description(
    facts: KeyFacts, wanted: Wanted, given: GivenMaterial, now: str | None, warnings: list[str]
) -> str | None:
    """The description to send, or None to send none and keep the present one.

    :param now: the present description of this key material; None if it has none.
    :raises Refusal: KMS does not support a description here.
    """
    if not facts.symmetric:
        if given.description is not None:
            raise Refusal(
                f"{facts.arn} is an {facts.key_spec} key, and KMS supports key material descriptions only for"
                " symmetric encryption keys. Remove key_material_description."
            )
        return None
    text, label = split_description(now)
    if wanted.label and given.label:
        label = given.label
    elif given.description is None:
        return None
    elif not wanted.label:
        label = None
    if given.description is None and len(text) > room_beside(label):
        warnings.append(
            f"{facts.arn}: the label was not written, because the present description of the key material has"
            f" {len(text)} characters and leaves no room for it. Set a shorter key_material_description."
        )
        return None
    described = join_description(text if given.description is None else given.description, label)
    if described == (now or ""):
        return None
    reason = _why_left_alone(facts)
    if reason is not None:
        if given.description is not None and given.description.strip() != text:
            warnings.append(reason)
        return None
    if not described:
        raise Refusal(
            f"key_material_description is empty, key_material_label is false, and {facts.arn} has a description. KMS"
            " cannot remove a description; it can only replace it with one of 1 to 256 characters"
            " (ImportKeyMaterial). Set a text, or key_material_label: true."
        )
    return described


def _why_left_alone(facts: KeyFacts) -> str | None:
    """A sentence if this task cannot change the description."""
    if facts.replica:
        return (
            f"key_material_description was not set on {facts.arn}: the key is a replica key and has the descriptions"
            f" of the primary key in {facts.primary_region}."
        )
    if facts.materials is None and facts.current_key_material_id:
        # It may contain text that must not be overwritten.
        return (
            f"key_material_description was not changed on {facts.arn}: the present one could not be read"
            f" ({facts.materials_unread})."
        )
    return None


def refuse_unrecognizable(
    facts: KeyFacts, wanted: Wanted, given: GivenMaterial, now: str | None, description: str | None
) -> None:
    """Refuse an import after which no later run could recognize the key material.

    :param now: its present description.
    :param description: the description to send with the import.
    :raises Refusal: the task does not declare what such a run is to do.
    """
    if given.label is None or wanted.on_unknown_material or given.place in wanted.told:
        return
    # A ciphertext that is not recognized is accepted. But for a primary key, every run would request to stage it.
    if given.source != "given" and (facts.replica or not wanted.rotates):
        return
    if facts.materials is None:
        reason = f"the list of the key's key materials could not be read ({facts.materials_unread})"
        remedy = "Allow the task to read it (kms:ListKeyRotations)"
    else:
        after = now if description is None else description
        if split_description(after)[1] == given.label:
            return
        reason = "its description will not contain its label"
        remedy = "Set key_material_label: true"
        if wanted.label and facts.replica:
            reason += f" (a replica key has the descriptions of the primary key in {facts.primary_region})"
            remedy = "Import into the primary key first, with its label"
        elif wanted.label:
            reason += " (the present description leaves no room for it)"
            remedy = "Set a shorter key_material_description"
    raise Refusal(
        f"{facts.arn}: nothing was imported, because the next run could not determine whether KMS holds"
        f" {given.name}: {reason}. {remedy}; or set on_unknown_material to declare what the next run does: accept, or"
        " reimport, which lets KMS compare in every run."
    )
