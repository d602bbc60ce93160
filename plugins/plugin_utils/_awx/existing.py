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
    """Return the credential types to create or change.

    A type in use keeps its fields if it has all required fields. It may have more.

    :param wanted: the types of the plan.
    :param existing: the types, as returned by AWX.
    :param in_use: the names of types that have credentials.
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
            # An unused field is kept but not injected, because another type may set the same variable.
            changing.append({**one, "inputs": there["inputs"]})
    if faults:
        advice = (
            "Set another credential for the new entries, such as credential: key material 2027. If the type contains no"
            " key material, delete the credential and the type, and run the playbook again. Nothing was changed."
        )
        raise Refusal(" ".join([*faults, advice]))
    return changing


def _ids(one: Json) -> list[str]:
    return [field["id"] for field in one.get("inputs", {}).get("fields", [])]


def missing_things(plan: Json, there: Mapping[str, Collection[str]], organization: str) -> list[str]:
    """Return the missing objects of a plan, as lines such as ``job template cloudkeys: Renew``.

    :param there: the names of the existing objects, by the resources of the AWX API.
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
    """Return the ``name`` of each credential with empty fields, and the labels of these ``fields``.

    :param types: types with the names of the credentials. Of fields with the same ``one_of``, one requires a value.
    :param credentials: the credentials, as returned by AWX. A secret is returned as a placeholder.
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
    """Return the nodes of a planned workflow, as options of the module ``awx.awx.workflow_job_template``."""
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
    """Return whether AWX already has these nodes. The workflow may have further nodes after them.

    :param existing: the nodes, as returned by AWX.
    """
    planned = {node["identifier"] for node in workflow["nodes"]}
    by_identifier = {node["identifier"]: node for node in existing}
    places = {node["id"]: node["identifier"] for node in existing}
    for node in workflow["nodes"]:
        there = by_identifier.get(node["identifier"])
        if there is None or _planned(node) != _shown(there):
            return False
        # An additional link could bypass the approval.
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
        # A job template has its own description and timeout.
        "description": runs.get("description") if approval else None,
        "timeout": runs.get("timeout") if approval else None,
        "job_type": node.get("job_type"),
    }
