# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of awx.awx against the model, in complete ansible-playbook processes.

Source: that approval nodes, and only these, always report a change was observed on a running AWX.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from system.playbooks import Project, Run, Task, changes

from awx_model.fixtures import controller_variables
from awx_model.server import ModelServer

from .client import Client

_HERE: Final = Path(__file__).resolve().parent
_REPOSITORY: Final = "https://example.org/keys.git"


@pytest.fixture
def project(awx: ModelServer, tmp_path: Path) -> Project:
    """A folder in which awx.awx connects to the model. KMS is not available."""
    playbooks = tmp_path / "repository"
    playbooks.mkdir()
    (playbooks / "renew.yml").write_text("- hosts: all\n", "utf-8")
    awx.model.add_project(_REPOSITORY, playbooks)
    return Project(tmp_path, "http://127.0.0.1:9", environment=controller_variables(awx))


def _play(project: Project, playbook: str) -> Run:
    return project.run_text((_HERE / playbook).read_text("utf-8")).ok()


def test_setting_up_twice_and_deleting(awx: ModelServer, project: Project) -> None:
    nothing = {name: awx.model.objects(name) for name in ("job_templates", "credentials", "projects")}
    first = _play(project, "set_up.yml")
    assert set(changes(first)) == {task["task"] for task in first.tasks}
    template = awx.model.object("job_templates", name="Renew")
    assert len(template["credentials"]) == 2
    assert template["survey_spec"]["spec"][0]["variable"] == "days"
    assert awx.model.object("credentials", name="Keys material")["inputs"] == {"payments": "c2VjcmV0"}
    nodes = {one["identifier"]: one for one in awx.model.objects("workflow_job_template_nodes")}
    assert nodes["approve"]["success_nodes"] == [nodes["renew"]["id"]]
    assert changes(_play(project, "set_up.yml")) == ["Create the workflow"]
    _play(project, "take_away.yml")
    assert {name: awx.model.objects(name) for name in nothing} == nothing
    assert [one["name"] for one in awx.model.objects("organizations")] == ["Default"]


def test_check_mode_creates_nothing(awx: ModelServer, project: Project) -> None:
    run = project.run({"awx.awx.organization": {"name": "Keys"}}, check=True).ok()
    assert run.changed == [True]
    assert [one["name"] for one in awx.model.objects("organizations")] == ["Default"]


def test_a_refusal_reaches_the_task(awx: ModelServer, project: Project) -> None:
    inputs = {"fields": [{"id": "tower", "label": "x"}]}
    run = project.run({"awx.awx.credential_type": {"name": "x", "kind": "cloud", "inputs": inputs}}).failed()
    assert '"tower" is a reserved field name' in run.only["msg"]
    assert awx.model.objects("credential_types", name="x") == []


def test_jobs_are_launched(awx: ModelServer, project: Project) -> None:
    client = Client(awx.model)
    repository = client.create("projects", name="P", organization=1, scm_type="git", scm_url=_REPOSITORY)
    inventory = client.create("inventories", name="I", organization=1)
    asks = {"ask_variables_on_launch": True, "ask_limit_on_launch": True}
    template = {"name": "Renew", "project": repository, "inventory": inventory, "playbook": "renew.yml", **asks}
    node = {"identifier": "renew", "unified_job_template": client.create("job_templates", **template)}
    workflow = client.create("workflow_job_templates", name="W", organization=1)
    renew = client.create("workflow_job_template_nodes", workflow_job_template=workflow, **node)
    asks_first = client.create("workflow_job_template_nodes", workflow_job_template=workflow, identifier="ask")
    path = f"workflow_job_template_nodes/{asks_first}"
    client.post(f"{path}/create_approval_template/", name="Go on?", timeout=3600)
    client.post(f"{path}/success_nodes/", id=renew)
    tasks: list[Task] = [
        {"awx.awx.job_launch": {"job_template": "Renew", "extra_vars": {"days": 4}, "limit": "dublin"}},
        {"awx.awx.workflow_launch": {"workflow_template": "W", "wait": False}, "register": "launched"},
        {"awx.awx.workflow_approval": {"workflow_job_id": "{{ launched.id }}", "name": "Go on?", "action": "approve"}},
    ]
    project.run(*tasks).ok()
    first, second = awx.model.pending_jobs()
    assert (first.extra_vars, first.job["limit"]) == ({"days": 4}, "dublin")
    assert (second.extra_vars, second.job["launch_type"]) == ({}, "workflow")
    assert awx.model.object("workflow_jobs")["status"] == "running"
