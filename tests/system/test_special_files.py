# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option that names a file on the controller, with a FIFO, a device, standard input, a folder, a socket, a link.

A FIFO that is opened by mistake blocks the task permanently, so every option gets one. All options open files by the
same functions, so the other special files are tested with one option that reads and one that writes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER
from support.materials import SYMMETRIC, new_material

from .on_time import emulator_on_time
from .playbooks import Project, Task

emulator = emulator_on_time
EXPORT, WRAP, MATERIAL = (
    f"cloudkeys.aws.{name}" for name in ("kms_import_parameters", "kms_wrapped_key_material", "kms_key_material")
)
SPECIAL = ("fifo", "folder", "/dev/zero", "/dev/stdin", "/dev/fd/0", "/proc/self/environ", "/proc/self/fd/0")


@pytest.fixture
def special(project: Project) -> list[str]:
    os.mkfifo(project.files / "fifo")
    (project.files / "folder").mkdir()
    return [name if name.startswith("/") else str(project.files / name) for name in SPECIAL]


@pytest.fixture
def parameters(project: Project, key: ExternalKey) -> Path:
    path = project.folder / "parameters.json"
    project.run({EXPORT: {"bundles": [{"key_id": key.arn, "dest": str(path)}]}}).ok()
    return path


def _all_refused(project: Project, tasks: list[Task], sentence: str) -> None:
    run = project.run(*[{**task, "ignore_errors": True} for task in tasks]).ok()
    assert [task["outcome"] for task in run.tasks] == ["failed"] * len(tasks), run.output
    for task, result in zip(tasks, run.results, strict=True):
        assert sentence in result["msg"], (task, result["msg"])


def test_none_is_read(
    project: Project, emulator: Emulator, key: ExternalKey, parameters: Path, special: list[str]
) -> None:
    material = project.write("k", new_material(SYMMETRIC))
    token = project.write("t", os.urandom(200))
    to_import: dict[str, Any] = {"key_id": key.arn, **NEVER}
    to_wrap = {"parameters_bundle_src": str(parameters), "dest": str(project.folder / "wrapped.json")}
    fifo, *others = special
    tasks: list[Task] = [
        {MATERIAL: {**to_import, "key_material_src": fifo}},
        {MATERIAL: {**to_import, "key_material_src": material, "key_material_passphrase_src": fifo}},
        {MATERIAL: {**to_import, "encrypted_key_material_src": fifo, "import_token_src": token}},
        {MATERIAL: {**to_import, "encrypted_key_material_src": token, "import_token_src": fifo}},
        {MATERIAL: {**to_import, "wrapped_bundle_src": fifo}},
        {WRAP: {**to_wrap, "key_material_src": fifo}},
        {WRAP: {**to_wrap, "encrypted_key_material_src": fifo}},
        {WRAP: {**to_wrap, "key_material_src": material, "parameters_bundle_src": fifo}},
        *({WRAP: {**to_wrap, "key_material_src": name}} for name in others),
    ]
    _all_refused(project, tasks, "not a regular file")
    assert key.state == "PendingImport"
    assert "ImportKeyMaterial" not in [call["operation"] for call in emulator.control.calls()]


def test_none_is_written(project: Project, key: ExternalKey, parameters: Path, special: list[str]) -> None:
    material = project.write("k", new_material(SYMMETRIC))
    content = parameters.read_bytes()
    (project.files / "link").symlink_to(parameters)
    pair = {"dest": str(project.folder / "other.json")}
    fifo, *others = *special, str(project.files / "link")
    tasks: list[Task] = [
        {EXPORT: {"bundles": [{"key_id": key.arn, "dest": fifo}]}},
        {EXPORT: {"bundles": [{"key_id": key.arn, **pair, "public_key_dest": fifo, "import_token_dest": "t"}]}},
        {EXPORT: {"bundles": [{"key_id": key.arn, **pair, "public_key_dest": "p", "import_token_dest": fifo}]}},
        {WRAP: {"parameters_bundle_src": str(parameters), "key_material_src": material, "dest": fifo}},
        {WRAP: {"parameters_bundle_src": str(parameters), "wrapping_public_key_dest": fifo}},
        *(
            {WRAP: {"parameters_bundle_src": str(parameters), "key_material_src": material, "dest": name}}
            for name in others
        ),
    ]
    _all_refused(project, tasks, "it was not overwritten")
    assert parameters.read_bytes() == content
    assert sorted(path.name for path in project.files.iterdir()) == ["fifo", "folder", "k", "link"]
    assert not (project.folder / "other.json").exists()
