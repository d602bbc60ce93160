# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kms_key_material_info`` returns every key of an account with its facts. Each test has its own AWS account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from support.documentation import policy_actions
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import fresh_client, run_one, with_days
from support.materials import OTHER_SAMPLES, SYMMETRIC, new_material
from support.reports import ask, info, names

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import Kms
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.errors import KmsError
from ansible_collections.cloudkeys.aws.plugins.modules.kms_key_material_info import ARGUMENT_SPEC, tell


def test_nothing_there(kms: Any) -> None:
    kms.create_key()
    assert info(kms) == []


def test_the_time_of_a_region_without_keys_is_that_of_kms(kms: Any, emulator: Emulator) -> None:
    """Not of this machine: in a report, days are counted from the last time of all Regions."""
    emulator.advance(days=400)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    for options in ({}, {"key_ids": ["alias/none"], "allow_missing": True}, {"key_ids": [key]}):
        before = emulator.now()
        read_at = datetime.fromisoformat(ask(kms, **options)["read_at"])
        assert before <= read_at <= emulator.now(), options


def test_what_is_told_of_a_key(kms: Any, emulator: Emulator) -> None:
    key = ExternalKey.create(kms, Description="For payments", Tags=[{"TagKey": "owner", "TagValue": "treasury"}])
    for alias in ("alias/b", "alias/a"):
        kms.create_alias(AliasName=alias, TargetKeyId=key.id)
    end = emulator.now() + timedelta(days=10, hours=5)
    run_one(kms, key, new_material(key.spec), valid_to=end.isoformat(), description="the text")
    (entry,) = info(kms, include_tags=True)
    assert entry["arn"] == key.arn
    assert (entry["description"], entry["aliases"]) == ("For payments", ["alias/a", "alias/b"])
    assert entry["tags"] == {"owner": "treasury"}
    assert (entry["import_state"], entry["days_left"], entry["rotations_left"]) == ("IMPORTED", 10, 25)
    assert entry["unread"] == {}
    assert entry["replica_regions"] == []
    (material,) = entry["materials"]
    assert material["description"] == "the text"
    assert material["label"].startswith("cloudkeys.aws/v1:")
    assert (material["state"], material["import_state"]) == ("CURRENT", "IMPORTED")
    assert (material["valid_to"], material["days_left"]) == (end.isoformat(), 10)
    assert info(kms)[0]["tags"] is None


def test_in_the_order_of_urgency(kms: Any, emulator: Emulator) -> None:
    never = with_days(kms, emulator, None, None)
    later = with_days(kms, emulator, None, 199, spec="HMAC_256")
    soon = with_days(kms, emulator, None, 2, spec="ECC_NIST_P256")
    lost = with_days(kms, emulator, None, 1)
    lost.lose_material()
    empty = ExternalKey.create(kms)
    assert names(info(kms)) == [*sorted([lost.arn, empty.arn]), soon.arn, later.arn, never.arn]
    assert [entry["days_left"] for entry in info(kms)] == [None, None, 2, 199, None]
    assert [entry["import_state"] for entry in info(kms)] == ["PENDING_IMPORT"] * 2 + ["IMPORTED"] * 3
    assert names(info(kms, days_left_below=100)) == [*sorted([lost.arn, empty.arn]), soon.arn]
    assert names(info(kms, days_left_below=3)) == [*sorted([lost.arn, empty.arn]), soon.arn]
    assert names(info(kms, days_left_below=2)) == sorted([lost.arn, empty.arn])


def test_the_first_of_all_materials_counts(kms: Any, emulator: Emulator) -> None:
    key = with_days(kms, emulator, None, 100)
    first = key.current_id
    key.stage(valid_to=emulator.now() + timedelta(days=20, hours=1))
    (entry,) = info(kms)
    assert (entry["days_left"], entry["rotations_left"], len(entry["materials"])) == (20, 25, 2)
    emulator.rotate(key)
    (entry,) = info(kms)
    assert (entry["days_left"], entry["rotations_left"]) == (20, 24)
    kms.delete_imported_key_material(KeyId=key.arn, KeyMaterialId=first)
    (entry,) = info(kms)
    assert entry["import_state"] == "PENDING_IMPORT"
    assert {one["key_material_id"]: one["import_state"] for one in entry["materials"]}[first] == "PENDING_IMPORT"


