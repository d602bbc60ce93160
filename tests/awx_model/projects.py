# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects are updated at once. Which playbooks one has is read from its folder, or a test says it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from .store import Item, Store, now

_PLAYBOOK: Final = re.compile(
    r"^\s*?-?\s*?(?:hosts|(ansible\.builtin\.)?import_playbook|(ansible\.builtin\.)?include):\s*?.*?$"
)
_NO_PLAYBOOKS: Final = {"roles", "tasks", "group_vars", "host_vars"}


def playbooks_in(folder: Path) -> list[str]:
    """As AWX finds them: YAML files with plays, outside of what belongs to roles and variables."""
    found = []
    for path in sorted([*folder.rglob("*.yml"), *folder.rglob("*.yaml")]):
        inside = path.relative_to(folder)
        if _NO_PLAYBOOKS & set(inside.parts[:-1]) or any(part.startswith(".") for part in inside.parts):
            continue
        lines = path.read_text("utf-8", errors="ignore").splitlines()
        if any(_PLAYBOOK.match(line) for line in lines) or (lines and lines[0].startswith("$ANSIBLE_VAULT;")):
            found.append(inside.as_posix())
    return found


class Projects:
    """
    :ivar folders: the folder that stands for the repository at a URL.
    """

    def __init__(self, store: Store, folders: Mapping[str, Path]) -> None:
        self._store = store
        self.folders = dict(folders)

    def folder(self, project: Item) -> Path | None:
        """Where its files are; None if unknown."""
        url = str(project["scm_url"])
        known = self.folders.get(url)
        if known is None and url.startswith("file://"):
            known = Path(url.removeprefix("file://"))
        return known if known and known.is_dir() else None

    def update(self, project: Item) -> Item | None:
        """Fetch it. Without a source nothing is fetched."""
        if not project["scm_type"]:
            project["status"] = "ok"
            return None
        return self._done(project, self.folder(project))

    def _done(self, project: Item, folder: Path | None) -> Item:
        status = "successful" if folder else "failed"
        explanation = "" if folder else f"The model of AWX knows no folder for {project['scm_url']}."
        fields: dict[str, Any] = {
            "name": project["name"],
            "description": project["description"],
            "unified_job_template": project.id,
            "project": project.id,
            "status": status,
            "failed": not folder,
            "started": now(),
            "finished": now(),
            "launch_type": "manual",
            "job_explanation": explanation,
        }
        job = self._store.add("project_updates", fields)
        job.private["stdout"] = explanation
        project.private["last_job"] = job.id
        playbooks = playbooks_in(folder) if folder else []
        if folder:
            project.private["playbooks"] = playbooks
            project["scm_revision"] = hashlib.sha1("\n".join(playbooks).encode(), usedforsecurity=False).hexdigest()
        project.fields.update(
            last_job_run=job["finished"],
            last_job_failed=job["failed"],
            last_updated=job["finished"],
            last_update_failed=job["failed"],
            status=status,
        )
        return job
