# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task's declaration of one key, and invalid declarations."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.options import KEY_MATERIAL
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.arguments import take_arguments
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.declaration import Declaration, declare

from .._controller.test_files import action
from ..bundles import ARN
from ..tasks import Task

MATERIAL = bytes(range(200, 232))


def declared(folder: Path, *, check_mode: bool = False, **args: Any) -> Declaration:
    (folder / "k").write_bytes(MATERIAL)
    task = Task(args={"key_id": ARN, "key_material_src": "k", **args}, no_log=True)
    return declare(action(folder), take_arguments(task, KEY_MATERIAL), check_mode=check_mode)


def test_defaults(tmp_path: Path) -> None:
    declaration = declared(tmp_path)
    assert (declaration.key, declaration.region) == (ARN, "eu-central-1")
    assert (declaration.wrapping_key_spec, declaration.wrapping_key_trust) == ("RSA_4096", "kms_direct")
    assert (declaration.wait_timeout, declaration.check_mode) == (300, False)
    assert (declaration.wanted.state, declaration.wanted.material) == ("present", "given")
    assert declaration.sources.content == MATERIAL


def test_what_the_task_says(tmp_path: Path) -> None:
    declaration = declared(
        tmp_path, check_mode=True, key_id=" alias/a ", wait=False, valid_for="300d", renew_before="30d", enabled="no"
    )
    assert (declaration.key, declaration.region, declaration.check_mode) == ("alias/a", None, True)
    assert (declaration.wait_timeout, declaration.wanted.enabled) == (None, False)
    assert declaration.wanted.expiration.valid_for == timedelta(days=300)


def test_a_value_in_the_place_of_a_file(tmp_path: Path) -> None:
    declaration = declared(tmp_path, key_material_src=None, key_material=base64.b64encode(MATERIAL).decode())
    assert declaration.sources.content == MATERIAL


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({"key_id": " "}, "key_id is empty"),
        ({"wait_timeout": 0}, "at least 1"),
        ({"expected_check_code": None}, "expected_check_code is null"),
        ({"import_token_src": "k"}, "both as plaintext"),
        ({"valid_for": "90d"}, "requires renew_before"),
        ({"valid_to": "2027-09-17"}, "date without a time"),
        ({"region": "eu-west-1"}, "but region is eu-west-1"),
        ({"key_material_src": "no-such-file"}, "no-such-file was not found"),
        ({"state": "gone"}, "value of state must be one of"),
    ],
)
def test_what_cannot_be_meant(tmp_path: Path, args: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        declared(tmp_path, **args)
