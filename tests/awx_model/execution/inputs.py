# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job is given, and what it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Status = Literal["successful", "failed", "error", "canceled"]


class NotStarted(Exception):
    """AWX would have ended the job with the status "error" before anything ran."""


@dataclass(frozen=True)
class CredentialInputs:
    """A credential with its type, and the values in clear."""

    name: str
    type_inputs: Mapping[str, Any] = field(default_factory=dict)
    """The type's ``inputs``: its ``fields``."""
    injectors: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str | bool] = field(default_factory=dict)
    managed_kind: str = ""
    """The namespace of a type that AWX brings along, "aws" or "vault"; empty for a type that a user created."""


@dataclass(frozen=True)
class JobInputs:
    job_id: int
    project: Path
    """The folder with the playbooks. It is copied."""
    playbook: str
    job_type: Literal["run", "check"] = "run"
    inventory: Mapping[str, Any] = field(default_factory=dict)
    """``variables``; ``hosts``: the variables of each, by its name, without the hosts that are disabled; ``groups``:
    ``variables``, ``hosts`` and ``children`` of each, by its name; and ``id``.
    """
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    """All that the job has: the template's, the launcher's and the answers of the survey."""
    template_extra_vars: Mapping[str, Any] = field(default_factory=dict)
    """The extra variables of the job template alone. What is the same in *extra_vars* may have Jinja in it."""
    credentials: tuple[CredentialInputs, ...] = ()
    limit: str = ""
    forks: int = 0
    verbosity: int = 0
    diff_mode: bool = False
    job_tags: str = ""
    skip_tags: str = ""
    slice_number: int = 0
    slice_count: int = 1
    meta: Mapping[str, Any] = field(default_factory=dict)
    """More of what the variables ``awx_...`` and ``tower_...`` say: ``user_name``, ``job_template_id``,
    ``workflow_job_id`` ... by their names without these prefixes.
    """
    environment: Mapping[str, str] = field(default_factory=dict)
    """Of the execution environment's image, see :func:`image`. It has the ``PATH`` of the tests unless it is given."""


@dataclass(frozen=True)
class JobResult:
    status: Status
    rc: int | None
    """Of ansible-playbook; none where it did not come to that."""
    artifacts: dict[str, Any]
    """What the playbook published by ``set_stats``. AWX keeps it with the job, and gives it to later nodes."""
    events: list[dict[str, Any]]
    """As AWX puts them into its database, its own additions apart. There are none on disk."""
    stdout: str
    """From the events, without colors: there is no file of it."""
    private_data_dir: Path | None
    """What is kept of it; none where the job was not started."""
    explanation: str = ""
    """Why the status is "error"."""
