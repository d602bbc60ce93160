# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX's API keeps: the kinds of objects, their fields, what refers to what, and how each is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .roles import ROLES

#: A field that a new object must be given.
REQUIRED: Final = object()

_NAMED: Final = {"name": REQUIRED, "description": ""}
_NOTIFICATIONS: Final = "notification_templates_started notification_templates_success notification_templates_error"
_TEMPLATE: Final = {"last_job_run": None, "last_job_failed": False, "next_job_run": None, "status": "never updated"}
_PROMPTS: Final = {
    **dict.fromkeys(("inventory", "scm_branch", "job_type", "job_tags", "skip_tags", "limit", "diff_mode")),
    **dict.fromkeys(("verbosity", "execution_environment", "forks", "job_slice_count", "timeout")),
}
_ASKED: Final = [
    "scm_branch",
    "diff_mode",
    "variables",
    "limit",
    "tags",
    "skip_tags",
    "job_type",
    "verbosity",
    "inventory",
    "credential",
    "execution_environment",
    "labels",
    "forks",
    "job_slice_count",
    "timeout",
    "instance_groups",
]


@dataclass(frozen=True)
class Kind:
    """:ivar type: as objects call themselves, in the singular.
    :ivar fields: what can be written, with the defaults.
    :ivar shown: what can only be read, with the values of a new object.
    :ivar references: fields that hold the id of another object, and its kind.
    :ivar related: what stands below the object's own URL and is linked to; ``name=path`` where the two differ.
    :ivar links: associations, and the kind of what is associated.
    :ivar unique: the fields that no two objects have alike.
    :ivar fixed: fields that never change after the creation.
    :ivar cascade: references whose target takes this object with it when it is deleted; others become null.
    :ivar named_by: how a named URL is made, as fields and references.
    """

    type: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    related: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[str, ...] = ()
    capabilities: str = ""
    fixed: tuple[str, ...] = ()
    cascade: tuple[str, ...] = ()
    named_by: tuple[str, ...] = ()
    sequence: str = ""
    """Unified templates are counted together, and so are jobs. Empty: by themselves."""

    @property
    def roles(self) -> Mapping[str, tuple[str, str]]:
        return ROLES.get(self.type, {})


def _linked(names: str, kind: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), kind)


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
_OPTIONS: Final = {
    "job_type": "run",
    "inventory": None,
    "project": None,
    "playbook": "",
    "scm_branch": "",
    "forks": 0,
    "limit": "",
    "verbosity": 0,
    "extra_vars": "",
    "job_tags": "",
    "force_handlers": False,
    "skip_tags": "",
    "start_at_task": "",
    "timeout": 0,
    "use_fact_cache": False,
}
_WITHOUT_NODE: Final = ("execution_environment", "execution_node", "controller_node", "event_processing_finished")

