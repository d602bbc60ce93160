# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An object as the API shows it: its fields, its links and the summaries of what it refers to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from . import surveys
from .credential_inputs import shown_inputs
from .kind import WAYS
from .kinds import LAUNCHES
from .notifications import shown_configuration
from .roles import USER_ONLY
from .store import Item, Store

_NAMES: Final = ("id", "name", "description")
_INVENTORY: Final = [
    "has_active_failures",
    "total_hosts",
    "hosts_with_active_failures",
    "total_groups",
    "has_inventory_sources",
    "total_inventory_sources",
    "inventory_sources_with_failures",
    "organization_id",
    "kind",
]
_SUMMARIES: Final[dict[str, tuple[str, ...]]] = {
    "organization": _NAMES,
    "inventory": (*_NAMES, *_INVENTORY),
    "default_environment": (*_NAMES, "image"),
    "execution_environment": (*_NAMES, "image"),
    "project": (*_NAMES, "status", "scm_type", "allow_override"),
    "source_project": (*_NAMES, "status", "scm_type", "allow_override"),
    "credential": (*_NAMES, "kind", "cloud", "kubernetes", "credential_type_id"),
    "webhook_credential": (*_NAMES, "kind", "cloud", "credential_type_id"),
    "signature_validation_credential": (*_NAMES, "kind", "credential_type_id"),
    "job": (*_NAMES, "status", "failed", "elapsed", "type"),
    "job_template": _NAMES,
    "workflow_job_template": _NAMES,
    "workflow_job": _NAMES,
    "unified_job_template": (*_NAMES, "unified_job_type"),
    "credential_type": _NAMES,
    "inventory_source": ("id", "name", "source", "last_updated", "status"),
}
_ADMIN: Final = {"id": 1, "username": "admin", "first_name": "", "last_name": ""}
_WITH_LABELS: Final = ("inventories", "job_templates", "workflow_job_templates", "jobs", "workflow_jobs")
_TEMPLATES: Final = ("job_templates", "workflow_job_templates")
_EXECUTED: Final = ("projects", "inventory_sources", "job_templates", "workflow_approval_templates")
_LONG: Final = ("job_args", "job_cwd", "job_env", "result_traceback", "event_processing_finished")
_ACTIVE: Final = ("new", "pending", "waiting", "running")
_JOBS: Final = ("jobs", "workflow_jobs", "workflow_approvals")
_WITHOUT_CREATOR: Final = ("workflow_job_template_nodes", "workflow_job_nodes", "users", "roles")


