# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list as it is written, and the parts of it that can be displayed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.options import SECRETS
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._key_list.given import of_task, without_values

from .lists import ARN, ENTRIES, PAYMENTS, SECRET, faults, read


@pytest.mark.parametrize("wrong", [None, "text", b"bytes", {}, 5])
def test_what_is_no_list(wrong: Any) -> None:
    with pytest.raises(Refusal, match="kms_keys must be a list of dictionaries"):
        of_task(wrong)


def test_a_list_without_keys() -> None:
    with pytest.raises(Refusal, match=r"kms_keys has no keys\."):
        of_task([])


@pytest.mark.parametrize("place", ["entry", "previous"])
@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_value_is_refused_and_its_file_named(name: str, place: str) -> None:
    entry: dict[str, Any] = {"alias": "a", "key_material_src": "x"}
    if place == "entry":
        entry[name] = SECRET
    else:
        entry["previous_key_materials"] = [{"key_material_src": "y", name: SECRET}]
    (fault,) = faults(entry)
    assert f"{name} is a secret value, which a list of keys does not accept" in fault
    assert f"({name}_src)" in fault
    assert SECRET not in fault
    assert SECRET not in repr(of_task([entry]))


@given(ENTRIES)
def test_a_list_without_values_is_as_wrong_as_before(entries: list[Any]) -> None:
    def told(entries: Any) -> str | None:
        try:
            read(*entries)
        except Refusal as refusal:
            return refusal.sentence
        return None

    assert told(without_values(entries)) == told(entries)


def test_the_arguments_of_a_task_show_no_value_of_an_option_that_there_is_not() -> None:
    entry = {
        **PAYMENTS,
        "key_material": SECRET,
        "key_materail": SECRET,
        "key_arn": ARN,
        "previous_key_materials": [{"key_material_src": "old.key", "wrapped_bundle": SECRET}, SECRET],
    }
    assert without_values([entry, SECRET]) == [
        {
            **PAYMENTS,
            "key_material": None,
            "key_materail": None,
            "key_arn": ARN,
            "previous_key_materials": [{"key_material_src": "old.key", "wrapped_bundle": None}, ""],
        },
        "",
    ]
    assert without_values(SECRET) == without_values({"key_material": SECRET}) == ""


WITHIN: dict[str, dict[Any, Any]] = {
    "alias": {"alias": {"key_material": SECRET}},
    "path": {"key_material_src": [SECRET]},
    "older": {"previous_key_materials": [{"key_material_src": {"key_material": SECRET}}]},
    "older, as one": {"previous_key_materials": {"key_material": SECRET}},
    "Region": {"replica_regions": {"key_material": SECRET}},
    "Regions": {"replica_regions": [{"key_material": SECRET}]},
    "name": {SECRET: None},
    "name of an older one": {"previous_key_materials": [{SECRET: None}]},
    "no colon": {f"key_material:{SECRET}": None},
    "no text": {("key_material", SECRET): None},
}


@pytest.mark.parametrize("where", WITHIN)
def test_the_arguments_of_a_task_show_no_value_in_the_wrong_place(where: str) -> None:
    entry = {"alias": "payments", **WITHIN[where]}
    shown = without_values([entry])
    assert SECRET not in repr(shown)
    for entries in ([entry], shown):
        with pytest.raises(Refusal) as refused:
            read(*entries)
        assert SECRET not in refused.value.sentence


def test_the_arguments_of_a_task_show_what_is_public() -> None:
    entry = {
        **PAYMENTS,
        "tags": {"a": "1"},
        "policy": {"Statement": []},
        "replica_regions": ["eu-west-1"],
        "wait": True,
    }
    assert without_values([entry]) == [entry]