def test_multi_region_relations(kms: Any, emulator: Emulator, account: str) -> None:
    key = ExternalKey.imported(kms, MultiRegion=True)
    kms.replicate_key(KeyId=key.arn, ReplicaRegion="eu-west-1")
    emulator.settle()
    (primary,) = info(kms)
    (replica,) = info(emulator.client("eu-west-1", account))
    assert (primary["multi_region_key_type"], primary["replica_regions"]) == ("PRIMARY", ["eu-west-1"])
    assert (replica["multi_region_key_type"], replica["primary_region"]) == ("REPLICA", "us-east-1")
    assert (replica["import_state"], replica["key_id"]) == ("PENDING_IMPORT", key.id)


def in_three_regions(kms: Any, emulator: Emulator) -> tuple[ExternalKey, ExternalKey, ExternalKey]:
    """A key with two key materials and a staged one: all in the primary, the current one in one replica alone."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    key.stage(current := new_material(SYMMETRIC))
    emulator.rotate(key)
    first, second = emulator.replicate(key, "eu-west-1"), emulator.replicate(key, "us-west-2")
    first.put(current, emulator.now() + timedelta(days=9, hours=12))
    key.stage()
    return key, first, second


def test_all_regions_of_a_key(kms: Any, emulator: Emulator, account: str) -> None:
    key, first, second = in_three_regions(kms, emulator)
    for client, own in ((kms, key), (emulator.client("us-west-2", account), second)):
        (entry,) = info(client, include_replicas=True)
        assert (entry["arn"], entry["unread"], entry["regions_imported"]) == (own.arn, {}, 1)
        told = [(one["arn"], one["key_state"], one["import_state"], one["days_left"]) for one in entry["regions"]]
        assert told == [
            (key.arn, "Enabled", "IMPORTED", None),
            (first.arn, "PendingImport", "PENDING_IMPORT", 9),
            (second.arn, "PendingImport", "PENDING_IMPORT", None),
        ]
        assert [one["multi_region_key_type"] for one in entry["regions"]] == ["PRIMARY", "REPLICA", "REPLICA"]
        assert {one["state"]: one["regions_imported"] for one in entry["materials"]} == {
            "CURRENT": 2,
            "PENDING_MULTI_REGION_IMPORT_AND_ROTATION": 1,
            "NON_CURRENT": 1,
        }
    (entry,) = info(kms)
    assert (entry["regions"], entry["regions_imported"]) == (None, None)
    assert {one["regions_imported"] for one in entry["materials"]} == {None}


def test_every_region_has_all_that_it_needs(kms: Any, emulator: Emulator) -> None:
    key = ExternalKey.imported(kms, MultiRegion=True)
    for region in ("eu-west-1", "us-west-2"):
        emulator.replicate(key, region).put(key.material)
    (entry,) = info(kms, include_replicas=True)
    assert (entry["regions_imported"], len(entry["regions"])) == (3, 3)
    assert [one["regions_imported"] for one in entry["materials"]] == [3]


@pytest.mark.parametrize("spec", OTHER_SAMPLES)
def test_the_regions_of_keys_that_are_not_rotated(kms: Any, emulator: Emulator, spec: str) -> None:
    key = ExternalKey.imported(kms, spec, MultiRegion=True)
    replica = emulator.replicate(key)
    assert [entry["regions_imported"] for entry in info(kms, include_replicas=True)] == [1]
    replica.put(key.material)
    assert [entry["regions_imported"] for entry in info(kms, include_replicas=True)] == [2]


def test_a_key_of_one_region_has_no_others(kms: Any) -> None:
    single = ExternalKey.imported(kms)
    (entry,) = info(kms, include_replicas=True)
    assert (entry["arn"], entry["regions"], entry["regions_imported"]) == (single.arn, None, None)
    alone = ExternalKey.imported(kms, MultiRegion=True)
    (entry,) = info(kms, include_replicas=True, key_ids=[alone.id])
    assert ([one["region"] for one in entry["regions"]], entry["regions_imported"]) == (["us-east-1"], 1)


def test_a_region_that_may_not_be_read_is_unknown(kms: Any, emulator: Emulator) -> None:
    key, first, second = in_three_regions(kms, emulator)
    emulator.control.denied([{"operation": "DescribeKey", "key": first.arn}])
    (entry,) = info(kms, include_replicas=True)
    denied = "kms:DescribeKey is denied"
    assert entry["unread"] == {"regions": f"eu-west-1: {denied}"}
    assert (entry["regions_imported"], {one["regions_imported"] for one in entry["materials"]}) == (None, {None})
    assert [(one["arn"], one["import_state"], one["unread"]) for one in entry["regions"]] == [
        (key.arn, "IMPORTED", {}),
        (first.arn, None, {"key": denied}),
        (second.arn, "PENDING_IMPORT", {}),
    ]
    emulator.control.denied([{"operation": "ListKeyRotations", "key": second.arn}])
    (entry,) = info(kms, include_replicas=True)
    assert entry["unread"] == {"regions": "us-west-2: kms:ListKeyRotations is denied"}
    assert entry["regions_imported"] == 1, "DescribeKey tells that a key waits for its key material"
    assert {one["regions_imported"] for one in entry["materials"]} == {None}


def test_a_region_that_is_out_of_reach_is_asked_once_and_fails_nothing(kms: Any, emulator: Emulator) -> None:
    keys = [ExternalKey.imported(kms, MultiRegion=True) for _number in range(3)]
    for key in keys:
        emulator.replicate(key)
    asked: list[str] = []

    def unreachable(region: str) -> Kms:
        asked.append(region)
        raise CloudKeysError(f"{region} is out of reach.")

    options = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    entries = tell(Kms(kms), {**options, "include_replicas": True}, unreachable)["kms_keys"]
    assert asked == ["us-west-2"]
    assert sorted(names(entries)) == sorted(key.arn for key in keys)
    assert {entry["unread"]["regions"] for entry in entries} == {"us-west-2: us-west-2 is out of reach."}


def test_what_concerns_a_whole_region_fails_nothing(kms: Any, emulator: Emulator) -> None:
    key = ExternalKey.imported(kms, MultiRegion=True)
    emulator.replicate(key)

    def with_a_bad_token(region: str) -> Kms:
        emulator.control.faults([{"operation": "DescribeKey", "error": "UnrecognizedClientException", "times": 1}])
        return Kms(fresh_client(kms, region))

    options = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    (entry,) = tell(Kms(kms), {**options, "include_replicas": True}, with_a_bad_token)["kms_keys"]
    assert "UnrecognizedClientException" in entry["unread"]["regions"]
    assert (entry["import_state"], entry["regions_imported"]) == ("IMPORTED", None)


def test_a_key_counts_when_one_of_its_regions_does(kms: Any, emulator: Emulator) -> None:
    soon, lost, well, unread = (ExternalKey.imported(kms, MultiRegion=True) for _number in range(4))
    for key, days in ((soon, 5), (well, 50), (unread, 50)):
        emulator.replicate(key).put(key.material, emulator.now() + timedelta(days=days, hours=12))
    emulator.replicate(lost)
    emulator.control.denied([{"operation": "DescribeKey", "key": f":us-west-2:{unread.arn.split(':', 4)[4]}"}])
    found = info(kms, include_replicas=True, days_left_below=10)
    assert sorted(names(found)) == sorted([soon.arn, lost.arn, unread.arn])
    assert info(kms, days_left_below=10) == [], "the other Regions were not requested"


def test_a_rotation_that_runs(kms: Any, emulator: Emulator) -> None:
    key = ExternalKey.imported(kms)
    staged = key.stage()
    (entry,) = info(kms)
    assert (entry["rotation_started"], entry["rotations_left"]) == (None, 25)
    before = emulator.now()
    kms.rotate_key_on_demand(KeyId=key.arn)
    (entry,) = info(kms)
    assert before.isoformat() <= entry["rotation_started"] <= emulator.now().isoformat()
    emulator.control.denied(["GetKeyRotationStatus"])
    (entry,) = info(kms)
    assert (entry["rotation_started"], entry["unread"]) == (None, {"rotation": "kms:GetKeyRotationStatus is denied"})
    emulator.finish_rotation()
    (entry,) = info(kms)
    assert (entry["rotation_started"], entry["rotations_left"], entry["unread"]) == (None, 24, {})
    rotated = entry["materials"][0]
    assert (rotated["key_material_id"], rotated["rotation_type"]) == (staged, "ON_DEMAND")
    assert before.isoformat() <= rotated["rotation_date"] <= emulator.now().isoformat()
    assert (entry["materials"][1]["rotation_type"], entry["materials"][1]["rotation_date"]) == (None, None)


def test_filters(kms: Any) -> None:
    first = ExternalKey.create(kms, Tags=[{"TagKey": "owner", "TagValue": "treasury"}])
    second = ExternalKey.create(kms, "HMAC_256", Tags=[{"TagKey": "owner", "TagValue": "people"}])
    third = ExternalKey.imported(kms)
    for key, alias in ((first, "payments"), (second, "ledger-1"), (third, "ledger/2")):
        kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=key.id)

    def found(**options: Any) -> set[str]:
        return set(names(info(kms, **options)))

    assert found(alias_patterns=["payments"]) == found(alias_patterns=["alias/p*"]) == {first.arn}
    assert found(alias_patterns=["ledger?[12]", "pay*"]) == {first.arn, second.arn, third.arn}
    assert found(tags={"owner": "treasury"}) == {first.arn}
    assert found(tags={"owner": None}) == {first.arn, second.arn}
    assert found(tags={"owner": "treasury", "other": None}) == set()
    assert found(key_states=["Enabled"]) == {third.arn}
    assert found(key_specs=["HMAC_256", "RSA_2048"]) == {second.arn}
    assert found(key_specs=["SYMMETRIC_DEFAULT"], key_states=["PendingImport"]) == {first.arn}


def test_given_keys_in_their_order(kms: Any) -> None:
    imported, other = ExternalKey.imported(kms), kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=imported.id)
    unknown = imported.arn[:-1] + ("0" if imported.arn[-1] != "0" else "1")
    entries = info(kms, key_ids=[unknown, other["KeyId"], "alias/a"], allow_missing=True)
    assert names(entries) == [unknown, other["Arn"], imported.arn]
    assert [entry["exists"] for entry in entries] == [False, True, True]
    assert "NotFoundException" in entries[0]["unread"]["key"]
    assert (entries[1]["origin"], entries[1]["import_state"], entries[1]["days_left"]) == ("AWS_KMS", None, None)
    assert entries[2]["aliases"] == ["alias/a"]
    assert info(kms, key_ids=[]) == []
    filtered = info(kms, key_ids=[other["KeyId"], unknown], days_left_below=10, allow_missing=True)
    assert names(filtered) == [unknown]


def test_a_named_key_that_does_not_exist_fails(kms: Any) -> None:
    imported = ExternalKey.imported(kms)
    unknown = imported.arn[:-1] + ("0" if imported.arn[-1] != "0" else "1")
    for wrong in (unknown, unknown.rpartition("/")[2], "alias/gone", "arn:aws:kms:us-east-1:111122223333:gone/1"):
        with pytest.raises(CloudKeysError, match=f"no such key or alias in Region us-east-1 .*: {wrong}\\. ") as raised:
            info(kms, key_ids=[imported.arn, wrong])
        assert raised.value.details["missing_key_ids"] == [wrong]
        assert "Did you mean" not in raised.value.sentence
    with pytest.raises(CloudKeysError, match="Did you mean the alias alias/payments"):
        info(kms, key_ids=["payments"])


def test_of_many_missing_keys_ten_are_named(kms: Any) -> None:
    wanted = [f"alias/key-{number}" for number in range(65)]
    with pytest.raises(CloudKeysError) as raised:
        info(kms, key_ids=wanted)
    assert "alias/key-9, and 55 more, see missing_key_ids." in raised.value.sentence
    assert "alias/key-10" not in raised.value.sentence
    assert raised.value.details["missing_key_ids"] == wanted


def test_whether_a_pattern_matches(kms: Any, emulator: Emulator) -> None:
    for alias in ("alias/a-1", "alias/a-2"):
        kms.create_alias(AliasName=alias, TargetKeyId=ExternalKey.create(kms).id)
    told = ask(kms, alias_patterns=["a-*", "alias/a-1", "b"])
    assert told["alias_pattern_matches"] == {"a-*": 2, "alias/a-1": 1, "b": 0}
    named = {"key_ids": ["alias/a-1"], "alias_patterns": ["a-1", "a-2"]}
    assert ask(kms, **named)["alias_pattern_matches"] == {"a-1": 1, "a-2": 0}
    emulator.control.denied(["ListAliases"])
    assert ask(kms, **named)["alias_pattern_matches"] == {"a-1": None, "a-2": None}


@pytest.mark.parametrize(
    ("operation", "unread"),
    [
        ("DescribeKey", "key"),
        ("ListKeyRotations", "materials"),
        ("ListAliases", "aliases"),
        ("ListResourceTags", "tags"),
    ],
)
def test_what_may_not_be_read_is_unknown(kms: Any, emulator: Emulator, operation: str, unread: str) -> None:
    key = ExternalKey.imported(kms)
    emulator.control.denied([operation])
    for options in ({}, {"key_ids": [key.arn]}):
        (entry,) = info(kms, include_tags=True, days_left_below=1 if unread == "key" else None, **options)
        assert entry["arn"] == key.arn
        assert entry["unread"] == {unread: f"kms:{operation} is denied"}
    if unread == "materials":
        assert (entry["materials"], entry["rotations_left"], entry["import_state"]) == (None, None, "IMPORTED")


def test_one_denied_key_does_not_fail_the_rest(kms: Any, emulator: Emulator) -> None:
    keys = [ExternalKey.imported(kms) for _number in range(5)]
    emulator.control.faults([{"operation": "ListKeyRotations", "error": "AccessDeniedException", "times": 1}])
    entries = info(kms)
    assert sorted(names(entries)) == sorted(key.arn for key in keys)
    assert sum(bool(entry["unread"]) for entry in entries) == 1


def test_what_concerns_all_keys_fails(kms: Any, emulator: Emulator) -> None:
    ExternalKey.create(kms)
    emulator.control.denied(["ListKeys"])
    with pytest.raises(KmsError, match="kms:ListKeys"):
        info(kms)
    emulator.control.denied(["ListAliases"])
    with pytest.raises(KmsError, match="kms:ListAliases"):
        info(kms, alias_patterns=["a*"])
    emulator.control.denied([])
    emulator.control.faults([{"operation": "DescribeKey", "error": "ExpiredTokenException", "times": 1}])
    with pytest.raises(KmsError, match="session token"):
        info(kms)


def test_pages_are_followed(kms: Any) -> None:
    created = [ExternalKey.create(kms).arn for _number in range(230)]
    for number, arn in enumerate(created):
        kms.create_alias(AliasName=f"alias/key-{number}", TargetKeyId=arn)
    entries = info(kms)
    assert sorted(names(entries)) == sorted(created)
    assert all(len(entry["aliases"]) == 1 for entry in entries)


def _under_the_policy(kms: Any, emulator: Emulator, *denied: str) -> Any:
    allowed = policy_actions("kms_key_material_info") - set(denied)
    emulator.control.denied([name for name in kms.meta.service_model.operation_names if name not in allowed])
    try:
        return info(kms, include_tags=True)
    except KmsError as error:
        return error.code
    finally:
        emulator.control.denied([])


def test_the_policy_is_sufficient_and_minimal(kms: Any, emulator: Emulator) -> None:
    emulator.control.rotation(460)
    key = with_days(kms, emulator, None, 10)
    key.stage()
    kms.rotate_key_on_demand(KeyId=key.arn)
    everything = info(kms, include_tags=True)
    assert _under_the_policy(kms, emulator) == everything
    for action in policy_actions("kms_key_material_info"):
        assert _under_the_policy(kms, emulator, action) != everything, f"{action} is not needed"