KINDS: Final[dict[str, Kind]] = {
    "organizations": Kind(
        "organization",
        {**_NAMED, "max_hosts": 0, "default_environment": None},
        {"custom_virtualenv": None},
        {"default_environment": "execution_environments"},
        "execution_environments projects inventories job_templates workflow_job_templates users admins teams credentials"
        f" applications activity_stream notification_templates {_NOTIFICATIONS} notification_templates_approvals"
        " object_roles access_list instance_groups galaxy_credentials",
        {
            **_linked(f"{_NOTIFICATIONS} notification_templates_approvals", "notification_templates"),
            **_linked("users admins", "users"),
            "instance_groups": "instance_groups",
            "galaxy_credentials": "credentials",
        },
        ("name",),
        "edit delete",
        named_by=("name",),
    ),
    "execution_environments": Kind(
        "execution_environment",
        {**_NAMED, "organization": None, "image": REQUIRED, "credential": None, "pull": ""},
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
        {**_NAMED, "kind": REQUIRED, "inputs": {}, "injectors": {}},
        {"namespace": None, "managed": False},
        related="credentials activity_stream",
        unique=("name", "kind"),
        capabilities="edit delete",
        named_by=("name", "kind"),
    ),
    "credentials": Kind(
        "credential",
        {**_NAMED, "organization": None, "credential_type": REQUIRED, "inputs": {}},
        {"managed": False},
        {"organization": "organizations", "credential_type": "credential_types"},
        "activity_stream access_list object_roles owner_users owner_teams copy input_sources",
        unique=("organization", "name", "credential_type"),
        capabilities="edit delete copy use",
        cascade=("organization", "credential_type"),
        named_by=("name", "credential_type", "organization"),
    ),
    "projects": Kind(
        "project",
        {
            **_NAMED,
            "local_path": "",
            "scm_type": "",
            "scm_url": "",
            "scm_branch": "",
            "scm_refspec": "",
            "scm_clean": False,
            "scm_track_submodules": False,
            "scm_delete_on_update": False,
            "credential": None,
            "timeout": 0,
            "organization": None,
            "scm_update_on_launch": False,
            "scm_update_cache_timeout": 0,
            "allow_override": False,
            "default_environment": None,
            "signature_validation_credential": None,
        },
        {
            **_TEMPLATE,
            "scm_revision": "",
            "custom_virtualenv": None,
            "last_update_failed": False,
            "last_updated": None,
        },
        {
            "organization": "organizations",
            "credential": "credentials",
            "default_environment": "execution_environments",
            "signature_validation_credential": "credentials",
        },
        "teams playbooks inventory_files=inventories update project_updates scm_inventory_sources schedules"
        f" activity_stream {_NOTIFICATIONS} access_list object_roles copy",
        _linked(_NOTIFICATIONS, "notification_templates"),
        ("name", "organization"),
        "edit delete start schedule copy",
        named_by=("name", "organization"),
        sequence="templates",
    ),
    "inventories": Kind(
        "inventory",
        {
            **_NAMED,
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
        {**_NAMED, "inventory": REQUIRED, "enabled": True, "instance_id": "", "variables": ""},
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
        {**_NAMED, "inventory": REQUIRED, "variables": ""},
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
    "inventory_sources": Kind(
        "inventory_source",
        {
            **_NAMED,
            "source": REQUIRED,
            "source_path": "",
            "source_vars": "",
            "scm_branch": "",
            "credential": None,
            "enabled_var": "",
            "enabled_value": "",
            "host_filter": "",
            "overwrite": False,
            "overwrite_vars": False,
            "timeout": 0,
            "verbosity": 1,
            "limit": "",
            "execution_environment": None,
            "inventory": REQUIRED,
            "update_on_launch": False,
            "update_cache_timeout": 0,
            "source_project": None,
        },
        {**_TEMPLATE, "custom_virtualenv": None, "last_update_failed": False, "last_updated": None},
        {
            "credential": "credentials",
            "execution_environment": "execution_environments",
            "inventory": "inventories",
            "source_project": "projects",
        },
        f"update inventory_updates schedules activity_stream hosts groups {_NOTIFICATIONS} credentials",
        {**_linked(_NOTIFICATIONS, "notification_templates"), "credentials": "credentials"},
        ("name", "inventory"),
        "edit delete start schedule",
        ("inventory",),
        ("inventory",),
        ("name", "inventory"),
        "templates",
    ),
    "job_templates": Kind(
        "job_template",
        {
            **_NAMED,
            **_OPTIONS,
            "execution_environment": None,
            "host_config_key": "",
            **{f"ask_{name}_on_launch": False for name in _ASKED},
            "survey_enabled": False,
            "become_enabled": False,
            "diff_mode": False,
            "allow_simultaneous": False,
            "job_slice_count": 1,
            "webhook_service": "",
            "webhook_credential": None,
            "prevent_instance_group_fallback": False,
        },
        {**_TEMPLATE, "organization": None, "custom_virtualenv": None},
        {
            "inventory": "inventories",
            "project": "projects",
            "organization": "organizations",
            "execution_environment": "execution_environments",
            "webhook_credential": "credentials",
        },
        f"labels credentials jobs schedules activity_stream launch webhook_key {_NOTIFICATIONS} access_list survey_spec"
        " object_roles instance_groups slice_workflow_jobs copy",
        {
            **_linked(_NOTIFICATIONS, "notification_templates"),
            "credentials": "credentials",
            "labels": "labels",
            "instance_groups": "instance_groups",
        },
        ("name", "organization"),
        "edit delete start schedule copy",
        named_by=("name", "organization"),
        sequence="templates",
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        {
            **_NAMED,
            "extra_vars": "",
            "organization": None,
            "survey_enabled": False,
            "allow_simultaneous": False,
            **dict.fromkeys(("inventory", "limit", "scm_branch", "skip_tags", "job_tags")),
            **{
                f"ask_{name}_on_launch": False
                for name in ("variables", "inventory", "scm_branch", "limit", "labels", "skip_tags", "tags")
            },
            "webhook_service": "",
            "webhook_credential": None,
        },
        _TEMPLATE,
        {"organization": "organizations", "inventory": "inventories", "webhook_credential": "credentials"},
        f"workflow_jobs schedules launch webhook_key workflow_nodes labels activity_stream {_NOTIFICATIONS}"
        " notification_templates_approvals access_list object_roles survey_spec copy",
        {
            **_linked(f"{_NOTIFICATIONS} notification_templates_approvals", "notification_templates"),
            "labels": "labels",
        },
        ("name", "organization"),
        "edit delete start schedule copy",
        named_by=("name", "organization"),
        sequence="templates",
    ),
    "workflow_job_template_nodes": Kind(
        "workflow_job_template_node",
        {
            "extra_data": {},
            **_PROMPTS,
            "workflow_job_template": REQUIRED,
            "unified_job_template": None,
            "all_parents_must_converge": False,
            "identifier": "",
        },
        {},
        {
            "inventory": "inventories",
            "execution_environment": "execution_environments",
            "workflow_job_template": "workflow_job_templates",
            "unified_job_template": "unified_job_templates",
        },
        "labels credentials instance_groups create_approval_template success_nodes failure_nodes always_nodes",
        {
            **_linked("success_nodes failure_nodes always_nodes", "workflow_job_template_nodes"),
            "labels": "labels",
            "credentials": "credentials",
            "instance_groups": "instance_groups",
        },
        ("identifier", "workflow_job_template"),
        fixed=("workflow_job_template",),
        cascade=("workflow_job_template",),
        named_by=("identifier", "workflow_job_template"),
    ),
    "workflow_approval_templates": Kind(
        "workflow_approval_template",
        {**_NAMED, "execution_environment": None, "timeout": 0},
        _TEMPLATE,
        {"execution_environment": "execution_environments"},
        "jobs=approvals",
        sequence="templates",
    ),
    "schedules": Kind(
        "schedule",
        {
            "rrule": REQUIRED,
            **_NAMED,
            "extra_data": {},
            **_PROMPTS,
            "unified_job_template": REQUIRED,
            "enabled": True,
        },
        {"dtstart": None, "dtend": None, "next_run": None, "timezone": "UTC", "until": ""},
        {
            "inventory": "inventories",
            "execution_environment": "execution_environments",
            "unified_job_template": "unified_job_templates",
        },
        "labels credentials instance_groups unified_jobs=jobs",
        {"labels": "labels", "credentials": "credentials", "instance_groups": "instance_groups"},
        ("unified_job_template", "name"),
        "edit delete",
        cascade=("unified_job_template",),
    ),
    "notification_templates": Kind(
        "notification_template",
        {
            **_NAMED,
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
        {**_NAMED, "organization": REQUIRED},
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
    "jobs": Kind(
        "job",
        {},
        {
            **{name: value for name, value in _NAMED.items() if value is not REQUIRED},
            "name": "",
            **_LAUNCHED,
            **_OPTIONS,
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
            **_PROMPTS,
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
        "labels credentials instance_groups success_nodes failure_nodes always_nodes",
        {
            **_linked("success_nodes failure_nodes always_nodes", "workflow_job_nodes"),
            "labels": "labels",
            "credentials": "credentials",
            "instance_groups": "instance_groups",
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
    "roles": Kind(
        "role",
        {},
        {"name": "", "description": ""},
        related="users teams",
        links={"users": "users", "teams": "teams"},
    ),
}

#: Kinds of kinds: what can be launched, and what comes of it.
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

#: What a launch of each makes, as AWX calls it.
LAUNCHES: Final = {
    "projects": "project_updates",
    "inventory_sources": "inventory_updates",
    "job_templates": "jobs",
    "workflow_job_templates": "workflow_jobs",
    "workflow_approval_templates": "workflow_approvals",
}
