# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's settings for the playbooks of the ceremony: check mode, passphrases, the account, and the Region."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_der_private_key,
)
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fixtures import new_account
from support.materials import new_material

from .ceremonies import Ceremony, one_key
from .leaks import find, in_folder
from .on_time import emulator_on_time

emulator = emulator_on_time


def check(ceremony: Ceremony, step: str, **variables: Any) -> Any:
    project = {"export": ceremony.exporter, "wrap": ceremony.custodian, "import": ceremony.importer}[step]
    given = {
        "ceremony_keys": ceremony.listed(),
        "ceremony_folder": "bundles",
        "ceremony_expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        **variables,
    }
    (project.folder / "ceremony.yml").write_text(yaml.safe_dump(given), "utf-8")
    return project.command(["ansible-playbook", f"cloudkeys.aws.ceremony_{step}", "-e", "@ceremony.yml", "--check"])


@one_key
def test_check_mode(ceremony: Ceremony, emulator: Emulator) -> None:
    """Check mode sends no request to KMS, writes no file, and displays no code, even in an empty folder."""
    key = ceremony.keys["key-0"]
    assert "changed=2" in check(ceremony, "export").ok().output
    assert not (ceremony.exporter.folder / "bundles").exists()
    asked = [call["operation"] for call in emulator.control.calls() if call["key"] == key.arn]
    assert "GetParametersForImport" not in asked
    codes = ceremony.export()
    ceremony.carry("parameters", ceremony.exporter, ceremony.custodian)
    planned = check(ceremony, "wrap", ceremony_check_codes=codes).ok()
    assert "changed=1" in planned.output
    assert not (ceremony.custodian.folder / "bundles" / "key-0.wrapped.json").exists()
    codes = ceremony.wrap(codes)
    ceremony.carry("wrapped", ceremony.custodian, ceremony.importer)
    assert "changed=1" in check(ceremony, "import", ceremony_check_codes=codes).ok().output
    assert key.state == "PendingImport"


@pytest.mark.parametrize("ceremony", [["ECC_NIST_P256"]], indirect=True, ids=[""])
def test_a_passphrase_in_a_file(ceremony: Ceremony) -> None:
    """The path starts in the current folder, like those of key material. The passphrase is in no other file."""
    # Any bytes, but not such as a line ends with: one of those at the end is no part of the passphrase.
    passphrase = secrets.token_bytes(24) + b"."
    private_key = load_der_private_key(ceremony.materials["key-0"], None)
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    folder = ceremony.custodian.folder
    (folder / "key-0.pem").write_bytes(pem)
    (folder / "key-0.passphrase").write_bytes(passphrase + b"\n")
    listed = ceremony.listed(
        key_material_src="key-0.pem", key_material_format="pem", key_material_passphrase_src="key-0.passphrase"
    )
    codes = ceremony.export()
    ceremony.carry("parameters", ceremony.exporter, ceremony.custodian)
    ceremony.custodian.environment.update({"ANSIBLE_DEBUG": "1", "ANSIBLE_VERBOSITY": "5"})
    run = ceremony.run(ceremony.custodian, "wrap", codes, ceremony_keys=listed).ok()
    ceremony.carry("wrapped", ceremony.custodian, ceremony.importer)
    codes = dict(line.split(": ") for line in run.results[-1]["msg"])
    ceremony.run(ceremony.importer, "import", codes, ceremony_keys=listed).ok()
    assert ceremony.keys["key-0"].state == "Enabled"
    assert not find(passphrase, run.output.encode())
    assert not in_folder(passphrase, folder, {folder / "key-0.passphrase"})


@one_key
@pytest.mark.parametrize("step", ["export", "wrap", "import"])
def test_an_entry_that_nothing_reads(ceremony: Ceremony, step: str) -> None:
    """The message omits its value, which may be a passphrase."""
    project = {"export": ceremony.exporter, "wrap": ceremony.custodian, "import": ceremony.importer}[step]
    listed = ceremony.listed(key_material_passphrase="correct horse battery staple")
    refused = ceremony.run(project, step, {"key-0": "A2BC-3DEF-GHI4-JKL5-MNO6"}, ceremony_keys=listed)
    assert refused.code == 2
    assert "unknown entries: key_material_passphrase." in refused.output
    assert "correct horse" not in refused.output


