# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job templates of awx_setup, run as in AWX: the key material reaches KMS, and no other place."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from datetime import timedelta
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
from support.in_process import NEVER, run_one
from support.materials import SYMMETRIC, new_material

from .awx import AWS_SECRET, REGION, Awx, Typed, awx_for, three_accounts
from .ceremonies import codes_of
from .leaks import PASSPHRASE
from .on_time import emulator_on_time
from .playbooks import Project
from .secret_tasks import VAULT_PASSWORD

emulator = emulator_on_time


@pytest.fixture
def awx(project: Project, emulator: Emulator) -> Iterator[Awx]:
    with awx_for(project, emulator) as awx:
        awx.accounts = three_accounts()
        yield awx


def holds(key: ExternalKey, content: bytes) -> bool:
    """Whether KMS takes this as the key's own: it refuses any other key material."""
    outcome = run_one(key.kms, key, content, force=True, on_unknown_material="reimport", **NEVER)
    return outcome["material_match"] == "same"


def encrypted_file(awx: Awx, name: str, content: bytes) -> None:
    """A file of the project, by Ansible Vault."""
    path = awx.repository / "keys" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    (awx.project.folder / "vault-password").write_text(VAULT_PASSWORD, "utf-8")
    command = ["ansible-vault", "encrypt", "--vault-password-file", "vault-password", str(path)]
    subprocess.run(command, cwd=awx.project.folder, env=awx.project.variables(), check=True, capture_output=True)


def encrypted_pem(content: bytes) -> str:
    key: Any = load_der_private_key(content, None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE)).decode()


def encrypt_offline(
    awx: Awx, parameters: Mapping[str, str], codes: Mapping[str, str], content: bytes
) -> tuple[Any, Any]:
    """On the custodian's machine: the wrapped bundle of the ledger, and the code that is read aloud."""
    folder = awx.project.folder / "custodian"
    (folder / "ceremony").mkdir(parents=True)
    (folder / "ledger.key").write_bytes(content)
    for name, text in parameters.items():
        (folder / "ceremony" / f"{name}.parameters.json").write_text(text, "utf-8")
    keys = [{"name": "ledger", "key_material_src": "ledger.key", "key_material_format": "raw"}]
    variables = {"ceremony_keys": keys, "ceremony_check_codes": dict(codes)}
    (folder / "ceremony.yml").write_text(yaml.safe_dump(variables), "utf-8")
    custodian = Project(folder, awx.project.endpoint)
    wrapped = custodian.command(["ansible-playbook", "cloudkeys.aws.ceremony_wrap", "-e", "@ceremony.yml"]).ok()
    return (folder / "ceremony" / "ledger.wrapped.json").read_text("utf-8"), codes_of(wrapped)["ledger"]


def codes_in(stdout: str) -> dict[str, str]:
    """What the job shows to be read aloud."""
    (line,) = [line for line in stdout.splitlines() if "ledger: " in line]
    return {"ledger": line.split("ledger: ")[1].strip(' ",')}


