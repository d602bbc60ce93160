# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What AWX has already, compared with the plan. Pure.

AWX's modules report every approval of a workflow as changed, and AWX refuses other fields for a credential type in use.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ...module_utils._errors import Refusal
from .values import Json

__all__ = ("missing_things", "nodes_are_alike", "types_to_change", "unfilled_fields", "workflow_nodes")


_WAYS = ("success_nodes", "failure_nodes", "always_nodes")


def types_to_change(wanted: Sequence[Json], existing: Sequence[Json], in_use: Collection[str]) -> list[Json]:
    """The credential types that are to be made or changed.

    A type in use that has all the wanted fields, and perhaps others, keeps its fields.

    :param wanted: the types of the plan.
    :param existing: types as AWX shows them.
    :param in_use: the names of those of which there are credentials.
    :raises Refusal: a type in use lacks a field.
    """
    by_name = {one["name"]: one for one in existing}
    faults, changing = [], []
    for one in wanted:
        there = by_name.get(one["name"])
        if there is None or one["name"] not in in_use:
            changing.append(one)
            continue
        known = _ids(there)
        missing = [field for field in _ids(one) if field not in known]
        if missing:
            faults.append(
                f"The credential type {one['name']} is in use and has no {', '.join(missing)}. AWX does not change the"
                " fields of a type in use, because its credentials could lose key material."
            )
        else:
            # A field that is not wanted any more stays, and is injected no more: another type may have its variable.
            changing.append({**one, "inputs": there["inputs"]})
    if faults:
        advice = (
            "Give the new entries a credential of their own, such as credential: key material 2027. For a type without"
            " key material, delete the credential and the type, and run again. Nothing was changed."
        )
        raise Refusal(" ".join([*faults, advice]))
    return changing


def _ids(one: Json) -> list[str]:
    return [field["id"] for field in one.get("inputs", {}).get("fields", [])]


def missing_things(plan: Json, there: Mapping[str, Collection[str]], organization: str) -> list[str]:
    """What of the plan is not there, as lines such as ``job template cloudkeys: Renew``.

    :param there: the names of what AWX has, by the kinds of its API.
    """
    hosts = [host["name"] for host in plan["inventory"]["hosts"]]
    wanted = (
        ("organization", "organizations", [organization]),
        ("execution environment", "execution_environments", [plan["execution_environment"]]),
        ("project", "projects", [plan["project"]]),
        ("credential type", "credential_types", [one["name"] for one in plan["credential_types"]]),
        ("credential", "credentials", [one["name"] for one in plan["credentials"]]),
        ("inventory", "inventories", [plan["inventory"]["name"]]),
        ("job template", "job_templates", [one["name"] for one in plan["job_templates"]]),
        ("workflow", "workflow_job_templates", [one["name"] for one in plan["workflows"]]),
        ("schedule", "schedules", [one["name"] for one in plan["schedules"]]),
    )
    missing = [f"{word} {name}" for word, kind, names in wanted for name in names if name not in there[kind]]
    if plan["inventory"]["name"] not in there["inventories"]:
        missing += [f"host {name}" for name in hosts]
    return missing


def unfilled_fields(types: Sequence[Json], credentials: Sequence[Json]) -> list[Json]:
    """For each credential its ``name``, and the labels of the ``fields`` that nobody has filled in.

    :param types: with the names of the credentials. Fields with the same ``one_of`` need one value together.
    :param credentials: as AWX shows them; of secrets it shows that they are there.
    """
    by_name = {one["name"]: one for one in credentials}
    found = []
    for one in types:
        filled = by_name.get(one["name"], {}).get("inputs") or {}
        groups = {field.get("one_of") for field in one["inputs"]["fields"] if filled.get(field["id"])} - {None}
        empty = [
            field["label"]
            for field in one["inputs"]["fields"]
            if not filled.get(field["id"]) and field.get("one_of") not in groups
        ]
        if empty:
            found.append({"name": one["name"], "fields": empty})
    return found


def workflow_nodes(workflow: Json, organization: str) -> list[Json]:
    """The nodes of a workflow of the plan, as the module ``awx.awx.workflow_job_template`` takes them."""
    nodes = []
    for node in workflow["nodes"]:
        if "job_template" in node:
            runs = {
                "name": node["job_template"],
                "type": "job_template",
                "organization": {"name": organization},
            }
        else:
            runs = {"name": node["approval"], "type": "workflow_approval", "description": node["description"]}
            if node["timeout"]:
                runs["timeout"] = node["timeout"]
        following = [{"identifier": node["next"]}] if "next" in node else []
        nodes.append(
            {
                "identifier": node["identifier"],
                "unified_job_template": runs,
                "related": {"success_nodes": following},
                **({"job_type": node["job_type"]} if "job_type" in node else {}),
            }
        )
    return nodes


def nodes_are_alike(workflow: Json, existing: Sequence[Json]) -> bool:
    """Whether AWX has these nodes already. Others may be there, too, and follow on these.

    :param existing: nodes as AWX shows them.
    """
    planned = {node["identifier"] for node in workflow["nodes"]}
    by_identifier = {node["identifier"]: node for node in existing}
    places = {node["id"]: node["identifier"] for node in existing}
    for node in workflow["nodes"]:
        there = by_identifier.get(node["identifier"])
        if there is None or _planned(node) != _shown(there):
            return False
        # A link past the approval would be none of the plan's, and lead to the renewal.
        links = [(way, places.get(one)) for way in _WAYS for one in there.get(way, []) if places.get(one) in planned]
        if links != ([("success_nodes", node["next"])] if "next" in node else []):
            return False
    return True


def _planned(node: Json) -> Json:
    return {
        "runs": node.get("job_template", node.get("approval")),
        "description": node.get("description"),
        "timeout": node.get("timeout"),
        "job_type": node.get("job_type"),
    }


def _shown(node: Json) -> Json:
    runs = node.get("summary_fields", {}).get("unified_job_template") or {}
    approval = runs.get("unified_job_type") == "workflow_approval"
    return {
        "runs": runs.get("name"),
        # Of a job template these are its own matter.
        "description": runs.get("description") if approval else None,
        "timeout": runs.get("timeout") if approval else None,
        "job_type": node.get("job_type"),
    }
