# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kms_emulator.process import start_emulator
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fixtures import new_account
from support.processes import descendants, kill_with_descendants
from support.waiting import until
from system.leaks import Traces
from system.on_time import emulator_on_time

from acceptance import record
from acceptance.clean_up import TAG, description
from acceptance.comparison.replay import DIFFERENCE, LATE, SKIPPED, Finding, Replay
from acceptance.scenarios import every_scenario

from .runs import PROGRAM, REPLICA_REGION, Shell

# A ceremony refuses import parameters from a clock that is ahead, and other tests move the shared emulator's clock.
emulator = emulator_on_time

# AWS's own, for an account and Region (KMS Developer Guide, "Request quotas").
QUOTAS = {"GetParametersForImport": 1, "ImportKeyMaterial": 15, "CreateKey": 5, "ListResourceTags": 10}


@pytest.fixture
def shell(tmp_path: Path, emulator: Emulator, account: str) -> Iterator[Shell]:
    shell = Shell(tmp_path, emulator.url, account)
    yield shell
    for process in shell.started:
        kill_with_descendants(process)


def operations(emulator: Emulator, account: str) -> list[str]:
    """What was called with the credentials of an account."""
    return [call["operation"] for call in emulator.control.calls() if call["account"] == account]


def aliases(kms: Any) -> list[str]:
    names = [alias["AliasName"] for alias in kms.list_aliases()["Aliases"]]
    return [name for name in names if not name.startswith("alias/aws/")]


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


def test_a_whole_run(shell: Shell, kms: Any, emulator: Emulator) -> None:
    """With the latency, the consistency and the quotas of AWS. No secret is left, and the record compares."""
    own = ExternalKey.create(kms)
    kms.create_alias(AliasName="alias/production", TargetKeyId=own.id)
    emulator.control.latency(0.02)
    emulator.control.stale_reads(0.5)
    emulator.control.rotation(2)
    emulator.control.quotas(QUOTAS)
    process = shell.start("--yes", "--replica-region", REPLICA_REGION)
    secrets: dict[tuple[str, int], bytes] = {}

    def ended() -> bool:
        for path in shell.folder.glob("runs/*/private/*.*"):
            if path.suffix in (".key", ".bin"):
                with contextlib.suppress(OSError):
                    content = path.read_bytes()
                    secrets[path.name, hash(content)] = content
        return process.poll() is not None

    until(ended, "the run ends")
    emulator.control.undo()
    output = (shell.folder / "output.txt").read_text("utf-8")
    assert process.returncode == 0, output
    everything = every_scenario()
    assert f"{len(everything)} of {len(everything)} scenarios passed." in output
    # Keys of the account are as they were, and those of the run cost nothing.
    assert own.state == "PendingImport"
    assert Counter(states(kms)) == {"PendingDeletion": 13, "PendingImport": 1, "PendingReplicaDeletion": 1}
    assert aliases(kms) == ["alias/production"]
    (run,) = shell.runs
    assert sorted(path.name for path in run.iterdir()) == ["logs", "record.jsonl"]
    assert len(secrets) > 15
    assert not in_files(secrets.values(), run)
    head, calls = shell.record()
    assert set(head["scenarios"].values()) == {"passed"}
    text = (run / "record.jsonl").read_text("utf-8")
    assert not [word for word in (shell.account, own.id, "alias/production", run.name) if word in text]
    assert {call["operation"] for call in calls} <= permitted()
    findings = compared(calls)
    assert [finding.text for finding in findings if finding.kind == DIFFERENCE] == []
    assert {finding.kind for finding in findings} <= {LATE, SKIPPED}


def in_files(secrets: Iterable[bytes], folder: Path) -> list[str]:
    """Where a secret is."""
    traces = Traces(folder, set())
    return [place for secret in secrets for place in traces.of(secret)]


def permitted() -> set[str]:
    """The operations that the policy in the README allows."""
    text = (PROGRAM / "README.md").read_text("utf-8")
    return set(re.findall(r'"kms:([A-Za-z]+)"', text.partition("```json")[2].partition("```")[0]))


