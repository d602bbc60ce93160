# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interrupted runs of ``kms_external_key``, lost answers, and concurrent runs: in the end, one key has the alias."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import yaml
from support.declared_keys import ALIAS, OPTIONS, WRITES, declare, import_into, keys, tags
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fixtures import new_account
from support.in_process import fresh_client

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError, Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.apply import DeclaredKey
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.plan import MARKER, WantedKey
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms import polling
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import Kms
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.errors import KmsError

from .interruptions import Cut, cut


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_creation_cut_at_every_call_makes_one_key(emulator: Emulator, moment: str) -> None:
    for number in itertools.count(1):
        kms = emulator.client(account_key=new_account())
        client = fresh_client(kms)
        cut(client, moment, number)
        try:
            declare(client, **OPTIONS)
        except Cut:
            pass
        else:
            break
        declare(kms, **OPTIONS)
        assert declare(kms, **OPTIONS)["changed"] is False
        (arn,) = keys(kms)
        assert kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"] == arn
        assert tags(kms, arn) == {"a": "1"}
    assert number > 6, "the creation has more calls than that"


@pytest.mark.parametrize("drop", [True, "before"])
@pytest.mark.parametrize("operation", ["CreateKey", "CreateAlias", "UntagResource"])
def test_a_lost_answer_makes_no_second_key(kms: Any, emulator: Emulator, operation: str, drop: bool | str) -> None:
    emulator.control.faults([{"operation": operation, "drop": drop, "times": 1}])
    if (operation, drop) == ("CreateKey", True):
        # Found by its tag at once; the others are repeated by botocore, which here does not.
        assert declare(kms)["actions"][0] == "create_key"
    else:
        with pytest.raises(KmsError, match=f"did not respond to {operation}"):
            declare(kms)
        declare(kms)
    (arn,) = keys(kms)
    assert kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"] == arn
    assert tags(kms, arn) == {}


def _unfinished(kms: Any, alias: str = ALIAS, spec: str = "HMAC_256") -> ExternalKey:
    return ExternalKey.create(kms, spec, Tags=[{"TagKey": MARKER, "TagValue": alias}])


def test_what_is_adopted(kms: Any) -> None:
    unfinished = _unfinished(kms)
    # One reason each not to be taken for it.
    _unfinished(kms, "alias/other")
    _unfinished(kms, spec="HMAC_512")
    ExternalKey.create(kms, "HMAC_256")
    named = _unfinished(kms)
    kms.create_alias(AliasName="alias/named", TargetKeyId=named.id)
    import_into(kms, _unfinished(kms).arn)
    going = _unfinished(kms)
    kms.schedule_key_deletion(KeyId=going.arn)
    kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC", Tags=[{"TagKey": MARKER, "TagValue": ALIAS}])
    before = keys(kms)
    foreseen = declare(kms, check_mode=True, **OPTIONS)
    adopted = declare(kms, **OPTIONS)
    assert foreseen["actions"] == adopted["actions"]
    assert adopted["actions"] == ["create_alias", "update_key_description", "tag_resource", "untag_resource"]
    assert adopted["kms_key"]["arn"] == unfinished.arn
    assert keys(kms) == before
    assert tags(kms, unfinished.arn) == {"a": "1"}


def test_a_key_that_once_had_material_is_not_adopted(kms: Any) -> None:
    key = _unfinished(kms, spec="SYMMETRIC_DEFAULT")
    import_into(kms, key.arn)
    key.lose_material()
    assert declare(kms)["actions"][0] == "create_key"
    assert len(keys(kms)) == 2


def test_several_unfinished_keys_are_listed(kms: Any, emulator: Emulator) -> None:
    pair = [_unfinished(kms).arn, _unfinished(kms).arn]
    before = len(emulator.control.calls())
    with pytest.raises(Refusal) as refused:
        declare(kms, key_spec="HMAC_256")
    assert all(arn in str(refused.value) for arn in pair)
    assert not WRITES & {call["operation"] for call in emulator.control.calls()[before:]}
    # What the sentence advises works.
    declare(kms, key_id=pair[0], alias=ALIAS)
    assert declare(kms, key_spec="HMAC_256")["changed"] is False


