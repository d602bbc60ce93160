# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook rotate_by_alias: an alias moves to a new key only when that is proven to hold the new key material."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import yaml
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, run_one
from support.materials import SYMMETRIC, new_material, other_material
from support.waiting import until

from .playbooks import Project, Run, call, changes

PLAYBOOK = "cloudkeys.aws.rotate_by_alias"
ALIAS = "alias/signing"
NEXT = "alias/signing-next"
WRITES = {
    "CreateAlias", "CreateKey", "DeleteAlias", "ImportKeyMaterial", "PutKeyPolicy", "ScheduleKeyDeletion",
    "TagResource", "UntagResource", "UpdateAlias", "UpdateKeyDescription",
}  # fmt: skip
PROOFS = {"HMAC_256": "mac", "ECC_NIST_P256": "public_key", SYMMETRIC: "kms_import"}
LATER = {**PROOFS, SYMMETRIC: "label"}
"""When nothing is to be moved any more."""


def old_key(kms: Any, spec: str = "HMAC_256", content: bytes | None = None, **request: Any) -> ExternalKey:
    """A key as the task of the collection leaves it, with the alias."""
    key = ExternalKey.create(kms, spec, **request)
    kms.create_alias(AliasName=ALIAS, TargetKeyId=key.id)
    run_one(kms, key, content or new_material(spec), **NEVER)
    return key


def wanted(project: Project, content: bytes, **more: Any) -> dict[str, Any]:
    (project.folder / "new.key").write_bytes(content)
    return {
        "rotate_by_alias_alias": ALIAS,
        "rotate_by_alias_key_material_src": "new.key",
        "rotate_by_alias_valid_for": "90d",
        "rotate_by_alias_renew_before": "30d",
        **more,
    }


def rotate(project: Project, variables: dict[str, Any], *arguments: str) -> Run:
    return call(project, PLAYBOOK, variables, *arguments)


