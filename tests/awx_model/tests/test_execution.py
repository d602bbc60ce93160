# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole jobs against the KMS emulator: what gets into them, what comes out, and what is on disk meanwhile."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.emulator import REGION, Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER
from support.materials import SYMMETRIC, new_material
from support.waiting import until
from system.leaks import Traces

from awx_model.execution import CredentialInputs, JobInputs, JobResult, image, run_job, start_job

LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
PUBLISH = {"ansible.builtin.set_stats": {"data": {"changed": "{{ imported.results | map(attribute='changed') }}"}}}


def _import(files: str, **options: str) -> dict[str, Any]:
    """:param files: the variable with a file for each key."""
    common = {"key_id": "{{ item.key }}", "key_material_src": "{{ item.value }}", **NEVER}
    return {
        "cloudkeys.aws.kms_key_material": common | options,
        "loop": f"{{{{ {files} | dict2items }}}}",
        "register": "imported",
    }


@dataclass
class Site:
    """A folder with a project, the jobs that ran, and what all of them have in common."""

    folder: Path
    emulator: Emulator
    account: str

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def jobs(self) -> Path:
        return self.folder / "jobs"

    @property
    def aws(self) -> CredentialInputs:
        values = {"username": self.account, "password": "not-a-secret"}
        return CredentialInputs("AWS", inputs=values, managed_kind="aws")

    def job(self, *tasks: dict[str, Any], **more: Any) -> JobInputs:
        """Of one play on all hosts."""
        play = {"hosts": "all", "gather_facts": False, "tasks": [{"name": "A task", **task} for task in tasks]}
        (self.project / "playbook.yml").write_text(yaml.safe_dump([play], sort_keys=False), "utf-8")
        common: dict[str, Any] = {
            "inventory": {"hosts": {"localhost": LOCAL}},
            "environment": {**image(self.emulator.url), "AWS_REGION": REGION},
            "credentials": (self.aws,),
        }
        return JobInputs(41, self.project, "playbook.yml", **{**common, **more})


@pytest.fixture
def site(tmp_path: Path, emulator: Emulator, account: str) -> Site:
    site = Site(tmp_path, emulator, account)
    site.project.mkdir()
    site.jobs.mkdir()
    return site


def _ok(result: JobResult) -> JobResult:
    assert (result.status, result.rc) == ("successful", 0), f"{result.stdout}\n{result.explanation}"
    return result


def _key_material(content: bytes, key: ExternalKey) -> CredentialInputs:
    """A credential of a type for this collection: a file for each key, and a variable that says where they are."""
    return CredentialInputs(
        "Key material",
        {"fields": [{"id": "payments", "type": "string", "secret": True, "multiline": True}]},
        {
            "file": {"template.payments": "{{ payments }}"},
            "extra_vars": {"cloudkeys_files": {key.arn: "{{ tower.filename.payments }}"}},
        },
        {"payments": base64.encodebytes(content).decode()},
    )


def _of_base64(site: Site, key: ExternalKey, content: bytes, **more: Any) -> JobInputs:
    task = _import("cloudkeys_files", key_material_format="base64")
    return site.job(task, PUBLISH, credentials=(site.aws, _key_material(content, key)), **more)


def _modes(paths: Iterable[Path]) -> dict[str, str]:
    return {path.name: oct(path.stat().st_mode & 0o777) for path in paths}


