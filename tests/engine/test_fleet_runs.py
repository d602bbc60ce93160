# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many keys in one task: the run makes the changes that check mode predicts, and a second run changes nothing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from support.declared_keys import import_into, keys, policy, tags
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fleet import LASTS, NEW, Entry, Fleet, FleetRun, calls, exists, foretold, now, settled
from support.in_process import NEVER, run_one, with_days
from support.materials import OTHER_SAMPLES, SAMPLES, SYMMETRIC, USAGES, new_material

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal

from .declared_regions import NEAR


def warnings_of(told: FleetRun) -> list[str]:
    """But that the endpoint is an emulator."""
    return [warning for warning in told.result.get("warnings", []) if "emulator" not in warning]


def test_new_keys_with_everything(fleet: Fleet, kms: Any, emulator: Emulator, account: str) -> None:
    declared = policy(account, "kms:Describe*", "kms:*")
    entries = [
        {
            "alias": f"alias/{spec}",
            "key_spec": spec,
            "key_usage": USAGES[spec][0],
            "key_material_src": fleet.file(new_material(spec)),
            "description": f"The {spec} key",
            "tags": {"spec": spec},
        }
        for spec in SAMPLES
    ]
    done = foretold(fleet, emulator, *entries, policy=declared, tags={"team": "payments"}, **NEVER).ok()
    assert done.each("actions") == [[*NEW, "import"]] * len(SAMPLES)
    assert done.result["summary"] == {
        "total": len(SAMPLES),
        "changed": len(SAMPLES),
        "unchanged": 0,
        "failed": 0,
        "not_started": 0,
        "soonest_expiry": None,
    }
    for spec, entry in zip(SAMPLES, done.entries, strict=True):
        shown = kms.describe_key(KeyId=f"alias/{spec}")["KeyMetadata"]
        assert (shown["Arn"], shown["KeyState"]) == (entry["arn"], "Enabled")
        assert (shown["KeySpec"], shown["Description"]) == (spec, f"The {spec} key")
        assert entry["kms_key"]["description"] == f"The {spec} key"
        assert tags(kms, shown["Arn"]) == {"team": "payments", "spec": spec}
        held = json.loads(kms.get_key_policy(KeyId=shown["Arn"], PolicyName="default")["Policy"])
        assert held == declared
    assert len(keys(kms)) == len(SAMPLES)


def test_new_keys_that_last_for_some_time(fleet: Fleet, emulator: Emulator) -> None:
    """The prediction for a key that does not exist yet also uses KMS's clock."""
    emulator.advance(days=400)
    entries = [{"alias": name, "key_material_src": fleet.file(new_material(SYMMETRIC))} for name in ("one", "two")]
    done = foretold(fleet, emulator, *entries, **LASTS).ok()
    end = datetime.fromisoformat(done.result["summary"]["soonest_expiry"])
    assert timedelta(days=89) < end - emulator.now() <= timedelta(days=90)


def test_a_list_that_changes_a_part(fleet: Fleet, kms: Any, emulator: Emulator) -> None:
    """One key needs no change, one a renewal, one a description, one its key material, and one does not exist yet."""
    content = [new_material(SYMMETRIC) for _number in range(5)]
    with_days(kms, emulator, "fine", 80, content[0])
    with_days(kms, emulator, "due", 10, content[1])
    with_days(kms, emulator, "renamed", 80, content[2])
    empty = ExternalKey.create(kms)
    names = [{"alias": "fine"}, {"alias": "due"}, {"alias": "renamed", "description": "more"}, {"key_id": empty.arn}]
    entries = [
        {**name, "key_material_src": fleet.file(material)}
        for name, material in zip([*names, {"alias": "new"}], content, strict=True)
    ]
    done = foretold(fleet, emulator, *entries, **LASTS).ok()
    assert done.each("actions") == [
        [],
        ["reimport"],
        ["update_key_description"],
        ["import"],
        [*NEW, "import"],
    ]
    assert (done.result["summary"]["changed"], done.result["summary"]["unchanged"]) == (4, 1)
    headers = {diff["before_header"] for diff in done.result["diff"]}
    assert {done.of("alias/due")["arn"], empty.arn} < headers
    assert done.of("alias/fine")["arn"] not in headers


