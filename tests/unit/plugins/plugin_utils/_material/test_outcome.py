# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A result contains the known facts and the actions, regardless of how the task ended."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import Expiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.match import Match
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.plan import Plan
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Applied, Failure, Imported, Step
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.outcome import Outcome, to_result

from ...module_utils.keys import CURRENT, EARLIER, IMPORTED, LABEL, NOW
from ..scripts import PROVENANCE

NEVER = Expiration(None)
LOST = IMPORTED._replace(key_state="PendingImport", materials=(Material(CURRENT, "CURRENT", "PENDING_IMPORT", LABEL),))
STEPS = (
    Step("disable", proof=True),
    Step("import", expiration=NEVER, key_material_id=CURRENT),
    Step("disable"),
)
PLAN = Plan(LOST, NOW, STEPS)
BEFORE, AFTER = PLAN.before, PLAN.after
SUMMARIES = ({"wrapping_algorithm": "RSAES_OAEP_SHA_256"},)


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
    assert (BEFORE["key_state"], AFTER["key_state"]) == ("PendingImport", "Disabled")


def test_what_was_done_is_said_beside_the_failure() -> None:
    outcome = Outcome(before=BEFORE)
    told = Applied(
        IMPORTED,
        NOW,
        PROVENANCE,
        ("import",),
        "disable",
        (Imported("request", CURRENT),),
        failed_step=2,
        failure=Failure("No."),
    )
    outcome.record(told, STEPS, SUMMARIES)
    outcome.failure = Failure("No.", {"code": "AccessDeniedException"})
    result = to_result(outcome)
    assert (result["failed"], result["msg"], result["kms_error"]["code"]) == (True, "No.", "AccessDeniedException")
    assert (result["changed"], result["actions"], result["actions_unconfirmed"]) == (True, ["import"], ["disable"])
    assert result["import"] == {"request_id": "request", "key_material_id": CURRENT, **SUMMARIES[0]}
    assert result["diff"]["after"]["key_state"] == "Enabled", "the state in KMS, not the planned state"


def test_a_plan_that_leaves_the_key_unusable_fails() -> None:
    outcome = Outcome(facts=IMPORTED)
    outcome.conclude(Plan(LOST, NOW, failure="Another key material is missing."))
    assert to_result(outcome)["failed"]


@pytest.mark.parametrize("lost", [{"unreachable": True, "msg": "?"}, {"failed": True, "msg": "?", "rc": 137}])
def test_a_visit_that_died_keeps_what_ansible_says(lost: dict[str, Any]) -> None:
    """An unreachable host is unreachable for Ansible, not only a failed task."""
    result = to_result(Outcome(facts=IMPORTED, unconfirmed=["import"], failure=Failure("Lost."), lost=lost))
    assert {**result, **lost, "msg": "Lost."} == result
    assert ("failed" in result) != ("unreachable" in result)
    assert result["kms_key"]["key_state"] == "Enabled"


def test_a_warning_is_said_once() -> None:
    outcome = Outcome()
    for warning in ("One.", None, "Two.", "One."):
        outcome.warn(warning)
    assert to_result(outcome)["warnings"] == ["One.", "Two."]


@pytest.mark.parametrize("known", [{"done": ["stage"]}, {"unconfirmed": ["stage"]}])
def test_the_key_before_the_task_is_the_one_of_the_first_decision(known: dict[str, Any]) -> None:
    outcome = Outcome(facts=IMPORTED)
    outcome.decide(Plan(LOST, NOW))
    for name, value in known.items():
        setattr(outcome, name, value)
    outcome.decide(Plan(IMPORTED, NOW, warnings=("Of the second decision.",)))
    result = to_result(outcome)
    assert result["diff"]["before"] == BEFORE
    assert result["warnings"] == ["Of the second decision."]


def test_every_older_key_material_is_told_in_the_order_of_the_task() -> None:
    outcome = Outcome(previous=(Match("same", "label", key_material_id=EARLIER), Match.unknown("Nothing tells.")))
    first, second = to_result(outcome)["previous_key_materials"]
    assert (first["key_material_id"], first["material_match"], first["material_match_by"]) == (EARLIER, "same", "label")
    assert (second["key_material_id"], second["material_match_reason"]) == (None, "Nothing tells.")


def in_region(region: str, **values: Any) -> Outcome:
    return Outcome(facts=IMPORTED._replace(region=region, arn=IMPORTED.arn.replace("eu-central-1", region)), **values)


def test_each_region_has_its_part_of_the_result() -> None:
    primary = in_region("eu-central-1", before=BEFORE)
    primary.replicas = [
        in_region("eu-west-1", before=BEFORE, done=["import"], warnings=["A warning."]),
        in_region("us-east-1", failure=Failure("No.", {"code": "AccessDeniedException"}), warnings=["A warning."]),
    ]
    result = to_result(primary)
    regions = result["kms_keys"]
    assert [one["kms_key"]["region"] for one in regions] == ["eu-central-1", "eu-west-1", "us-east-1"]
    assert [(one["changed"], one["failed"], one["msg"]) for one in regions] == [
        (False, False, None),
        (True, False, None),
        (False, True, "No."),
    ]
    assert regions[2]["kms_error"]["code"] == "AccessDeniedException"
    assert (result["changed"], result["failed"], result["msg"]) == (True, True, "No.")
    assert result["warnings"] == ["A warning."]
    assert [one["before_header"].split(":")[3] for one in result["diff"]] == ["eu-central-1", "eu-west-1"]
    assert not {"diff", "warnings"} & {name for one in regions for name in one}
    assert "kms_keys" not in to_result(in_region("eu-central-1")), "only if the task manages replica keys"


def test_a_region_whose_visit_died_does_not_make_the_host_unreachable_twice() -> None:
    lost = {"unreachable": True, "msg": "No route to host."}
    primary = in_region("eu-central-1")
    primary.replicas = [in_region("eu-west-1", failure=Failure("No route to host."), lost=lost)]
    result = to_result(primary)
    assert result["msg"] == "No route to host."
    assert result["failed"]
    assert "unreachable" not in result["kms_keys"][1]
