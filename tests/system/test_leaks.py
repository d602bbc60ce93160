# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key material is in nothing that a run prints, writes, keeps or shows."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_der_private_key,
)
from support.external_key import ExternalKey
from support.in_process import NEVER
from support.materials import SYMMETRIC, new_material

from .leaks import LOUD, PASSPHRASE, ProcessList, find, in_folder
from .on_time import emulator_on_time
from .playbooks import Project, Run, Task, material

emulator = emulator_on_time
EXPORT, WRAP = (f"cloudkeys.aws.{name}" for name in ("kms_import_parameters", "kms_wrapped_key_material"))
LIST = "cloudkeys.aws.kms_imported_keys"
# As a secret manager's lookup gives it: a value that is nowhere in the playbook or the environment.
LOOKED_UP = "looked-up"
LOOKUP = "{{ lookup('ansible.builtin.file', '" + LOOKED_UP + "') }}"


@dataclass
class Secret:
    """A task, and what must not be found of it."""

    task: Task
    secrets: list[bytes]
    variables: dict[str, str]
    works: bool = True

    @property
    def module(self) -> str:
        return next(name for name in self.task if name.startswith("cloudkeys.aws."))

    @property
    def key(self) -> str:
        return str(self.task[self.module]["key_id"])


def _file(project: Project, kms: Any) -> Secret:
    content = new_material(SYMMETRIC)
    return Secret(_task(kms, SYMMETRIC, key_material_src=project.write("k", content)), [content], {})


def _value(project: Project, kms: Any) -> Secret:
    content = new_material(SYMMETRIC)
    task = _task(kms, SYMMETRIC, key_material=LOOKUP) | {"no_log": True}
    project.write(LOOKED_UP, base64.b64encode(content))
    return Secret(task, [content], {})


def _mac(project: Project, kms: Any) -> Secret:
    content = new_material("HMAC_512")
    return Secret(_task(kms, "HMAC_512", key_material_src=project.write("k", content)), [content], {})


def _der(project: Project, kms: Any) -> Secret:
    content = new_material("ECC_NIST_P384")
    task = _task(kms, "ECC_NIST_P384", key_material_src=project.write("k", content))
    return Secret(task, [_private_number(content)], {})


def _encrypted_pem(project: Project, kms: Any) -> Secret:
    content, pem = _encrypted("ECC_NIST_P256")
    options = {"key_material_src": project.write("k.pem", pem)}
    options["key_material_passphrase"] = LOOKUP
    task = _task(kms, "ECC_NIST_P256", **options) | {"no_log": True}
    project.write(LOOKED_UP, PASSPHRASE)
    return Secret(task, [_private_number(content), PASSPHRASE], {})


def _passphrase_file(project: Project, kms: Any) -> Secret:
    """Nothing is a value here, so the task needs no no_log."""
    content, pem = _encrypted("ECC_NIST_P256")
    options = {"key_material_src": project.write("k.pem", pem)}
    options["key_material_passphrase_src"], variables = _encrypt(project, project.write("p", PASSPHRASE + b"\n"))
    return Secret(_task(kms, "ECC_NIST_P256", **options), [_private_number(content), PASSPHRASE], variables)


def _wrong_passphrase_file(project: Project, kms: Any) -> Secret:
    content, pem = _encrypted("ECC_NIST_P256")
    wrong = b"incorrect horse battery staple"
    options = {
        "key_material_src": project.write("k.pem", pem),
        "key_material_passphrase_src": project.write("p", wrong),
    }
    task = _task(kms, "ECC_NIST_P256", **options)
    return Secret(task, [_private_number(content), wrong], {}, works=False)


