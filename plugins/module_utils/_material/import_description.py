# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The KeyMaterialDescription that an import is to send. Pure."""

from __future__ import annotations

from .._errors import Refusal
from .._key.facts import KeyFacts
from .._key.material_label import join_description, room_beside, split_description
from .wanted import GivenMaterial, Wanted

__all__ = ("import_description", "refuse_unrecognizable")


def import_description(
    facts: KeyFacts, wanted: Wanted, given: GivenMaterial, now: str | None, warnings: list[str]
) -> str | None:
    """The description to send, or None to send none, which keeps what is there.

    :param now: the present description of this key material; None where it has none.
    :raises Refusal: KMS keeps no such description.
    """
    if not facts.symmetric:
        if given.description is not None:
            raise Refusal(
                f"{facts.arn} is an {facts.key_spec} key, and KMS keeps key material descriptions for symmetric"
                " encryption keys only. Remove key_material_description."
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
            f"{facts.arn}: the label has no room beside the present description of the key material, which has"
            f" {len(text)} characters, so it is not written. Set a shorter key_material_description."
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
            " cannot remove a description, only replace it by one of 1 to 256 characters (ImportKeyMaterial). Give a"
            " text, or set key_material_label: true."
        )
    return described


def _why_left_alone(facts: KeyFacts) -> str | None:
    """A sentence where the description is not for this task to change."""
    if facts.replica:
        return (
            f"key_material_description is not set on {facts.arn}: the key is a replica, and takes its descriptions from"
            f" the primary key in {facts.primary_region}."
        )
    if facts.materials is None and facts.current_key_material_id:
        # It may hold text that is not ours to overwrite.
        return (
            f"key_material_description is left as it is on {facts.arn}: the present one could not be read"
            f" ({facts.materials_unread})."
        )
    return None


def refuse_unrecognizable(
    facts: KeyFacts, wanted: Wanted, given: GivenMaterial, now: str | None, description: str | None
) -> None:
    """Before an import after which no later run could recognize the key material.

    :param now: its present description.
    :param description: what the import is to send.
    :raises Refusal: the task does not say what such a run is to do.
    """
    if given.label is None or wanted.on_unknown_material or given.place in wanted.told:
        return
    # A ciphertext that is not recognized is accepted; but a primary key would be asked to stage it in every run.
    if given.source != "given" and (facts.replica or not wanted.rotates):
        return
    if facts.materials is None:
        reason = f"the key's list of key materials cannot be read ({facts.materials_unread})"
        remedy = "Let the task read it (kms:ListKeyRotations)"
    else:
        after = now if description is None else description
        if split_description(after)[1] == given.label:
            return
        reason = "its description will carry no label of it"
        remedy = "Set key_material_label: true"
        if wanted.label and facts.replica:
            reason += f" (descriptions of a replica come from its primary key in {facts.primary_region})"
            remedy = "Import into the primary key first, with its label"
        elif wanted.label:
            reason += " (the present description leaves no room for it)"
            remedy = "Set a shorter key_material_description"
    raise Refusal(
        f"{facts.arn}: nothing was imported, because the next run could not tell whether KMS holds {given.name}:"
        f" {reason}. {remedy}; or set on_unknown_material to say what the next run is to do: accept, or reimport, which"
        " lets KMS compare in every run."
    )
