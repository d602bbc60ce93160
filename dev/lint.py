# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that read the sources and start nothing of ours. Those that nox has a session for are in nox_sessions.py."""

from __future__ import annotations

import os
import re
from pathlib import Path

from files import project_files
from layout import NAME, NAMESPACE, ROOT
from work import Done, Failed, Work

_PACKAGE = f"ansible_collections.{NAMESPACE}.{NAME}"


def _python_files(folder: str = ".") -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py" and path.is_relative_to(folder)]


def run_ruff(work: Work) -> Done:
    work.run(["ruff", "check", "."])
    work.run(["ruff", "format", "--check", "."])
    return Done(len(_python_files()), "files")


def run_mypy(work: Work) -> Done:
    """Each folder of Python by the name it is imported by; what runs as a folder, by its files."""
    collections, tests = work.environment.collections, ROOT / "tests"
    runs = {
        "plugins": (["-p", f"{_PACKAGE}.plugins"], [collections]),
        **{
            f"tests/{name}": (["-p", name], [tests, collections])
            for name in (
                "acceptance",
                "awx_model",
                "kms_emulator",
                "support",
                "engine",
                "rulebook",
                "soak",
                "system",
                "third_parties",
            )
        },
        "dev": (["dev"], [ROOT / "dev", tests]),
        "benchmarks": (["benchmarks"], [ROOT / "benchmarks", tests, collections]),
    }
    checked, faulty = 0, []
    for folder, (arguments, path) in runs.items():
        if not _python_files(folder):
            continue
        output = work.run(["mypy", *arguments], variables={"MYPYPATH": os.pathsep.join(map(str, path))}, accept=(0, 1))
        success = re.search(r"no issues found in (\d+) source file", output)
        checked += int(success.group(1)) if success else 0
        faulty += [] if success else [folder]
    if faulty:
        raise Failed(f"mypy finds faults in {', '.join(faulty)}")
    return Done(checked, "files")


def run_ansible_lint(work: Work) -> Done:
    output = work.run(["ansible-lint", "--offline", "--strict", "--nocolor"])
    found = re.search(r"in (\d+) files processed", output)
    return Done(int(found.group(1)) if found else 0, "files")


def run_docs_lint(work: Work) -> Done:
    """The documentation in plugins and roles, and every reference in it, those to amazon.aws included."""
    command = ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs", "all"]
    # `make docs` fails for any fault in reStructuredText. Here one run in forty would fail for no reason: the page of
    # each plugin names a temporary folder, and a random name that ends with an underscore is a reference.
    options = ["--skip-rstcheck", "--check-extra-docs-refs", "--disallow-unknown-collection-refs"]
    work.run([*command, *options, "."])
    pages = [path for path in project_files() if path.parts[:2] in {("plugins", "modules"), ("docs", "docsite")}]
    return Done(len(pages), "pages")


def run_changelog_lint(work: Work) -> Done:
    work.run(["antsibull-changelog", "lint"])
    return Done(len([path for path in project_files() if path.parts[0] == "changelogs"]), "files")
