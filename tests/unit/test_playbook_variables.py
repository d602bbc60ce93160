# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An extra variable replaces every variable of the same name. Names that a playbook or role sets are refused.

``tests/system/test_extra_variables.py`` tests the refusal. ``tests/system/test_survey_answers.py`` tests that the empty
string is not an answer.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.collection_variables import (
    COLLECTION,
    OF_ROLES,
    PLAYBOOKS,
    ROLES,
    SURVEYED,
    expressions,
    files_of_playbook,
    files_of_role,
    options_of,
    own_variables,
    read,
    set_in,
    unguarded,
)

SHARED_FILES = (COLLECTION / "playbooks" / "tasks" / "known_variables_of_role.yml",)
REQUIRED = {"ceremony_keys", "ceremony_check_codes", "rotate_by_alias_alias", "rotate_by_alias_key_material_src"}
"""These variables are refused if they are missing or empty."""


def by_stem(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=by_stem)
def test_what_a_playbook_sets_is_called_internal(playbook: Path) -> None:
    names = set().union(*map(set_in, files_of_playbook(playbook)))
    role = f"|{OF_ROLES[playbook.stem]}_internal_" if playbook.stem in OF_ROLES else ""
    assert names, "known_variables.yml sets variables"
    assert not [name for name in names if not re.match(rf"cloudkeys_internal_{role}", name)]


@pytest.mark.parametrize("role", ROLES, ids=by_stem)
def test_what_a_role_sets_is_called_internal_or_documented(role: Path) -> None:
    names = set().union(*map(set_in, files_of_role(role)))
    assert not [
        name
        for name in names
        if not re.match(rf"{role.name}_(internal_|result$)", name) and name not in options_of(role)
    ]


def test_what_all_roles_share_sets_nothing() -> None:
    assert [set_in(path) for path in SHARED_FILES] == [set()] * len(SHARED_FILES)


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=by_stem)
def test_a_playbook_begins_with_the_refusal(playbook: Path) -> None:
    """Nothing precedes it. It contains only expressions, which an extra variable cannot replace."""
    (play,) = read(playbook)
    first = (play.get("pre_tasks") or play["tasks"])[0]
    path = (playbook.parent / first["ansible.builtin.import_tasks"]).resolve()
    if path.name != "known_variables.yml":
        path = (path.parent / read(path)[0]["ansible.builtin.import_tasks"]).resolve()
    refusal = read(path)[0]
    assert set(refusal) == {"name", "ansible.builtin.fail", "when"}
    assert refusal["when"].startswith("query('cloudkeys.aws.extra_varnames', '^cloudkeys_internal_'")


@pytest.mark.parametrize("role", ROLES, ids=by_stem)
def test_a_role_begins_with_the_refusal(role: Path) -> None:
    shared = "../../../playbooks/tasks/known_variables_of_role.yml"
    tasks = read(role / "tasks" / "main.yml")
    place = [task.get("ansible.builtin.import_tasks") for task in tasks].index(shared)
    for task in tasks[:place]:
        assert set(task) == {"name", "ansible.builtin.fail", "when"}, "only refusals with expressions precede it"


@pytest.mark.parametrize("role", ROLES, ids=by_stem)
def test_the_defaults_of_a_role_are_those_that_it_documents(role: Path) -> None:
    defaults = read(role / "defaults" / "main.yml")
    documented = {name: option["default"] for name, option in options_of(role).items() if "default" in option}
    assert {name: value for name, value in defaults.items() if name in documented} == documented
    assert set(defaults) <= set(options_of(role))


@pytest.mark.parametrize("role", SURVEYED, ids=by_stem)
def test_the_types_of_a_role_let_the_empty_string_pass(role: Path) -> None:
    """Ansible validates the types before the first task of the role."""
    for name, option in options_of(role).items():
        passes = option["type"] in ("raw", "str", "path") or option.get("elements") == "str"
        assert passes, f"{name}: write type raw, and check the value"
        assert "" in option.get("choices", [""]), name


OPTIONAL = [
    pytest.param(path, name, id=f"{path.stem}-{name}")
    for path in PLAYBOOKS
    if path.stem not in OF_ROLES
    for name in own_variables(path)
    if name not in REQUIRED
] + [
    pytest.param(path, name, id=f"{path.stem}-{name}")
    for path in SURVEYED
    for name, option in options_of(path).items()
    if not option.get("required")
]


@pytest.mark.parametrize(("path", "name"), OPTIONAL)
def test_the_empty_string_is_thought_of_wherever_a_variable_is_read(path: Path, name: str) -> None:
    """A variable of a file that several playbooks share can be read in any of these playbooks."""
    group = [one for one in PLAYBOOKS if one.stem.startswith(name.partition("_")[0])] if path.is_file() else []
    files = {one for playbook in group for one in files_of_playbook(playbook)} or set(files_of_role(path))
    read_in = [text for one in files for text in expressions(one) if re.search(rf"\b{name}\b", text)]
    assert read_in, "the variable is not read"
    assert [text for text in read_in if unguarded(text, name)] == []


@pytest.mark.parametrize(
    ("expression", "guarded"),
    [
        (" x if x | default('') != '' else omit ", True),
        (" x if x != '' else 3 ", True),
        (" (x | default('a', true)) | expanduser ", True),
        ("x | default('') != ''", True),
        (" [here, x | expanduser] if x | default('') != '' else omit ", True),
        (" x | default(omit) ", False),
        (" x ", False),
        (" x | default('') == '' or x ", False),
        (" x if x is defined else omit ", False),
    ],
)
def test_what_counts_as_a_thought(expression: str, guarded: bool) -> None:
    assert (unguarded(expression, "x") is None) is guarded
