# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Pythons of this machine, and the ansible-core releases that they can run."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Version = tuple[int, int]

OLDEST_TARGET: Version = (3, 9)
"""The oldest Python that modules promise to run on: a target's may be older than a controller's."""

_PROBE = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2]); print(sys.executable)"


@dataclass(frozen=True)
class Core:
    """An ansible-core release, and the Pythons from 3.11 on that it supports on a controller (by its release notes)."""

    requirement: str
    pythons: tuple[Version, ...]
    ansible: str
    """The release of PyPI's ``ansible`` package whose amazon.aws goes with it: Galaxy is not needed that way."""

    @property
    def version(self) -> str:
        """As in 2.19."""
        found = re.search(r"\d+\.\d+", self.requirement)
        if found is None:
            raise ValueError(f"no version in {self.requirement}")
        return found.group()


# amazon.aws 10.1.1 is in ansible 12.0.0, the first final release with an amazon.aws 10: the nearest to the floor of
# galaxy.yml (10.0.0) that PyPI has. ansible 14.5.0 has 11.4.0 (11.5 is in no release on PyPI), ansible 15.0.0a3 has
# 12.0.0. Each major version of amazon.aws runs somewhere; pre-releases are named exactly, so that runs can be repeated.
NEWEST = (
    Core("ansible-core==2.22.0rc1", ((3, 13), (3, 14)), "15.0.0a3"),
    Core("ansible-core>=2.21,<2.22", ((3, 12),), "14.5.0"),
    Core("ansible-core>=2.19,<2.20", ((3, 11),), "14.5.0"),
)
OLDEST = (
    # The exact release that meta/runtime.yml names.
    Core("ansible-core==2.17.6", ((3, 11), (3, 12)), "12.0.0"),
    Core("ansible-core>=2.18,<2.19", ((3, 13),), "12.0.0"),
    Core("ansible-core>=2.20,<2.21", ((3, 14),), "12.0.0"),
)


def real_path(path: str) -> str:
    """PATH without pyenv's shims: a shim exists for every Python pyenv has, and fails for all but the selected one."""
    return os.pathsep.join(part for part in path.split(os.pathsep) if part and Path(part).name != "shims")


def own_interpreter() -> Path:
    """The Python that runs this, out of any virtual environment."""
    return Path(getattr(sys, "_base_executable", sys.executable))


@functools.cache
def found() -> Mapping[Version, Path]:
    """Every Python of this machine that starts and can make virtual environments; the running one wins its version."""
    pythons: dict[Version, Path] = {sys.version_info[:2]: own_interpreter()}
    for candidate in _candidates():
        probe = _probe(candidate)
        if probe:
            pythons.setdefault(*probe)
    return pythons


def _candidates() -> Iterator[Path]:
    folders = [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part]
    roots = {folder.parent for folder in folders if folder.name == "shims"}
    roots |= {Path(root) for root in (os.environ.get("PYENV_ROOT"), "~/.pyenv") if root}
    folders = [folder for folder in folders if folder.name != "shims"]
    for root in sorted(roots):
        folders += sorted(root.expanduser().glob("versions/*/bin"))
    for folder in folders:
        for minor in range(OLDEST_TARGET[1], 15):
            path = folder / f"python3.{minor}"
            if os.access(path, os.X_OK):
                yield path


def _probe(path: Path) -> tuple[Version, Path] | None:
    try:
        answer = subprocess.run([path, "-c", _PROBE], capture_output=True, text=True, timeout=600, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    version, executable = answer.stdout.split("\n")[:2]
    major, minor = version.split(".")
    return (int(major), int(minor)), Path(executable)
