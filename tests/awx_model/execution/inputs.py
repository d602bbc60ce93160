# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inputs and the result of a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Status = Literal["successful", "failed", "error", "canceled"]


class NotStarted(Exception):
    """AWX ends the job with the status "error" before it runs anything."""


@dataclass(frozen=True)
class CredentialInputs:
    """A credential with its type and unencrypted values."""

    name: str
    type_inputs: Mapping[str, Any] = field(default_factory=dict)
    """The type's ``inputs``: its ``fields``."""
    injectors: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str | bool] = field(default_factory=dict)
    managed_kind: str = ""
    """The namespace of a type that AWX manages, "aws" or "vault"; empty for a custom type."""


@dataclass(frozen=True)
class JobInputs:
    job_id: int
    project: Path
    """The folder with the playbooks. The job uses a copy."""
    playbook: str
    job_type: Literal["run", "check"] = "run"
    inventory: Mapping[str, Any] = field(default_factory=dict)
    """``variables``; ``hosts``: the variables of each enabled host, by name; ``groups``: ``variables``, ``hosts``, and
    ``children`` of each group, by name; and ``id``.
    """
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    """All variables of the job: from the template, the launcher, and the survey."""
    template_extra_vars: Mapping[str, Any] = field(default_factory=dict)
    """The variables of the job template. Variables with the same value in *extra_vars* may contain Jinja."""
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
    """Additional content of the variables ``awx_...`` and ``tower_...``: ``user_name``, ``job_template_id``,
    ``workflow_job_id`` ..., without these prefixes.
    """
    environment: Mapping[str, str] = field(default_factory=dict)
    """The environment of the execution environment's image, see :func:`image`. The default ``PATH`` is the
    tests' one.
    """


@dataclass(frozen=True)
class JobResult:
    status: Status
    rc: int | None
    """The exit code of ansible-playbook; None if it did not run."""
    artifacts: dict[str, Any]
    """The variables that the playbook published with ``set_stats``. AWX stores them and passes them to later nodes."""
    events: list[dict[str, Any]]
    """The events as AWX stores them in its database, without AWX's additions. They are not written to disk."""
    stdout: str
    """The output from the events, without colors. It is not written to a file."""
    private_data_dir: Path | None
    """The folder that is kept; None if the job was not started."""
    explanation: str = ""
    """The reason for the status "error"."""
