# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workflows follow their nodes as AWX's do.

Source: awx/main/scheduler/dag_workflow.py, awx/main/models/workflow.py (WorkflowJobNode.get_job_kwargs) and
awx/api/views/__init__.py (WorkflowApprovalApprove) of AWX 24.6.2.dev. That artifacts are passed on as variables was
also observed on a running AWX.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from awx_model.model import Model
from awx_model.running import Outcome, PendingJob

from .client import Client


class Workflow:
    """A workflow whose nodes are named with letters, each with a job template of the same name."""

    def __init__(self, client: Client, names: str, **fields: Any) -> None:
        self.client = client
        self.id = client.create("workflow_job_templates", name="W", **fields)
        renew = client.model.object("job_templates", name="Renew")
        kept = {name: renew[name] for name in ("project", "inventory", "playbook")}
        self.nodes: dict[str, int] = {}
        for name in names:
            template = client.create("job_templates", name=name, **kept)
            self.add(name, unified_job_template=template)

    def add(self, name: str, **fields: Any) -> None:
        given = {"workflow_job_template": self.id, "identifier": name, **fields}
        self.nodes[name] = self.client.create("workflow_job_template_nodes", **given)

    def approval(self, name: str) -> None:
        self.add(name)
        self.client.post(f"workflow_job_template_nodes/{self.nodes[name]}/create_approval_template/", name=name)

    def link(self, start: str, way: str, end: str) -> None:
        self.client.post(f"workflow_job_template_nodes/{self.nodes[start]}/{way}_nodes/", id=self.nodes[end])

    def launch(self, **given: Any) -> int:
        return int(self.client.post(f"workflow_job_templates/{self.id}/launch/", **given)["workflow_job"])

    def pending(self) -> list[str]:
        return [str(one.job["name"]) for one in self.client.model.pending_jobs()]

    def end(self, name: str, status: str = "successful", **artifacts: Any) -> None:
        (job,) = (one.job.id for one in self.client.model.pending_jobs() if one.job["name"] == name)
        self.client.model.finish(job, Outcome(status, artifacts))

    def status(self, job: int) -> str:
        return str(self.client.get(f"workflow_jobs/{job}/")["status"])


def test_links_after_success_and_failure(ready: Client) -> None:
    workflow = Workflow(ready, "abcde")
    for way, end in (("success", "b"), ("failure", "c"), ("always", "d")):
        workflow.link("a", way, end)
    workflow.link("b", "success", "e")
    job = workflow.launch()
    assert workflow.pending() == ["a"]
    workflow.end("a", "failed")
    assert workflow.pending() == ["c", "d"]
    workflow.end("c")
    workflow.end("d")
    assert workflow.pending() == []
    assert workflow.status(job) == "successful"
    nodes = ready.get(f"workflow_jobs/{job}/workflow_nodes/")["results"]
    assert [one["identifier"] for one in nodes if one["do_not_run"]] == ["b", "e"]


def test_a_failure_that_nothing_follows_fails_the_workflow(ready: Client) -> None:
    workflow = Workflow(ready, "ab")
    workflow.link("a", "success", "b")
    job = workflow.launch()
    workflow.end("a", "failed")
    shown = ready.get(f"workflow_jobs/{job}/")
    assert (shown["status"], shown["failed"]) == ("failed", True)
    assert shown["job_explanation"] == "No error handling paths found, marking workflow as failed"


@pytest.mark.parametrize(("converge", "runs"), [(True, []), (False, ["c"])], ids=["all parents", "any parent"])
def test_a_node_of_two_parents(ready: Client, converge: bool, runs: list[str]) -> None:
    workflow = Workflow(ready, "abc")
    workflow.link("a", "success", "c")
    workflow.link("b", "success", "c")
    ready.change(f"workflow_job_template_nodes/{workflow.nodes['c']}/", all_parents_must_converge=converge)
    workflow.launch()
    workflow.end("a", "failed")
    assert workflow.pending() == ["b"]
    workflow.end("b")
    assert workflow.pending() == runs


def test_an_approval_waits(ready: Client) -> None:
    workflow = Workflow(ready, "ab")
    workflow.approval("go on")
    workflow.link("a", "success", "go on")
    workflow.link("go on", "success", "b")
    job = workflow.launch()
    workflow.end("a")
    assert workflow.pending() == []
    approval = ready.model.object("workflow_approvals", name="go on")["id"]
    shown = ready.get(f"workflow_approvals/{approval}/")
    assert (shown["status"], shown["can_approve_or_deny"]) == ("pending", True)
    listed = ready.get("unified_jobs/")["results"]
    assert {one["type"] for one in listed} == {"job", "project_update", "workflow_job"}
    assert all("job_env" not in one for one in listed)
    assert ready.get(f"workflow_jobs/{job}/workflow_nodes/?identifier=go on")["count"] == 1
    ready.post(f"workflow_approvals/{approval}/approve/")
    assert workflow.pending() == ["b"]
    answer = ready.refused(400, "POST", f"workflow_approvals/{approval}/deny/")
    assert answer == {"error": "This workflow step has already been approved or denied."}
    workflow.end("b")
    assert workflow.status(job) == "successful"


