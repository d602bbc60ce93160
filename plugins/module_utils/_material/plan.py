# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The decision of ``kms_key_material``: whether key material is imported, imported again, deleted or left alone.

From what KMS shows and what the task declares to the steps that are due. Pure: the facts, the match and the time are
arguments. Check mode makes the same plan and does not carry it out.
"""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass
from datetime import datetime

from .._errors import Refusal
from .._key.expiration import Expiration, ExpirationError, format_time
from .._key.facts import KeyFacts, Material
from .._key.material_label import DescriptionError, split_description
from .._key.snapshot import present_description, snapshot, snapshot_after
from .._key.specs import KEY_SPECS, refuse_key_spec
from .._messages import Action, Step
from .import_description import import_description, refuse_unrecognizable
from .match import Match
from .wanted import Wanted

__all__ = ("Plan", "explain_missing", "make_plan", "refuse_key")


@dataclass(frozen=True)
class Plan:
    """The steps in their order, what to tell the user, and the key before and after as the diff shows it.

    :ivar failure: why the task fails although all steps are done: the key is not usable then.
    """

    steps: tuple[Step, ...]
    warnings: tuple[str, ...]
    before: t.Mapping[str, t.Any]
    after: t.Mapping[str, t.Any]
    failure: str | None = None

    @property
    def actions(self) -> list[str]:
        return [step.action for step in self.steps if not step.proof]

    @property
    def import_step(self) -> Step | None:
        for step in self.steps:
            if step.action in ("import", "reimport"):
                return step
        return None

    def split_after_import(self) -> tuple[Plan, Plan]:
        """What ends with the import, after which a key with one key material is Enabled; and what follows it."""
        if self.import_step is None:
            return self, dataclasses.replace(self, steps=())
        end = self.steps.index(self.import_step) + 1
        imported = dataclasses.replace(self, steps=self.steps[:end], after={**self.after, "key_state": "Enabled"})
        return imported, dataclasses.replace(self, steps=self.steps[end:])


def make_plan(facts: KeyFacts, wanted: Wanted, match: Match, now: datetime) -> Plan:
    """:raises Refusal: the key cannot carry this material, or the task does not declare what doing it would need."""
    refuse_key(facts, wanted)
    try:
        if wanted.state == "absent":
            return _plan_absent(facts, wanted, match)
        return _plan_present(facts, wanted, match, now)
    except (ExpirationError, DescriptionError) as error:
        raise Refusal(f"{error} The key is {facts.arn}.") from None


def refuse_key(facts: KeyFacts, wanted: Wanted) -> None:
    """:raises Refusal: nothing can be imported into the key, now or ever; with ``state: absent``, or deleted."""
    key = facts.arn
    if facts.key_manager == "AWS":
        raise Refusal(
            f"{key} is an AWS managed key, and AWS makes its key material. Name a customer managed key with origin"
            " EXTERNAL."
        )
    if facts.origin != "EXTERNAL":
        raise Refusal(
            f"{key} has the origin {facts.origin}; key material can only be imported into a key with the origin"
            " EXTERNAL, and KMS fixes the origin when the key is created. Create a key with origin EXTERNAL and name"
            " that one."
        )
    refuse_key_spec(facts.key_spec, key)
    if facts.key_state == "Unavailable":
        raise Refusal(f"{key} is Unavailable: its key store does not answer. Reconnect the key store, then run again.")
    if facts.key_state in ("Creating", "Updating"):
        raise Refusal(
            f"{key} is still {facts.key_state}. Run again in some minutes, or set wait: true and a longer wait_timeout."
        )
    if wanted.state == "present" and facts.key_state in ("PendingDeletion", "PendingReplicaDeletion"):
        when = f" on {format_time(facts.deletion_date)}" if facts.deletion_date else ""
        raise Refusal(
            f"{key} is {facts.key_state}: KMS will delete it{when}, and imports nothing until then. To keep the key,"
            " cancel the deletion (CancelKeyDeletion), then run again."
        )


def _plan_present(facts: KeyFacts, wanted: Wanted, match: Match, now: datetime) -> Plan:
    if match.verdict == "different":
        raise Refusal(_sentence_different(facts, match))
    warnings: list[str] = []
    target = match.key_material_id or facts.current_key_material_id
    description = import_description(facts, wanted, warnings)
    # KMS deletes key material when its time is past, and may show it for some moments more.
    present = facts.expiration
    action: Action | None = None
    if present is None or present.past(now):
        present = None
        action = "import"
    elif _must_reimport(facts, wanted, match, present, description, now):
        action = "reimport"
    elif match.verdict == "unknown":
        warnings.append(_sentence_accepted(facts, match))
    steps: list[Step] = []
    key_state, expiration = facts.key_state, present
    missing = facts.missing_materials_at(now)
    if action:
        _refuse_disabled(facts, wanted)
        refuse_unrecognizable(facts, wanted, description)
        expiration = wanted.expiration.for_import(present, now, never_imported=facts.never_imported)
        if present is not None and facts.materials_unread and not wanted.expiration.declared:
            warnings.append(
                f"{facts.arn}: the task declares no expiration, and that of this key material alone cannot be read"
                f" ({facts.materials_unread}). The earliest of all its key materials, {expiration}, is sent again."
            )
        if facts.key_state == "Disabled":
            steps.append(Step("disable", proof=True))
        steps.append(_import_step(facts, action, expiration, target, description))
        missing = tuple(entry for entry in missing if entry.key_material_id != target)
        key_state = "PendingImport" if missing else "Enabled"
    if wanted.enabled is not None and key_state == ("Disabled" if wanted.enabled else "Enabled"):
        steps.append(Step("enable" if wanted.enabled else "disable"))
        key_state = "Enabled" if wanted.enabled else "Disabled"
    warnings += _warn_of_other_materials(facts, wanted, target, now)
    after = snapshot_after(
        facts, key_state, expiration, present_description(facts) if not action or description is None else description
    )
    failure = explain_missing(facts, missing) if missing else None
    return Plan(tuple(steps), tuple(warnings), snapshot(facts), after, failure)


def _import_step(
    facts: KeyFacts, action: Action, expiration: Expiration, target: str | None, description: str | None = None
) -> Step:
    return Step(
        action,
        expiration=expiration,
        # Never sent for other specs: KMS refuses even the default there.
        import_type="EXISTING_KEY_MATERIAL" if facts.symmetric and target else None,
        key_material_id=target if facts.symmetric else None,
        description=description,
    )


def _must_reimport(
    facts: KeyFacts, wanted: Wanted, match: Match, present: Expiration, description: str | None, now: datetime
) -> bool:
    """Whether key material that KMS holds, and that is not known to be other than the given one, is imported again.

    :param description: what an import would send.
    :raises Refusal: nothing tells whether it is the given one, and the task is to fail then.
    """
    if wanted.force:
        return True
    if match.verdict == "unknown":
        comparable = _comparable(facts)
        if wanted.unknown_material == "fail" and (comparable or wanted.on_unknown_material):
            raise Refusal(_sentence_unknown(facts, wanted, match, description))
        if wanted.unknown_material == "reimport" and comparable:
            return True
    if not wanted.expiration.satisfied_by(present, now):
        return True
    # A label that is missing is added at the next import; only the user's own text is worth one.
    return (
        wanted.description is not None
        and description is not None
        and split_description(description)[0] != split_description(present_description(facts))[0]
    )


def _comparable(facts: KeyFacts) -> bool:
    """Nothing but an import, which would enable the key, can compare that of a Disabled HMAC key."""
    return not (facts.key_state == "Disabled" and KEY_SPECS[facts.key_spec].kind == "hmac")


def _refuse_disabled(facts: KeyFacts, wanted: Wanted) -> None:
    if facts.key_state == "Disabled" and wanted.enabled is None:
        raise Refusal(
            f"{facts.arn} is Disabled, an import is due, and KMS enables a key when it imports into it. Declare what"
            " the key is to be afterwards: enabled: false to have it disabled again, or enabled: true."
        )


def _plan_absent(facts: KeyFacts, wanted: Wanted, match: Match) -> Plan:
    before = snapshot(facts)
    if not facts.material_present:
        return Plan((), _warn_of_unseen_material(facts), before, before)
    if match.verdict == "different":
        raise Refusal(
            f"{facts.arn} holds other key material than the given one: {match.reason}. KMS cannot give key material"
            " back, so nothing is deleted. Give the material that the key holds; or, to delete material of which you"
            " may have no copy, give none and set force: true."
        )
    if wanted.material != "given" and not wanted.force:
        raise Refusal(
            f"KMS cannot give key material back once it is deleted from {facts.arn}. Show that you hold a copy by"
            " giving it as plaintext (key_material_src), or set force: true."
        )
    current = facts.current_key_material_id if facts.symmetric else None
    steps: list[Step] = []
    if match.verdict == "unknown" and not wanted.force:
        steps.append(_comparison(facts, match))
    steps.append(Step("delete", key_material_id=current))
    warnings = (
        # Also said in check mode, and where KMS has yet to compare and may refuse.
        f"Everything that uses {facts.arn} stops working when its key material is deleted, until the same key material"
        " is imported again.",
    )
    key_state = facts.key_state if facts.key_state.startswith("Pending") else "PendingImport"
    return Plan(tuple(steps), warnings, before, snapshot_after(facts, key_state, None, present_description(facts)))


def _warn_of_unseen_material(facts: KeyFacts) -> tuple[str, ...]:
    """Of a key with several key materials DescribeKey shows only that one of them is missing."""
    if facts.materials is not None or not facts.current_key_material_id:
        return ()
    return (
        f"Nothing was deleted from {facts.arn}, which is {facts.key_state} because a key material is missing. If the"
        " key was rotated, that may be an older one, and KMS may still hold the current one; the list of them cannot be"
        f" read ({facts.materials_unread}).",
    )


def _comparison(facts: KeyFacts, match: Match) -> Step:
    """An import that changes nothing, by which KMS compares the given key material with what it holds.

    :raises Refusal: KMS would not do it in this state, or would enable the key by it.
    """
    present = facts.expiration
    if facts.key_state not in ("Enabled", "PendingImport") or present is None:
        remedy = (
            "cancel the deletion (CancelKeyDeletion) and enable the key first"
            if facts.key_state.startswith("Pending")
            else "enable the key first"
        )
        raise Refusal(
            f"{facts.arn} holds key material, and whether it is the given one is not known: {match.reason}. Nothing is"
            " deleted without that proof. An import would let KMS compare the two, but not while the key is"
            f" {facts.key_state}: {remedy}. To delete key material of which you may have no copy, set force: true."
        )
    return _import_step(facts, "reimport", present, facts.current_key_material_id)


def _warn_of_other_materials(facts: KeyFacts, wanted: Wanted, target: str | None, now: datetime) -> list[str]:
    """What this task does not renew makes the key unusable when it expires."""
    soon = [
        entry
        for entry in facts.materials or ()
        if entry.associated and entry.imported and entry.valid_to is not None and entry.key_material_id != target
        if wanted.expiration.outlasts(entry.valid_to, now)
    ]
    return [
        f"{facts.arn}: its other key material {entry.key_material_id} expires on {format_time(entry.valid_to)}, and"
        " this task does not renew it. From then on the whole key is PendingImport and unusable. Import that key"
        " material again before then, naming its KeyMaterialId."
        for entry in soon
        if entry.valid_to is not None
    ]


def explain_missing(facts: KeyFacts, missing: t.Iterable[Material]) -> str:
    names = ", ".join(entry.key_material_id for entry in missing)
    return (
        f"{facts.arn} is not usable: it stays PendingImport until KMS holds all its key materials again, and these are"
        f" missing: {names}. They were deleted or have expired. Import each of them again with AWS's own tools, naming"
        " its KeyMaterialId; this task imports the current one only."
    )


def _sentence_unknown(facts: KeyFacts, wanted: Wanted, match: Match, description: str | None) -> str:
    """:param description: what an import would send."""
    unknown = f"{facts.arn} holds key material, and whether it is the given one is not known: {match.reason}."
    accept = "on_unknown_material: accept takes it as it is, unproven."
    if not _comparable(facts):
        return f"{unknown} Nothing was touched. KMS can compare the two once the key is enabled. {accept}"
    after = present_description(facts) if description is None else description
    if facts.materials is not None and wanted.material_label and split_description(after)[1] == wanted.material_label:
        return (
            f"{unknown} Nothing was touched. If it should be the given one, run once with on_unknown_material:"
            " reimport. KMS then compares the two and refuses any other key material, and the label by which later"
            f" runs recognize it is written. {accept}"
        )
    return (
        f"{unknown} Nothing was touched. If it should be the given one, set on_unknown_material: reimport. KMS then"
        f" compares the two in every run and refuses any other key material. {accept}"
    )


def _sentence_accepted(facts: KeyFacts, match: Match) -> str:
    compare = (
        "on_unknown_material: reimport lets KMS compare the two"
        if _comparable(facts)
        else "KMS can compare the two once the key is enabled"
    )
    return (
        f"{facts.arn} holds key material, and whether it is the given one is not known: {match.reason}. It is accepted"
        f" as it is; {compare}."
    )


def _sentence_different(facts: KeyFacts, match: Match) -> str:
    proof = {"public_key": "its public key", "mac": "VerifyMac", "label": "its label"}.get(match.by, match.by)
    what_to_do = (
        "A key's material is only ever changed by a rotation, which this task does not do; nothing was touched. Give"
        " the material that the key holds, or name another key."
        if facts.symmetric
        else f"KMS never replaces the material of a {facts.key_spec} key; nothing was touched. Give the material that"
        " the key holds; for new material create a new key and move the alias to it."
    )
    return f"{facts.arn} belongs to other key material than the given one, by {proof}: {match.reason}. {what_to_do}"