PROFILE = """[profile treasury]
region = eu-west-1
aws_access_key_id = {account}
aws_secret_access_key = not-a-secret
"""
# amazon.aws refuses a profile beside access keys.
NO_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
WAYS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "variables": ({"cloudkeys_profile": "treasury", "cloudkeys_region": "eu-west-1"}, NO_KEYS),
    "the environment": ({}, {**NO_KEYS, "AWS_PROFILE": "treasury", "AWS_REGION": ""}),
    "empty variables": (
        {"cloudkeys_profile": "", "cloudkeys_region": None},
        {"AWS_ACCESS_KEY_ID": "{account}", "AWS_REGION": "eu-west-1"},
    ),
}


# What is a template, on every ansible-core; where boto3 looks does not depend on it.
@one_key
@pytest.mark.parametrize(
    "way",
    [pytest.param(way, marks=pytest.mark.every_core) if way == "empty variables" else way for way in WAYS],
)
def test_the_account_and_the_region(ceremony: Ceremony, emulator: Emulator, way: str) -> None:
    """The key is in another account and Region than those of the environment, with the same alias."""
    account = new_account()
    elsewhere = emulator.client("eu-west-1", account)
    key = ExternalKey.create(elsewhere)
    elsewhere.create_alias(AliasName="alias/key-0", TargetKeyId=key.id)
    variables, environment = WAYS[way]
    for project in (ceremony.exporter, ceremony.importer):
        (project.home / ".aws").mkdir()
        (project.home / ".aws" / "config").write_text(PROFILE.format(account=account), "utf-8")
        project.environment |= {name: value.format(account=account) for name, value in environment.items()}
    material = new_material(key.spec)
    (ceremony.custodian.folder / "key-0.key").write_bytes(material)

    def codes(run: Any) -> dict[str, str]:
        return dict(line.split(": ") for line in run.ok().results[-1]["msg"])

    exported = codes(ceremony.run(ceremony.exporter, "export", **variables))
    ceremony.carry("parameters", ceremony.exporter, ceremony.custodian)
    wrapped = codes(ceremony.run(ceremony.custodian, "wrap", exported))
    ceremony.carry("wrapped", ceremony.custodian, ceremony.importer)
    ceremony.run(ceremony.importer, "import", wrapped, **variables).ok()
    assert (key.state, ceremony.keys["key-0"].state) == ("Enabled", "PendingImport")


@one_key
@pytest.mark.parametrize("step", ["export", "import"])
def test_a_variable_that_nothing_reads(ceremony: Ceremony, step: str) -> None:
    """The user may have wanted to choose the account with it."""
    project = {"export": ceremony.exporter, "import": ceremony.importer}[step]
    refused = ceremony.run(project, step, {"key-0": "A2BC-3DEF-GHI4-JKL5-MNO6"}, ceremony_profile="treasury")
    assert refused.code == 2
    assert "Unknown variables: ceremony_profile." in refused.output


@one_key
def test_a_ceremony_that_rotates_the_key(ceremony: Ceremony, emulator: Emulator) -> None:
    """The list of keys declares the rotation. Without it, the other key material is accepted and not imported."""
    emulator.control.rotation(0.01)
    ceremony.run(ceremony.importer, "import", ceremony.export_and_wrap()).ok()
    key = ceremony.keys["key-0"]
    (ceremony.custodian.folder / "key-0.key").write_bytes(new_material(key.spec))
    for folder in (ceremony.exporter.folder, ceremony.custodian.folder):
        for bundle in (folder / "bundles").iterdir():
            bundle.unlink()
    codes, listed = ceremony.export_and_wrap(), ceremony.listed(on_different_material="rotate")
    assert "changed=0" in ceremony.run(ceremony.importer, "import", codes).ok().output
    assert "changed=1" in ceremony.run(ceremony.importer, "import", codes, ceremony_keys=listed).ok().output
    assert key.states() == [("NON_CURRENT", "IMPORTED"), ("CURRENT", "IMPORTED")]
    assert "changed=0" in ceremony.run(ceremony.importer, "import", codes, ceremony_keys=listed).ok().output
