# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A replica key as declared needs no change. A key that cannot have replica keys is refused with a message."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.plan import (
    Found,
    KeyPlan,
    WantedKey,
    plan_present,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.replicas import (
    outcome_in_words,
    plan_replica,
    refuse_key,
    refuse_new_key,
    refuse_regions,
    waiting,
    wanted_replica,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.identifiers import arn_in_region

from ..keys import SYMMETRIC
from .test_plan import declared

HOME, NEAR, FAR = "eu-central-1", "eu-west-1", "us-west-2"
PRIMARY = SYMMETRIC._replace(
    multi_region=True, multi_region_key_type="PRIMARY", primary_region=HOME, current_key_material_id=None
)


def created(plan: KeyPlan) -> Found:
    """The new replica key as KMS returns it, according to ReplicateKey and CreateAlias in the API Reference."""
    replicate, *rest = plan.steps
    request: dict[str, Any] = dict(replicate.parameters)
    facts = PRIMARY._replace(
        arn=arn_in_region(PRIMARY.arn, request["ReplicaRegion"]),
        region=request["ReplicaRegion"],
        multi_region_key_type="REPLICA",
        key_state="PendingImport",
    )
    policy = json.loads(request["Policy"]) if "Policy" in request else {"Statement": "KMS's default"}
    tags = {tag["TagKey"]: tag["TagValue"] for tag in request.get("Tags", ())}
    named = [step.parameters["AliasName"] for step in rest if step.action == "create_alias"]
    return Found(facts, request.get("Description", ""), bool(named), tags, policy)


@given(declared())
def test_one_run_is_enough(wanted: WantedKey) -> None:
    plan = plan_replica(wanted, NEAR, PRIMARY.arn, "Enabled")
    again = plan_present(wanted, created(plan))
    assert again.steps == ()
    assert again.before.items() <= plan.after.items()
    assert plan.before == {}
    assert plan.warnings == again.warnings


@given(declared())
def test_a_key_that_waits_for_its_material_is_not_replicated(wanted: WantedKey) -> None:
    assert plan_replica(wanted, NEAR, PRIMARY.arn, "PendingImport") == KeyPlan()


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion", "PendingReplicaDeletion", "Updating", "Unavailable"])
def test_a_key_in_another_state_is_not_replicated(state: str) -> None:
    with pytest.raises(Refusal, match=f"is {state}, so {NEAR} has no replica key"):
        plan_replica(WantedKey(), NEAR, PRIMARY.arn, state)


@pytest.mark.parametrize("bypass", [True, False])
def test_the_lockout_check_is_bypassed_only_where_it_is_declared(bypass: bool) -> None:
    wanted = WantedKey(policy={"Statement": []}, bypass_policy_lockout_safety_check=bypass)
    (step,) = plan_replica(wanted, NEAR, PRIMARY.arn, "Enabled").steps
    assert ("BypassPolicyLockoutSafetyCheck" in step.parameters) is bypass


@given(declared())
def test_a_replica_key_has_no_replica_keys_itself(wanted: WantedKey) -> None:
    declared_for_all = dataclasses.replace(wanted, replica_regions=(NEAR, FAR))
    assert wanted_replica(declared_for_all) == wanted


@given(st.lists(st.sampled_from([HOME, NEAR, FAR, "", "eu west", "eu-", "12"])))
def test_a_list_of_regions_is_taken_or_refused(regions: list[str]) -> None:
    good = len(set(regions)) == len(regions) and set(regions) <= {NEAR, FAR}
    wanted = WantedKey(replica_regions=tuple(regions))
    if good:
        refuse_regions(wanted, HOME)
    else:
        with pytest.raises(Refusal, match=r"^replica_regions "):
            refuse_regions(wanted, HOME)


def test_where_the_primary_key_is_may_not_be_known_yet() -> None:
    refuse_regions(WantedKey(replica_regions=(HOME,)))
    refuse_regions(WantedKey(multi_region=False))
    with pytest.raises(Refusal, match="multi_region is false"):
        refuse_regions(WantedKey(multi_region=False, replica_regions=(HOME,)))


@pytest.mark.parametrize("multi_region", [None, False])
def test_a_new_key_is_declared_to_be_a_multi_region_key(multi_region: bool | None) -> None:
    with pytest.raises(Refusal, match="set multi_region: true"):
        refuse_new_key(WantedKey(alias="alias/payments", multi_region=multi_region))
    refuse_new_key(WantedKey(alias="alias/payments", multi_region=True))


def test_only_primary_keys_are_replicated() -> None:
    refuse_key(PRIMARY)
    with pytest.raises(Refusal, match="single-Region key"):
        refuse_key(SYMMETRIC)
    with pytest.raises(Refusal, match=f"in Region {HOME}"):
        refuse_key(PRIMARY._replace(multi_region_key_type="REPLICA"))


def test_sentences() -> None:
    assert f"Replica keys are missing in {NEAR}, {FAR}." in waiting(PRIMARY.arn, [NEAR, FAR])
    assert "to create it." in waiting(PRIMARY.arn, [NEAR])
    assert outcome_in_words("K", {NEAR: "No."}) == f"K: the replica key in {NEAR} is not as declared. No."
    both = outcome_in_words("K", {NEAR: "No.", FAR: "Never."})
    assert f"The first reason, for {NEAR}: No. See replicas" in both
    assert "Never" not in both
