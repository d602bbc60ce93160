# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stored bytecode of the system tests: a process always runs the source that it is given."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from .playbooks import QUICK_START


def imported(archive: Path, source: str) -> list[str]:
    """Import a module with this source from a new ZIP file, and return its printed lines."""
    with zipfile.ZipFile(archive, "w") as payload:
        payload.writestr("answer.py", source)
    done = subprocess.run(
        [sys.executable, "-c", "import answer; answer.say()"],
        env={**os.environ, "PYTHONPATH": f"{archive}{os.pathsep}{QUICK_START}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_stored_bytecode_is_that_of_the_source(tmp_path: Path) -> None:
    """Also for sources of the same length, and with the file name of the process in tracebacks."""
    source = "def say():\n    print({}, say.__code__.co_filename)\n    print([None for _ in 'x'], __file__)\n"
    for number, name in ((1, "a.zip"), (1, "b.zip"), (2, "b.zip"), (1, "a.zip")):
        file = f"{tmp_path / name}/answer.py"
        assert imported(tmp_path / name, source.format(number)) == [f"{number} {file}", f"[None] {file}"]
