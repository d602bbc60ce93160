# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documented tasks run unchanged: the examples of the modules, the README, and the home page of the website."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_der_private_key,
)
from kms_emulator.process import EmulatorProcess, start_emulator
from support.documentation import examples, policy_actions
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, run_one, visits
from support.materials import new_material
from support.wrapping import wrap

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.contents import ImportParameters
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.export import export
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.export_declaration import Export
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.offline_wrapping import wrap_offline
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import Runtime, converse
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.key_material import KeyMaterial

from .guides import Command, File, follow, steps
from .on_time import emulator_on_time
from .playbooks import Project

emulator = emulator_on_time
COLLECTION = Path(__file__).resolve().parents[2]
REGION = "eu-central-1"
PAYMENTS = "1234abcd-12ab-34cd-56ef-1234567890ab"
ELSEWHERE_ENCRYPTED = "0987dcba-09fe-87dc-65ba-ab0987654321"
VAULT_PASSWORD = b"the password of a vault"


@pytest.fixture
def at_the_time() -> Iterator[EmulatorProcess]:
    """An emulator at a time for which the dates in the examples are right, whatever year it is now."""
    with start_emulator(now="2026-11-23T12:00:00+00:00") as process:
        yield process


@pytest.fixture
def documented(tmp_path: Path, at_the_time: EmulatorProcess) -> tuple[Project, Any]:
    """A project and a client, in the account and the Region that the examples name."""
    project = Project(tmp_path, at_the_time.url, REGION)
    return project, Emulator(at_the_time.url).client(REGION, project.account)


def _named(process: EmulatorProcess, client: Any, key_id: str, spec: str = "SYMMETRIC_DEFAULT") -> ExternalKey:
    process.control("PUT", "key-ids", [key_id])
    return ExternalKey.create(client, spec)


def _aliased(client: Any, name: str, spec: str) -> ExternalKey:
    key = ExternalKey.create(client, spec, "SIGN_VERIFY" if spec.startswith("ECC_") else None)
    client.create_alias(AliasName=name, TargetKeyId=key.id)
    return key


def _play(tasks: str, variables: str = "") -> str:
    """Return a play with the tasks from the documentation."""
    indented = "".join(f"    {line}\n" if line else "\n" for line in tasks.strip().splitlines())
    return f"- hosts: localhost\n  gather_facts: false\n{variables}  tasks:\n{indented}"


