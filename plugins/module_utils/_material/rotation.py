# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""On-demand rotation: other key material becomes the current one, and the key keeps its ARN. Pure.

ImportKeyMaterial with NEW_KEY_MATERIAL stages it, and RotateKeyOnDemand makes it the current one (AWS KMS Developer
Guide, "Perform on-demand key rotation"). All obstacles are found before anything is written.
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
    "To use new key material, create a new key and move the alias to it with the playbook"
    " cloudkeys.aws.rotate_by_alias."
)


def presume_new(facts: KeyFacts, wanted: Wanted, match: Match) -> Match:
    """Treat key material that was encrypted elsewhere, and that may become the current one, as different from the
    current one.

    Only KMS can determine it: it does not stage key material that the key already has, and a replica key accepts only
    staged key material (AWS KMS API Reference, ImportKeyMaterial).
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
    """Whether this import must find out if the given key material is the current one, because the result decides what
    follows.
    """
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
    """The note for check mode, which cannot compare: what a run does if the given key material is another one."""
    if facts.replica or not facts.current_key_material_id:
        return None
    if not any(requires_comparison(facts, wanted, match, step) for step in steps):
        return None
    then = "staged" if wanted.on_different_material == "stage" else "staged, and the key is rotated to it"
    return (
        f"{facts.arn}: it is unknown whether the given key material is the current one: {match.reason}. Check mode"
        " reports the changes for the case that it is. A run lets KMS compare the two first; if they differ, the"
        f" given key material is {then}."
    )


def plan_rotation(
    facts: KeyFacts, wanted: Wanted, match: Match, missing: t.Sequence[Material], now: datetime, warnings: list[str]
) -> list[Step]:
    """The steps that make the given key material the current one.

    :param match: ``different`` from the current one.
    :param missing: the key materials that the key lacks and the task does not restore.
    :raises Refusal: KMS would not rotate the key, or the key would be unusable after the rotation.
    """
    staged = facts.staged_material
    ours = staged is not None and staged.key_material_id == match.key_material_id
    refuse_different(facts, wanted, match)
    if facts.materials is None:
        raise Refusal(
            f"{facts.arn} holds other key material than the given one, and the list of its key materials could not"
            f" be read ({facts.materials_unread}). No rotation was started, because it is unknown whether one is"
            " possible. Allow the task to read the list (kms:ListKeyRotations)."
        )
    if staged is not None and not ours:
        which = (
            f"key material is already staged, {_dated(staged)}, and it is unknown whether it is the given one"
            if match.by == "none"
            else f"other key material than the given one is already staged, {_dated(staged)}"
        )
        if facts.rotation_started is not None:
            raise Refusal(
                f"{facts.arn}: {which}. KMS has been rotating the key to it since"
                f" {format_time(facts.rotation_started)}. Do not delete it. Run the task again when the rotation is"
                " complete: the staged key material is then the current one and belongs in previous_key_materials,"
                " together with new key material."
            )
        raise Refusal(
            f"{facts.arn}: {which}. KMS stages only one key material at a time. No rotation was started. To rotate"
            f" to the staged key material, give it as before; or {_how_to_delete(staged)}."
        )
    if facts.rotations_left == 0:
        raise Refusal(
            f"{facts.arn} was rotated {MOST_ROTATIONS} times, which is the maximum in KMS (AWS KMS resource quotas;"
            f" it cannot be raised). Nothing was changed. {_NEW_KEY}"
        )
    if missing:
        raise Refusal(
            f"{facts.arn} lacks required key material, {' and '.join(map(_dated, missing))}, and KMS does not rotate"
            " a key in PendingImport. No rotation was started. Give its older key materials in"
            " previous_key_materials."
        )
    if facts.replica_regions and not wanted.replicas and wanted.on_different_material == "rotate" and not ours:
        raise Refusal(
            f"{facts.arn} has replica keys in {', '.join(facts.replica_regions)}, and KMS rotates a multi-Region key"
            " only when all of them hold the new key material. No rotation was started. Set replicas: true; or stage"
            " the key material with on_different_material: stage, import it into each replica key, then rotate."
        )
    steps = _go_on(facts, wanted, staged, now) if staged is not None else _begin(facts, wanted, now, warnings)
    if facts.key_state == "Disabled" and not wanted.enabled and any(not step.proof for step in steps):
        raise Refusal(f"{facts.arn} is Disabled, but KMS rotates only Enabled keys. Set enabled: true.")
    return steps


def _begin(facts: KeyFacts, wanted: Wanted, now: datetime, warnings: list[str]) -> list[Step]:
    description = import_description(facts, wanted, wanted.own, None, warnings)
    refuse_unrecognizable(facts, wanted, wanted.own, None, description)
    end = wanted.expiration.for_import(None, now, never_imported=True)
    stage = Step("stage", expiration=end, import_type="NEW_KEY_MATERIAL", description=description)
    return [stage, Step("rotate")] if wanted.on_different_material == "rotate" else [stage]


def _go_on(facts: KeyFacts, wanted: Wanted, staged: Material, now: datetime) -> list[Step]:
    """Continue with key material that is already staged, by an earlier run or for a change window."""
    if facts.rotation_started is not None:
        # Wait for a rotation in progress before all other steps, and do not start it again.
        rotates = wanted.on_different_material == "rotate"
        return [Step("rotate", proof=True, key_material_id=staged.key_material_id)] if rotates else []
    end = staged.expiration
    remedy = f" To stage it again, {_how_to_delete(staged)}, then run the task again."
    if end is None or end.past(now):
        raise Refusal(
            f"{facts.arn}: the staged key material {_dated(staged)} is gone, and a rotation to it would make the key"
            f" unusable. No rotation was started.{remedy}"
        )
    if wanted.expiration.due(end.valid_to, now):
        raise Refusal(
            f"{facts.arn}: the staged key material {_dated(staged)} expires within renew_before. Nothing was"
            f" changed.{remedy}"
        )
    if wanted.on_different_material == "stage":
        return []
    if staged.state != "PENDING_ROTATION" and not wanted.replicas:
        raise Refusal(
            f"{facts.arn}: the key material {staged.key_material_id} is staged, but not all replica keys"
            f" ({', '.join(facts.replica_regions) or 'in other Regions'}) hold it. KMS rotates a multi-Region key"
            " only when all of them do. Set replicas: true, or import it into each replica key."
        )
    return [Step("rotate", key_material_id=staged.key_material_id)]


def refuse_different(facts: KeyFacts, wanted: Wanted, match: Match) -> None:
    """:raises Refusal: the task does not allow other key material to become the current one, or that is impossible."""
    proofs = {
        "public_key": "its public key", "mac": "VerifyMac", "label": "its label", "kms_import": "the comparison in KMS",
    }  # fmt: skip
    different = (
        f"{facts.arn} holds other key material than the given one, as shown by {proofs.get(match.by, match.by)}:"
        f" {match.reason}."
    )
    if not facts.symmetric:
        raise Refusal(
            f"{different} KMS never replaces the key material of an {facts.key_spec} key. Nothing was changed. Give"
            f" the key material that the key holds. KMS rotates only symmetric encryption keys. {_NEW_KEY}"
        )
    given = facts.material(match.key_material_id)
    if given is not None and given.state == "NON_CURRENT":
        raise Refusal(
            f"{different} KMS never makes an older key material the current one again. Nothing was changed. Give the"
            " current one, and this one in previous_key_materials; or give new key material."
        )
    if not wanted.rotates:
        raise Refusal(
            f"{different} Nothing was changed. Give the key material that the key holds, or name another key; or, to"
            " make the given one current under the same ARN, set on_different_material: rotate."
        )
    if facts.replica and given is None:
        raise Refusal(
            f"{different} A replica key accepts new key material only after its primary key. Import it into the"
            f" primary key first ({facts.primary_region}), with on_different_material: stage, or with rotate and"
            " replicas: true."
        )


def refuse_over_replicas(
    primary: KeyFacts,
    replicas: t.Mapping[str, KeyFacts],
    restored: t.Mapping[str, t.Collection[str]],
    enabled: bool | None,
    now: datetime,
) -> None:
    """Refuse the rotation of a multi-Region key if a replica key lacks an older key material, although KMS allows it.

    :param replicas: by Region, the replica keys that could be read.
    :param restored: by Region, the key materials that the task imports there.
    :param enabled: the task's declaration; None for none.
    :raises Refusal: a replica key would be unusable after the rotation, as it was before.
    """
    unknown = [region for region in primary.replica_regions if region not in replicas]
    if unknown:
        raise Refusal(
            f"{primary.arn} has replica keys that failed or could not be read, in {', '.join(unknown)}. The key was"
            " not rotated, because it is unknown whether they hold every key material. Correct the cause, then run"
            " the task again."
        )
    for region, replica in replicas.items():
        if replica.key_state not in ("Enabled", "PendingImport") and enabled is None:
            raise Refusal(
                f"{replica.arn} is {replica.key_state} and would not accept new key material, so the key was not"
                " rotated. Enable the replica key, or declare enabled."
            )
        if replica.materials is None:
            raise Refusal(
                f"{replica.arn}: the key was not rotated, because it is unknown whether this replica key holds every"
                f" key material ({replica.materials_unread}). Allow the task to read the list (kms:ListKeyRotations)."
            )
        lacking = [
            one for one in replica.missing_materials_at(now) if one.key_material_id not in restored.get(region, ())
        ]
        if lacking:
            raise Refusal(
                f"{replica.arn} lacks required key material, {' and '.join(map(_dated, lacking))}, so the key was"
                " not rotated. Give the older key materials in previous_key_materials."
            )


def _how_to_delete(staged: Material) -> str:
    return f"delete it (state: absent with key_material_id: {staged.key_material_id}), which does not affect the key"


def _dated(material: Material) -> str:
    when = "" if material.valid_to is None else f", which expires on {format_time(material.valid_to)}"
    return f"{material.key_material_id} ({material.state}, {material.import_state}{when})"
