# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that were launched by the model's API, run as AWX would run them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..running import Outcome, PendingJob, UsedCredential
from ..store import Item
from ..variables import parsed
from .inputs import CredentialInputs, JobInputs, JobResult
from .job import run_job


class Executor:
    """
    :param folder: of the private data directories.
    :param environment: of the execution environment's image.
    :ivar results: of each job, by its ID.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self.results: dict[int, JobResult] = {}

    def __call__(self, pending: PendingJob, folder_of: Callable[[Item], Path | None]) -> Outcome:
        inputs = self._inputs(pending, folder_of)
        result = run_job(inputs, self._folder)
        self.results[inputs.job_id] = result
        return Outcome(result.status, result.artifacts, result.stdout, result.explanation)

    def _inputs(self, pending: PendingJob, folder_of: Callable[[Item], Path | None]) -> JobInputs:
        job, template, inventory = pending.job, pending.template, pending.inventory
        project = folder_of(pending.project) if pending.project else None
        assert project is not None
        assert inventory is not None
        return JobInputs(
            job_id=job.id,
            project=project,
            playbook=str(job["playbook"]),
            job_type=job["job_type"],
            inventory={
                "id": inventory.id,
                "variables": parsed("variables", inventory["variables"]),
                "hosts": {str(host["name"]): parsed("variables", host["variables"]) for host in pending.hosts},
                "groups": {},
            },
            extra_vars=pending.extra_vars,
            template_extra_vars=parsed("extra_vars", template["extra_vars"]) if template else {},
            credentials=tuple(_credential(one, pending.passwords) for one in pending.credentials),
            limit=job["limit"] or "",
            forks=job["forks"] or 0,
            verbosity=job["verbosity"] or 0,
            diff_mode=bool(job["diff_mode"]),
            meta={"user_name": "admin", "job_template_name": job["name"]},
            environment=self._environment,
        )


def _credential(used: UsedCredential, passwords: Mapping[str, str]) -> CredentialInputs:
    """What is ASK in it was given at the launch."""
    inputs: dict[str, Any] = {
        name: passwords.get(name, value) if value == "ASK" else value for name, value in used.inputs.items()
    }
    return CredentialInputs(
        name=str(used.credential["name"]),
        kind=str(used.type["kind"]),
        type_inputs=used.type["inputs"],
        injectors=used.type["injectors"],
        inputs=inputs,
        managed_kind=str(used.type["namespace"] or "") if used.type["managed"] else "",
    )
