# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an entry means together with what the task says, and that each fault of a list is told, all of them at once."""

from __future__ import annotations

import datetime
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._fleet.options import SECRETS
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.entries import Entry, read_entries
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.given import of_task, without_values

ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PAYMENTS = {"alias": "alias/payments", "key_material_src": "payments.key"}
POLICY = {"Version": "2012-10-17", "Statement": []}
QUARTER = {"valid_for": "90d", "renew_before": "30d"}
UNTIL = "2027-09-17T12:00:00-08:00"
SECRET = "c2VjcmV0LWtleS1tYXRlcmlhbA=="


def read(*entries: Any, region: str | None = None, **task: Any) -> tuple[Entry, ...]:
    return read_entries(of_task(list(entries)), task, region)


def options(entry: dict[str, Any], **task: Any) -> dict[str, Any]:
    (read_one,) = read(entry, **task)
    return dict(read_one.options)


def faults(*entries: Any, region: str | None = None, **task: Any) -> list[str]:
    with pytest.raises(Refusal) as refused:
        read(*entries, region=region, **task)
    title, *told = refused.value.sentence.splitlines()
    assert title == f"kms_keys has {f'{len(told)} faults' if len(told) > 1 else 'a fault'}, and nothing was done."
    return told


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
        "wait_timeout": "60",
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
        "wait_timeout": 60,
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
    task = {"tags": {"owner": "nobody", "env": "prod"}, "wait_timeout": 60, "purge_tags": "no", "resource_tags": None}
    entry = {**PAYMENTS, "tags": {"owner": "treasury"}, "wait_timeout": 90}
    assert options(entry, **task) == {
        **PAYMENTS,
        "tags": {"owner": "treasury", "env": "prod"},
        "wait_timeout": 90,
        "purge_tags": False,
    }
    assert options({**PAYMENTS, "tags": {}}, **task)["tags"] == {"owner": "nobody", "env": "prod"}


def test_what_the_task_says_of_itself_is_of_no_key() -> None:
    assert options(PAYMENTS, region="eu-west-1", max_failures=3, canary=1, kms_keys=[], quotas={}) == PAYMENTS


