# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating, changing, and deleting objects: AWX's checks and side effects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from . import credential_inputs, notifications, schedules, surveys
from .errors import Refused, forbidden, invalid
from .kinds import KINDS
from .projects import Projects
from .prompts import check_saved
from .store import Item, Store, now
from .values import cleaned

_SOFT: Final = {
    "projects": "Project",
    "job_templates": "JobTemplate",
    "workflow_job_templates": "WorkflowJobTemplate",
    "inventory_sources": "InventorySource",
}
_ACTIVE: Final = ("new", "pending", "waiting", "running")
_UPDATE_OPTIONS: Final = ("scm_update_on_launch", "scm_delete_on_update", "scm_track_submodules", "scm_clean")

Values = dict[str, Any]


class Saving:
    def __init__(self, store: Store, projects: Projects) -> None:
        self._store = store
        self._projects = projects
        self._checks: dict[str, Callable[[Item | None, Values, Values], None]] = {
            "credential_types": self._check_credential_type,
            "credentials": self._check_credential,
            "projects": self._check_project,
            "inventories": self._check_inventory,
            "hosts": self._check_host,
            "inventory_sources": self._check_source,
            "job_templates": self._check_job_template,
            "workflow_job_template_nodes": self._check_node,
            "schedules": self._check_schedule,
            "notification_templates": self._check_notification,
        }

    def create(self, collection: str, given: Values) -> Item:
        """:raises Refused: AWX would not create the object."""
        values = cleaned(self._store, collection, given, None)
        defaults = {name: value for name, value in KINDS[collection].fields.items() if name not in values}
        whole = {**defaults, **values}
        if collection == "credentials":
            self._check_owner(given)
        self._check(collection, None, whole, given)
        item = self._store.add(collection, whole)
        self._after(item, given, new=True)
        return item

    def change(self, item: Item, given: Values) -> None:
        """:raises Refused: AWX would not change the object."""
        if item.fields.get("managed") and item.collection in ("credential_types", "credentials"):
            raise forbidden(f"Modifications not allowed for managed {item.collection.replace('_', ' ')}")
        if item.collection == "inventories" and given.get("kind") not in (None, item["kind"]):
            text = 'You cannot turn a regular inventory into a "smart" or "constructed" inventory.'
            raise Refused(405, {"error": text})
        values = cleaned(self._store, item.collection, given, item)
        changed = {name for name in values if values[name] != item[name]}
        if item.collection == "execution_environments" and item["managed"] and changed - {"pull"}:
            raise forbidden("Only the 'pull' field can be edited for managed execution environments.")
        whole = {**item.fields, **values}
        self._check(item.collection, item, whole, values)
        item.fields.update(whole)
        item.modified = now()
        self._after(item, values, new=False)

    def delete(self, item: Item) -> int:
        """:returns: the status.

        :raises Refused: AWX would not delete the object.
        """
        match item.collection:
            case "credential_types" | "credentials" if item["managed"]:
                raise forbidden(f"Deletion not allowed for managed {item.collection.replace('_', ' ')}")
            case "credential_types" if self._store.where("credentials", credential_type=item.id):
                raise forbidden("Credential types that are in use cannot be deleted")
        if item.kind.sequence == "jobs" and item["status"] in _ACTIVE:
            raise forbidden("Cannot delete running job resource.")
        active = [job for job in self._jobs_of(item) if job["status"] in _ACTIVE]
        if active:
            jobs = [{"id": job.id, "type": job.kind.type} for job in active]
            raise Refused(409, {"error": "Resource is being used by running jobs.", "active_jobs": jobs})
        if item.collection == "workflow_job_templates":
            for node in self._store.where("workflow_job_template_nodes", workflow_job_template=item.id):
                self._remove_approval(node)
        if item.collection == "workflow_job_template_nodes":
            self._remove_approval(item)
        labels = self._store.linked(item, "labels") if "labels" in item.kind.links else []
        self._store.remove(item)
        self.drop_unused(labels)
        return 202 if item.collection == "inventories" else 204

    def drop_unused(self, labels: list[Item]) -> None:
        """Delete a label with the last object that has it."""
        for label in labels:
            owners = [one for name, kind in KINDS.items() if "labels" in kind.links for one in self._store.all(name)]
            if not any(label.id in owner.links["labels"] for owner in owners):
                self._store.remove(label)

    def _jobs_of(self, item: Item) -> list[Item]:
        names = {"inventories": "inventory", "projects": "project"}
        if item.collection in names:
            return self._store.where("jobs", **{names[item.collection]: item.id})
        if item.kind.sequence == "templates":
            return self._store.where("unified_jobs", unified_job_template=item.id)
        return []

    def _remove_approval(self, node: Item) -> None:
        template = self._store.target(node, "unified_job_template")
        if template and template.collection == "workflow_approval_templates":
            self._store.remove(template)

    def _check(self, collection: str, item: Item | None, whole: Values, given: Values) -> None:
        check = self._checks.get(collection)
        if check:
            check(item, whole, given)
        self._check_unique(collection, item, whole)

    def _check_unique(self, collection: str, item: Item | None, whole: Values) -> None:
        unique = KINDS[collection].unique
        if not unique or any(whole.get(name) is None for name in unique if name != "organization"):
            return
        same = [
            one for one in self._store.where(collection, **{name: whole[name] for name in unique}) if one is not item
        ]
        soft = collection in _SOFT
        # In the database, null is not equal to null, so objects without an organization are never duplicates.
        if not same or (not soft and any(whole[name] is None for name in unique)):
            return
        label = KINDS[collection].type.replace("_", " ").capitalize()
        if collection == "users":
            raise invalid(username="A user with that username already exists.")
        if soft:
            raise invalid(__all__=f"{_SOFT[collection]} with this ({', '.join(unique)}) combination already exists.")
        names = [name.replace("_", " ").capitalize() for name in unique]
        if len(names) == 1:
            raise invalid(**{unique[0]: f"{label} with this {names[0]} already exists."})
        raise invalid(__all__=f"{label} with this {', '.join(names[:-1])} and {names[-1]} already exists.")

    def _check_credential_type(self, item: Item | None, whole: Values, given: Values) -> None:
        if item and "inputs" in given and self._store.where("credentials", credential_type=item.id):
            credential_inputs.check_type_inputs(given["inputs"])
            if item["inputs"] != given["inputs"]:
                raise forbidden("Modifications to inputs are not allowed for credential types that are in use")
        if "kind" in given and given["kind"] not in ("cloud", "net"):
            raise invalid(kind=f"Must be 'cloud' or 'net', not {given['kind']}")
        credential_inputs.check_type_inputs(whole["inputs"])
        credential_inputs.check_injectors(whole["injectors"], whole["inputs"])

    def _check_owner(self, given: Values) -> None:
        owners = sorted(name for name in ("user", "team", "organization") if given.get(name))
        if not owners:
            raise invalid(detail="Missing 'user', 'team', or 'organization'.")
        if len(owners) > 1:
            raise invalid(
                detail="Only one of 'user', 'team', or 'organization' should be provided,"
                f" received {', '.join(owners)} fields."
            )

    def _check_credential(self, item: Item | None, whole: Values, given: Values) -> None:
        kind = self._store.get("credential_types", whole["credential_type"])
        if kind["kind"] == "galaxy" and not whole["organization"]:
            raise invalid(organization="Galaxy credentials must be owned by an Organization.")
        before = item.private["inputs"] if item else None
        if item and item["credential_type"] != whole["credential_type"] and self._used(item):
            raise invalid(
                credential_type="You cannot change the credential type of the credential, as it may break the"
                " functionality of the resources using it."
            )
        vault_id = given.get("inputs", {}).get("vault_id")
        if item and kind["kind"] == "vault" and vault_id and vault_id != item.private["inputs"].get("vault_id"):
            raise invalid(inputs="Vault IDs cannot be changed once they have been created.")
        wanted = whole["inputs"] if item is None or "inputs" in given else item.private["inputs"]
        whole["inputs"] = credential_inputs.kept_inputs(wanted, kind["inputs"], before)

    def _used(self, credential: Item) -> bool:
        templates = [one for one in self._store.all("unified_job_templates") if "credentials" in one.kind.links]
        linked = any(credential.id in one.links["credentials"] for one in templates)
        return linked or bool(self._store.where("projects", credential=credential.id))

    def _check_project(self, item: Item | None, whole: Values, _given: Values) -> None:
        if not whole["scm_type"]:
            for name in _UPDATE_OPTIONS:
                if whole[name]:
                    raise invalid(**{name: "Update options must be set to false for manual projects."})
        elif not whole["scm_url"]:
            raise invalid(scm_url="SCM URL is required.")
        if item and item["allow_override"] and not whole["allow_override"]:
            templates = self._store.where("job_templates", project=item.id)
            used = [str(one.id) for one in templates if one["ask_scm_branch_on_launch"] or one["scm_branch"]]
            if used:
                raise invalid(
                    allow_override="One or more job templates depend on branch override behavior for this project"
                    f" (ids: {' '.join(used)})."
                )

    def _check_inventory(self, _item: Item | None, whole: Values, _given: Values) -> None:
        if whole["kind"] == "smart" and not whole["host_filter"]:
            raise invalid(host_filter="Smart inventories must specify host_filter")

    def _check_host(self, _item: Item | None, whole: Values, _given: Values) -> None:
        if self._store.where("groups", name=whole["name"], inventory=whole["inventory"]):
            raise invalid(__all__="A Group with that name already exists.")

    def _check_source(self, _item: Item | None, whole: Values, given: Values) -> None:
        project = self._store.find("projects", whole["source_project"])
        if whole["source"] == "scm":
            if project is None:
                raise invalid(source_project="Project required for scm type sources.")
            if not project["scm_type"]:
                raise invalid(source_project="Cannot use manual project for SCM-based inventory.")
        elif whole["source"] == "constructed":
            raise invalid(error="constructed not a valid source for inventory")
        else:
            redundant = [name for name in ("source_project", "source_path", "scm_branch") if given.get(name)]
            if redundant:
                raise invalid(detail=f"Cannot set {' '.join(redundant)} if not SCM type.")
        if whole["scm_branch"] and not (project and project["allow_override"]):
            raise invalid(scm_branch="Project does not allow overriding branch.")

    def _check_job_template(self, _item: Item | None, whole: Values, _given: Values) -> None:
        project = self._store.find("projects", whole["project"])
        if whole["host_config_key"] and not whole["inventory"]:
            raise invalid(host_config_key="Cannot enable provisioning callback without an inventory set.")
        if project is None:
            raise invalid(project="Job Templates must have a project assigned.")
        if whole["inventory"] is None and not whole["ask_inventory_on_launch"]:
            raise invalid(inventory="You must either set a default value or ask to prompt on launch.")
        playbook = whole["playbook"]
        if playbook and not project["allow_override"] and playbook not in project.private.get("playbooks", []):
            raise invalid(playbook="Playbook not found for project.")
        if not whole["playbook"]:
            raise invalid(playbook="Must select playbook for project.")
        for name in ("scm_branch", "ask_scm_branch_on_launch"):
            if whole[name] and not project["allow_override"]:
                raise invalid(**{name: "Project does not allow overriding branch."})
        whole["organization"] = project["organization"]

    def _check_node(self, item: Item | None, whole: Values, given: Values) -> None:
        self._check_prompts(item, whole, given, ("required",))

    def _check_schedule(self, item: Item | None, whole: Values, given: Values) -> None:
        schedules.check(whole["rrule"])
        whole["rrule"] = schedules.with_until_in_utc(whole["rrule"])
        whole.update(schedules.computed(whole["rrule"], enabled=whole["enabled"]))
        template = self._store.get("unified_job_templates", whole["unified_job_template"])
        if template.collection == "projects" and not template["scm_type"]:
            raise invalid(unified_job_template="Manual Project cannot have a schedule set.")
        if not (item and given == {"enabled": False}):
            self._check_prompts(item, whole, given, ())

    def _check_prompts(self, item: Item | None, whole: Values, given: Values, lenient: tuple[str, ...]) -> None:
        """Check the prompts of a new schedule or node, and of a changed one if the change contains prompts."""
        collection = "schedules" if "rrule" in whole else "workflow_job_template_nodes"
        template = self._store.find("unified_job_templates", whole["unified_job_template"])
        about = set(given) - {"name", "description", "rrule", "enabled", "identifier", "all_parents_must_converge"}
        about -= {"unified_job_template", "workflow_job_template"}
        if template is None or (item and not about):
            return
        survey = template.private.get("survey_spec") or {}
        secret = surveys.passwords(survey) if template.fields.get("survey_enabled") else []
        before = item["extra_data"] if item else {}
        for name in secret:
            if whole["extra_data"].get(name) == surveys.HIDDEN and name in before:
                whole["extra_data"] = {**whole["extra_data"], name: before[name]}
        mock = Item(collection, 0, whole)
        if item:
            mock.links = item.links
        check_saved(self._store, template, mock, lenient=lenient)

    def _check_notification(self, item: Item | None, whole: Values, given: Values) -> None:
        before = item.private["configuration"] if item else {}
        if item is None or "notification_configuration" in given:
            wanted = whole["notification_configuration"]
            kept = notifications.kept_configuration(whole["notification_type"], wanted, before)
            whole["notification_configuration"] = kept

    def _after(self, item: Item, given: Values, *, new: bool) -> None:
        match item.collection:
            case "credentials":
                item.private["inputs"] = item["inputs"]
                item["inputs"] = {}
                if given.get("team"):
                    team = self._store.get("teams", given["team"])
                    item["organization"] = team["organization"]
            case "notification_templates":
                item.private["configuration"] = item["notification_configuration"]
                item["notification_configuration"] = {}
            case "projects":
                if new:
                    slug = str(item["name"]).lower().replace(" ", "_")
                    item["local_path"] = item["local_path"] or f"_{item.id}__{slug}"
                if new or {"scm_url", "scm_type", "scm_branch"} & set(given):
                    self._projects.update(item)
            case "inventory_sources":
                credential = item["credential"]
                if credential:
                    item.links["credentials"] = [credential]
            case "schedules" | "workflow_job_template_nodes":
                template = self._store.target(item, "unified_job_template")
                survey = (template.private.get("survey_spec") if template else None) or {}
                item.private["passwords"] = surveys.passwords(survey)
