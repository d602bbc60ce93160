# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles that AWX makes with each object. They are only stored and displayed; no request is refused."""

from __future__ import annotations

from typing import Final


def _roles(kind: str, **own: str) -> dict[str, tuple[str, str]]:
    """:param own: the roles beside admin and read, as in ``"Use: Can use it"``."""
    roles = {"admin_role": ("Admin", f"Can manage all aspects of the {kind}")}
    for name, text in own.items():
        title, _separator, description = text.partition(": ")
        roles[f"{name}_role"] = (title, description)
    return {**roles, "read_role": ("Read", f"May view settings for the {kind}")}


_APPROVE: Final = ("Approve", "Can approve or deny a workflow approval node")
_MANAGED: Final = {
    "project_admin": ("Project Admin", "projects"),
    "inventory_admin": ("Inventory Admin", "inventories"),
    "credential_admin": ("Credential Admin", "credentials"),
    "workflow_admin": ("Workflow Admin", "workflows"),
    "notification_admin": ("Notification Admin", "notifications"),
    "job_template_admin": ("Job Template Admin", "job templates"),
    "execution_environment_admin": ("Execution Environment Admin", "execution environments"),
}

ROLES: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "organization": {
        **_roles(
            "organization",
            execute="Execute: May run any executable resources in the organization",
            **{name: f"{label}: Can manage all {what} of the organization" for name, (label, what) in _MANAGED.items()},
            auditor="Auditor: Can view all aspects of the organization",
            member="Member: User is a member of the organization",
        ),
        "approval_role": _APPROVE,
    },
    "inventory": _roles(
        "inventory",
        update="Update: May update the inventory",
        adhoc="Ad Hoc: May run ad hoc commands on the inventory",
        use="Use: Can use the inventory in a job template",
    ),
    "project": _roles(
        "project", use="Use: Can use the project in a job template", update="Update: May update the project"
    ),
    "credential": _roles("credential", use="Use: Can use the credential in a job template"),
    "job_template": _roles("job template", execute="Execute: May run the job template"),
    "workflow_job_template": {
        **_roles("workflow job template", execute="Execute: May run the workflow job template"),
        "approval_role": _APPROVE,
    },
    "team": _roles("team", member="Member: User is a member of the team"),
}

#: Roles that only users can have, and no teams.
USER_ONLY: Final = {("organization", "admin_role"), ("organization", "member_role")}
