# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of import parameters: a file that could be the only copy of other data is not overwritten."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.contents import ImportParameters, WrappedKeyMaterial
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.destinations import (
    DESTINATIONS,
    existing_bundle,
    read_existing,
    refuse_overwriting,
    write_files,
)

from ..bundles import parameters

STRANGERS = [b"", b"other notes", b"{}", b"[]", b"[" * 60_000, b"\x00\xff"]


def paths(folder: Path) -> dict[str, Path]:
    return {option: folder / option for option in DESTINATIONS}


def refused(folder: Path, **more: Any) -> str:
    with pytest.raises(Refusal) as caught:
        read_existing({**paths(folder), **more}, check_mode=False)
    return caught.value.sentence


def test_what_was_written_may_be_written_again(tmp_path: Path) -> None:
    nothing = read_existing(paths(tmp_path), check_mode=False)
    assert nothing == dict.fromkeys(DESTINATIONS)
    bundle, other = parameters(), parameters(import_token=b"another token")
    written: list[str] = []
    write_files(bundle, paths(tmp_path), nothing, written)
    assert written == list(DESTINATIONS)
    existing = read_existing(paths(tmp_path), check_mode=False)
    assert list(existing.values()) == [bundle.content, bundle.wrapping_public_key, bundle.import_token]
    write_files(other, paths(tmp_path), existing, [])
    assert (tmp_path / "import_token_dest").read_bytes() == b"another token"
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("content", STRANGERS)
@pytest.mark.parametrize("option", DESTINATIONS)
def test_a_file_from_another_source(tmp_path: Path, option: str, content: bytes) -> None:
    (tmp_path / option).write_bytes(content)
    assert "it was not overwritten" in refused(tmp_path)
    assert (tmp_path / option).read_bytes() == content


@pytest.mark.parametrize("option", DESTINATIONS)
def test_what_is_no_file(tmp_path: Path, option: str) -> None:
    os.mkfifo(tmp_path / option)
    assert f"{option}, {tmp_path / option}, is a FIFO" in refused(tmp_path)


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "dest"
    assert "The directory of dest" in refused(tmp_path, dest=missing)
    assert read_existing({"dest": missing}, check_mode=True) == {"dest": None}, "an earlier task could create it"


def test_an_import_token_is_recognised_by_its_bundle_alone(tmp_path: Path) -> None:
    (tmp_path / "import_token_dest").write_bytes(parameters().import_token)
    assert "is not the import token of the bundle in dest" in refused(tmp_path)
    (tmp_path / "dest").write_bytes(parameters(import_token=b"another token").content)
    assert "is not the import token of the bundle in dest" in refused(tmp_path)
    (tmp_path / "dest").write_bytes(parameters().content)
    assert read_existing(paths(tmp_path), check_mode=False)["import_token_dest"] == parameters().import_token


def test_another_process_writes_at_the_same_time(tmp_path: Path) -> None:
    """The files that were written are reported: their check code is the correct one."""
    existing = read_existing(paths(tmp_path), check_mode=False)
    (tmp_path / "public_key_dest").write_bytes(b"key material")
    written: list[str] = []
    with pytest.raises(Refusal, match="was changed by another process"):
        write_files(parameters(), paths(tmp_path), existing, written)
    assert written == ["dest"]
    assert (tmp_path / "public_key_dest").read_bytes() == b"key material"


def test_a_bundle_may_be_overwritten_and_the_other_kind_not() -> None:
    refuse_overwriting(None, ImportParameters, Path("it"))
    refuse_overwriting(parameters().content, ImportParameters, Path("it"))
    with pytest.raises(Refusal, match=r"^it already exists and is not a cloudkeys.aws/wrapped-key-material/v1 bundle"):
        refuse_overwriting(parameters().content, WrappedKeyMaterial, Path("it"))


def test_an_existing_bundle() -> None:
    assert existing_bundle(parameters().content) == parameters()
    assert existing_bundle(None) is existing_bundle(b"rubbish") is None
