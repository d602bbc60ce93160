# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of every plan. The rows of the decision table are tested against the emulator, in tests/engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import WantedExpiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.snapshot import snapshot
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.match import Match
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.plan import Plan, make_plan
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import Wanted

from ..keys import CURRENT, EARLIER, LABEL, NOW, SYMMETRIC, carried_out, declarations, keys, matches

many = settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def planned(facts: KeyFacts, wanted: Wanted, match: Match) -> Plan:
    if not facts.materials:
        match = replace(match, key_material_id=None)  # A label that no material carries does not match.
    sentence, plan = facts.arn, None
    try:
        plan = make_plan(facts, wanted, match, NOW)
    except Refusal as refusal:
        sentence = str(refusal)
    assert facts.arn in sentence
    event(" ".join(plan.actions) or "nothing to do" if plan else "refused")
    assume(plan)
    return cast("Plan", plan)


@many
@given(keys(), declarations(), matches)
def test_what_is_foretold_is_what_comes_of_it(facts: KeyFacts, wanted: Wanted, match: Match) -> None:
    plan = planned(facts, wanted, match)
    after = snapshot(carried_out(facts, plan))
    # The id of a first material is KMS's to say.
    assert {name: value for name, value in after.items() if name in plan.after} == plan.after
    assert plan.before == snapshot(facts)
    assert bool(plan.actions) or plan.before == plan.after


@many
@given(keys(), declarations(), matches)
def test_a_second_run_has_nothing_to_do(facts: KeyFacts, wanted: Wanted, match: Match) -> None:
    assume(not wanted.force)
    plan = planned(facts, wanted, match)
    # After an import it is known, and that of an HMAC key can be compared once the key is enabled.
    settled = plan.import_step is not None or "enable" in plan.actions
    known = Match("same", "label", key_material_id=CURRENT) if settled else match
    # Where nothing tells, each run lets KMS compare, if the task says so.
    assume(not (known.verdict == "unknown" and wanted.on_unknown_material == "reimport"))
    again = make_plan(carried_out(facts, plan), wanted, known, NOW)
    assert again.actions == []


@many
@given(keys(), declarations(), matches)
def test_nothing_is_deleted_unless_it_is_declared(facts: KeyFacts, wanted: Wanted, match: Match) -> None:
    plan = planned(facts, wanted, match)
    if "delete" in plan.actions:
        assert wanted.state == "absent"
        assert match.verdict != "different"
        proven = match.verdict == "same" or plan.actions[0] == "reimport"
        assert wanted.force or (wanted.material == "given" and proven)
        assert plan.actions in (["delete"], ["reimport", "delete"])


@many
@given(keys(), declarations(), matches)
def test_a_key_that_lacks_material_in_the_end_is_a_failure(facts: KeyFacts, wanted: Wanted, match: Match) -> None:
    plan = planned(facts, wanted, match)
    lacking = carried_out(facts, plan).missing_materials
    assert bool(plan.failure) is (wanted.state == "present" and bool(lacking))
    for entry in lacking if plan.failure else ():
        assert entry.key_material_id in str(plan.failure)


@many
@given(keys(), declarations(), matches)
def test_different_material_is_never_imported_over(facts: KeyFacts, wanted: Wanted, match: Match) -> None:
    plan = planned(facts, wanted, match)
    if plan.import_step:
        assert match.verdict != "different"


@many
@given(keys(), declarations(), matches)
def test_what_is_not_declared_is_left_alone(facts: KeyFacts, wanted: Wanted, match: Match) -> None:
    plan = planned(facts, wanted, match)
    if wanted.enabled is None:
        assert not {"enable", "disable"} & set(plan.actions)
        assert facts.key_state != "Disabled" or plan.import_step is None
    if plan.import_step and not wanted.expiration.declared:
        assert plan.import_step.expiration == facts.expiration


@many
@given(keys(), declarations(), matches)
def test_import_parameters_are_those_that_kms_takes(facts: KeyFacts, wanted: Wanted, match: Match) -> None:
    step = planned(facts, wanted, match).import_step
    assume(step is not None and step.expiration is not None)
    if step is None or step.expiration is None:
        return
    if not facts.symmetric:
        assert (step.import_type, step.key_material_id, step.description) == (None, None, None)
    elif facts.materials:
        assert (step.import_type, step.key_material_id) == ("EXISTING_KEY_MATERIAL", CURRENT)
    else:
        assert (step.import_type, step.key_material_id) == (None, None)
    end = step.expiration.valid_to
    assert end is None or 0 < (end - NOW).total_seconds() < 365 * 86400


@given(keys(), st.sampled_from(["Creating", "Updating", "Unavailable"]))
@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_key_that_is_busy_or_out_of_reach(state: str, facts: KeyFacts, key_state: str) -> None:
    with pytest.raises(Refusal, match=key_state):
        make_plan(facts._replace(key_state=key_state), Wanted(state=state), Match("same"), NOW)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"origin": "AWS_KMS"}, "origin EXTERNAL"),
        ({"origin": "AWS_CLOUDHSM"}, "origin EXTERNAL"),
        ({"key_manager": "AWS"}, "AWS managed key"),
        ({"key_spec": "ML_DSA_65"}, "ML-DSA"),
        ({"key_spec": "SM2"}, "SM2PKE"),
    ],
)
@given(keys(), st.sampled_from(["present", "absent"]))
def test_keys_that_take_no_material(change: dict[str, Any], told: str, facts: KeyFacts, state: str) -> None:
    with pytest.raises(Refusal, match=told):
        make_plan(facts._replace(**change), Wanted(state=state), Match("same"), NOW)


def key_with(*listed: Material, key_state: str = "Enabled") -> KeyFacts:
    return SYMMETRIC._replace(
        key_state=key_state, expiration_model="KEY_MATERIAL_EXPIRES", valid_to=NOW, materials=listed
    )


@pytest.mark.parametrize("seconds", [0, 100])
def test_key_material_whose_time_is_past_is_gone_although_kms_still_shows_it(seconds: int) -> None:
    past, later = NOW - timedelta(seconds=seconds), NOW + timedelta(days=9)
    expired = Material(CURRENT, "CURRENT", "IMPORTED", LABEL, "KEY_MATERIAL_EXPIRES", past)
    known = Match("same", "label", key_material_id=CURRENT)
    with pytest.raises(Refusal, match="expired as declared"):
        make_plan(key_with(expired), Wanted(expiration=WantedExpiration(valid_to=past)), known, NOW)
    with pytest.raises(Refusal, match="does not say when it expires"):
        make_plan(key_with(expired), Wanted(), known, NOW)
    plan = make_plan(key_with(expired), Wanted(expiration=WantedExpiration(valid_to=later)), known, NOW)
    assert plan.actions == ["import"]
    older = Material(EARLIER, "NON_CURRENT", "IMPORTED", None, "KEY_MATERIAL_EXPIRES", past)
    plan = make_plan(key_with(expired._replace(valid_to=later), older), Wanted(), known, NOW)
    assert EARLIER in str(plan.failure)