class Showing:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._more: dict[str, Callable[[Item], dict[str, Any]]] = {
            "organizations": self._organization,
            "teams": self._resource,
            "users": self._resource,
            "credentials": self._credential,
            "hosts": self._host,
            "projects": self._updates,
            "inventory_sources": self._updates,
            "job_templates": self._template,
            "workflow_job_templates": self._template,
            "jobs": self._job,
            "workflow_jobs": self._source,
            "workflow_approvals": self._source,
            "workflow_job_template_nodes": self._workflow_node,
            "workflow_approval_templates": self._approval,
            "schedules": self._scheduled,
            "notification_templates": self._notification,
            "roles": self._owned,
        }

    def show(self, item: Item, *, detail: bool = False, by_id: bool = False) -> dict[str, Any]:
        """
        :param detail: for an answer about this object alone, which tells a little more.
        :param by_id: for an answer of the object's own URL, which tells still more.
        """
        shown: dict[str, Any] = {
            "id": item.id,
            "type": item.kind.type,
            "url": item.url,
            "related": self._related(item, detail=detail),
            "summary_fields": self._summaries(item, by_id=by_id),
            **self.fields(item),
        }
        if item.collection != "roles":
            shown |= {"created": item.created, "modified": item.modified}
        if item.collection == "users":
            shown.pop("modified")
        if item.collection == "jobs" and by_id:
            counts = {"play_count": 0, "task_count": 0}
            shown |= {"host_status_counts": None, "playbook_counts": counts, "custom_virtualenv": None}
        return shown

    def listed(self, item: Item) -> dict[str, Any]:
        """In a list, where jobs are shown without their long fields."""
        shown = self.show(item)
        left_out = _LONG if item.kind.sequence == "jobs" else ()
        return {name: value for name, value in shown.items() if name not in left_out}

    def fields(self, item: Item) -> dict[str, Any]:
        """What it is, with everything that is computed."""
        fields = dict(item.fields)
        if "event_processing_finished" in fields:
            # The modules that wait for a job look at this, and not at its status.
            fields["event_processing_finished"] = fields["status"] not in _ACTIVE
        match item.collection:
            case "inventories":
                fields |= self._counts(item)
            case "credentials":
                kind = self._store.get("credential_types", item["credential_type"])
                fields["inputs"] = shown_inputs(item.private["inputs"], kind["inputs"])
                fields |= {"kind": kind["namespace"], "cloud": kind["kind"] == "cloud"}
                fields["kubernetes"] = kind["kind"] == "kubernetes"
            case "notification_templates":
                fields["notification_configuration"] = shown_configuration(item)
            case "workflow_job_template_nodes" | "workflow_job_nodes":
                fields |= {name: list(item.links[name]) for name in WAYS}
            case "users":
                fields["password"] = "$encrypted$"
        if item.private.get("passwords"):
            fields |= surveys.without_passwords(fields, item.private["passwords"])
        schedule = self.next_schedule(item)
        if schedule and "next_job_run" in fields:
            fields["next_job_run"] = schedule["next_run"]
        return fields

    def next_schedule(self, item: Item) -> Item | None:
        """The schedule that launches this template next."""
        due = [
            one
            for one in self._store.where("schedules", unified_job_template=item.id)
            if one["enabled"] and one["next_run"]
        ]
        return min(due, key=lambda one: str(one["next_run"]), default=None)

    def named_url(self, item: Item) -> str | None:
        name = self._friendly(item)
        return name and f"/api/v2/{item.collection}/{name}/"

    def _friendly(self, item: Item) -> str | None:
        """The name of an object, and after ``++`` the name of its parent."""
        if not item.kind.named_by:
            return None
        own = [name for name in item.kind.named_by if name not in item.kind.references]
        parts = ["+".join(str(item[name]) for name in own)]
        for name in item.kind.named_by:
            if name in item.kind.references:
                target = self._store.target(item, name)
                parts.append((target and self._friendly(target)) or "")
        return "++".join(parts)

    def _counts(self, inventory: Item) -> dict[str, Any]:
        sources = self._store.where("inventory_sources", inventory=inventory.id)
        failed = [one for one in sources if one["last_update_failed"]]
        return {
            "total_hosts": len(self._store.where("hosts", inventory=inventory.id)),
            "total_groups": len(self._store.where("groups", inventory=inventory.id)),
            "has_inventory_sources": bool(sources),
            "total_inventory_sources": len(sources),
            "inventory_sources_with_failures": len(failed),
        }

    def _related(self, item: Item, *, detail: bool) -> dict[str, Any]:
        related: dict[str, Any] = {}
        named = self.named_url(item) if detail else None
        if named:
            related["named_url"] = named
        if item.created_by and item.collection not in _WITHOUT_CREATOR:
            related |= dict.fromkeys(("created_by", "modified_by"), "/api/v2/users/1/")
        for entry in item.kind.related.split():
            name, _equals, path = entry.partition("=")
            related[name] = f"{item.url}{path or name}/"
        for name in item.kind.references:
            target = self._store.target(item, name)
            if target:
                related[name] = target.url
        return related | self._more_related(item)

    def _more_related(self, item: Item) -> dict[str, Any]:
        more: dict[str, Any] = {}
        if item.collection in _TEMPLATES:
            more["webhook_receiver"] = ""
        schedule = self.next_schedule(item)
        if schedule:
            more["next_schedule"] = schedule.url
        job = self._store.find("unified_jobs", item.private.get("last_job"))
        if job and item.collection != "workflow_approval_templates":
            more["last_job"] = job.url
            if item.collection in ("projects", "inventory_sources"):
                more["last_update"] = job.url
        if item.collection == "schedules":
            template = self._store.target(item, "unified_job_template")
            for name in ("project", "inventory"):
                target = template and name in template.kind.references and self._store.target(template, name)
                if target:
                    more.setdefault(name, target.url)
        node = self._node_of(item)
        if node:
            more["source_workflow_job"] = f"/api/v2/workflow_jobs/{node['workflow_job']}/"
        if item.collection == "workflow_approvals" and item["unified_job_template"]:
            more["workflow_approval_template"] = f"/api/v2/workflow_approval_templates/{item['unified_job_template']}/"
        if item.collection == "roles":
            owner = item.private["owner"]
            more[owner.kind.type] = owner.url
        return more

    def _node_of(self, item: Item) -> Item | None:
        """The node of a running workflow that has started this job."""
        if item.collection not in _JOBS:
            return None
        return next(iter(self._store.where("workflow_job_nodes", job=item.id)), None)

    def _summary(self, name: str, target: Item) -> dict[str, Any]:
        fields = self.fields(target) | {"id": target.id, "type": target.kind.type}
        fields["organization_id"] = fields.get("organization")
        fields["credential_type_id"] = fields.get("credential_type")
        if target.collection in LAUNCHES:
            fields["unified_job_type"] = LAUNCHES[target.collection].removesuffix("s")
        return {key: fields[key] for key in _SUMMARIES[name] if fields.get(key) is not None}

    def _summaries(self, item: Item, *, by_id: bool) -> dict[str, Any]:
        summaries: dict[str, Any] = {}
        for name in item.kind.references:
            target = self._store.target(item, name)
            if target and name in _SUMMARIES:
                summaries[name] = self._summary(name, target)
        if item.created_by and item.collection not in _WITHOUT_CREATOR:
            summaries |= {"created_by": dict(_ADMIN), "modified_by": dict(_ADMIN)}
        if item.roles:
            summaries["object_roles"] = {
                name: self._role(item, name, label, text) for name, (label, text) in item.kind.roles.items()
            }
        if item.kind.capabilities:
            summaries["user_capabilities"] = dict.fromkeys(item.kind.capabilities.split(), True)
        if item.collection in _WITH_LABELS:
            labels = self._store.linked(item, "labels") if "labels" in item.kind.links else []
            results = [{"id": one.id, "name": one["name"]} for one in labels]
            summaries["labels"] = {"count": len(results), "results": results}
        more = self._more.get(item.collection)
        summaries |= more(item) if more else {}
        environment = self._environment(item) if by_id and item.collection in _EXECUTED else None
        if environment:
            summaries["resolved_environment"] = self._summary("execution_environment", environment)
        return summaries

    def _role(self, item: Item, name: str, label: str, description: str) -> dict[str, Any]:
        role: dict[str, Any] = {"description": description, "name": label, "id": item.roles[name]}
        if (item.kind.type, name) in USER_ONLY:
            role["user_only"] = True
        return role

    def _organization(self, item: Item) -> dict[str, Any]:
        return {**self._resource(item), "related_field_counts": self._organization_counts(item)}

    def _credential(self, item: Item) -> dict[str, Any]:
        return {"owners": self._owners(item)}

    def _host(self, item: Item) -> dict[str, Any]:
        groups = [one for one in self._store.all("groups") if item.id in one.links["hosts"]]
        results = [{"id": one.id, "name": one["name"]} for one in groups]
        return {"groups": {"count": len(results), "results": results}, "recent_jobs": []}

    def _job(self, item: Item) -> dict[str, Any]:
        return {"credentials": self.credentials(item), **self._source(item)}

    def _workflow_node(self, item: Item) -> dict[str, Any]:
        template = self._store.target(item, "unified_job_template")
        if template is None or template.collection != "workflow_approval_templates":
            return {}
        return {
            "unified_job_template": {
                **self._summary("unified_job_template", template),
                "timeout": template["timeout"],
            }
        }

    def _notification(self, _item: Item) -> dict[str, Any]:
        return {"recent_notifications": []}

    def _owned(self, role: Item) -> dict[str, Any]:
        owner = role.private["owner"]
        kind = owner.kind.type
        named = {"resource_name": owner.fields.get("name"), "resource_type": kind, "resource_id": owner.id}
        return {**named, "resource_type_display_name": kind.replace("_", " ").title()}

    def _source(self, job: Item) -> dict[str, Any]:
        node = self._node_of(job)
        workflow = node and self._store.target(node, "workflow_job")
        return {"source_workflow_job": self._summary("job", workflow)} if workflow else {}

    def _resource(self, item: Item) -> dict[str, Any]:
        return {"resource": {"ansible_id": item.ansible_id, "resource_type": f"shared.{item.kind.type}"}}

    def _organization_counts(self, item: Item) -> dict[str, int]:
        counted = ("inventories", "teams", "job_templates", "projects")
        counts = {name: len(self._store.where(name, organization=item.id)) for name in counted}
        return counts | {name: len(item.links[name]) for name in ("users", "admins")}

    def _owners(self, credential: Item) -> list[dict[str, Any]]:
        owner = self._store.target(credential, "organization")
        if owner is None:
            return []
        kept = {name: owner[name] for name in ("name", "description")}
        return [{"id": owner.id, "type": owner.kind.type, **kept, "url": owner.url}]

    def credentials(self, item: Item) -> list[dict[str, Any]]:
        """The credentials of a job or template, in short."""
        shown = [self.fields(one) | {"id": one.id} for one in self._store.linked(item, "credentials")]
        return [{name: one[name] for name in (*_NAMES, "kind", "cloud")} for one in shown]

    def _updates(self, item: Item) -> dict[str, Any]:
        job = self._store.find("unified_jobs", item.private.get("last_job"))
        more: dict[str, Any] = {"credentials": []} if item.collection == "inventory_sources" else {}
        if job:
            update = {"id": job.id, "name": job["name"], "description": job["description"]}
            state = {"status": job["status"], "failed": job["failed"]}
            more |= {"last_job": {**update, "finished": job["finished"], **state}, "last_update": {**update, **state}}
        return more

    def _template(self, item: Item) -> dict[str, Any]:
        more: dict[str, Any] = {"recent_jobs": self._recent_jobs(item)}
        survey = item.private.get("survey_spec")
        if survey:
            more["survey"] = {"title": survey["name"], "description": survey["description"]}
        if item.collection == "job_templates":
            more["credentials"] = self.credentials(item)
        job = self._store.find("unified_jobs", item.private.get("last_job"))
        if job:
            more["last_job"] = self._summary("job", job) | {"finished": job["finished"]}
            more["last_job"].pop("elapsed")
            more["last_job"].pop("type")
        return more

    def _recent_jobs(self, item: Item) -> list[dict[str, Any]]:
        jobs = [
            one
            for one in self._store.where("unified_jobs", unified_job_template=item.id)
            if one.fields.get("job_slice_count", 1) <= 1
        ]
        shown = ("status", "finished", "canceled_on")
        return [
            {"id": job.id, **{name: job[name] for name in shown}, "type": job.kind.type} for job in reversed(jobs[-10:])
        ]

    def _approval(self, item: Item) -> dict[str, Any]:
        node = next(iter(self._store.where("workflow_job_template_nodes", unified_job_template=item.id)), None)
        workflow = node and self._store.target(node, "workflow_job_template")
        return {"workflow_job_template": self._summary("workflow_job_template", workflow)} if workflow else {}

    def _environment(self, template: Item) -> Item | None:
        """The template's own, or the project's, the organization's, or AWX's."""
        found = None
        own = "default_environment" if template.collection == "projects" else "execution_environment"
        owners = [
            self._store.target(template, name)
            for name in ("project", "organization")
            if name in template.kind.references
        ]
        for owner, name in ((template, own), *((one, "default_environment") for one in owners)):
            found = found or (self._store.target(owner, name) if owner else None)
        return found or self._store.find("execution_environments", 1)

    def _scheduled(self, item: Item) -> dict[str, Any]:
        if self._store.target(item, "inventory"):
            return {}
        template = self._store.target(item, "unified_job_template")
        inventory = template and "inventory" in template.kind.references and self._store.target(template, "inventory")
        return {"inventory": self._summary("inventory", inventory)} if inventory else {}
