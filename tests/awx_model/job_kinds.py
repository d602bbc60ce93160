# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of objects that launches create."""

from __future__ import annotations

from typing import Final

from .kind import LAUNCH_LINKS, NAMED, OPTIONS, PROMPTS, REQUIRED, WAYS, Kind

_LAUNCHED: Final = {
    "unified_job_template": None,
    "launch_type": "manual",
    "status": "pending",
    "execution_environment": None,
    "failed": False,
    "started": None,
    "finished": None,
    "canceled_on": None,
    "elapsed": 0.0,
    "job_args": "",
    "job_cwd": "",
    "job_env": {},
    "job_explanation": "",
    "execution_node": "",
    "controller_node": "",
    "result_traceback": "",
    "event_processing_finished": True,
    "launched_by": {"id": 1, "name": "admin", "type": "user", "url": "/api/v2/users/1/"},
    "work_unit_id": None,
}
_WITHOUT_NODE: Final = ("execution_environment", "execution_node", "controller_node", "event_processing_finished")

JOBS: Final[dict[str, Kind]] = {
    "jobs": Kind(
        "job",
        {},
        {
            **{name: value for name, value in NAMED.items() if value is not REQUIRED},
            "name": "",
            **_LAUNCHED,
            **OPTIONS,
            "organization": None,
            "job_template": None,
            "passwords_needed_to_start": [],
            "allow_simultaneous": False,
            "artifacts": {},
            "scm_revision": "",
            "instance_group": None,
            "diff_mode": False,
            "job_slice_number": 0,
            "job_slice_count": 1,
            "webhook_service": "",
            "webhook_credential": None,
            "webhook_guid": "",
        },
        {
            "unified_job_template": "unified_job_templates",
            "execution_environment": "execution_environments",
            "inventory": "inventories",
            "project": "projects",
            "organization": "organizations",
            "job_template": "job_templates",
        },
        "labels credentials job_events job_host_summaries activity_stream notifications create_schedule cancel"
        " relaunch stdout",
        {"labels": "labels", "credentials": "credentials"},
        capabilities="delete start",
        sequence="jobs",
    ),
    "workflow_jobs": Kind(
        "workflow_job",
        {},
        {
            "name": "",
            "description": "",
            **{name: value for name, value in _LAUNCHED.items() if name not in _WITHOUT_NODE},
            "workflow_job_template": None,
            "extra_vars": "",
            "allow_simultaneous": False,
            "job_template": None,
            "is_sliced_job": False,
            **dict.fromkeys(("inventory", "limit", "scm_branch", "webhook_credential", "skip_tags", "job_tags")),
            "webhook_service": "",
            "webhook_guid": "",
        },
        {
            "unified_job_template": "unified_job_templates",
            "inventory": "inventories",
            "workflow_job_template": "workflow_job_templates",
            "job_template": "job_templates",
        },
        "notifications workflow_nodes labels activity_stream relaunch cancel",
        {"labels": "labels"},
        capabilities="delete start",
        sequence="jobs",
    ),
    "workflow_job_nodes": Kind(
        "workflow_job_node",
        {},
        {
            "extra_data": {},
            **PROMPTS,
            "job": None,
            "workflow_job": None,
            "unified_job_template": None,
            "all_parents_must_converge": False,
            "do_not_run": False,
            "identifier": "",
        },
        {
            "inventory": "inventories",
            "execution_environment": "execution_environments",
            "job": "unified_jobs",
            "workflow_job": "workflow_jobs",
            "unified_job_template": "unified_job_templates",
        },
        "labels credentials instance_groups " + " ".join(WAYS),
        {
            **dict.fromkeys(WAYS, "workflow_job_nodes"),
            **LAUNCH_LINKS,
        },
        cascade=("workflow_job",),
    ),
    "workflow_approvals": Kind(
        "workflow_approval",
        {},
        {
            "name": "",
            "description": "",
            **{name: value for name, value in _LAUNCHED.items() if name not in ("execution_node", "controller_node")},
            "can_approve_or_deny": True,
            "approval_expiration": None,
            "timed_out": False,
        },
        {"unified_job_template": "unified_job_templates", "execution_environment": "execution_environments"},
        "approve deny",
        capabilities="delete start",
        sequence="jobs",
    ),
    "project_updates": Kind(
        "project_update",
        {},
        {"name": "", "description": "", **_LAUNCHED, "project": None, "job_type": "check", "job_tags": ""},
        {"unified_job_template": "unified_job_templates", "project": "projects"},
        "cancel scm_inventory_updates notifications events stdout",
        capabilities="delete start",
        sequence="jobs",
    ),
    "inventory_updates": Kind(
        "inventory_update",
        {},
        {"name": "", "description": "", **_LAUNCHED, "inventory": None, "inventory_source": None, "source": ""},
        {
            "unified_job_template": "unified_job_templates",
            "inventory": "inventories",
            "inventory_source": "inventory_sources",
        },
        "cancel notifications events stdout",
        capabilities="delete start",
        sequence="jobs",
    ),
}
