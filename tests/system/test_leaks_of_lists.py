# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret value anywhere in a list of keys is refused and never displayed, at any verbosity."""

from __future__ import annotations

import base64
import os
from typing import Any

from support.external_key import ExternalKey
from support.in_process import NEVER
from support.materials import SYMMETRIC, new_material

from .leaks import LOUD, ProcessList, find, in_folder
from .on_time import emulator_on_time
from .playbooks import Project, Task

emulator = emulator_on_time
LIST = "cloudkeys.aws.kms_imported_keys"
# As a secret manager's lookup gives it: nothing of it is in the playbook.
LOOKUP = "{{ lookup('ansible.builtin.file', 'looked-up') }}"


def _task(kms_keys: Any, **options: Any) -> Task:
    return {LIST: {"kms_keys": kms_keys, **NEVER, **options}, "ignore_errors": True}


def _with_secrets(right: dict[str, Any]) -> list[Task]:
    """A list without no_log, with a secret value in every place where a user might put one."""
    wrong: list[dict[str, Any]] = [
        {"key_material": LOOKUP},
        {"key_materail": LOOKUP},
        {"key_material_src": {"key_material": LOOKUP}},
        {"key_material_src": [LOOKUP]},
        {"replica_regions": [{"key_material": LOOKUP}]},
        {"previous_key_materials": [{"key_material": LOOKUP}]},
        {"previous_key_materials": {"key_material": LOOKUP}},
    ]
    named = "{{ [{lookup('ansible.builtin.file', 'looked-up'): none}] }}"
    return [
        *(_task([{**right, **one}]) for one in wrong),
        *(_task(one) for one in ({"key_material": LOOKUP}, f"key_material={LOOKUP}", named)),
        _task([{**right, **wrong[0]}], no_such_option=LOOKUP),
        _task([right], key_material=LOOKUP),
        _task([right], previous_key_materials=[{"key_material": LOOKUP}]),
        {**_task([{**right, **wrong[0]}]), "until": "told is success", "retries": 1, "delay": 0, "register": "told"},
    ]


def test_a_secret_in_any_place_of_a_list_is_shown_nowhere(project: Project, kms: Any) -> None:
    content, secret = new_material(SYMMETRIC), os.urandom(33)
    key = ExternalKey.create(kms)
    right = {"key_id": key.arn, "key_material_src": project.write("k", content)}
    project.write("looked-up", base64.b64encode(secret))
    wrong = _with_secrets(right)
    with ProcessList() as processes:
        run = project.run(*wrong, _task([right]), variables=LOUD).ok()
    *refused, done = run.tasks
    assert len(refused) >= len(wrong)
    assert {task["outcome"] for task in refused} <= {"failed", "retry"}
    assert done["result"]["summary"]["changed"] == 1
    for value in (content, secret):
        assert [line for line in run.output.splitlines() if find(value, line.encode())] == []
        known = {project.files / name for name in ("k", "looked-up")}
        assert in_folder(value, project.folder, known) == [], "the record of a callback is among these files"
        assert [seen for seen in processes.seen if find(value, seen)] == []
