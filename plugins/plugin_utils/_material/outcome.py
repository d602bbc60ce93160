# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The outcome of a conversation about one key, however it ended, and the task's result."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...module_utils._key.facts import KeyFacts
from ...module_utils._key.snapshot import snapshot
from ...module_utils._material.match import Match
from ...module_utils._material.plan import Plan
from ...module_utils._messages import Applied, Failure, Step

__all__ = ("Outcome", "to_result")


@dataclass
class Outcome:
    """The outcome, which is updated during the conversation, so that it is always accurate.

    :ivar match: of the task's own key material; *previous* of its older ones.
    :ivar done: the actions that were carried out or, in check mode, would be.
    :ivar unconfirmed: the actions that KMS may or may not have performed, because the answer was lost.
    :ivar before: the key before the actions, in the fields of the diff; None if no decision was made.
    :ivar after: the key after the actions; None to use *facts*.
    :ivar imported: of the task's own key material; *others_imported* of its older ones.
    :ivar decision: the warnings of the last decision, which replace earlier ones.
    :ivar lost: Ansible's result of a visit that failed.
    :ivar replicas: the outcomes of the replica keys, possibly empty; None if the task does not include them.
    """

    facts: KeyFacts | None = None
    match: Match = field(default_factory=lambda: Match.unknown("nothing was compared"))
    previous: tuple[Match, ...] = ()
    done: list[str] = field(default_factory=list)
    unconfirmed: list[str] = field(default_factory=list)
    before: Mapping[str, t.Any] | None = None
    after: Mapping[str, t.Any] | None = None
    imported: dict[str, t.Any] | None = None
    others_imported: list[dict[str, t.Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    decision: list[str] = field(default_factory=list)
    failure: Failure | None = None
    lost: Mapping[str, t.Any] | None = None
    replicas: list[Outcome] | None = None

    def warn(self, warning: str | None) -> None:
        if warning and warning not in self.warnings:
            self.warnings.append(warning)

    def decide(self, plan: Plan) -> None:
        """Record a decision. The state before the first decision is the state before the task."""
        self.decision = list(plan.warnings)
        if not (self.done or self.unconfirmed):
            self.before = plan.before

    def record(self, applied: Applied, steps: Sequence[Step], summaries: Sequence[Mapping[str, t.Any]]) -> None:
        """Record what the target has done.

        :param summaries: how the key material was encrypted, for each step that imports.
        """
        self.facts = applied.facts
        self.done += applied.done
        self.unconfirmed += [applied.unconfirmed] if applied.unconfirmed else []
        for (step, imported), summary in zip(applied.taken(steps), summaries, strict=False):
            told = {"request_id": imported.request_id, "key_material_id": imported.key_material_id, **summary}
            self.compared(step.place, Match("same", "kms_import", key_material_id=imported.key_material_id))
            if step.place:
                self.others_imported.append(told)
            else:
                self.imported = told

    def compared(self, place: int, match: Match) -> None:
        """Record whether the key material at this place matches, because KMS has accepted or rejected it."""
        if not place:
            self.match = match
        elif place <= len(self.previous):
            self.previous = (*self.previous[: place - 1], match, *self.previous[place:])

    def foresee(self, plan: Plan) -> None:
        """Record the plan in check mode, or if there is nothing to do."""
        self.done += plan.actions
        self.conclude(plan)

    def conclude(self, plan: Plan) -> None:
        """Record that the plan was carried out."""
        self.after = plan.after
        self.failure = Failure(plan.failure) if plan.failure else None


def to_result(outcome: Outcome) -> dict[str, t.Any]:
    """The fields of the result, including those of a failed one: what is known and done is always reported."""
    result = _of_one_key(outcome)
    if outcome.replicas is not None:
        regions = [outcome, *outcome.replicas]
        result["kms_keys"] = [_in_region(one) for one in regions]
        result["changed"] = any(entry["changed"] for entry in result["kms_keys"])
        diffs = [one for one in map(_diff, regions) if one is not None]
        if diffs:
            result["diff"] = diffs
        _say(result, regions)
    return result


def _in_region(outcome: Outcome) -> dict[str, t.Any]:
    """An entry of ``kms_keys``. Diff and warnings belong to the task."""
    entry = _of_one_key(outcome)
    for left_out in ("diff", "warnings", *(outcome.lost or {})):
        entry.pop(left_out, None)
    entry["failed"] = outcome.failure is not None
    entry["msg"] = outcome.failure.sentence if outcome.failure else None
    return entry


def _of_one_key(outcome: Outcome) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {
        **(outcome.lost or {}),
        "changed": bool(outcome.done or outcome.unconfirmed),
        "actions": list(outcome.done),
        **_match(outcome.match),
    }
    if outcome.unconfirmed:
        result["actions_unconfirmed"] = list(outcome.unconfirmed)
    if outcome.previous:
        result["previous_key_materials"] = [
            {"key_material_id": one.key_material_id, **_match(one)} for one in outcome.previous
        ]
    if outcome.facts is not None:
        result["kms_key"] = outcome.facts.to_result()
    diff = _diff(outcome)
    if diff is not None:
        result["diff"] = diff
    if outcome.imported is not None:
        result["import"] = outcome.imported
    if outcome.others_imported:
        result["previous_imports"] = list(outcome.others_imported)
    _say(result, [outcome])
    if outcome.failure is not None and outcome.failure.kms_error:
        result["kms_error"] = dict(outcome.failure.kms_error)
    return result


def _say(result: dict[str, t.Any], outcomes: Sequence[Outcome]) -> None:
    """Add the warnings and the reasons for failures, each message once."""
    warnings = dict.fromkeys(warning for one in outcomes for warning in (*one.warnings, *one.decision))
    if warnings:
        result["warnings"] = list(warnings)
    failures = dict.fromkeys(one.failure.sentence for one in outcomes if one.failure is not None)
    if failures:
        result["msg"] = " ".join(failures)
        if not result.get("unreachable"):
            result["failed"] = True


def _match(match: Match) -> dict[str, t.Any]:
    return {
        "material_match": match.verdict,
        "material_match_by": match.by,
        "material_match_reason": match.reason or None,
    }


def _diff(outcome: Outcome) -> dict[str, t.Any] | None:
    if outcome.before is None or outcome.facts is None:
        return None
    after = snapshot(outcome.facts) if outcome.after is None else outcome.after
    arn = outcome.facts.arn
    return {"before_header": arn, "after_header": arn, "before": dict(outcome.before), "after": dict(after)}
