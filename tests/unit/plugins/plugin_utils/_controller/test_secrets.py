# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secret values are removed from a task's arguments. A task whose arguments are logged is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.options import SECRETS
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.secrets import (
    of_entry,
    refuse_logged,
    refuse_unusable,
    take_secrets,
)

from ..tasks import Task


def test_which_they_are() -> None:
    """The documentation of each secret option requires no_log. A name that is missing here would be logged."""
    assert SECRETS == (
        "key_material",
        "key_material_passphrase",
        "encrypted_key_material",
        "import_token",
        "wrapped_bundle",
    )


def test_they_are_taken_out_once_and_for_every_try() -> None:
    """With until and retries, another action object runs with the same task."""
    task = Task(args={"key_id": "alias/a", "key_material": "a secret"})
    for _turn in range(2):
        assert take_secrets(task) == {"key_material": "a secret"}
        assert task.args == {"key_id": "alias/a"}
    assert take_secrets(Task(args={})) == {}


@pytest.mark.parametrize("value", ["", " \n", {}, []])
@pytest.mark.parametrize("name", SECRETS)
def test_an_empty_value(name: str, value: Any) -> None:
    task = Task(args={"key_id": "alias/a", name: value})
    secrets = take_secrets(task)
    assert name not in task.args
    with pytest.raises(Refusal, match=f"{name} is empty. Give a value"):
        refuse_unusable(secrets)


@pytest.mark.parametrize("name", SECRETS)
def test_null_is_left_out(name: str) -> None:
    task = Task(args={"key_id": "alias/a", name: None})
    assert take_secrets(task) == {}
    assert task.args == {"key_id": "alias/a"}


def test_those_of_entries_are_known_by_their_places() -> None:
    given = [{"key_material_src": "k"}, {name: f"secret {name}" for name in SECRETS}]
    task = Task(args={"key_material": "a secret", "previous_key_materials": given})
    for _turn in range(2):
        secrets = take_secrets(task)
        assert task.args == {"previous_key_materials": [{"key_material_src": "k"}, {}]}
        assert of_entry(secrets, "previous_key_materials", 0) == {}
        assert of_entry(secrets, "previous_key_materials", 1) == {name: f"secret {name}" for name in SECRETS}
        assert len(secrets) == len(SECRETS) + 1
    assert given[1], "the variables that contain the entries are not changed"


def test_the_eleventh_entry_is_not_the_second() -> None:
    task = Task(args={"previous_key_materials": [{"key_material": str(place)} for place in range(12)]})
    secrets = take_secrets(task)
    for place in range(12):
        assert of_entry(secrets, "previous_key_materials", place) == {"key_material": str(place)}


@pytest.mark.parametrize(
    "value", ["key_material=secret", [{"key_material": "secret"}, "text"], 1, {"key_material": "x"}]
)
def test_entries_that_are_none(value: Any) -> None:
    """Ansible also parses options from text, but secrets in text cannot be removed in advance."""
    task = Task(args={"previous_key_materials": value})
    secrets = take_secrets(task)
    assert task.args == {}
    with pytest.raises(Refusal, match=r"^previous_key_materials must be a list of dictionaries\.$"):
        refuse_unusable(secrets)


@pytest.mark.parametrize("name", SECRETS)
def test_a_task_without_no_log(name: str) -> None:
    refuse_logged({name: "a secret"}, no_log=True)
    refuse_logged({}, no_log=False)
    with pytest.raises(Refusal, match=rf"^{name} is a value .* Add no_log: true .*{name}_src") as caught:
        refuse_logged({name: "a secret"}, no_log=False)
    assert "a secret" not in str(caught.value)


def test_two_of_them() -> None:
    with pytest.raises(Refusal, match=r"^key_material and import_token are values that"):
        refuse_logged({"key_material": "a", "import_token": "b"}, no_log=False)
