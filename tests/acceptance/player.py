# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs playbooks as a user would: each as an ansible-playbook process, with the user's own AWS settings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from support.processes import kill_with_descendants

from .recorder import cloudkeys_recorder as recorder
from .signals import unbroken

TESTS = Path(__file__).resolve().parent.parent
RECORDER = Path(recorder.__file__).parent
OFFLINE = TESTS / "system" / "offline"

Task = dict[str, Any]


class Unmet(Exception):
    """A promise was not kept. The message states what was expected and what happened."""


@dataclass(frozen=True)
class Played:
    """What a playbook did.

    :ivar results: the result of every task that ran, in order; ``failed`` is whether it failed.
    """

    code: int
    log: Path
    results: list[dict[str, Any]]

    @property
    def changed(self) -> list[bool]:
        return [bool(result.get("changed")) for result in self.results]

    @property
    def last(self) -> dict[str, Any]:
        return self.results[-1]


class Player:
    """:ivar work: the private folder of the run: playbooks, key material, results. It is removed at the end."""

    def __init__(self, work: Path, logs: Path, account: str, region: str) -> None:
        self.work, self._logs = work, logs
        self._account, self._region = account, region
        self._number = 0
        self.scenario = ""
        # Instead of the user's own ansible.cfg, which could change the result of a run.
        self._settings = work / "ansible.cfg"
        self._settings.write_text("[defaults]\n", "utf-8")

    def play(self, title: str, *tasks: Task, fails: bool = False) -> Played:
        """Run tasks on localhost. Each names a module of the collection, without its namespace.

        :param fails: the last task has to fail, and no other.
        :raises Unmet: it fails, or with *fails* it succeeds.
        """
        play = {
            "name": title,
            "hosts": "localhost",
            "gather_facts": False,
            "module_defaults": {
                "group/cloudkeys.aws.aws": {"region": self._region},
                "group/cloudkeys.aws.kms": {"expected_account_id": self._account},
            },
            "tasks": [
                {"name": f"{title} ({number})", **{_full(name): value for name, value in task.items()}}
                for number, task in enumerate(tasks, 1)
            ],
        }
        path = self.work / "playbook.yml"
        path.write_text(yaml.safe_dump([play], sort_keys=False), "utf-8")
        played = self._run(title, [path.name], fails)
        if len(played.results) != len(tasks):
            raise Unmet(f"'{title}' failed too early. {_said(played)}")
        return played

    def call(self, playbook: str, variables: dict[str, Any], *, folder: Path, offline: bool = False) -> Played:
        """Run a playbook of the collection by its name.

        :param offline: without a network and credentials, as on the machine in the middle of a ceremony.
        """
        given = folder / "variables.yml"
        given.write_text(yaml.safe_dump(variables), "utf-8")
        return self._run(playbook, [f"cloudkeys.aws.{playbook}", "-e", f"@{given.name}"], False, folder, offline)

    def _run(
        self, title: str, arguments: list[str], fails: bool, folder: Path | None = None, offline: bool = False
    ) -> Played:
        self._number += 1
        results = self.work / f"results-{self._number}.jsonl"
        log = self._logs / f"{self._number:03}-{self.scenario}-{'-'.join(title.lower().split())}.txt"
        environment = self._environment(results, offline)
        program = shutil.which("ansible-playbook", path=environment["PATH"]) or "ansible-playbook"
        process = None
        with log.open("wb") as output:
            try:
                # A signal between the start of the process and its assignment would leave it running.
                with unbroken():
                    process = subprocess.Popen(
                        [program, *arguments, "--diff"],
                        cwd=folder or self.work,
                        env=environment,
                        stdin=subprocess.DEVNULL,
                        stdout=output,
                        stderr=subprocess.STDOUT,
                        # Ctrl-C then ends this run in its own order: first the playbook, then the clean-up.
                        start_new_session=True,
                    )
                code = process.wait()
            except BaseException:
                if process is not None:
                    kill_with_descendants(process)
                raise
        lines = results.read_text("utf-8").splitlines() if results.exists() else []
        played = Played(code, log, [_result(json.loads(line)) for line in lines])
        if (code != 0) != fails:
            raise Unmet(f"'{title}' {'should have failed and did not' if fails else 'failed'}. {_said(played)}")
        return played

    def _environment(self, results: Path, offline: bool) -> dict[str, str]:
        left_out = ("ANSIBLE_", *(("AWS_",) if offline else ()))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        home = self.work / "ansible"
        return {
            **kept,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}",
            "PYTHONPATH": str(OFFLINE if offline else RECORDER),
            recorder.FOLDER_VARIABLE: str(self.work),
            recorder.SCENARIO_VARIABLE: self.scenario,
            recorder.BOUND_VARIABLE: "yes",
            "ANSIBLE_CONFIG": str(self._settings),
            "ANSIBLE_HOME": str(home),
            "ANSIBLE_REMOTE_TMP": str(home / "remote"),
            "ANSIBLE_LOCAL_TEMP": str(home / "local"),
            "ANSIBLE_COLLECTIONS_PATH": os.environ.get("ANSIBLE_COLLECTIONS_PATH", str(TESTS.parent / ".collections")),
            "ANSIBLE_CALLBACK_PLUGINS": str(TESTS / "system" / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "CLOUDKEYS_TEST_RECORD": str(results),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_PIPELINING": "True",
        }


def _result(line: dict[str, Any]) -> dict[str, Any]:
    """:param line: what the callback plugin ``record`` wrote."""
    return {**line["result"], "failed": line["outcome"] in ("failed", "item failed", "unreachable")}


def _full(name: str) -> str:
    return f"cloudkeys.aws.{name}" if name.startswith("kms_") else name


def _said(played: Played) -> str:
    """The message of the task that failed, or where to look."""
    failed = next((result for result in reversed(played.results) if result["failed"]), None)
    return f"{str(failed['msg']).rstrip('.')}. Log: {played.log}" if failed else f"Log: {played.log}"
