# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWX's refusals of surveys, schedules, and the nodes of workflows.

Source: awx/api/views/__init__.py (JobTemplateSurveySpec), awx/main/models/mixins.py (SurveyJobTemplateMixin),
awx/api/serializers.py (LaunchConfigurationBaseSerializer, SchedulePreviewSerializer) of AWX 24.6.2.dev. That a
required question prevents schedules was also observed on a running AWX.
"""

from __future__ import annotations

from typing import Any

import pytest

from .client import Client

_DAYS = {"variable": "days", "question_name": "Days", "type": "integer", "required": True, "min": 1, "max": 364}
_CHOICE = {**_DAYS, "type": "multiplechoice"}
_RULE = "DTSTART;TZID=Europe/Berlin:20991201T023000 RRULE:FREQ=DAILY;INTERVAL=1"


def _survey(*questions: Any) -> dict[str, Any]:
    return {"name": "Renewal", "description": "", "spec": list(questions)}


def _path(client: Client) -> str:
    return f"job_templates/{client.id('job_templates', 'Renew')}/survey_spec/"


def _without(name: str) -> dict[str, Any]:
    return {key: value for key, value in _DAYS.items() if key != name}


@pytest.mark.parametrize(
    ("survey", "text"),
    [
        ({"name": "x", "spec": [_DAYS]}, "Field 'description' is missing from survey spec."),
        ({"name": 5, "description": "", "spec": [_DAYS]}, "Expected string for field 'name', received int type."),
        (_survey(), "'spec' doesn't contain any items."),
        (_survey("x"), "Survey question 0 is not a json object."),
        (_survey(_without("variable")), "'variable' missing from survey question 0"),
        (_survey(_without("required")), "'required' missing from survey question 0"),
        (_survey({**_DAYS, "required": "yes"}), "'required' in survey question 0 expected to be boolean."),
        (_survey(_DAYS, _DAYS), "'variable' 'days' duplicated in survey question 1."),
        (
            _survey({**_DAYS, "type": "date"}),
            "'date' in survey question 0 is not one of 'text, textarea, password, multiplechoice, multiselect, integer,"
            " float' allowed question types.",
        ),
        (_survey({**_DAYS, "default": "x"}), "Default value x in survey question 0 expected to be integer."),
        (_survey({**_DAYS, "min": "1"}), "The min limit in survey question 0 expected to be integer."),
        (_survey(_CHOICE), "Survey question 0 of type multiplechoice must specify choices."),
        (
            _survey({**_CHOICE, "choices": ["a", "b"], "default": "c"}),
            "Default choice must be answered from the choices listed.",
        ),
        (
            _survey({**_CHOICE, "choices": "a\nb", "default": "a\nb"}),
            "Multiple Choice (Single Select) can only have one default value.",
        ),
        (
            _survey({**_DAYS, "type": "password", "default": "$encrypted$"}),
            "$encrypted$ is a reserved keyword, may not be used for new default in position 0.",
        ),
        (
            _survey({**_DAYS, "type": "text", "default": "$encrypted$"}),
            "$encrypted$ is a reserved keyword for password question defaults, survey question 0 is type text.",
        ),
    ],
    ids=[
        *("description", "name", "empty", "no question", "variable", "required", "no flag", "twice", "type", "default"),
        *("limit", "no choices", "no choice", "two defaults", "hidden default", "hidden text"),
    ],
)
def test_an_invalid_survey_is_refused(ready: Client, survey: dict[str, Any], text: str) -> None:
    assert ready.refused(400, "POST", _path(ready), **survey) == {"error": text}


def test_a_survey_is_returned_and_deleted(ready: Client) -> None:
    password = {**_DAYS, "variable": "word", "type": "password", "default": "hidden"}
    ready.post(_path(ready), **_survey(_DAYS, password))
    shown = ready.get(_path(ready))
    assert shown == _survey(_DAYS, {**password, "default": "$encrypted$"})
    ready.post(_path(ready), **shown)
    assert ready.model.object("job_templates", name="Renew")["survey_spec"]["spec"][1]["default"] == "hidden"
    status, _answer = ready.ask("DELETE", _path(ready))
    assert status == 200
    assert ready.get(_path(ready)) == {}


def _ask(client: Client, *questions: Any) -> int:
    client.post(_path(client), **_survey(*questions))
    template = client.id("job_templates", "Renew")
    client.change(f"job_templates/{template}/", survey_enabled=True)
    return template


def test_a_schedule_answers_required_questions(ready: Client) -> None:
    template = _ask(ready, {**_DAYS, "default": 30})
    schedule = {"name": "nightly", "unified_job_template": template, "rrule": _RULE}
    needed = {"variables_needed_to_start": ["'days' value missing"]}
    assert ready.refused(400, "POST", "schedules/", **schedule) == needed
    wrong = {"variables_needed_to_start": ["'days' value 400 is too large (must be no more than 364)."]}
    assert ready.refused(400, "POST", "schedules/", **schedule, extra_data={"days": 400}) == wrong
    other = {
        "extra_data": [
            "Variables other are not allowed on launch. Check the Prompt on Launch setting on the Job Template to"
            " include Extra Variables."
        ]
    }
    assert ready.refused(400, "POST", "schedules/", **schedule, extra_data={"days": 4, "other": 1}) == other
    made = ready.create("schedules", **schedule, extra_data={"days": 4})
    assert ready.change(f"schedules/{made}/", enabled=False)["next_run"] is None
    answer = ready.refused(400, "PATCH", f"schedules/{made}/", limit="dublin")
    assert answer == {"limit": ["Field is not configured to prompt on launch."]}


def test_a_node_may_leave_answers_to_its_workflow(ready: Client) -> None:
    node = {"workflow_job_template": ready.create("workflow_job_templates", name="W"), "identifier": "a"}
    node["unified_job_template"] = _ask(ready, _DAYS)
    ready.create("workflow_job_template_nodes", **node)
    given = {**node, "identifier": "b", "extra_data": {"days": "4"}}
    assert ready.refused(400, "POST", "workflow_job_template_nodes/", **given) == {
        "variables_needed_to_start": ["Value 4 for 'days' expected to be an integer."]
    }


def test_answers_that_are_passwords_are_hidden_and_kept(ready: Client) -> None:
    template = _ask(ready, {**_DAYS, "variable": "word", "type": "password"})
    schedule = {"name": "nightly", "unified_job_template": template, "rrule": _RULE}
    made = ready.post("schedules/", **schedule, extra_data={"word": "hidden"})
    assert made["extra_data"] == {"word": "$encrypted$"}
    ready.change(f"schedules/{made['id']}/", extra_data={"word": "$encrypted$"})
    assert ready.model.object("schedules", name="nightly")["extra_data"] == {"word": "hidden"}


@pytest.mark.parametrize(
    ("rule", "texts"),
    [
        (
            "RRULE:FREQ=DAILY;INTERVAL=1",
            ["Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ", ...],
        ),
        (
            "DTSTART:20991201T023000 RRULE:FREQ=DAILY;INTERVAL=1",
            [
                "DTSTART cannot be a naive datetime.  Specify ;TZINFO= or YYYYMMDDTHHMMSSZZ.",
                "rrule parsing failed validation: A valid TZID must be provided (e.g., America/New_York)",
            ],
        ),
        ("DTSTART:20991201T023000Z RRULE:FREQ=DAILY", ["INTERVAL required in rrule: RULE:FREQ=DAILY"]),
        (
            "DTSTART:20991201T023000Z RRULE:FREQ=SECONDLY;INTERVAL=1",
            ["SECONDLY is not supported: RULE:FREQ=SECONDLY;INTERVAL=1"],
        ),
        (
            "DTSTART:20991201T023000Z RRULE:FREQ=DAILY;INTERVAL=1 EXDATE:20991201T023000Z",
            ["EXDATE not allowed in rrule."],
        ),
        (
            "DTSTART:20991201T023000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1000",
            ["COUNT > 999 is unsupported: RULE:FREQ=DAILY;INTERVAL=1;COUNT=1000"],
        ),
        ("DTSTART:20991201T023000Z", ["One or more rule required in rrule."]),
    ],
    ids=["no start", "naive", "no interval", "seconds", "exception", "count", "no rule"],
)
def test_invalid_rules_are_refused(ready: Client, rule: str, texts: list[Any]) -> None:
    given = {"name": "x", "unified_job_template": ready.id("job_templates", "Renew"), "rrule": rule}
    errors = ready.refused(400, "POST", "schedules/", **given)["rrule"]
    known = [text for text in texts if text is not ...]
    assert errors[: len(known)] == known
    # Additional errors are the parser's.
    rest = errors[len(known) :]
    assert bool(rest) == (... in texts)
    assert all(one.startswith("rrule parsing failed validation: ") for one in rest)


def test_computed_fields_of_a_rule(ready: Client) -> None:
    rule = "DTSTART;TZID=Europe/Berlin:20991201T023000 RRULE:FREQ=DAILY;INTERVAL=1;UNTIL=20991203T120000"
    given = {"name": "x", "unified_job_template": ready.id("job_templates", "Renew"), "rrule": rule}
    made = ready.post("schedules/", **given)
    assert made["rrule"].endswith("UNTIL=20991203T110000Z")
    assert made["dtstart"] == made["next_run"] == "2099-12-01T01:30:00Z"
    assert made["dtend"] == "2099-12-03T01:30:00Z"
    assert made["until"] == "2099-12-03T12:00:00"
    assert made["timezone"] == "Europe/Berlin"
    assert ready.get(f"job_templates/{given['unified_job_template']}/")["next_job_run"] == made["next_run"]
