# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kms_external_key`` moves or removes an alias: only if declared, only from the key that was read, and completely."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from support.declared_keys import ALIAS, WRITES, declare
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fixtures import new_account
from support.in_process import fresh_client

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError, Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.apply import DeclaredKey
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.plan import WantedKey
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms import polling
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import Kms
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.errors import KmsError

from .interruptions import Cut, cut

NEXT = "alias/payments-next"
CHANGES = WRITES | {"DeleteAlias", "UpdateAlias"}


def pair(kms: Any, spec: str = "HMAC_256") -> tuple[ExternalKey, ExternalKey]:
    """The key that has the alias, and the one that is to have it, by which it is known until then."""
    old, new = ExternalKey.imported(kms, spec), ExternalKey.imported(kms, spec)
    kms.create_alias(AliasName=ALIAS, TargetKeyId=old.id)
    kms.create_alias(AliasName=NEXT, TargetKeyId=new.id)
    return old, new


def moving(old: ExternalKey, new: ExternalKey) -> dict[str, Any]:
    return {
        "key_id": new.arn,
        "alias": ALIAS,
        "move_alias": True,
        "move_alias_from": old.arn,
        "remove_aliases": (NEXT,),
    }


def aliases(kms: Any) -> dict[str, str]:
    return {
        entry["AliasName"]: entry["TargetKeyId"]
        for entry in kms.list_aliases()["Aliases"]
        if not entry["AliasName"].startswith("alias/aws/")
    }


def changes_since(emulator: Emulator, number: int) -> list[str]:
    return [call["operation"] for call in emulator.control.calls()[number:] if call["operation"] in CHANGES]


def test_a_move(kms: Any, emulator: Emulator) -> None:
    old, new = pair(kms)
    options = moving(old, new)
    since = len(emulator.control.calls())
    foretold = declare(kms, check_mode=True, **options)
    assert changes_since(emulator, since) == []
    moved = declare(kms, **options)
    for name in ("actions", "changed", "diff", "alias_moved_from", "kms_key"):
        assert foretold[name] == moved[name]
    assert moved["actions"] == ["update_alias", "delete_alias"]
    assert moved["alias_moved_from"] == old.arn
    assert (moved["diff"]["before"]["alias_target"], moved["diff"]["after"]["alias_target"]) == (old.arn, new.arn)
    assert aliases(kms) == {ALIAS: new.id}
    again = declare(kms, **options)
    assert (again["changed"], again["actions"], "alias_moved_from" in again) == (False, [], False)
    assert again["diff"]["before"] == again["diff"]["after"]


def test_a_move_and_back(kms: Any) -> None:
    old, new = pair(kms)
    for to, back in ((new, old), (old, new)):
        declare(kms, key_id=to.id, alias=ALIAS, move_alias=True, move_alias_from=back.id)
        assert aliases(kms)[ALIAS] == to.id
    assert aliases(kms)[NEXT] == new.id


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_move_cut_at_every_call_is_finished_by_the_next_run(emulator: Emulator, moment: str) -> None:
    for number in itertools.count(1):
        kms = emulator.client(account_key=new_account())
        old, new = pair(kms)
        client = fresh_client(kms)
        cut(client, moment, number)
        try:
            declare(client, **moving(old, new))
        except Cut:
            pass
        else:
            break
        # Whatever uses the alias finds one of the two keys, and the new key has a name.
        assert aliases(kms)[ALIAS] in (old.id, new.id)
        assert new.id in aliases(kms).values()
        declare(kms, **moving(old, new))
        assert aliases(kms) == {ALIAS: new.id}
        assert declare(kms, **moving(old, new))["changed"] is False
    assert number > 6, "the move has more calls than that"


@pytest.mark.parametrize("drop", [True, "before"])
@pytest.mark.parametrize("operation", ["UpdateAlias", "DeleteAlias"])
def test_a_lost_answer_loses_nothing(kms: Any, emulator: Emulator, operation: str, drop: bool | str) -> None:
    old, new = pair(kms)
    emulator.control.faults([{"operation": operation, "drop": drop, "times": 1}])
    with pytest.raises(KmsError, match=f"did not respond to {operation}"):
        declare(kms, **moving(old, new))
    declare(kms, **moving(old, new))
    assert aliases(kms) == {ALIAS: new.id}


def test_a_removal_that_is_repeated_after_a_lost_answer(kms: Any) -> None:
    """The alias does not exist any more, as the task declares."""
    Kms(kms).delete_alias(ExternalKey.create(kms).arn, AliasName=NEXT)


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_is_refused_touches_nothing(kms: Any, emulator: Emulator, check_mode: bool) -> None:
    old, new = pair(kms)
    third, waiting = ExternalKey.imported(kms, "HMAC_256"), ExternalKey.create(kms, "HMAC_256")
    signing = ExternalKey.imported(kms, "ECC_NIST_P256")
    options = {**moving(old, new), "description": "changed", "tags": {"a": "1"}}
    since = len(emulator.control.calls())
    for told, more in (
        ("Another user moved the alias", {"move_alias_from": third.arn}),
        ("is PendingImport, so everything that uses", {"key_id": waiting.arn, "remove_aliases": ()}),
        ("only between keys of the same type", {"key_id": signing.arn, "remove_aliases": ()}),
        (f"{NEXT} points to {new.arn}", {"key_id": third.arn}),
        ("Without move_alias", {"move_alias": False, "move_alias_from": None}),
    ):
        with pytest.raises(Refusal, match=told):
            declare(kms, check_mode=check_mode, **{**options, **more})
    assert changes_since(emulator, since) == []