def test_a_denied_approval_fails_the_workflow(ready: Client) -> None:
    workflow = Workflow(ready, "b")
    workflow.approval("go on")
    workflow.link("go on", "success", "b")
    job = workflow.launch()
    ready.post(f"workflow_approvals/{ready.model.object('workflow_approvals')['id']}/deny/")
    assert workflow.pending() == []
    assert workflow.status(job) == "failed"


def test_a_workflow_within_itself_does_not_start(ready: Client) -> None:
    workflow = Workflow(ready, "")
    workflow.add("again", unified_job_template=workflow.id)
    job = workflow.launch()
    (inner,) = (one for one in ready.model.objects("workflow_jobs") if one["id"] != job)
    name = f"<W-{workflow.id}>"
    assert inner["job_explanation"] == (
        "Workflow Job spawned from workflow could not start because it would result in recursion (spawn order, most"
        f" recent first: {name}, {name})"
    )
    assert workflow.status(job) == "failed"


def test_a_credential_without_a_required_field(ready: Client) -> None:
    workflow = Workflow(ready, "a")
    vault = {
        "credential_type": ready.id("credential_types", "Vault"),
        "organization": ready.id("organizations", "Keys"),
    }
    credential = ready.create("credentials", name="empty", **vault)
    template = ready.id("job_templates", "a")
    ready.post(f"job_templates/{template}/credentials/", id=credential)
    job = workflow.launch()
    assert ready.model.object("jobs")["job_explanation"] == (
        "Job spawned from workflow could not start because it was not in the right state or required manual credentials"
    )
    assert workflow.status(job) == "failed"
    answer = ready.refused(400, "POST", f"job_templates/{template}/launch/")
    assert answer == {"passwords_needed_to_start": []}
    assert len(ready.model.objects("jobs")) == 1


def test_a_canceled_workflow_stops(ready: Client) -> None:
    workflow = Workflow(ready, "ab")
    workflow.link("a", "always", "b")
    job = workflow.launch()
    ready.post(f"workflow_jobs/{job}/cancel/")
    assert (workflow.pending(), workflow.status(job)) == ([], "canceled")
    assert ready.refused(405, "POST", f"workflow_jobs/{job}/cancel/") == {"detail": 'Method "POST" not allowed.'}


def test_artifacts_of_all_ancestors_become_variables(ready: Client) -> None:
    workflow = Workflow(ready, "abc", extra_vars='{"team": "keys", "one": "of the workflow"}')
    workflow.approval("go on")
    for start, end in (("a", "b"), ("b", "go on"), ("go on", "c")):
        workflow.link(start, "success", end)
    workflow.launch()
    workflow.end("a", bundle="abc", one="of a job", code=1)
    workflow.end("b", code=2)
    ready.post(f"workflow_approvals/{ready.model.object('workflow_approvals')['id']}/approve/")
    (pending,) = ready.model.pending_jobs()
    assert pending.extra_vars == {"bundle": "abc", "one": "of the workflow", "code": 2, "team": "keys"}


def test_a_node_has_prompts_and_answers_of_its_own(ready: Client) -> None:
    workflow = Workflow(ready, "a", ask_variables_on_launch=True)
    template = ready.id("job_templates", "a")
    ready.change(f"job_templates/{template}/", ask_job_type_on_launch=True, survey_enabled=True)
    question = {"variable": "days", "question_name": "Days", "type": "integer", "required": True}
    ready.post(f"job_templates/{template}/survey_spec/", name="S", description="", spec=[question])
    ready.change(f"workflow_job_template_nodes/{workflow.nodes['a']}/", job_type="check", extra_data={"days": 4})
    workflow.launch(extra_vars={"more": True})
    (pending,) = ready.model.pending_jobs()
    assert pending.job["job_type"] == "check"
    assert pending.extra_vars == {"days": 4, "more": True}


def test_jobs_are_run_by_a_callable(ready: Client) -> None:
    """The same workflow as in the test that ends jobs itself, but the model runs them."""
    seen: list[PendingJob] = []

    def run(pending: PendingJob) -> Outcome:
        seen.append(pending)
        if pending.job["name"] == "b":
            raise RuntimeError("There is no runner.")
        return Outcome("successful", {"from": pending.job["name"]}, "PLAY RECAP\n")

    model = Model(run, {"git": ready.model.projects.folder(ready.model.store.all("projects")[0]) or _none()})
    client = Client(model)
    organization = client.create("organizations", name="Keys")
    project = client.create("projects", name="P", organization=organization, scm_type="git", scm_url="git")
    inventory = client.create("inventories", name="I", organization=organization)
    client.create("job_templates", name="Renew", project=project, inventory=inventory, playbook="renew.yml")
    workflow = Workflow(client, "ab")
    workflow.link("a", "success", "b")
    job = workflow.launch()
    model.settle()
    assert [one.job["name"] for one in seen] == ["a", "b"]
    assert json.loads(model.object("jobs", name="b")["extra_vars"]) == {"from": "a"}
    assert model.object("jobs", name="a")["stdout"] == "PLAY RECAP\n"
    failed = model.object("jobs", name="b")
    assert (failed["status"], failed["job_explanation"]) == ("error", "RuntimeError: There is no runner.")
    assert workflow.status(job) == "failed"


def _none() -> Any:
    raise AssertionError("The project has no folder.")