def test_what_was_decided_is_told(fleet: Fleet, kms: Any, emulator: Emulator) -> None:
    content = new_material(SYMMETRIC)
    key = with_days(kms, emulator, "fine", 80, content)
    entries: list[Entry] = [
        {"alias": "fine", "key_material_src": fleet.file(content)},
        {"alias": "new", "key_material_src": fleet.file(new_material(SYMMETRIC))},
        {"key_id": ExternalKey.create(kms, "HMAC_256").arn, "key_material_src": fleet.file(b"\1\2")},
        {
            "alias": "wide",
            "multi_region": True,
            "replica_regions": ["us-west-2"],
            "key_material_src": fleet.file(new_material(SYMMETRIC)),
        },
    ]
    told = fleet.run(*entries, check_mode=True, **LASTS)
    fine, new, wrong, wide = told.decisions
    assert fine == f"alias/fine ({key.arn}): as declared"
    assert new.startswith("alias/new: create_key, create_alias, untag_resource, import, until ")
    assert entries[2]["key_id"] in wrong
    assert "2 bytes" in wrong
    assert wide.startswith("alias/wide: create_key, create_alias, untag_resource, import, replicate_key, until ")
    sides = [side for diff in told.result["diff"] for side in (diff["before"], diff["after"])]
    assert not any("key_material_label" in side for side in sides), "it depends on a key ID that KMS has not chosen yet"


@pytest.mark.parametrize("spec", [SYMMETRIC, *OTHER_SAMPLES])
def test_disabled_keys(fleet: Fleet, kms: Any, emulator: Emulator, spec: str) -> None:
    """One key is new, one is disabled, and one is disabled and due for renewal. All are disabled at the end."""
    lasting, due = new_material(spec), new_material(spec)
    for name, days, content in (("lasting", 80, lasting), ("due", 10, due)):
        key = with_days(kms, emulator, f"{name}-{spec}", days, content, spec=spec)
        kms.disable_key(KeyId=key.arn)
    contents = {"new": new_material(spec), "lasting": lasting, "due": due}
    entries = [
        {"alias": f"{name}-{spec}", "key_usage": USAGES[spec][0], "key_material_src": fleet.file(content)}
        for name, content in contents.items()
    ]
    done = foretold(fleet, emulator, *entries, key_spec=spec, enabled=False, on_unknown_material="reimport", **LASTS)
    assert not done.result.get("failed"), done.result["msg"]
    states = [kms.describe_key(KeyId=f"alias/{name}-{spec}")["KeyMetadata"]["KeyState"] for name in contents]
    assert states == ["Disabled"] * 3
    assert done.of(f"alias/lasting-{spec}")["actions"] == []


def test_a_disabled_key_is_enabled_where_that_is_declared(fleet: Fleet, kms: Any, emulator: Emulator) -> None:
    content = new_material(SYMMETRIC)
    key = with_days(kms, emulator, "fine", 80, content)
    kms.disable_key(KeyId=key.arn)
    done = foretold(
        fleet, emulator, {"alias": "fine", "enabled": True, "key_material_src": fleet.file(content)}, **LASTS
    ).ok()
    assert done.each("actions") == [["enable"]]
    assert key.state == "Enabled"


def test_keys_without_key_material(fleet: Fleet, emulator: Emulator) -> None:
    """An entry may declare a key without key material."""
    done = foretold(fleet, emulator, {"alias": "one", "description": "for later"}, {"alias": "two"}).ok()
    assert done.each("actions") == [NEW] * 2
    assert [entry["kms_key"]["key_state"] for entry in done.entries] == ["PendingImport"] * 2


WRONG: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "length": (new_material(SYMMETRIC)[1:], NEVER, "31 bytes"),
    "spec": (new_material("ECC_NIST_P256"), NEVER, "requires exactly 32"),
    "no expiration": (new_material(SYMMETRIC), {}, "does not declare when it expires"),
    "past": (new_material(SYMMETRIC), {"valid_to": "2020-01-01T00:00:00Z"}, "valid_to"),
    "too far": (new_material(SYMMETRIC), {"valid_to": "2199-01-01T00:00:00Z"}, "365 days"),
}


