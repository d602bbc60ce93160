# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task's arguments: unknown or empty options are refused, and no secret remains in the arguments."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._bundle.options import IMPORT_PARAMETERS
from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.options import KEY_MATERIAL
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.arguments import (
    region_of_key,
    take_arguments,
    validate,
)

from ..tasks import Task

ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PATHS = [name for name, spec in KEY_MATERIAL.items() if spec["type"] == "path"]


def taken(*, no_log: bool = True, **args: Any) -> Any:
    return take_arguments(Task(args=args, no_log=no_log), KEY_MATERIAL)


def test_three_kinds() -> None:
    given = {"profile": "treasury", "aws_region": "eu-central-1", "expected_account_id": "111122223333"}
    arguments = taken(key_arn=ARN, key_material="a secret", **given)
    assert arguments.options == {"key_arn": ARN}
    assert arguments.secrets == {"key_material": "a secret"}
    assert arguments.forwarded == given
    assert "a secret" not in repr(arguments)


def test_what_is_set() -> None:
    """An option is set if it is neither null nor false. This also applies to a secret."""
    arguments = taken(key_id="k", key_material="a secret", wait=False, valid_for=None)
    assert {"key_id", "key_material", "state"} <= arguments.given(validate(arguments.options, KEY_MATERIAL))
    assert not {"wait", "valid_for"} & arguments.given(validate(arguments.options, KEY_MATERIAL))


def test_an_option_that_nothing_reads() -> None:
    """The value can be a secret, so it is not displayed in a failure and not sent to a target."""
    task = Task(args={"key_id": "k", "key_materal": "a secret", "regionn": "x"}, no_log=False)
    with pytest.raises(Refusal, match=r"^Unsupported options: key_materal, regionn. Supported options:") as caught:
        take_arguments(task, KEY_MATERIAL)
    assert task.args == {"key_id": "k"}
    assert "a secret" not in str(caught.value)


PREVIOUS = [
    {"key_material": "a secret", "key_materal": "another secret", "key_material_id": "0"},
    {"key_material_src": "k", "key_material_passphrase": "a secret"},
]


def test_secrets_in_entries_are_found_in_the_same_way() -> None:
    task = Task(args={"key_id": "k", "previous_key_materials": [dict(entry) for entry in PREVIOUS]}, no_log=True)
    del task.args["previous_key_materials"][0]["key_materal"]
    arguments = take_arguments(task, KEY_MATERIAL)
    assert arguments.options["previous_key_materials"] == [{"key_material_id": "0"}, {"key_material_src": "k"}]
    assert arguments.secrets == {
        "previous_key_materials[0].key_material": "a secret",
        "previous_key_materials[1].key_material_passphrase": "a secret",
    }
    assert "secret" not in repr(arguments)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"previous_key_materials": PREVIOUS}, r"Unsupported option: previous_key_materials\[\]\.key_materal"),
        ({"key_materal": "a secret"}, "Unsupported option: key_materal"),
        ({"no_log": False}, "Add no_log: true"),
        ({"key_material": ""}, "key_material is empty"),
        ({"previous_key_materials": "key_material=secret"}, "must be a list of dictionaries"),
        ({"previous_key_materials": [{"key_material": "a secret"}, "key_material=secret"]}, "must be a list"),
    ],
    ids=["misspelt in an entry", "misspelt", "no no_log", "empty", "text for a list", "text for an entry"],
)
def test_no_secret_remains_in_the_arguments_after_any_fault(wrong: dict[str, Any], told: str) -> None:
    """A failed task displays its arguments. All secrets are removed from them before other checks."""
    args = {"key_id": "k", "import_token": "a secret", "previous_key_materials": PREVIOUS[1:], **wrong}
    task = Task(args=copy.deepcopy(args), no_log=True)
    task.no_log = task.args.pop("no_log", True)
    with pytest.raises(Refusal, match=told) as caught:
        take_arguments(task, KEY_MATERIAL)
    assert "secret" not in str(task.args)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({"valid_untl": "x"}, "Unsupported option: valid_untl"),
        (
            {"previous_key_materials": [{"valid_untl": "x"}]},
            r"option: previous_key_materials\[\]\.valid_untl\. Supported",
        ),
        ({"previous_key_materials": "key_material_src=k"}, "must be a list of dictionaries"),
        ({"key_material": ""}, "key_material is empty"),
    ],
)
def test_what_was_refused_once_is_refused_in_every_try(args: dict[str, Any], sentence: str) -> None:
    """With until and retries, the same task runs again without the removed values."""
    task = Task(args={"key_id": "k", **args}, no_log=True)
    said = set()
    for _turn in range(3):
        with pytest.raises(Refusal, match=sentence) as caught:
            take_arguments(task, KEY_MATERIAL)
        said.add(caught.value.sentence)
    assert len(said) == 1


