# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the playbooks and roles, as their files have them: what users give, and what the files set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

COLLECTION: Final = Path(__file__).resolve().parents[2]
PLAYBOOKS: Final = sorted((COLLECTION / "playbooks").glob("*.yml"))
ROLES: Final = sorted(path for path in (COLLECTION / "roles").iterdir() if path.is_dir())
SHARED: Final = ("cloudkeys_hosts", "cloudkeys_region", "cloudkeys_profile")
"""Of every playbook; and cloudkeys_account_id, which is refused when it is empty."""
OF_ROLES: Final = {
    "awx_setup": "awx_setup",
    "expiry_report": "expiry_report",
    "provision_key": "imported_key",
    "recovery_drill": "recovery_drill",
    "verify_copies": "verify_copies",
}
"""Playbooks whose variables are the variables of a role."""
SURVEYED: Final = [role for role in ROLES if role.name != "awx_setup"]
"""Roles that jobs of AWX run. What sets AWX up is not launched by AWX, so no survey sends it empty strings."""
_CONDITIONS = ("when", "that", "failed_when", "changed_when", "until")
_KEYWORDS = {"become_user", "module_defaults", "check_mode", "ignore_errors", "run_once", "delegate_to", "no_log"}
_IMPORTS = ("ansible.builtin.import_tasks", "ansible.builtin.include_tasks")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def options_of(role: Path) -> dict[str, dict[str, Any]]:
    options: dict[str, dict[str, Any]] = read(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    return options


def own_variables(playbook: Path) -> list[str]:
    """The variables that users may set, except for the variables of every playbook."""
    role = OF_ROLES.get(playbook.stem)
    if role is not None:
        return list(options_of(COLLECTION / "roles" / role))
    for path in files_of_playbook(playbook):
        for one in dictionaries(read(path)):
            if "cloudkeys_internal_own_variables" in one:
                names: list[str] = one["cloudkeys_internal_own_variables"]
                return names
    raise AssertionError(f"{playbook.name} has no list of its variables")


def files_of_playbook(playbook: Path) -> list[Path]:
    """With the files of tasks that it imports, and those that they import."""
    found: list[Path] = []
    waiting = [playbook]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.append(path)
            imported = [one[name] for one in dictionaries(read(path)) for name in _IMPORTS if name in one]
            waiting += [(path.parent / name).resolve() for name in imported]
    return found


def files_of_role(role: Path) -> list[Path]:
    """But those that every role shares, which set nothing (tests/unit/test_playbook_variables.py)."""
    return [
        path for folder in ("tasks", "vars", "defaults", "handlers") for path in sorted((role / folder).glob("*.yml"))
    ]


def set_in(path: Path) -> set[str]:
    """Every variable that a file sets, registers or defines, found in all that is in it."""
    content = read(path)
    found: set[str] = set(content) if path.parent.name in ("vars", "defaults") else set()
    for one in dictionaries(content):
        found |= set(one.get("vars") or ())
        if isinstance(one.get("register"), str):
            found.add(one["register"])
        for name in ("ansible.builtin.set_fact", "set_fact"):
            found |= set(one.get(name) or ())
        control = one.get("loop_control") or {}
        found |= {
            control[name]
            for name in ("loop_var", "index_var", "extended_allitems")
            if isinstance(control.get(name), str)
        }
        if "role" in one:
            # What stands beside a role's name and is no keyword of Ansible's, is a variable.
            found |= {name for name in one if "_" in name and name not in _KEYWORDS}
    return {str(name) for name in found}


def dictionaries(content: Any) -> Iterator[dict[str, Any]]:
    if isinstance(content, dict):
        yield content
    for one in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        yield from dictionaries(one)


def expressions(path: Path) -> list[str]:
    """Whatever Ansible evaluates in a file, without the texts in quotes."""
    found: list[str] = []
    for one in dictionaries(read(path)):
        for name, value in one.items():
            texts = value if isinstance(value, list) else [value]
            for text in (text for text in texts if isinstance(text, str)):
                found += [text] if name in _CONDITIONS else re.findall(r"\{\{(.*?)\}\}", text, re.DOTALL)
    return [_without_texts(" ".join(text.split())) for text in found]


def _without_texts(expression: str) -> str:
    return re.sub(r"'[^']*'", lambda text: text[0] if text[0] == "''" else "TEXT", expression)


def unguarded(expression: str, name: str) -> str | None:
    """The expression, where it reads *name* without a thought of the empty string."""
    none = rf"{name}(?: \| default\((?:''|none)\))?(?: \| string)? (?:!= ''|is not none else '')"
    if re.search(rf"\bif {none}", expression):
        return None
    # With this default the empty string is none given; the other default is for the empty string, too.
    left = re.sub(rf"\b{name} \| default\((?:''|[^,()]*(?:\([^()]*\))?[^,()]*, true)\)", "", expression)
    return expression if re.search(rf"\b{name}\b", left) else None
