# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next run finishes a playbook that was killed with its workers and its module."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
import yaml
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, run_one
from support.materials import SYMMETRIC, new_material
from support.processes import kill_with_descendants
from support.waiting import until

from .playbooks import Project, Task, material


def test_a_killed_playbook_is_finished_by_the_next(project: Project, kms: Any, emulator: Emulator) -> None:
    """Cut before and after each call: tests/engine/test_cut_runs.py."""
    key, content = ExternalKey.create(kms), new_material(SYMMETRIC)
    task = material(key_id=key.arn, key_material_src=project.write("k", content), **NEVER)
    emulator.control.faults([{"operation": "ImportKeyMaterial", "hold": True, "times": 1}])
    _killed_at(project, task, "ImportKeyMaterial", emulator)
    emulator.control.undo()
    assert project.run(task).ok().only["kms_key"]["key_state"] == "Enabled"
    assert project.run(task).ok().changed == [False]


@pytest.mark.parametrize("operation", ["ImportKeyMaterial", "RotateKeyOnDemand"])
def test_a_rotation_that_is_killed_on_its_way_is_finished_by_the_next(
    project: Project, kms: Any, emulator: Emulator, operation: str
) -> None:
    """The playbook is killed while it stages, and between the staging and the rotation."""
    key, task = _to_be_rotated(project, kms)
    emulator.control.faults([{"operation": operation, "hold": True, "times": 1}])
    _killed_at(project, task, operation, emulator)
    emulator.control.undo()
    emulator.control.rotation(0.01)
    finished = project.run(task).ok().only
    assert finished["actions"] == (["stage", "rotate"] if operation == "ImportKeyMaterial" else ["rotate"])
    assert key.states() == [("NON_CURRENT", "IMPORTED"), ("CURRENT", "IMPORTED")]
    assert project.run(task).ok().changed == [False]


def test_a_task_that_is_killed_while_it_waits_for_a_rotation(project: Project, kms: Any, emulator: Emulator) -> None:
    key, task = _to_be_rotated(project, kms)
    emulator.control.rotation(460)
    _killed_at(project, task, "RotateKeyOnDemand", emulator)
    assert [state for state, _imported in key.states()] == ["CURRENT", "PENDING_ROTATION"]
    emulator.advance(seconds=460)
    finished = project.run(task).ok().only
    assert (finished["changed"], finished["material_match"]) == (False, "same")
    assert sum("RotationType" in entry for entry in key.history()) == 1
    asked = [call for call in emulator.control.calls() if call["operation"] == "RotateKeyOnDemand"]
    assert len([call for call in asked if call["key"] == key.arn]) == 1


def _to_be_rotated(project: Project, kms: Any) -> tuple[ExternalKey, Task]:
    """A key with its first key material, and the task that puts another one in its place."""
    key, first, second = ExternalKey.create(kms), new_material(SYMMETRIC), new_material(SYMMETRIC)
    run_one(kms, key, first, **NEVER)
    options = {
        "key_material_src": project.write("second", second),
        "previous_key_materials": [{"key_material_src": project.write("first", first)}],
        "on_different_material": "rotate",
    }
    return key, material(key_id=key.arn, **options, **NEVER)


def _killed_at(project: Project, task: Task, operation: str, emulator: Emulator) -> None:
    """Runs the task until KMS is asked for *operation*, and ends all of its processes then."""
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
        assert kill_with_descendants(process) > 2, "no worker and no module runs"