def _encrypted(key_spec: str) -> tuple[bytes, bytes]:
    """A private key in DER, and in a PEM that PASSPHRASE opens."""
    content = new_material(key_spec)
    encryption = BestAvailableEncryption(PASSPHRASE)
    return content, load_der_private_key(content, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def _vault(project: Project, kms: Any) -> Secret:
    content = new_material(SYMMETRIC)
    name, variables = _encrypt(project, project.write("k", content))
    return Secret(_task(kms, SYMMETRIC, key_material_src=name), [content], variables)


def _encrypt(project: Project, name: str) -> tuple[str, dict[str, str]]:
    """With Ansible Vault, in its place; and the environment in which it can be read."""
    (project.folder / "vault-password").write_text("the vault's password\n", "utf-8")
    subprocess.run(
        ["ansible-vault", "encrypt", "--vault-password-file", "vault-password", f"files/{name}"],
        cwd=project.folder,
        env=project.variables(),
        check=True,
        capture_output=True,
    )
    return name, {"ANSIBLE_VAULT_PASSWORD_FILE": str(project.folder / "vault-password")}


def _wrong_length(project: Project, kms: Any) -> Secret:
    content = os.urandom(33)
    return Secret(_task(kms, SYMMETRIC, key_material_src=project.write("k", content)), [content], {}, works=False)


def _wrong_curve(project: Project, kms: Any) -> Secret:
    content = new_material("ECC_NIST_P384")
    task = _task(kms, "ECC_NIST_P256", key_material_src=project.write("k", content))
    return Secret(task, [_private_number(content)], {}, works=False)


def _broken_pem(project: Project, kms: Any) -> Secret:
    body = base64.b64encode(os.urandom(96)).decode()
    pem = f"-----BEGIN PRIVATE KEY-----\n{body[:64]}\n{body[64:]}\n-----END PRIVATE KEY-----\n".encode()
    task = _task(kms, "ECC_NIST_P256", key_material_src=project.write("k", pem))
    return Secret(task, [base64.b64decode(body)], {}, works=False)


def _value_in_the_clear(project: Project, kms: Any) -> Secret:
    content = new_material(SYMMETRIC)
    task = _task(kms, SYMMETRIC, key_material=LOOKUP)
    project.write(LOOKED_UP, base64.b64encode(content))
    return Secret(task, [content], {}, works=False)


def _misspelt_option(project: Project, kms: Any) -> Secret:
    content = new_material(SYMMETRIC)
    task = _task(kms, SYMMETRIC, key_materal=LOOKUP)
    project.write(LOOKED_UP, base64.b64encode(content))
    return Secret(task, [content], {}, works=False)


def _text_instead_of_base64(project: Project, kms: Any) -> Secret:
    content = b"swordfish-swordfish-swordfish-42"
    task = _task(kms, SYMMETRIC, key_material=LOOKUP) | {"no_log": True}
    project.write(LOOKED_UP, content)
    return Secret(task, [content], {}, works=False)


def _offline(project: Project, kms: Any, spec: str = SYMMETRIC) -> dict[str, Any]:
    """Import parameters for a new key, as a value, and where the wrapped bundle goes."""
    exported = {"bundles": [{"key_id": ExternalKey.create(kms, spec).arn}], "return_bundles": True}
    (told,) = project.run({EXPORT: exported}).ok().only["bundles"]
    return {"parameters_bundle": told["bundle"], "dest": str(project.folder / "wrapped.json")}


def _wrapped(project: Project, kms: Any) -> Secret:
    content = new_material(SYMMETRIC)
    options = {"key_material_src": project.write("k", content), **_offline(project, kms)}
    return Secret({WRAP: options, "register": "outcome"}, [content], {})


def _wrapped_passphrase_file(project: Project, kms: Any) -> Secret:
    content, pem = _encrypted("ECC_NIST_P256")
    options = {"key_material_src": project.write("k.pem", pem)}
    options["key_material_passphrase_src"] = project.write("p", PASSPHRASE)
    task = {WRAP: {**options, **_offline(project, kms, "ECC_NIST_P256")}, "register": "outcome"}
    return Secret(task, [_private_number(content), PASSPHRASE], {})


def _wrapped_value(project: Project, kms: Any) -> Secret:
    content = new_material("HMAC_512")
    options = {"key_material": LOOKUP, **_offline(project, kms, "HMAC_512")}
    project.write(LOOKED_UP, base64.b64encode(content))
    return Secret({WRAP: options, "register": "outcome", "no_log": True}, [content], {})


def _wrapped_in_the_clear(project: Project, kms: Any) -> Secret:
    content = new_material(SYMMETRIC)
    options = {"key_material": LOOKUP, **_offline(project, kms)}
    project.write(LOOKED_UP, base64.b64encode(content))
    return Secret({WRAP: options, "register": "outcome"}, [content], {}, works=False)


def _for_another_module(project: Project, kms: Any) -> Secret:
    content = new_material(SYMMETRIC)
    bundles = [{"key_id": ExternalKey.create(kms).arn, "dest": str(project.folder / "parameters.json")}]
    project.write(LOOKED_UP, base64.b64encode(content))
    return Secret(
        {EXPORT: {"bundles": bundles, "key_material": LOOKUP}, "register": "outcome"}, [content], {}, works=False
    )


def _list(project: Project, kms: Any) -> Secret:
    """Many keys in one task, one of which is created, and one has a passphrase."""
    content, (private, pem) = new_material(SYMMETRIC), _encrypted("ECC_NIST_P256")
    encrypted = {
        "key_id": ExternalKey.create(kms, "ECC_NIST_P256").arn,
        "key_material_src": project.write("k.pem", pem),
        "key_material_passphrase_src": project.write("p", PASSPHRASE),
    }
    created = {"alias": "created", "key_material_src": project.write("k", content)}
    return Secret(_list_task([encrypted, created]), [content, _private_number(private), PASSPHRASE], {})


def _list_with_a_fault(project: Project, kms: Any) -> Secret:
    content = new_material(SYMMETRIC)[1:]
    entry = {"key_id": ExternalKey.create(kms).arn, "key_material_src": project.write("k", content)}
    return Secret(_list_task([entry]), [content], {}, works=False)


def _list_with_values(project: Project, _kms: Any) -> Secret:
    """A list takes none: neither by a misspelt name nor by that of the module for one key."""
    content = new_material(SYMMETRIC)
    project.write(LOOKED_UP, base64.b64encode(content))
    entries = [{"alias": "one", "key_material": LOOKUP}, {"alias": "two", "key_materal": LOOKUP}]
    return Secret(_list_task(entries), [content], {}, works=False)


def _list_task(entries: list[dict[str, Any]]) -> Task:
    return {LIST: {"kms_keys": entries, **NEVER}, "register": "outcome"}


MODES = (
    _file,
    _value,
    _mac,
    _der,
    _encrypted_pem,
    _passphrase_file,
    _wrong_passphrase_file,
    _vault,
    _wrong_length,
    _wrong_curve,
    _broken_pem,
    _value_in_the_clear,
    _misspelt_option,
    _text_instead_of_base64,
    _wrapped,
    _wrapped_passphrase_file,
    _wrapped_value,
    _wrapped_in_the_clear,
    _for_another_module,
    _list,
    _list_with_a_fault,
    _list_with_values,
)
# Where what an ansible-core does with arguments and files has a part in it, and not only the collection's own code.
EVERY_CORE = (
    _file,
    _value,
    _vault,
    _value_in_the_clear,
    _misspelt_option,
    _wrapped_value,
    _wrapped_in_the_clear,
    _list_with_values,
)
modes = pytest.mark.parametrize(
    "mode",
    [
        pytest.param(mode, id=mode.__name__.strip("_"), marks=[pytest.mark.every_core] if mode in EVERY_CORE else [])
        for mode in MODES
    ],
)


def _task(kms: Any, spec: str, **options: Any) -> Task:
    return material(key_id=ExternalKey.create(kms, spec).arn, **options, **NEVER) | {"register": "outcome"}


def _private_number(content: bytes) -> bytes:
    key: Any = load_der_private_key(content, None)
    number: int = key.private_numbers().private_value
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _sources(project: Project) -> set[Path]:
    return set(project.files.iterdir()) | {project.folder / "vault-password"}


@pytest.fixture
def scratch(project: Project) -> Iterator[Path]:
    """TMPDIR in the project's folder, by a short path: ansible-core 2.22 puts a socket there, and 107 bytes are all."""
    folder = _folder(project, "tmp")
    with tempfile.TemporaryDirectory() as place:
        link = Path(place) / "tmp"
        link.symlink_to(folder)
        yield link


@modes
@pytest.mark.parametrize("pipelining", ["True", "False"], ids=["pipelining", "files"])
def test_ansible_playbook(project: Project, kms: Any, mode: Any, pipelining: str, scratch: Path) -> None:
    secret: Secret = mode(project, kms)
    variables = {
        **LOUD,
        **secret.variables,
        "ANSIBLE_PIPELINING": pipelining,
        # With it Ansible does not pipeline.
        "ANSIBLE_KEEP_REMOTE_FILES": "False" if pipelining == "True" else "True",
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(project.folder / "fact-cache"),
        "ANSIBLE_LOG_PATH": str(project.folder / "ansible.log"),
        "TMPDIR": str(scratch),
    }
    remember = {
        "name": "What a play may do with a result",
        "ansible.builtin.set_fact": {"kept": "{{ outcome }}", "cacheable": True},
        "no_log": bool(secret.task.get("no_log")),
    }
    with ProcessList() as processes:
        run = project.run({**secret.task, "ignore_errors": True}, remember, variables=variables).ok()
    assert (run.tasks[0]["outcome"] == "ok") == secret.works, run.output
    assert (project.folder / "ansible.log").stat().st_size > 1000
    assert any((project.folder / "fact-cache").iterdir())
    if secret.works and secret.module != WRAP:
        # What goes to a target; of a wrap nothing does.
        payloads = list((project.home / "remote").rglob("AnsiballZ_kms_requests.py"))
        assert bool(payloads) != (pipelining == "True"), "kept payloads are what is looked at"
    assert any(b"ansible-playbook" in line for line in processes.seen), "the process list was looked at"
    for value in secret.secrets:
        assert not find(value, run.output.encode()), "in the output"
        assert not in_folder(value, project.folder, _sources(project)), "in a file"
        assert not find(value, b"\0".join(processes.seen)), "in a process list"


@modes
def test_ansible_runner(project: Project, kms: Any, mode: Any) -> None:
    """As AWX runs a job: every job event is kept, with its data."""
    secret: Secret = mode(project, kms)
    private = _folder(project, "private")
    (private / "project").mkdir()
    shutil.copytree(project.files, private / "project" / "files")
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [secret.task]}
    (private / "project" / "playbook.yml").write_text(yaml.safe_dump([play], sort_keys=False), "utf-8")
    run: Run = project.command(
        [sys.executable, "-m", "ansible_runner", "run", str(private), "-p", "playbook.yml", "-v", "--omit-env-files"],
        secret.variables,
    )
    events = list(private.rglob("job_events/*.json"))
    assert len(events) > 4, run.output
    assert ("failed=0" in run.output) == secret.works, run.output
    known = _sources(project) | set((private / "project" / "files").iterdir())
    for value in secret.secrets:
        assert not find(value, run.output.encode()), "in the output"
        assert not in_folder(value, project.folder, known), "in a job event"