def compared(calls: list[record.Call]) -> list[Finding]:
    with start_emulator() as process:
        return Replay(process).run(calls)


def hold_at(shell: Shell, emulator: Emulator, operation: str) -> subprocess.Popen[bytes]:
    """A run that waits for the answer of a call."""
    emulator.control.faults([{"operation": operation, "hold": True}])
    before = len(emulator.control.calls())
    process = shell.start("--yes", "--only", "first-import")
    until(
        lambda: any(call["fault"] == "held" for call in emulator.control.calls(before)) or process.poll() is not None,
        f"it comes to {operation}",
    )
    assert process.poll() is None, (shell.folder / "output.txt").read_text("utf-8")
    return process


def test_an_interruption(shell: Shell, kms: Any, emulator: Emulator) -> None:
    """Its key is scheduled for deletion, and its secrets are removed."""
    process = hold_at(shell, emulator, "ImportKeyMaterial")
    (secret,) = [path.read_bytes() for path in shell.folder.glob("runs/*/private/*.key")]
    process.send_signal(signal.SIGTERM)
    process.wait()
    output = (shell.folder / "output.txt").read_text("utf-8")
    assert process.returncode == 130, output
    assert "Interrupted." in output
    assert states(kms) == ["PendingDeletion"]
    assert aliases(kms) == []
    assert not in_files([secret], shell.folder)
    head, _calls = shell.record()
    assert head["scenarios"] == {"interrupted": "yes"}


def test_a_killed_run(shell: Shell, kms: Any, emulator: Emulator) -> None:
    """What it left is found by its tag, in every Region that is named."""
    process = hold_at(shell, emulator, "ImportKeyMaterial")
    kill_with_descendants(process)
    emulator.control.faults([])
    elsewhere = emulator.client(REPLICA_REGION, shell.account)
    run = shell.runs[0].name
    leftover = ExternalKey.create(elsewhere, Tags=[{"TagKey": TAG, "TagValue": run}], Description=description(run))
    others = ExternalKey.create(elsewhere)
    assert states(kms) == ["PendingImport"]
    ran = shell.run("--clean-up", "--also-region", REPLICA_REGION)
    assert (ran.code, states(kms)) == (2, ["PendingImport"])
    assert f"{leftover.arn} PendingImport, created" in ran.said()
    assert "No key was changed: this needs your consent" in ran.said()
    ran = shell.run("--clean-up", "--yes", "--also-region", REPLICA_REGION)
    assert ran.code == 0, ran.output
    assert "the deletion of 2 keys was scheduled" in ran.said()
    assert states(kms) == ["PendingDeletion"]
    assert (leftover.state, others.state) == ("PendingDeletion", "PendingImport")
    assert aliases(kms) == []
    assert not [*shell.folder.glob("runs/*/private")]
    again = shell.run("--clean-up")
    assert (again.code, "the deletion of 0 keys was scheduled, that of 1 had been before" in again.said()) == (0, True)


def test_what_may_not_be_deleted_is_named(shell: Shell, kms: Any, emulator: Emulator) -> None:
    emulator.control.denied(["ScheduleKeyDeletion"])
    ran = shell.run("--yes", "--only", "first-import")
    emulator.control.denied([])
    assert ran.code == 1
    assert "1 of 1 scenarios passed." in ran.said()
    (key,) = kms.list_keys()["Keys"]
    assert f"NOT CLEANED UP: {key['KeyArn']}: its deletion could not be scheduled (AccessDeniedException)" in ran.said()
    assert "--clean-up" in ran.said()
    assert shell.run("--clean-up", "--yes").code == 0
    assert states(kms) == ["PendingDeletion"]


def test_a_scenario_that_fails(shell: Shell, kms: Any, emulator: Emulator) -> None:
    """It is named with the message of its task, and the run goes on."""
    emulator.control.denied(["GetParametersForImport"])
    ran = shell.run("--yes", "--only", "first-import,second-run")
    assert ran.code == 1
    assert "0 of 2 scenarios passed." in ran.said()
    assert "first-import FAILED" in ran.said()
    assert "kms:GetParametersForImport" in ran.said()
    assert states(kms) == ["PendingDeletion"]


