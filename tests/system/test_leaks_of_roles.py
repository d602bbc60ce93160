# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role or playbook does not print, write, or pass to a callback any key material or passphrase."""

from __future__ import annotations

import base64
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
)
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import with_days
from support.materials import SYMMETRIC, new_material

from ansible_collections.cloudkeys.aws.plugins.module_utils._material.options import SECRETS

from .leaks import LOUD, PASSPHRASE, find, in_folder
from .playbooks import Project, Run, call

SPEC = "ECC_NIST_P256"
SIGNING = {
    "imported_key_alias": "alias/signing",
    "imported_key_key_spec": SPEC,
    "imported_key_key_usage": "SIGN_VERIFY",
    "imported_key_expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
}


def encrypted(project: Project) -> tuple[list[bytes], set[Path]]:
    """signing.pem and passphrase in the current folder: what is secret of them, and the files."""
    content = new_material(SPEC)
    key: Any = load_der_private_key(content, None)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE))
    files = {"signing.pem": pem, "passphrase": PASSPHRASE}
    for name, data in files.items():
        (project.folder / name).write_bytes(data)
    number: int = key.private_numbers().private_value
    return [number.to_bytes(32, "big"), PASSPHRASE], {project.folder / name for name in files}


def pkcs8_of(project: Project) -> bytes:
    """What is in signing.pem, in the encoding in which KMS gets it."""
    key: Any = load_pem_private_key((project.folder / "signing.pem").read_bytes(), PASSPHRASE)
    content: bytes = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return content


def nowhere(project: Project, run: Run, secrets: list[bytes], known: set[Path]) -> None:
    """Neither in the output, nor in what a callback saw, nor in a file that a module left."""
    assert (project.folder / "record.jsonl").stat().st_size > 1000
    for secret in secrets:
        assert find(secret, run.output.encode()) == []
        assert in_folder(secret, project.folder, known) == []


@pytest.fixture(autouse=True)
def _loud(project: Project) -> None:
    project.environment |= {**LOUD, "ANSIBLE_KEEP_REMOTE_FILES": "True"}


IN_TWO_REGIONS: dict[str, Any] = {
    "imported_key_multi_region": True,
    "imported_key_replica_regions": ["eu-west-1"],
}


@pytest.mark.parametrize(
    "regions",
    [pytest.param({}, id="one Region", marks=pytest.mark.every_core), pytest.param(IN_TWO_REGIONS, id="two Regions")],
)
def test_imported_key(project: Project, kms: Any, regions: dict[str, Any]) -> None:
    secrets, known = encrypted(project)
    role = {"role": "cloudkeys.aws.imported_key", **SIGNING, **regions, "imported_key_folder": str(project.folder)}
    role |= {"imported_key_key_material_src": "signing.pem", "imported_key_key_material_passphrase_src": "passphrase"}
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "roles": [role]}
    run = project.run_text(yaml.safe_dump([play])).ok()
    assert kms.describe_key(KeyId="alias/signing")["KeyMetadata"]["KeyState"] == "Enabled"
    nowhere(project, run, secrets, known)


@pytest.mark.parametrize("wrong", ["passphrase", "material"])
def test_provision_key_that_fails(project: Project, wrong: str) -> None:
    secrets, known = encrypted(project)
    if wrong == "passphrase":
        (project.folder / "passphrase").write_bytes(secrets[1][::-1])
        secrets[1] = secrets[1][::-1]
    spec = {"imported_key_key_spec": "ECC_NIST_P384"} if wrong == "material" else {}
    files = {"imported_key_key_material_src": "signing.pem", "imported_key_key_material_passphrase_src": "passphrase"}
    run = call(project, "cloudkeys.aws.provision_key", {**SIGNING, **spec, **files}).failed()
    assert "signing.pem" in run.results[-1]["msg"]
    nowhere(project, run, secrets, known)


