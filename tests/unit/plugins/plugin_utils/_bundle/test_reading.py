# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle with another check code than the given one: contents of the error message."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle import reading
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.contents import ImportParameters
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.file import check_code
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.reading import read_bundle

from .._controller.test_files import action
from ..bundles import parameters

GENUINE = parameters()
OTHER = replace(GENUINE, parameters_valid_to=GENUINE.parameters_valid_to - timedelta(hours=2))


def read(folder: Path, expected: Any, **options: Any) -> ImportParameters:
    given = {"parameters_bundle_src": "it.json", "expected_check_code": expected, **options}
    return read_bundle(action(folder), ImportParameters, "parameters_bundle", given, given)[0]


def refused(folder: Path, expected: str, **options: Any) -> str:
    """The message. It never contains the check code of the refused file in any notation."""
    with pytest.raises(Refusal) as caught:
        read(folder, expected, **options)
    said = str(caught.value)
    own = base64.b32encode(hashlib.sha256((folder / "it.json").read_bytes()).digest()).decode()
    assert own[:8] not in said.replace("-", "").upper()
    return said


def test_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "it.json").write_bytes(GENUINE.content)
    assert read(tmp_path, GENUINE.check_code) == GENUINE
    assert read(tmp_path, None) == GENUINE, "no check code was given"


def test_a_file_that_is_exchanged_between_two_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is read once, so the compared bytes are the used bytes."""
    path = tmp_path / "it.json"
    path.write_bytes(GENUINE.content)
    really = reading.read_controller_file

    def read_and_exchange(*arguments: Any) -> bytes:
        content = really(*arguments)
        path.write_bytes(OTHER.content)
        return content

    monkeypatch.setattr(reading, "read_controller_file", read_and_exchange)
    assert read(tmp_path, GENUINE.check_code) == GENUINE
    assert path.read_bytes() == OTHER.content


def test_it_says_which_key_and_until_when(tmp_path: Path) -> None:
    (tmp_path / "it.json").write_bytes(OTHER.content)
    said = refused(tmp_path, GENUINE.check_code)
    assert f"for the key {OTHER.key_arn}, with an import token that is valid until 2027-01-01T22:00:00" in said


def test_it_says_which_file_has_the_code(tmp_path: Path) -> None:
    (tmp_path / "it.json").write_bytes(OTHER.content)
    (tmp_path / "ledger.parameters.json").write_bytes(GENUINE.content)
    assert "belongs to ledger.parameters.json in the same directory" in refused(tmp_path, GENUINE.check_code)


TEMPTING = "K3ZQ-7DMV-2XNA-PLWE-5RTB"


@pytest.mark.parametrize("name", ["\x1b[2J", "type this", TEMPTING, TEMPTING.replace("-", "").lower(), f"a{TEMPTING}"])
def test_a_misleading_file_name_is_not_displayed(tmp_path: Path, name: str) -> None:
    (tmp_path / "it.json").write_bytes(OTHER.content)
    (tmp_path / f"{name}.json").write_bytes(GENUINE.content)
    said = refused(tmp_path, GENUINE.check_code)
    assert name not in said
    assert "belongs to another file in the same directory" in said


@pytest.mark.parametrize(
    "changed",
    [
        {"key_arn": f"arn:aws:kms:eu-central-1:{TEMPTING}:key/{GENUINE.key_id}"},
        {"key_arn": f"arn:aws:kms:eu-central-1:111122223333:key/{TEMPTING}", "key_id": TEMPTING},
        {"key_spec": TEMPTING},
        {"wrapping_algorithm": TEMPTING},
        {"wrapping_key_spec": TEMPTING},
        {"region": TEMPTING},
        {"key_id": TEMPTING},
    ],
)
def test_a_misleading_text_in_a_file_is_not_displayed(tmp_path: Path, changed: dict[str, str]) -> None:
    (tmp_path / "it.json").write_bytes(replace(OTHER, **changed).content)
    assert TEMPTING not in refused(tmp_path, GENUINE.check_code)


@pytest.mark.parametrize("content", [GENUINE.content[:-1], GENUINE.content + b"\n", b"notes", b""])
def test_it_says_that_the_file_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "it.json").write_bytes(content)
    said = refused(tmp_path, GENUINE.check_code)
    assert "It is damaged" in said or "It is not a bundle of this collection" in said


@pytest.mark.parametrize("empty", ["", " ", "-"])
def test_an_empty_code_is_none(tmp_path: Path, empty: str) -> None:
    """An empty variable does not turn the comparison off."""
    (tmp_path / "it.json").write_bytes(GENUINE.content)
    assert "is not a check code" in refused(tmp_path, empty)


def test_the_same_for_a_value(tmp_path: Path) -> None:
    (tmp_path / "it.json").write_bytes(OTHER.content)
    given = {"parameters_bundle_src": None, "parameters_bundle": OTHER.value}
    assert read(tmp_path, OTHER.check_code, **given) == OTHER
    assert "to be for the key" in refused(tmp_path, check_code(b""), **given)
