# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kms_external_key`` creates and changes keys, refuses wrong options, and keeps everything else."""

from __future__ import annotations

from typing import Any

import pytest
from support.declared_keys import ALIAS, WRITES, declare, import_into, keys, policy, tags
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import patient_client

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.errors import KmsError


def test_a_new_key(kms: Any) -> None:
    options: dict[str, Any] = {"description": "For payments", "tags": {"owner": "treasury"}}
    created = declare(kms, **options)
    assert created["actions"] == ["create_key", "create_alias", "untag_resource"]
    (arn,) = keys(kms)
    shown = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert (shown["Arn"], shown["Origin"], shown["KeyState"]) == (arn, "EXTERNAL", "PendingImport")
    assert (shown["KeySpec"], shown["KeyUsage"], shown["MultiRegion"]) == (
        "SYMMETRIC_DEFAULT",
        "ENCRYPT_DECRYPT",
        False,
    )
    assert shown["Description"] == "For payments"
    assert tags(kms, arn) == {"owner": "treasury"}
    assert created["kms_key"]["arn"] == arn
    assert created["diff"]["before"] == {}
    again = declare(kms, **options)
    assert (again["changed"], again["actions"]) == (False, [])
    assert again["diff"]["before"] == again["diff"]["after"]


@pytest.mark.parametrize(
    ("spec", "usage"),
    [
        ("HMAC_256", None),
        ("RSA_2048", "SIGN_VERIFY"),
        ("RSA_4096", "ENCRYPT_DECRYPT"),
        ("ECC_NIST_P256", "KEY_AGREEMENT"),
        ("ECC_SECG_P256K1", None),
        ("ECC_NIST_EDWARDS25519", None),
    ],
)
def test_key_specs(kms: Any, spec: str, usage: str | None) -> None:
    created = declare(kms, key_spec=spec, key_usage=usage, multi_region=True)["kms_key"]
    assert created["key_spec"] == spec
    assert usage in (None, created["key_usage"])
    assert created["multi_region_key_type"] == "PRIMARY"
    assert declare(kms, key_spec=spec, key_usage=usage, multi_region=True)["changed"] is False


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"key_spec": "RSA_2048"}, "Set key_usage"),
        ({"key_spec": "ECC_NIST_P384"}, "SIGN_VERIFY or KEY_AGREEMENT"),
        ({"key_spec": "HMAC_256", "key_usage": "SIGN_VERIFY"}, "GENERATE_VERIFY_MAC"),
        ({"key_spec": "ML_DSA_44"}, "ML-DSA"),
    ],
)
def test_what_kms_does_not_have(kms: Any, options: dict[str, Any], told: str) -> None:
    for check_mode in (True, False):
        with pytest.raises(Refusal, match=told):
            declare(kms, check_mode=check_mode, **options)
    assert keys(kms) == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"key_spec": "HMAC_256"}, "key_spec is SYMMETRIC_DEFAULT, not HMAC_256"),
        ({"key_usage": "SIGN_VERIFY"}, "key_usage is ENCRYPT_DECRYPT"),
        ({"multi_region": True}, "multi_region is False"),
        ({"key_spec": "RSA_2048", "state": "absent"}, "key_spec is SYMMETRIC_DEFAULT"),
    ],
)
def test_what_kms_cannot_change(kms: Any, emulator: Emulator, options: dict[str, Any], told: str) -> None:
    declare(kms)
    before = len(emulator.control.calls())
    with pytest.raises(Refusal, match=told):
        declare(kms, description="other", tags={"a": "b"}, **options)
    assert not WRITES & {call["operation"] for call in emulator.control.calls()[before:]}


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_key_of_another_origin_is_never_replaced(kms: Any, state: str) -> None:
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName=ALIAS, TargetKeyId=arn)
    with pytest.raises(Refusal, match="has the origin AWS_KMS"):
        declare(kms, state=state)
    assert kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyState"] == "Enabled"


def test_a_key_by_its_id(kms: Any) -> None:
    key = ExternalKey.create(kms)
    assert declare(kms, key_id=key.id)["changed"] is False
    assert declare(kms, key_id=key.id, alias=ALIAS)["actions"] == ["create_alias"]
    assert declare(kms, key_id=key.arn, alias=ALIAS)["changed"] is False
    other = ExternalKey.create(kms)
    with pytest.raises(Refusal, match="does not move an alias"):
        declare(kms, key_id=other.id, alias=ALIAS)
    with pytest.raises(Refusal, match="KMS chooses the IDs"):
        declare(kms, key_id="1234abcd-12ab-34cd-56ef-1234567890ab")


