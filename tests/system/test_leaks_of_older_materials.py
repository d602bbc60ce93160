# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Older key material and new is in nothing that a run prints, writes, keeps or shows, however an entry gives it."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER
from support.materials import SYMMETRIC, new_material
from support.waiting import until
from support.wrapping import wrap

from .leaks import LOUD, PASSPHRASE, find, in_folder
from .on_time import emulator_on_time
from .playbooks import Project, Task, material

emulator = emulator_on_time
RETRIED: Task = {"until": "outcome is succeeded", "retries": 2, "delay": 1}


@dataclass
class Given:
    """A key that was rotated once, and its key materials.

    :ivar secrets: what must be found nowhere.
    """

    project: Project
    key: ExternalKey
    older: bytes
    current: bytes
    secrets: list[bytes] = field(default_factory=list)

    @classmethod
    def made(cls, project: Project, kms: Any, emulator: Emulator) -> Given:
        older, current = new_material(SYMMETRIC), new_material(SYMMETRIC)
        key = ExternalKey.create(kms)
        key.put(older)
        key.stage(current)
        emulator.control.rotation(0.01)
        kms.rotate_key_on_demand(KeyId=key.arn)
        until(lambda: [state for state, _imported in key.states()] == ["NON_CURRENT", "CURRENT"], "the rotation ends")
        project.write("current", current)
        project.write("older", older)
        return cls(project, key, older, current, [older, current])

    def value(self, name: str, content: bytes) -> str:
        """As a secret manager's lookup gives it: it is nowhere in the playbook or the environment."""
        self.project.write(name, base64.b64encode(content))
        return f"{{{{ lookup('ansible.builtin.file', '{name}') }}}}"

    def task(self, previous: Any, *, no_log: bool, **options: Any) -> Task:
        declared = {"key_material_src": "current", "on_unknown_material": "reimport", **NEVER, **options}
        given = {name: value for name, value in declared.items() if value is not None}
        task = material(key_id=self.key.arn, previous_key_materials=previous, **given)
        return {**task, "register": "outcome", "no_log": no_log}

    def is_nowhere(self, output: str) -> None:
        for secret in self.secrets:
            assert not find(secret, output.encode()), "in the output"
            assert not in_folder(secret, self.project.folder, set(self.project.files.iterdir())), "in a file"


def files(given: Given) -> Task:
    """Nothing is a value here, so the task needs no no_log."""
    return given.task([{"key_material_src": "older"}], no_log=False)


def a_rotation(given: Given) -> Task:
    new = new_material(SYMMETRIC)
    given.secrets.append(new)
    given.project.write("new", new)
    previous = [{"key_material_src": "current"}, {"key_material_src": "older"}]
    # KMS is asked which material is the current one before the new one is taken for another.
    options = {"key_material_src": "new", "on_different_material": "rotate", "on_unknown_material": None}
    return given.task(previous, no_log=False, **options)


def a_value(given: Given) -> Task:
    return given.task([{"key_material": given.value("v", given.older)}], no_log=True)


def a_ciphertext(given: Given) -> Task:
    """That goes to the target, as it must; what it holds goes nowhere."""
    used = given.key.parameters()
    entry = {
        "encrypted_key_material": given.value("c", wrap(used["algorithm"], used["PublicKey"], given.older)),
        "import_token": given.value("t", used["ImportToken"]),
        "key_material_id": given.key.history()[0]["KeyMaterialId"],
    }
    return given.task([entry], no_log=True)


def a_passphrase(given: Given) -> Task:
    """Of a file that needs none."""
    given.project.write("p", PASSPHRASE)
    given.secrets.append(PASSPHRASE)
    entry = {"key_material_src": "older", "key_material_passphrase": "{{ lookup('ansible.builtin.file', 'p') }}"}
    return given.task([entry], no_log=True)


def a_bundle_that_is_none(given: Given) -> Task:
    return given.task([{"wrapped_bundle": {"key_material": given.value("v", given.older)}}], no_log=True)


def a_wrong_length(given: Given) -> Task:
    return given.task([{"key_material": given.value("v", given.older + b"more")}], no_log=True)


def in_the_clear(given: Given) -> Task:
    return given.task([{"key_material": given.value("v", given.older)}], no_log=False)


def a_misspelt_name(given: Given) -> Task:
    return given.task([{"key_materal": given.value("v", given.older)}], no_log=False)