def named(kms: Any, alias: str = ALIAS) -> str:
    return str(kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"])


def aliases(kms: Any) -> dict[str, str]:
    """Of the account's own keys: the key ID of each."""
    return {
        entry["AliasName"]: entry["TargetKeyId"]
        for entry in kms.list_aliases()["Aliases"]
        if not entry["AliasName"].startswith("alias/aws/")
    }


def keys(kms: Any) -> set[str]:
    return {entry["KeyArn"] for entry in kms.list_keys()["Keys"]}


def written(emulator: Emulator, since: int) -> list[str]:
    return [call["operation"] for call in emulator.control.calls()[since:] if call["operation"] in WRITES]


def last_message(run: Run) -> str:
    message = run.results[-1]["msg"]
    return message if isinstance(message, str) else "\n".join(message)


@pytest.mark.parametrize(
    "spec",
    [pytest.param(spec, marks=[pytest.mark.every_core] if spec == "HMAC_256" else []) for spec in sorted(PROOFS)],
)
def test_a_rotation(project: Project, kms: Any, emulator: Emulator, spec: str) -> None:
    old = old_key(kms, spec, Description="the old one", MultiRegion=True)
    declared = {
        "rotate_by_alias_tags": {"owner": "release"},
        "rotate_by_alias_description": "Signs releases",
        "rotate_by_alias_policy": {"Version": "2012-10-17", "Statement": []},
    }
    variables = wanted(project, new_material(spec), **declared)
    since = len(emulator.control.calls())
    foretold = rotate(project, variables, "--check").ok()
    assert written(emulator, since) == []
    assert changes(foretold) == ["Create or update the new key"]
    assert f"{ALIAS} would be moved to it from {old.arn}" in foretold.output
    run = rotate(project, variables).ok()
    assert changes(run) == [
        "Create or update the new key",
        "Import the key material into the new key",
        "Move the alias",
    ]
    # The alias moves after the import, and when KMS has been asked whether it holds the key material.
    order = written(emulator, since)
    assert order.index("ImportKeyMaterial") < order.index("UpdateAlias") < order.index("DeleteAlias")
    assert f"verified by {PROOFS[spec]}" in " ".join(run.output.split())
    (new,) = keys(kms) - {old.arn}
    shown = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert (shown["Arn"], shown["KeyState"], shown["KeySpec"]) == (new, "Enabled", spec)
    assert (shown["MultiRegion"], shown["Description"]) == (True, "Signs releases")
    assert kms.list_resource_tags(KeyId=new)["Tags"] == [{"TagKey": "owner", "TagValue": "release"}]
    assert yaml.safe_load(kms.get_key_policy(KeyId=new, PolicyName="default")["Policy"])["Statement"] == []
    assert aliases(kms) == {ALIAS: shown["KeyId"]}
    assert old.state == "Enabled"
    since = len(emulator.control.calls())
    second = rotate(project, variables).ok()
    assert (changes(second), written(emulator, since)) == ([], [])
    assert f"{ALIAS} points to {new}, which holds the specified key material ({LATER[spec]})." in last_message(second)


def test_the_end_of_the_run_says_what_to_do_with_the_old_key(project: Project, kms: Any) -> None:
    """The displayed tasks work."""
    old = old_key(kms)
    run = rotate(project, wanted(project, new_material("HMAC_256"))).ok()
    message, new = last_message(run), named(kms)
    assert f"old key: {old.arn}" in message
    assert f"new key: {new}" in message
    assert re.search(r"moved on \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", message)
    assert "GetKeyLastUsage" in message
    assert "CloudTrail" in message
    assert old.state == "Enabled"
    tasks = re.findall(r"cloudkeys\.aws\.kms_external_key: \{.*\}", message)
    back, disabled, deleted = (yaml.safe_load(task) for task in tasks)
    project.run(back).ok()
    assert named(kms) == old.arn
    # The alias is moved back, so that the key is still in use.
    project.run({"cloudkeys.aws.kms_external_key": {"key_id": new, "alias": ALIAS, "move_alias": True}}).ok()
    project.run(disabled).ok()
    assert old.state == "Disabled"
    project.run(deleted).ok()
    assert old.state == "PendingDeletion"
    assert named(kms) == new


@contextmanager
def held_at(
    project: Project, emulator: Emulator, operation: str, variables: dict[str, Any]
) -> Iterator[subprocess.Popen[bytes]]:
    """The playbook, while KMS keeps it waiting for an answer to its first *operation*. It ends with the context."""
    (project.folder / "variables.yml").write_text(yaml.safe_dump(variables), "utf-8")
    (project.folder / "record.jsonl").unlink(missing_ok=True)
    emulator.control.faults([{"operation": operation, "hold": True, "times": 1}])
    before = len(emulator.control.calls())
    process = subprocess.Popen(
        ["ansible-playbook", PLAYBOOK, "-e", "@variables.yml"],
        cwd=project.folder,
        env=project.variables(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until(
            lambda: any(one["operation"] == operation for one in emulator.control.calls()[before:]),
            f"the playbook comes to {operation}",
        )
        yield process
    finally:
        if process.poll() is None:
            # With its workers and the module, which have the same process group.
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        emulator.control.undo()


@pytest.mark.parametrize("operation", ["CreateAlias", "ImportKeyMaterial", "UpdateAlias", "DeleteAlias"])
def test_a_killed_run_is_finished_by_the_next(project: Project, kms: Any, emulator: Emulator, operation: str) -> None:
    """The run is killed in each of its tasks. tests/engine interrupts modules at each call."""
    old = old_key(kms)
    variables = wanted(project, new_material("HMAC_256"))
    with held_at(project, emulator, operation, variables):
        pass
    # It moved not before the key was ready.
    assert (named(kms) == old.arn) is (operation != "DeleteAlias")
    rotate(project, variables).ok()
    (new,) = keys(kms) - {old.arn}
    assert aliases(kms) == {ALIAS: new.rpartition("/")[2]}
    assert old.state == "Enabled"


def test_another_rotation_follows(project: Project, kms: Any) -> None:
    old = old_key(kms)
    rotate(project, wanted(project, new_material("HMAC_256"))).ok()
    first = named(kms)
    rotate(project, wanted(project, new_material("HMAC_256"))).ok()
    assert len(keys(kms)) == 3
    assert named(kms) not in (old.arn, first)
    assert list(aliases(kms)) == [ALIAS]


def test_a_key_to_try_before_the_alias_moves(project: Project, kms: Any) -> None:
    old = old_key(kms)
    variables = wanted(project, new_material("HMAC_256"))
    ready = rotate(project, {**variables, "rotate_by_alias_move": False}).ok()
    assert named(kms) == old.arn
    assert f"Test the new key with {NEXT}" in last_message(ready)
    tried = named(kms, NEXT)
    assert kms.generate_mac(KeyId=tried, Message=b"x", MacAlgorithm="HMAC_SHA_256")["Mac"]
    assert changes(rotate(project, {**variables, "rotate_by_alias_move": False}).ok()) == []
    assert changes(rotate(project, variables, "--check").ok()) == ["Move the alias"]
    assert named(kms) == old.arn
    assert changes(rotate(project, variables).ok()) == ["Move the alias"]
    assert named(kms) == tried
    assert list(aliases(kms)) == [ALIAS]


def test_kms_compares_before_an_alias_moves_to_a_symmetric_key(project: Project, kms: Any, emulator: Emulator) -> None:
    """Its label alone can be copied. To try the key, it is enough."""
    old = old_key(kms, SYMMETRIC)
    variables = wanted(project, new_material(SYMMETRIC))
    waiting = {**variables, "rotate_by_alias_move": False}
    rotate(project, waiting).ok()
    assert changes(rotate(project, waiting).ok()) == []
    refused = {"operation": "ImportKeyMaterial", "error": "IncorrectKeyMaterialException", "status": 400, "times": 9}
    emulator.control.faults([refused])
    run = rotate(project, variables).failed()
    assert "not the key material that KMS expects" in last_message(run)
    assert named(kms) == old.arn
    emulator.control.undo()
    assert changes(rotate(project, variables).ok()) == ["Import the key material into the new key", "Move the alias"]


def test_material_of_the_wrong_format_touches_nothing(project: Project, kms: Any, emulator: Emulator) -> None:
    old_key(kms, "ECC_NIST_P256")
    since = len(emulator.control.calls())
    for content, arguments in (
        (b"not a private key", ["--check"]),
        (new_material("ECC_NIST_P384"), []),
        (new_material("HMAC_256"), []),
    ):
        run = rotate(project, wanted(project, content), *arguments).failed()
        assert run.tasks[-1]["task"] == "Compare the key material with the new key material"
    missing = {**wanted(project, b""), "rotate_by_alias_key_material_src": "nowhere.key"}
    assert "nowhere.key" in last_message(rotate(project, missing).failed())
    assert written(emulator, since) == []


def test_an_alias_that_another_user_has_moved(project: Project, kms: Any, emulator: Emulator) -> None:
    old = old_key(kms)
    other = ExternalKey.imported(kms, "HMAC_256")
    kms.update_alias(AliasName=ALIAS, TargetKeyId=other.id)
    since = len(emulator.control.calls())
    variables = wanted(project, new_material("HMAC_256"), rotate_by_alias_from=old.arn)
    for check in ([], ["--check"]):
        message = last_message(rotate(project, variables, *check).failed())
        assert f"{ALIAS} points to {other.arn}, but rotate_by_alias_from is {old.arn}." in message
    assert written(emulator, since) == []


def test_an_alias_that_moves_during_the_run(project: Project, kms: Any, emulator: Emulator) -> None:
    """Without rotate_by_alias_from as well: the key that was looked at is the one that is left, and no other."""
    old_key(kms)
    other = ExternalKey.imported(kms, "HMAC_256")
    variables = wanted(project, new_material("HMAC_256"))
    with held_at(project, emulator, "GetParametersForImport", variables) as process:
        kms.update_alias(AliasName=ALIAS, TargetKeyId=other.id)
        emulator.control.undo()
        assert process.wait() == 2
    last = json.loads((project.folder / "record.jsonl").read_text("utf-8").splitlines()[-1])
    assert (last["outcome"], last["task"]) == ("failed", "Move the alias")
    assert f"{ALIAS} points to {other.arn}" in last["result"]["msg"]
    assert named(kms) == other.arn


def test_the_material_of_the_key_that_is_to_be_left(project: Project, kms: Any) -> None:
    content = new_material("HMAC_256")
    old = old_key(kms, content=content)
    run = rotate(project, wanted(project, content, rotate_by_alias_from=old.id)).failed()
    assert "already holds the specified key material" in last_message(run)
    assert changes(rotate(project, wanted(project, content)).ok()) == []
    assert keys(kms) == {old.arn}


def test_what_is_not_known_needs_to_be_said(project: Project, kms: Any) -> None:
    """KMS does not verify a MAC with a disabled HMAC key, so the match is unknown."""
    old = old_key(kms)
    kms.disable_key(KeyId=old.id)
    variables = wanted(project, new_material("HMAC_256"))
    message = last_message(rotate(project, variables).failed())
    assert f"set rotate_by_alias_from to {old.arn}." in message
    assert keys(kms) == {old.arn}
    variables["rotate_by_alias_from"] = old.arn
    rotate(project, variables).ok()
    assert named(kms) != old.arn
    # It may stay in the variables.
    assert changes(rotate(project, variables).ok()) == []


def test_a_key_that_aws_made_the_material_of(project: Project, kms: Any) -> None:
    made = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName=ALIAS, TargetKeyId=made)
    rotate(project, wanted(project, new_material("HMAC_256"))).ok()
    assert kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["Origin"] == "EXTERNAL"


def test_a_rotation_that_was_given_up(project: Project, kms: Any) -> None:
    """The provisional alias belongs to a key with other key material. The message explains how to remove it."""
    old = old_key(kms)
    rotate(project, wanted(project, new_material("HMAC_256"), rotate_by_alias_move=False)).ok()
    abandoned = named(kms, NEXT)
    variables = wanted(project, new_material("HMAC_256"))
    message = last_message(rotate(project, variables).failed())
    assert named(kms) == old.arn
    (task,) = re.findall(r"cloudkeys\.aws\.kms_external_key: \{.*\}", message)
    project.run(yaml.safe_load(task)).ok()
    assert kms.describe_key(KeyId=abandoned)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert list(aliases(kms)) == [ALIAS], "as before the rotation that was given up"


@pytest.mark.parametrize("going", [True, False])
def test_a_provisional_alias_of_the_wrong_key(project: Project, kms: Any, emulator: Emulator, going: bool) -> None:
    old = old_key(kms)
    wrong = ExternalKey.imported(kms, "HMAC_256") if going else old
    kms.create_alias(AliasName=NEXT, TargetKeyId=wrong.id)
    if going:
        kms.schedule_key_deletion(KeyId=wrong.id)
    variables = wanted(project, new_material("HMAC_256"))
    since = len(emulator.control.calls())
    message = last_message(rotate(project, variables).failed())
    assert written(emulator, since) == []
    (task,) = re.findall(r"cloudkeys\.aws\.kms_external_key: \{.*\}", message)
    project.run(yaml.safe_load(task)).ok()
    assert list(aliases(kms)) == [ALIAS]
    assert (wrong.state == "PendingDeletion") is going
    assert named(kms) == old.arn


def test_replica_keys_are_not_left_behind(project: Project, kms: Any) -> None:
    old = old_key(kms, MultiRegion=True)
    kms.replicate_key(KeyId=old.id, ReplicaRegion="eu-west-1")
    variables = wanted(project, new_material("HMAC_256"))
    assert "has replica keys in eu-west-1" in last_message(rotate(project, variables).failed())
    assert keys(kms) == {old.arn}
    rotate(project, {**variables, "rotate_by_alias_move": False}).ok()
    assert named(kms, NEXT) != named(kms) == old.arn


def test_a_denied_move_is_finished_when_it_is_allowed(project: Project, kms: Any, emulator: Emulator) -> None:
    old = old_key(kms)
    variables = wanted(project, new_material("HMAC_256"))
    emulator.control.denied(["UpdateAlias"])
    assert "kms:UpdateAlias" in last_message(rotate(project, variables).failed())
    assert named(kms) == old.arn
    emulator.control.denied([])
    assert changes(rotate(project, variables).ok()) == ["Move the alias"]


def test_what_is_missing_or_unknown_is_refused(project: Project, kms: Any) -> None:
    variables = wanted(project, new_material("HMAC_256"))
    assert "provision_key" in last_message(rotate(project, variables).failed())
    for name in ("rotate_by_alias_alias", "rotate_by_alias_key_material_src", "rotate_by_alias_valid_for"):
        without = {key: value for key, value in variables.items() if key != name}
        assert name in last_message(rotate(project, without).failed())
    same = {**variables, "rotate_by_alias_next_alias": "signing"}
    assert f"is the same alias as rotate_by_alias_alias, {ALIAS}." in last_message(rotate(project, same).failed())
    odd = {**variables, "rotate_by_alias_key_spec": "HMAC_256"}
    assert "Unknown variables: rotate_by_alias_key_spec." in last_message(rotate(project, odd).failed())
    assert keys(kms) == set()


def test_a_key_usage_that_is_no_default(project: Project, kms: Any) -> None:
    old = old_key(kms, "RSA_2048", usage="SIGN_VERIFY")
    variables = wanted(project, other_material("RSA_2048"), rotate_by_alias_key_material_format="der")
    rotate(project, variables).ok()
    shown = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert (shown["KeyUsage"], shown["Arn"] != old.arn) == ("SIGN_VERIFY", True)
