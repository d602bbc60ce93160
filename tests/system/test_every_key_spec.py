# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook with every key spec in every expiration mode converges in one run, and the next one changes nothing."""

from __future__ import annotations

import functools
from datetime import timedelta
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.materials import USAGES, new_material

from .playbooks import Project, Task, material

MODES = ("valid_to", "valid_for", "never")

# Of many keys; to make RSA keys takes time.
some_material = functools.cache(new_material)


def _expiration(mode: str, emulator: Emulator) -> dict[str, str]:
    return {
        "valid_to": {"valid_to": (emulator.now() + timedelta(days=100)).isoformat()},
        "valid_for": {"valid_for": "12w", "renew_before": "30d12h"},
        "never": {"expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE"},
    }[mode]


def _diff(result: dict[str, Any], mode: str) -> dict[str, Any]:
    """As it was foretold; only that time goes on between check mode and the run is not."""
    diff: dict[str, Any] = result["diff"]
    if mode == "valid_for":
        assert diff["after"].pop("valid_to")
    return diff


@pytest.mark.parametrize("mode", MODES)
def test_converges(project: Project, kms: Any, emulator: Emulator, mode: str) -> None:
    tasks: list[Task] = []
    for spec, usages in USAGES.items():
        # To the material it is all one what the key is for, so once is enough for the second usage.
        for usage in usages if mode == MODES[0] else usages[:1]:
            key = ExternalKey.create(kms, spec, usage)
            source = project.write(f"{spec}-{usage}", some_material(spec))
            tasks.append(material(key_id=key.arn, key_material_src=source, **_expiration(mode, emulator)))

    foretold = project.run(*tasks, check=True).ok()
    assert all(foretold.changed)
    first = project.run(*tasks).ok()
    assert [result["actions"] for result in first.results] == [["import"]] * len(tasks)
    assert [_diff(result, mode) for result in first.results] == [_diff(result, mode) for result in foretold.results]
    assert "changed=0" in project.run(*tasks, check=True).ok().output
    # Without an expiration declared, the one that is there is left alone.
    second = project.run(*tasks, *map(_without_expiration, tasks[::4])).ok()
    assert "changed=0" in second.output
    assert {result["material_match"] for result in second.results} == {"same"}


def _without_expiration(task: Task) -> Task:
    options = task["cloudkeys.aws.kms_key_material"]
    return material(key_id=options["key_id"], key_material_src=options["key_material_src"])
