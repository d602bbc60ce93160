# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The combination of an entry with the task's options, and the message for all faults of a list."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from hypothesis import given

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._key_list.entries import Entry

from .lists import ARN, ENTRIES, JSON, PAYMENTS, QUARTER, UNTIL, faults, options, read

POLICY = {"Version": "2012-10-17", "Statement": []}


def test_a_key_of_each_kind() -> None:
    alias, arn = read(PAYMENTS, {"key_arn": f" {ARN}", "wrapped_bundle_src": "b.json", "expected_check_code": 1234})
    assert alias == Entry(0, "kms_keys[0] (alias/payments)", "alias/payments", PAYMENTS)
    assert (arn.place, arn.where, arn.name) == (1, f"kms_keys[1] ({ARN})", ARN)
    assert arn.options["wrapped_bundle_src"] == "b.json"
    assert arn.options["expected_check_code"] == "1234"


def test_values_have_the_types_that_the_options_have() -> None:
    entry = {
        **PAYMENTS,
        "enabled": "no",
        "wait_timeout": "600",
        "policy": POLICY,
        "tags": "owner=treasury env=prod",
        "multi_region": 1,
        "replica_regions": "eu-west-1,eu-north-1",
        "description": 5,
        "valid_to": datetime.datetime(2027, 9, 17, 20, tzinfo=datetime.UTC),
        "previous_key_materials": [{"key_material_src": "old.key", "key_material_format": None}],
    }
    read_options = options(entry)
    assert json.loads(read_options.pop("policy")) == POLICY
    assert read_options == {
        **PAYMENTS,
        "enabled": False,
        "wait_timeout": 600,
        "tags": {"owner": "treasury", "env": "prod"},
        "multi_region": True,
        "replica_regions": ["eu-west-1", "eu-north-1"],
        "description": "5",
        "valid_to": "2027-09-17 20:00:00+00:00",
        "previous_key_materials": [{"key_material_src": "old.key"}],
    }


@pytest.mark.parametrize(
    ("task", "own", "expected"),
    [
        (QUARTER, {}, QUARTER),
        (QUARTER, {"valid_for": None}, QUARTER),
        (QUARTER, {"valid_for": "180d"}, {**QUARTER, "valid_for": "180d"}),
        (QUARTER, {"renew_before": "5d"}, {**QUARTER, "renew_before": "5d"}),
        (QUARTER, {"valid_to": UNTIL}, {"valid_to": UNTIL}),
        (
            QUARTER,
            {"expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE"},
            {"expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE"},
        ),
        ({"valid_to": UNTIL, "expiration_model": "KEY_MATERIAL_EXPIRES"}, QUARTER, QUARTER),
        ({"expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE"}, QUARTER, QUARTER),
        ({"expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE"}, {"valid_to": UNTIL}, {"valid_to": UNTIL}),
        ({"valid_for": "90d"}, {"renew_before": "30d"}, QUARTER),
    ],
    ids=lambda value: "+".join(value) or "nothing",
)
def test_an_expiration_is_one_thing_that_an_entry_says_anew(
    task: dict[str, Any], own: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert options({**PAYMENTS, **own}, **task) == {**PAYMENTS, **expected}


def test_an_entry_is_over_the_task_and_its_tags_are_beside_those_of_the_task() -> None:
    task = {"tags": {"owner": "none", "env": "prod"}, "wait_timeout": 600, "purge_tags": "no", "resource_tags": None}
    entry = {**PAYMENTS, "tags": {"owner": "treasury"}, "wait_timeout": 900}
    assert options(entry, **task) == {
        **PAYMENTS,
        "tags": {"owner": "treasury", "env": "prod"},
        "wait_timeout": 900,
        "purge_tags": False,
    }
    assert options({**PAYMENTS, "tags": {}}, **task)["tags"] == {"owner": "none", "env": "prod"}


def test_what_the_task_says_of_itself_is_of_no_key() -> None:
    assert options(PAYMENTS, region="eu-west-1", max_failures=3, canary=1, kms_keys=[], quotas={}) == PAYMENTS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"alias": "payments"}, {"alias": "alias/payments"}),
        ({"alias": "payments", "region": "us-west-1"}, {"alias": "alias/payments"}),
        ({"key_id": ARN}, {"key_id": f"{ARN} ", "region": "us-east-1"}),
        ({"alias": "payments"}, {"key_id": "alias/payments"}),
    ],
)
def test_one_key_twice(one: dict[str, Any], other: dict[str, Any]) -> None:
    (told,) = faults({**one, "key_material_src": "x"}, {**other, "key_material_src": "y"}, region="us-west-1")
    assert told.startswith("kms_keys[1] (")
    assert "is also the key of kms_keys[0] (" in told


def test_one_name_in_two_regions_is_two_keys() -> None:
    assert len(read(PAYMENTS, {**PAYMENTS, "region": "eu-west-1"}, region="us-east-1")) == 2


def test_what_the_task_says_wrong_is_told_once() -> None:
    entries = [{"alias": f"a{number}", "key_material_src": "x"} for number in range(9)]
    (told,) = faults(*entries, valid_for="90d")
    assert told.startswith("The task: valid_for requires renew_before")
    first, second, third = faults(*entries, wait_timeout="soon", policy="{", tags={"aws:x": "y"})
    assert first == "The task: wait_timeout must be a whole number."
    assert {told.partition(" ")[0] for told in (first, second, third)} == {"The"}
    # Each entry sets another value.
    assert read(*[{**entry, "renew_before": "30d"} for entry in entries], valid_for="90d")


def test_all_faults_are_told_in_the_order_of_the_list_and_many_are_counted() -> None:
    told = faults("x", {"alias": "a b", "wait": "?"}, 5, {"alias": "c", "region": "-"})
    assert [fault.partition(":")[0] for fault in told] == [
        "kms_keys[0]", "kms_keys[1]", "kms_keys[1]", "kms_keys[2]", "kms_keys[3] (c)",
    ]  # fmt: skip
    with pytest.raises(Refusal) as refused:
        read(*[{"alias": f"{number} "} for number in range(80)])
    title, *told = refused.value.sentence.splitlines()
    assert title.startswith("kms_keys has 80 errors")
    assert len(told) == 51
    assert told[-1] == "And 30 more."


@given(ENTRIES, JSON)
def test_anything_gives_entries_or_a_refusal(entries: list[Any], tags: Any) -> None:
    try:
        there = read(*entries, tags=tags)
    except Refusal:
        return
    assert [entry.place for entry in there] == list(range(len(entries)))