def test_the_options_of_an_entry_are_named_where_only_they_are_wrong() -> None:
    with pytest.raises(Refusal, match=r"Supported options: .*key_material_id") as caught:
        taken(key_id="k", previous_key_materials=[{"key_materal": "x"}])
    assert "rotation_timeout" not in str(caught.value)
    with pytest.raises(Refusal, match=r"Supported options: .*rotation_timeout"):
        taken(key_id="k", key_materal="x", previous_key_materials=[{"key_materal": "x"}])


def test_a_secret_that_is_for_another_action() -> None:
    task = Task(args={"bundles": [], "import_token": "a secret"}, no_log=True)
    with pytest.raises(Refusal, match=r"^Unsupported option: import_token"):
        take_arguments(task, IMPORT_PARAMETERS)
    assert task.args == {"bundles": []}


def test_a_list_that_is_for_another_action() -> None:
    task = Task(args={"bundles": [], "previous_key_materials": [{"key_material": "a secret"}]}, no_log=False)
    with pytest.raises(Refusal, match=r"^Unsupported option: previous_key_materials\."):
        take_arguments(task, IMPORT_PARAMETERS)
    assert task.args == {"bundles": []}


def test_an_action_without_a_target_takes_no_options_for_it() -> None:
    with pytest.raises(Refusal, match=r"^Unsupported option: region"):
        take_arguments(Task(args={"region": "x"}, no_log=False), KEY_MATERIAL, frozenset())


def test_a_secret_in_a_task_that_is_logged() -> None:
    with pytest.raises(Refusal, match="Add no_log: true"):
        taken(key_id="k", key_material="a secret", no_log=False)


def test_types_and_defaults() -> None:
    given = validate({"key_arn": ARN, "enabled": "yes"}, KEY_MATERIAL)
    assert (given["key_id"], given["enabled"], given["state"]) == (ARN, True, "present")
    assert "key_material" not in given, "secrets are returned separately"
    with pytest.raises(Refusal, match=r"^missing required arguments: key_id\.$"):
        validate({}, KEY_MATERIAL)


@pytest.mark.parametrize("value", ["", " ", "\n"])
@pytest.mark.parametrize("name", PATHS)
def test_a_file_without_a_name(name: str, value: str) -> None:
    with pytest.raises(Refusal, match=f"{name} is empty. Name a file"):
        validate({"key_id": "alias/a", name: value}, KEY_MATERIAL)


@pytest.mark.parametrize("name", PATHS)
def test_a_file_without_a_name_in_an_entry(name: str) -> None:
    with pytest.raises(Refusal, match=rf"previous_key_materials\[\]\.{name} is empty"):
        validate({"key_id": "alias/a", "previous_key_materials": [{name: " "}]}, KEY_MATERIAL)


@pytest.mark.parametrize("name", ["dest", "public_key_dest", "import_token_dest"])
def test_a_file_in_an_entry(name: str) -> None:
    entry: dict[str, Any] = {"key_id": "alias/a", name: ""}
    with pytest.raises(Refusal, match=rf"bundles\[\]\.{name} is empty"):
        validate({"bundles": [{"key_id": "alias/b", "dest": "b"}, entry]}, IMPORT_PARAMETERS)


@pytest.mark.parametrize(
    ("key", "forwarded", "region"),
    [
        (ARN, {}, "eu-central-1"),
        (ARN, {"region": "eu-central-1"}, "eu-central-1"),
        (ARN, {"aws_region": ""}, "eu-central-1"),
        ("alias/payments", {"region": "eu-west-1"}, None),
        (ARN.rpartition("/")[2], {}, None),
    ],
)
def test_the_region_to_ask(key: str, forwarded: dict[str, str], region: str | None) -> None:
    assert region_of_key(key, forwarded) == region


@pytest.mark.parametrize("name", ["region", "aws_region"])
def test_a_region_that_contradicts_the_arn(name: str) -> None:
    with pytest.raises(Refusal, match="is in Region eu-central-1, but region is eu-west-1"):
        region_of_key(ARN, {name: "eu-west-1"})
