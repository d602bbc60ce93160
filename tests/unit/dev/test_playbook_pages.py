# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of each playbook agrees with its files.

``tests/system/test_playbook_pages.py`` runs the examples.
"""

from __future__ import annotations

import re
from pathlib import Path

import playbook_pages
import pytest
from support.collection_variables import (
    COLLECTION,
    OF_ROLES,
    PLAYBOOKS,
    dictionaries,
    expressions,
    files_of_playbook,
    files_of_role,
    own_variables,
    read,
)

TYPES = {"bool", "dict", "int", "json", "list", "path", "raw", "str"}


def by_stem(path: Path) -> str:
    return path.stem


def files_of(playbook: Path) -> list[Path]:
    role = OF_ROLES.get(playbook.stem)
    return [*files_of_playbook(playbook), *(files_of_role(COLLECTION / "roles" / role) if role else [])]


def test_each_playbook_is_documented() -> None:
    documented = {path.stem for path in playbook_pages.DOCS.iterdir()}
    assert documented == {path.stem for path in PLAYBOOKS} | {playbook_pages.SHARED}


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=by_stem)
def test_the_documented_variables_are_those_that_the_playbook_reads(playbook: Path) -> None:
    text = " ".join(expression for path in files_of(playbook) for expression in expressions(path))
    shared = playbook_pages.read_spec(playbook_pages.SHARED)["options"]
    names = {name for name in (*own_variables(playbook), *shared) if re.search(rf"\b{name}\b", text)}
    if playbook.stem in OF_ROLES:
        # Filters of roles read the other variables, by the names in the roles' argument specifications.
        names |= set(own_variables(playbook))
    assert set(playbook_pages.variables_of(playbook)) == names


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=by_stem)
def test_each_variable_has_a_type_and_a_description(playbook: Path) -> None:
    for name, option in playbook_pages.variables_of(playbook).items():
        assert option["type"] in TYPES, name
        assert ("elements" in option) is (option["type"] == "list"), name
        assert option["description"], name
        assert not (option.get("required") and "default" in option), name


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=by_stem)
def test_the_documented_statistics_are_those_that_the_playbook_publishes(playbook: Path) -> None:
    published = {
        name
        for path in files_of(playbook)
        for one in dictionaries(read(path))
        for name in one.get("ansible.builtin.set_stats", {}).get("data", {})
    }
    assert set(playbook_pages.read_spec(playbook.stem).get("publishes", ())) == published


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=by_stem)
def test_the_tasks_in_the_example_exist(playbook: Path) -> None:
    example = playbook_pages.read_spec(playbook.stem)["example"]
    assert f"$ ansible-playbook cloudkeys.aws.{playbook.stem}" in example
    tasks = {one.get("name") for path in files_of(playbook) for one in dictionaries(read(path))}
    for task in re.findall(r"TASK \[(?:[\w.]+ : )?(.*)\]", example):
        assert task in tasks


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=by_stem)
def test_the_header_of_a_playbook_names_its_documentation(playbook: Path) -> None:
    header = playbook.read_text("utf-8").partition("\n- name:")[0]
    assert f"# ansible-playbook cloudkeys.aws.{playbook.stem}" in header
    assert f"playbooks/docs/{playbook.stem}.yml" in header


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("C(name) and V(true)", "``name`` and ``true``"),
        ("B(not) I(this)", "**not** *this*"),
        ("O(some_variable)", "``some_variable``"),
        ("O(a.b.c#module:d)", ":ansopt:`a.b.c#module:d`"),
        ("RV(a.b.c#module:d)", ":ansretval:`a.b.c#module:d`"),
        ("M(a.b.c), P(a.b.d#filter)", ":ansplugin:`a.b.c#module`, :ansplugin:`a.b.d#filter`"),
        ("R(Title, some.label)", ":ref:`Title <some.label>`"),
        ("two\n  lines", "two lines"),
        ("KMS(x)", "KMS(x)"),
    ],
    ids=["literal", "emphasis", "variable", "option", "result", "plugin", "reference", "lines", "word"],
)
def test_markup(markup: str, text: str) -> None:
    assert playbook_pages.to_rst(markup) == text


def test_pages(tmp_path: Path) -> None:
    (tmp_path / "docsite").mkdir()
    index = tmp_path / "index.rst"
    index.write_text("Guides\n\n.. _plugin_index_for_cloudkeys.aws:\n\nPlugin Index\n", "utf-8")
    playbook_pages.add_pages(tmp_path)
    page = (tmp_path / "docsite" / "playbook_renew_expiring.rst").read_text("utf-8")
    assert "    * - ``renew_expiring_days``\n\n        *int*\n      - " in page
    assert "        Default: ``30``\n" in page
    shown = index.read_text("utf-8")
    assert shown.startswith("Guides\n\nPlaybooks\n---------\n\n.. toctree::\n")
    assert "    docsite/playbook_renew_expiring\n" in shown
    assert shown.endswith("\n\n.. _plugin_index_for_cloudkeys.aws:\n\nPlugin Index\n")