def test_a_key_without_key_material_has_an_alias_and_nothing_about_key_material() -> None:
    assert options({"alias": "payments"}, **QUARTER) == {"alias": "payments", **QUARTER}
    (told,) = faults({"key_id": ARN, "tags": {"a": "b"}})
    assert "The entry gives no key material, and only one with an alias" in told
    (told,) = faults({"alias": "payments", "key_material_format": "raw"})
    assert told.endswith("key_material_format is about key material, and the entry gives none. Set key_material_src, or"
                         " remove key_material_format.")  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"alias": None}, "The entry names no key."),
        ({"alias": "a b"}, "alias, a b, is not the name of an alias."),
        ({"alias": "alias/aws/s3"}, "which AWS keeps for its own keys"),
        ({"alias": ["x"]}, "alias must be a text."),
        ({"alias": None, "key_id": " "}, "key_id is empty."),
        ({"key_id": ARN, "key_arn": ARN}, "key_id and key_arn are one option. Keep one of them."),
        ({"key_id": ARN, "region": "eu-west-1"}, "is in the Region us-east-1, and region is eu-west-1"),
        ({"region": "eu west"}, "eu west cannot be the name of an AWS Region"),
        ({"key_spec": "AES_256"}, "key_spec must be one of SYMMETRIC_DEFAULT,"),
        ({"key_spec": "HMAC_256", "key_usage": "SIGN_VERIFY"}, "key_usage: KMS has no keys with the key spec HMAC_256"),
        ({"key_spec": "RSA_2048", "wrapping_algorithm": "RSAES_OAEP_SHA_256"}, "which is too small for it"),
        ({"enabled": "perhaps"}, "enabled must be true or false."),
        ({"wait_timeout": "soon"}, "wait_timeout must be a whole number."),
        ({"wait_timeout": 0}, "wait_timeout is 0; it must be at least one second."),
        ({"rotation_timeout": -1}, "rotation_timeout is -1;"),
        ({"description": {"a": 1}}, "description must be a text."),
        ({"policy": "{"}, "policy is not JSON"),
        ({"policy": {"a": 1}}, "policy is not a policy document"),
        ({"policy": 5}, "policy must be a JSON document."),
        ({"tags": ["a"]}, "tags must be a dictionary."),
        ({"tags": "owner"}, "tags must be a dictionary."),
        ({"tags": {"aws:a": "b"}}, "tags contains aws:a."),
        ({"replica_regions": ["eu-west-1"]}, "replica_regions needs a multi-Region key"),
        ({"replica_regions": ["eu-west-1"], "multi_region": False}, "replica_regions needs a multi-Region key"),
        ({"replica_regions": ["a_b"], "multi_region": True}, "cannot be the name of an AWS Region"),
        ({"replica_regions": ["a", "a"], "multi_region": True}, "lists a more than once"),
        ({"replica_regions": [{}], "multi_region": True}, "replica_regions must be a list."),
        ({"replica_regions": ["us-west-1"], "multi_region": True}, "the Region of the primary key itself"),
        ({"key_material_src": " "}, "key_material_src is empty."),
        ({"key_material_src": ["x"]}, "key_material_src must be the path of a file."),
        ({"valid_for": "90d"}, "valid_for needs renew_before beside it"),
        ({"valid_for": "90d", "renew_before": "90d"}, "must be shorter than valid_for"),
        ({"valid_to": "2027-09-17"}, "is a date without a time"),
        ({"valid_to": UNTIL, **QUARTER}, "both say when the key material expires"),
        ({"wrapped_bundle_src": "b.json"}, "gives a wrapped bundle"),
        ({"key_material_src": None, "encrypted_key_material_src": "e"}, "needs import_token beside it"),
        ({"expected_check_code": "A"}, "expected_check_code is that of a wrapped bundle"),
        ({"key_material_src": None, "key_material_passphrase_src": "p"}, "is for an encrypted private key"),
        ({"previous_key_materials": {}}, "previous_key_materials must be a list of dictionaries"),
        ({"previous_key_materials": ["x"]}, "previous_key_materials must be a list of dictionaries"),
        ({"previous_key_materials": [{}]}, "previous_key_materials[0]: The entry gives no key material."),
        (
            {"previous_key_materials": [{"key_material_src": "o", "key_materail_id": "x"}]},
            "previous_key_materials[0]: There is no option key_materail_id. Did you mean key_material_id?",
        ),
        (
            {"previous_key_materials": [{"key_material_src": "o", "valid_for": "90d"}]},
            "previous_key_materials[0]: valid_for needs renew_before",
        ),
        (
            {"previous_key_materials": [{"wrapped_bundle_src": "o", "expected_check_code": None}]},
            "previous_key_materials[0]: expected_check_code is null.",
        ),
        ({"key_materail_src": "x"}, "There is no option key_materail_src. Did you mean key_material_src?"),
        ({"state": "absent"}, "There is no option state."),
        ({"move_alias": True}, "There is no option move_alias."),
        ({SECRET: "x"}, "An option has a name that no option can have. It is not shown"),
        ({5: "x"}, "An option has a name that no option can have."),
    ],
    ids=lambda value: "+".join(map(str, value)) if isinstance(value, dict) else "",
)
def test_a_fault_is_told_once_with_its_entry(wrong: dict[str, Any], told: str) -> None:
    (fault,) = faults({"alias": "other", "key_material_src": "x"}, {**PAYMENTS, **wrong}, region="us-west-1")
    assert re.match(r"kms_keys\[1\]( \(\S+\))?: ", fault)
    assert told in fault
    assert SECRET not in fault


@pytest.mark.parametrize("place", ["entry", "previous"])
@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_value_is_refused_and_its_file_named(name: str, place: str) -> None:
    entry: dict[str, Any] = {"alias": "a", "key_material_src": "x"}
    if place == "entry":
        entry[name] = SECRET
    else:
        entry["previous_key_materials"] = [{"key_material_src": "y", name: SECRET}]
    (fault,) = faults(entry)
    assert f"{name} is a secret value, and a list of keys takes none" in fault
    assert f"({name}_src)" in fault
    assert SECRET not in fault
    assert SECRET not in repr(of_task([entry]))


