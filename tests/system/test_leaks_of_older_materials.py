# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run does not print, write, keep, or display older or new key material, in any form of an entry."""

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

from .leaks import LOUD, PASSPHRASE, Traces
from .on_time import emulator_on_time
from .playbooks import Project, Task, material

emulator = emulator_on_time
Mode = Callable[["Given"], Task]
RETRIED: Task = {"until": "outcome is succeeded", "retries": 2, "delay": 1}


@dataclass
class Given:
    """A key that was rotated once, and its key materials.

    :ivar name: before those of its files, which lie beside others.
    :ivar secrets: what must be found nowhere.
    """

    name: str
    project: Project
    key: ExternalKey
    older: bytes
    current: bytes
    secrets: list[bytes] = field(default_factory=list)

    @classmethod
    def made(cls, mode: Mode, project: Project, kms: Any, emulator: Emulator) -> Given:
        older, current = new_material(SYMMETRIC), new_material(SYMMETRIC)
        key = ExternalKey.create(kms)
        key.put(older)
        key.stage(current)
        emulator.control.rotation(0.01)
        kms.rotate_key_on_demand(KeyId=key.arn)
        until(lambda: [state for state, _imported in key.states()] == ["NON_CURRENT", "CURRENT"], "the rotation ends")
        given = cls(mode.__name__, project, key, older, current, [older, current])
        given.write("current", current)
        given.write("older", older)
        return given

    def file(self, name: str) -> str:
        return f"{self.name}-{name}"

    def write(self, name: str, content: bytes) -> str:
        return self.project.write(self.file(name), content)

    def value(self, name: str, content: bytes) -> str:
        """As a secret manager's lookup gives it: it is nowhere in the playbook or the environment."""
        return f"{{{{ lookup('ansible.builtin.file', '{self.write(name, base64.b64encode(content))}') }}}}"

    def task(self, previous: Any, *, no_log: bool, **options: Any) -> Task:
        declared = {"key_material_src": self.file("current"), "on_unknown_material": "reimport", **NEVER, **options}
        given = {name: value for name, value in declared.items() if value is not None}
        task = material(key_id=self.key.arn, previous_key_materials=previous, **given)
        return {**task, "name": self.name, "register": "outcome", "no_log": no_log, "ignore_errors": True}


def files(given: Given) -> Task:
    """Nothing is a value here, so the task needs no no_log."""
    return given.task([{"key_material_src": given.file("older")}], no_log=False)


def a_rotation(given: Given) -> Task:
    new = new_material(SYMMETRIC)
    given.secrets.append(new)
    previous = [{"key_material_src": given.file(name)} for name in ("current", "older")]
    # KMS is asked which material is the current one before the new one is taken for another.
    options = {
        "key_material_src": given.write("new", new),
        "on_different_material": "rotate",
        "on_unknown_material": None,
    }
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
    given.secrets.append(PASSPHRASE)
    lookup = f"{{{{ lookup('ansible.builtin.file', '{given.write('p', PASSPHRASE)}') }}}}"
    return given.task([{"key_material_src": given.file("older"), "key_material_passphrase": lookup}], no_log=True)


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


WORKING: tuple[Mode, ...] = (files, a_rotation, a_value, a_ciphertext)
REFUSED: tuple[Mode, ...] = (
    a_passphrase, a_bundle_that_is_none, a_wrong_length, in_the_clear, a_misspelt_name, an_empty_value, text,
    text_in_a_list,
)  # fmt: skip
# Where what an ansible-core does with arguments has a part in it, and not only the collection's own code.
EVERY_CORE: tuple[Mode, ...] = (a_value, in_the_clear, a_misspelt_name, text, text_in_a_list)

OTHERS = tuple(mode for mode in (*WORKING, *REFUSED) if mode not in EVERY_CORE)


class Several:
    """Tasks that run in one playbook, each with a key of its own."""

    def __init__(self, modes: tuple[Mode, ...], project: Project, kms: Any, emulator: Emulator) -> None:
        self.project = project
        self.given = {mode: Given.made(mode, project, kms, emulator) for mode in modes}
        self.tasks = [mode(given) for mode, given in self.given.items()]

    def are_nowhere(self, output: str) -> None:
        traces = Traces(self.project.folder, set(self.project.files.iterdir()), output=output.encode())
        found = [
            (one.name, where) for one in self.given.values() for secret in one.secrets for where in traces.of(secret)
        ]
        assert found == []


@pytest.mark.parametrize(
    "modes",
    [pytest.param(EVERY_CORE, id="every core", marks=pytest.mark.every_core), pytest.param(OTHERS, id="others")],
)
def test_ansible_playbook(project: Project, kms: Any, emulator: Emulator, modes: tuple[Mode, ...]) -> None:
    several = Several(modes, project, kms, emulator)
    variables = {
        **LOUD,
        "ANSIBLE_PIPELINING": "False",
        "ANSIBLE_KEEP_REMOTE_FILES": "True",
        "ANSIBLE_LOG_PATH": str(project.folder / "ansible.log"),
    }
    run = project.run(*several.tasks, variables=variables).ok()
    assert [(mode, task["outcome"]) for mode, task in zip(modes, run.tasks, strict=True)] == [
        (mode, "ok" if mode in WORKING else "failed") for mode in modes
    ]
    assert (project.folder / "ansible.log").stat().st_size > 1000
    payloads = list((project.home / "remote").rglob("AnsiballZ_kms_*requests.py"))
    assert len(payloads) >= len(set(modes) & set(WORKING)) > 0, "kept payloads are what is looked at"
    several.are_nowhere(run.output)


def test_ansible_runner(project: Project, kms: Any, emulator: Emulator) -> None:
    """ansible-runner runs the job as in AWX, and keeps the data of every job event."""
    modes = (a_value, in_the_clear, a_misspelt_name, text)
    several = Several(modes, project, kms, emulator)
    private = project.folder / "private"
    (private / "project").mkdir(parents=True)
    (private / "project" / "files").symlink_to(project.files)
    play = {"hosts": "localhost", "gather_facts": False, "tasks": several.tasks}
    (private / "project" / "playbook.yml").write_text(yaml.safe_dump([play], sort_keys=False), "utf-8")
    run = project.command(
        [sys.executable, "-m", "ansible_runner", "run", str(private), "-p", "playbook.yml", "-vvv", "--omit-env-files"]
    ).ok()
    assert len(list(private.rglob("job_events/*.json"))) > 2 * len(modes), run.output
    assert f"ignored={len(set(modes) & set(REFUSED))}" in run.output, run.output
    several.are_nowhere(run.output)


@pytest.mark.every_core
def test_retried_tasks_keep_the_values_to_themselves(project: Project, kms: Any, emulator: Emulator) -> None:
    """One that may go on has them in every attempt. What is refused was taken out of the task's arguments in the first
    attempt, and is not to be forgotten by that. Which failures are retried differs between releases of ansible-core.
    """
    several = Several((a_value, a_misspelt_name, text), project, kms, emulator)
    emulator.control.denied(["ImportKeyMaterial"])
    before = len(emulator.control.calls())
    run = project.run(*({**task, **RETRIED} for task in several.tasks), variables=LOUD).ok()
    assert [task["outcome"] for task in run.tasks].count("failed") == 3
    calls = emulator.control.calls()[before:]
    asked = {
        mode: [call["operation"] for call in calls if call["key"] == one.key.arn] for mode, one in several.given.items()
    }
    assert asked[a_value].count("ImportKeyMaterial") == 3
    assert asked[a_misspelt_name] == asked[text] == [], "KMS was asked"
    several.are_nowhere(run.output)
