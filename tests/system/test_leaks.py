# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run does not print, write, keep, or display the key material."""

from __future__ import annotations

import base64
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .leaks import LOUD, ProcessList, Traces, find, in_folder
from .on_time import emulator_on_time
from .playbooks import Project, Task
from .secret_tasks import EVERY_CORE, OTHERS, VAULT_PASSWORD, WRAP, Mode, Place, Secret, value

emulator = emulator_on_time
# All in one playbook: each task is looked for in all that the run has left.
modes = pytest.mark.parametrize(
    "modes",
    [pytest.param(EVERY_CORE, id="every core", marks=pytest.mark.every_core), pytest.param(OTHERS, id="others")],
)


def _made(project: Project, kms: Any, modes: tuple[Mode, ...]) -> dict[str, Secret]:
    """The tasks, by the names of their modes."""
    (project.folder / VAULT_PASSWORD).write_text("the vault's password\n", "utf-8")
    return {mode.__name__: mode(Place(project, kms, mode.__name__)) for mode in modes}


def _variables(project: Project) -> dict[str, str]:
    return {"ANSIBLE_VAULT_PASSWORD_FILE": str(project.folder / VAULT_PASSWORD)}


def _named(name: str, secret: Secret) -> Task:
    return {"name": name, **secret.task, "register": "outcome", "ignore_errors": True}


def _remember(name: str, secret: Secret) -> Task:
    return {
        "name": "What a play may do with a result",
        "ansible.builtin.set_fact": {f"kept_{name}": "{{ outcome }}", "cacheable": True},
        "no_log": bool(secret.task.get("no_log")),
    }


def _sources(project: Project) -> set[Path]:
    return set(project.files.iterdir()) | {project.folder / VAULT_PASSWORD}


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
def test_ansible_playbook(project: Project, kms: Any, modes: tuple[Mode, ...], pipelining: str, scratch: Path) -> None:
    secrets = _made(project, kms, modes)
    variables = {
        **LOUD,
        **_variables(project),
        "ANSIBLE_PIPELINING": pipelining,
        # With it Ansible does not pipeline.
        "ANSIBLE_KEEP_REMOTE_FILES": "False" if pipelining == "True" else "True",
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(project.folder / "fact-cache"),
        "ANSIBLE_LOG_PATH": str(project.folder / "ansible.log"),
        "TMPDIR": str(scratch),
    }
    tasks = [task for name, secret in secrets.items() for task in (_named(name, secret), _remember(name, secret))]
    with ProcessList() as processes:
        run = project.run(*tasks, variables=variables).ok()
    # A callback sees no name of a task with no_log.
    outcomes = dict(zip(secrets, (task["outcome"] for task in run.tasks[::2]), strict=True))
    assert outcomes == {name: "ok" if secret.works else "failed" for name, secret in secrets.items()}, run.output
    assert (project.folder / "ansible.log").stat().st_size > 1000
    assert any((project.folder / "fact-cache").iterdir())
    # What goes to a target; of a wrap nothing does, and of what is refused on the controller neither.
    sent = [secret for secret in secrets.values() if secret.works and secret.module != WRAP]
    payloads = list((project.home / "remote").rglob("AnsiballZ_kms_*requests.py"))
    if pipelining == "True":
        assert not payloads
    else:
        assert len(payloads) >= len(sent) > 0, "kept payloads are what is looked at"
    assert any(b"ansible-playbook" in line for line in processes.seen), "the process list was looked at"
    traces = Traces(project.folder, _sources(project), output=run.output.encode(), processes=b"\0".join(processes.seen))
    assert _leaks(secrets, traces) == []


def _leaks(secrets: dict[str, Secret], traces: Traces) -> list[str]:
    """What is found of which task, and where."""
    return [
        f"{name}: {found}" for name, one in secrets.items() for secret in one.secrets for found in traces.of(secret)
    ]


@modes
def test_ansible_runner(project: Project, kms: Any, modes: tuple[Mode, ...]) -> None:
    """ansible-runner runs the job as in AWX, and keeps the data of every job event."""
    secrets = _made(project, kms, modes)
    private = _folder(project, "private")
    (private / "project").mkdir()
    shutil.copytree(project.files, private / "project" / "files")
    tasks = [_named(name, secret) for name, secret in secrets.items()]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    (private / "project" / "playbook.yml").write_text(yaml.safe_dump([play], sort_keys=False), "utf-8")
    run = project.command(
        [sys.executable, "-m", "ansible_runner", "run", str(private), "-p", "playbook.yml", "-v", "--omit-env-files"],
        _variables(project),
    ).ok()
    events = list(private.rglob("job_events/*.json"))
    assert len(events) > 2 * len(tasks), run.output
    refused = [secret for secret in secrets.values() if not secret.works]
    assert f"ignored={len(refused)}" in run.output, run.output
    known = _sources(project) | set((private / "project" / "files").iterdir())
    assert _leaks(secrets, Traces(project.folder, known, output=run.output.encode())) == []


def _folder(project: Project, name: str) -> Path:
    folder = project.folder / name
    folder.mkdir()
    return folder


@pytest.mark.every_core
def test_a_retried_task_keeps_its_value_to_itself(project: Project, kms: Any, emulator: Any) -> None:
    secret = value(Place(project, kms, "value"))
    emulator.control.denied(["ImportKeyMaterial"])
    task = {**_named("A value", secret), "until": "outcome is succeeded", "retries": 2, "delay": 1}
    run = project.run(task, variables=LOUD).ok()
    assert "retry" in [entry["outcome"] for entry in run.tasks]
    refused = [call for call in emulator.control.calls() if call["operation"] == "ImportKeyMaterial"]
    assert len([call for call in refused if call["key"] == secret.key]) == 3, "the value was there in every attempt"
    assert not find(secret.secrets[0], run.output.encode())
    assert not in_folder(secret.secrets[0], project.folder, _sources(project))


@pytest.mark.parametrize("filter_name", ["b64encode", "string"])
def test_a_leak_would_be_found(project: Project, filter_name: str) -> None:
    """The search finds the content of a file that a debug task displays, in the output and in the callback's file."""
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