def test_material_from_a_credential_and_what_is_on_disk_meanwhile(site: Site, kms: Any, emulator: Emulator) -> None:
    key, content = ExternalKey.create(kms), new_material(SYMMETRIC)
    emulator.control.faults([{"operation": "ImportKeyMaterial", "hold": True, "times": 1}])
    meanwhile = site.folder / "meanwhile"
    with start_job(_of_base64(site, key, content, verbosity=5, diff_mode=True), site.jobs) as running:
        until(lambda: _held(emulator, key), "the job's ImportKeyMaterial")
        running.snapshot(meanwhile)
        emulator.control.undo()
        result = _ok(running.finish())
    assert result.artifacts == {"changed": [True]}
    key.put(content)  # KMS refuses other bytes.

    (private,) = meanwhile.glob("awx_41_*")
    env = private / "env"
    holding, variables = sorted(env.glob("tmp*"), key=lambda path: b"!unsafe" in path.read_bytes())
    private_files = {"cmdline": "0o600", "extravars": "0o600", "settings": "0o600"}
    assert _modes(env.iterdir()) == {**private_files, holding.name: "0o600", variables.name: "0o400"}
    assert _modes([private, private / "inventory" / "hosts"]) == {private.name: "0o700", "hosts": "0o700"}
    assert list(meanwhile.rglob("AnsiballZ_kms_requests.py")), "what goes to the target is there, too"
    assert base64.b64decode(holding.read_bytes()) == content

    assert not list(site.jobs.glob("*/env/tmp*")), "AWX removes them with all else"
    assert result.private_data_dir == site.jobs / private.name
    for name in ("command", "rc", "status"):
        assert (result.private_data_dir / "artifacts" / "41" / name).is_file()
    assert not list(site.jobs.rglob("*.json")), "events are in AWX's database alone"
    events, output = json.dumps(result.events).encode(), result.stdout.encode()
    assert Traces(site.folder, {holding}, events=events, output=output).of(content) == []
    assert Traces(meanwhile, set()).of(content), "the search finds what is there"


def _held(emulator: Emulator, key: ExternalKey) -> bool:
    return any((call["operation"], call["key"]) == ("ImportKeyMaterial", key.arn) for call in emulator.control.calls())


def test_check_mode(site: Site, kms: Any) -> None:
    key, content = ExternalKey.create(kms), new_material(SYMMETRIC)
    result = _ok(run_job(_of_base64(site, key, content, job_type="check"), site.jobs))
    assert result.artifacts == {"changed": [True]}
    assert key.state == "PendingImport"


def _encrypt(path: Path, vault_id: str, password: str) -> None:
    """:param vault_id: empty for Vault's own."""
    told = path.parent.parent / "password"
    told.write_text(password, "utf-8")
    program = Path(sys.executable).parent / "ansible-vault"
    name = vault_id or "default"
    subprocess.run(
        [program, "encrypt", "--encrypt-vault-id", name, "--vault-id", f"{name}@{told}", path],
        check=True,
        capture_output=True,
    )
    told.unlink()


def test_material_that_is_encrypted_in_the_project(site: Site, kms: Any) -> None:
    """With passwords that are typed: one for Vault's own ID, and one for another."""
    passwords = {"": "the password of no ID", "keys": "the password of keys"}
    keys = [ExternalKey.create(kms), ExternalKey.create(kms)]
    contents = [new_material(SYMMETRIC), new_material(SYMMETRIC)]
    for number, (vault_id, password) in enumerate(passwords.items()):
        path = site.project / f"{number}.key"
        path.write_bytes(contents[number])
        _encrypt(path, vault_id, password)
    vaults = [
        CredentialInputs(f"Vault {name}", inputs={"vault_id": name, "vault_password": password}, managed_kind="vault")
        for name, password in passwords.items()
    ]
    job = site.job(
        _import("files"),
        PUBLISH,
        credentials=(site.aws, *vaults),
        extra_vars={"files": {key.arn: f"{number}.key" for number, key in enumerate(keys)}},
    )
    result = _ok(run_job(job, site.jobs))
    assert result.artifacts == {"changed": [True, True]}
    for key, content in zip(keys, contents, strict=True):
        key.put(content)
    stream = site.jobs / "receptor" / "41" / "stdin"
    events, output = json.dumps(result.events).encode(), result.stdout.encode()
    traces = Traces(site.folder, {stream}, events=events, output=output)
    assert [traces.of(secret) for secret in (*contents, *(word.encode() for word in passwords.values()))] == [[]] * 4
    assert Traces(stream.parent, set()).of(passwords["keys"].encode()), "AWX sends passwords to the worker in clear"


