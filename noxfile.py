# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The usual nox sessions of collections. CONTRIBUTING.md describes when to use make and when nox."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "dev"))

from ansible_test import lend_pip  # noqa: E402
from interpreters import NEWEST, found, real_path  # noqa: E402
from layout import COLLECTIONS, HOME, REQUIREMENTS, VENV  # noqa: E402

try:
    import antsibull_nox
except ImportError:
    sys.exit("antsibull-nox is missing. Run `make venv`, which installs it and .venv/bin/nox.")

# `make` also tests the pre-release after it, if a suitable Python is installed.
RELEASED = next(core for core in NEWEST if core.requirement.startswith("ansible-core>="))

nox.options.reuse_venv = "yes"

if not (COLLECTIONS / "ansible_collections" / "amazon").is_dir():
    subprocess.run([ROOT / "dev" / "python", "dev", "venv"], cwd=ROOT, check=True)
# Use these collections instead of Galaxy, and keep all files of the tools in the checkout.
os.environ |= {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_HOME": f"{HOME}/.ansible", "HOME": str(HOME)}
# Galaxy's importer would also run ansible-lint, with different settings.
os.environ["GALAXY_IMPORTER_RUN_ANSIBLE_LINT"] = "false"
# antsibull-nox starts ansible-galaxy, even in a session without Ansible, and any Python of this machine.
folders = [VENV / "bin", *(python.parent for python in found().values())]
os.environ["PATH"] = os.pathsep.join([real_path(os.environ["PATH"]), *map(str, folders)])


def _before() -> None:
    """Prepare the copy of the collection that antsibull-nox has made for ansible-test."""
    lend_pip()
    requirements = [(REQUIREMENTS / name).read_text("utf-8") for name in ("tests.txt", "newest.txt")]
    Path("tests/unit/requirements.txt").write_text("".join(requirements), "utf-8")


def _after() -> None:
    # Do not copy the virtual environment of `--venv` back with the results.
    shutil.rmtree(Path("tests/output/.tmp"), ignore_errors=True)


# Select one Python, and a virtual environment for units. Otherwise, `--local --requirements` would install packages
# into every Python of this machine.
python = max((version for version in found() if version in RELEASED.pythons), default=RELEASED.pythons[0])
for kind, where in (("sanity", "--local"), ("units", "--venv")):
    antsibull_nox.add_ansible_test_session(
        name=f"ansible-test-{kind}-{RELEASED.version}",
        description=f"Run ansible-test's {kind} tests with ansible-core {RELEASED.version}, without containers.",
        ansible_test_params=[kind, where, "--python", ".".join(map(str, python))],
        ansible_core_version=RELEASED.version,
        ansible_core_source="pypi",
        callback_before=_before,
        callback_after=_after,
        default=False,
    )


antsibull_nox.load_antsibull_nox_toml()

if __name__ == "__main__":
    nox.main()