@pytest.mark.parametrize("check_mode", [True, False])
def test_an_unreadable_key_of_another_user_does_not_prevent_the_creation(
    kms: Any, emulator: Emulator, check_mode: bool
) -> None:
    others = [ExternalKey.create(kms, "HMAC_256") for _number in range(2)]
    emulator.control.denied([{"operation": "ListResourceTags", "key": key.id} for key in others])
    created = declare(kms, key_spec="HMAC_256", check_mode=check_mode)
    assert created["actions"] == ["create_key", "create_alias", "untag_resource"]
    (warning,) = created["warnings"]
    assert all(key.arn in warning for key in others)
    assert "kms:ListResourceTags is denied" in warning
    if not check_mode:
        again = declare(kms, key_spec="HMAC_256")
        assert (again["changed"], again["warnings"]) == (False, ())


def test_of_many_such_keys_ten_are_named(kms: Any, emulator: Emulator) -> None:
    others = [ExternalKey.create(kms, "HMAC_256") for _number in range(13)]
    emulator.control.denied(["ListResourceTags"])
    (warning,) = declare(kms, key_spec="HMAC_256", check_mode=True)["warnings"]
    assert sum(key.arn in warning for key in others) == 10
    assert "and 3 more" in warning


def test_a_key_that_was_left_is_found_beside_one_whose_tags_may_not_be_read(kms: Any, emulator: Emulator) -> None:
    unfinished, other = _unfinished(kms), ExternalKey.create(kms, "HMAC_256")
    emulator.control.denied([{"operation": "ListResourceTags", "key": other.id}])
    adopted = declare(kms, key_spec="HMAC_256")
    assert (adopted["actions"], adopted["warnings"]) == (["create_alias", "untag_resource"], ())
    assert adopted["kms_key"]["arn"] == unfinished.arn


def _overtaken(kms: Any, by: ExternalKey) -> Any:
    """A client whose CreateAlias comes just after another run's."""
    client = fresh_client(kms)

    def overtake(**_event: Any) -> None:
        kms.create_alias(AliasName=ALIAS, TargetKeyId=by.id)

    client.meta.events.register("before-call.kms.CreateAlias", overtake)
    return client


def test_another_run_takes_the_alias_meanwhile(kms: Any) -> None:
    """The task then uses the key of the other run. The message names the surplus key and how to delete it."""
    winner = ExternalKey.create(kms, "HMAC_256")
    lost = declare(_overtaken(kms, winner), **OPTIONS)
    assert lost["kms_key"]["arn"] == winner.arn
    assert lost["actions"] == ["create_key", "update_key_description", "tag_resource"]
    (left_over,) = set(keys(kms)) - {winner.arn}
    (warning,) = lost["warnings"]
    task = yaml.safe_load(warning[warning.index("cloudkeys.aws.kms_external_key:") :])
    assert task == {"cloudkeys.aws.kms_external_key": {"key_id": left_over, "state": "absent"}}
    # What the warning advises works.
    options = task["cloudkeys.aws.kms_external_key"]
    assert declare(kms, **options)["kms_key"]["key_state"] == "PendingDeletion"
    assert kms.describe_key(KeyId=winner.arn)["KeyMetadata"]["KeyState"] == "PendingImport"
    again = declare(kms, **OPTIONS)
    assert (again["changed"], again["warnings"]) == (False, ())


def test_another_run_takes_the_alias_for_another_kind_of_key(kms: Any) -> None:
    winner = ExternalKey.create(kms, "HMAC_512")
    client = _overtaken(kms, winner)
    key = DeclaredKey(Kms(client), WantedKey(alias=ALIAS, **OPTIONS), None)
    with pytest.raises(CloudKeysError, match="key_spec is HMAC_512, not HMAC_256"):
        key.present()
    (left_over,) = set(keys(kms)) - {winner.arn}
    assert key.to_result()["actions"] == ["create_key"]
    assert left_over in key.warnings[0]


def test_another_run_takes_the_alias_from_a_named_key(kms: Any) -> None:
    winner, named = ExternalKey.create(kms), ExternalKey.create(kms)
    with pytest.raises(CloudKeysError, match="or move the alias"):
        declare(_overtaken(kms, winner), key_id=named.arn, alias=ALIAS)
    assert kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"] == winner.arn


