# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of a launch, and AWX's refusals.

Source: awx/api/serializers.py (JobLaunchSerializer, WorkflowJobLaunchSerializer), awx/main/models/jobs.py, mixins.py
and unified_jobs.py of AWX 24.6.2.dev.
"""

from __future__ import annotations

import json
from typing import Any

from awx_model.running import Outcome

from .client import Client

_DAYS = {"variable": "days", "question_name": "Days", "type": "integer", "required": True, "min": 1, "max": 364}
_LIFE = {"variable": "life", "question_name": "Life", "type": "text", "required": False, "default": "90d"}
_WORD = {"variable": "word", "question_name": "Word", "type": "password", "required": False, "default": "hidden"}
_TOO_LONG = {"variable": "code", "question_name": "Code", "type": "text", "required": False, "default": "abc", "max": 2}


def _survey(client: Client, *questions: Any) -> str:
    template = client.id("job_templates", "Renew")
    survey = {"name": "Renewal", "description": "", "spec": list(questions)}
    client.post(f"job_templates/{template}/survey_spec/", **survey)
    client.change(f"job_templates/{template}/", survey_enabled=True)
    return f"job_templates/{template}"


def test_variables_come_from_the_template_the_survey_and_the_launcher(ready: Client) -> None:
    path = _survey(ready, _DAYS, _LIFE, _TOO_LONG)
    ready.change(f"{path}/", extra_vars="life: 1d\nteam: keys")
    launched = ready.post(f"{path}/launch/", extra_vars={"days": 4})
    assert launched["ignored_fields"] == {}
    assert launched["status"] == "pending"
    assert json.loads(ready.get(f"jobs/{launched['job']}/")["extra_vars"]) == {"life": "90d", "team": "keys", "days": 4}


def test_a_required_answer_is_given_even_where_there_is_a_default(ready: Client) -> None:
    path = _survey(ready, {**_DAYS, "default": 30})
    assert ready.get(f"{path}/launch/")["variables_needed_to_start"] == ["days"]
    needed = {"variables_needed_to_start": ["'days' value missing"]}
    assert ready.refused(400, "POST", f"{path}/launch/") == needed
    wrong = {"variables_needed_to_start": ["'days' value 0 is too small (must be at least 1)."]}
    assert ready.refused(400, "POST", f"{path}/launch/", extra_vars={"days": 0}) == wrong
    assert ready.model.objects("jobs") == []


def test_inputs_without_a_prompt_are_ignored(ready: Client) -> None:
    path = _survey(ready, _DAYS)
    given = {"extra_vars": {"days": 4, "wrapping_key_trust": "any"}, "limit": "dublin", "job_type": "check"}
    launched = ready.post(f"{path}/launch/", **given)
    ignored = {"extra_vars": {"wrapping_key_trust": "any"}, "limit": "dublin", "job_type": "check"}
    assert launched["ignored_fields"] == ignored
    job = ready.model.object("jobs", id=launched["job"])
    assert (job["limit"], job["job_type"], json.loads(job["extra_vars"])) == ("", "run", {"days": 4})


def test_inputs_with_a_prompt_are_used(ready: Client) -> None:
    template = ready.id("job_templates", "Renew")
    asked = ("variables", "limit", "job_type", "diff_mode")
    ready.change(f"job_templates/{template}/", **{f"ask_{name}_on_launch": True for name in asked})
    launched = ready.post(
        f"job_templates/{template}/launch/", extra_vars={"a": 1}, limit="dublin", job_type="check", diff_mode=True
    )
    job = ready.model.object("jobs", id=launched["job"])
    assert (job["limit"], job["job_type"], job["diff_mode"]) == ("dublin", "check", True)
    assert json.loads(job["extra_vars"]) == {"a": 1}


def test_passwords_are_hidden_and_handed_on(ready: Client) -> None:
    path = _survey(ready, _WORD)
    by_default, given = (
        ready.post(f"{path}/launch/", extra_vars=variables)["job"] for variables in ({}, {"word": "given"})
    )
    shown = [json.loads(ready.get(f"jobs/{job}/")["extra_vars"]) for job in (by_default, given)]
    assert shown == [{"word": "$encrypted$"}] * 2
    assert [one.extra_vars for one in ready.model.pending_jobs()] == [{"word": "hidden"}, {"word": "given"}]


def test_passwords_that_a_credential_asks_for(ready: Client) -> None:
    template = ready.id("job_templates", "Renew")
    vault = ready.create(
        "credentials",
        name="vault",
        credential_type=ready.id("credential_types", "Vault"),
        organization=ready.id("organizations", "Keys"),
        inputs={"vault_password": "ASK", "vault_id": "prod"},
    )
    ready.post(f"job_templates/{template}/credentials/", id=vault)
    needed = {"passwords_needed_to_start": ["vault_password.prod"]}
    assert ready.refused(400, "POST", f"job_templates/{template}/launch/") == needed
    ready.post(f"job_templates/{template}/launch/", credential_passwords={"vault_password.prod": "word"})
    (pending,) = ready.model.pending_jobs()
    assert pending.passwords == {"vault_password.prod": "word"}
    (used,) = pending.credentials
    assert used.inputs == {"vault_password": "ASK", "vault_id": "prod"}
    assert used.type["namespace"] == "vault"


def test_an_inventory_is_required(ready: Client) -> None:
    template = ready.id("job_templates", "Renew")
    inventory = ready.id("inventories", "Accounts")
    ready.change(f"job_templates/{template}/", inventory=None, ask_inventory_on_launch=True)
    answer = ready.refused(400, "POST", f"job_templates/{template}/launch/")
    assert answer == {"resources_needed_to_start": ["Job Template inventory is missing or undefined."]}
    answer = ready.refused(400, "POST", f"job_templates/{template}/launch/", inventory=99)
    assert answer == {"inventory": ['Invalid pk "99" - object does not exist.']}
    ready.post(f"job_templates/{template}/launch/", inventory=inventory)


def test_a_job_is_ended_by_a_test(ready: Client) -> None:
    template = ready.id("job_templates", "Renew")
    job = ready.post(f"job_templates/{template}/launch/")["job"]
    assert not ready.get(f"jobs/{job}/")["event_processing_finished"]
    ready.model.finish(job, Outcome("failed", {"report": {"due": 2}}, "PLAY [all]\n"))
    shown = ready.get(f"jobs/{job}/")
    assert (shown["status"], shown["failed"], shown["artifacts"]) == ("failed", True, {"report": {"due": 2}})
    assert shown["event_processing_finished"]
    assert ready.get(f"jobs/{job}/stdout/?format=txt") == b"PLAY [all]\n"
    assert ready.get(f"jobs/{job}/stdout/?format=json")["content"] == "PLAY [all]\n"
    assert ready.get(f"job_templates/{template}/")["status"] == "failed"


def test_slices_are_jobs_of_a_workflow(ready: Client) -> None:
    template = ready.id("job_templates", "Renew")
    ready.change(f"job_templates/{template}/", job_slice_count=5)
    launched = ready.post(f"job_templates/{template}/launch/")
    workflow = ready.get(f"workflow_jobs/{launched['workflow_job']}/")
    assert workflow["is_sliced_job"]
    pending = ready.model.pending_jobs()
    assert [(one.job["job_slice_number"], one.job["job_slice_count"]) for one in pending] == [(1, 2), (2, 2)]
    for one in pending:
        ready.model.finish(one.job.id, Outcome("successful"))
    assert ready.get(f"workflow_jobs/{workflow['id']}/")["status"] == "successful"


def test_a_workflow_refuses_inputs_without_a_prompt(ready: Client) -> None:
    workflow = ready.create("workflow_job_templates", name="W")
    path = f"workflow_job_templates/{workflow}/launch/"
    assert ready.refused(400, "POST", path, extra_vars={"a": 1}) == {
        "extra_vars": [
            "Variables a are not allowed on launch. Check the Prompt on Launch setting on the Workflow Job Template to"
            " include Extra Variables."
        ]
    }
    answer = ready.refused(400, "POST", path, limit="dublin")
    assert answer == {"limit": ["Field is not configured to prompt on launch."]}
