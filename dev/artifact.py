# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact for users: build it, check its content, install it offline, and display its documentation."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Iterable
from pathlib import Path

from files import project_files
from layout import BUILD, NAME, NAMESPACE, ROOT
from work import Done, Failed, Work

_TEXTS = ("README.md", "CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "SECURITY.md")
SHIPPED = ("plugins", "roles", "playbooks", "meta", "docs", "LICENSES", *_TEXTS)
"""The folders and files for users, in addition to the changelog's data. All others are for development only."""

_CHANGELOG = (Path("changelogs/changelog.yaml"), Path("changelogs/config.yaml"))
_MADE = {Path("MANIFEST.json"), Path("FILES.json")}
_DOCUMENTED = ("module", "role", "filter", "inventory", "lookup", "test")


def run_build(work: Work) -> Done:
    folder = BUILD / "artifact"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    work.run(["ansible-galaxy", "collection", "build", "--output-path", folder, ROOT])
    (artifact,) = folder.glob("*.tar.gz")
    with tarfile.open(artifact) as archive:
        compare({Path(member.name) for member in archive.getmembers() if not member.isdir()}, project_files())
    installed = _install(work, artifact, folder / "installed")
    documented = _document(work, folder / "installed", installed)
    work.say(f"The artifact is {artifact.relative_to(ROOT)}.")
    return Done(documented, "pages displayed from the installed artifact")


def compare(inside: set[Path], project: Iterable[Path]) -> None:
    """Check that the artifact contains everything that users need from the project, and nothing else."""
    wanted = {path for path in project if path.parts[0] in SHIPPED or path in _CHANGELOG} | _MADE
    surplus, missing = sorted(inside - wanted), sorted(wanted - inside)
    if surplus:
        raise Failed(f"the artifact contains files that build_ignore in galaxy.yml should exclude: {_names(surplus)}")
    if missing:
        raise Failed(f"the artifact lacks {_names(missing)}")


def _names(paths: list[Path]) -> str:
    return ", ".join(map(str, paths[:10])) + (f" and {len(paths) - 10} more" if len(paths) > 10 else "")


def _install(work: Work, artifact: Path, folder: Path) -> Path:
    namespaces = folder / "ansible_collections"
    namespaces.mkdir(parents=True)
    (namespaces / "amazon").symlink_to(work.environment.collections / "ansible_collections" / "amazon")
    command = ["ansible-galaxy", "collection", "install", "--offline", "-p", str(folder), str(artifact)]
    work.run(command, variables={"ANSIBLE_COLLECTIONS_PATH": str(folder)})
    return namespaces / NAMESPACE / NAME


def _document(work: Work, folder: Path, installed: Path) -> int:
    """Run ansible-doc for everything, from the installed files only. Return the number of pages."""
    variables = {"ANSIBLE_COLLECTIONS_PATH": str(folder)}
    shown = 0
    for kind in _DOCUMENTED:
        listing = work.run(
            ["ansible-doc", "--type", kind, "--list", "--json", f"{NAMESPACE}.{NAME}"],
            cwd=folder,
            variables=variables,
            quiet=True,
        )
        listed = set(json.loads(listing[listing.index("{") :]))
        if kind == "module":
            files = {f"{NAMESPACE}.{NAME}.{path.stem}" for path in (installed / "plugins" / "modules").glob("*.py")}
            if files != listed:
                raise Failed(f"ansible-doc lists {sorted(listed)}, but the installed modules are {sorted(files)}")
        if listed:
            work.run(["ansible-doc", "--type", kind, *sorted(listed)], cwd=folder, variables=variables, quiet=True)
        shown += len(listed)
    return shown
