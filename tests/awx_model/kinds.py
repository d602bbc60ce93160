# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of AWX's API: their kinds, fields, references, and representation."""

from __future__ import annotations

from typing import Final

from .job_kinds import JOBS
from .kind import REQUIRED, Kind
from .resource_kinds import RESOURCES
from .template_kinds import TEMPLATES

__all__ = ("KINDS", "LAUNCHES", "REQUIRED", "UNIONS", "Kind")

KINDS: Final[dict[str, Kind]] = {**RESOURCES, **TEMPLATES, **JOBS}

#: Groups of kinds: launchable templates, and the jobs that they create.
UNIONS: Final[dict[str, tuple[str, ...]]] = {
    "unified_job_templates": (
        "projects",
        "inventory_sources",
        "job_templates",
        "workflow_job_templates",
        "workflow_approval_templates",
    ),
    "unified_jobs": ("jobs", "workflow_jobs", "workflow_approvals", "project_updates", "inventory_updates"),
}

#: The kind of job that a launch of each template creates, as AWX names it.
LAUNCHES: Final = {
    "projects": "project_updates",
    "inventory_sources": "inventory_updates",
    "job_templates": "jobs",
    "workflow_job_templates": "workflow_jobs",
    "workflow_approval_templates": "workflow_approvals",
}
