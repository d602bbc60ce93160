# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The decision of ``kms_key_material``: which key materials to import, stage, rotate to, delete or leave unchanged.

It derives the required steps from the state in KMS and the task's declaration. Pure: the facts, the matches and the
time are arguments. Check mode makes the same plan but does not carry it out.
"""

from __future__ import annotations

import dataclasses
import itertools
import typing as t
from dataclasses import dataclass
from datetime import datetime

from .._errors import OptionError, Refusal
from .._key.expiration import Expiration, format_time
from .._key.facts import FEW_ROTATIONS, MOST_ROTATIONS, KeyFacts, Material
from .._key.snapshot import OTHERS, snapshot
from .._key.specs import refuse_key_spec
from .._messages import Step
from .deletion import plan_deletion
from .foreseen import NEW, foreseen
from .imports import decide_import
from .match import Match, unrecognized
from .rotation import plan_rotation, presume_new, refuse_different
from .wanted import GivenMaterial, Wanted

__all__ = ("Plan", "explain_missing", "make_plan", "refuse_key")


@dataclass(frozen=True)
class Plan:
    """The steps in their order, and messages for the user.

    :ivar facts, now: the basis of the decision.
    :ivar failure: why the task fails although all steps are done: the key is not usable, or will soon be unusable.
    :ivar rotating: whether a rotation makes the given key material the current one, or is already in progress.
    :ivar for_replicas: whether the task also imports staged key material into the replica keys.
    """

    facts: KeyFacts
    now: datetime
    steps: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()
    failure: str | None = None
    rotating: bool = False
    for_replicas: bool = False

    @property
    def actions(self) -> list[str]:
        return [step.action for step in self.steps if not step.proof]

    @property
    def before(self) -> dict[str, t.Any]:
        """The present key in the fields of the diff."""
        return snapshot(self.facts)

    @property
    def after(self) -> dict[str, t.Any]:
        """The key after all steps."""
        after = snapshot(foreseen(self.facts, self.steps, self.now))
        new = after.get(OTHERS, {}).get(NEW)
        if new is not None and self.facts.replica_regions and not self.for_replicas:
            new["state"] = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
        return after

    @property
    def identifies(self) -> bool:
        """Whether KMS is to determine which of the key's key materials some of the given ones are."""
        return any(step.imports and step.place and step.key_material_id is None for step in self.steps)

    @property
    def shown(self) -> dict[str, t.Any]:
        """The part of *after* that KMS can report. New key material, for example, gets its ID only with its import."""
        if self.identifies:
            return {}
        after = self.after
        # Staged key material changes its state when the last Region has it.
        others = {
            name: {field: value for field, value in one.items() if field != "state"}
            for name, one in after.pop(OTHERS, {}).items()
            if name != NEW
        }
        return {**after, OTHERS: others} if others else after

    @property
    def imports(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.imports)

    @property
    def import_step(self) -> Step | None:
        """The import of the task's own key material."""
        return next((step for step in self.imports if not step.place), None)

    @property
    def rotate_step(self) -> Step | None:
        return next((step for step in self.steps if step.action == "rotate"), None)

    @property
    def begins_rotation(self) -> bool:
        """Whether a rotation must be started, and not only awaited."""
        return self.rotate_step is not None and not self.rotate_step.proof

    @property
    def stages(self) -> bool:
        return any(step.action == "stage" for step in self.steps)

    @property
    def changes_current(self) -> bool:
        """Whether other key material is about to become the current one."""
        return self.stages or self.rotate_step is not None

    def until_rotation(self) -> Plan:
        """The steps that can be done before the key must be read again."""
        # Whether other key material may be staged depends on which key materials KMS recognizes in the imports before.
        ends = ("stage", "rotate") if self.identifies else ("rotate",)
        return self._only(tuple(itertools.takewhile(lambda step: step.action not in ends, self.steps)))

    def split_after_import(self) -> tuple[Plan, Plan]:
        """The steps up to the import, after which a key with one key material is Enabled; and the remaining steps."""
        if self.import_step is None:
            return self, self._only(())
        end = self.steps.index(self.import_step) + 1
        imported = foreseen(self.facts, self.steps[:end], self.now)
        return self._only(self.steps[:end]), dataclasses.replace(self, facts=imported, steps=self.steps[end:])

    def _only(self, steps: tuple[Step, ...]) -> Plan:
        return dataclasses.replace(self, steps=steps)


