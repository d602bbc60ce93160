# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values that a launch, a schedule, or a workflow node may or must pass to a template."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from . import surveys
from .errors import Refused
from .store import Item, Store
from .variables import parsed

#: Fields that a launch can set, and the field of the template that allows it.
_SIMPLE: Final = [
    "scm_branch",
    "diff_mode",
    "limit",
    "skip_tags",
    "job_type",
    "verbosity",
    "inventory",
    "execution_environment",
    "labels",
]
ASKS: Final[dict[str, dict[str, str]]] = {
    "job_templates": {
        **{name: f"ask_{name}_on_launch" for name in _SIMPLE},
        **{name: f"ask_{name}_on_launch" for name in ("forks", "job_slice_count", "timeout", "instance_groups")},
        "job_tags": "ask_tags_on_launch",
        "credentials": "ask_credential_on_launch",
        "extra_vars": "ask_variables_on_launch",
    },
    "workflow_job_templates": {
        **{name: f"ask_{name}_on_launch" for name in ("inventory", "scm_branch", "limit", "labels", "skip_tags")},
        "job_tags": "ask_tags_on_launch",
        "extra_vars": "ask_variables_on_launch",
    },
}
_LISTS: Final = ("credentials", "labels", "instance_groups")
_CALLED: Final = {"job_templates": "Job Template", "workflow_job_templates": "Workflow Job Template"}


@dataclass
class Weighed:
    """The result of comparing inputs with a template's prompts.

    :ivar errors: all errors that prevent a launch.
    """

    accepted: dict[str, Any] = field(default_factory=dict)
    ignored: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, Any] = field(default_factory=dict)


def weigh(store: Store, template: Item, given: dict[str, Any], *, lenient: tuple[str, ...] = ()) -> Weighed:
    """Compare inputs with a template's prompts.

    :param given: fields and ``extra_vars``; None means not given.
    :param lenient: ``prompts``: fields without a prompt are ignored without an error, as when a user launches.
        ``required``: answers may be missing, as in the nodes of a workflow.
    """
    weighed = Weighed()
    asks = ASKS.get(template.collection)
    if asks is None:
        named = {name: value for name, value in given.items() if value not in (None, {}, [])}
        errors = {name: ["Field is not allowed on launch."] for name in named}
        return Weighed(ignored=named, errors=errors)
    _weigh_variables(template, given.get("extra_vars"), weighed, lenient)
    for name, ask in asks.items():
        value = given.get(name)
        if name == "extra_vars" or value is None or (name in _LISTS and not value):
            continue
        if name in _LISTS:
            have = template.links[name]
            if name == "credentials" and not set(value) - set(have):
                continue
        elif value == template.fields.get(name):
            continue
        _weigh_one(store, template, name, value, ask, weighed, lenient)
    _needed(template, weighed)
    return weighed


def _weigh_one(
    store: Store, template: Item, name: str, value: Any, ask: str, weighed: Weighed, lenient: tuple[str, ...]
) -> None:
    if not template[ask]:
        weighed.ignored[name] = value
        if "prompts" not in lenient:
            weighed.errors[name] = ["Field is not configured to prompt on launch."]
        return
    project = store.target(template, "project") if template.collection == "job_templates" else None
    if name == "scm_branch" and project and value != project["scm_branch"] and not project["allow_override"]:
        weighed.ignored[name] = value
        weighed.errors[name] = ["Project does not allow override of branch."]
        return
    weighed.accepted[name] = value


def _weigh_variables(template: Item, given: Any, weighed: Weighed, lenient: tuple[str, ...]) -> None:
    try:
        rest = parsed("extra_vars", given)
    except Refused as refused:
        weighed.errors |= refused.body
        return
    answers = dict(rest)
    accepted: dict[str, Any] = {}
    rejected: dict[str, Any] = {}
    errors: list[str] = []
    survey = template.private.get("survey_spec") or {}
    for question in survey.get("spec", []) if template["survey_enabled"] else []:
        name = question["variable"]
        wrong = surveys.answer_errors(question, answers, needed="required" not in lenient)
        errors += wrong
        if name in rest:
            (rejected if wrong else accepted)[name] = rest.pop(name)
    if errors:
        weighed.errors["variables_needed_to_start"] = errors
    if template["ask_variables_on_launch"]:
        accepted |= rest
        rest = {}
    own = parsed("extra_vars", template["extra_vars"])
    rest = {name: value for name, value in rest.items() if name not in own or own[name] != value}
    if rest:
        rejected |= rest
        if "prompts" not in lenient:
            weighed.errors["extra_vars"] = [
                f"Variables {', '.join(rest)} are not allowed on launch. Check the Prompt on Launch setting on the"
                f" {_CALLED[template.collection]} to include Extra Variables."
            ]
    if accepted:
        weighed.accepted["extra_vars"] = accepted
    if rejected:
        weighed.ignored["extra_vars"] = rejected


def _needed(template: Item, weighed: Weighed) -> None:
    if template.collection != "job_templates":
        return
    lacking = [name for name in ("project", "inventory") if not template[name] and name not in weighed.accepted]
    if lacking:
        weighed.errors["resources_needed_to_start"] = [
            f"Job Template {name} is missing or undefined." for name in lacking
        ]


def check_saved(store: Store, template: Item, item: Item, *, lenient: tuple[str, ...] = ()) -> None:
    """Check a saved launch: a schedule, or a node of a workflow.

    :raises Refused: its template does not accept it.
    """
    given = saved(item)
    weighed = weigh(store, template, given, lenient=lenient)
    errors = dict(weighed.errors)
    if "extra_vars" in errors:
        errors["extra_data"] = errors.pop("extra_vars")
    if errors:
        raise Refused(400, errors)


def saved(item: Item) -> dict[str, Any]:
    """The values that a schedule or a node passes to its template."""
    names = ASKS["job_templates"]
    given = {name: item.fields.get(name) for name in names if name not in _LISTS}
    lists = {name: list(item.links[name]) for name in _LISTS if item.links.get(name)}
    variables = parsed("extra_data", item.fields.get("extra_data"))
    return {name: value for name, value in {**given, **lists}.items() if value is not None} | (
        {"extra_vars": variables} if variables else {}
    )
