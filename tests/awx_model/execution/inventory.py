# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory as a program, which prints what ``ansible-inventory --list`` would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def script(inventory: Mapping[str, Any], slice_number: int, slice_count: int) -> str:
    """inventory/hosts."""
    text = json.dumps(script_data(inventory, slice_number, slice_count))
    return f"#! /usr/bin/env python3\n# -*- coding: utf-8 -*-\nprint({text!r})\n"


def script_data(inventory: Mapping[str, Any], slice_number: int = 0, slice_count: int = 1) -> dict[str, Any]:
    """The hosts of a slice are every n-th by name. A group keeps its hosts that are in the slice."""
    # AWX numbers hosts as they are made; here it is by name.
    numbered = list(enumerate(sorted(inventory.get("hosts", {})), start=1))
    if slice_count > 1 and slice_number > 0:
        numbered = numbered[slice_number - 1 :: slice_count]
    names = [name for _number, name in numbered]
    groups = {name: _group(group, names) for name, group in inventory.get("groups", {}).items()}
    grouped = {host for group in groups.values() for host in group.get("hosts", [])}
    everyone: dict[str, Any] = {"hosts": [name for name in names if name not in grouped]}
    if inventory.get("variables"):
        everyone["vars"] = inventory["variables"]
    if groups:
        everyone["children"] = list(groups)
    hosts = {name: {**inventory["hosts"][name], **_said_of_a_host(number)} for number, name in numbered}
    return {"all": everyone, **{name: group for name, group in groups.items() if group}, "_meta": {"hostvars": hosts}}


def _group(group: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """What is empty is left out."""
    parts = {
        "hosts": [host for host in group.get("hosts", []) if host in names],
        "children": list(group.get("children", [])),
        "vars": group.get("variables", {}),
    }
    return {key: value for key, value in parts.items() if value}


def _said_of_a_host(number: int) -> dict[str, Any]:
    return {
        f"remote_{prefix}_{name}": value
        for prefix in ("host", "tower")
        for name, value in {"enabled": "true", "id": number}.items()
    }