@pytest.mark.parametrize("failing", [pytest.param(False, marks=pytest.mark.every_core), True])
def test_provision_fleet(project: Project, kms: Any, failing: bool) -> None:
    """A list with the names of files, one with a passphrase; also where one of them is for another key spec."""
    secrets, known = encrypted(project)
    secrets.append(new_material(SYMMETRIC))
    (project.folder / "payments.key").write_bytes(secrets[-1])
    known.add(project.folder / "payments.key")
    (project.folder / "keys.csv").write_text(
        "alias,key_spec,key_usage,key_material_src,key_material_passphrase_src,key_material_format,expiration_model\n"
        f"signing,{SPEC},SIGN_VERIFY,signing.pem,passphrase,,KEY_MATERIAL_DOES_NOT_EXPIRE\n"
        f"payments,{'HMAC_512' if failing else ''},,payments.key,,raw,KEY_MATERIAL_DOES_NOT_EXPIRE\n",
        "utf-8",
    )
    run = call(project, "cloudkeys.aws.provision_fleet", {"provision_fleet_file": "keys.csv"}, "-vvv")
    assert run.code == (2 if failing else 0), run.output
    assert len(kms.list_keys()["Keys"]) == (1 if failing else 2)
    nowhere(project, run, secrets, known)


def test_secret_values_for_provision_fleet_are_refused_and_not_shown(project: Project) -> None:
    """A list in variables contains the values, which come from lookups."""
    secret = os.urandom(32)
    looked_up = project.folder / "looked-up"
    looked_up.write_bytes(base64.b64encode(secret))
    value = {"key_material": f"{{{{ lookup('ansible.builtin.file', '{looked_up}') }}}}"}
    variables = {"provision_fleet_kms_keys": [{"alias": "payments", **value}]}
    run = call(project, "cloudkeys.aws.provision_fleet", variables).failed()
    assert "kms_keys[0] (payments): key_material is a secret value" in run.results[-1]["msg"]
    nowhere(project, run, [secret], {looked_up})


@pytest.mark.every_core
def test_renew_expiring(project: Project, kms: Any) -> None:
    secrets, known = encrypted(project)
    kms.create_alias(AliasName="alias/signing", TargetKeyId=ExternalKey.create(kms, SPEC).id)
    entry = {"key_id": "alias/signing", "key_material_src": "signing.pem", "key_material_passphrase_src": "passphrase"}
    run = call(project, "cloudkeys.aws.renew_expiring", {"renew_expiring_keys": [entry]}).ok()
    assert kms.describe_key(KeyId="alias/signing")["KeyMetadata"]["KeyState"] == "Enabled"
    nowhere(project, run, secrets, known)


@pytest.mark.parametrize("failing", [pytest.param(False, marks=pytest.mark.every_core), True])
def test_renew_expiring_with_older_key_material_in_two_regions(
    project: Project, kms: Any, emulator: Emulator, failing: bool
) -> None:
    """This includes a file with key material that the key never had."""
    secrets = [new_material(SYMMETRIC) for _number in range(3)]
    key = with_days(kms, emulator, "payments", 5, secrets[1], MultiRegion=True)
    key.stage(secrets[0], emulator.now() + timedelta(days=5))
    emulator.rotate(key)
    replica = emulator.replicate(key, "eu-west-1")
    known = {project.folder / "current", project.folder / "older"}
    (project.folder / "current").write_bytes(secrets[0])
    (project.folder / "older").write_bytes(secrets[2 if failing else 1])
    current, older = ({"key_material_src": name, "key_material_format": "raw"} for name in ("current", "older"))
    entry = {"key_id": "alias/payments", **current, "previous_key_materials": [older], "replicas": True}
    entry |= {"on_unknown_material": "reimport"}
    run = call(project, "cloudkeys.aws.renew_expiring", {"renew_expiring_keys": [entry]})
    assert run.code == (2 if failing else 0), run.output
    assert (replica.state == "Enabled") is not failing
    nowhere(project, run, secrets, known)


def test_secret_values_for_renew_expiring_are_refused_and_not_shown(project: Project) -> None:
    """In an entry, and in one of its older key materials: values are looked up, and in nothing that the run leaves."""
    secret = os.urandom(32)
    looked_up = project.folder / "looked-up"
    looked_up.write_bytes(base64.b64encode(secret))
    value = {"key_material": f"{{{{ lookup('ansible.builtin.file', '{looked_up}') }}}}"}
    entry = {"key_id": "alias/payments", "key_material_src": "current"}
    variables = {"renew_expiring_keys": [{**entry, **value}, {**entry, "previous_key_materials": [value]}]}
    run = call(project, "cloudkeys.aws.renew_expiring", variables).failed()
    for place in ("kms_keys[0] (alias/payments)", "kms_keys[1] (alias/payments): previous_key_materials[0]"):
        assert f"{place}: key_material is a secret value" in run.results[-1]["msg"]
    nowhere(project, run, [secret], {looked_up})