def _folder(project: Project, name: str) -> Path:
    folder = project.folder / name
    folder.mkdir()
    return folder


@pytest.mark.every_core
def test_a_retried_task_keeps_its_value_to_itself(project: Project, kms: Any, emulator: Any) -> None:
    secret = _value(project, kms)
    emulator.control.denied(["ImportKeyMaterial"])
    task = {**secret.task, "until": "outcome is succeeded", "retries": 2, "delay": 1, "ignore_errors": True}
    run = project.run(task, variables={**LOUD, **secret.variables}).ok()
    assert "retry" in [entry["outcome"] for entry in run.tasks]
    refused = [call for call in emulator.control.calls() if call["operation"] == "ImportKeyMaterial"]
    assert len([call for call in refused if call["key"] == secret.key]) == 3, "the value was there in every attempt"
    assert not find(secret.secrets[0], run.output.encode())
    assert not in_folder(secret.secrets[0], project.folder, _sources(project))


@pytest.mark.parametrize("filter_name", ["b64encode", "string"])
def test_a_leak_would_be_found(project: Project, filter_name: str) -> None:
    """The search itself: what a debug task shows of a file is found in the output and in what the callback wrote."""
    content = b"0123456789abcdefghijklmnopqrstuv"
    project.write("k", content)
    shown = {"ansible.builtin.debug": {"msg": f"see {{{{ lookup('ansible.builtin.file', 'k') | {filter_name} }}}}"}}
    run = project.run(shown).ok()
    assert find(content, run.output.encode())
    assert in_folder(content, project.folder, _sources(project))


@pytest.mark.parametrize("form", ["hex", "base64", "repr", "numbers", "pem"])
def test_every_form_is_recognised(form: str) -> None:
    content = os.urandom(32)
    shown = {
        "hex": content.hex().encode(),
        "base64": base64.b64encode(b"x" + content + b"yz"),
        "repr": repr({"key": content}).encode(),
        "numbers": repr(list(content)).encode(),
        "pem": base64.encodebytes(b"12345" + content + content),
    }[form]
    assert find(content, b"before " + shown + b" after")
