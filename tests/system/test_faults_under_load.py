# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many keys in one task while calls to KMS fail and the playbook is killed; `make soak` does it with hundreds."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from soak.campaign import IMPORT, Soak, make_project
from soak.fleet import make_fleet
from soak.verdict import faults_met, leaked, repeated_imports, unfinished, wrong_keys
from support.emulator import Emulator

REGIONS = ("eu-central-1", "us-east-1")
QUOTAS = {"GetParametersForImport": 10}


@pytest.mark.parametrize("seed", [1])
def test_faults_and_a_kill_leave_every_key_right(tmp_path: Path, emulator: Emulator, account: str, seed: int) -> None:
    project = make_project(tmp_path, emulator.url, account)
    fleet = make_fleet(emulator, account, project.files, random.Random(seed), 12, REGIONS)
    soak = Soak(project, emulator, fleet, seed, QUOTAS)
    soak.go(kills=1)
    emulator.control.undo()
    # Otherwise nothing was tried.
    assert len(soak.kills) == 1
    assert faults_met(soak)
    assert unfinished(soak) == []
    assert wrong_keys(emulator, account, fleet) == []
    assert [one for one in repeated_imports(soak.calls, soak.kills) if one.reason is None] == []
    assert leaked(tmp_path, fleet) == []


def test_a_leak_is_found(tmp_path: Path, emulator: Emulator, account: str) -> None:
    project = make_project(tmp_path, emulator.url, account)
    fleet = make_fleet(emulator, account, project.files, random.Random(2), 6, REGIONS)
    assert leaked(tmp_path, fleet) == []
    (tmp_path / "tmp" / "forgotten").write_text(f"argument={fleet.keys[3].secret.hex()}", "utf-8")
    assert leaked(tmp_path, fleet)


def test_a_wrong_key_is_found(tmp_path: Path, emulator: Emulator, account: str) -> None:
    fleet = make_fleet(emulator, account, tmp_path, random.Random(3), 2, REGIONS)
    assert len(wrong_keys(emulator, account, fleet)) >= 2


@pytest.mark.parametrize(
    ("fault", "kills", "reason"),
    [
        (None, [], None),
        (None, [1], "the playbook was killed"),
        (None, [3], None),
        ("dropped", [], "its answer was lost"),
        ("stale", [], "it was visible late"),
    ],
)
def test_what_explains_a_second_import(fault: str | None, kills: list[int], reason: str | None) -> None:
    """The first import of a key, a call of another kind, and the second import."""
    calls = [
        {"operation": operation, "status": 200, "key": "a", "fault": met}
        for operation, met in ((IMPORT, fault), ("DescribeKey", None), (IMPORT, None))
    ]
    (repeated,) = repeated_imports(calls, kills)
    assert repeated.reason == reason


def test_an_import_that_was_refused_is_none() -> None:
    calls = [{"operation": IMPORT, "status": status, "key": "a", "fault": None} for status in (500, 0, 200)]
    assert repeated_imports(calls, []) == []
