# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole ansible-playbook processes, and what they leave behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from kms_emulator.process import LONGEST

SYSTEM: Final = Path(__file__).resolve().parent
MODULE: Final = "cloudkeys.aws.kms_key_material"

#: On PYTHONPATH, it saves a quarter of the processor time of each playbook.
QUICK_START: Final = str(SYSTEM / "quick_start")

Task = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """What one ansible-playbook did. *tasks* holds what a callback saw of each task, in order."""

    code: int
    output: str
    tasks: list[dict[str, Any]]

    @property
    def results(self) -> list[dict[str, Any]]:
        return [task["result"] for task in self.tasks]

    @property
    def changed(self) -> list[bool]:
        return [bool(result.get("changed")) for result in self.results]

    def ok(self) -> Run:
        assert self.code == 0, self.output
        return self

    def failed(self) -> Run:
        assert self.code == 2, self.output
        return self

    @property
    def only(self) -> dict[str, Any]:
        (result,) = self.results
        return result


@dataclass
class Project:
    """A folder as a user has one: playbooks, files/, and settings; nothing of the user who runs the tests gets in."""

    folder: Path
    endpoint: str
    region: str = "us-east-1"
    account: str = "111122223333"
    """The emulator takes an access key of twelve digits for the account."""
    environment: dict[str, str] = field(default_factory=dict)
    """What differs from the ordinary, for every run."""

    @property
    def files(self) -> Path:
        files = self.folder / "files"
        files.mkdir(exist_ok=True)
        return files

    @property
    def home(self) -> Path:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return home

    def write(self, name: str, content: bytes) -> str:
        (self.files / name).write_bytes(content)
        return name

    def variables(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        left_out = ("ANSIBLE_", "AWS_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        bin_folder = Path(sys.executable).parent
        return {
            **kept,
            "AWS_ACCESS_KEY_ID": self.account,
            "AWS_SECRET_ACCESS_KEY": "not-a-secret",
            "PATH": f"{bin_folder}{os.pathsep}{kept.get('PATH', os.defpath)}",
            "HOME": str(self.home),
            "ANSIBLE_HOME": str(self.home / ".ansible"),
            "ANSIBLE_REMOTE_TMP": str(self.home / "remote"),
            "ANSIBLE_LOCAL_TEMP": str(self.home / "local"),
            "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
            "ANSIBLE_CALLBACK_PLUGINS": str(SYSTEM / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_DEPRECATION_WARNINGS": "true",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            # It saves a tenth of a second in each task; that of temporary files is for the tests of what leaks.
            "ANSIBLE_PIPELINING": "True",
            "PYTHONPATH": QUICK_START,
            "AWS_ENDPOINT_URL_KMS": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CLOUDKEYS_TEST_RECORD": str(self.folder / "record.jsonl"),
            **self.environment,
            **(more or {}),
        }

    def run(self, *tasks: Task, **options: Any) -> Run:
        """The tasks as a play on localhost; a task without a module is ours."""
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [_named(task) for task in tasks]}
        return self.run_text(yaml.safe_dump([play], sort_keys=False), **options)

    def run_text(
        self, playbook: str, *arguments: str, check: bool = False, variables: Mapping[str, str] | None = None
    ) -> Run:
        path = self.folder / "playbook.yml"
        path.write_text(playbook, "utf-8")
        extra = [*(["--check"] if check else []), "--diff", *arguments]
        return self.command(["ansible-playbook", path.name, *extra], variables)

    def command(self, command: list[str], variables: Mapping[str, str] | None = None) -> Run:
        record = self.folder / "record.jsonl"
        record.unlink(missing_ok=True)
        environment = self.variables(variables)
        program = shutil.which(command[0], path=environment["PATH"]) or command[0]
        process = subprocess.run(
            [program, *command[1:]],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LONGEST,
            check=False,
        )
        lines = record.read_text("utf-8").splitlines() if record.exists() else []
        output = process.stdout.decode("utf-8", "replace")
        # amazon.aws deprecates modules of its own, and Ansible says so for all that are in the action group.
        assert not re.search(r"\[DEPRECATION WARNING\]: (?!amazon\.aws\.)", output), output
        return Run(process.returncode, output, [json.loads(line) for line in lines])


def _named(task: Task) -> Task:
    return task if "name" in task else {"name": "A task", **task}


def material(**options: Any) -> Task:
    """A task of ours with these options."""
    return {"name": f"Key material of {options.get('key_id', '')}", MODULE: options}


def call(project: Project, playbook: str, variables: dict[str, Any], *arguments: str) -> Run:
    """A playbook of the collection, by its full name."""
    (project.folder / "variables.yml").write_text(yaml.safe_dump(variables), "utf-8")
    return project.command(["ansible-playbook", playbook, "-e", "@variables.yml", "--diff", *arguments])


def changes(run: Run) -> list[str]:
    """The tasks, by their names; a loop counts once."""
    return [task["task"] for task in run.tasks if task["outcome"] == "ok" and task["result"].get("changed")]
