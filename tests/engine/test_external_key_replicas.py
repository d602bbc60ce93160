# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kms_external_key`` with ``replica_regions`` creates and deletes replica keys, independently in each Region."""

from __future__ import annotations

from typing import Any

import pytest
from support.declared_keys import ALIAS, declare, declare_in, import_into, keys, policy, tags
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fixtures import new_account

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal

from .declared_regions import (
    FAR,
    HOME,
    NEAR,
    NEW_REPLICA,
    REGIONS,
    Clients,
    arn_in,
    clients_of,
    described,
    predicted,
    primary,
    writes,
)
from .predictions import time_standing_still

pytestmark = pytest.mark.usefixtures("pauses_of_the_emulator")


def test_from_no_key_to_three_regions(clients: Clients, emulator: Emulator) -> None:
    options: dict[str, Any] = {"multi_region": True, "description": "one", "tags": {"a": "1"}}
    foretold = declare_in(clients, check_mode=True, **options)
    first = declare_in(clients, **options)
    assert foretold["actions"] == first["actions"] == ["create_key", "create_alias", "untag_resource"]
    assert foretold["replicas"] == first["replicas"]
    nothing: dict[str, Any] = {"arn": None, "key_state": None, "changed": False, "actions": [], "failure": None}
    assert first["replicas"] == [{"region": NEAR, **nothing}, {"region": FAR, **nothing}]
    for told in (foretold, first):
        (warning,) = told["warnings"]
        assert f"Replica keys are missing in {NEAR}, {FAR}" in warning
    # Until the import nothing changes, and it is said each time.
    waiting = predicted(clients, emulator, **options)
    assert (waiting["changed"], len(waiting["warnings"])) == (False, 1)

    key = import_into(clients[HOME], first["kms_key"]["arn"])
    done = predicted(clients, emulator, **options)
    assert done["actions"] == ["replicate_key", "replicate_key"]
    assert done["warnings"] == ()
    assert done["kms_key"]["replica_regions"] == [NEAR, FAR]
    for entry, region in zip(done["replicas"], (NEAR, FAR), strict=True):
        assert (entry["region"], entry["arn"]) == (region, arn_in(region, key))
        assert (entry["changed"], entry["actions"], entry["key_state"]) == (True, NEW_REPLICA, "PendingImport")
        shown = described(clients, region)
        assert (shown["Arn"], shown["Description"], shown["KeyState"]) == (entry["arn"], "one", "PendingImport")
        assert shown["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
        assert tags(clients[region], entry["arn"]) == {"a": "1"}
    assert [part["after_header"] for part in done["diff"]] == [key.arn, *(one["arn"] for one in done["replicas"])]


def test_each_region_is_kept_as_declared(clients: Clients, emulator: Emulator, account: str) -> None:
    key = primary(clients)
    wanted = policy(account, "kms:*")
    predicted(clients, emulator, policy=wanted, description="one", tags={"a": "1"})
    for region in REGIONS:
        assert clients[region].get_key_policy(KeyId=key.id)["Policy"].count("Administration") == 1
    # Another user changes one Region and not the others.
    clients[NEAR].update_key_description(KeyId=key.id, Description="another user's")
    clients[NEAR].delete_alias(AliasName=ALIAS)
    clients[NEAR].tag_resource(KeyId=key.id, Tags=[{"TagKey": "b", "TagValue": "2"}])
    mended = predicted(clients, emulator, policy=wanted, description="one", tags={"a": "1"})
    assert mended["actions"] == []
    assert mended["changed"]
    near, far = mended["replicas"]
    assert near["actions"] == ["create_alias", "update_key_description", "untag_resource"]
    assert (far["changed"], far["actions"]) == (False, [])
    changed = predicted(clients, emulator, policy=policy(account, "kms:*", "kms:Decrypt"))
    assert [entry["actions"] for entry in changed["replicas"]] == [["put_key_policy"]] * 2


def test_enabled_is_kept_in_each_region(clients: Clients, emulator: Emulator) -> None:
    key = primary(clients)
    waiting = predicted(clients, emulator)
    assert [entry["key_state"] for entry in waiting["replicas"]] == ["PendingImport"] * 2
    for region in (NEAR, FAR):
        ExternalKey(clients[region], described(clients, region)).put(key.material)
    assert [entry["key_state"] for entry in predicted(clients, emulator, enabled=True)["replicas"]] == ["Enabled"] * 2
    disabled = predicted(clients, emulator, enabled=False)
    assert (disabled["actions"], [one["actions"] for one in disabled["replicas"]]) == (
        ["disable_key"],
        [["disable_key"]] * 2,
    )
    assert {described(clients, region)["KeyState"] for region in REGIONS} == {"Disabled"}


def test_a_disabled_primary_key_gets_no_new_replica_keys(clients: Clients, emulator: Emulator) -> None:
    key = primary(clients)
    emulator.replicate(key, NEAR)
    clients[HOME].disable_key(KeyId=key.id)
    failed = predicted(clients, emulator, description="one")
    assert "Set enabled: true" in failed["failed"]
    near, far = failed["replicas"]
    assert (near["failure"], near["actions"]) == (None, ["create_alias", "update_key_description"])
    assert far["failure"] in failed["failed"]
    assert predicted(clients, emulator, enabled=True)["actions"] == ["enable_key", "replicate_key"]


def test_a_region_that_is_not_listed_is_left_alone(clients: Clients, emulator: Emulator, account: str) -> None:
    key = primary(clients)
    predicted(clients, emulator, description="one")
    fewer = predicted(clients_of(emulator, account, HOME, NEAR), emulator, description="two")
    assert [entry["region"] for entry in fewer["replicas"]] == [NEAR]
    left = described(clients, FAR, key.id)
    assert (left["Description"], left["KeyState"]) == ("one", "PendingImport")
    assert declare(clients[HOME], alias=ALIAS)["changed"] is False


def test_what_can_have_no_replica_keys(clients: Clients, emulator: Emulator) -> None:
    single = ExternalKey.imported(clients[HOME])
    key = primary(clients)
    emulator.replicate(key, NEAR)
    replica_first = {NEAR: clients[NEAR], FAR: clients[FAR]}
    tasks: list[tuple[Clients, dict[str, Any], str]] = [
        (clients, {"key_id": single.arn}, "is a single-Region key"),
        (replica_first, {"key_id": arn_in(NEAR, key)}, f"the primary key in Region {HOME}"),
        (clients, {"alias": "alias/new"}, "set multi_region: true"),
    ]
    for where, options, told in tasks:
        before = len(emulator.control.calls())
        for check_mode in (True, False):
            for state in ("present", "absent") if "key_id" in options else ("present",):
                result = declare_in(where, check_mode=check_mode, state=state, description="other", **options)
                assert told in result["failed"]
                assert (result["changed"], result["actions"]) == (False, [])
        assert writes(emulator, before) == []


def test_an_alias_that_names_another_key_stays(clients: Clients, emulator: Emulator) -> None:
    primary(clients)
    other = ExternalKey.create(clients[NEAR])
    clients[NEAR].create_alias(AliasName=ALIAS, TargetKeyId=other.id)
    failed = predicted(clients, emulator)
    near, far = failed["replicas"]
    assert f"{ALIAS} points to {other.arn} in Region {NEAR}" in near["failure"]
    assert near["failure"] in failed["failed"]
    assert (near["arn"], near["changed"]) == (None, False)
    assert far["actions"] == NEW_REPLICA
    assert keys(clients[NEAR]) == [other.arn], "there is no replica key without its alias"
    # What the sentence advises works.
    clients[NEAR].delete_alias(AliasName=ALIAS)
    assert predicted(clients, emulator)["actions"] == ["replicate_key"]


def test_a_new_key_is_made_before_its_alias_elsewhere_is_looked_at(clients: Clients) -> None:
    """The message cannot name a replica key yet, in check mode and in the run. The next run names it."""
    other = ExternalKey.create(clients[NEAR])
    clients[NEAR].create_alias(AliasName=ALIAS, TargetKeyId=other.id)
    foretold, real = (declare_in(clients, check_mode=check_mode, multi_region=True) for check_mode in (True, False))
    for told in (foretold, real):
        assert (told["failed"], len(told["warnings"])) == (None, 1)
    assert foretold["replicas"] == real["replicas"]
    assert other.arn in declare_in(clients)["failed"]


def test_without_waiting(clients: Clients, emulator: Emulator) -> None:
    """A replica key that KMS is still creating has its alias. The next run changes nothing."""
    key = primary(clients)
    with time_standing_still(emulator):
        made = declare_in(clients, wait_timeout=None)
    assert made["failed"] is None
    assert [(one["key_state"], one["actions"]) for one in made["replicas"]] == [("Creating", NEW_REPLICA)] * 2
    assert {described(clients, region)["KeyId"] for region in REGIONS} == {key.id}
    emulator.settle()
    assert declare_in(clients, wait_timeout=None)["changed"] is False


def test_a_primary_key_that_is_enabled_without_waiting(emulator: Emulator, account: str) -> None:
    """The answer of KMS shows the state before the change."""
    clients = clients_of(emulator, account, HOME, NEAR)
    key = primary(clients)
    clients[HOME].disable_key(KeyId=key.id)
    emulator.control.stale_reads(1)
    with time_standing_still(emulator):
        made = declare_in(clients, wait_timeout=None, enabled=True)
    assert made["kms_key"]["key_state"] == "Disabled", "that is what it shows"
    assert (made["actions"], made["failed"]) == (["enable_key", "replicate_key"], None)


def test_stale_reads(clients: Clients, emulator: Emulator) -> None:
    primary(clients)
    emulator.control.stale_reads(2)
    for options in ({"description": "one"}, {"description": "two", "tags": {"a": "1"}}, {"state": "absent"}):
        done = declare_in(clients, **options)
        assert (done["failed"], done["changed"]) == (None, True)
        assert declare_in(clients, **options)["changed"] is False


def test_the_end_of_all_regions_and_its_return(clients: Clients, emulator: Emulator) -> None:
    key = primary(clients)
    predicted(clients, emulator)
    ended = predicted(clients, emulator, state="absent", pending_window=7)
    assert ended["actions"] == ["schedule_key_deletion"]
    assert ended["kms_key"]["key_state"] == "PendingReplicaDeletion"
    assert [(one["actions"], one["key_state"]) for one in ended["replicas"]] == [
        (["schedule_key_deletion"], "PendingDeletion")
    ] * 2
    assert [part["after"]["key_state"] for part in ended["diff"]] == [
        "PendingReplicaDeletion",
        "PendingDeletion",
        "PendingDeletion",
    ]
    back = predicted(clients, emulator, enabled=True)
    assert back["actions"] == ["cancel_key_deletion", "enable_key"]
    assert [one["actions"] for one in back["replicas"]] == [["cancel_key_deletion"]] * 2
    assert key.state == "Enabled"


@pytest.mark.parametrize("regions", [(HOME,), (HOME, FAR)])
def test_the_primary_key_is_not_deleted_while_others_are_left(
    emulator: Emulator, account: str, regions: tuple[str, ...]
) -> None:
    clients = clients_of(emulator, account)
    key = primary(clients)
    declare_in(clients)
    some = {region: clients[region] for region in regions}
    before = len(emulator.control.calls())
    for check_mode in (True, False):
        if len(regions) == 1:
            with pytest.raises(Refusal, match=f"has replica keys that replica_regions does not list, in {NEAR}"):
                declare(clients[HOME], state="absent", check_mode=check_mode)
        else:
            refused = declare_in(some, state="absent", check_mode=check_mode)
            assert f"does not list, in {NEAR}." in refused["failed"]
    assert writes(emulator, before) == []
    assert key.state == "Enabled"


def test_a_replica_key_is_deleted_alone(clients: Clients) -> None:
    key = primary(clients)
    declare_in(clients)
    ended = declare(clients[NEAR], state="absent", key_id=arn_in(NEAR, key))
    assert ended["kms_key"]["key_state"] == "PendingDeletion"
    assert (key.state, described(clients, FAR)["KeyState"]) == ("Enabled", "PendingImport")


def test_a_region_whose_replica_key_cannot_be_deleted_keeps_the_primary_key(
    clients: Clients, emulator: Emulator
) -> None:
    key = primary(clients)
    declare_in(clients)

    emulator.control.denied(["ScheduleKeyDeletion"])
    failed = declare_in(clients, state="absent")
    assert "kms:ScheduleKeyDeletion" in failed["failed"]
    assert "The deletion of the primary key was not scheduled" in failed["failed"]
    assert failed["actions"] == []
    assert key.state == "Enabled"
    emulator.control.denied([])
    assert declare_in(clients, state="absent")["kms_key"]["key_state"] == "PendingReplicaDeletion"


def test_replica_keys_that_are_not_there_are_not_deleted(emulator: Emulator, account: str) -> None:
    clients = clients_of(emulator, account, HOME, NEAR)
    primary(clients)
    ended = predicted(clients, emulator, state="absent")
    assert ended["kms_key"]["key_state"] == "PendingDeletion"
    assert ended["replicas"][0]["arn"] is None
    nothing = clients_of(emulator, new_account(), HOME, NEAR)
    assert declare_in(nothing, state="absent")["changed"] is False
