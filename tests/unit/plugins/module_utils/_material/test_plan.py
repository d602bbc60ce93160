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
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.snapshot import differences, snapshot
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.foreseen import NEW
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.match import Match
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.plan import Plan, make_plan
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import Wanted

from ..keys import CURRENT, EARLIER, LABEL, NOW, STAGED, SYMMETRIC, Situation, carried_out, keys, situations

many = settings(
    max_examples=2 * settings().max_examples, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def planned(one: Situation) -> Plan:
    facts, sentence, plan = one.facts, one.facts.arn, None
    try:
        plan = make_plan(facts, one.wanted, one.match, NOW, one.previous)
    except Refusal as refusal:
        sentence = str(refusal)
    assert facts.arn in sentence
    event(" ".join(plan.actions) or "nothing to do" if plan else "refused")
    assume(plan)
    return cast("Plan", plan)


def after(one: Situation, plan: Plan) -> Situation:
    """The situation of the same task after the plan: imported key material has its label and is recognized by it.

    If KMS must identify a previous key material, it returns the earlier one.
    """
    steps = [
        step._replace(key_material_id=EARLIER) if step.imports and step.place and step.key_material_id is None else step
        for step in plan.steps
    ]
    facts, match = carried_out(one.facts, steps), one.match
    if plan.stages or plan.rotate_step:
        staged = next((step for step in plan.steps if step.action == "stage"), None)
        name = "e" * 64 if staged else one.match.key_material_id
        match = Match("same" if facts.current_key_material_id == name else "different", "label", "staged", name)
    elif plan.import_step is not None:
        match = Match("same", "label", key_material_id=CURRENT if facts.symmetric else None)
    elif "enable" in plan.actions and match.verdict == "unknown":
        # The key material of an HMAC key can now be compared.
        match = Match("same", "mac", key_material_id=CURRENT if facts.symmetric else None)
    previous = tuple(Match("same", "label", key_material_id=EARLIER) for _one in one.previous)
    return replace(one, facts=facts, match=match, previous=previous)


@many
@given(situations)
def test_the_predicted_state_is_the_resulting_state(one: Situation) -> None:
    plan = planned(one)
    assume(not plan.identifies)
    shown = snapshot(carried_out(one.facts, plan.steps, NEW))
    # KMS determines the ID of the first key material.
    assert {name: value for name, value in shown.items() if name in plan.after} == plan.after
    assert plan.before == snapshot(one.facts)
    assert bool(plan.actions) or plan.before == plan.after


@many
@given(situations)
def test_the_awaited_state_is_the_resulting_state(one: Situation) -> None:
    plan = planned(one)
    first = plan.until_rotation()
    assert differences(snapshot(carried_out(one.facts, first.steps)), first.shown) == []


@many
@given(situations)
def test_a_second_run_has_nothing_to_do(one: Situation) -> None:
    assume(not one.wanted.force)
    plan = planned(one)
    then = after(one, plan)
    # If the key material cannot be recognized, each run lets KMS compare it if the task declares that.
    unproven = then.match.verdict == "unknown"
    assume(not (unproven and one.wanted.unknown_material(one.wanted.own) == "reimport"))
    again = make_plan(then.facts, one.wanted, then.match, NOW, then.previous)
    assert again.actions == []
    assert not again.rotating


@many
@given(situations, st.data())
def test_a_run_that_ends_after_any_step_is_finished_by_the_next(one: Situation, data: st.DataObject) -> None:
    assume(not one.wanted.force and one.wanted.state == "present")
    plan = planned(one)
    assume(not plan.identifies)
    done = replace(plan, steps=plan.steps[: data.draw(st.integers(0, len(plan.steps)))])
    # A key can be Disabled, or Enabled by an import. Only the task's declaration determines whether that is wanted.
    then = after(one, done)
    own = [step for step in done.imports if not step.place]
    match = then.match if own or done.rotate_step else one.match
    previous = tuple(
        Match("same", "label", key_material_id=EARLIER) if match_.verdict != "different" else match_
        for match_ in one.previous
    )
    assume(not (match.verdict == "unknown" and one.wanted.unknown_material(one.wanted.own) == "reimport"))
    rest = make_plan(then.facts, one.wanted, match, NOW, previous)
    assert snapshot(carried_out(then.facts, rest.steps)) == snapshot(carried_out(one.facts, plan.steps))
    assert len([step for step in (*done.steps, *rest.steps) if step.action in ("stage", "rotate")]) == len(
        [step for step in plan.steps if step.action in ("stage", "rotate")]
    )


@many
@given(situations)
def test_nothing_is_deleted_unless_it_is_declared(one: Situation) -> None:
    plan = planned(one)
    if "delete" in plan.actions:
        assert one.wanted.state == "absent"
        assert one.match.verdict != "different" or one.wanted.material == "none"
        assert plan.actions in (["delete"], ["reimport", "delete"])
        deleted = plan.steps[-1].key_material_id
        # A plaintext copy of exactly the deleted key material: the task's own copy or an older one.
        given = zip((one.wanted.own, *one.wanted.previous), (one.match, *one.previous), strict=True)
        copies = {copy.place: match for copy, match in given if copy.source == "given"}
        proven = any(
            match.verdict == "same" and (not one.facts.symmetric or match.key_material_id in (None, deleted))
            for match in copies.values()
        )
        compared = any(
            step.place in copies
            and copies[step.place].verdict == "unknown"
            and step.key_material_id == deleted
            and step.expiration == one.facts.expiration_of(deleted)
            for step in plan.imports
        )
        assert one.wanted.force or proven or compared


@many
@given(situations)
def test_a_key_that_lacks_material_in_the_end_is_a_failure(one: Situation) -> None:
    plan = planned(one)
    assume(not plan.identifies)
    lacking = carried_out(one.facts, plan.steps).missing_materials
    if one.wanted.state == "absent" or not lacking:
        assert one.wanted.state == "present" or plan.failure is None
        return
    for entry in lacking:
        assert entry.key_material_id in str(plan.failure)


@many
@given(situations)
def test_different_material_is_never_imported_over(one: Situation) -> None:
    plan = planned(one)
    if one.match.verdict != "different" or plan.import_step is None:
        return
    if one.facts.replica or plan.import_step not in plan.until_rotation().steps:
        # Key material that is staged in the primary key, or that was staged and is now current.
        assert plan.import_step.key_material_id == one.match.key_material_id
    else:
        assert plan.import_step.action == "stage"
        assert plan.import_step.import_type == "NEW_KEY_MATERIAL"


@many
@given(situations)
def test_nothing_is_staged_or_rotated_unless_that_is_declared(one: Situation) -> None:
    plan = planned(one)
    allowed = {"fail": set(), "stage": {"stage"}, "rotate": {"stage", "rotate"}}[one.wanted.on_different_material]
    changing = [action for action in plan.actions if action in ("stage", "rotate")]
    assert set(changing) <= allowed
    assert len(changing) == len(set(changing)), "KMS counts rotations"
    if changing:
        assert (one.facts.symmetric, one.wanted.state) == (True, "present")
        # Only KMS can determine whether encrypted key material is new: it does not stage key material that it knows.
        presumed = one.match.verdict == "unknown" and one.wanted.material == "wrapped"
        assert one.match.verdict == "different" or (presumed and one.wanted.on_unknown_material is None)
        # Otherwise, KMS would refuse the rotation after all preceding steps.
        before_it = carried_out(one.facts, plan.until_rotation().steps)
        assert before_it.key_state == "Enabled" or "rotate" not in changing
        assert not before_it.missing_materials


@many
@given(situations)
def test_what_is_not_declared_is_left_alone(one: Situation) -> None:
    plan = planned(one)
    if one.wanted.enabled is None:
        assert not {"enable", "disable"} & set(plan.actions)
        assert one.facts.key_state != "Disabled" or not plan.imports
    if plan.import_step and plan.import_step.action != "stage" and not one.wanted.expiration.declared:
        assert plan.import_step.expiration == one.facts.expiration


@many
@given(situations)
def test_import_parameters_are_those_that_kms_takes(one: Situation) -> None:
    facts = one.facts
    for step in planned(one).imports:
        told = (step.import_type, step.key_material_id)
        if not facts.symmetric:
            assert (*told, step.description) == (None, None, None)
        elif step.action == "stage":
            assert told == ("NEW_KEY_MATERIAL", None)
        elif step.place:
            assert told in (("EXISTING_KEY_MATERIAL", EARLIER), ("EXISTING_KEY_MATERIAL", None))
        elif one.match.verdict == "different":
            assert told == ("EXISTING_KEY_MATERIAL", one.match.key_material_id)
        elif facts.materials:
            assert told == ("EXISTING_KEY_MATERIAL", CURRENT)
        else:
            assert told == (None, None)
        assert step.expiration is not None
        end = step.expiration.valid_to
        assert end is None or 0 < (end - NOW).total_seconds() < 365 * 86400


@many
@given(situations)
def test_the_current_key_material_is_the_last_to_be_restored(one: Situation) -> None:
    """The key becomes usable with it. The other required key material is restored first."""
    places = [step.place for step in planned(one).imports]
    assert places == sorted(places, reverse=True)


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
    with pytest.raises(Refusal, match="does not declare when it expires"):
        make_plan(key_with(expired), Wanted(), known, NOW)
    plan = make_plan(key_with(expired), Wanted(expiration=WantedExpiration(valid_to=later)), known, NOW)
    assert plan.actions == ["import"]
    older = Material(EARLIER, "NON_CURRENT", "IMPORTED", None, "KEY_MATERIAL_EXPIRES", past)
    plan = make_plan(key_with(expired._replace(valid_to=later), older), Wanted(), known, NOW)
    assert EARLIER in str(plan.failure)


@pytest.mark.parametrize(
    ("policy", "enabled", "steps"),
    [
        ("rotate", None, ["rotate"]),
        ("rotate", False, ["rotate", "disable"]),
        ("stage", None, []),
    ],
)
def test_a_rotation_that_runs_is_awaited_before_anything_else(
    policy: Any, enabled: bool | None, steps: list[str]
) -> None:
    """The rotation is not started again because KMS counts rotations."""
    never = "KEY_MATERIAL_DOES_NOT_EXPIRE"
    listed = (
        Material(CURRENT, "CURRENT", "IMPORTED", None, never),
        Material(STAGED, "PENDING_ROTATION", "IMPORTED", LABEL, never),
    )
    facts = key_with(*listed)._replace(rotation_started=NOW)
    wanted = Wanted(on_different_material=policy, enabled=enabled, material_label=LABEL)
    plan = make_plan(facts, wanted, Match("different", "label", "it is staged", STAGED), NOW)
    assert [step.action for step in plan.steps] == steps
    assert plan.actions == [action for action in steps if action != "rotate"]
    assert plan.until_rotation().steps == ()
    assert (plan.begins_rotation, plan.rotating) == (False, policy == "rotate")
