# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example on the page of each playbook, followed like a guide.

``test_guides.py`` follows the example of ``awx_setup``, which requires AWX, in the guide.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from support.collection_variables import COLLECTION, PLAYBOOKS, read
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, run_one
from support.materials import SYMMETRIC, new_material

from .guides import Command, File, follow, steps
from .on_time import emulator_on_time
from .playbooks import Project

emulator = emulator_on_time
CEREMONY = ("ceremony_export", "ceremony_wrap", "ceremony_import")
ALONE = [path.stem for path in PLAYBOOKS if path.stem not in (*CEREMONY, "awx_setup")]


def example(playbook: str) -> list[File | Command]:
    return list(steps(read(COLLECTION / "playbooks" / "docs" / f"{playbook}.yml")["example"]))


def prepare(playbook: str, project: Project, kms: Any, emulator: Emulator) -> None:
    """Create the key that the example assumes, and its file."""
    name, spec = {"recovery_drill": ("canary", SYMMETRIC), "rotate_by_alias": ("webhooks", "HMAC_256")}.get(
        playbook, ("payments", SYMMETRIC)
    )
    tags = [{"TagKey": "cloudkeys.aws/canary", "TagValue": "true"}] if name == "canary" else []
    key = ExternalKey.create(kms, spec, Tags=tags)
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key.id)
    content = new_material(spec)
    (project.folder / f"{name}.key").write_bytes(content)
    soon = {"valid_to": (emulator.now() + timedelta(days=10)).isoformat()}
    run_one(kms, key, content, **(soon if playbook == "renew_expiring" else NEVER))


@pytest.mark.parametrize("playbook", ALONE)
def test_example(playbook: str, project: Project, kms: Any, emulator: Emulator) -> None:
    todo: list[File | Command] = example(playbook)
    if not playbook.startswith("provision_"):
        prepare(playbook, project, kms, emulator)
    if playbook == "recovery_drill":
        arn = kms.describe_key(KeyId="alias/canary")["KeyMetadata"]["Arn"]
        todo.insert(1, Command(f'sed -i "s|: arn:.*|: {arn}|" canaries.yml'))
    if playbook == "expiry_report":
        line = f"ansible-playbook cloudkeys.aws.expiry_report -e cloudkeys_region={kms.meta.region_name}"
        todo[0] = Command(line, todo[0].shown) if isinstance(todo[0], Command) else todo[0]
    follow(todo, project.folder, project.variables())


def test_examples_of_a_ceremony(project: Project, kms: Any) -> None:
    """The three examples follow each other. The check codes are computed by other means than the collection's."""
    key = ExternalKey.create(kms)
    kms.create_alias(AliasName="alias/payments", TargetKeyId=key.id)
    (project.folder / "payments.key").write_bytes(new_material(SYMMETRIC))
    todo: list[File | Command] = []
    bundles = {"exported-codes.yml": "parameters", "encrypted-codes.yml": "wrapped"}
    for step in (step for playbook in CEREMONY for step in example(playbook)):
        todo.append(step)
        if isinstance(step, File) and step.name in bundles:
            digest = (
                f"sha256sum ceremony/payments.{bundles[step.name]}.json | cut -c1-40 | tr a-f A-F | basenc --base16 -d"
            )
            todo.append(Command(f'sed -i "s/A2BC-.*/$({digest} | base32 | cut -c1-20)/" {step.name}'))
    follow(todo, project.folder, project.variables())
    assert key.state == "Enabled"
