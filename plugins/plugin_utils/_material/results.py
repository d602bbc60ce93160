# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""An outcome as the task's result tells it. Nothing in here has ever seen key material."""

from __future__ import annotations

import typing as t

from ...module_utils._key.snapshot import snapshot
from .converge import Outcome

__all__ = ("to_result",)


def to_result(outcome: Outcome) -> dict[str, t.Any]:
    """The fields of the result, also of a failed one: what is known and what was done is said in any case."""
    result: dict[str, t.Any] = {
        "changed": bool(outcome.done),
        "actions": list(outcome.done),
        "material_match": outcome.match.verdict,
        "material_match_by": outcome.match.by,
        "material_match_reason": outcome.match.reason or None,
    }
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
    if outcome.failure:
        result.update(failed=True, msg=outcome.failure)
        if outcome.kms_error:
            result["kms_error"] = dict(outcome.kms_error)
    return result
