# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role refuses variables that it does not have, so its list of those that it has is complete."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = sorted((Path(__file__).resolve().parents[2] / "roles").iterdir())


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_a_role_knows_its_own_variables(role: Path) -> None:
    variables = read(role / "vars" / "main.yml")
    specification = read(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    assert variables[f"{role.name}_options"] == list(specification)
    assert set(read(role / "defaults" / "main.yml")) <= set(specification)
    kept = set(names_kept(role))
    assert kept
    assert set(variables[f"{role.name}_internal"]) == {*variables, *kept}


def names_kept(role: Path) -> Iterator[str]:
    """What outlives a task: registered results, and facts."""
    for path in (role / "tasks").glob("*.yml"):
        for task in dictionaries(read(path)):
            if isinstance(task.get("register"), str):
                yield task["register"]
            yield from task.get("ansible.builtin.set_fact", ())


def dictionaries(content: Any) -> Iterator[dict[str, Any]]:
    if isinstance(content, dict):
        yield content
    for one in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        yield from dictionaries(one)
