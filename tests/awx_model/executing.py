# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run jobs of the model with ansible-runner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .execution import CredentialInputs, JobInputs, JobResult, run_job
from .launch_credentials import ASKED, asked_password
from .running import Outcome, PendingJob, UsedCredential
from .variables import parsed


class Executing:
    """A callable that runs jobs: ``Model(Executing(folder, image(emulator.url)))``.

    :param folder: contains the private data directory of each job, see :mod:`awx_model.execution`.
    :param environment: the environment of every execution environment's image.
    :param run: runs one job. Tests replace it to examine a job while it runs.
    :ivar results: the results of the completed jobs, by job ID.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        run: Callable[[JobInputs, Path], JobResult] = run_job,
    ) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._run = run
        self.results: dict[int, JobResult] = {}

    def __call__(self, pending: PendingJob) -> Outcome:
        result = self._run(self.inputs(pending), self._folder)
        self.results[pending.job.id] = result
        return Outcome(result.status, result.artifacts, result.stdout, result.explanation)

    def inputs(self, pending: PendingJob) -> JobInputs:
        """:raises LookupError: the project has no folder."""
        job = pending.job
        if pending.project_folder is None:
            raise LookupError(f"The folder of the project of job {job.id} is unknown.")
        kept = ("playbook", "job_type", "limit", "forks", "verbosity", "diff_mode", "job_tags", "skip_tags")
        return JobInputs(
            job_id=job.id,
            project=pending.project_folder,
            **{name: job[name] for name in kept},
            inventory=_inventory(pending),
            extra_vars=pending.extra_vars,
            template_extra_vars=parsed("extra_vars", pending.template["extra_vars"]) if pending.template else {},
            credentials=tuple(_credential(one, pending.passwords) for one in pending.credentials),
            slice_number=job["job_slice_number"],
            slice_count=job["job_slice_count"],
            meta=_meta(pending),
            environment=self._environment,
        )


def _inventory(pending: PendingJob) -> dict[str, Any]:
    if pending.inventory is None:
        return {}
    names = {host.id: host["name"] for host in pending.hosts}
    groups = {group.id: group["name"] for group in pending.groups}
    return {
        "id": pending.inventory.id,
        "variables": parsed("variables", pending.inventory["variables"]),
        "hosts": {host["name"]: parsed("variables", host["variables"]) for host in pending.hosts},
        "groups": {
            group["name"]: {
                "variables": parsed("variables", group["variables"]),
                "hosts": [names[id_] for id_ in group.links["hosts"] if id_ in names],
                "children": [groups[id_] for id_ in group.links["children"] if id_ in groups],
            }
            for group in pending.groups
        },
    }


def _credential(used: UsedCredential, passwords: Mapping[str, str]) -> CredentialInputs:
    inputs = dict(used.inputs)
    for field in ASKED:
        if inputs.get(field) == "ASK":
            inputs[field] = passwords[asked_password(field, used.inputs)]
    return CredentialInputs(
        name=used.credential["name"],
        type_inputs=used.type["inputs"],
        injectors=used.type["injectors"],
        inputs=inputs,
        managed_kind=used.type["namespace"] or "" if used.type["managed"] else "",
    )


def _meta(pending: PendingJob) -> dict[str, Any]:
    """The content of the job's ``awx_...`` variables."""
    meta: dict[str, Any] = {
        "job_launch_type": pending.job["launch_type"],
        "user_id": 1,
        "user_name": "admin",
        "project_revision": pending.job["scm_revision"],
    }
    for name, item in (("job_template", pending.template), ("inventory", pending.inventory)):
        if item:
            meta |= {f"{name}_id": item.id, f"{name}_name": item["name"]}
    if pending.workflow:
        meta |= {"workflow_job_id": pending.workflow.id, "workflow_job_name": pending.workflow["name"]}
    return meta