@pytest.mark.parametrize("wrong", [None, "passphrase", "move"])
def test_rotate_by_alias(project: Project, kms: Any, emulator: Emulator, wrong: str | None) -> None:
    secrets, known = encrypted(project)
    if wrong == "passphrase":
        (project.folder / "passphrase").write_bytes(secrets[1][::-1])
        secrets[1] = secrets[1][::-1]
    old = ExternalKey.imported(kms, SPEC)
    kms.create_alias(AliasName="alias/signing", TargetKeyId=old.id)
    emulator.control.denied(["UpdateAlias"] if wrong == "move" else [])
    variables = {
        "rotate_by_alias_alias": "signing",
        "rotate_by_alias_key_material_src": "signing.pem",
        "rotate_by_alias_key_material_passphrase_src": "passphrase",
        "rotate_by_alias_expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }
    run = call(project, "cloudkeys.aws.rotate_by_alias", variables)
    assert run.code == (2 if wrong else 0), run.output
    assert (kms.describe_key(KeyId="alias/signing")["KeyMetadata"]["Arn"] == old.arn) is bool(wrong)
    nowhere(project, run, secrets, known)


def test_secret_values_for_rotate_by_alias_are_refused_and_not_shown(project: Project) -> None:
    """Not one of them, whatever it is called: its value is looked up, and in nothing that the run leaves."""
    secret = os.urandom(32)
    looked_up = project.folder / "looked-up"
    looked_up.write_bytes(base64.b64encode(secret))
    lookup = f"{{{{ lookup('ansible.builtin.file', '{looked_up}') }}}}"
    names = ["rotate_by_alias_key_material", "rotate_by_alias_key_material_passphrase"]
    variables = {"rotate_by_alias_alias": "signing", **dict.fromkeys(names, lookup)}
    run = call(project, "cloudkeys.aws.rotate_by_alias", variables).failed()
    assert run.results[-1]["msg"].startswith(f"Unknown variables: {', '.join(names)}.")
    assert "only files" in run.results[-1]["msg"]
    nowhere(project, run, [secret], {looked_up})


@pytest.mark.parametrize("failing", [pytest.param(False, marks=pytest.mark.every_core), True])
def test_recovery_drill(project: Project, kms: Any, emulator: Emulator, failing: bool) -> None:
    """Key material, passphrase, and the proofs of the key, also when the restore fails halfway."""
    project.environment |= dict.fromkeys(("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM"), project.endpoint)
    secrets, known = encrypted(project)
    tags = [{"TagKey": "cloudkeys.aws/canary", "TagValue": "true"}]
    signing = ExternalKey.create(kms, SPEC, Tags=tags)
    signing.put(pkcs8_of(project))
    contents = [new_material(SYMMETRIC) for _number in range(2)]
    rotated = ExternalKey.create(kms, Tags=tags)
    rotated.put(contents[1])
    rotated.stage(contents[0])
    emulator.rotate(rotated)
    names = [project.folder / f"copy-{place}" for place in range(2)]
    for path, content in zip(names, contents, strict=True):
        path.write_bytes(content)
    current, older = ({"key_material_src": path.name, "key_material_format": "raw"} for path in names)
    files = {"key_material_src": "signing.pem", "key_material_passphrase_src": "passphrase"}
    keys = [
        {"key_arn": signing.arn, **files},
        {"key_arn": rotated.arn, **current, "previous_key_materials": [older]},
    ]
    if failing:
        # KMS compares three copies; the first restore, and every later one, fails.
        refused = {"operation": "ImportKeyMaterial", "error": "IncorrectKeyMaterialException", "status": 400}
        emulator.control.faults([{"operation": "ImportKeyMaterial", "times": 3}, {**refused, "times": 99}])
    run = call(project, "cloudkeys.aws.recovery_drill", {"recovery_drill_keys": keys}, "-vvv")
    assert run.code == (2 if failing else 0), run.output
    assert (signing.state == "PendingImport") == failing
    assert list((project.folder / "recovery-drill").glob("recovery-drill-*.md"))
    nowhere(project, run, [*secrets, *contents], {*known, *names})


@pytest.mark.every_core
def test_verify_copies(project: Project, kms: Any) -> None:
    secrets, known = encrypted(project)
    key = ExternalKey.create(kms, SPEC)
    key.put(pkcs8_of(project))
    entry = {"key_arn": key.arn, "key_material_src": "signing.pem", "key_material_passphrase_src": "passphrase"}
    variables = {"verify_copies_keys": [entry], "verify_copies_reimport": True}
    run = call(project, "cloudkeys.aws.verify_copies", variables, "-vvv").ok()
    nowhere(project, run, secrets, known)


def test_expiry_report(project: Project, kms: Any, emulator: Emulator) -> None:
    """The report has no key material, and no label, with which an attacker could check a guess."""
    content = new_material(SYMMETRIC)
    key = with_days(kms, emulator, "payments", 50, content)
    label = str(key.history()[0]["KeyMaterialDescription"]).partition(":")[2]
    run = call(project, "cloudkeys.aws.expiry_report", {}).ok()
    nowhere(project, run, [content], set())
    reports = [path.read_text("utf-8") for path in (project.folder / "expiry-report").iterdir()]
    assert len(reports) == 4
    assert not [report for report in reports if label in report]


@pytest.mark.every_core
def test_secret_values_are_refused_and_not_shown(project: Project, kms: Any) -> None:
    names = sorted(f"imported_key_{option}" for option in SECRETS)
    secret = os.urandom(32)
    looked_up = project.folder / "looked-up"
    looked_up.write_bytes(base64.b64encode(secret))
    lookup = f"{{{{ lookup('ansible.builtin.file', '{looked_up}') }}}}"
    wanted = {"imported_key_alias": "alias/payments"}
    run = call(project, "cloudkeys.aws.provision_key", {**wanted, **dict.fromkeys(names, lookup)}).failed()
    told = run.results[-1]["msg"].partition("does not accept secret values. Remove ")[2].partition(". ")[0]
    assert sorted(told.split(", ")) == names
    nowhere(project, run, [secret], {looked_up})
    in_the_clear = {**wanted, **dict.fromkeys(names, base64.b64encode(secret).decode())}
    again = call(project, "cloudkeys.aws.provision_key", in_the_clear).failed()
    nowhere(project, again, [secret], {looked_up, project.folder / "variables.yml"})
    assert kms.list_keys()["Keys"] == []


@pytest.mark.every_core
def test_secret_values_of_older_key_materials_are_refused(project: Project, kms: Any) -> None:
    """The message names the options, and the role displays no value."""
    secret = os.urandom(32)
    looked_up = project.folder / "looked-up"
    looked_up.write_bytes(base64.b64encode(secret))
    lookup = f"{{{{ lookup('ansible.builtin.file', '{looked_up}') }}}}"
    entry = {"key_material_src": "payments.key", "key_material": lookup}
    wanted = {"imported_key_alias": "alias/payments", "imported_key_previous_key_materials": [entry]}
    run = call(project, "cloudkeys.aws.provision_key", wanted).failed()
    assert "previous_key_materials[0]: key_material is a secret value" in run.results[-1]["msg"]
    nowhere(project, run, [secret], {looked_up})
    assert kms.list_keys()["Keys"] == []


@pytest.mark.every_core
def test_an_unknown_variable_is_refused_without_its_value(project: Project, kms: Any) -> None:
    secret = os.urandom(32)
    looked_up = project.folder / "looked-up"
    looked_up.write_bytes(base64.b64encode(secret))
    lookup = f"{{{{ lookup('ansible.builtin.file', '{looked_up}') }}}}"
    wanted = {"imported_key_alias": "alias/payments", "imported_key_passphrase": lookup}
    run = call(project, "cloudkeys.aws.provision_key", wanted).failed()
    assert run.results[-1]["msg"].startswith("The role imported_key has no imported_key_passphrase.")
    nowhere(project, run, [secret], {looked_up})
    assert kms.list_keys()["Keys"] == []
