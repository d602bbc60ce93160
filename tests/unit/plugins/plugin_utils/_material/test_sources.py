# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and values that are empty or in another encoding: refused as such, and never read as something else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.cloudkeys.aws.plugins.module_utils._import_parameters.options import DECLARED as EXPORT
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.options import DECLARED as MATERIAL
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.arguments import validate
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.sources import (
    SECRET_OPTIONS,
    read_sources,
    take_secrets,
)

MATERIAL_PUBLIC = {name: spec for name, spec in MATERIAL.items() if name not in SECRET_OPTIONS}
PATHS = [name for name, spec in MATERIAL.items() if spec["type"] == "path"]


class Task(SimpleNamespace):
    """What the functions need of a task; unlike a plain namespace it can be a key of a dictionary."""

    __hash__ = object.__hash__


@pytest.mark.parametrize("value", ["", " ", "\n"])
@pytest.mark.parametrize("name", PATHS)
def test_every_file(name: str, value: str) -> None:
    with pytest.raises(AnsibleActionFail, match=f"{name} is empty. Name a file"):
        validate({"key_id": "alias/a", name: value}, MATERIAL_PUBLIC)


@pytest.mark.parametrize("name", ["dest", "public_key_dest", "import_token_dest"])
def test_a_file_in_an_entry(name: str) -> None:
    entry: dict[str, Any] = {"key_id": "alias/a", name: ""}
    with pytest.raises(AnsibleActionFail, match=rf"bundles\[\]\.{name} is empty"):
        validate({"bundles": [{"key_id": "alias/b", "dest": "b"}, entry]}, EXPORT)


@pytest.mark.parametrize("value", ["", " \n", {}, []])
@pytest.mark.parametrize("name", SECRET_OPTIONS)
def test_every_value(name: str, value: Any) -> None:
    task = Task(args={"key_id": "alias/a", name: value})
    with pytest.raises(AnsibleActionFail, match=f"{name} is empty. Give a value"):
        take_secrets(task)
    assert name not in task.args


@pytest.mark.parametrize("name", SECRET_OPTIONS)
def test_null_is_left_out(name: str) -> None:
    task = Task(args={"key_id": "alias/a", name: None})
    assert take_secrets(task) == {}
    assert task.args == {"key_id": "alias/a"}


@pytest.mark.parametrize("value", ["0123456789abcdef" * 4, "0123456789ABCDEF" * 8 + "\n", ":".join(["0123"] * 16)])
def test_hex_is_not_decoded_as_base64(value: str) -> None:
    """It would be 48 bytes for 32, which an HMAC key may have."""
    with pytest.raises(AnsibleActionFail, match="The value of key_material is hex, and must be base64") as caught:
        read_sources(None, {}, {"key_material": value})
    assert value[:16] not in str(caught.value)
