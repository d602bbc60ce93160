# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Rotation on demand: other key material takes the place of the current one, and the key keeps its ARN. Pure.

ImportKeyMaterial with NEW_KEY_MATERIAL stages it, RotateKeyOnDemand makes it the current one (AWS KMS Developer Guide,
"Perform on-demand key rotation"). Everything that would be in the way is found before anything is written.
"""

from __future__ import annotations

import typing as t
from datetime import datetime

from .._errors import Refusal
from .._key.expiration import format_time
from .._key.facts import MOST_ROTATIONS, KeyFacts, Material
from .._messages import Step
from .import_description import import_description, refuse_unrecognizable
from .match import Match
from .wanted import Wanted

__all__ = (
    "requires_comparison",
    "foretell_question",
    "plan_rotation",
    "presume_new",
    "refuse_different",
    "refuse_over_replicas",
)

_NEW_KEY = (
    "For new key material, create a new key and move the alias to it: the playbook cloudkeys.aws.rotate_by_alias does"
    " that."
)


def presume_new(facts: KeyFacts, wanted: Wanted, match: Match) -> Match:
    """What was encrypted elsewhere, and may take the place of the current key material, is taken for another one.

    Only KMS can tell: it does not stage key material that the key has already, and a replica key takes nothing but
    what is staged (AWS KMS API Reference, ImportKeyMaterial).
    """
    unknown = match.verdict == "unknown" and wanted.on_unknown_material is None
    if not (unknown and wanted.rotates and wanted.material == "wrapped" and facts.symmetric and facts.material_present):
        return match
    staged = facts.staged_material
    if facts.replica and (staged is None or staged.imported):
        return match
    taken = staged.key_material_id if facts.replica and staged else None
    return Match("different", "none", match.reason, taken)


def requires_comparison(facts: KeyFacts, wanted: Wanted, match: Match, step: Step) -> bool:
    """Whether this import is to find out if what is given is the current key material; if not, it may follow it."""
    return (
        step.imports
        and step.action != "stage"
        and not step.place
        and step.key_material_id == facts.current_key_material_id
        and wanted.rotates
        and facts.symmetric
        and match.verdict == "unknown"
        and wanted.on_unknown_material is None
    )


def foretell_question(facts: KeyFacts, wanted: Wanted, match: Match, steps: t.Iterable[Step]) -> str | None:
    """For check mode, which cannot know the answer: what a run does when the given key material is another one."""
    if facts.replica or not facts.current_key_material_id:
        return None
    if not any(requires_comparison(facts, wanted, match, step) for step in steps):
        return None
    then = "staged" if wanted.on_different_material == "stage" else "staged, and the key is rotated to it"
    return (
        f"{facts.arn}: whether the given key material is the current one is not known: {match.reason}. Check mode shows"
        f" what is done if it is. A run lets KMS compare the two first; if they differ, the given one is {then}."
    )


def plan_rotation(
    facts: KeyFacts, wanted: Wanted, match: Match, missing: t.Sequence[Material], now: datetime, warnings: list[str]
) -> list[Step]:
    """The steps by which what the task gives becomes the current key material.

    :param match: ``different`` from the current one.
    :param missing: the key materials that the key lacks, and that the task does not restore.
    :raises Refusal: KMS would not rotate the key, or the key would be unusable after it.
    """
    staged = facts.staged_material
    ours = staged is not None and staged.key_material_id == match.key_material_id
    refuse_different(facts, wanted, match)
    if facts.materials is None:
        raise Refusal(
            f"{facts.arn} holds other key material than the given one, and its list of key materials cannot be read"
            f" ({facts.materials_unread}). Whether a rotation is possible is not known, so none was begun. Let the"
            " task read it (kms:ListKeyRotations)."
        )
    if staged is not None and not ours:
        which = (
            f"key material is staged already, {_dated(staged)}, and whether it is the given one is not known"
            if match.by == "none"
            else f"other key material than the given one is staged already, {_dated(staged)}"
        )
        if facts.rotation_started is not None:
            raise Refusal(
                f"{facts.arn}: {which}. KMS has been rotating the key to it since"
                f" {format_time(facts.rotation_started)}. Do not delete it. Run again when the rotation has ended: it"
                " is the current one then, and belongs in previous_key_materials beside new key material."
            )
        raise Refusal(
            f"{facts.arn}: {which}. KMS stages one at a time, and no rotation was begun. To rotate to it, give it as it"
            f" was given then; or {_how_to_delete(staged)}."
        )
    if facts.rotations_left == 0:
        raise Refusal(
            f"{facts.arn} was rotated {MOST_ROTATIONS} times, and KMS rotates no key more often (AWS KMS resource"
            f" quotas; they cannot be raised). Nothing was touched. {_NEW_KEY}"
        )
    if missing:
        raise Refusal(
            f"{facts.arn} lacks key material that it needs, {' and '.join(map(_dated, missing))}, and KMS rotates no"
            " key that is PendingImport. No rotation was begun. Give its older key materials in previous_key_materials."
        )
    if facts.replica_regions and not wanted.replicas and wanted.on_different_material == "rotate" and not ours:
        raise Refusal(
            f"{facts.arn} has replica keys in {', '.join(facts.replica_regions)}, and KMS rotates a multi-Region key"
            " only when all of them hold the new key material. No rotation was begun. Set replicas: true; or stage it"
            " with on_different_material: stage, import it into each replica key, then rotate."
        )
    steps = _go_on(facts, wanted, staged, now) if staged is not None else _begin(facts, wanted, now, warnings)
    if facts.key_state == "Disabled" and not wanted.enabled and any(not step.proof for step in steps):
        raise Refusal(f"{facts.arn} is Disabled, and KMS rotates Enabled keys only. Declare enabled: true.")
    return steps


def _begin(facts: KeyFacts, wanted: Wanted, now: datetime, warnings: list[str]) -> list[Step]:
    description = import_description(facts, wanted, wanted.own, None, warnings)
    refuse_unrecognizable(facts, wanted, wanted.own, None, description)
    end = wanted.expiration.for_import(None, now, never_imported=True)
    stage = Step("stage", expiration=end, import_type="NEW_KEY_MATERIAL", description=description)
    return [stage, Step("rotate")] if wanted.on_different_material == "rotate" else [stage]


def _go_on(facts: KeyFacts, wanted: Wanted, staged: Material, now: datetime) -> list[Step]:
    """The key material is staged already: by an earlier run, or for a change window."""
    if facts.rotation_started is not None:
        # It is awaited before anything else is done, and not begun again.
        rotates = wanted.on_different_material == "rotate"
        return [Step("rotate", proof=True, key_material_id=staged.key_material_id)] if rotates else []
    end = staged.expiration
    remedy = f" To have it staged anew, {_how_to_delete(staged)}, and run again."
    if end is None or end.past(now):
        raise Refusal(
            f"{facts.arn}: the key material that is staged, {_dated(staged)}, is gone, and after a rotation to it the"
            f" key would be unusable. No rotation was begun.{remedy}"
        )
    if wanted.expiration.due(end.valid_to, now):
        raise Refusal(
            f"{facts.arn}: the key material that is staged, {_dated(staged)}, expires within renew_before. Nothing was"
            f" touched.{remedy}"
        )
    if wanted.on_different_material == "stage":
        return []
    if staged.state != "PENDING_ROTATION" and not wanted.replicas:
        raise Refusal(
            f"{facts.arn}: the key material {staged.key_material_id} is staged, and not all of its replica keys"
            f" ({', '.join(facts.replica_regions) or 'in other Regions'}) hold it. KMS rotates a multi-Region key only"
            " then. Set replicas: true, or import it into each replica key."
        )
    return [Step("rotate", key_material_id=staged.key_material_id)]


def refuse_different(facts: KeyFacts, wanted: Wanted, match: Match) -> None:
    """:raises Refusal: the task does not say that other key material may take the place of the current one, or it
    cannot.
    """
    proofs = {
        "public_key": "its public key", "mac": "VerifyMac", "label": "its label", "kms_import": "KMS's own comparison",
    }  # fmt: skip
    different = (
        f"{facts.arn} belongs to other key material than the given one, by {proofs.get(match.by, match.by)}:"
        f" {match.reason}."
    )
    if not facts.symmetric:
        raise Refusal(
            f"{different} KMS never replaces the material of an {facts.key_spec} key; nothing was touched. Give the"
            f" material that the key holds. KMS rotates symmetric encryption keys only. {_NEW_KEY}"
        )
    given = facts.material(match.key_material_id)
    if given is not None and given.state == "NON_CURRENT":
        raise Refusal(
            f"{different} KMS never makes an older key material the current one again; nothing was touched. Give the"
            " current one, and this one in previous_key_materials; or new key material."
        )
    if not wanted.rotates:
        raise Refusal(
            f"{different} Nothing was touched. Give the material that the key holds, or name another key; or, to have"
            " the given one take its place under the same ARN, set on_different_material: rotate."
        )
    if facts.replica and given is None:
        raise Refusal(
            f"{different} A replica key takes new key material only after its primary key: import it there first"
            f" ({facts.primary_region}), with on_different_material: stage, or with rotate and replicas: true."
        )


def refuse_over_replicas(
    primary: KeyFacts,
    replicas: t.Mapping[str, KeyFacts],
    restored: t.Mapping[str, t.Collection[str]],
    enabled: bool | None,
    now: datetime,
) -> None:
    """Before a rotation of a multi-Region key, which KMS allows although a replica key lacks an older key material.

    :param replicas: by Region, those that could be looked at.
    :param restored: by Region, the key materials that the task imports there.
    :param enabled: what the task declares, None for nothing.
    :raises Refusal: a replica key would be unusable after the rotation, as it is before.
    """
    unknown = [region for region in primary.replica_regions if region not in replicas]
    if unknown:
        raise Refusal(
            f"{primary.arn} has replica keys that failed or could not be looked at, in {', '.join(unknown)}. Whether"
            " they hold every key material is not known, so the key is not rotated."
        )
    for region, replica in replicas.items():
        if replica.key_state not in ("Enabled", "PendingImport") and enabled is None:
            raise Refusal(
                f"{replica.arn} is {replica.key_state}, and would take no new key material, so the key is not rotated."
                " Enable the replica key, or declare enabled."
            )
        if replica.materials is None:
            raise Refusal(
                f"{replica.arn}: whether this replica key holds every key material is not known"
                f" ({replica.materials_unread}), so the key is not rotated."
            )
        lacking = [
            one for one in replica.missing_materials_at(now) if one.key_material_id not in restored.get(region, ())
        ]
        if lacking:
            raise Refusal(
                f"{replica.arn} lacks key material that it needs, {' and '.join(map(_dated, lacking))}, so the key is"
                " not rotated. Give the older key materials in previous_key_materials."
            )


def _how_to_delete(staged: Material) -> str:
    return f"delete it (state: absent with key_material_id: {staged.key_material_id}), which does not affect the key"


def _dated(material: Material) -> str:
    when = "" if material.valid_to is None else f", which expires on {format_time(material.valid_to)}"
    return f"{material.key_material_id} ({material.state}, {material.import_state}{when})"