def test_what_a_job_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the template, its launcher, AWX and the image; and by no other source. One slice, and a limit within it."""
    for name in ("ANSIBLE_STDOUT_CALLBACK", "ANSIBLE_VERBOSITY", "AWS_PROFILE"):
        monkeypatch.setenv(name, "2")
    shown = {
        "launcher": "{{ launcher }}",
        "survey": "{{ survey }}",
        "template": "{{ template }}",
        "of_credential": "{{ of_credential }}",
        "user": "{{ awx_user_name }} {{ tower_job_template_name }} {{ awx_job_id }}",
        "hosts": "{{ groups['all'] | sort }}",
        "play": "{{ ansible_play_hosts }}",
        "host": "{{ hostvars['d'].remote_tower_id }} {{ hostvars['d'].remote_host_enabled }}",
        "mode": "{{ ansible_check_mode }} {{ ansible_diff_mode }} {{ ansible_forks }} {{ ansible_verbosity }}",
        "environment": "{{ query('ansible.builtin.env', *names, default='none') }}",
    }
    names = ["JOB_ID", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_REGION", "ANSIBLE_FORCE_COLOR", "INVENTORY_ID"]
    custom = CredentialInputs(
        "Custom",
        injectors={"extra_vars": {"of_credential": "{{ text }}", "survey": "the job's own variables win"}},
        inputs={"text": "{{ 1 + 1 }}"},
    )
    job = site.job(
        {"ansible.builtin.set_stats": {"data": shown}, "vars": {"names": names}},
        inventory={"id": 5, "hosts": dict.fromkeys("eabcd", LOCAL)},
        slice_number=2,
        slice_count=2,
        limit="d",
        forks=3,
        diff_mode=True,
        verbosity=1,
        extra_vars={"launcher": "{{ 1 + 1 }}", "template": "{{ 1 + 1 }}", "survey": "{{ 2 + 2 }}"},
        template_extra_vars={"launcher": "something else", "template": "{{ 1 + 1 }}"},
        credentials=(site.aws, custom),
        meta={"user_name": "ann", "job_template_name": "Report"},
    )
    result = _ok(run_job(job, site.jobs))
    assert result.artifacts == {
        "launcher": "{{ 1 + 1 }}",
        "survey": "{{ 2 + 2 }}",
        "template": 2,
        "of_credential": "{{ 1 + 1 }}",
        "user": "ann Report 41",
        "hosts": ["b", "d"],
        "play": ["d"],
        "host": "4 true",
        "mode": "False True 3 1",
        "environment": ["41", "none", site.account, REGION, "True", "5"],
    }
    command = json.loads(next(site.jobs.glob("*/artifacts/41/command")).read_bytes())["command"]
    assert command[1:8] == ["-u", "root", "--diff", "--forks=3", "-l", "d", "-v"]
    assert "\x1b" not in result.stdout
    assert "ok: [d]" in result.stdout


def test_a_job_that_fails(site: Site) -> None:
    fail = {"ansible.builtin.fail": {"msg": "so it is"}}
    result = run_job(site.job({"ansible.builtin.set_stats": {"data": {"until": "then"}}}, fail), site.jobs)
    assert (result.status, result.rc, result.artifacts) == ("failed", 2, {"until": "then"})
    (failed,) = [event for event in result.events if event["event"] == "runner_on_failed"]
    assert failed["event_data"]["res"]["msg"] == "so it is"
    assert failed["job_id"] == 41
    assert "so it is" in result.stdout


def test_a_worker_that_comes_to_nothing(site: Site) -> None:
    result = run_job(site.job(environment={"PYTHONHOME": str(site.folder)}), site.jobs)
    assert (result.status, result.rc, result.events) == ("error", None, [])
    assert "Worker did not produce events" in result.explanation
