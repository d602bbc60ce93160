# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process and all of its descendants, from the process file system (Linux, proc(5))."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path


def descendants(pid: int) -> list[int]:
    """List the descendants (proc_pid_task(5)). Processes that end meanwhile are omitted."""
    children = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children += [int(child) for child in listed.read_text("ascii").split()]
    return children + [below for child in children for below in descendants(child)]


def kill_with_descendants(process: subprocess.Popen[bytes]) -> int:
    """End all of them immediately, whatever their process groups and sessions. Return their number."""
    everyone = [process.pid, *descendants(process.pid)]
    for pid in everyone:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
    return len(everyone)