def test_nothing_is_deleted_by_half_of_its_name(kms: Any) -> None:
    key, other = ExternalKey.create(kms), ExternalKey.create(kms)
    for told in ("does not exist", "does not move an alias"):
        with pytest.raises(Refusal, match=told):
            declare(kms, state="absent", key_id=key.id, alias=ALIAS)
        assert key.state == "PendingImport"
        if told == "does not exist":
            kms.create_alias(AliasName=ALIAS, TargetKeyId=other.id)
    assert declare(kms, state="absent", key_id=other.id, alias=ALIAS)["actions"] == ["schedule_key_deletion"]
    assert (key.state, other.state) == ("PendingImport", "PendingDeletion")


def test_omitted_is_left_alone(kms: Any) -> None:
    account = declare(kms, description="one", tags={"a": "1"})["kms_key"]["arn"].split(":")[4]
    declare(kms, policy=policy(account, "kms:*"))
    key = import_into(kms, kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"])
    kms.disable_key(KeyId=key.arn)
    again = declare(kms)
    assert again["changed"] is False
    assert (again["kms_key"]["description"], again["kms_key"]["key_state"]) == ("one", "Disabled")
    assert tags(kms, key.arn) == {"a": "1"}


def test_description_and_tags(kms: Any) -> None:
    arn = declare(kms, description="one", tags={"a": "1", "b": "2"})["kms_key"]["arn"]
    changed = declare(kms, description="two", tags={"a": "1", "b": "3", "c": "4"})
    assert changed["actions"] == ["update_key_description", "tag_resource"]
    assert changed["diff"]["before"]["tags"] == {"a": "1", "b": "2"}
    assert changed["diff"]["after"]["tags"] == tags(kms, arn) == {"a": "1", "b": "3", "c": "4"}
    assert declare(kms, tags={"d": "5"}, purge_tags=False)["actions"] == ["tag_resource"]
    assert declare(kms, tags={"d": "5"})["actions"] == ["untag_resource"]
    assert tags(kms, arn) == {"d": "5"}
    assert declare(kms, description="")["actions"] == ["update_key_description"]
    assert declare(kms, tags={}, description="")["actions"] == ["untag_resource"]


def test_policies_are_compared_by_their_meaning(kms: Any) -> None:
    account = declare(kms)["kms_key"]["arn"].split(":")[4]
    assert declare(kms, policy=policy(account, "kms:*"))["actions"] == ["put_key_policy"]
    rewritten = policy(account, "kms:*")
    rewritten["Statement"][0]["Action"] = "kms:*"
    rewritten["Statement"][0]["Principal"] = {"AWS": account}
    same = declare(kms, policy=rewritten)
    assert same["changed"] is False
    assert same["diff"]["before"] == same["diff"]["after"]
    assert declare(kms, policy=policy(account, "kms:*", "kms:Decrypt"))["actions"] == ["put_key_policy"]


def test_a_policy_that_cannot_be_read_is_not_overwritten(kms: Any, emulator: Emulator) -> None:
    account = declare(kms)["kms_key"]["arn"].split(":")[4]
    emulator.control.denied(["GetKeyPolicy"])
    with pytest.raises(KmsError, match="kms:GetKeyPolicy"):
        declare(kms, policy=policy(account, "kms:*"))


def test_enabled(kms: Any, emulator: Emulator) -> None:
    for enabled in (True, False):
        before = len(emulator.control.calls())
        waiting = declare(kms, enabled=enabled)
        assert not {"EnableKey", "DisableKey"} & {call["operation"] for call in emulator.control.calls()[before:]}
        assert bool(waiting["warnings"]) is not enabled
    import_into(kms, waiting["kms_key"]["arn"])
    assert declare(kms, enabled=True)["changed"] is False
    assert declare(kms, enabled=False)["actions"] == ["disable_key"]
    assert declare(kms, enabled=False)["changed"] is False
    assert declare(kms, enabled=True)["kms_key"]["enabled"] is True


def test_its_end_and_its_return(kms: Any) -> None:
    assert declare(kms, state="absent")["changed"] is False
    key = import_into(kms, declare(kms)["kms_key"]["arn"])
    ending = declare(kms, state="absent", pending_window=7)
    assert ending["actions"] == ["schedule_key_deletion"]
    assert ending["kms_key"]["key_state"] == "PendingDeletion"
    assert ending["kms_key"]["deletion_date"]
    assert declare(kms, state="absent", pending_window=30)["changed"] is False
    back = declare(kms)
    assert (back["actions"], back["kms_key"]["key_state"]) == (["cancel_key_deletion"], "Disabled")
    assert "enabled: true" in back["warnings"][0]
    declare(kms, state="absent")
    changed: dict[str, Any] = {"enabled": True, "description": "again", "tags": {"a": "1"}}
    assert declare(kms, check_mode=True, **changed)["actions"] == declare(kms, **changed)["actions"]
    assert key.state == "Enabled"
    key.lose_material()
    declare(kms, state="absent")
    assert declare(kms, enabled=True)["kms_key"]["key_state"] == "PendingImport"


def test_one_of_several_materials_is_lost(kms: Any, emulator: Emulator) -> None:
    """KMS decides the key state after a canceled deletion. DescribeKey alone does not predict it."""
    key = import_into(kms, declare(kms)["kms_key"]["arn"])
    first = key.current_id
    key.stage()
    emulator.rotate(key)
    kms.delete_imported_key_material(KeyId=key.arn, KeyMaterialId=first)
    declare(kms, state="absent")
    assert declare(kms, enabled=True)["kms_key"]["key_state"] == "PendingImport"


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1"])
def test_a_policy_is_set_once_in_every_partition(emulator: Emulator, account: str, region: str) -> None:
    """KMS returns the policy in its own notation, with the ARN of the account in that partition."""
    client = emulator.client(region, account)
    arn = declare(client)["kms_key"]["arn"]
    partition = arn.split(":")[1]
    for principal in (account, [account], f"arn:{partition}:iam::{account}:root"):
        wanted = {"Version": "2012-10-17", "Statement": policy(account, "kms:*")["Statement"]}
        wanted["Statement"][0] |= {"Principal": {"AWS": principal}, "Sid": f"{principal}"}
        for action in ("kms:*", "kms:Decrypt"):
            wanted["Statement"][0]["Action"] = [action]
            assert declare(client, policy=wanted)["actions"] == ["put_key_policy"]
            assert declare(client, policy=wanted)["changed"] is False
        others: list[Any] = ["444455556666", f"arn:{partition}:iam::444455556666:user/a", principal]
        wanted["Statement"][0]["Principal"] = {"AWS": [str(one) for one in others if isinstance(one, str)]}
        assert declare(client, policy=wanted)["actions"] == ["put_key_policy"]
        assert declare(client, policy=wanted)["changed"] is False


def test_check_mode_shows_the_key_as_it_would_be(kms: Any) -> None:
    """Later tasks then decide in check mode as in the run."""
    key = import_into(kms, declare(kms)["kms_key"]["arn"])
    shown = ("key_state", "enabled", "description", "tags", "deletion_date")

    def agree(**options: Any) -> None:
        foretold, real = (declare(kms, check_mode=check_mode, **options)["kms_key"] for check_mode in (True, False))
        if options.get("state") == "absent":
            real["deletion_date"] = None  # It is KMS's, and not known before.
        if foretold["tags"] is None or real["tags"] is None:
            # They are only read where something depends on them.
            foretold["tags"] = real["tags"] = None
        assert [foretold[name] for name in shown] == [real[name] for name in shown]

    agree(description="one", tags={"a": "1"})
    agree(enabled=False)
    agree(enabled=True, tags={})
    agree(state="absent")
    agree()
    agree(state="absent")
    agree(enabled=True)
    key.lose_material()
    agree(state="absent")
    agree(enabled=True)


SCENARIOS: dict[str, tuple[dict[str, Any] | None, dict[str, Any]]] = {
    "new": (None, {"description": "one", "tags": {"a": "1"}}),
    "the same": ({"description": "one"}, {"description": "one"}),
    "changed": ({"description": "one", "tags": {"a": "1"}}, {"description": "two", "tags": {"b": "2"}}),
    "ending": ({}, {"state": "absent"}),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_check_mode_foretells_and_changes_nothing(kms: Any, emulator: Emulator, scenario: str) -> None:
    before, options = SCENARIOS[scenario]
    if before is not None:
        declare(kms, **before)
    calls = len(emulator.control.calls())
    foretold = declare(kms, check_mode=True, **options)
    assert not WRITES & {call["operation"] for call in emulator.control.calls()[calls:]}
    real = declare(kms, **options)
    assert (foretold["changed"], foretold["actions"]) == (real["changed"], real["actions"])
    assert foretold["diff"]["before"] == real["diff"]["before"]
    assert foretold["diff"]["after"] == real["diff"]["after"]


def test_stale_reads(kms: Any, emulator: Emulator) -> None:
    emulator.control.stale_reads(2)
    for options in ({"description": "one"}, {"description": "two", "tags": {"a": "1"}}, {"state": "absent"}):
        assert declare(kms, **options)["changed"] is True
        assert declare(kms, **options)["changed"] is False
    assert len(keys(kms)) == 1


def test_throttled(kms: Any, emulator: Emulator) -> None:
    emulator.control.faults([{"operation": "CreateKey", "error": "ThrottlingException", "times": 2}])
    assert declare(patient_client(kms))["actions"][0] == "create_key"
    assert len(keys(kms)) == 1
