# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""An outcome as the task's result tells it. Nothing in here has ever seen key material."""

from __future__ import annotations

import typing as t

from ansible_collections.cloudkeys.aws.plugins.module_utils._plan import snapshot
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._converge import Outcome

__all__ = ("to_result",)


def to_result(outcome: Outcome, check_mode: bool) -> dict[str, t.Any]:
    """The fields of the result, also of a failed one: what is known and what was done is said in any case."""
    plan = outcome.plan
    actions = list(plan.actions) if check_mode and plan and not outcome.failure else list(outcome.done)
    result: dict[str, t.Any] = {
        "changed": bool(actions),
        "actions": actions,
        "material_match": outcome.match.verdict,
        "material_match_by": outcome.match.by,
        "material_match_reason": outcome.match.reason or None,
    }
    if outcome.facts is not None:
        result["kms_key"] = outcome.facts.to_result()
    if plan is not None and outcome.facts is not None:
        after = snapshot(outcome.facts) if outcome.failure else plan.after
        arn = outcome.facts.arn
        result["diff"] = {"before_header": arn, "after_header": arn, "before": dict(plan.before), "after": dict(after)}
    if outcome.imported is not None:
        result["import"] = outcome.imported
    if outcome.warnings:
        result["warnings"] = list(outcome.warnings)
    if outcome.failure:
        result.update(failed=True, msg=outcome.failure)
        if outcome.kms_error:
            result["kms_error"] = dict(outcome.kms_error)
    return result
