# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of objects that jobs need: organizations, inventories, credentials, and others."""

from __future__ import annotations

from typing import Final

from .kind import NAMED, NOTIFICATIONS, REQUIRED, Kind, linked

RESOURCES: Final[dict[str, Kind]] = {
    "organizations": Kind(
        "organization",
        {**NAMED, "max_hosts": 0, "default_environment": None},
        {"custom_virtualenv": None},
        {"default_environment": "execution_environments"},
        "execution_environments projects inventories job_templates workflow_job_templates users admins teams"
        f" credentials applications activity_stream notification_templates {NOTIFICATIONS}"
        " notification_templates_approvals object_roles access_list instance_groups galaxy_credentials",
        {
            **linked(f"{NOTIFICATIONS} notification_templates_approvals", "notification_templates"),
            **linked("users admins", "users"),
            "instance_groups": "instance_groups",
            "galaxy_credentials": "credentials",
        },
        ("name",),
        "edit delete",
        named_by=("name",),
    ),
    "execution_environments": Kind(
        "execution_environment",
        {**NAMED, "organization": None, "image": REQUIRED, "credential": None, "pull": ""},
        {"managed": False},
        {"organization": "organizations", "credential": "credentials"},
        "activity_stream unified_job_templates copy",
        unique=("name",),
        capabilities="edit delete copy",
        cascade=("organization",),
        named_by=("name",),
    ),
    "credential_types": Kind(
        "credential_type",
        {**NAMED, "kind": REQUIRED, "inputs": {}, "injectors": {}},
        {"namespace": None, "managed": False},
        related="credentials activity_stream",
        unique=("name", "kind"),
        capabilities="edit delete",
        named_by=("name", "kind"),
    ),
    "credentials": Kind(
        "credential",
        {**NAMED, "organization": None, "credential_type": REQUIRED, "inputs": {}},
        {"managed": False},
        {"organization": "organizations", "credential_type": "credential_types"},
        "activity_stream access_list object_roles owner_users owner_teams copy input_sources",
        unique=("organization", "name", "credential_type"),
        capabilities="edit delete copy use",
        cascade=("organization", "credential_type"),
        named_by=("name", "credential_type", "organization"),
    ),
    "inventories": Kind(
        "inventory",
        {
            **NAMED,
            "organization": REQUIRED,
            "kind": "",
            "host_filter": None,
            "variables": "",
            "prevent_instance_group_fallback": False,
        },
        {"has_active_failures": False, "hosts_with_active_failures": 0, "pending_deletion": False},
        {"organization": "organizations"},
        "hosts variable_data script activity_stream job_templates ad_hoc_commands access_list object_roles"
        " instance_groups copy labels groups root_groups update_inventory_sources inventory_sources tree",
        {"instance_groups": "instance_groups", "labels": "labels"},
        ("name", "organization"),
        "edit delete copy adhoc",
        named_by=("name", "organization"),
    ),
    "hosts": Kind(
        "host",
        {**NAMED, "inventory": REQUIRED, "enabled": True, "instance_id": "", "variables": ""},
        {"has_active_failures": False, "has_inventory_sources": False, "last_job": None}
        | {"last_job_host_summary": None, "ansible_facts_modified": None},
        {"inventory": "inventories"},
        "variable_data groups all_groups job_events job_host_summaries activity_stream inventory_sources"
        " smart_inventories ad_hoc_commands ad_hoc_command_events ansible_facts",
        unique=("name", "inventory"),
        capabilities="edit delete",
        fixed=("inventory",),
        cascade=("inventory",),
        named_by=("name", "inventory"),
    ),
    "groups": Kind(
        "group",
        {**NAMED, "inventory": REQUIRED, "variables": ""},
        {},
        {"inventory": "inventories"},
        "variable_data hosts potential_children children all_hosts job_events job_host_summaries activity_stream"
        " inventory_sources ad_hoc_commands",
        {"hosts": "hosts", "children": "groups"},
        ("name", "inventory"),
        "copy edit delete",
        ("inventory",),
        ("inventory",),
        ("name", "inventory"),
    ),
    "notification_templates": Kind(
        "notification_template",
        {
            **NAMED,
            "organization": REQUIRED,
            "notification_type": REQUIRED,
            "notification_configuration": {},
            "messages": None,
        },
        {},
        {"organization": "organizations"},
        "test notifications copy",
        unique=("organization", "name"),
        capabilities="edit delete copy",
        cascade=("organization",),
        named_by=("name", "organization"),
    ),
    "labels": Kind(
        "label",
        {"name": REQUIRED, "organization": REQUIRED},
        {},
        {"organization": "organizations"},
        unique=("name", "organization"),
        cascade=("organization",),
        named_by=("name", "organization"),
    ),
    "teams": Kind(
        "team",
        {**NAMED, "organization": REQUIRED},
        {},
        {"organization": "organizations"},
        "projects users credentials roles object_roles activity_stream access_list",
        {"users": "users", "roles": "roles"},
        ("organization", "name"),
        "edit delete",
        named_by=("name", "organization"),
    ),
    "users": Kind(
        "user",
        {
            "username": REQUIRED,
            "first_name": "",
            "last_name": "",
            "email": "",
            "is_superuser": False,
            "is_system_auditor": False,
            "password": "",
        },
        {"ldap_dn": "", "last_login": None, "external_account": None},
        {},
        "teams organizations admin_of_organizations projects credentials roles activity_stream access_list tokens"
        " authorized_tokens personal_tokens",
        {"roles": "roles"},
        ("username",),
        "edit delete",
        named_by=("username",),
    ),
    "instance_groups": Kind(
        "instance_group",
        {"name": REQUIRED, "policy_instance_percentage": 0},
        {"is_container_group": False},
        unique=("name",),
    ),
    "roles": Kind(
        "role",
        {},
        {"name": "", "description": ""},
        related="users teams",
        links={"users": "users", "teams": "teams"},
    ),
}
