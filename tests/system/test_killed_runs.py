# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook that is killed, with its workers and the module, is finished by the next one."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any

import pytest
import yaml
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER
from support.materials import SYMMETRIC, new_material
from support.waiting import until

from .playbooks import Project, material


@pytest.mark.parametrize("operation", ["DescribeKey", "GetParametersForImport", "ImportKeyMaterial"])
def test_a_killed_playbook_is_finished_by_the_next(
    project: Project, kms: Any, emulator: Emulator, operation: str
) -> None:
    key, content = ExternalKey.create(kms), new_material(SYMMETRIC)
    task = material(key_id=key.arn, key_material_src=project.write("k", content), **NEVER)
    emulator.control.faults([{"operation": operation, "hold": True, "times": 1}])
    (project.folder / "playbook.yml").write_text(
        yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]), "utf-8"
    )
    before = len(emulator.control.calls())

    def asked() -> bool:
        return any(call["operation"] == operation for call in emulator.control.calls()[before:])

    process = subprocess.Popen(
        ["ansible-playbook", "playbook.yml"],
        cwd=project.folder,
        env=project.variables(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until(asked, f"the playbook comes to {operation}")
    finally:
        _kill(process)
    emulator.control.undo()
    assert project.run(task).ok().only["kms_key"]["key_state"] == "Enabled"
    assert project.run(task).ok().changed == [False]


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With its workers and the module, which have the same process group."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
