# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values are converted to the types in an argument spec. A value of another type is reported without the value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._fleet.options import KEY
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.options import PREVIOUS
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._key_list.values import read_values

from .lists import JSON, SECRET

SPEC: dict[str, dict[str, Any]] = {
    "text": {"type": "str"},
    "choice": {"type": "str", "choices": ["one", "two"]},
    "number": {"type": "int"},
    "switch": {"type": "bool"},
    "file": {"type": "path"},
    "names": {"type": "list", "elements": "str"},
    "pairs": {"type": "dict"},
    "document": {"type": "json"},
    "entries": {"type": "list", "elements": "dict", "options": {"number": {"type": "int"}}},
}


@pytest.mark.parametrize(
    ("option", "given", "value"),
    [
        ("text", 5, "5"),
        ("choice", "two", "two"),
        ("number", "7", 7),
        ("switch", "yes", True),
        ("file", "a.key", "a.key"),
        ("names", "a,b", ["a", "b"]),
        ("names", ["a", 1], ["a", "1"]),
        ("pairs", "a=b c=d", {"a": "b", "c": "d"}),
        ("document", {"a": True}, '{"a": true}'),
        ("entries", [{"number": "1"}], [{"number": 1}]),
    ],
)
def test_a_value_of_a_type(option: str, given: Any, value: Any) -> None:
    assert read_values({option: given}, SPEC) == ({option: value}, {})


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("text", "text must be text."),
        ("choice", "choice must be one of one, two."),
        ("number", "number must be a whole number."),
        ("switch", "switch must be true or false."),
        ("file", "file must be the path of a file."),
        ("names", "names must be a list."),
        ("pairs", "pairs must be a dictionary."),
        ("entries", "entries must be a list of dictionaries."),
    ],
)
def test_a_value_of_another_type_is_not_quoted(option: str, told: str) -> None:
    wrong: Any = [[SECRET]] if option in ("text", "file", "names", "pairs") else SECRET
    assert read_values({option: wrong, "number" if option != "number" else "text": 5}, SPEC)[1] == {option: told}


def test_an_empty_path_would_be_the_current_folder() -> None:
    assert read_values({"file": " ", "number": 1}, SPEC) == (
        {"number": 1},
        {"file": "file is empty. Name a file, or omit the option."},
    )


@given(st.sampled_from(sorted(KEY.keys() - {PREVIOUS})), JSON.filter(lambda value: value is not None))
def test_anything_has_the_type_or_is_told(option: str, value: Any) -> None:
    values, wrong = read_values({option: value}, KEY)
    assert {*values, *wrong} == {option}
    assert not values.keys() & wrong.keys()
