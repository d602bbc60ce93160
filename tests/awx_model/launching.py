# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From templates to jobs: the inputs of a launch, AWX's refusals, and the created jobs."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Final

from . import surveys
from .errors import Refused
from .kind import LAUNCH_LINKS, NAMED, OPTIONS, PROMPTS, WAYS
from .launch_credentials import RUNNABLE, needed_passwords, unique_hash
from .prompts import ASKS, Weighed, saved, weigh
from .store import Item, Store, now, written
from .variables import parsed

#: Fields that a job copies from its template, in addition to the variables.
_COPIED: Final = [*NAMED, *OPTIONS, "organization", "allow_simultaneous", "diff_mode", "execution_environment"]
_COPIED.remove("extra_vars")
_COPIED_TO_WORKFLOW: Final = [*NAMED, "inventory", "limit", "scm_branch", "skip_tags", "job_tags", "allow_simultaneous"]
_NODE_FIELDS: Final = ["extra_data", *PROMPTS, "unified_job_template", "all_parents_must_converge", "identifier"]


class Launching:
    def __init__(self, store: Store) -> None:
        self._store = store

    def launch(self, template: Item, given: dict[str, Any]) -> tuple[Item, dict[str, Any]]:
        """Launch a template.

        :returns: the job, and the ignored inputs.
        :raises Refused: AWX does not launch it.
        """
        for name in ("extra_vars", "inventory"):
            if name not in given and f"{name}_id" in given:
                given = {**given, name: given[f"{name}_id"]}
        known = {name: given[name] for name in ASKS[template.collection] if name in given}
        self._check_ids(known)
        if template.collection == "workflow_job_templates":
            weighed = weigh(self._store, template, known)
        else:
            weighed = weigh(self._store, template, known, lenient=("prompts",))
            self._check_job(template, given, weighed)
        if weighed.errors:
            raise Refused(400, weighed.errors)
        job = self.create(template, weighed.accepted)
        passwords = given.get("credential_passwords", given)
        job.private["launch_passwords"] = {
            name: passwords[name]
            for name in needed_passwords(self._store, self._credentials(template, weighed.accepted))
            if name in passwords
        }
        if self._lacking(job):
            template.private.pop("last_job")
            self._store.remove(job)
            raise Refused(400, {"passwords_needed_to_start": []})
        return job, weighed.ignored

    def _lacking(self, job: Item) -> list[str]:
        """Fields that a credential's type requires and the credential does not have."""
        lacking = []
        for credential in self._store.linked(job, "credentials") if "credentials" in job.kind.links else []:
            required = self._store.get("credential_types", credential["credential_type"])["inputs"].get("required", [])
            lacking += [name for name in required if credential.private["inputs"].get(name) in (None, "")]
        return lacking

    def _check_ids(self, given: dict[str, Any]) -> None:
        kinds = {"inventory": "inventories", "execution_environment": "execution_environments"}
        lists = {"credentials": "credentials", "labels": "labels", "instance_groups": "instance_groups"}
        for name, kind in {**kinds, **lists}.items():
            ids = given.get(name)
            for id_ in ids if isinstance(ids, list) else [ids]:
                if id_ is not None and self._store.find(kind, id_) is None:
                    raise Refused(400, {name: [f'Invalid pk "{id_}" - object does not exist.']})

    def _credentials(self, template: Item, accepted: dict[str, Any]) -> list[Item]:
        """The given credentials, and the template's credentials of other types."""
        own = self._store.linked(template, "credentials") if "credentials" in template.kind.links else []
        given = [self._store.get("credentials", id_) for id_ in accepted.get("credentials", [])]
        return list({unique_hash(self._store, one)[0]: one for one in (*own, *given)}.values())

    def _check_job(self, template: Item, given: dict[str, Any], weighed: Weighed) -> None:
        errors = weighed.errors
        project = self._store.target(template, "project")
        if project is None:
            errors["project"] = "A project is required to run a job."
        elif project["status"] in ("failed", "error") and not project["scm_update_on_launch"]:
            errors["playbook"] = ["Missing a revision to run due to failed project update."]
        seen: list[Any] = []
        for id_ in weighed.accepted.get("credentials", []):
            credential = self._store.get("credentials", id_)
            key, label = unique_hash(self._store, credential)
            kind = self._store.get("credential_types", credential["credential_type"])["kind"]
            if key in seen:
                errors.setdefault("credentials", []).append(f"Cannot assign multiple {label} credentials.")
            if kind not in RUNNABLE:
                errors.setdefault("credentials", []).append(f"Cannot assign a Credential of kind `{kind}`")
            seen.append(key)
        if "credentials" in given:
            self._check_removed(template, given["credentials"], errors)
        passwords = given.get("credential_passwords", given)
        lacking = [
            name
            for name in needed_passwords(self._store, self._credentials(template, weighed.accepted))
            if name not in passwords
        ]
        if lacking:
            errors["passwords_needed_to_start"] = lacking

    def _check_removed(self, template: Item, given: list[int], errors: dict[str, Any]) -> None:
        provided = {unique_hash(self._store, self._store.get("credentials", id_))[0] for id_ in given}
        removed = [one for one in self._store.linked(template, "credentials") if one.id not in given]
        for credential in removed:
            key, label = unique_hash(self._store, credential)
            if key not in provided:
                names = ", ".join(str(one["name"]) for one in removed)
                errors.setdefault("credentials", []).append(
                    f"Removing {label} credential at launch time without replacement is not supported."
                    f" Provided list lacked credential(s): {names}."
                )

    def create(self, template: Item, accepted: dict[str, Any], **eager: Any) -> Item:
        """Create the job of a template.

        :param accepted: the inputs that the template accepts.
        :param eager: additional fields of the job.
        """
        if template.collection == "workflow_approval_templates":
            fields = {"name": template["name"], "description": template["description"], **eager}
            job = self._store.add("workflow_approvals", {**fields, "unified_job_template": template.id})
            job.private["timeout"] = template["timeout"]
            job["started"] = job.created
            if template["timeout"]:
                expiration = datetime.fromisoformat(job.created) + timedelta(seconds=template["timeout"])
                job["approval_expiration"] = written(expiration)
            return self._launched(template, job)
        if template.collection == "workflow_job_templates":
            job = self._create(template, "workflow_jobs", _COPIED_TO_WORKFLOW, accepted)
            job["workflow_job_template"] = template.id
            job.fields.update(eager)
            self._copy_nodes(template, job)
            return self._launched(template, job)
        slices = 1 if "job_slice_number" in eager else self._slices(template, accepted)
        if slices > 1:
            return self._launched(template, self._sliced(template, accepted, slices, eager))
        job = self._create(template, "jobs", _COPIED, accepted)
        job["job_template"] = template.id
        job.fields.update(eager)
        job.links["credentials"] = [one.id for one in self._credentials(template, accepted)]
        job["passwords_needed_to_start"] = needed_passwords(self._store, self._store.linked(job, "credentials"))
        project = self._store.target(job, "project")
        job["scm_revision"] = project["scm_revision"] if project else ""
        return self._launched(template, job)

    def _launched(self, template: Item, job: Item) -> Item:
        template.private["last_job"] = job.id
        return job

    def _create(self, template: Item, collection: str, copied: list[str], accepted: dict[str, Any]) -> Item:
        fields = {name: template.fields.get(name) for name in copied}
        fields |= {name: value for name, value in accepted.items() if name in copied}
        runtime = {
            name: value
            for name, value in accepted.get("extra_vars", {}).items()
            if value != surveys.HIDDEN or name not in self._passwords(template)
        }
        survey = surveys.defaults(template.private.get("survey_spec") or {}) if template["survey_enabled"] else {}
        variables = parsed("extra_vars", template["extra_vars"]) | survey | runtime
        fields |= {"unified_job_template": template.id, "extra_vars": json.dumps(variables)}
        job = self._store.add(collection, fields)
        job.links["labels"] = sorted({*template.links["labels"], *accepted.get("labels", [])})
        job.private.update(passwords=self._passwords(template), prompts=accepted)
        return job

    def _passwords(self, template: Item) -> list[str]:
        return surveys.passwords(template.private.get("survey_spec") or {}) if template["survey_enabled"] else []

    def _slices(self, template: Item, accepted: dict[str, Any]) -> int:
        count = int(accepted.get("job_slice_count", template["job_slice_count"]))
        inventory = accepted.get("inventory", template["inventory"])
        return min(count, len(self._store.where("hosts", inventory=inventory))) if inventory else count

    def _sliced(self, template: Item, accepted: dict[str, Any], slices: int, eager: dict[str, Any]) -> Item:
        workflow = self._create(template, "workflow_jobs", _COPIED_TO_WORKFLOW, accepted)
        workflow.fields.update(job_template=template.id, is_sliced_job=True, **eager)
        for number in range(1, slices + 1):
            node = self._store.add(
                "workflow_job_nodes", {"workflow_job": workflow.id, "unified_job_template": template.id}
            )
            node.private["ancestor_artifacts"] = {"job_slice": number}
        return workflow

    def _copy_nodes(self, template: Item, workflow: Item) -> None:
        made: dict[int, Item] = {}
        nodes = self._store.where("workflow_job_template_nodes", workflow_job_template=template.id)
        for node in nodes:
            fields = {name: node[name] for name in _NODE_FIELDS}
            made[node.id] = copy = self._store.add("workflow_job_nodes", {**fields, "workflow_job": workflow.id})
            copy.private.update(passwords=node.private.get("passwords", []))
            for name in LAUNCH_LINKS:
                copy.links[name] = list(node.links[name])
        for node in nodes:
            for name in WAYS:
                made[node.id].links[name] = [made[id_].id for id_ in node.links[name]]

    def create_for_node(self, node: Item, parents: list[Item]) -> Item:
        """Create the job of a node, with its own prompts, its workflow's, and the artifacts of its ancestors."""
        template = self._store.get("unified_job_templates", node["unified_job_template"])
        workflow = self._store.get("workflow_jobs", node["workflow_job"])
        given, above = saved(node), self._prompts_of(workflow)
        special: dict[str, Any] = {}
        if template.collection == "workflow_job_templates":
            above["extra_vars"] = given.get("extra_vars", {}) | above.pop("extra_vars", {})
        else:
            special = above.pop("extra_vars", {})
        accepted = weigh(self._store, template, {**given, **above}).accepted
        artifacts: dict[str, Any] = {}
        for parent in parents:
            artifacts |= parent.private.get("ancestor_artifacts", {})
            job = self._store.find("unified_jobs", parent["job"])
            artifacts |= self.artifacts(job) if job else {}
        if artifacts:
            node.private["ancestor_artifacts"] = artifacts
        variables = accepted.get("extra_vars", {})
        if template.collection in ASKS:
            variables = variables | {name: value for name, value in artifacts.items() if name != "_ansible_no_log"}
        variables |= special
        accepted = accepted | ({"extra_vars": variables} if variables else {})
        eager: dict[str, Any] = {"launch_type": "workflow"}
        number = node.private.get("ancestor_artifacts", {}).get("job_slice")
        if number and not parents and workflow["is_sliced_job"]:
            count = len(self._store.where("workflow_job_nodes", workflow_job=workflow.id))
            eager |= {"job_slice_number": number, "job_slice_count": count, "allow_simultaneous": True}
        job = self.create(template, accepted, **eager)
        job.private["passwords"] = sorted({*job.private.get("passwords", []), *workflow.private.get("passwords", [])})
        node["job"] = job.id
        explanation = self._hindrance(job, workflow)
        if explanation:
            job.fields.update(status="failed", failed=True, finished=now(), job_explanation=explanation)
        return job

    def _hindrance(self, job: Item, workflow: Item) -> str | None:
        """The reason why a job of a workflow cannot start."""
        if job.collection == "jobs" and not (job["project"] and job["inventory"]):
            return (
                "Job spawned from workflow could not start because it was missing a related resource such as project or"
                " inventory"
            )
        if self._lacking(job) or job.fields.get("passwords_needed_to_start"):
            return (
                "Job spawned from workflow could not start because it was not in the right state or required manual"
                " credentials"
            )
        template = job["unified_job_template"]
        above = self._templates_above(workflow)
        if job.collection == "workflow_jobs" and template in [one.id for one in above]:
            own = self._store.get("workflow_job_templates", template)
            names = ", ".join(f"<{one['name']}-{one.id}>" for one in (own, *above))
            return (
                "Workflow Job spawned from workflow could not start because it would result in recursion (spawn order,"
                f" most recent first: {names})"
            )
        return None

    def _templates_above(self, workflow: Item) -> list[Item]:
        """The template of a running workflow, and the templates of the workflows that contain it."""
        template = self._store.target(workflow, "workflow_job_template")
        node = next(iter(self._store.where("workflow_job_nodes", job=workflow.id)), None)
        parent = node and self._store.target(node, "workflow_job")
        return ([template] if template else []) + (self._templates_above(parent) if parent else [])

    def _prompts_of(self, workflow: Item) -> dict[str, Any]:
        """The prompts that a running workflow passes to the templates of its nodes."""
        if workflow["is_sliced_job"]:
            return {**workflow.private["prompts"]}
        names = ("inventory", "limit", "scm_branch", "job_tags", "skip_tags")
        prompts = {name: workflow[name] for name in names if workflow[name] is not None}
        variables = parsed("extra_vars", workflow["extra_vars"])
        return prompts | ({"extra_vars": variables} if variables else {})

    def artifacts(self, job: Item) -> dict[str, Any]:
        """The artifacts of a job; for a workflow, the artifacts of all of its jobs."""
        if job.collection != "workflow_jobs":
            return dict(job.fields.get("artifacts") or {})
        together: dict[str, Any] = {}
        nodes = self._store.where("workflow_job_nodes", workflow_job=job.id)
        jobs = [one for node in nodes if (one := self._store.find("unified_jobs", node["job"]))]
        for one in sorted(jobs, key=lambda done: (str(done["finished"]), done.id)):
            if one["status"] in ("successful", "failed"):
                together |= self.artifacts(one)
        return together
