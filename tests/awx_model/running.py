# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs run, and workflows go on: a callable runs the jobs, this walks the nodes as AWX does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from .kind import WAYS
from .launching import Launching
from .projects import Projects
from .store import Item, Store, now
from .variables import parsed

_DONE: Final = ("successful", "failed", "error", "canceled")


@dataclass(frozen=True)
class UsedCredential:
    """A credential of a job: its unencrypted inputs, and its type with the injectors."""

    credential: Item
    type: Item
    inputs: dict[str, Any]


@dataclass(frozen=True)
class PendingJob:
    """A job that is to run, and all that it needs.

    :ivar extra_vars: in clear.
    :ivar project_folder: where the project's files are.
    :ivar hosts: the enabled hosts of its inventory, by name, whichever slice it is.
    :ivar workflow: the running workflow that it is a part of.
    :ivar passwords: what was given at the launch for credentials that say ASK.
    """

    job: Item
    template: Item | None
    project_folder: Path | None
    inventory: Item | None
    hosts: list[Item]
    groups: list[Item]
    credentials: list[UsedCredential]
    extra_vars: dict[str, Any]
    passwords: dict[str, str]
    workflow: Item | None


@dataclass(frozen=True)
class Outcome:
    """:ivar status: successful, failed, error or canceled."""

    status: str
    artifacts: dict[str, Any] = field(default_factory=dict)
    stdout: str = ""
    explanation: str = ""


Run = Callable[[PendingJob], Outcome]


