# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routing of requests to an object, a list of objects, or an action on an object."""

from __future__ import annotations

from typing import Any, Final

from . import surveys
from .actions import Actions
from .errors import Refused, invalid, model_name, not_allowed, not_found
from .filters import Filters, Query
from .kind import WAYS
from .kinds import KINDS, UNIONS
from .launch_credentials import RUNNABLE, needed_passwords, unique_hash
from .prompts import ASKS
from .saving import Saving
from .showing import Showing
from .store import Item, Store

#: Lists below an object: the listed collection, and the field that refers to the object.
_LISTS: Final[dict[tuple[str, str], tuple[str, str]]] = {
    **{
        ("organizations", name): (name, "organization")
        for name in (
            *("execution_environments", "projects", "inventories", "job_templates", "workflow_job_templates", "teams"),
            *("credentials", "notification_templates"),
        )
    },
    **{
        ("inventories", name): (name, "inventory") for name in ("hosts", "groups", "inventory_sources", "job_templates")
    },
    **{
        (name, "schedules"): ("schedules", "unified_job_template")
        for name in ("projects", "inventory_sources", "job_templates", "workflow_job_templates")
    },
    ("credential_types", "credentials"): ("credentials", "credential_type"),
    ("execution_environments", "unified_job_templates"): ("unified_job_templates", "execution_environment"),
    ("workflow_job_templates", "workflow_nodes"): ("workflow_job_template_nodes", "workflow_job_template"),
    ("workflow_jobs", "workflow_nodes"): ("workflow_job_nodes", "workflow_job"),
    ("job_templates", "jobs"): ("jobs", "job_template"),
    ("job_templates", "slice_workflow_jobs"): ("workflow_jobs", "job_template"),
    ("workflow_job_templates", "workflow_jobs"): ("workflow_jobs", "workflow_job_template"),
    ("workflow_approval_templates", "approvals"): ("workflow_approvals", "unified_job_template"),
    ("projects", "project_updates"): ("project_updates", "project"),
    ("projects", "scm_inventory_sources"): ("inventory_sources", "source_project"),
    ("inventory_sources", "inventory_updates"): ("inventory_updates", "inventory_source"),
}
#: Kinds that the lists of all templates and all jobs omit.
_APPROVALS: Final = ("workflow_approval_templates", "workflow_approvals")

Answer = tuple[int, Any]


