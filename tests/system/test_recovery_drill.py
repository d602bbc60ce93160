# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook recovery_drill: it deletes key material of canary keys only, and never without a way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, new_material

from .playbooks import Project, Run, call

CANARY = {"TagKey": "cloudkeys.aws/canary", "TagValue": "true"}


@pytest.fixture(autouse=True)
def _no_sts(project: Project) -> None:
    """The emulator is no STS, and says so."""
    project.environment["AWS_ENDPOINT_URL_STS"] = project.endpoint


def canary(kms: Any, emulator: Emulator, *contents: bytes, spec: str = SYMMETRIC, **request: Any) -> ExternalKey:
    """:param contents: its key materials, the current one first."""
    key = ExternalKey.create(kms, spec, Tags=[CANARY], **request)
    key.put(contents[-1])
    for content in reversed(contents[:-1]):
        key.stage(content)
        emulator.rotate(key)
    return key


def declare(project: Project, key: ExternalKey, *contents: bytes, **more: Any) -> dict[str, Any]:
    """An entry of recovery_drill_keys, with the copies in a folder of the current one."""
    (project.folder / "copies").mkdir(exist_ok=True)
    copies = []
    for place, content in enumerate(contents):
        name = f"copies/{key.id}-{place}"
        (project.folder / name).write_bytes(content)
        copies.append({"key_material_src": name, "key_material_format": "raw" if len(content) < 100 else "der"})
    previous = {"previous_key_materials": copies[1:]} if len(copies) > 1 else {}
    return {"key_arn": key.arn, **copies[0], **previous, **more}


def drill(project: Project, *declared: dict[str, Any], arguments: tuple[str, ...] = (), **variables: Any) -> Run:
    return call(
        project, "cloudkeys.aws.recovery_drill", {"recovery_drill_keys": list(declared), **variables}, *arguments
    )


def report(project: Project) -> dict[str, Any]:
    """The newest."""
    newest: dict[str, Any] = json.loads(max(reports(project)).read_text("utf-8"))
    return newest


def reports(project: Project) -> list[Path]:
    return list((project.folder / "recovery-drill").glob("recovery-drill-*.json"))


def asked(emulator: Emulator, key: ExternalKey, operation: str) -> int:
    """How often KMS was asked to do this with the key."""
    return sum(one["operation"] == operation and key.id in str(one["key"]) for one in emulator.control.calls())


@pytest.mark.every_core
def test_every_copy_of_a_rotated_key_is_drilled(project: Project, kms: Any, emulator: Emulator) -> None:
    contents = [new_material(SYMMETRIC) for _number in range(3)]
    key = canary(kms, emulator, *contents)
    before = key.history()
    run = drill(project, declare(project, key, *contents)).ok()
    assert key.state == "Enabled"
    assert key.history() == before
    assert asked(emulator, key, "DeleteImportedKeyMaterial") == 3
    told = report(project)
    (of_key,) = told["keys"]
    assert [one["outcome"] for one in of_key["copies"]] == ["worked"] * 3