def make_plan(
    facts: KeyFacts, wanted: Wanted, match: Match | None, now: datetime, previous: t.Sequence[Match] = ()
) -> Plan:
    """:param match: of the task's own key material; None if it is not for this key yet.
    :param previous: of its older ones, in their order.
    :raises Refusal: the key cannot hold this key material, or the task does not declare something that is required.
    """
    refuse_key(facts, wanted)
    try:
        if wanted.state == "absent":
            warnings: list[str] = []
            own = Match.unknown("it was not compared") if match is None else match
            steps = plan_deletion(facts, wanted, (own, *previous), warnings)
            return Plan(facts, now, tuple(steps), tuple(warnings))
        return _plan_present(facts, wanted, match, previous, now)
    except OptionError as error:
        raise Refusal(f"{error} The key is {facts.arn}.") from None


def refuse_key(facts: KeyFacts, wanted: Wanted) -> None:
    """:raises Refusal: nothing can be imported into the key, now or ever; with ``state: absent``, nothing can be
    deleted.
    """
    key = facts.arn
    if facts.key_manager == "AWS":
        raise Refusal(
            f"{key} is an AWS managed key, whose key material is generated by AWS. Name a customer managed key with"
            " origin EXTERNAL."
        )
    if facts.origin != "EXTERNAL":
        raise Refusal(
            f"{key} has the origin {facts.origin}, but key material can be imported only into a key with origin"
            " EXTERNAL, and KMS cannot change the origin of a key. Create a key with origin EXTERNAL and name that"
            " key."
        )
    refuse_key_spec(facts.key_spec, key)
    if facts.key_state == "Unavailable":
        raise Refusal(
            f"{key} is Unavailable: its key store does not respond. Reconnect the key store, then run the task again."
        )
    if facts.key_state in ("Creating", "Updating"):
        raise Refusal(
            f"{key} is still {facts.key_state}. Run the task again in some minutes, or set wait: true and a"
            " longer wait_timeout."
        )
    if wanted.state == "present" and facts.key_state in ("PendingDeletion", "PendingReplicaDeletion"):
        when = f" on {format_time(facts.deletion_date)}" if facts.deletion_date else ""
        raise Refusal(
            f"{key} is {facts.key_state}: KMS will delete it{when} and accepts no import until then. To keep the"
            " key, cancel the deletion (CancelKeyDeletion), then run the task again."
        )


