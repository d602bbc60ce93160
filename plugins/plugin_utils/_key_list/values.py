# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The validation of option values by an argument spec. Messages omit the value, which may be secret."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from datetime import date

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

__all__ = ("read_values",)

_SCALARS = (str, int, float, bool, date)
_WORDS = {
    "bool": "true or false",
    "dict": "a dictionary",
    "int": "a whole number",
    "json": "a JSON document",
    "list": "a list",
    "path": "the path of a file",
    "str": "text",
}


def read_values(
    options: Mapping[str, t.Any], spec: Mapping[str, Mapping[str, t.Any]]
) -> tuple[dict[str, t.Any], dict[str, str]]:
    """The values with their types, and a sentence for each option whose value has another type.

    :param options: none of them None or unknown. Entries of a list also have no unknown options.
    """
    wrong = {name: _must_be(name, spec[name]) for name, value in options.items() if not _can_be(value, spec[name])}
    right = {name: value for name, value in options.items() if name not in wrong}
    values = _validated(right, spec)
    if values is None:
        each = {name: _validated({name: value}, {name: spec[name]}) for name, value in right.items()}
        wrong |= {name: _must_be(name, spec[name]) for name, value in each.items() if value is None}
        values = {name: value[name] for name, value in each.items() if value is not None}
    empty = {
        name: f"{name} is empty. Name a file, or omit the option."
        for name, value in values.items()
        if spec[name]["type"] == "path" and not value.strip()
    }
    return {name: value for name, value in values.items() if name not in empty}, {**wrong, **empty}


def _validated(options: Mapping[str, t.Any], spec: Mapping[str, t.Any]) -> dict[str, t.Any] | None:
    result = ArgumentSpecValidator({name: spec[name] for name in options}).validate(dict(options))
    return None if result.error_messages else {name: result.validated_parameters[name] for name in options}


def _can_be(value: t.Any, option: Mapping[str, t.Any]) -> bool:
    """Whether Ansible's conversion is used at all. It converts any value to text."""
    kind = option["type"]
    if kind in ("str", "path", "bool", "int"):
        return isinstance(value, _SCALARS)
    if kind == "list" and option.get("elements") == "dict":
        return isinstance(value, list) and all(isinstance(entry, Mapping) for entry in value)
    if kind == "list" and isinstance(value, Sequence) and not isinstance(value, str):
        return all(isinstance(entry, _SCALARS) for entry in value)
    return True


def _must_be(name: str, option: Mapping[str, t.Any]) -> str:
    if "choices" in option:
        return f"{name} must be one of {', '.join(option['choices'])}."
    if option.get("elements") == "dict":
        return f"{name} must be a list of dictionaries."
    return f"{name} must be {_WORDS[option['type']]}."
