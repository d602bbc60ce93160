# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A result says what is known and what was done, however the task ended."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._material.plan import Plan
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Applied, Failure, Imported, Step
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.outcome import Outcome, to_result

from ...module_utils.keys import CURRENT, IMPORTED, NOW
from ..scripts import PROVENANCE

BEFORE, AFTER = {"key_state": "PendingImport"}, {"key_state": "Enabled"}
PLAN = Plan((Step("disable", proof=True), Step("import"), Step("disable")), (), BEFORE, AFTER)


def test_nothing_known_is_nothing_said() -> None:
    assert to_result(Outcome()) == {
        "changed": False,
        "actions": [],
        "material_match": "unknown",
        "material_match_by": "none",
        "material_match_reason": "nothing was compared",
    }


def test_what_check_mode_foresees() -> None:
    outcome = Outcome(facts=IMPORTED, before=BEFORE)
    outcome.foresee(PLAN)
    result = to_result(outcome)
    assert (result["changed"], result["actions"]) == (True, ["import", "disable"])
    assert (result["diff"]["before"], result["diff"]["after"]) == (BEFORE, AFTER)


def test_what_was_done_is_said_beside_the_failure() -> None:
    outcome = Outcome(before=BEFORE)
    outcome.record(
        Applied(IMPORTED, NOW, PROVENANCE, ("import",), "disable", Imported("request", CURRENT), failure=Failure("No."))
    )
    outcome.failure = Failure("No.", {"code": "AccessDeniedException"})
    result = to_result(outcome)
    assert (result["failed"], result["msg"], result["kms_error"]["code"]) == (True, "No.", "AccessDeniedException")
    assert (result["changed"], result["actions"], result["actions_unconfirmed"]) == (True, ["import"], ["disable"])
    assert result["import"] == {"request_id": "request", "key_material_id": CURRENT}
    assert result["diff"]["after"]["key_state"] == "Enabled", "as KMS shows it, not as it was to be"


def test_a_plan_that_leaves_the_key_unusable_fails() -> None:
    outcome = Outcome(facts=IMPORTED)
    outcome.conclude(Plan((), (), BEFORE, AFTER, "Another key material is missing."))
    assert to_result(outcome)["failed"]


@pytest.mark.parametrize("lost", [{"unreachable": True, "msg": "?"}, {"failed": True, "msg": "?", "rc": 137}])
def test_a_visit_that_died_keeps_what_ansible_says(lost: dict[str, Any]) -> None:
    """A host that is unreachable is that for Ansible, too, and not only a failed task."""
    result = to_result(Outcome(facts=IMPORTED, unconfirmed=["import"], failure=Failure("Lost."), lost=lost))
    assert {**result, **lost, "msg": "Lost."} == result
    assert ("failed" in result) != ("unreachable" in result)
    assert result["kms_key"]["key_state"] == "Enabled"


def test_a_warning_is_said_once() -> None:
    outcome = Outcome()
    for warning in ("One.", None, "Two.", "One."):
        outcome.warn(warning)
    assert to_result(outcome)["warnings"] == ["One.", "Two."]
