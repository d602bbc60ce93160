# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in renew_expiring_keys, and what is refused without showing it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.cloudkeys.aws.plugins.filter.not_renewed import renewals
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._copies.renewals import read_renewals

ENTRY = {"key_id": "alias/payments", "key_material_src": "new.key"}
OLDER = {"key_material_src": "old.key"}
ENDS = {"valid_for": "90d", "renew_before": "30d"}


def read(*entries: Any) -> tuple[list[str], list[dict[str, Any]]]:
    return read_renewals(list(entries), "the_keys", days=30, valid_for="90d", resolve=lambda path: f"/custody/{path}")


def test_the_least_and_the_most_that_may_be_said() -> None:
    own = {"key_material_passphrase_src": "word", "key_material_format": "raw", "on_unknown_material": "reimport"}
    previous = [
        OLDER,
        {**OLDER, "key_material_format": "hex", "key_material_id": "ab", "valid_for": "200d"},
        {**OLDER, "valid_to": "2027-03-01T00:00:00Z"},
        {**OLDER, "expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE"},
    ]
    most = {**ENTRY, **own, "valid_for": "180d", "replicas": True, "previous_key_materials": previous}
    faults, (first, second) = read(ENTRY, most)
    assert faults == []
    source = {"key_material_src": "/custody/new.key"}
    assert first == {"key_id": "alias/payments", "own": {**source, **ENDS}, "previous": [], "replicas": False}
    assert second["own"] == {
        **source, **own, "key_material_passphrase_src": "/custody/word", "valid_for": "180d", "renew_before": "30d",
    }  # fmt: skip
    assert second["replicas"] is True
    source = {"key_material_src": "/custody/old.key"}
    assert second["previous"] == [
        # That of the task is meant.
        source,
        {
            **source, "key_material_format": "hex", "key_material_id": "ab", "valid_for": "200d", "renew_before": "30d",
        },
        {**source, "valid_to": "2027-03-01T00:00:00Z"},
        {**source, "expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE"},
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [None, "text", b"bytes", {}, ENTRY, 1])
def test_what_is_no_list_of_keys(wrong: Any) -> None:
    told = renewals(wrong, "the_keys", 30, "90d")
    assert told == {
        "faults": ["the_keys must be a list of dictionaries with key_id and key_material_src."],
        "tasks": [],
    }


def test_an_empty_list_has_no_fault() -> None:
    assert read() == ([], [])


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("text", "the_keys[1] must be a dictionary with key_id and key_material_src."),
        ({"key_material_src": "x"}, "the_keys[1] has no key_id."),
        ({"key_id": "x"}, "the_keys[1] has no key_material_src."),
        ({**ENTRY, "key_id": " "}, "the_keys[1]: key_id must be a text."),
        ({**ENTRY, "key_id": 1}, "the_keys[1]: key_id must be a text."),
        ({**ENTRY, "replicas": "perhaps"}, "the_keys[1]: replicas must be true or false."),
        ({**ENTRY, "replicas": None}, "the_keys[1]: replicas must be true or false."),
        ({**ENTRY, "previous_key_materials": OLDER}, "the_keys[1]: previous_key_materials must be a list"),
        ({**ENTRY, "previous_key_materials": None}, "the_keys[1]: previous_key_materials must be a list"),
        (
            {**ENTRY, "previous_key_materials": [OLDER, "old.key"]},
            "the_keys[1].previous_key_materials[1] must be a dictionary with key_material_src.",
        ),
        (
            {**ENTRY, "previous_key_materials": [{}]},
            "the_keys[1].previous_key_materials[0] has no key_material_src.",
        ),
        ({**ENTRY, "renew_before": "3d"}, "the_keys[1] has renew_before, which nobody reads."),
        (
            {**ENTRY, "previous_key_materials": [{**OLDER, "renew_before": "3d"}]},
            "the_keys[1].previous_key_materials[0] has renew_before, which nobody reads.",
        ),
        ({**ENTRY, "valid_for": 90}, "the_keys[1]: "),
        ({**ENTRY, "valid_for": "20d"}, "the_keys[1]: renew_before, 30d, must be shorter than valid_for, 20d"),
        (
            {**ENTRY, "previous_key_materials": [{**OLDER, "valid_for": "20d"}]},
            "the_keys[1].previous_key_materials[0]: renew_before, 30d, must be shorter than valid_for, 20d",
        ),
        (
            {**ENTRY, "previous_key_materials": [{**OLDER, "valid_for": "90d", "valid_to": "2027-03-01T00:00:00Z"}]},
            "the_keys[1].previous_key_materials[0]: valid_to and valid_for both say",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(entry: Any, told: str) -> None:
    faults, tasks = read(ENTRY, entry)
    assert len(faults) == 1
    assert faults[0].startswith(told)
    assert tasks == []


@pytest.mark.parametrize(
    "option", ["key_material", "key_material_passphrase", "wrapped_bundle", "encrypted_key_material", "import_token"]
)
def test_secret_values_are_not_shown(option: str) -> None:
    secret = {option: "hunter2"}
    for entry in ({**ENTRY, **secret}, {**ENTRY, "previous_key_materials": [{**OLDER, **secret}]}):
        ((fault,), _tasks) = read(entry)
        assert f"has {option}, which nobody reads" in fault
        assert fault.endswith("Secret values are not taken, only files.")
        assert "hunter2" not in fault


@pytest.mark.parametrize(("given", "meant"), [(True, True), ("True", True), ("no", False), (False, False)])
def test_a_template_makes_a_text_of_true(given: Any, meant: bool) -> None:
    _faults, (task,) = read({**ENTRY, "replicas": given})
    assert task["replicas"] is meant


def test_paths_begin_in_the_folder_that_is_named() -> None:
    told = renewals([{**ENTRY, "previous_key_materials": [{"key_material_src": "/a/b"}]}], "the_keys", 30, "90d", "/c")
    (task,) = told["tasks"]
    assert task["own"]["key_material_src"] == "/c/new.key"
    assert task["previous"] == [{"key_material_src": "/a/b"}]


def test_other_arguments_are_refused_without_the_values_of_the_list() -> None:
    # As a template may hand it on.
    days: Any = "soon"
    with pytest.raises(AnsibleFilterError, match=r"cloudkeys\.aws\.renewals"):
        renewals([ENTRY], "the_keys", days, "90d")
