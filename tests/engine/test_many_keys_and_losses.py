# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interrupted visits, lost answers, and many keys and Regions in one run: all known results are reported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, declaration, result_of, run, run_one, visits
from support.materials import SYMMETRIC, new_material

from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Answer, Apply, Failure, Request
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import (
    DOWNLOADS_IN_A_WAVE,
    Lost,
    Runtime,
    converse,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.converge import converge
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.one_key import OneKey
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.outcome import to_result

UNREACHABLE = {"unreachable": True, "msg": "Failed to connect to the host via ssh."}


def run_with_a_loss(
    client: Any, number: int, done: Literal["before", "after"], *declarations: Any
) -> list[dict[str, Any]]:
    """The results of these declarations, where the visit of this number dies, before or after its requests are met."""
    carry = visits(client)
    count = 0

    def visit(requests: Sequence[Request]) -> list[Answer | Lost]:
        nonlocal count
        count += 1
        if count != number:
            return carry(requests)
        if done == "after":
            carry(requests)
        return [Lost(Failure(str(UNREACHABLE["msg"])), UNREACHABLE) for _request in requests]

    return [to_result(outcome) for outcome in converse([converge(OneKey(one)) for one in declarations], Runtime(visit))]


@pytest.mark.parametrize("done", ["before", "after"])
def test_a_target_that_is_lost_with_the_import(kms: Any, done: Literal["before", "after"]) -> None:
    key, content = ExternalKey.create(kms), new_material(SYMMETRIC)
    (result,) = run_with_a_loss(kms, 2, done, declaration(key.arn, content, **NEVER))
    assert result["unreachable"]
    assert (result["changed"], result["actions"], result["actions_unconfirmed"]) == (True, [], ["import"])
    assert "KMS may or may not have performed it" in result["msg"]
    assert UNREACHABLE["msg"] in result["msg"]
    assert result["kms_key"]["key_state"] == "PendingImport", "the facts from before are kept, and named as such"
    assert result["diff"]["before"]["key_state"] == "PendingImport"
    # The next run finds out, and ends what was begun.
    again = run_one(kms, key, content, **NEVER)
    assert (again["actions"], again["kms_key"]["key_state"]) == (["import"] if done == "before" else [], "Enabled")


def test_a_target_that_is_lost_before_anything_is_known(kms: Any) -> None:
    key = ExternalKey.create(kms)
    (result,) = run_with_a_loss(kms, 1, "before", declaration(key.arn, new_material(SYMMETRIC), **NEVER))
    assert result["msg"] == UNREACHABLE["msg"]
    assert result["unreachable"]
    assert not result["changed"]
    assert not {"actions_unconfirmed", "kms_key", "diff"} & set(result)


def test_a_loss_is_each_key_s_own(kms: Any) -> None:
    """One key is imported in the interrupted visit. The other one was finished before."""
    first, second = ExternalKey.create(kms), ExternalKey.create(kms)
    content = new_material(SYMMETRIC)
    run_one(kms, first, content, **NEVER)
    done, lost = run_with_a_loss(
        kms, 2, "after", declaration(first.arn, content, **NEVER), declaration(second.arn, content, **NEVER)
    )
    assert (done["actions"], done.get("msg")) == ([], None)
    assert lost["actions_unconfirmed"] == ["import"]


@pytest.mark.parametrize(
    ("operation", "options", "action"),
    [
        ("ImportKeyMaterial", NEVER, "import"),
        ("DeleteImportedKeyMaterial", {"state": "absent"}, "delete"),
        ("DisableKey", {**NEVER, "enabled": False}, "disable"),
    ],
)
def test_an_answer_that_is_lost(
    kms: Any, emulator: Emulator, operation: str, options: dict[str, Any], action: str
) -> None:
    key, content = ExternalKey.create(kms), new_material(SYMMETRIC)
    if action != "import":
        run_one(kms, key, content, **NEVER)
    emulator.control.faults([{"operation": operation, "drop": True}])
    result = result_of(kms, key, content, **options)
    assert result["failed"]
    assert (result["changed"], result["actions"], result["actions_unconfirmed"]) == (True, [], [action])
    emulator.control.faults([])
    assert run_one(kms, key, content, **options)["actions"] == [], "KMS had done it"


def test_keys_in_several_regions(emulator: Emulator, account: str) -> None:
    """Each key is read in its own Region, not in the Region of the task."""
    regions = ("us-east-1", "eu-central-1", "ap-southeast-2")
    keys = [ExternalKey.create(emulator.client(region=region, account_key=account)) for region in regions]
    content = new_material(SYMMETRIC)
    results = run(
        emulator.client(account_key=account),
        *(declaration(key.arn, content, region=region, **NEVER) for key, region in zip(keys, regions, strict=True)),
    )
    assert [result["actions"] for result in results] == [["import"]] * 3
    assert [result["kms_key"]["region"] for result in results] == list(regions)
    assert [key.state for key in keys] == ["Enabled"] * 3


def test_more_keys_than_a_wave(kms: Any) -> None:
    """No key is omitted, and each is imported once."""
    carry = visits(kms)
    applied: list[list[str]] = []

    def visit(requests: Sequence[Request]) -> list[Answer | Lost]:
        applied.append([one.key for one in requests if isinstance(one, Apply)])
        return carry(requests)

    keys = [ExternalKey.create(kms) for _number in range(DOWNLOADS_IN_A_WAVE + 2)]
    content = new_material(SYMMETRIC)
    conversations = [converge(OneKey(declaration(key.arn, content, **NEVER))) for key in keys]
    results = [to_result(outcome) for outcome in converse(conversations, Runtime(visit))]
    assert [result["actions"] for result in results] == [["import"]] * len(keys)
    assert [len(one) for one in applied] == [0, DOWNLOADS_IN_A_WAVE, 2]