@pytest.mark.parametrize("shown", [True, False])
def test_the_alias_is_moved_while_the_task_waits(kms: Any, monkeypatch: pytest.MonkeyPatch, shown: bool) -> None:
    """That ends the wait at once, also where KMS shows all that it was told: the alias is part of it."""
    key, other = declare(kms, **OPTIONS)["kms_key"]["arn"], ExternalKey.create(kms)
    client = fresh_client(kms)

    def move(**_event: Any) -> None:
        kms.update_alias(AliasName=ALIAS, TargetKeyId=other.id)
        if not shown:
            kms.update_key_description(KeyId=key, Description="another user's")

    def never(_seconds: float) -> None:
        pytest.fail("it waits")

    client.meta.events.register("after-call.kms.UpdateKeyDescription", move)
    monkeypatch.setattr(polling, "sleep", never)
    declared = DeclaredKey(Kms(client), WantedKey(alias=ALIAS, description="two"), None)
    with pytest.raises(CloudKeysError, match=f"moved to another key, {other.arn}") as failed:
        declared.present()
    assert not isinstance(failed.value, Refusal)
    result = declared.to_result()
    assert (result["actions"], result["kms_key"]["arn"]) == (["update_key_description"], key)


def test_the_alias_of_a_key_that_is_deleted_may_go(kms: Any) -> None:
    key, other = declare(kms)["kms_key"]["arn"], ExternalKey.create(kms)
    client = fresh_client(kms)
    client.meta.events.register(
        "after-call.kms.ScheduleKeyDeletion",
        lambda **_event: kms.update_alias(AliasName=ALIAS, TargetKeyId=other.id),
    )
    ended = declare(client, state="absent")
    assert (ended["kms_key"]["arn"], ended["kms_key"]["key_state"]) == (key, "PendingDeletion")


def test_without_waiting_a_key_that_is_not_shown_yet_is_told_as_it_was_created(kms: Any, emulator: Emulator) -> None:
    emulator.control.faults([{"operation": "DescribeKey", "error": "NotFoundException", "times": 1000}])
    declared = DeclaredKey(Kms(kms), WantedKey(alias=ALIAS, **OPTIONS), None, wait_timeout=None)
    declared.present()
    (arn,) = keys(kms)
    shown = declared.to_result()["kms_key"]
    assert (shown["arn"], shown["key_state"], shown["description"]) == (arn, "PendingImport", "one")


@pytest.mark.parametrize("stale_seconds", [0, 1])
def test_runs_at_the_same_time_end_with_one_key(kms: Any, emulator: Emulator, stale_seconds: float) -> None:
    """No run has created a key when the last one reads, and all have when the first requests the alias."""
    runs = 4
    emulator.control.stale_reads(stale_seconds)
    together = threading.Barrier(runs)  # Of each operation in turn.

    def wait_for_the_others(**_event: Any) -> None:
        together.wait()

    def run(_number: int) -> dict[str, Any]:
        client = fresh_client(kms)
        for operation in ("CreateKey", "CreateAlias"):
            client.meta.events.register(f"before-call.kms.{operation}", wait_for_the_others)
        return declare(client, **OPTIONS)

    with ThreadPoolExecutor(runs) as pool:
        results = list(pool.map(run, range(runs)))
    winner = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"]
    assert {result["kms_key"]["arn"] for result in results} == {winner}
    left_over = set(keys(kms)) - {winner}
    assert len(left_over) == runs - 1
    warnings = [warning for result in results for warning in result["warnings"]]
    assert len(warnings) == runs - 1
    assert {arn for arn in left_over for warning in warnings if f"'{arn}'" in warning} == left_over
    emulator.control.stale_reads(0)
    assert tags(kms, winner) == {"a": "1"}
    assert declare(kms, **OPTIONS)["changed"] is False


def test_a_run_that_sees_the_keys_of_two_others_takes_the_one_that_gets_the_alias(
    kms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = [_unfinished(kms), _unfinished(kms)]
    given: list[str] = []

    def give(_seconds: float) -> None:
        if not given:
            kms.create_alias(AliasName=ALIAS, TargetKeyId=pair[1].id)
            given.append(pair[1].arn)

    # Meanwhile, however long that is.
    monkeypatch.setattr(polling, "sleep", give)
    assert declare(kms, key_spec="HMAC_256")["kms_key"]["arn"] == pair[1].arn
    assert len(keys(kms)) == 2
