# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures with ``replica_regions``: the other Regions are finished, and the next run finishes the rest."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest
from support.declared_keys import ALIAS, declare_in, keys, policy, tags
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fixtures import new_account
from support.in_process import patient_client

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
)
from .interruptions import Cut

pytestmark = pytest.mark.usefixtures("pauses_of_the_emulator")


def test_regions_that_fail_leave_the_others_done_and_said(emulator: Emulator, account: str) -> None:
    """One Region does not exist, and the endpoint of another does not answer."""
    clients = clients_of(emulator, account, HOME, NEAR, "eu-nowhere-1", FAR)
    clients[FAR].meta.events.register("before-send.kms", _unreachable)
    key = primary(clients)
    result = predicted(clients, emulator)
    near, nowhere, far = result["replicas"]
    assert (near["actions"], near["failure"]) == (NEW_REPLICA, None)
    assert nowhere["failure"]
    assert "could not be reached" in far["failure"]
    assert result["failed"].startswith(f"{key.arn}: the replica keys in eu-nowhere-1, {FAR} are not as declared.")
    assert nowhere["failure"] in result["failed"]
    assert far["failure"] not in result["failed"], "it is a short sentence"
    assert result["actions"] == ["replicate_key"]


def _unreachable(**_event: Any) -> None:
    from botocore.exceptions import EndpointConnectionError

    raise EndpointConnectionError(endpoint_url="https://kms.us-west-2.amazonaws.com")


@pytest.mark.parametrize(
    ("action", "failing"),
    [("ReplicateKey", [NEAR, FAR]), ("CreateAlias", [NEAR, FAR]), ("GetKeyPolicy", None), ("TagResource", [])],
)
def test_denied(clients: Clients, emulator: Emulator, account: str, action: str, failing: list[str] | None) -> None:
    """A missing permission in a Region fails there. One for the primary key fails before any Region."""
    key = primary(clients)
    options: dict[str, Any] = {"policy": policy(account, "kms:*")}
    emulator.control.denied([action])
    result = declare_in(clients, **options)
    if failing is None:
        assert f"kms:{action}" in result["failed"]
        assert "replicas" not in result
    else:
        failures = {entry["region"]: entry["failure"] for entry in result["replicas"] if entry["failure"]}
        assert list(failures) == failing
        assert all(f"kms:{action}" in sentence for sentence in failures.values())
    emulator.control.denied([])
    assert declare_in(clients, **options)["failed"] is None
    assert {described(clients, region)["KeyId"] for region in REGIONS} == {key.id}


def _cut_at(clients: Clients, number: int) -> None:
    """The process is gone when KMS has done the call of this number, counted over all Regions, with all of its threads.

    To KMS, that is the same as to be gone before the next call.
    """
    count, gone = itertools.count(1), threading.Event()

    def end(**_event: Any) -> None:
        if gone.is_set() or next(count) == number:
            gone.set()
            raise Cut

    for client in clients.values():
        client.meta.events.register("after-call.kms", end)


def _state(clients: Clients) -> list[Any]:
    shown = [described(clients, region) for region in clients]
    told = [(one["Arn"], one["Description"], tags(clients[one["Arn"].split(":")[3]], one["Arn"])) for one in shown]
    return [*told, *(keys(client) for client in clients.values())]


def test_a_replication_cut_at_every_call_is_finished_by_the_next_run(emulator: Emulator) -> None:
    options: dict[str, Any] = {"description": "one", "tags": {"a": "1"}}
    for number in itertools.count(1):
        account = new_account()
        clients = clients_of(emulator, account)
        key = primary(clients)
        doomed = clients_of(emulator, account)
        _cut_at(doomed, number)
        try:
            declare_in(doomed, **options)
        except Cut:
            pass
        else:
            break
        predicted(clients, emulator, **options)
        expected = [(arn_in(region, key), "one", {"a": "1"}) for region in REGIONS]
        assert _state(clients) == [*expected, *([arn] for arn, *_rest in expected)]
    assert number > 10, "the replication has more calls than that"


def test_a_deletion_cut_at_every_call_is_finished_by_the_next_run(emulator: Emulator) -> None:
    for number in itertools.count(1):
        account = new_account()
        clients = clients_of(emulator, account)
        key = primary(clients)
        for region in (NEAR, FAR):
            emulator.replicate(key, region)
        doomed = clients_of(emulator, account)
        _cut_at(doomed, number)
        try:
            declare_in(doomed, state="absent")
        except Cut:
            pass
        else:
            break
        states = [described(clients, region, key.id)["KeyState"] for region in REGIONS]
        assert states[0] == "Enabled" or states[1:] == ["PendingDeletion"] * 2, "the primary key comes last"
        predicted(clients, emulator, state="absent")
        states = [described(clients, region, key.id)["KeyState"] for region in REGIONS]
        assert states == ["PendingReplicaDeletion", "PendingDeletion", "PendingDeletion"]
    assert number > 6, "the deletion has more calls than that"


@pytest.mark.parametrize("operation", ["ReplicateKey", "CreateAlias"])
@pytest.mark.parametrize("repeated", [True, False])
def test_a_lost_answer_is_no_failure_or_is_mended(
    emulator: Emulator, account: str, operation: str, repeated: bool
) -> None:
    """As in a module the request is repeated, and KMS then says that it exists. Otherwise the next run finds it."""
    clients = clients_of(emulator, account, HOME, NEAR)
    key = primary(clients)
    emulator.control.faults([{"operation": operation, "drop": True, "times": 1}])
    if repeated:
        patient = {region: patient_client(client) for region, client in clients.items()}
        done = declare_in(patient, description="one")
        assert (done["failed"], done["replicas"][0]["actions"]) == (None, NEW_REPLICA)
    else:
        failed = declare_in(clients, description="one")
        assert f"did not respond to {operation}" in failed["replicas"][0]["failure"]
        assert declare_in(clients, description="one")["failed"] is None
    assert declare_in(clients, description="one")["changed"] is False
    assert described(clients, NEAR)["Arn"] == arn_in(NEAR, key)


def test_another_run_makes_the_replica_key_meanwhile(emulator: Emulator, account: str) -> None:
    """The task adopts the replica key and changes it as declared."""
    clients = clients_of(emulator, account, HOME, NEAR)
    key = primary(clients)
    quicker = emulator.client(HOME, account)

    def overtake(**_event: Any) -> None:
        quicker.replicate_key(KeyId=key.id, ReplicaRegion=NEAR, Description="the other run's")

    clients[HOME].meta.events.register("before-call.kms.ReplicateKey", overtake)
    done = declare_in(clients, description="one", tags={"a": "1"})
    assert done["failed"] is None
    (near,) = done["replicas"]
    assert near["actions"] == ["replicate_key", "create_alias", "update_key_description", "tag_resource"]
    assert (described(clients, NEAR)["Description"], tags(clients[NEAR], near["arn"])) == ("one", {"a": "1"})


def test_another_key_gets_the_alias_meanwhile(emulator: Emulator, account: str) -> None:
    clients = clients_of(emulator, account, HOME, NEAR)
    key = primary(clients)
    other = ExternalKey.create(emulator.client(NEAR, account))

    def overtake(**_event: Any) -> None:
        other.kms.create_alias(AliasName=ALIAS, TargetKeyId=other.id)

    clients[NEAR].meta.events.register("before-call.kms.CreateAlias", overtake)
    failed = declare_in(clients)
    (near,) = failed["replicas"]
    assert near["actions"] == ["replicate_key"]
    assert f"{arn_in(NEAR, key)}: {ALIAS} points to {other.arn}" in near["failure"]