@pytest.mark.parametrize("entry", [{"expected_check_code": None}, {"expected_check_code": None, **PAYMENTS}])
def test_a_check_code_that_is_null_is_no_omission(entry: dict[str, Any]) -> None:
    told = faults({"alias": "a", "wrapped_bundle_src": "b.json", **entry})
    assert any("expected_check_code is null. Give the code that was read to you" in fault for fault in told)


def test_encrypted_key_material_is_for_one_region() -> None:
    bundle = {"alias": "a", "wrapped_bundle_src": "b.json", "multi_region": True}
    for more in ({"replicas": True}, {"replica_regions": ["eu-west-1"]}):
        (told,) = faults({**bundle, **more})
        assert "replicas: true needs plaintext key material" in told
    read({**bundle, "replica_regions": ["eu-west-1"], "replicas": False})


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
    assert told.startswith("The task: valid_for needs renew_before")
    first, second, third = faults(*entries, wait_timeout="soon", policy="{", tags={"aws:x": "y"})
    assert first == "The task: wait_timeout must be a whole number."
    assert {told.partition(" ")[0] for told in (first, second, third)} == {"The"}
    # Each entry says otherwise.
    assert read(*[{**entry, "renew_before": "30d"} for entry in entries], valid_for="90d")


def test_all_faults_are_told_in_the_order_of_the_list_and_many_are_counted() -> None:
    told = faults("x", {"alias": "a b", "wait": "?"}, 5, {"alias": "c", "region": "-"})
    assert [fault.partition(":")[0] for fault in told] == [
        "kms_keys[0]", "kms_keys[1]", "kms_keys[1]", "kms_keys[2]", "kms_keys[3] (c)",
    ]  # fmt: skip
    with pytest.raises(Refusal) as refused:
        read(*[{"alias": f"{number} "} for number in range(80)])
    title, *told = refused.value.sentence.splitlines()
    assert title.startswith("kms_keys has 80 faults")
    assert len(told) == 51
    assert told[-1] == "And 30 more."


@pytest.mark.parametrize("wrong", [None, "text", b"bytes", {}, 5])
def test_what_is_no_list(wrong: Any) -> None:
    with pytest.raises(Refusal, match="kms_keys must be a list of dictionaries"):
        of_task(wrong)


def test_a_list_that_nobody_filled_in() -> None:
    with pytest.raises(Refusal, match=r"kms_keys has no keys\."):
        of_task([])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=8), values, max_size=3),
    max_leaves=4,
)
NAMES = st.sampled_from([*PAYMENTS, *QUARTER, *SECRETS, "previous_key_materials", "policy", "tags", "wait", "x"])


@given(st.lists(JSON | st.dictionaries(NAMES, JSON | st.lists(st.dictionaries(NAMES, JSON))), max_size=2), JSON)
def test_anything_gives_entries_or_a_refusal(entries: list[Any], tags: Any) -> None:
    try:
        there = read(*entries, tags=tags)
    except Refusal:
        return
    assert [entry.place for entry in there] == list(range(len(entries)))


@given(st.lists(JSON | st.dictionaries(NAMES, JSON | st.lists(st.dictionaries(NAMES, JSON))), max_size=2))
def test_a_list_without_values_is_as_wrong_as_before(entries: list[Any]) -> None:
    def told(entries: Any) -> str | None:
        try:
            read(*entries)
        except Refusal as refusal:
            return refusal.sentence
        return None

    assert told(without_values(entries)) == told(entries)


def test_the_arguments_of_a_task_show_no_value_of_an_option_that_there_is_not() -> None:
    entry = {
        **PAYMENTS,
        "key_material": SECRET,
        "key_materail": SECRET,
        "key_arn": ARN,
        "previous_key_materials": [{"key_material_src": "old.key", "wrapped_bundle": SECRET}, SECRET],
    }
    assert without_values([entry, SECRET]) == [
        {
            **PAYMENTS,
            "key_material": None,
            "key_materail": None,
            "key_arn": ARN,
            "previous_key_materials": [{"key_material_src": "old.key", "wrapped_bundle": None}, ""],
        },
        "",
    ]
    assert without_values(SECRET) == without_values({"key_material": SECRET}) == ""