@pytest.mark.parametrize("of", ["old", "new"])
def test_a_move_that_either_key_does_not_allow(kms: Any, emulator: Emulator, of: str) -> None:
    """UpdateAlias needs the permission on the alias and on both keys (API Reference)."""
    old, new = pair(kms)
    emulator.control.denied([{"operation": "UpdateAlias", "key": (old if of == "old" else new).id}])
    with pytest.raises(KmsError, match="both the key that the alias names and this key") as denied:
        declare(kms, **moving(old, new))
    assert "kms:UpdateAlias" in str(denied.value)
    assert aliases(kms) == {ALIAS: old.id, NEXT: new.id}
    emulator.control.denied([])
    assert declare(kms, **moving(old, new))["actions"] == ["update_alias", "delete_alias"]


def test_a_denied_removal_is_made_up_for(kms: Any, emulator: Emulator) -> None:
    old, new = pair(kms)
    emulator.control.denied(["DeleteAlias"])
    key = DeclaredKey(Kms(kms), WantedKey(**{n: v for n, v in moving(old, new).items() if n != "key_id"}), new.arn)
    with pytest.raises(KmsError, match="must allow kms:DeleteAlias"):
        key.present()
    result = key.to_result()
    assert (result["actions"], result["alias_moved_from"]) == (["update_alias"], old.arn)
    emulator.control.denied([])
    assert declare(kms, **moving(old, new))["actions"] == ["delete_alias"]


def test_an_alias_that_another_user_moves_before_the_request(kms: Any) -> None:
    """The alias moves after the decision. The last read detects it."""
    old, new = pair(kms)
    third = ExternalKey.imported(kms, "HMAC_256")
    client = fresh_client(kms)
    client.meta.events.register(
        "after-call.kms.UpdateKeyDescription",
        lambda **_event: kms.update_alias(AliasName=ALIAS, TargetKeyId=third.id),
    )
    told = f"pointed to {old.arn} when this task read it, but now points to {third.arn}"
    with pytest.raises(CloudKeysError, match=told):
        declare(client, **moving(old, new), description="changed")
    assert aliases(kms) == {ALIAS: third.id, NEXT: new.id}


def test_an_alias_that_moves_on_after_the_request(kms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = pair(kms)
    third = ExternalKey.imported(kms, "HMAC_256")
    client = fresh_client(kms)
    client.meta.events.register(
        "after-call.kms.UpdateAlias", lambda **_event: kms.update_alias(AliasName=ALIAS, TargetKeyId=third.id)
    )
    monkeypatch.setattr(polling, "sleep", lambda _seconds: pytest.fail("it waits"))
    with pytest.raises(CloudKeysError, match=f"moved to another key, {third.arn}"):
        declare(client, **moving(old, new))


def test_kms_shows_the_move_later(kms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a while, KMS still returns the old key. That is not a move by another user."""
    old, new = pair(kms)
    client = fresh_client(kms)
    stale = {"for": 0}

    def accepted(**_event: Any) -> None:
        stale["for"] = 3

    def show(parsed: dict[str, Any], **_event: Any) -> None:
        if stale["for"] and parsed.get("KeyMetadata", {}).get("KeyId") == new.id and asked[-1] == ALIAS:
            stale["for"] -= 1
            parsed["KeyMetadata"] = old.describe()

    asked: list[str] = []
    client.meta.events.register(
        "provide-client-params.kms.DescribeKey", lambda params, **_e: asked.append(params["KeyId"])
    )
    client.meta.events.register("after-call.kms.UpdateAlias", accepted)
    client.meta.events.register("after-call.kms.DescribeKey", show)
    monkeypatch.setattr(polling, "sleep", lambda _seconds: None)
    moved = declare(client, **moving(old, new))
    assert stale["for"] == 0, "it was shown the old key"
    assert moved["actions"] == ["update_alias", "delete_alias"]


@pytest.mark.parametrize("cut_after", ["DeleteAlias", None])
def test_a_key_that_was_given_up_goes_without_its_alias(kms: Any, cut_after: str | None) -> None:
    _old, new = pair(kms)
    options: dict[str, Any] = {"key_id": new.arn, "state": "absent", "remove_aliases": (NEXT,)}
    if cut_after:
        client = fresh_client(kms)

        def end(**_event: Any) -> None:
            raise Cut

        client.meta.events.register(f"after-call.kms.{cut_after}", end)
        with pytest.raises(Cut):
            declare(client, **options)
    ended = declare(kms, **options)
    assert ended["kms_key"]["key_state"] == "PendingDeletion"
    assert NEXT not in aliases(kms)
    assert declare(kms, **options)["changed"] is False


def test_the_name_of_a_key_that_is_pending_deletion_can_be_taken_off(kms: Any) -> None:
    _old, new = pair(kms)
    kms.schedule_key_deletion(KeyId=new.id)
    removed = declare(kms, key_id=new.arn, state="absent", remove_aliases=(NEXT,))
    assert removed["actions"] == ["delete_alias"]
    assert new.state == "PendingDeletion"
