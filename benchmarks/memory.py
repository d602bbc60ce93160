# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of a playbook's processes on both sides, from the process file system (Linux, proc(5))."""

from __future__ import annotations

import contextlib
import re
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from support.processes import descendants

_EVERY_SECONDS = 0.05
# Ansible's name of the file from which it runs a module.
_MODULE = b"AnsiballZ_"
_PROPORTIONAL = re.compile(rb"^Pss:\s+(\d+) kB", re.MULTILINE)
_HIGHEST = re.compile(rb"^VmHWM:\s+(\d+) kB", re.MULTILINE)


@dataclass
class Side:
    """The controller or the target, in bytes.

    :ivar together: the maximum of all its processes together, with shared pages counted once (Pss).
    :ivar largest: the maximum of a single process, including shared pages (VmHWM).
    """

    together: int = 0
    largest: int = 0


class Memory:
    """A context manager that measures the processes twenty times per second."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.controller, self.target = Side(), Side()
        self._process = process
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            together = {id(self.controller): 0, id(self.target): 0}
            for pid in (self._process.pid, *descendants(self._process.pid)):
                # The process may have ended.
                with contextlib.suppress(OSError):
                    folder = Path(f"/proc/{pid}")
                    side = self.target if _MODULE in (folder / "cmdline").read_bytes() else self.controller
                    together[id(side)] += _bytes(_PROPORTIONAL, folder / "smaps_rollup")
                    side.largest = max(side.largest, _bytes(_HIGHEST, folder / "status"))
            for side in (self.controller, self.target):
                side.together = max(side.together, together[id(side)])


def _bytes(pattern: re.Pattern[bytes], file: Path) -> int:
    found = pattern.search(file.read_bytes())
    return int(found[1]) * 1024 if found else 0