class Running:
    """
    :param run: runs a job; None: jobs stay pending until a test ends them.
    :param lock: held whenever objects are read or written, and not while a job runs.
    """

    def __init__(
        self, store: Store, launching: Launching, projects: Projects, lock: threading.RLock, run: Run | None
    ) -> None:
        self._store = store
        self._launching = launching
        self._projects = projects
        self._run = run
        self._changed = threading.Condition(lock)
        self._worker: threading.Thread | None = None
        self._busy = False

    def go_on(self) -> None:
        """After a launch, an approval or the end of a job: start what is due. The lock is held."""
        while any(map(self._step, self._unfinished())):
            pass
        if self._run and self._worker is None:
            self._worker = threading.Thread(target=self._work, daemon=True)
            self._worker.start()
        self._changed.notify_all()

    def _unfinished(self) -> list[Item]:
        return [one for one in self._store.all("workflow_jobs") if one["status"] not in _DONE]

    def settle(self) -> None:
        """Wait until no job can run any more: all are done, or wait for an approval."""
        with self._changed:
            self._changed.wait_for(lambda: not self._run or not (self._busy or self._pending()))

    def finish(self, job: Item, outcome: Outcome) -> None:
        """End a job. The lock is held."""
        self._close(job, outcome)
        self.go_on()

    def _close(self, job: Item, outcome: Outcome) -> None:
        started = job["started"] or job.created
        job.fields.update(status=outcome.status, failed=outcome.status != "successful", finished=now(), started=started)
        job["job_explanation"] = outcome.explanation
        job["elapsed"] = _seconds(started, job["finished"])
        if "artifacts" in job.fields:
            job["artifacts"] = outcome.artifacts
        job.private["stdout"] = outcome.stdout
        template = self._store.target(job, "unified_job_template")
        if template and "last_job_run" in template.fields:
            template.fields.update(last_job_run=job["finished"], last_job_failed=job["failed"], status=job["status"])

    def _pending(self) -> Item | None:
        return next((job for job in self._store.all("jobs") if job["status"] == "pending"), None)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._pending)
                job = self._pending()
                assert job is not None
                self._busy = True
                job.fields.update(status="running", started=now())
                pending = self.pending(job)
            try:
                assert self._run is not None
                outcome = self._run(pending)
            except Exception as error:
                outcome = Outcome("error", explanation=f"{type(error).__name__}: {error}")
            with self._changed:
                self._busy = False
                # A job that was canceled in the meantime stays canceled.
                if job["status"] == "running":
                    self.finish(job, outcome)
                self._changed.notify_all()

    def pending(self, job: Item) -> PendingJob:
        """A job with all that it needs. The lock is held."""
        store = self._store
        hosts = [one for one in store.where("hosts", inventory=job["inventory"]) if one["enabled"]]
        hosts.sort(key=lambda one: str(one["name"]))
        credentials = store.linked(job, "credentials")
        project = store.target(job, "project")
        nodes = store.where("workflow_job_nodes", job=job.id)
        return PendingJob(
            job=job,
            template=store.target(job, "job_template"),
            project_folder=self._projects.folder(project) if project else None,
            inventory=store.target(job, "inventory"),
            hosts=hosts,
            groups=store.where("groups", inventory=job["inventory"]),
            credentials=[
                UsedCredential(one, store.get("credential_types", one["credential_type"]), dict(one.private["inputs"]))
                for one in credentials
            ],
            extra_vars=parsed("extra_vars", job["extra_vars"]),
            passwords=dict(job.private.get("launch_passwords", {})),
            workflow=store.target(nodes[0], "workflow_job") if nodes else None,
        )

    def _step(self, workflow: Item) -> bool:
        """:returns: whether anything has changed."""
        nodes = self._store.where("workflow_job_nodes", workflow_job=workflow.id)
        if workflow["status"] == "pending":
            workflow.fields.update(status="running", started=now())
        self._leave_out(nodes)
        due = self._due(nodes)
        for node in due:
            self._launching.create_for_node(node, _parents(nodes, node))
        if not due and all(self._decided(node) for node in nodes):
            self._end(workflow, nodes)
            return True
        return bool(due)

    def _job(self, node: Item) -> Item | None:
        return self._store.find("unified_jobs", node["job"])

    def _decided(self, node: Item) -> bool:
        job = self._job(node)
        return job["status"] in _DONE if job else node["do_not_run"] or node["unified_job_template"] is None

    def _ways(self, node: Item) -> tuple[str, ...]:
        """Which of its links lead on from a node that is decided."""
        job = self._job(node)
        if node["do_not_run"]:
            return ()
        return ("success_nodes" if job and job["status"] == "successful" else "failure_nodes", "always_nodes")

    def _leads_to(self, parent: Item, node: Item) -> bool:
        return any(node.id in parent.links[way] for way in self._ways(parent))

    def _allows(self, parent: Item, node: Item) -> bool:
        """Of each parent of a node that waits for all. One that ended with an error does not hinder it."""
        job = self._job(parent)
        undone = job is None or job["status"] in ("error", "canceled")
        return self._leads_to(parent, node) or (undone and not parent["do_not_run"])

    def _leave_out(self, nodes: list[Item]) -> None:
        """Mark the nodes that no way leads to any more, and then those behind them."""
        changed = True
        while changed:
            changed = False
            for node in nodes:
                parents = _parents(nodes, node)
                if not parents or node["do_not_run"] or node["job"] or not all(map(self._decided, parents)):
                    continue
                if node["all_parents_must_converge"]:
                    reached = all(self._allows(parent, node) for parent in parents)
                else:
                    reached = any(self._leads_to(parent, node) for parent in parents)
                if not reached:
                    node["do_not_run"] = changed = True

    def _due(self, nodes: list[Item]) -> list[Item]:
        return [
            node
            for node in nodes
            if not node["job"]
            and not node["do_not_run"]
            and node["unified_job_template"] is not None
            and all(map(self._decided, _parents(nodes, node)))
        ]

    def _end(self, workflow: Item, nodes: list[Item]) -> None:
        """A failure counts where no way led on from it."""
        failed = [
            node
            for node in nodes
            if not node["do_not_run"]
            and "failure_nodes" in self._ways(node)
            and not (node.links["failure_nodes"] or node.links["always_nodes"])
        ]
        explanation = "No error handling paths found, marking workflow as failed"
        outcome = Outcome("failed", explanation=explanation) if failed else Outcome("successful")
        self._close(workflow, outcome)


def _parents(nodes: list[Item], node: Item) -> list[Item]:
    return [one for one in nodes if any(node.id in one.links[way] for way in WAYS)]


def _seconds(start: str, end: str) -> float:
    moments = [datetime.fromisoformat(text) for text in (start, end)]
    return (moments[1] - moments[0]).total_seconds()
