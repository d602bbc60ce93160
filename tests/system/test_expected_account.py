# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``expected_account_id``: nothing is asked of KMS with the credentials of another account, by no module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fixtures import new_account
from support.in_process import NEVER
from support.materials import SYMMETRIC, new_material

from .playbooks import Project, Run, Task

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


def tasks(key: str) -> dict[str, Task]:
    """One of every module that calls AWS."""
    return {
        "kms_external_key": {"key_id": key, "description": "changed"},
        "kms_key_material": {"key_id": key, "key_material_src": "payments.key", "key_material_format": "raw", **NEVER},
        "kms_import_parameters": {"bundles": [{"key_id": key, "dest": "out/payments.json"}]},
        "kms_key_material_info": {"key_ids": [key]},
        "kms_key_proof": {"key_id": key},
        "kms_key_material absent": {"key_id": key, "state": "absent", "force": True},
    }


ALL = tuple(tasks(KEY_ID))


def run_each(
    project: Project, named: dict[str, Task], options: dict[str, Any], *arguments: str, **variables: str
) -> Run:
    """Each task, and the next one whatever becomes of it; the options by module_defaults."""
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/cloudkeys.aws.aws": options},
        "tasks": [
            {"name": name, f"cloudkeys.aws.{name.split()[0]}": own, "ignore_errors": True}
            for name, own in named.items()
        ],
    }
    return project.run_text(yaml.safe_dump([play], sort_keys=False), *arguments, variables=variables).ok()


def failures(run: Run) -> list[str]:
    """What every task says, since all have failed."""
    assert [task["outcome"] for task in run.tasks] == ["failed"] * len(ALL), run.output
    assert not any(run.changed)
    return [str(result["msg"]) for result in run.results]


@pytest.fixture
def asked(emulator: Emulator) -> Callable[[], list[str]]:
    """The operations that were called since the test began, in their order."""
    before = len(emulator.control.calls())
    return lambda: [call["operation"] for call in emulator.control.calls()[before:]]


@pytest.fixture(autouse=True)
def files(project: Project) -> None:
    (project.folder / "payments.key").write_bytes(new_material(SYMMETRIC))
    (project.folder / "out").mkdir()


@pytest.mark.every_core
def test_the_right_account(project: Project, kms: Any, account: str, asked: Any) -> None:
    """STS is asked once by each run of a module, before KMS; without the option it is not asked."""
    kms.create_alias(AliasName="alias/payments", TargetKeyId=(key := ExternalKey.create(kms)).id)
    run = run_each(project, tasks("alias/payments"), {"expected_account_id": account})
    assert {task["outcome"] for task in run.tasks} == {"ok"}, run.output
    assert key.state == "PendingImport", "the last task has deleted what the second one has imported"
    visits = [operations.split() for operations in " ".join(asked()[2:]).split("GetCallerIdentity")]
    assert visits[0] == []
    # The action plugins come twice: to look, and for import parameters, an import or a deletion.
    assert len(visits) - 1 == len(ALL) + 3
    assert all(visits[1:])
    without = run_each(project, tasks("alias/payments"), {})
    assert {task["outcome"] for task in without.tasks} == {"ok"}, without.output
    assert asked()[-1] != "GetCallerIdentity"
    assert asked().count("GetCallerIdentity") == len(visits) - 1


@pytest.mark.every_core
def test_another_account(project: Project, kms: Any, account: str, asked: Any) -> None:
    """The credentials are of this account, and it has such a key; the task means another."""
    expected = new_account()
    key = ExternalKey.create(kms)
    before = asked()
    for arguments in ([], ["--check"]):
        said = failures(run_each(project, tasks(key.id), {"expected_account_id": expected}, *arguments))
        for sentence in said:
            assert sentence.endswith("or correct expected_account_id.") or "bundles" in sentence
            assert f"The credentials are of account {account} (arn:aws:iam::{account}:user/Delegated), and" in sentence
            assert f"expected_account_id is {expected}. KMS was asked for nothing with them." in sentence
    assert asked()[len(before) :] == ["GetCallerIdentity"] * len(ALL) * 2
    assert key.state == "PendingImport"
    assert list((project.folder / "out").iterdir()) == []


def test_a_key_in_another_account(project: Project, account: str, asked: Any) -> None:
    """Nobody needs to be asked, not even STS."""
    named: dict[str, str] = {}
    for kind in (f"key/{KEY_ID}", "alias/payments"):
        arn = f"arn:aws:kms:us-east-1:444455556666:{kind}"
        named |= {kind: f"{arn}, is in account 444455556666, and expected_account_id is {account}."}
        said = failures(run_each(project, tasks(arn), {"expected_account_id": account}))
        assert all(named[kind] in sentence for sentence in said), said
    assert asked() == []


WRONG_NUMBERS: dict[str, tuple[Any, str]] = {
    "no quotes, and so another number": (0o12345670123, "expected_account_id is 1402433619, and"),
    "empty": ("", "expected_account_id is empty, and"),
    "hyphens": ("1111-2222-3333", "expected_account_id is 1111-2222-3333, and"),
}


@pytest.mark.parametrize(("given", "sentence"), WRONG_NUMBERS.values(), ids=list(WRONG_NUMBERS))
def test_what_is_no_account(project: Project, asked: Any, given: Any, sentence: str) -> None:
    said = failures(run_each(project, tasks(KEY_ID), {"expected_account_id": given}))
    assert all(sentence in one and "12 digits" in one for one in said), said
    assert asked() == []
