# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What is known at the end of a conversation about one key, whichever end it was, and the task's result from that."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...module_utils._key.facts import KeyFacts
from ...module_utils._key.snapshot import snapshot
from ...module_utils._material.match import Match
from ...module_utils._material.plan import Plan
from ...module_utils._messages import Applied, Failure

__all__ = ("Outcome", "to_result")


@dataclass
class Outcome:
    """It grows while the conversation goes on, so that it is true at any moment.

    :ivar done: the actions that were carried out or, in check mode, would be.
    :ivar unconfirmed: the actions of which nobody knows whether KMS has done them: the answer was lost.
    :ivar before: the key before them, in the fields of the diff; None where no decision was made.
    :ivar after: the key after them; None for what *facts* show.
    :ivar lost: what Ansible says of a visit that died.
    """

    facts: KeyFacts | None = None
    match: Match = field(default_factory=lambda: Match.unknown("nothing was compared"))
    done: list[str] = field(default_factory=list)
    unconfirmed: list[str] = field(default_factory=list)
    before: Mapping[str, t.Any] | None = None
    after: Mapping[str, t.Any] | None = None
    imported: dict[str, t.Any] | None = None
    warnings: list[str] = field(default_factory=list)
    failure: Failure | None = None
    lost: Mapping[str, t.Any] | None = None

    def warn(self, warning: str | None) -> None:
        if warning and warning not in self.warnings:
            self.warnings.append(warning)

    def record(self, applied: Applied) -> None:
        """What the target has done."""
        self.facts = applied.facts
        self.done += applied.done
        self.unconfirmed += [applied.unconfirmed] if applied.unconfirmed else []
        if applied.imported is not None:
            self.imported = {
                "request_id": applied.imported.request_id,
                "key_material_id": applied.imported.key_material_id,
            }
            self.match = Match("same", "kms_import")

    def foresee(self, plan: Plan) -> None:
        """For check mode, and where there is nothing to do."""
        self.done += plan.actions
        self.conclude(plan)

    def conclude(self, plan: Plan) -> None:
        """The plan is carried out."""
        self.after = plan.after
        self.failure = Failure(plan.failure) if plan.failure else None


def to_result(outcome: Outcome) -> dict[str, t.Any]:
    """The fields of the result, also of a failed one: what is known and what was done is said in any case."""
    result: dict[str, t.Any] = {
        **(outcome.lost or {}),
        "changed": bool(outcome.done or outcome.unconfirmed),
        "actions": list(outcome.done),
        "material_match": outcome.match.verdict,
        "material_match_by": outcome.match.by,
        "material_match_reason": outcome.match.reason or None,
    }
    if outcome.unconfirmed:
        result["actions_unconfirmed"] = list(outcome.unconfirmed)
    if outcome.facts is not None:
        result["kms_key"] = outcome.facts.to_result()
    if outcome.before is not None and outcome.facts is not None:
        after = snapshot(outcome.facts) if outcome.after is None else outcome.after
        arn = outcome.facts.arn
        before = dict(outcome.before)
        result["diff"] = {"before_header": arn, "after_header": arn, "before": before, "after": dict(after)}
    if outcome.imported is not None:
        result["import"] = outcome.imported
    if outcome.warnings:
        result["warnings"] = list(outcome.warnings)
    if outcome.failure is not None:
        result["msg"] = outcome.failure.sentence
        if not (outcome.lost or {}).get("unreachable"):
            result["failed"] = True
        if outcome.failure.kms_error:
            result["kms_error"] = dict(outcome.failure.kms_error)
    return result