class Api:
    def __init__(self, store: Store, showing: Showing, saving: Saving, actions: Actions) -> None:
        self._store = store
        self._showing = showing
        self._saving = saving
        self._actions = actions
        self._filters = Filters(store, showing)

    def request(self, method: str, path: str, query: Query, body: Any) -> Answer:
        """Answer a request.

        :param path: below ``/api/v2/``.
        :raises Refused: AWX refuses the request.
        """
        names = [name for name in path.split("/") if name]
        if not names:
            return 200, {name: f"/api/v2/{name}/" for name in (*KINDS, *UNIONS, "ping", "config", "me")}
        collection, *rest = names
        if collection not in (*KINDS, *UNIONS) or len(rest) > 2:
            raise not_found()
        if body is not None and not isinstance(body, dict):
            raise Refused(400, {"detail": "JSON parse error - a dictionary is expected."})
        given: dict[str, Any] = body or {}
        if not rest:
            return self._list(method, collection, query, given)
        item = (
            self._store.get(collection, int(rest[0])) if rest[0].isdigit() else self._filters.named(collection, rest[0])
        )
        if len(rest) == 1:
            return self._one(method, item, given)
        return self._below(method, item, rest[1], query, given)

    def _list(self, method: str, collection: str, query: Query, given: dict[str, Any]) -> Answer:
        if method == "GET":
            items = self._store.all(collection)
            if collection in UNIONS:
                items = [one for one in items if one.collection not in _APPROVALS]
            return 200, self._filters.page(f"/api/v2/{collection}/", items, query)
        if method == "POST" and collection in KINDS and KINDS[collection].fields:
            return self._create(collection, given)
        raise not_allowed(method)

    def _create(self, collection: str, given: dict[str, Any]) -> Answer:
        item = self._saving.create(collection, given)
        return 201, self._showing.show(item, detail=True)

    def _one(self, method: str, item: Item, given: dict[str, Any]) -> Answer:
        match method:
            case "GET":
                return 200, self._showing.show(item, detail=True, by_id=True)
            case "PATCH" | "PUT" if item.kind.fields:
                self._saving.change(item, given)
                return 200, self._showing.show(item, detail=True, by_id=True)
            case "DELETE" if item.collection != "labels" and (item.kind.fields or item.kind.sequence == "jobs"):
                return self._saving.delete(item), None
        raise not_allowed(method)

    def _below(self, method: str, item: Item, name: str, query: Query, given: dict[str, Any]) -> Answer:
        action = self._actions.find(item, name)
        if action:
            return action(method, query, given)
        if name == "survey_spec" and "survey_enabled" in item.fields:
            return self._survey(method, item, given)
        path = f"{item.url}{name}/"
        if name in item.kind.links:
            return self._linked(method, item, name, query, given)
        below = _LISTS.get((item.collection, name))
        if below:
            collection, field = below
            if method == "POST":
                return self._create(collection, {**given, field: item.id})
            items = [one for one in self._store.all(collection) if one.fields.get(field) == item.id]
            return 200, self._filters.page(path, items, query)
        if name == "object_roles":
            return 200, self._filters.page(path, [self._store.get("roles", id_) for id_ in item.roles.values()], query)
        if (item.collection, name) in (("hosts", "groups"), ("hosts", "all_groups")):
            groups = [one for one in self._store.all("groups") if item.id in one.links["hosts"]]
            return 200, self._filters.page(path, groups, query)
        shown = [entry.rpartition("=")[2] for entry in item.kind.related.split()]
        if name in shown and method == "GET":
            # AWX has these lists; in the model they are empty.
            return 200, self._filters.page(path, [], query)
        raise not_found() if name not in shown else not_allowed(method)

    def _survey(self, method: str, item: Item, given: dict[str, Any]) -> Answer:
        old = item.private.get("survey_spec") or {}
        match method:
            case "GET":
                return 200, surveys.shown_specification(old)
            case "POST":
                surveys.check_specification(given, old)
                item.private["survey_spec"] = given
            case "DELETE":
                item.private["survey_spec"] = {}
            case _:
                raise not_allowed(method)
        return 200, None

    def _linked(self, method: str, item: Item, name: str, query: Query, given: dict[str, Any]) -> Answer:
        collection = item.kind.links[name]
        if method == "GET":
            return 200, self._filters.page(f"{item.url}{name}/", self._store.linked(item, name), query)
        if method != "POST":
            raise not_allowed(method)
        id_ = given.get("id")
        if id_ and not isinstance(id_, int):
            raise Refused(400, {"msg": '"id" field must be an integer.'})
        if "disassociate" in given:
            return self._disassociate(item, name, id_)
        created = None
        if not id_:
            if name in ("instance_groups", "users", "teams", "credentials"):
                label = KINDS[collection].type.replace("_", " ").title()
                raise Refused(400, {"msg": f"{label} 'id' field is missing."})
            more = {"workflow_job_template": item["workflow_job_template"]} if name in WAYS else {}
            created = self._created(collection, {**given, **more})
            id_ = created.id
        other = self._store.find(collection, id_)
        if other is None:
            raise Refused(400, {"detail": f"{model_name(KINDS[collection].type)} matching query does not exist."})
        if id_ not in item.links[name]:
            self._check_link(item, name, other)
            item.links[name].append(id_)
        return (201, self._showing.show(created, detail=True)) if created else (204, None)

    def _created(self, collection: str, given: dict[str, Any]) -> Item:
        """Create an object. A label with an existing name is not created again."""
        if collection == "labels":
            same = self._store.where("labels", name=given.get("name"), organization=given.get("organization"))
            if same:
                return same[0]
        return self._saving.create(collection, given)

    def _disassociate(self, item: Item, name: str, id_: int | None) -> Answer:
        if not id_:
            raise Refused(400, {"msg": '"id" is required to disassociate'})
        if id_ in item.links[name]:
            item.links[name].remove(id_)
        if name == "labels":
            self._saving.drop_unused([self._store.get("labels", id_)])
        return 204, None

    def _check_link(self, item: Item, name: str, other: Item) -> None:
        """:raises Refused: AWX does not allow the association."""
        if item.collection in ("job_templates", "workflow_job_template_nodes", "schedules") and name == "credentials":
            self._check_credential(item, other)
        if item.collection == "organizations" and name == "galaxy_credentials":
            kind = self._store.get("credential_types", other["credential_type"])
            if kind["kind"] != "galaxy":
                raise Refused(400, {"msg": f"Credential must be a Galaxy credential, not {kind['name']}."})
        if item.collection == "workflow_job_template_nodes" and name in WAYS:
            self._check_child(item, name, other)

    def _check_credential(self, item: Item, credential: Item) -> None:
        key, label = unique_hash(self._store, credential)
        others = [unique_hash(self._store, one)[0] for one in self._store.linked(item, "credentials")]
        if item.collection != "job_templates":
            self._check_saved_credential(item, credential, label, already=key in others)
            return
        if key in others:
            raise Refused(400, {"error": f"Cannot assign multiple {label} credentials."})
        kind = self._store.get("credential_types", credential["credential_type"])["kind"]
        if kind not in RUNNABLE:
            raise Refused(400, {"error": f"Cannot assign a Credential of kind `{kind}`."})

    def _check_saved_credential(self, item: Item, credential: Item, label: str, *, already: bool) -> None:
        """Check a credential of a schedule or a node. Its template must prompt for credentials."""
        template = self._store.target(item, "unified_job_template")
        if template is None:
            raise Refused(400, {"msg": "Cannot assign credential when related template is null."})
        if "credentials" not in ASKS.get(template.collection, {}):
            raise Refused(400, {"msg": "Related template cannot accept credentials on launch."})
        if needed_passwords(self._store, [credential]):
            text = "Credential that requires user input on launch cannot be used in saved launch configuration."
            raise Refused(400, {"msg": text})
        if not template["ask_credential_on_launch"]:
            raise Refused(400, {"msg": "Related template is not configured to accept credentials on launch."})
        if already:
            raise Refused(400, {"msg": f"This launch configuration already provides a {label} credential."})
        if credential.id in template.links["credentials"]:
            raise Refused(400, {"msg": f"Related template already uses {credential['name']} credential."})

    def _check_child(self, node: Item, name: str, child: Item) -> None:
        if child["workflow_job_template"] != node["workflow_job_template"]:
            raise invalid(detail="Nodes of two workflows cannot be linked.")
        if any(child.id in node.links[other] for other in WAYS if other != name):
            raise Refused(400, {"Error": "Relationship not allowed."})
        if child is node or self._leads(child, node):
            raise Refused(400, {"Error": "Cycle detected."})

    def _leads(self, start: Item, end: Item) -> bool:
        """Whether a path leads from one node to the other."""
        nexts = [self._store.get("workflow_job_template_nodes", id_) for way in WAYS for id_ in start.links[way]]
        return any(one is end or self._leads(one, end) for one in nexts)
