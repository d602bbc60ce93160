# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions on an object: launches, approvals, updates, output."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from .describing import Describing
from .errors import Refused, not_allowed
from .filters import Query
from .kinds import LAUNCHES
from .launching import Launching
from .projects import Projects, playbooks_in
from .running import Outcome, Running
from .saving import Saving
from .showing import Showing
from .store import Item, Store, now
from .variables import parsed

Answer = tuple[int, Any]
Action = Callable[[str, Query, dict[str, Any]], Answer]


class Actions:
    def __init__(
        self, store: Store, showing: Showing, saving: Saving, launching: Launching, running: Running, projects: Projects
    ) -> None:
        self._store = store
        self._showing = showing
        self._saving = saving
        self._launching = launching
        self._describing = Describing(store)
        self._running = running
        self._projects = projects
        self._actions: dict[tuple[str, str], Callable[[str, Item, Query, dict[str, Any]], Answer]] = {
            ("job_templates", "launch"): self._launch,
            ("workflow_job_templates", "launch"): self._launch,
            ("workflow_job_template_nodes", "create_approval_template"): self._create_approval,
            **{("workflow_approvals", name): partial(self._decide, name) for name in ("approve", "deny")},
            ("projects", "update"): self._update_project,
            ("projects", "playbooks"): self._playbooks,
            ("inventory_sources", "update"): self._update_source,
            ("inventories", "script"): self._script,
            **{(name, "variable_data"): self._variables for name in ("inventories", "hosts", "groups")},
            **{(name, "stdout"): self._stdout for name in ("jobs", "project_updates", "inventory_updates")},
            **{(name, "cancel"): self._cancel for name in ("jobs", "workflow_jobs", "project_updates")},
        }

    def find(self, item: Item, name: str) -> Action | None:
        action = self._actions.get((item.collection, name))
        if action is None:
            return None
        return lambda method, query, given: action(method, item, query, given)

    def _launch(self, method: str, item: Item, _query: Query, given: dict[str, Any]) -> Answer:
        if method == "GET":
            return 200, self._describing.describe(item)
        if method != "POST":
            raise not_allowed(method)
        job, ignored = self._launching.launch(item, given)
        self._running.go_on()
        return 201, {job.kind.type: job.id, "ignored_fields": ignored, **self._showing.show(job)}

    def _create_approval(self, method: str, node: Item, _query: Query, given: dict[str, Any]) -> Answer:
        if method == "GET":
            return 200, {}
        if method != "POST":
            raise not_allowed(method)
        template = self._saving.create("workflow_approval_templates", given)
        node["unified_job_template"] = template.id
        node.modified = now()
        return 201, self._showing.show(template, detail=True, by_id=True)

    def _decide(self, name: str, method: str, approval: Item, _query: Query, _given: dict[str, Any]) -> Answer:
        if method == "GET":
            return 200, {}
        if method != "POST":
            raise not_allowed(method)
        if approval["status"] != "pending":
            raise Refused(400, {"error": "This workflow step has already been approved or denied."})
        approval.fields.update(can_approve_or_deny=False, approval_expiration=None)
        self._running.finish(approval, Outcome("successful" if name == "approve" else "failed"))
        return 204, None

    def _update_project(self, method: str, project: Item, _query: Query, _given: dict[str, Any]) -> Answer:
        if method == "GET":
            return 200, {"can_update": bool(project["scm_type"])}
        job = self._projects.update(project)
        if job is None:
            raise not_allowed("POST")
        return 202, {"project_update": job.id, **self._showing.show(job)}

    def _playbooks(self, method: str, project: Item, _query: Query, _given: dict[str, Any]) -> Answer:
        if method != "GET":
            raise not_allowed(method)
        folder = self._projects.folder(project)
        return 200, project.private.get("playbooks", playbooks_in(folder) if folder else [])

    def _update_source(self, method: str, source: Item, _query: Query, _given: dict[str, Any]) -> Answer:
        """Complete the update without fetching anything. The inventory does not change."""
        if method == "GET":
            return 200, {"can_update": True}
        fields = {"name": source["name"], "unified_job_template": source.id, "inventory": source["inventory"]}
        job = self._store.add(LAUNCHES[source.collection], {**fields, "inventory_source": source.id})
        source.private["last_job"] = job.id
        self._running.finish(job, Outcome("successful"))
        return 202, {"inventory_update": job.id, **self._showing.show(job)}

    def _script(self, _method: str, inventory: Item, query: Query, _given: dict[str, Any]) -> Answer:
        """The inventory in the format of ansible-inventory."""
        hosts = [one for one in self._store.where("hosts", inventory=inventory.id) if one["enabled"]]
        names = sorted(str(one["name"]) for one in hosts)
        script: dict[str, Any] = {"all": {"hosts": names, "vars": parsed("variables", inventory["variables"])}}
        for group in self._store.where("groups", inventory=inventory.id):
            members = [str(one["name"]) for one in self._store.linked(group, "hosts") if one["enabled"]]
            children = [str(one["name"]) for one in self._store.linked(group, "children")]
            script[group["name"]] = {
                "hosts": members,
                "children": children,
                "vars": parsed("variables", group["variables"]),
            }
        if dict(query).get("hostvars"):
            variables = {str(one["name"]): parsed("variables", one["variables"]) for one in hosts}
            script["_meta"] = {"hostvars": variables}
        return 200, script

    def _variables(self, method: str, item: Item, _query: Query, given: dict[str, Any]) -> Answer:
        if method in ("PUT", "PATCH"):
            item["variables"] = json.dumps(given)
        return 200, parsed("variables", item["variables"])

    def _stdout(self, _method: str, job: Item, query: Query, _given: dict[str, Any]) -> Answer:
        text = job.private.get("stdout", "")
        kind = dict(query).get("format", "json")
        if kind.startswith(("txt", "ansi")):
            return 200, text.encode()
        lines = text.count("\n") + bool(text)
        return 200, {"range": {"start": 0, "end": lines, "absolute_end": lines}, "content": text}

    def _cancel(self, method: str, job: Item, _query: Query, _given: dict[str, Any]) -> Answer:
        can = job["status"] in ("new", "pending", "waiting", "running")
        if method == "GET":
            return 200, {"can_cancel": can}
        if not can:
            raise not_allowed(method)
        # Only workflows have nodes.
        for node in self._store.where("workflow_job_nodes", workflow_job=job.id):
            child = self._store.find("unified_jobs", node["job"])
            node["do_not_run"] = node["do_not_run"] or child is None
            if child and child["status"] in ("pending", "running"):
                child.fields.update(status="canceled", failed=True, finished=now(), canceled_on=now())
        job["canceled_on"] = now()
        self._running.finish(job, Outcome("canceled"))
        return 202, None
