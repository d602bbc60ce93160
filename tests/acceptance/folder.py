# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a run, which only its owner may read, and whether the run is still in progress.

A run locks its folder. The kernel releases the lock when the process ends, also when it is killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import stat
from pathlib import Path

from .recorder import cloudkeys_recorder as recorder

RUN = re.compile(r"[0-9]{8}-[0-9a-f]{8}")
PRIVATE = "private"


class RunFolder:
    """:ivar private: the part that is removed at the end: key material, playbooks, and the journal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.private = path / PRIVATE
        self.logs = path / "logs"
        self.record = path / "record.jsonl"
        self._lock: int | None = None

    def create(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for folder in (self.path, self.logs, self.private):
            folder.mkdir(mode=0o700)
        self._lock = os.open(self.path, os.O_RDONLY)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (self.private / recorder.KEY).write_bytes(secrets.token_bytes(32))
        (self.private / recorder.RUNNING).touch()

    def stop(self) -> None:
        """From now on, no process that the run has started can call KMS."""
        (self.private / recorder.RUNNING).unlink(missing_ok=True)

    def finish(self) -> None:
        """Remove the private part."""
        shutil.rmtree(self.private)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def in_progress(runs: Path) -> set[str]:
    """The runs whose processes have not ended, on this machine and in this folder."""
    return {folder.name for folder in _folders(runs) if recorder.is_locked(folder)}


def remove_private(runs: Path) -> None:
    """Remove the private parts of runs that were killed. Nothing else is removed, and no link is followed."""
    for folder in _folders(runs):
        private = folder / PRIVATE
        if _is_own_folder(private) and not recorder.is_locked(folder):
            shutil.rmtree(private)


def _folders(runs: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return sorted(path for path in runs.iterdir() if RUN.fullmatch(path.name) and _is_own_folder(path))
    return []


def _is_own_folder(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
