# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of the modules' documentation."""

from __future__ import annotations

import importlib
from typing import Any

import yaml


def examples(module: str) -> str:
    """The examples of a module, as YAML."""
    text: str = importlib.import_module(f"ansible_collections.cloudkeys.aws.plugins.modules.{module}").EXAMPLES
    return text


def returned(module: str) -> dict[str, Any]:
    """The documentation of a module's return values, by field."""
    text = importlib.import_module(f"ansible_collections.cloudkeys.aws.plugins.modules.{module}").RETURN
    fields: dict[str, Any] = yaml.safe_load(text)
    return fields


def policy_actions(module: str = "kms_key_material") -> set[str]:
    """The operations that the documented policy allows."""
    (policy,) = yaml.safe_load(examples(module))[-1]["ansible.builtin.set_fact"].values()
    actions = [action for statement in policy["Statement"] for action in _listed(statement["Action"])]
    return {action.removeprefix("kms:") for action in actions}


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
