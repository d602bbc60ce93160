# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fixtures import new_account

from .runs import Shell


@pytest.fixture
def shell(tmp_path: Path, emulator: Emulator, account: str) -> Shell:
    return Shell(tmp_path, emulator.url, account)


def operations(emulator: Emulator, account: str) -> list[str]:
    """What was called with the credentials of an account."""
    return [call["operation"] for call in emulator.control.calls() if call["account"] == account]


def states(kms: Any) -> list[str]:
    return [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] for key in kms.list_keys()["Keys"]]


def test_another_account(shell: Shell, emulator: Emulator) -> None:
    named = new_account()
    ran = shell.run("--yes", account=named)
    assert ran.code == 2
    assert (
        f"belong to account {shell.account} (arn:aws:iam::{shell.account}:user/Delegated), not to {named}" in ran.said()
    )
    assert "KMS was not called." in ran.said()
    assert operations(emulator, shell.account) == ["GetCallerIdentity"]
    assert shell.runs == []


def test_without_consent(shell: Shell, emulator: Emulator) -> None:
    """The price is shown, and no key exists."""
    ran = shell.run("--only", "first-import")
    assert ran.code == 2
    assert "$1 a month" in ran.said()
    assert "https://aws.amazon.com/kms/pricing/" in ran.said()
    assert "Add --yes" in ran.said()
    assert operations(emulator, shell.account) == ["GetCallerIdentity"]


def test_two_scenarios(shell: Shell, kms: Any) -> None:
    own = ExternalKey.create(kms)
    ran = shell.run("--yes", "--only", "first-import,second-run")
    assert ran.code == 0, ran.output
    assert "2 of 2 scenarios passed." in ran.said()
    assert own.state == "PendingImport"
    assert sorted(states(kms)) == ["PendingDeletion", "PendingImport"]
    head, calls = shell.record()
    assert head["service"] == "not AWS KMS: another endpoint was configured"
    assert head["scenarios"] == {"first-import": "passed", "second-run": "passed"}
    assert "ImportKeyMaterial" in {call["operation"] for call in calls}
    (run,) = shell.runs
    assert sorted(path.name for path in run.iterdir()) == ["logs", "record.jsonl"]
    text = (run / "record.jsonl").read_text("utf-8")
    assert own.id not in text
    assert shell.account not in text
