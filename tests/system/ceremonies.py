# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key ceremony: three machines that share nothing but bundles, the one in the middle without a network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.materials import new_material

from .playbooks import QUICK_START, SYSTEM, Project, Run

FORMATS = {"SYMMETRIC_DEFAULT": "raw", "HMAC_256": "raw", "ECC_NIST_P256": "der", "RSA_2048": "der"}


@dataclass
class Ceremony:
    """An office with a network, a table without, and an office again; each with a home of its own."""

    exporter: Project
    custodian: Project
    importer: Project
    keys: dict[str, ExternalKey]
    materials: dict[str, bytes]

    def listed(self, **more: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "key_id": f"alias/{name}",
                "key_material_src": f"{name}.key",
                "key_material_format": FORMATS[key.spec],
                **more,
            }
            for name, key in self.keys.items()
        ]

    def run(self, project: Project, step: str, codes: Mapping[str, str | None] | None = None, **variables: Any) -> Run:
        variables = {
            "ceremony_keys": self.listed(),
            "ceremony_folder": "bundles",
            "ceremony_expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            **({} if codes is None else {"ceremony_check_codes": codes}),
            **variables,
        }
        (project.folder / "ceremony.yml").write_text(yaml.safe_dump(variables), "utf-8")
        return project.command(["ansible-playbook", f"cloudkeys.aws.ceremony_{step}", "-e", "@ceremony.yml"])

    def export(self) -> dict[str, str]:
        return codes_of(self.run(self.exporter, "export").ok())

    def wrap(self, codes: dict[str, str]) -> dict[str, str]:
        return codes_of(self.run(self.custodian, "wrap", codes).ok())

    def carry(self, kind: str, giver: Project, taker: Project) -> None:
        """On a stick: the files of the bundles, and nothing else."""
        (taker.folder / "bundles").mkdir(exist_ok=True)
        for path in (giver.folder / "bundles").glob(f"*.{kind}.json"):
            shutil.copy(path, taker.folder / "bundles")

    def export_and_wrap(self) -> dict[str, str]:
        codes = self.export()
        self.carry("parameters", self.exporter, self.custodian)
        codes = self.wrap(codes)
        self.carry("wrapped", self.custodian, self.importer)
        return codes


def codes_of(run: Run) -> dict[str, str]:
    """As they stand on the screen, to be read aloud."""
    shown: list[str] = run.results[-1]["msg"]
    return dict(line.split(": ") for line in shown)


def keys_of(run: Run) -> list[dict[str, Any]]:
    return [result for result in run.results if "kms_key" in result]


def _offline(folder: Path, outside: Project) -> Project:
    """No network, no credentials, no boto3, and of all collections only this one."""
    ours = folder / "collections" / "ansible_collections" / "cloudkeys"
    ours.mkdir(parents=True)
    for root in os.environ["ANSIBLE_COLLECTIONS_PATH"].split(os.pathsep):
        found = Path(root) / "ansible_collections" / "cloudkeys" / "aws"
        if found.is_dir():
            (ours / "aws").symlink_to(found.resolve(), target_is_directory=True)
            break
    environment = {
        "PYTHONPATH": f"{SYSTEM / 'offline'}{os.pathsep}{QUICK_START}",
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
        "AWS_ENDPOINT_URL_KMS": "",
        "AWS_REGION": "",
    }
    return Project(folder, outside.endpoint, environment=environment)


@pytest.fixture
def ceremony(tmp_path: Path, emulator: Emulator, account: str, kms: Any, request: pytest.FixtureRequest) -> Ceremony:
    """Its keys have the specs that the test is parametrised with; as many as there are."""
    folders = [tmp_path / name for name in ("exporter", "custodian", "importer")]
    for folder in folders:
        folder.mkdir()
    exporter, importer = (Project(folder, emulator.url, account=account) for folder in (folders[0], folders[2]))
    custodian = _offline(folders[1], exporter)
    keys, materials = {}, {}
    for number, spec in enumerate(getattr(request, "param", list(FORMATS))):
        name = f"key-{number}"
        keys[name] = ExternalKey.create(kms, spec)
        kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=keys[name].id)
        materials[name] = new_material(spec)
        (custodian.folder / f"{name}.key").write_bytes(materials[name])
    return Ceremony(exporter, custodian, importer, keys, materials)


one_key = pytest.mark.parametrize("ceremony", [["SYMMETRIC_DEFAULT"]], indirect=True, ids=[""])