def an_empty_value(given: Given) -> Task:
    """What is refused first leaves nothing else in the arguments."""
    previous = [{"key_material": given.value("v", given.older)}, {"key_materal": given.value("w", given.current)}]
    return given.task(previous, no_log=False, key_material="", key_material_src=None)


def text(given: Given) -> Task:
    """Ansible reads options out of text, too."""
    return given.task(f"key_material={given.value('v', given.older)}", no_log=False)


def text_in_a_list(given: Given) -> Task:
    return given.task([f"key_material={given.value('v', given.older)}"], no_log=False)


Mode = Callable[[Given], Task]
WORKING: tuple[Mode, ...] = (files, a_rotation, a_value, a_ciphertext)
REFUSED: tuple[Mode, ...] = (
    a_passphrase, a_bundle_that_is_none, a_wrong_length, in_the_clear, a_misspelt_name, an_empty_value, text,
    text_in_a_list,
)  # fmt: skip
# Where what an ansible-core does with arguments has a part in it, and not only the collection's own code.
EVERY_CORE: tuple[Mode, ...] = (a_value, in_the_clear, a_misspelt_name, text, text_in_a_list)


def modes(*all_of_them: Mode) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "mode",
        [
            pytest.param(mode, id=mode.__name__, marks=[pytest.mark.every_core] if mode in EVERY_CORE else [])
            for mode in all_of_them
        ],
    )


@modes(*WORKING, *REFUSED)
def test_ansible_playbook(project: Project, kms: Any, emulator: Emulator, mode: Mode) -> None:
    given = Given.made(project, kms, emulator)
    task = mode(given)
    variables = {
        **LOUD,
        "ANSIBLE_PIPELINING": "False",
        "ANSIBLE_KEEP_REMOTE_FILES": "True",
        "ANSIBLE_LOG_PATH": str(project.folder / "ansible.log"),
    }
    run = project.run({**task, "ignore_errors": True}, variables=variables).ok()
    assert (run.tasks[0]["outcome"] == "ok") == (mode in WORKING), run.tasks[0]["result"]
    assert (project.folder / "ansible.log").stat().st_size > 1000
    payloads = list((project.home / "remote").rglob("AnsiballZ_kms_requests.py"))
    assert payloads or mode in REFUSED, "kept payloads are what is looked at"
    given.is_nowhere(run.output)


@modes(a_value, in_the_clear, a_misspelt_name, text)
def test_ansible_runner(project: Project, kms: Any, emulator: Emulator, mode: Mode) -> None:
    """As AWX runs a job: every job event is kept, with its data."""
    given = Given.made(project, kms, emulator)
    private = project.folder / "private"
    (private / "project").mkdir(parents=True)
    (private / "project" / "files").symlink_to(project.files)
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [mode(given)]}
    (private / "project" / "playbook.yml").write_text(yaml.safe_dump([play], sort_keys=False), "utf-8")
    run = project.command(
        [sys.executable, "-m", "ansible_runner", "run", str(private), "-p", "playbook.yml", "-vvv", "--omit-env-files"]
    )
    assert len(list(private.rglob("job_events/*.json"))) > 4, run.output
    assert ("failed=0" in run.output) == (mode in WORKING), run.output
    given.is_nowhere(run.output)


@pytest.mark.every_core
def test_a_retried_task_keeps_the_values_to_itself(project: Project, kms: Any, emulator: Emulator) -> None:
    """And has them in every attempt."""
    given = Given.made(project, kms, emulator)
    emulator.control.denied(["ImportKeyMaterial"])
    before = len(emulator.control.calls())
    run = project.run({**a_value(given), **RETRIED, "ignore_errors": True}, variables=LOUD).ok()
    operations = [call["operation"] for call in emulator.control.calls()[before:] if call["key"] == given.key.arn]
    assert operations.count("ImportKeyMaterial") == 3
    given.is_nowhere(run.output)


@modes(a_misspelt_name, text)
def test_what_is_refused_is_refused_in_every_attempt(
    project: Project, kms: Any, emulator: Emulator, mode: Mode
) -> None:
    """It was taken out of the task's arguments in the first one, and is not to be forgotten by that.

    Which failures are retried differs between releases of ansible-core.
    """
    given = Given.made(project, kms, emulator)
    before = len(emulator.control.calls())
    run = project.run({**mode(given), **RETRIED, "ignore_errors": True}, variables=LOUD).ok()
    assert run.tasks[-1]["outcome"] == "failed"
    assert not [call for call in emulator.control.calls()[before:] if call["key"] == given.key.arn], "KMS was asked"
    given.is_nowhere(run.output)
