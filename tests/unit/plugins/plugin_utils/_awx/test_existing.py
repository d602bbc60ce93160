# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that exist in AWX: unchanged, changed, and refused ones."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.existing import (
    missing_things,
    nodes_are_alike,
    types_to_change,
    unfilled_fields,
    workflow_nodes,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.plan import make_plan

from .settings import settings

PLAN = make_plan(settings())
KINDS = (
    "organizations", "execution_environments", "projects", "credential_types", "credentials", "inventories",
    "job_templates", "workflow_job_templates", "schedules",
)  # fmt: skip
RENEWAL = PLAN["workflows"][0]


def type_of(name: str, *ids: str) -> dict[str, Any]:
    return {"name": name, "inputs": {"fields": [{"id": field, "label": field.upper()} for field in ids]}}


def shown_nodes(**changed: Any) -> list[dict[str, Any]]:
    """The nodes of the renewal workflow as AWX returns them."""
    approval = {
        "name": "Approve the renewal",
        "description": RENEWAL["nodes"][1]["description"],
        "unified_job_type": "workflow_approval",
        "timeout": 86400,
        **changed,
    }
    renew = {"name": "cloudkeys: Renew", "description": "Something.", "unified_job_type": "job"}
    return [
        _node(4, "check", renew, [5], "check"),
        _node(5, "approve", approval, [6], None),
        _node(6, "renew", renew, [], "run"),
    ]


def _node(number: int, identifier: str, runs: dict[str, Any], following: list[int], job_type: str | None) -> Any:
    return {
        "id": number,
        "identifier": identifier,
        "job_type": job_type,
        "success_nodes": following,
        "summary_fields": {"unified_job_template": runs},
    }


def test_an_unused_type_is_created_or_changed() -> None:
    wanted = [type_of("a", "x", "y")]
    assert types_to_change(wanted, [], ()) == wanted
    assert types_to_change(wanted, [type_of("a", "x")], ()) == wanted


def test_a_type_in_use_keeps_its_fields() -> None:
    there = type_of("a", "x", "y")
    there["inputs"]["fields"][0]["label"] = "as it was"
    (kept,) = types_to_change([type_of("a", "x", "y")], [there], ["a"])
    assert kept["inputs"] == there["inputs"]
    # A key that is no longer listed keeps its field. No injector uses the field.
    (kept,) = types_to_change([{**type_of("a", "x"), "injectors": {"file": {}}}], [there], ["a"])
    assert (kept["inputs"], kept["injectors"]) == (there["inputs"], {"file": {}})


def test_a_field_that_cannot_be_added_is_reported_before_any_change() -> None:
    with pytest.raises(Refusal) as refused:
        types_to_change([type_of("a", "x", "z"), type_of("b", "q")], [type_of("a", "x")], ["a"])
    assert "The credential type a is in use and has no z." in refused.value.sentence
    assert "credential: key material 2027" in refused.value.sentence


def test_fields_without_a_value() -> None:
    types = [type_of("a", "x", "y"), type_of("b", "q")]
    credentials = [
        {"name": "a", "inputs": {"x": "$encrypted$", "y": ""}},
        {"name": "b", "inputs": {"q": "$encrypted$"}},
    ]
    assert unfilled_fields(types, credentials) == [{"name": "a", "fields": ["Y"]}]
    either = {"name": "a", "inputs": {"fields": [{"id": f, "label": f, "one_of": "z"} for f in "xy"]}}
    assert unfilled_fields([either], credentials) == []
    assert unfilled_fields([either], []) == [{"name": "a", "fields": ["x", "y"]}]
    assert unfilled_fields(types, []) == [{"name": "a", "fields": ["X", "Y"]}, {"name": "b", "fields": ["Q"]}]


def test_nodes_as_the_module_takes_them() -> None:
    check, approve, renew = workflow_nodes(RENEWAL, "Security")
    assert check["unified_job_template"] == {
        "name": "cloudkeys: Renew",
        "type": "job_template",
        "organization": {"name": "Security"},
    }
    assert check["related"]["success_nodes"] == [{"identifier": "approve"}]
    assert approve["unified_job_template"]["timeout"] == 86400
    assert renew["job_type"] == "run"


def test_nodes_that_already_exist() -> None:
    assert nodes_are_alike(RENEWAL, shown_nodes())
    more = _node(7, "tell", {"name": "Tell", "unified_job_type": "job"}, [], None)
    assert nodes_are_alike(RENEWAL, [*shown_nodes(), more])


@pytest.mark.parametrize("changed", [{"timeout": 86399}, {"name": "Another"}, {"description": ""}])
def test_an_approval_that_was_changed_manually(changed: dict[str, Any]) -> None:
    assert not nodes_are_alike(RENEWAL, shown_nodes(**changed))


def test_nodes_without_a_link_or_with_another_job_type() -> None:
    without_link, another, fewer = shown_nodes(), shown_nodes(), shown_nodes()[:2]
    past_the_approval, whatever_comes = shown_nodes(), shown_nodes()
    past_the_approval[0]["success_nodes"] = [5, 6]
    whatever_comes[0]["always_nodes"] = [6]
    without_link[1]["success_nodes"] = []
    another[2]["job_type"] = "check"
    for nodes in (without_link, another, fewer, past_the_approval, whatever_comes, []):
        assert not nodes_are_alike(RENEWAL, nodes)


def test_what_is_missing() -> None:
    nothing: dict[str, list[str]] = {kind: [] for kind in KINDS}
    said = missing_things(PLAN, nothing, "Security")
    assert said[0] == "organization Security"
    assert "job template cloudkeys: Renew" in said
    assert "host treasury" in said
    there = {
        "organizations": ["Security"],
        "execution_environments": ["cloudkeys"],
        "projects": ["cloudkeys"],
        "inventories": ["cloudkeys: accounts"],
        **{kind: [one["name"] for one in PLAN[kind]] for kind in ("credential_types", "credentials", "job_templates")},
        "workflow_job_templates": [one["name"] for one in PLAN["workflows"]],
        "schedules": [one["name"] for one in PLAN["schedules"]],
    }
    assert missing_things(PLAN, there, "Security") == []