@pytest.mark.parametrize("case", WRONG)
def test_nothing_is_created_for_key_material_that_cannot_be_right(
    fleet: Fleet, kms: Any, emulator: Emulator, case: str
) -> None:
    content, options, words = WRONG[case]
    entry = {"alias": "wrong", "key_material_src": fleet.file(content), **options}
    done = foretold(fleet, emulator, entry, {"alias": "right"})
    assert words in done.of("alias/wrong")["msg"], done.of("alias/wrong")["msg"]
    assert done.result["msg"].startswith("1 of 2 keys failed.")
    assert not exists(kms, "alias/wrong")
    assert exists(kms, "alias/right")


def test_a_key_that_is_pending_deletion(fleet: Fleet, kms: Any, emulator: Emulator) -> None:
    """An alias declares that the key exists, so the deletion is canceled. An ARN alone does not."""
    content = [new_material(SYMMETRIC) for _number in range(2)]
    for place, material in enumerate(content):
        key = with_days(kms, emulator, f"key-{place}", 80, material)
        kms.schedule_key_deletion(KeyId=key.arn)
    kept, other = (kms.describe_key(KeyId=f"alias/key-{place}")["KeyMetadata"]["Arn"] for place in range(2))
    entries = [
        {"alias": "key-0", "enabled": True, "key_material_src": fleet.file(content[0])},
        {"key_id": other, "key_material_src": fleet.file(content[1])},
    ]
    before = fleet.run(*entries, check_mode=True, **LASTS)
    assert before.of("alias/key-0")["actions"][:1] == ["cancel_key_deletion"]
    done = fleet.run(*entries, **LASTS)
    assert done.of("alias/key-0")["failed"] is False, done.of("alias/key-0")["msg"]
    assert done.of("alias/key-0")["actions"][:1] == ["cancel_key_deletion"]
    assert "is PendingDeletion" in done.of(other)["msg"]
    states = [kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] for arn in (kept, other)]
    assert states == ["Enabled", "PendingDeletion"]
    settled(fleet, emulator, entries[0], **LASTS)


@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "run"])
def test_one_key_twice(fleet: Fleet, kms: Any, emulator: Emulator, check_mode: bool) -> None:
    content = new_material(SYMMETRIC)
    key = with_days(kms, emulator, "payments", 10, content)
    entries = [{name: value, "key_material_src": fleet.file(content)} for name, value in
               (("alias", "payments"), ("key_id", key.arn))]  # fmt: skip
    since = now(emulator)
    with pytest.raises(Refusal) as refused:
        fleet.run({"alias": "other"}, *entries, check_mode=check_mode, **LASTS)
    assert refused.value.sentence == (
        f"Nothing was changed. kms_keys[1] (alias/payments) and kms_keys[2] ({key.arn}) refer to the same key,"
        f" {key.arn}. Keep only one entry for each key."
    ).replace("alias/payments", "payments")
    assert calls(emulator, since, {"CreateKey", "ImportKeyMaterial", "GetParametersForImport"}) == []


@pytest.mark.parametrize("there", [True, False], ids=["there", "new"])
def test_one_alias_twice(fleet: Fleet, kms: Any, there: bool) -> None:
    """The environment of the target determines the Region of one entry."""
    entries = [{"alias": "one"}, {"alias": "one", "region": kms.meta.region_name}]
    if there:
        fleet.run(entries[0]).ok()
    for check_mode in (True, False):
        with pytest.raises(Refusal, match=r"kms_keys\[0\] \(one\) and kms_keys\[1\] \(one\) refer to the same key, "):
            fleet.run(*entries, check_mode=check_mode)
    assert len(kms.list_keys()["Keys"]) == there


@pytest.mark.usefixtures("pauses_of_the_emulator")
@pytest.mark.parametrize("way", ["replicas", "replica_regions"])
def test_a_replica_key_twice(home: Fleet, emulator: Emulator, way: str) -> None:
    """The replica key is part of its primary key's entry, and has an entry of its own."""
    key = ExternalKey.imported(home.client, MultiRegion=True)
    replica = emulator.replicate(key, NEAR)
    material = {"key_material_src": home.file(key.material), **NEVER}
    of_primary = {"replicas": True} if way == "replicas" else {"replica_regions": [NEAR]}
    own = {"key_id": replica.arn, **material}
    with pytest.raises(Refusal, match=f"refer to the same key, {replica.arn}"):
        home.run({"key_id": key.arn, **of_primary, **material}, own, on_unknown_material="reimport")
    assert replica.state == "PendingImport"
    # Without replicas, the entry of the primary key is for that one alone.
    home.run({"key_id": key.arn, **material}, own, on_unknown_material="reimport").ok()
    assert replica.state == "Enabled"


