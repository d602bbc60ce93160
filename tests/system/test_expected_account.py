# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``expected_account_id``: no module calls KMS with the credentials of another account."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER
from support.materials import SYMMETRIC, new_material

from .playbooks import Project, Run, Task

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER = "444455556666"
Operations = Callable[[], list[str]]


def of_every_module(key: str) -> dict[str, Task]:
    """A task of each that calls AWS."""
    return {
        "kms_external_key": {"key_id": key, "description": "changed"},
        "kms_key_material": {"key_id": key, "key_material_src": "payments.key", "key_material_format": "raw", **NEVER},
        "kms_import_parameters": {"bundles": [{"key_id": key, "dest": "out/payments.json"}]},
        "kms_key_material_info": {"key_ids": [key]},
        "kms_key_proof": {"key_id": key},
        "kms_key_material absent": {"key_id": key, "state": "absent", "force": True},
    }


def on_both_sides(key: str) -> dict[str, Task]:
    """A module of which only the target knows, and one that has an action plugin."""
    every = of_every_module(key)
    return {name: every[name] for name in ("kms_external_key", "kms_key_material")}


def block(tasks: dict[str, Task], options: dict[str, Any]) -> Task:
    """Each task, whatever becomes of the one before; the options by module_defaults."""
    return {
        "module_defaults": {"group/cloudkeys.aws.aws": options},
        "block": [
            {"name": name, f"cloudkeys.aws.{name.split()[0]}": own, "ignore_errors": True}
            for name, own in tasks.items()
        ],
    }


def run(
    project: Project, *blocks: Task, arguments: tuple[str, ...] = (), variables: dict[str, str] | None = None
) -> Run:
    play = {"hosts": "localhost", "gather_facts": False, "tasks": list(blocks)}
    return project.run_text(yaml.safe_dump([play], sort_keys=False), *arguments, variables=variables).ok()


def failures(ran: Run) -> list[str]:
    """What every task says, since all have failed."""
    assert {task["outcome"] for task in ran.tasks} == {"failed"}, ran.output
    assert not any(ran.changed)
    return [str(result["msg"]) for result in ran.results]


@pytest.fixture
def asked(emulator: Emulator) -> Operations:
    """The operations that were called since the test began, in their order."""
    before = len(emulator.control.calls())
    return lambda: [call["operation"] for call in emulator.control.calls()[before:]]


@pytest.fixture(autouse=True)
def written(project: Project) -> Path:
    """The folder that a task would write into."""
    (project.folder / "payments.key").write_bytes(new_material(SYMMETRIC))
    (project.folder / "out").mkdir()
    return project.folder / "out"


@pytest.mark.every_core
def test_the_right_account(project: Project, kms: Any, account: str, asked: Operations) -> None:
    """Each run of a module calls STS once, before KMS. Without the option, STS is not called."""
    key = ExternalKey.create(kms)
    kms.create_alias(AliasName="alias/payments", TargetKeyId=key.id)
    before, tasks = len(asked()), of_every_module("alias/payments")
    ran = run(project, block(tasks, {"expected_account_id": account}), block(on_both_sides(key.arn), {}))
    assert {task["outcome"] for task in ran.tasks} == {"ok"}, ran.output
    visits = [operations.split() for operations in " ".join(asked()[before:]).split("GetCallerIdentity")]
    # The action plugins come twice: to look, and for import parameters, an import or a deletion. The last two tasks
    # do not call GetCallerIdentity.
    assert len(visits) == 1 + len(tasks) + 3
    assert visits[0] == []
    assert all(visits[1:])
    assert "DeleteImportedKeyMaterial" in visits[-1]
    assert visits[-1][-1] != "DeleteImportedKeyMaterial"
    assert key.state == "Enabled"


def test_another_account(project: Project, kms: Any, account: str, asked: Operations, written: Path) -> None:
    """The account of the credentials has a key with this name, but the task expects another account."""
    key = ExternalKey.create(kms)
    before, tasks = len(asked()), of_every_module(key.id)
    for arguments in ((), ("--check",)):
        for said in failures(run(project, block(tasks, {"expected_account_id": OTHER}), arguments=arguments)):
            assert f"The credentials belong to account {account} (arn:aws:iam::{account}:user/Delegated), but" in said
            assert f"expected_account_id is {OTHER}. No request was sent to KMS." in said
    assert asked()[before:] == ["GetCallerIdentity"] * len(tasks) * 2
    assert key.state == "PendingImport"
    assert list(written.iterdir()) == []


def test_tasks_that_need_no_caller_identity(project: Project, account: str, asked: Operations, written: Path) -> None:
    """A key in another account by its name, for every module and for the alias that is to move; and no account."""
    arn = f"arn:aws:kms:us-east-1:{OTHER}:key/{KEY_ID}"
    alias = f"arn:aws:kms:us-east-1:{OTHER}:alias/payments"
    moving = {"alias": "payments", "key_id": KEY_ID, "move_alias": True, "move_alias_from": arn}
    given = {"expected_account_id": account}
    elsewhere = (
        f"is in account {OTHER}, but expected_account_id is {account}. No request about this key was sent to KMS"
    )
    cases = [
        (block(of_every_module(arn), given), f"{arn}, {elsewhere}"),
        (block(on_both_sides(alias), given), f"{alias}, {elsewhere}"),
        (block({"kms_external_key": moving}, given), f"move_alias_from, {arn}, {elsewhere}"),
        *(
            (block(on_both_sides(KEY_ID), {"expected_account_id": wrong}), f"expected_account_id is {shown}, but")
            for wrong, shown in ((0o12345670123, 1402433619), ("", "empty"), ("1111-2222-3333", "1111-2222-3333"))
        ),
    ]
    said = iter(failures(run(project, *(one for one, _sentence in cases))))
    for one, sentence in cases:
        for _task in one["block"]:
            assert sentence in next(said)
    assert asked() == []
    assert list(written.iterdir()) == []


def test_an_sts_that_does_not_answer(project: Project, account: str, emulator: Emulator, asked: Operations) -> None:
    """The account cannot be verified, so the task fails. The endpoint of KMS is not used for STS."""
    emulator.control.denied(["GetCallerIdentity"])
    given = {"expected_account_id": account}
    tasks = of_every_module(KEY_ID)
    for said in failures(run(project, block(tasks, given))):
        assert "the account of the credentials could not be determined: STS denied GetCallerIdentity" in said
        assert "AWS reports: User: arn:aws:iam" in said
    emulator.control.denied([])
    assert set(asked()) == {"GetCallerIdentity"}
    count = len(asked())
    closed = {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1"}
    with_url = {**given, "endpoint_url": project.endpoint}
    for said in failures(run(project, block(on_both_sides(KEY_ID), with_url), variables=closed)):
        assert "the STS endpoint http://127.0.0.1:1 did not respond (EndpointConnectionError)" in said
    assert len(asked()) == count


def test_the_option_endpoint_url(project: Project, kms: Any, account: str, asked: Operations) -> None:
    """An endpoint on this machine is an emulator, which also answers for STS."""
    key = ExternalKey.create(kms)
    before = len(asked())
    options = {"expected_account_id": account, "endpoint_url": project.endpoint}
    ran = run(project, block(on_both_sides(key.arn), options), variables={"AWS_ENDPOINT_URL_KMS": ""})
    assert {task["outcome"] for task in ran.tasks} == {"ok"}, ran.output
    assert asked()[before:].count("GetCallerIdentity") == 3
