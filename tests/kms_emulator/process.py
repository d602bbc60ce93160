# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as a separate process, for a test session, a demo, or a benchmark."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent
LONGEST = 60 * 60
"""Seconds after which the emulator is considered to hang."""


class EmulatorProcess:
    """A running emulator, and its control API."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = process
        self.url = url

    @property
    def pid(self) -> int:
        return self._process.pid

    def control(self, method: str, name: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/_emulator/{name}", method=method, data=None if body is None else json.dumps(body).encode()
        )
        with urllib.request.urlopen(request, timeout=LONGEST) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def reset(self) -> None:
        self.control("POST", "reset")

    def advance(self, seconds: float) -> None:
        self.control("PUT", "clock", {"advance_seconds": seconds})

    def calls(self, after: int = 0) -> list[dict[str, Any]]:
        """:param after: the number of calls to skip, from the start of the log."""
        calls: list[dict[str, Any]] = self.control("GET", f"calls/{after}")
        return calls

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


@contextmanager
def start_emulator(*, now: str | None = None) -> Iterator[EmulatorProcess]:
    """Start an emulator on a free port of loopback, and stop it at the end of the block.

    :param now: the start time of its clock, in ISO 8601 with an offset; the machine's time when omitted.
    """
    command = [sys.executable, str(_FOLDER), "--port", "0", *(["--now", now] if now else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    line = process.stdout.readline() if process.stdout else ""
    if "http://" not in line:
        process.kill()
        raise RuntimeError(f"The KMS emulator did not start (exit code {process.wait()}).")
    emulator = EmulatorProcess(process, line[line.index("http://") :].strip())
    try:
        yield emulator
    finally:
        emulator.stop()