def test_from_the_first_import_to_a_ceremony(awx: Awx, emulator: Emulator) -> None:
    """Three accounts. Afterwards, all files, AWX, and its events are searched for key material."""
    payments, webhooks, archive, releases, ledger = (
        new_material(spec) for spec in (SYMMETRIC, "HMAC_256", SYMMETRIC, "ECC_NIST_P256", SYMMETRIC)
    )
    encrypted_file(awx, "archive.key", archive)
    ledger_key = ExternalKey.create(emulator.client(REGION, awx.accounts["treasury"]))
    ledger_key.kms.create_alias(AliasName="alias/ledger", TargetKeyId=ledger_key.id)
    variables = awx.variables(
        awx_setup_keys=[
            {"alias": "alias/payments"},
            {"alias": "webhooks", "key_spec": "HMAC_256", "accounts": ["retail"]},
            {"alias": "alias/archive", "key_material_src": "keys/archive.key", "key_material_format": "raw",
             "accounts": ["logistics"]},
            {"alias": "alias/releases", "key_spec": "ECC_NIST_P256", "key_usage": "SIGN_VERIFY",
             "has_passphrase": True, "accounts": ["treasury"]},
        ],
        awx_setup_ceremony_keys=[{"name": "ledger", "key_id": "alias/ledger", "accounts": ["treasury"]}],
        awx_setup_job_slices=2,
    )  # fmt: skip
    awx.set_up(variables).ok()
    awx.fill_in_accounts()
    awx.fill_in("Vault", vault_password=VAULT_PASSWORD)
    awx.fill_in(
        "key material",
        key_payments=Typed(payments).text,
        key_webhooks=Typed(webhooks).text,
        key_releases=encrypted_pem(releases),
        passphrase_releases=PASSPHRASE.decode(),
    )

    # Two slices of three accounts, in check mode and then in run mode.
    awx.launch("Provision fleet", job_type="check")
    assert all("failed: 0" in job["stdout"] for job in awx.jobs())
    assert emulator.client(REGION, awx.accounts["retail"]).list_keys()["Keys"] == []
    awx.launch("Provision fleet")
    assert [job["job_slice_count"] for job in awx.jobs()] == [2] * 4
    expected = (
        *((host, "payments", payments) for host in awx.accounts),
        ("retail", "webhooks", webhooks),
        ("logistics", "archive", archive),
        ("treasury", "releases", releases),
    )
    keys = {(host, alias): awx.key(emulator, host, alias) for host, alias, _content in expected}
    assert {key.state for key in keys.values()} == {"Enabled"}
    expirations = {place: key.describe()["ValidTo"] for place, key in keys.items()}

    # A ceremony: its bundles leave AWX as artifacts, and come back in a credential.
    ceremony = awx.start_workflow("Ceremony")
    (export,) = [job for job in awx.jobs() if job["name"] == "cloudkeys: Ceremony export"]
    parameters = export["artifacts"]["cloudkeys_ceremony_parameters"]
    wrapped, code = encrypt_offline(awx, parameters, codes_in(export["stdout"]), ledger)
    # As a browser sends it.
    awx.fill_in("ceremony", wrapped_ledger=f"{wrapped}\r\n", check_code_ledger=code)
    assert ledger_key.state == "PendingImport"
    awx.approve()
    assert awx.model.object("unified_jobs", id=ceremony)["status"] == "successful"
    assert ledger_key.state == "Enabled"
    wrong = awx.launched("Ceremony import", extra_vars={"cloudkeys_check_codes": "ledger: AAAA-AAAA-AAAA-AAAA-AAAA"})
    assert wrong["status"] == "failed"

    # Nothing is due; 65 days later everything is.
    before = len(awx.jobs())
    awx.launch("Renew")
    assert all("changed=1" not in job["stdout"] for job in awx.jobs()[before:])
    emulator.advance(days=65)
    failed = awx.launched("Report", extra_vars={"expiry_report_fail_within_days": 60})
    assert failed["status"] == "failed"
    assert failed["artifacts"]["cloudkeys_expiry_report"]["failures"]
    workflow = awx.start_workflow("Renew after approval")
    assert {place: key.describe()["ValidTo"] for place, key in keys.items()} == expirations
    awx.approve()
    assert awx.model.object("unified_jobs", id=workflow)["status"] == "successful"
    for place, key in keys.items():
        assert key.describe()["ValidTo"] > expirations[place] + timedelta(days=60)
    report = awx.launch("Report")
    assert report["artifacts"]["cloudkeys_expiry_report"]["failures"] == []
    # Nothing before here could have put them into KMS but the jobs.
    for host, alias, content in expected:
        assert holds(keys[host, alias], content), (host, alias)
    assert holds(ledger_key, ledger)
    assert len(awx.executing.results) >= 8
    assert awx.search([payments, webhooks, archive, releases, PASSPHRASE, ledger, AWS_SECRET.encode()]) == []