def _plan_present(
    facts: KeyFacts, wanted: Wanted, match: Match | None, previous: t.Sequence[Match], now: datetime
) -> Plan:
    match = match and presume_new(facts, wanted, match)
    rotating = match is not None and match.verdict == "different"
    if match is not None and rotating:
        refuse_different(facts, wanted, match)
    _refuse_previous(facts, wanted, match, previous)
    # A replica key accepts the key material staged in its primary key and has no rotation of its own.
    copying = rotating and facts.replica
    warnings: list[str] = []
    steps: list[Step] = []
    own = [] if match is None or (rotating and not copying) else [(wanted.own, match)]
    # Import the oldest first: the current one makes the key usable.
    for given, its_match in reversed([*own, *zip(wanted.previous, previous)]):
        step = decide_import(facts, wanted, given, its_match, now, warnings)
        steps += [] if step is None else [step]
    missing = _still_missing(facts, wanted, steps, now)
    if match is not None and rotating and not copying:
        steps += plan_rotation(facts, wanted, match, missing, now, warnings)
        steps += _after_rotation(facts, wanted, match, steps, now)
        missing = []
    if steps and facts.key_state == "Disabled" and not steps[0].proof:
        # An import enables the key. A key that is enabled only for a rotation is enabled by a separate step.
        steps.insert(0, Step("disable", proof=True) if steps[0].imports else Step("enable"))
    state = foreseen(facts, steps, now).key_state
    if wanted.enabled is not None and state == ("Disabled" if wanted.enabled else "Enabled"):
        steps.append(Step("enable" if wanted.enabled else "disable"))
    taken = {one.key_material_id for one in (match, *previous) if one} | {step.key_material_id for step in steps}
    if not rotating:
        taken.add(facts.current_key_material_id)
    others = [one for one in facts.materials or () if one.associated and one.key_material_id not in taken]
    others = _not_given(facts, wanted, others, steps)
    failure = explain_missing(facts, missing) if missing else _explain_ending(facts, wanted, others, now)
    if failure is None:
        warnings += _warn_of_others(facts, wanted, others, now)
    if wanted.rotates and facts.rotations_left is not None and 0 < facts.rotations_left <= FEW_ROTATIONS:
        warnings.append(
            f"{facts.arn} can be rotated {facts.rotations_left} more times (of {MOST_ROTATIONS} in total). Plan"
            " a new key."
        )
    return Plan(
        facts,
        now,
        tuple(steps),
        tuple(warnings),
        failure,
        rotating=rotating and not copying and wanted.on_different_material == "rotate",
        for_replicas=wanted.replicas,
    )


def _after_rotation(
    facts: KeyFacts, wanted: Wanted, match: Match, steps: t.Sequence[Step], now: datetime
) -> list[Step]:
    """Key material staged by an earlier run keeps that run's expiration and description until it is the current one."""
    if match.key_material_id is None or not any(step.action == "rotate" for step in steps):
        return []
    current = dataclasses.replace(match, verdict="same")
    step = decide_import(foreseen(facts, steps, now), wanted, wanted.own, current, now, [])
    return [] if step is None else [step]


def _refuse_previous(facts: KeyFacts, wanted: Wanted, match: Match | None, previous: t.Sequence[Match]) -> None:
    """:raises Refusal: the key materials given as older ones are not older key materials of the key."""
    if not wanted.previous:
        return
    if not facts.symmetric:
        raise Refusal(
            f"{facts.arn} is an {facts.key_spec} key, which has only one key material and no older ones. Remove"
            " previous_key_materials."
        )
    if facts.materials is None:
        raise Refusal(
            f"{facts.arn}: previous_key_materials requires the list of the key's key materials, which could not be"
            f" read ({facts.materials_unread}). Nothing was changed. Allow the task to read it (kms:ListKeyRotations)."
        )
    if not facts.materials:
        raise Refusal(
            f"{facts.arn} never had key material, so it has no older key materials. A rotation adds new key"
            " material. Nothing was changed. Remove previous_key_materials."
        )
    seen: dict[str | None, str] = {}
    if match is not None and match.verdict == "same":
        seen[match.key_material_id] = wanted.own.name
    for given, its_match in zip(wanted.previous, previous):
        if its_match.verdict == "different":
            raise Refusal(
                f"{facts.arn}: {given.name} is none of its key materials: {its_match.reason}. Nothing was changed."
                " Remove the entry, or give the key material that the key had."
            )
        found = facts.material(its_match.key_material_id)
        if found is not None and found.staged and not facts.replica:
            raise Refusal(
                f"{facts.arn}: {given.name} is staged for a rotation ({found.key_material_id}), so it is not an"
                " older key material. Nothing was changed. Remove the entry, or give it as the task's own key"
                " material."
            )
        if found is not None and found.key_material_id in seen:
            raise Refusal(
                f"{facts.arn}: {given.name} is the same key material as {seen[found.key_material_id]}"
                f" ({found.key_material_id}). Nothing was changed. Remove one of them."
            )
        if found is not None and match is not None and found.key_material_id == facts.current_key_material_id:
            _refuse_current(facts, wanted, match, given)
        seen[its_match.key_material_id] = given.name


