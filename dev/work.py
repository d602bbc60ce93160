# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The context of a part of the tests: its environment, its log, and functions that run, log, and check programs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from environments import Environment
from layout import ROOT

LONGEST = 60 * 60
"""Seconds after which a program is considered to hang: far more than needed, even on a slow and busy machine."""
GRACE = 60
"""Seconds that a program has to end after it was asked to."""

_running: set[subprocess.Popen[str]] = set()
_lock = threading.Lock()


class Failed(Exception):
    """A part failed. The text is the reason."""

    def __init__(self, reason: str, failed_tests: int = 0, passed_tests: int = 0) -> None:
        super().__init__(reason)
        self.failed_tests = failed_tests
        self.passed_tests = passed_tests


@dataclass(frozen=True)
class Done:
    """The result of a successful part. A part that did nothing has not succeeded."""

    number: int
    of: str
    """The name of the counted items, in the plural."""
    passed_tests: int = 0
    """Only for suites of pytest."""


@dataclass
class Work:
    environment: Environment
    log: IO[str]
    show: bool
    """Print the output immediately, in addition to writing it to the log."""
    arguments: Sequence[str] = field(default_factory=tuple)
    """Additional arguments from the command line."""

    def run(
        self,
        command: Sequence[str | Path],
        *,
        cwd: Path = ROOT,
        variables: Mapping[str, str] | None = None,
        accept: Sequence[int] = (0,),
        quiet: bool = False,
    ) -> str:
        """Run a program in the part's environment and return its output. Fail if the exit code is not accepted."""
        words = [str(word) for word in command]
        self.say(f"$ {' '.join(words)}", quiet)
        settings = self.environment.variables() | ({"FORCE_COLOR": "1"} if self.show and sys.stdout.isatty() else {})
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=settings | dict(variables or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        lines = []
        with _registered(process), _limited(process) as expired:
            for line in process.stdout or ():
                lines.append(line)
                self.say(line.rstrip("\n"), quiet)
            code = process.wait()
        if expired.is_set():
            raise Failed(f"{Path(words[0]).name} did not end within {LONGEST} seconds")
        if code not in accept:
            raise Failed(f"{Path(words[0]).name} {' '.join(words[1:2])} ended with exit code {code}")
        return "".join(lines)

    def say(self, text: str, quiet: bool = False) -> None:
        print(text, file=self.log, flush=True)
        if self.show and not quiet:
            print(text, flush=True)


@contextlib.contextmanager
def background(work: Work, command: Sequence[str | Path]) -> Iterator[subprocess.Popen[str]]:
    """Run a server for the duration of the block. The caller reads its standard output; its errors are logged."""
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=ROOT,
        env=work.environment.variables(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=work.log,
        text=True,
        start_new_session=True,
    )
    with _registered(process):
        yield process


@contextlib.contextmanager
def _registered(process: subprocess.Popen[str]) -> Iterator[None]:
    with _lock:
        _running.add(process)
    try:
        yield
    finally:
        with _lock:
            _running.discard(process)
        _stop(process)


@contextlib.contextmanager
def _limited(process: subprocess.Popen[str]) -> Iterator[threading.Event]:
    """Stop the process when it takes too long. The event is set in this case."""
    expired = threading.Event()

    def stop() -> None:
        expired.set()
        _stop(process)

    timer = threading.Timer(LONGEST, stop)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()


def stop_all() -> None:
    """End all started programs after an interruption, by their process objects."""
    with _lock:
        processes = list(_running)
    for process in processes:
        _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    """Stop the process and its descendants. Each has its own session, and therefore its own process group."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, kind)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