def test_rotation_and_a_drill(awx: Awx, emulator: Emulator) -> None:
    """A key rotates to new key material that is declared, set up, and entered. Then a canary key is drilled."""
    emulator.control.rotation(0.05)
    old, new, canary, first, second = (
        new_material(spec) for spec in (SYMMETRIC, SYMMETRIC, SYMMETRIC, "HMAC_256", "HMAC_256")
    )
    awx.accounts = {"treasury": awx.accounts["treasury"]}
    drilled = ExternalKey.create(
        emulator.client(REGION, awx.accounts["treasury"]),
        Tags=[{"TagKey": "cloudkeys.aws/canary", "TagValue": "true"}],
    )
    run_one(drilled.kms, drilled, canary, **NEVER)
    listed: list[dict[str, Any]] = [{"alias": "payments"}, {"alias": "webhooks", "key_spec": "HMAC_256"}]
    variables = awx.variables(awx_setup_keys=listed, awx_setup_canary_keys=[{"key_arn": drilled.arn, "name": "canary"}])
    awx.set_up(variables).ok()
    awx.fill_in_accounts()
    awx.fill_in(
        "key material",
        key_payments=Typed(old).text,
        key_webhooks=Typed(first).text,
        key_canary=Typed(canary).text,
    )
    awx.launch("Provision fleet")
    payments, webhooks = (awx.key(emulator, "treasury", alias) for alias in ("payments", "webhooks"))
    _workflow_of_another_user(awx)
    (outcome,) = awx.launch("Recovery drill")["artifacts"]["cloudkeys_recovery_drill"].values()
    assert outcome["outcome"] == "passed"
    assert outcome["copies"] == {drilled.arn: ["worked"]}
    assert drilled.state == "Enabled"

    year = {"credential": "key material 2027"}
    listed[0] |= {"name": "payments_2027", **year, "previous_key_materials": [
        {"name": "payments", "credential": "key material"}]}  # fmt: skip
    listed[1] |= {"name": "webhooks_2027", **year}
    awx.set_up(variables).ok()
    awx.fill_in("key material 2027", key_payments_2027=Typed(new).text, key_webhooks_2027=Typed(second).text)
    # What is declared and not yet rotated to is never imported by the nightly jobs.
    assert awx.launched("Renew")["status"] == "failed"
    awx.launch("Rotate", extra_vars={"cloudkeys_rotation_alias": "alias/payments"})
    awx.launch("Rotate by alias", extra_vars={"rotate_by_alias_alias": "alias/webhooks"})
    assert awx.key(emulator, "treasury", "payments").id == payments.id
    assert awx.key(emulator, "treasury", "webhooks").id != webhooks.id
    assert holds(awx.key(emulator, "treasury", "webhooks"), second)
    awx.launch("Renew")
    assert [state for state, _imported in payments.states()] == ["NON_CURRENT", "CURRENT"]
    assert awx.search([old, new, canary, first, second]) == []


def _workflow_of_another_user(awx: Awx) -> None:
    """AWX hands a workflow's variables to its jobs, whatever their templates prompt for."""
    renew = awx.model.object("job_templates", name="cloudkeys: Renew")
    untrusted = [{"key_id": "alias/payments", "key_material_src": "x", "wrapping_key_trust": "target"}]
    fields = {
        "name": "Mine",
        "organization": renew["organization"],
        "extra_vars": json.dumps({"renew_expiring_keys": untrusted}),
    }
    workflow = awx.request("POST", "/api/v2/workflow_job_templates/", fields)
    node = {"workflow_job_template": workflow["id"], "unified_job_template": renew["id"], "identifier": "renew"}
    awx.request("POST", "/api/v2/workflow_job_template_nodes/", node)
    awx.request("POST", f"/api/v2/workflow_job_templates/{workflow['id']}/launch/", {})
    awx.model.settle()
    job = awx.jobs()[-1]
    assert job["status"] == "failed"
    assert "renew_expiring_keys cannot be set at a launch or by a workflow" in job["stdout"]
