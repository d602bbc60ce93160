# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For any declaration and any key, applying one plan leaves nothing to change."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.plan import (
    MARKER,
    Found,
    KeyPlan,
    WantedKey,
    could_be_adopted,
    foreseen,
    plan_absent,
    plan_new,
    plan_present,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.specs import KEY_SPECS

from ..keys import keys

ALIAS = "alias/payments"
tag_sets = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(["1", "2", ""]))
policies = st.sampled_from([{"Version": "2012-10-17", "Statement": [{"Sid": sid}]} for sid in ("x", "y")])
descriptions = st.sampled_from(["", "one", "two"])


def or_none(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


@st.composite
def declared(draw: st.DrawFn) -> WantedKey:
    return WantedKey(
        alias=draw(or_none(st.just(ALIAS))),
        description=draw(or_none(descriptions)),
        policy=draw(or_none(policies)),
        tags=draw(or_none(tag_sets)),
        purge_tags=draw(st.booleans()),
        enabled=draw(or_none(st.booleans())),
        pending_window=draw(or_none(st.integers(7, 30))),
    )


@st.composite
def shown(draw: st.DrawFn) -> Found:
    marker = draw(st.sampled_from([{}, {}, {MARKER: ALIAS}, {MARKER: "alias/other"}]))
    aws = draw(st.sampled_from([{}, {"aws:cloudformation:stack-name": "x"}]))
    return Found(
        # A key as DescribeKey returns it, without the list of key materials.
        draw(keys())._replace(materials=None),
        draw(descriptions),
        draw(st.booleans()),
        {**draw(tag_sets), **marker, **aws},
        draw(policies),
    )


def carried_out(plan: KeyPlan, found: Found) -> Found:
    """What KMS returns after the plan, according to the documentation of each operation."""
    facts, tags = found.facts, dict(found.tags or {})
    changes: dict[str, Any] = {}
    for step in plan.steps:
        if step.action == "cancel_key_deletion":
            facts = facts._replace(key_state="Disabled" if facts.material_present else "PendingImport")
        elif step.action in ("enable_key", "disable_key"):
            assert facts.key_state in ("Enabled", "Disabled")
            facts = facts._replace(key_state=f"{step.action[:-4].title()}d")
        elif step.action == "schedule_key_deletion":
            facts = facts._replace(key_state="PendingDeletion")
        elif step.action == "tag_resource":
            tags.update({tag["TagKey"]: tag["TagValue"] for tag in step.parameters["Tags"]})
        elif step.action == "untag_resource":
            for name in step.parameters["TagKeys"]:
                del tags[name]
        elif step.action == "put_key_policy":
            changes["policy"] = json.loads(step.parameters["Policy"])
        elif step.action == "create_alias":
            assert not found.alias_is_there
            changes["alias_is_there"] = True
        else:
            assert step.action == "update_key_description"
            changes["description"] = step.parameters["Description"]
    return dataclasses.replace(found, facts=facts, tags=tags, **changes)


@given(declared(), shown())
def test_one_run_is_enough(wanted: WantedKey, found: Found) -> None:
    plan = plan_present(wanted, found)
    after = carried_out(plan, found)
    again = plan_present(wanted, after)
    assert again.steps == ()
    assert again.before == again.after
    assert {**plan.after} == {**again.before}


@given(declared(), shown(), st.sampled_from([plan_present, plan_absent]))
def test_check_mode_shows_what_the_run_leads_to(wanted: WantedKey, found: Found, decide: Any) -> None:
    assume(decide is plan_present or wanted.alias is None or found.alias_is_there)
    plan = decide(wanted, found)
    expected = carried_out(plan, found)
    if plan.steps and expected.facts.key_state != found.facts.key_state:
        expected = dataclasses.replace(expected, facts=expected.facts._replace(deletion_date=None))
    assert foreseen(found, plan) == expected


@given(declared(), shown())
def test_nothing_is_touched_that_was_not_declared(wanted: WantedKey, found: Found) -> None:
    after = carried_out(plan_present(wanted, found), found)
    if wanted.description is None:
        assert after.description == found.description
    if wanted.policy is None:
        assert after.policy == found.policy
    if wanted.alias is None:
        assert after.alias_is_there is found.alias_is_there
    if wanted.enabled is None and found.facts.key_state != "PendingDeletion":
        assert after.facts.key_state == found.facts.key_state
    kept = {
        name: value
        for name, value in (found.tags or {}).items()
        if name.startswith("aws:") or (name == MARKER and (value != ALIAS or wanted.alias is None))
    }
    assert kept.items() <= (after.tags or {}).items()
    if wanted.tags is None:
        assert {**(found.tags or {}), MARKER: ""} == {**(after.tags or {}), MARKER: ""}


@given(declared(), shown())
def test_a_scheduled_deletion_is_not_scheduled_again(wanted: WantedKey, found: Found) -> None:
    assume(wanted.alias is None or found.alias_is_there)
    after = carried_out(plan_absent(wanted, found), found)
    assert after.facts.key_state == "PendingDeletion"
    assert plan_absent(wanted, after).steps == ()


@given(declared(), shown())
def test_nothing_is_deleted_by_half_of_its_name(wanted: WantedKey, found: Found) -> None:
    wanted, found = dataclasses.replace(wanted, alias=ALIAS), dataclasses.replace(found, alias_is_there=False)
    with pytest.raises(Refusal, match=f"{ALIAS} does not exist"):
        plan_absent(wanted, found)


@given(declared(), shown(), st.sets(st.sampled_from(["eu-west-1", "us-west-2", "ap-south-1"])))
def test_no_replica_key_is_left_without_its_primary_key(wanted: WantedKey, found: Found, regions: set[str]) -> None:
    """A task that schedules the deletion of a primary key must list all Regions with replica keys."""
    facts = found.facts._replace(
        key_state="Enabled",
        multi_region=True,
        multi_region_key_type="PRIMARY",
        replica_regions=("eu-west-1", "us-west-2"),
    )
    found = dataclasses.replace(found, facts=facts, alias_is_there=True)
    wanted = dataclasses.replace(wanted, replica_regions=tuple(sorted(regions)))
    left = {"eu-west-1", "us-west-2"} - regions
    if left:
        with pytest.raises(Refusal, match=f"does not list, in {', '.join(sorted(left))}"):
            plan_absent(wanted, found)
    else:
        plan = plan_absent(wanted, found)
        assert (plan.actions, plan.after) == (("schedule_key_deletion",), {"key_state": "PendingReplicaDeletion"})
    # The deletion of a replica key can be scheduled alone. A scheduled deletion stays scheduled.
    replica = dataclasses.replace(found, facts=facts._replace(multi_region_key_type="REPLICA"))
    assert plan_absent(wanted, replica).after == {"key_state": "PendingDeletion"}
    scheduled = dataclasses.replace(found, facts=facts._replace(key_state="PendingReplicaDeletion"))
    assert plan_absent(wanted, scheduled).steps == ()


@given(shown(), st.sampled_from(list(KEY_SPECS)), st.booleans())
def test_what_cannot_be_changed_is_refused(found: Found, spec: str, multi_region: bool) -> None:
    assume((found.facts.key_spec, found.facts.multi_region) != (spec, multi_region))
    wanted = WantedKey(key_spec=spec, multi_region=multi_region, description="other")
    for decide in (plan_present, plan_absent):
        with pytest.raises(Refusal, match="Nothing was changed"):
            decide(wanted, found)


@given(st.sampled_from(list(KEY_SPECS)), declared())
def test_a_new_key_can_be_found_by_the_run_after_a_cut(name: str, wanted: WantedKey) -> None:
    spec = KEY_SPECS[name]
    wanted = dataclasses.replace(wanted, alias=ALIAS, key_spec=name, key_usage=spec.key_usages[0])
    create, alias, untag = plan_new(wanted).steps
    assert {"TagKey": MARKER, "TagValue": ALIAS} in create.parameters["Tags"]
    assert (alias.parameters["AliasName"], untag.parameters["TagKeys"]) == (ALIAS, [MARKER])
    born = KeyFacts("id", "arn", "region", name, create.parameters["KeyUsage"], "EXTERNAL", "PendingImport")
    assert could_be_adopted(wanted, born)
    for other in ({"origin": "AWS_KMS"}, {"key_state": "Enabled"}, {"key_usage": "X"}, {"multi_region": True}):
        assert not could_be_adopted(wanted, born._replace(**other))
    assert not could_be_adopted(wanted, born._replace(current_key_material_id="c" * 64))
