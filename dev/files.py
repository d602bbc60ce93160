# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the project according to git: tracked files, and new files that are not ignored."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from layout import ROOT


def project_files() -> list[Path]:
    """All files, relative to the root and sorted, including symbolic links."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(f"git cannot list the files: {error}. Use a clone made with git.") from error
    names = sorted({Path(name) for name in listed.split("\0") if name})
    return [name for name in names if (ROOT / name).is_symlink() or (ROOT / name).is_file()]


def copy_project(folder: Path) -> None:
    """Copy all files into a folder. An existing one is replaced.

    The copy is a git repository of its own: tools read the files that git lists, and git ignores the folders of make.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for path in project_files():
        (folder / path.parent).mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path, follow_symlinks=False)
    subprocess.run(["git", "init", "--quiet", folder], check=True)