def test_the_same_key_material_twice(fleet: Fleet, emulator: Emulator) -> None:
    shared = new_material("HMAC_256")
    entries = [
        {"alias": name, "key_spec": "HMAC_256", "key_material_src": fleet.file(content)}
        for name, content in (("a", shared), ("b", new_material("HMAC_256")), ("c", shared))
    ]
    for check_mode in (True, False):
        told = fleet.run(*entries, check_mode=check_mode, **NEVER).ok()
        (warning,) = warnings_of(told)
        assert (f"Before any change: {warning}" in told.decisions) is not check_mode
        assert warning.startswith("kms_keys[0] (a), kms_keys[2] (c) have the same key material"), warning
    # What holds its key material already is compared, too.
    assert warnings_of(settled(fleet, emulator, *entries, **NEVER)) == [warning]


@pytest.mark.parametrize("spread", [True, False], ids=["spread", "bunched"])
def test_expirations_on_one_day(fleet: Fleet, emulator: Emulator, spread: bool) -> None:
    entries = [{"alias": f"key-{n}", "key_material_src": fleet.file(new_material(SYMMETRIC))} for n in range(12)]
    done = foretold(fleet, emulator, *entries, spread=spread, **LASTS).ok()
    ends = {one["valid_to"][:10] for one in done.entries}
    assert len(ends) == (12 if spread else 1)
    assert [warning.partition(" so all")[0] for warning in warnings_of(done)] == (
        [] if spread else [f"12 keys get key material that expires on {min(ends)},"]
    )
    # Each of them is due once, some day, and not at once.
    assert all(datetime.fromisoformat(one["valid_to"]) > emulator.now() + timedelta(days=59) for one in done.entries)


@pytest.mark.parametrize("way", ["valid_to", "spread"])
def test_expirations_that_spread_cannot_move_are_no_warning(fleet: Fleet, emulator: Emulator, way: str) -> None:
    """The date is declared, or the expirations are already as far apart as possible."""
    entries = [{"alias": f"key-{n}", "key_material_src": fleet.file(new_material(SYMMETRIC))} for n in range(12)]
    ways: dict[str, dict[str, Any]] = {
        "valid_to": {"valid_to": (emulator.now() + timedelta(days=90)).isoformat()},
        "spread": {"valid_for": "90d", "renew_before": "1h", "spread": True},
    }
    options = ways[way]
    assert warnings_of(fleet.run(*entries, check_mode=True, **options).ok()) == []


def test_rotation_of_one_key_among_others(fleet: Fleet, kms: Any, emulator: Emulator) -> None:
    emulator.control.rotation(0.01)
    keys_there = [with_days(kms, emulator, f"key-{place}", 80, new_material(SYMMETRIC)) for place in range(3)]
    entries: list[Entry] = [
        {"alias": f"key-{place}", "key_material_src": fleet.file(key.material)} for place, key in enumerate(keys_there)
    ]
    entries[1] |= {"key_material_src": fleet.file(new_material(SYMMETRIC)), "on_different_material": "rotate"}
    entries[1]["previous_key_materials"] = [{"key_material_src": fleet.file(keys_there[1].material)}]
    done = foretold(fleet, emulator, *entries, **LASTS).ok()
    assert done.each("actions") == [[], ["stage", "rotate"], []]


def test_a_key_of_the_account_that_is_not_in_the_list_is_left_alone(fleet: Fleet, kms: Any, emulator: Emulator) -> None:
    other = with_days(kms, emulator, "other", 1, new_material(SYMMETRIC))
    unfinished = ExternalKey.create(kms, Tags=[{"TagKey": "unrelated", "TagValue": "yes"}])
    fleet.run({"alias": "one", "key_material_src": fleet.file(new_material(SYMMETRIC))}, **NEVER).ok()
    assert (other.state, unfinished.state) == ("Enabled", "PendingImport")
    assert run_one(kms, other, other.material)["changed"] is False
    assert import_into(kms, unfinished.arn).state == "Enabled"


def test_a_file_in_the_home_of_an_unknown_user_does_not_exist(fleet: Fleet) -> None:
    with pytest.raises(Refusal, match=r"~nobody-has-this-name/x\.key"):
        fleet.declare([{"alias": "a", "key_material_src": "~nobody-has-this-name/x.key"}])
