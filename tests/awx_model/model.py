# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An AWX in memory, as its API shows it."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from . import managed
from .actions import Actions
from .api import Answer, Api
from .errors import Refused, not_found
from .filters import Query
from .launching import Launching
from .projects import Projects
from .running import Outcome, PendingJob, Run, Running
from .saving import Saving
from .showing import Showing
from .store import Item, Store

VERSION: Final = "24.6.2"


class Model:
    """
    :param run: runs a job when its turn comes, in a thread of its own; without it jobs stay pending until
        :meth:`finish` ends them.
    :param projects: the folders that stand for repositories, by their URLs. A ``file://`` URL stands for its folder.
    :ivar calls: the method, path and status of every request.
    """

    def __init__(self, run: Run | None = None, projects: Mapping[str, Path] | None = None) -> None:
        self._run = run
        self._folders = dict(projects or {})
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Back to an AWX without any settings."""
        with self.lock:
            self.store = Store()
            managed.fill(self.store)
            self.calls: list[tuple[str, str, int]] = []
            self.projects = Projects(self.store, self._folders)
            showing = Showing(self.store)
            launching = Launching(self.store)
            self._running = Running(self.store, launching, self.projects, self.lock, self._run)
            self.saving = Saving(self.store, self.projects)
            actions = Actions(self.store, showing, self.saving, launching, self._running, self.projects)
            self._api = Api(self.store, showing, self.saving, actions)
            self._showing = showing

    def request(self, method: str, path: str, query: Query, body: Any = None) -> Answer:
        """Answer one request.

        :param path: the whole of it, as in ``/api/v2/jobs/1/``.
        :returns: the status, and what becomes JSON; bytes are sent as they are.
        """
        with self.lock:
            try:
                # Requests and answers are copies, as over HTTP.
                status, answer = copy.deepcopy(self._answer(method, path, query, copy.deepcopy(body)))
            except Refused as refused:
                status, answer = refused.status, refused.body
            self.calls.append((method, path, status))
            return status, answer

    def _answer(self, method: str, path: str, query: Query, body: Any) -> Answer:
        if path == "/api/":
            versions = {"v2": "/api/v2/"}
            return 200, {"description": "AWX REST API", "current_version": "/api/v2/", "available_versions": versions}
        name = path.removeprefix("/api/v2/")
        if name == path:
            raise not_found()
        match name:
            case "ping/":
                return 200, {"ha": False, "version": VERSION, "active_node": "awx-model", "instances": []}
            case "config/":
                return 200, {"version": VERSION, "time_zone": "UTC", "license_info": {"license_type": "open"}}
            case "me/":
                admin = self.store.get("users", 1)
                return 200, {"count": 1, "next": None, "previous": None, "results": [self._showing.show(admin)]}
            case "tokens/" if method == "POST":
                return 201, {"id": 1, "type": "o_auth2_access_token", "token": "model-token", "scope": "write"}
            case "tokens/1/" if method == "DELETE":
                return 204, None
        return self._api.request(method, name, query, body)

    def add_project(self, url: str, folder: Path) -> None:
        """:param folder: what is in the repository at the URL."""
        self._folders[url] = folder
        self.projects.folders[url] = folder

    def objects(self, collection: str, **fields: Any) -> list[dict[str, Any]]:
        """What is stored, and not only shown: unencrypted inputs, surveys, associations.

        :param fields: the values that the objects have.
        """
        with self.lock:
            return [stored(item) for item in self.store.all(collection) if _has(stored(item), fields)]

    def object(self, collection: str, **fields: Any) -> dict[str, Any]:
        """The one object that has these values."""
        found = self.objects(collection, **fields)
        if len(found) != 1:
            raise LookupError(f"{len(found)} of the {collection} have {fields}.")
        return found[0]

    def pending_jobs(self) -> list[PendingJob]:
        """The jobs that wait to be run, each with all that it needs."""
        with self.lock:
            return [self._running.pending(job) for job in self.store.where("jobs", status="pending")]

    def finish(self, job: int, outcome: Outcome) -> None:
        """End a job that is pending, where nothing runs them."""
        with self.lock:
            self._running.finish(self.store.get("unified_jobs", job), outcome)

    def settle(self) -> None:
        """Wait until every job that can run has run."""
        self._running.settle()


def stored(item: Item) -> dict[str, Any]:
    """All of an object, in clear."""
    names = {"configuration": "notification_configuration"}
    kept = ("inputs", "configuration", "survey_spec", "playbooks", "stdout", "ancestor_artifacts")
    private = {names.get(name, name): item.private[name] for name in kept if name in item.private}
    links = {name: list(item.links[name]) for name in item.kind.links}
    return copy.deepcopy({"id": item.id, "type": item.kind.type, **links, **item.fields, **private})


def _has(values: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(values.get(name) == value for name, value in wanted.items())