def _refuse_current(facts: KeyFacts, wanted: Wanted, match: Match, given: GivenMaterial) -> None:
    """:raises Refusal: an older one is known to be the current one, and the given one would be accepted without
    proof.
    """
    if match.verdict == "unknown" and wanted.unknown_material(wanted.own) != "reimport":
        raise Refusal(
            f"{facts.arn}: {given.name} is the current key material ({facts.current_key_material_id}), so it is not"
            f" older than {wanted.own.name}. Nothing was changed. Give it as the task's own key material and remove"
            " the entry; or, to make the given one the current one, set on_different_material: rotate."
        )


def _still_missing(facts: KeyFacts, wanted: Wanted, steps: t.Sequence[Step], now: datetime) -> list[Material]:
    """The key materials that the key lacks after these imports. One that KMS will identify may be any without a
    label.
    """
    restored = {step.key_material_id for step in steps}
    missing = [one for one in facts.missing_materials_at(now) if one.key_material_id not in restored]
    labels = [wanted.previous[step.place - 1].label for step in steps if step.place and step.key_material_id is None]
    if len(missing) > len(labels):
        return missing
    return [one for one in missing if not any(label and one in unrecognized(facts, label) for label in labels)]


def _not_given(
    facts: KeyFacts, wanted: Wanted, others: t.Sequence[Material], steps: t.Sequence[Step]
) -> list[Material]:
    """The *others* that the task does not give. If KMS will identify some of them, all or none may be given."""
    identified = {step.place for step in steps if step.place and step.key_material_id is None}
    labels = [given.label for given in wanted.previous if given.place in identified and given.label is not None]
    maybe = {one.key_material_id for label in labels for one in unrecognized(facts, label)}
    known = [one for one in others if one.key_material_id not in maybe]
    return known if len(others) - len(known) <= len(labels) else list(others)


def _explain_ending(facts: KeyFacts, wanted: Wanted, others: t.Sequence[Material], now: datetime) -> str | None:
    """Explain that key material which the task does not give expires so soon that it should be renewed."""
    ending = [one for one in others if wanted.expiration.due(one.valid_to, now)]
    return _sentence_ending(facts, ending, "within renew_before") if ending else None


def _warn_of_others(facts: KeyFacts, wanted: Wanted, others: t.Sequence[Material], now: datetime) -> list[str]:
    """Warn about key material that this task does not renew: the key becomes unusable when it expires."""
    ending = [one for one in others if one.valid_to is not None and wanted.expiration.outlasts(one.valid_to, now)]
    return [_sentence_ending(facts, ending, "before the given one")] if ending else []


def _sentence_ending(facts: KeyFacts, ending: t.Iterable[Material], when: str) -> str:
    named = ", ".join(f"{one.key_material_id} ({Expiration(one.valid_to)})" for one in ending)
    return (
        f"{facts.arn} requires key material that the task does not give and that expires {when}: {named}. After that"
        " time, the whole key is PendingImport and unusable. Give the key material in previous_key_materials to"
        " renew it together with the current one."
    )


def explain_missing(facts: KeyFacts, missing: t.Iterable[Material]) -> str:
    """The message for a task that fails although everything it gives is imported.

    :param missing: the key materials that the key requires and the task does not give.
    """
    names = ", ".join(entry.key_material_id for entry in missing)
    return (
        f"{facts.arn} is not usable. It stays PendingImport until KMS holds all its key materials again. These are"
        f" missing because they were deleted or have expired: {names}. Give them in previous_key_materials to import"
        " them again."
    )
