# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The changelog of the next release: made in a copy of the project, and compared with what the project contains."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from files import copy_project
from layout import BUILD, NAME, NAMESPACE, ROOT
from work import Failed, Work

CHANGELOG = Path("CHANGELOG.md")
DATA = Path("changelogs/changelog.yaml")
FRAGMENTS = Path("changelogs/fragments")
COPY = BUILD / "release" / "ansible_collections" / NAMESPACE / NAME
_PLUGINS = {"modules": ("module", ".py"), "filter": ("filter", ".yml"), "test": ("test", ".yml")}

Releases = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Changelog:
    releases: Releases
    text: str
    """CHANGELOG.md"""


def fragments(files: Iterable[Path]) -> list[Path]:
    return [path for path in files if path.parent == FRAGMENTS]


def existing_objects(files: Iterable[Path]) -> set[str]:
    """The modules, plugins, roles and playbooks of the project, as in ``role imported_key``."""
    found = set()
    for path in files:
        match path.parts:
            case ("plugins", "modules" | "filter" | "test" as folder, name):
                kind, suffix = _PLUGINS[folder]
                found |= {f"{kind} {path.stem}"} if name.endswith(suffix) else set()
            case ("plugins", "inventory" | "lookup" | "callback" | "connection" as kind, _):
                found.add(f"{kind} {path.stem}")
            case ("roles", role, *_):
                found.add(f"role {role}")
            case ("playbooks", _) if path.suffix == ".yml":
                found.add(f"playbook {path.stem}")
    return found


def listed_objects(releases: Releases) -> set[str]:
    """Those that a release lists as new."""
    found = set()
    for release in releases.values():
        groups = {"module": release.get("modules", [])} | release.get("plugins", {}) | release.get("objects", {})
        found |= {f"{kind} {entry['name']}" for kind, entries in groups.items() for entry in entries}
    return found


def check_objects(files: Iterable[Path], releases: Releases) -> int:
    """Each object of the project must be listed. Return their number."""
    existing = existing_objects(files)
    missing = sorted(existing - listed_objects(releases))
    if missing:
        raise Failed(
            f"the changelog does not list {len(missing)} of {len(existing)} objects. Set version_added to the version"
            f" of the release in a module, plugin, or role. Add a fragment with 'add object.playbook' for a playbook."
            f" Not listed: {', '.join(missing)}"
        )
    return len(existing)


def released() -> Changelog:
    """The changelog of the project."""
    return _read(ROOT)


def generated(work: Work) -> str:
    """CHANGELOG.md as antsibull-changelog writes it from changelog.yaml."""
    copy_project(COPY)
    work.run(["antsibull-changelog", "generate"], cwd=COPY)
    return (COPY / CHANGELOG).read_text("utf-8")


def next_release(work: Work, version: str) -> Changelog:
    """Turn the fragments into a release, in the copy."""
    copy_project(COPY)
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    work.run(["antsibull-changelog", "release", "--version", version, "--date", date], cwd=COPY)
    return _read(COPY)


def _read(folder: Path) -> Changelog:
    data = yaml.safe_load((folder / DATA).read_text("utf-8"))
    return Changelog(data["releases"] or {}, (folder / CHANGELOG).read_text("utf-8"))
