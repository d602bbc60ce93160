# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The description of a template's launch: its prompts and required values."""

from __future__ import annotations

from typing import Any

from .launch_credentials import needed_passwords
from .prompts import ASKS, saved, weigh
from .store import Item, Store


class Describing:
    def __init__(self, store: Store) -> None:
        self._store = store

    def describe(self, template: Item) -> dict[str, Any]:
        """Describe what a launch of a template prompts for."""
        survey = template.private.get("survey_spec") or {}
        enabled = bool(template["survey_enabled"] and survey.get("spec"))
        needed = [one["variable"] for one in survey.get("spec", []) if one["required"]] if enabled else []
        asks = {name: template[name] for name in sorted(set(ASKS[template.collection].values()))}
        about = {"name": template["name"], "id": template.id, "description": template["description"]}
        shown = {
            **asks,
            "survey_enabled": enabled,
            "variables_needed_to_start": needed,
            "defaults": self._defaults(template),
        }
        if template.collection == "workflow_job_templates":
            nodes = self._store.where("workflow_job_template_nodes", workflow_job_template=template.id)
            return {
                **shown,
                "can_start_without_user_input": not needed,
                "node_templates_missing": [one.id for one in nodes if one["unified_job_template"] is None],
                "node_prompts_rejected": self._rejected(nodes),
                "workflow_job_template_data": about,
            }
        passwords = needed_passwords(self._store, self._store.linked(template, "credentials"))
        return {
            **shown,
            "can_start_without_user_input": not (needed or passwords or any(asks.values())),
            "passwords_needed_to_start": passwords,
            "credential_needed_to_start": False,
            "inventory_needed_to_start": not template["inventory"],
            "job_template_data": about,
        }

    def _rejected(self, nodes: list[Item]) -> list[int]:
        found = []
        for node in nodes:
            template = self._store.target(node, "unified_job_template")
            if template and weigh(self._store, template, saved(node)).errors:
                found.append(node.id)
        return found

    def _defaults(self, template: Item) -> dict[str, Any]:
        defaults: dict[str, Any] = {}
        for name in ASKS[template.collection]:
            if name in ("inventory", "execution_environment"):
                target = self._store.target(template, name)
                defaults[name] = {"id": target.id, "name": target["name"]} if target else {}
            elif name in template.kind.links:
                defaults[name] = [{"id": one.id, "name": one["name"]} for one in self._store.linked(template, name)]
            else:
                defaults[name] = template.fields.get(name)
        return defaults
