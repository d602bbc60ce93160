# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a run is for its owner alone, and only folders of runs are removed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from acceptance import signals
from acceptance.folder import PRIVATE, RunFolder, in_progress, remove_private
from acceptance.recorder import cloudkeys_recorder as recorder

RUN = "20261129-0123abcd"


def ended(runs: Path, name: str = RUN) -> Path:
    """What a killed run leaves."""
    folder = runs / name
    (folder / PRIVATE).mkdir(parents=True)
    (folder / PRIVATE / "main.key").write_bytes(b"secret")
    return folder


def test_nobody_else_reads_it(tmp_path: Path) -> None:
    """The output of the playbooks has identifiers of the account."""
    former = os.umask(0)
    try:
        folder = RunFolder(tmp_path / "runs" / RUN)
        folder.create()
    finally:
        os.umask(former)
    modes = {path.stat().st_mode & 0o777 for path in (folder.path, folder.logs, folder.private)}
    assert modes == {0o700}
    folder.finish()
    assert not folder.private.exists()


def test_a_planted_folder_is_not_used(tmp_path: Path) -> None:
    (tmp_path / RUN).symlink_to(tmp_path)
    with pytest.raises(FileExistsError):
        RunFolder(tmp_path / RUN).create()


def test_private_parts_are_removed(tmp_path: Path) -> None:
    folder = ended(tmp_path)
    (folder / "record.jsonl").touch()
    remove_private(tmp_path)
    assert [path.name for path in folder.iterdir()] == ["record.jsonl"]


@pytest.mark.parametrize("name", ["home", "20261129", f"{RUN}x", f"{RUN}\n", ".git"])
def test_other_folders_are_not(tmp_path: Path, name: str) -> None:
    """--folder may name the wrong one."""
    folder = ended(tmp_path, name)
    remove_private(tmp_path)
    assert (folder / PRIVATE / "main.key").exists()


@pytest.mark.parametrize("linked", ["run", "private"])
def test_links_are_not_followed(tmp_path: Path, linked: str) -> None:
    elsewhere, runs = ended(tmp_path, "home"), tmp_path / "runs"
    runs.mkdir()
    if linked == "run":
        (runs / RUN).symlink_to(elsewhere)
    else:
        (runs / RUN).mkdir()
        (runs / RUN / PRIVATE).symlink_to(elsewhere / PRIVATE)
    remove_private(runs)
    assert (elsewhere / PRIVATE / "main.key").exists()


def test_no_folder(tmp_path: Path) -> None:
    remove_private(tmp_path / "none")
    assert in_progress(tmp_path / "none") == set()


def test_a_run_in_progress(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / RUN)
    folder.create()
    ended(tmp_path, "20261128-0123abcd")
    assert in_progress(tmp_path) == {RUN}
    assert recorder.is_running(folder.private)
    remove_private(tmp_path)
    assert folder.private.exists()
    folder.stop()
    assert not recorder.is_running(folder.private)
    assert in_progress(tmp_path) == {RUN}
    folder.finish()
    assert in_progress(tmp_path) == set()


def test_a_killed_process_is_not_in_progress(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from acceptance.folder import RunFolder\n"
        "RunFolder(Path(sys.argv[1])).create()\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
    )
    tests = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / RUN)],
        cwd=tests,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert in_progress(tmp_path) == {RUN}
        process.kill()
        process.wait()
    assert in_progress(tmp_path) == set()
    assert not recorder.is_running(tmp_path / RUN / PRIVATE)


def in_a_start(*numbers: signal.Signals) -> list[str]:
    """What happens if signals come while a process starts."""
    happened = []
    with signals.undisturbed():
        try:
            with signals.interruptible():
                with signals.unbroken():
                    for number in numbers:
                        signal.raise_signal(number)
                    happened.append("started")
                happened.append("went on")
        except signals.Interrupted:
            happened.append("interrupted")
        signal.raise_signal(signal.SIGHUP)
    return happened


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["INT", "TERM", "HUP"])
def test_a_signal_while_a_process_starts(number: signal.Signals) -> None:
    """It takes effect when the process is known, so that it can be ended."""
    assert in_a_start(number) == ["started", "interrupted"]
    assert in_a_start(number, number) == ["started", "interrupted"]
    assert in_a_start() == ["started", "went on"]


def test_later_signals_are_noted(capfd: pytest.CaptureFixture[str]) -> None:
    in_a_start(signal.SIGINT)
    assert capfd.readouterr().err.count("The clean-up is not interrupted") == 1


def test_a_note_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_descriptor: int, _text: bytes) -> int:
        raise BrokenPipeError

    write: Callable[[int, bytes], int] = gone
    monkeypatch.setattr(os, "write", write)
    with signals.undisturbed():
        signal.raise_signal(signal.SIGHUP)