def test_a_killed_run_whose_playbook_lives(shell: Shell, kms: Any, emulator: Emulator) -> None:
    """The playbook has its own session. It calls KMS no more, so that the clean-up finds every key."""
    process = hold_at(shell, emulator, "CreateKey")
    playbooks = descendants(process.pid)
    assert playbooks
    process.kill()
    process.wait()
    before = len(operations(emulator, shell.account))
    emulator.control.faults([])
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in playbooks), "the playbook ends")
    # The call that was held is the last.
    assert operations(emulator, shell.account)[before:] == []
    (log,) = shell.runs[0].glob("logs/*.txt")
    assert "the acceptance run that started this process has ended" in log.read_text("utf-8")
    assert shell.run("--clean-up", "--yes").code == 0
    assert set(states(kms)) <= {"PendingDeletion"}


def test_a_clean_up_spares_a_run_in_progress(shell: Shell, kms: Any, emulator: Emulator) -> None:
    process = hold_at(shell, emulator, "ImportKeyMaterial")
    ran = shell.run("--clean-up", "--yes")
    (run,) = shell.runs
    assert f"Run {run.name} is in progress. Its keys are not changed." in ran.said()
    assert states(kms) == ["PendingImport"]
    assert (run / "private" / "main.key").exists()
    process.send_signal(signal.SIGTERM)
    process.wait()
    assert states(kms) == ["PendingDeletion"]


def test_a_closed_terminal(shell: Shell, kms: Any, emulator: Emulator) -> None:
    """Further signals, and output that goes nowhere, do not stop the clean-up."""
    reader, writer = os.pipe()
    emulator.control.faults([{"operation": "ImportKeyMaterial", "hold": True}])
    before = len(emulator.control.calls())
    process = subprocess.Popen(
        shell.command("--yes", "--only", "first-import"),
        env=shell.environment(),
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=writer,
        start_new_session=True,
    )
    shell.started.append(process)
    os.close(writer)
    until(
        lambda: any(call["fault"] == "held" for call in emulator.control.calls(before)) or process.poll() is not None,
        "it comes to ImportKeyMaterial",
    )
    os.close(reader)
    emulator.control.faults([{"operation": "ScheduleKeyDeletion", "hold": True}])
    before = len(emulator.control.calls())
    process.send_signal(signal.SIGHUP)
    until(
        lambda: any(call["fault"] == "held" for call in emulator.control.calls(before)) or process.poll() is not None,
        "it comes to the clean-up",
    )
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        process.send_signal(number)
    emulator.control.faults([])
    process.wait()
    assert states(kms) == ["PendingDeletion"]
    assert not [*shell.folder.glob("runs/*/private")]


def test_a_run_without_a_record(shell: Shell, kms: Any) -> None:
    """As on a full disk: the keys and the secrets are cleaned up all the same."""
    folder = shell.folder / "sitecustomize"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "from pathlib import Path\n"
        "original = Path.open\n"
        "def full(self, *arguments, **named):\n"
        "    if self.name == 'record.jsonl':\n"
        "        raise OSError(28, 'No space left on device')\n"
        "    return original(self, *arguments, **named)\n"
        "Path.open = full\n",
        "utf-8",
    )
    ran = shell.run("--yes", "--only", "first-import", PYTHONPATH=str(folder))
    assert ran.code == 1, ran.output
    assert "NO RECORD: it could not be written (OSError: [Errno 28] No space left on device)" in ran.said()
    assert states(kms) == ["PendingDeletion"]
    assert not [*shell.folder.glob("runs/*/private")]


def test_a_folder_that_cannot_be_created(shell: Shell, kms: Any) -> None:
    (shell.folder / "runs").write_text("a file", "utf-8")
    ran = shell.run("--yes", "--only", "first-import")
    assert (ran.code, states(kms)) == (2, [])
    assert "No key was created." in ran.said()
