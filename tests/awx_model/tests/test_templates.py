# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWX's refusals of job templates and their associations.

Source: awx/api/serializers.py (JobTemplateSerializer, JobOptionsSerializer), awx/api/views/__init__.py
(JobTemplateCredentialsList, LaunchConfigCredentialsBase, WorkflowJobTemplateNodeChildrenBaseList), awx/api/generics.py
and awx/api/views/labels.py of AWX 24.6.2.dev; "Cannot assign multiple" was also observed on a running AWX.
"""

from __future__ import annotations

from typing import Any

import pytest

from .client import Client


def _of_renew(client: Client) -> dict[str, Any]:
    renew = client.model.object("job_templates", name="Renew")
    return {name: renew[name] for name in ("project", "inventory", "playbook")}


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({"project": None}, {"project": ["Job Templates must have a project assigned."]}),
        ({"inventory": None}, {"inventory": ["You must either set a default value or ask to prompt on launch."]}),
        ({"playbook": "other.yml"}, {"playbook": ["Playbook not found for project."]}),
        ({"playbook": "cloudkeys.aws.expiry_report"}, {"playbook": ["Playbook not found for project."]}),
        ({"playbook": ""}, {"playbook": ["Must select playbook for project."]}),
        ({"scm_branch": "next"}, {"scm_branch": ["Project does not allow overriding branch."]}),
        ({"job_type": "scan"}, {"job_type": ['"scan" is not a valid choice.']}),
        ({"forks": "many"}, {"forks": ["A valid integer is required."]}),
        ({"inventory": 99}, {"inventory": ['Invalid pk "99" - object does not exist.']}),
        ({"name": "Renew"}, {"__all__": ["JobTemplate with this (name, organization) combination already exists."]}),
        ({"name": ""}, {"name": ["This field may not be blank."]}),
        ({"extra_vars": "[1]"}, {"extra_vars": ["Input type `list` is not a dictionary"]}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else str(value),
)
def test_refused(ready: Client, changed: dict[str, Any], answer: Any) -> None:
    given = {"name": "Another", **_of_renew(ready), **changed}
    assert ready.refused(400, "POST", "job_templates/", **given) == answer


def test_an_inventory_may_be_asked_for(ready: Client) -> None:
    ready.create("job_templates", name="Asks", **{**_of_renew(ready), "inventory": None}, ask_inventory_on_launch=True)


def test_any_playbook_of_a_project_that_allows_override(ready: Client) -> None:
    ready.change(f"projects/{ready.id('projects', 'Wrappers')}/", allow_override=True)
    ready.create("job_templates", name="FQCN", **{**_of_renew(ready), "playbook": "cloudkeys.aws.expiry_report"})


def test_the_organization_is_that_of_the_project(ready: Client) -> None:
    organization = ready.id("organizations", "Keys")
    assert ready.model.object("job_templates", name="Renew")["organization"] == organization


def _credential(client: Client, name: str, kind: str, **inputs: str) -> int:
    given = {"credential_type": client.id("credential_types", kind), "organization": client.id("organizations", "Keys")}
    return client.create("credentials", name=name, inputs=inputs, **given)


def test_one_credential_of_each_type(ready: Client) -> None:
    path = f"job_templates/{ready.id('job_templates', 'Renew')}/credentials/"
    first = _credential(ready, "first", "Amazon Web Services", username="a", password="b")
    second = _credential(ready, "second", "Amazon Web Services", username="c", password="d")
    ready.post(path, id=first)
    assert ready.refused(400, "POST", path, id=second) == {
        "error": "Cannot assign multiple Amazon Web Services credentials."
    }
    ready.post(path, id=first, disassociate=True)
    ready.post(path, id=second)
    assert [one["id"] for one in ready.get(path)["results"]] == [second]


def test_several_vaults_have_several_ids(ready: Client) -> None:
    path = f"job_templates/{ready.id('job_templates', 'Renew')}/credentials/"
    for name, vault_id in (("one", "a"), ("two", "b")):
        ready.post(path, id=_credential(ready, name, "Vault", vault_password="x", vault_id=vault_id))
    third = _credential(ready, "three", "Vault", vault_password="x", vault_id="b")
    assert ready.refused(400, "POST", path, id=third) == {"error": "Cannot assign multiple Vault (id=b) credentials."}


def test_credentials_of_other_kinds_are_refused(ready: Client) -> None:
    path = f"job_templates/{ready.id('job_templates', 'Renew')}/credentials/"
    credential = _credential(ready, "git", "Source Control")
    assert ready.refused(400, "POST", path, id=credential) == {"error": "Cannot assign a Credential of kind `scm`."}
    assert ready.refused(400, "POST", path, id=99) == {"detail": "Credential matching query does not exist."}
    assert ready.refused(400, "POST", path, id="x") == {"msg": '"id" field must be an integer.'}
    assert ready.refused(400, "POST", path, disassociate=True) == {"msg": '"id" is required to disassociate'}


def test_labels_are_deleted_with_their_last_object(ready: Client) -> None:
    organization = ready.id("organizations", "Keys")
    path = f"job_templates/{ready.id('job_templates', 'Renew')}/labels/"
    ready.post(path, name="keys", organization=organization)
    label = ready.id("labels", "keys")
    ready.refused(405, "DELETE", f"labels/{label}/")
    ready.post(path, id=label, disassociate=True)
    assert ready.model.objects("labels") == []
    ready.post(path, name="keys", organization=organization)
    ready.delete(f"job_templates/{ready.id('job_templates', 'Renew')}/")
    assert ready.model.objects("labels") == []


def test_nodes_cannot_form_a_cycle(ready: Client) -> None:
    workflow = ready.create("workflow_job_templates", name="W")
    first, second = (
        ready.create("workflow_job_template_nodes", workflow_job_template=workflow, identifier=name) for name in "ab"
    )
    ready.post(f"workflow_job_template_nodes/{first}/success_nodes/", id=second)
    for start, end, text in (
        (second, first, "Cycle detected."),
        (first, first, "Cycle detected."),
        (first, second, "Relationship not allowed."),
    ):
        answer = ready.refused(400, "POST", f"workflow_job_template_nodes/{start}/always_nodes/", id=end)
        assert answer == {"Error": text}
    again = {"workflow_job_template": workflow, "identifier": "a"}
    assert ready.refused(400, "POST", "workflow_job_template_nodes/", **again) == {
        "__all__": [
            "Workflow job template node with this Identifier and Workflow job template already exists.",
        ]
    }


def test_an_approval_is_deleted_with_its_node(ready: Client) -> None:
    workflow = ready.create("workflow_job_templates", name="W")
    node = ready.create("workflow_job_template_nodes", workflow_job_template=workflow, identifier="a")
    template = ready.post(f"workflow_job_template_nodes/{node}/create_approval_template/", name="Go on?", timeout=3600)
    assert ready.get(f"workflow_job_template_nodes/{node}/")["unified_job_template"] == template["id"]
    ready.delete(f"workflow_job_templates/{workflow}/")
    assert ready.model.objects("workflow_job_template_nodes") == []
    assert ready.model.objects("workflow_approval_templates") == []


def test_credentials_of_a_node_are_those_that_its_template_asks_for(ready: Client) -> None:
    template = ready.id("job_templates", "Renew")
    workflow = ready.create("workflow_job_templates", name="W")
    node = ready.create(
        "workflow_job_template_nodes", workflow_job_template=workflow, identifier="a", unified_job_template=template
    )
    path = f"workflow_job_template_nodes/{node}/credentials/"
    vault = _credential(ready, "vault", "Vault", vault_password="x")
    assert ready.refused(400, "POST", path, id=vault) == {
        "msg": "Related template is not configured to accept credentials on launch."
    }
    ready.change(f"job_templates/{template}/", ask_credential_on_launch=True)
    ready.post(path, id=vault)
    asking = _credential(ready, "asking", "Vault", vault_password="ASK")
    assert ready.refused(400, "POST", path, id=asking) == {
        "msg": "Credential that requires user input on launch cannot be used in saved launch configuration."
    }


def test_deleting_an_inventory_deletes_its_hosts(ready: Client) -> None:
    inventory = ready.id("inventories", "Accounts")
    status, _answer = ready.ask("DELETE", f"inventories/{inventory}/")
    assert status == 202
    assert ready.model.objects("hosts") == []
    assert ready.model.object("job_templates", name="Renew")["inventory"] is None


def test_deleting_resources_of_a_running_job(ready: Client) -> None:
    template = ready.id("job_templates", "Renew")
    job = ready.post(f"job_templates/{template}/launch/")["job"]
    conflict = {
        "error": "Resource is being used by running jobs.",
        "active_jobs": [{"id": job, "type": "job"}],
    }
    for path in (f"job_templates/{template}/", f"projects/{ready.id('projects', 'Wrappers')}/"):
        assert ready.refused(409, "DELETE", path) == conflict
    assert ready.refused(403, "DELETE", f"jobs/{job}/") == {"detail": "Cannot delete running job resource."}
    ready.post(f"jobs/{job}/cancel/")
    ready.delete(f"jobs/{job}/")
    ready.delete(f"job_templates/{template}/")


@pytest.mark.parametrize(
    ("collection", "given", "answer"),
    [
        ("organizations", {"name": "Keys"}, {"name": ["Organization with this Name already exists."]}),
        (
            "inventories",
            {"name": "Accounts", "organization": 2},
            {"__all__": ["Inventory with this Name and Organization already exists."]},
        ),
        (
            "projects",
            {"name": "Wrappers", "organization": 2, "scm_type": "git", "scm_url": "x"},
            {"__all__": ["Project with this (name, organization) combination already exists."]},
        ),
        (
            "hosts",
            {"name": "dublin", "inventory": 1},
            {"__all__": ["Host with this Name and Inventory already exists."]},
        ),
        ("projects", {"name": "x", "scm_type": "git"}, {"scm_url": ["SCM URL is required."]}),
        ("teams", {"name": "x"}, {"organization": ["This field is required."]}),
    ],
    ids=["organization", "inventory", "project", "host", "no URL", "no organization"],
)
def test_names_are_unique(ready: Client, collection: str, given: dict[str, Any], answer: Any) -> None:
    assert ready.refused(400, "POST", f"{collection}/", **given) == answer


def test_a_project_whose_repository_is_unknown_fails(ready: Client) -> None:
    given = {"name": "Unknown", "organization": ready.id("organizations", "Keys"), "scm_type": "git"}
    project = ready.create("projects", **given, scm_url="https://example.org/keys.git")
    assert ready.get(f"projects/{project}/")["status"] == "failed"
    template = {**_of_renew(ready), "project": project, "name": "x"}
    assert ready.refused(400, "POST", "job_templates/", **template) == {"playbook": ["Playbook not found for project."]}
