# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook with every kind of key and expiration converges in one run, as predicted. Then nothing changes.

Each key spec with each expiration: tests/engine/test_every_key_spec.py.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle
from typing import Any

from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER
from support.materials import SAMPLES, new_material

from .playbooks import MODULE, Project, Task, material


def _diff(result: dict[str, Any], task: Task) -> dict[str, Any]:
    """As it was foretold; only that time goes on between check mode and the run is not."""
    diff: dict[str, Any] = result["diff"]
    if "valid_for" in task[MODULE]:
        assert diff["after"].pop("valid_to")
    return diff


def test_converges(project: Project, kms: Any, emulator: Emulator) -> None:
    in_time = {"valid_to": (emulator.now() + timedelta(days=100)).isoformat()}
    expirations = cycle([in_time, {"valid_for": "12w", "renew_before": "30d12h"}, NEVER])
    keys = [
        {"key_id": ExternalKey.create(kms, spec).arn, "key_material_src": project.write(spec, new_material(spec))}
        for spec in SAMPLES
    ]
    tasks = [material(**key, **expiration) for key, expiration in zip(keys, expirations, strict=False)]

    foretold = project.run(*tasks, check=True).ok()
    assert all(foretold.changed)
    first = project.run(*tasks).ok()
    assert [result["actions"] for result in first.results] == [["import"]] * len(tasks)
    for task, before, after in zip(tasks, foretold.results, first.results, strict=True):
        assert _diff(after, task) == _diff(before, task)
    assert "changed=0" in project.run(*tasks, check=True).ok().output
    # Without an expiration declared, the one that is there is left alone.
    second = project.run(*tasks, *(material(**key) for key in keys)).ok()
    assert "changed=0" in second.output
    assert {result["material_match"] for result in second.results} == {"same"}