def test_the_examples_of_kms_key_material(at_the_time: EmulatorProcess, documented: tuple[Project, Any]) -> None:
    project, client = documented
    payments = _named(at_the_time, client, PAYMENTS)
    wrapped = _named(at_the_time, client, ELSEWHERE_ENCRYPTED)
    parameters = wrapped.parameters()
    material = new_material("SYMMETRIC_DEFAULT")
    project.write("EncryptedKeyMaterial.bin", wrap(parameters["algorithm"], parameters["PublicKey"], material))
    project.write("ImportToken.bin", parameters["ImportToken"])
    signing = _aliased(client, "alias/release-signing", "ECC_NIST_P256")
    private_key = load_der_private_key(new_material("ECC_NIST_P256"), None)
    encryption = BestAvailableEncryption(b"a passphrase")
    project.write("release-signing.pem", private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    project.write("release-signing.passphrase", b"a passphrase\n")
    webhooks = _aliased(client, "alias/webhooks", "HMAC_256")
    project.write("webhooks.key.vault", _vaulted(new_material("HMAC_256")))
    ledger, invoices, backup = (
        _aliased(client, f"alias/{name}", "SYMMETRIC_DEFAULT") for name in ("ledger", "invoices", "backup")
    )
    materials = {name: new_material("SYMMETRIC_DEFAULT") for name in ("payments", "invoices", "backup-localhost")}
    for name, content in materials.items():
        project.write(f"{name}.key", content)
    invoices.put(materials["invoices"])
    project.write("keys.csv", b"alias,key_material_src\nalias/listed,payments.key\n")
    vault_code = _wrapped_bundle(project, _aliased(client, "alias/vault", "SYMMETRIC_DEFAULT"), "vault")
    archive = _archive(project, at_the_time, client)

    variables = {"vault_check_code": vault_code, "cloudkeys_account_id": project.account, "cloudkeys_region": REGION}
    shown_variables = "".join(f"    {name}: '{value}'\n" for name, value in variables.items())
    play = _play(examples("kms_key_material"), f"  vars:\n    cloudkeys_profile: treasury\n{shown_variables}")
    run = project.run_text(play, variables=_profile_and_secrets(project, at_the_time.url)).ok()

    hidden = [bool(task.get("no_log")) for task in yaml.safe_load(examples("kms_key_material"))]
    shown = [result for result, is_hidden in zip(run.results, hidden, strict=True) if not is_hidden]
    assert [result.get("actions") for result in shown] == [
        ["import"],
        ["import"],
        ["import"],
        ["import"],
        ["reimport"],
        None,
        ["import"],
        ["import"],
        ["import"],
        ["reimport", "reimport", "stage", "rotate"],
        ["delete"],
        None,
    ]
    assert shown[5]["summary"]["changed"] == 1
    regions = shown[9]["kms_keys"]
    assert [entry["kms_key"]["region"] for entry in regions] == [REGION, "eu-west-1"]
    assert all(entry["kms_key"]["key_state"] == "Enabled" for entry in regions)
    enabled = (wrapped, signing, webhooks, ledger, invoices, backup, archive)
    assert [one.state for one in (payments, *enabled)] == ["PendingImport", *["Enabled"] * len(enabled)]


def _vaulted(content: bytes) -> bytes:
    encrypted: bytes = VaultLib([("default", VaultSecret(VAULT_PASSWORD))]).encrypt(content)
    return encrypted


def _profile_and_secrets(project: Project, url: str) -> dict[str, str]:
    """The environment of a user with a profile, the password of a vault, and the program of a secret manager."""
    (project.folder / "vault-password").write_bytes(VAULT_PASSWORD)
    credentials = f"aws_access_key_id = {project.account}\naws_secret_access_key = not-a-secret\n"
    (project.folder / "config").write_text(f"[default]\n{credentials}[profile treasury]\n{credentials}", "utf-8")
    program = project.folder / "bin" / "vault"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho {'b' * 43}=\n", "utf-8")
    program.chmod(0o755)
    return {
        "ANSIBLE_VAULT_PASSWORD_FILE": str(project.folder / "vault-password"),
        # A profile is refused beside access keys in the environment.
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
        "AWS_CONFIG_FILE": str(project.folder / "config"),
        "AWS_ENDPOINT_URL_STS": url,
        "PATH": f"{program.parent}{os.pathsep}{project.variables()['PATH']}",
    }


def _archive(project: Project, process: EmulatorProcess, client: Any) -> ExternalKey:
    """A multi-Region key that was rotated once; its replica key has no key material yet."""
    materials = {year: new_material("SYMMETRIC_DEFAULT") for year in (2025, 2026, 2027)}
    for year, content in materials.items():
        project.write(f"archive-{year}.key", content)
    process.control("PUT", "rotation", {"seconds": 0.05})
    archive = ExternalKey.create(client, MultiRegion=True)
    client.create_alias(AliasName="alias/archive", TargetKeyId=archive.id)
    run_one(client, archive, materials[2025], **NEVER)
    run_one(client, archive, materials[2026], on_different_material="rotate", **NEVER)
    client.replicate_key(KeyId=archive.arn, ReplicaRegion="eu-west-1")
    return archive


def test_the_examples_of_kms_external_key(documented: tuple[Project, Any]) -> None:
    project, client = documented
    for name in ("payments.key", "ledger.key"):
        project.write(name, new_material("SYMMETRIC_DEFAULT"))
    project.write("release-signing-2027.pem", new_material("ECC_NIST_P256"))
    play = _play(examples("kms_external_key"))
    assert [result.get("actions") for result in project.run_text(play).ok().results] == [
        ["create_key", "create_alias", "untag_resource"],
        ["import"],
        ["create_key", "create_alias", "untag_resource"],
        # No grant yet: payments.kms_key is from before the import, and the task is skipped.
        ["create_key", "create_alias", "untag_resource"],
        ["import"],
        ["replicate_key", "replicate_key"],
        ["create_key", "create_alias", "untag_resource"],
        ["import"],
        ["update_alias"],
        ["schedule_key_deletion"],
        ["cancel_key_deletion", "enable_key"],
        None,
    ]
    second = project.run_text(play).ok()
    # The key policy that is declared for the alias applies to the key to which it has moved.
    assert second.changed == [*[False] * 2, True, True, *[False] * 6, True, True, False]
    key = second.results[0]["kms_key"]["arn"]
    (grant,) = client.list_grants(KeyId=key)["Grants"]
    assert grant["Name"] == "settlement"
    third = project.run_text(play).ok()
    assert third.changed == [*[False] * 10, True, True, False]


def test_the_examples_of_kms_key_material_info(documented: tuple[Project, Any]) -> None:
    project, client = documented
    _aliased(client, "alias/payments", "SYMMETRIC_DEFAULT")
    treasury = _aliased(client, "alias/ledger-1", "SYMMETRIC_DEFAULT")
    client.tag_resource(KeyId=treasury.id, Tags=[{"TagKey": "owner", "TagValue": "treasury"}])
    run = project.run_text(_play(examples("kms_key_material_info"))).ok()
    found = [[key["aliases"] for key in result["kms_keys"]] for result in run.results if "kms_keys" in result]
    assert [sorted(names) for names in found] == [
        [["alias/ledger-1"], ["alias/payments"]],
        [["alias/ledger-1"], ["alias/payments"]],
        [["alias/ledger-1"]],
        [["alias/payments"]],
        [["alias/payments"]],
    ]
    assert "alias/payments: no days left" in run.output


def _wrapped_bundle(project: Project, key: ExternalKey, name: str) -> str:
    """Write a wrapped bundle like the two other modules, at the time of the emulator, and return its check code."""
    (outcome,) = converse([export(Export(key.arn))], Runtime(visits(key.kms)))
    assert outcome.bundle is not None, outcome.failure
    material = KeyMaterial("SYMMETRIC_DEFAULT", new_material("SYMMETRIC_DEFAULT"))
    bundle = wrap_offline(outcome.bundle, material)
    _stick(project).joinpath(f"{name}.wrapped.json").write_bytes(bundle.content)
    return bundle.check_code


def _stick(project: Project) -> Path:
    stick = project.folder / "stick"
    stick.mkdir(exist_ok=True)
    return stick


def test_the_examples_of_the_ceremony(emulator: Emulator, account: str, project: Project) -> None:
    """Run the examples of both modules in order. A ceremony is today, so the emulator has the real time."""
    project.region = REGION
    client = emulator.client(REGION, account)
    keys = [_aliased(client, f"alias/{name}", "SYMMETRIC_DEFAULT") for name in ("payments", "ledger")]
    _stick(project)
    exported = project.run_text(_play(examples("kms_import_parameters"))).ok()
    codes = [bundle["check_code"] for bundle in exported.results[0]["bundles"]]
    assert all(code in exported.output for code in codes), "they are shown, to be read aloud"
    assert (project.folder / "stick" / "ImportToken.bin").is_file()

    material = new_material("SYMMETRIC_DEFAULT")
    project.write("payments.key", material)
    content = (project.folder / "stick" / "ledger.parameters.json").read_bytes()
    parameters = ImportParameters.from_content(content, "It")
    project.write("EncryptedKeyMaterial.bin", wrap("RSAES_OAEP_SHA_256", parameters.wrapping_public_key, material))
    variables = f"  vars:\n    payments_check_code: {codes[0]}\n    ledger_check_code: {codes[1]}\n"
    wrapped = project.run_text(_play(examples("kms_wrapped_key_material"), variables)).ok()
    assert wrapped.changed == [True, False, True, True]
    assert wrapped.results[0]["check_code"] in wrapped.results[1].values()
    for key, name in zip(keys, ("payments", "ledger"), strict=True):
        source = str(project.folder / "stick" / f"{name}.wrapped.json")
        options = {"key_id": key.arn, "wrapped_bundle_src": source}
        options["expiration_model"] = "KEY_MATERIAL_DOES_NOT_EXPIRE"
        assert project.run({"cloudkeys.aws.kms_key_material": options}).ok().changed == [True]
        key.put(material)


def test_the_policies_are_in_the_examples() -> None:
    for module in ("kms_key_material", "kms_external_key", "kms_key_material_info", "kms_import_parameters"):
        assert policy_actions(module), "the last example is a policy"


def test_the_readme(at_the_time: EmulatorProcess, documented: tuple[Project, Any]) -> None:
    """The task, and its diff."""
    project, client = documented
    _named(at_the_time, client, PAYMENTS)
    project.write("payments.key", new_material("SYMMETRIC_DEFAULT"))
    readme = (COLLECTION / "README.md").read_text("utf-8")
    task, _many = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    (diff,) = re.findall(r"```diff\n(.*?)```", readme, re.DOTALL)
    output = project.run_text(_play(task), check=True).ok().output
    assert _comparable(diff) in _comparable(output)
    assert project.run_text(_play(task)).ok().changed == [True]
    assert project.run_text(_play(task)).ok().changed == [False]


def test_the_home_page(at_the_time: EmulatorProcess, documented: tuple[Project, Any]) -> None:
    """The commands and their output. The task and the diff on the page are included from the README."""
    project, client = documented
    _named(at_the_time, client, PAYMENTS)
    project.write("payments.key", new_material("SYMMETRIC_DEFAULT"))
    home = (COLLECTION / "docs" / "home.rst").read_text("utf-8")
    assert home.count(".. literalinclude:: README.md") == 2
    task, _many = re.findall(r"```yaml\n(.*?)```", (COLLECTION / "README.md").read_text("utf-8"), re.DOTALL)
    # AWS causes no warning; an emulator does, on standard error.
    commands = [replace(step, line=f"{step.line} 2>warnings") for step in steps(home) if isinstance(step, Command)]
    assert len(commands) == 3
    follow([File("payments.yml", _play(task)), *commands], project.folder, project.variables())


def test_the_readme_about_many_keys(project: Project) -> None:
    """The task, and its list."""
    readme = (COLLECTION / "README.md").read_text("utf-8")
    _one, task = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    (keys,) = re.findall(r"```text\n(.*?)```", readme, re.DOTALL)
    project.write("keys.csv", keys.encode())
    for name in ("payments", "webhooks"):
        project.write(f"{name}.key", new_material("SYMMETRIC_DEFAULT"))
    first = project.run_text(_play(task)).ok()
    assert first.only["summary"]["changed"] == keys.count("alias/") == 2
    assert project.run_text(_play(task)).ok().changed == [False]


def _comparable(text: str) -> str:
    """Return the text without the fingerprint, which differs in every run, and without trailing spaces."""
    return re.sub(r" +\n", "\n", re.sub(r"v1:[0-9a-f]{32}", "v1:FINGERPRINT", text))
