# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One soak: a playbook is run while calls fail, killed some times, and then left to finish."""

from __future__ import annotations

import random
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from kms_emulator.process import LONGEST
from support.emulator import Emulator
from support.processes import kill_with_descendants
from system.playbooks import Project

from .fleet import Fleet

IMPORT: Final = "ImportKeyMaterial"
# Seconds between two looks at the log of calls.
_PAUSE = 0.05
# Each call meets one of these with one chance in twenty. Imports fail in ways of their own besides.
_OF_EVERY_CALL: Final[tuple[dict[str, Any], ...]] = (
    {"error": "KMSInternalException", "probability": 0.01},
    {"error": "ServiceUnavailable", "status": 503, "probability": 0.01},
    {"error": "ThrottlingException", "probability": 0.01},
    {"drop": True, "probability": 0.01},
    {"drop": "before", "probability": 0.01},
)
_OF_IMPORTS: Final[tuple[dict[str, Any], ...]] = (
    {"error": "ExpiredImportTokenException", "probability": 0.02},
    {"error": "InvalidImportTokenException", "probability": 0.02},
    {"stale_seconds": 3.0, "probability": 0.05},
)


@dataclass
class Run:
    """One run of the playbook.

    :ivar first: how many calls there were before it; *calls* are its own.
    :ivar code: the exit code; None where it was killed.
    :ivar killed_after: how many imports KMS had carried out when it was killed.
    """

    first: int
    seconds: float
    calls: list[dict[str, Any]]
    code: int | None
    output: str
    killed_after: int | None = None

    @property
    def killed(self) -> bool:
        return self.code is None


@dataclass
class Soak:
    """:ivar calls: every call of all runs, in order; *kills* are the places in it where the playbook was killed."""

    project: Project
    emulator: Emulator
    fleet: Fleet
    seed: int
    quotas: dict[str, int]
    runs: list[Run] = field(default_factory=list)

    @property
    def calls(self) -> list[dict[str, Any]]:
        return [call for run in self.runs for call in run.calls]

    @property
    def kills(self) -> list[int]:
        places, so_far = [], 0
        for run in self.runs:
            so_far += len(run.calls)
            places += [so_far] if run.killed else []
        return places

    @property
    def imported(self) -> set[str]:
        """The keys that have key material."""
        return {call["key"] for call in self.calls if (call["operation"], call["status"]) == (IMPORT, 200)}

    def go(self, kills: int) -> None:
        """With faults and kills; then with faults; then with neither."""
        chance = random.Random(f"{self.seed} kills")
        self._set_faults()
        self.emulator.control.quotas(self.quotas)
        for left in range(kills, 0, -1):
            waiting = len(self.fleet.keys) - len(self.imported)
            # Somewhere in the share of what is still to be done that leaves something for the runs to come.
            self._run(kill_after=chance.randint(1, max(1, 2 * waiting // (left + 2))), more=chance.randint(0, 20))
        self._run()
        self.emulator.control.faults([])
        self._run()

    def _set_faults(self) -> None:
        every = [{"operation": "*", **fault} for fault in _OF_EVERY_CALL]
        imports = [{"operation": IMPORT, **fault} for fault in _OF_IMPORTS]
        self.emulator.control.faults([{**fault, "times": None, "seed": self.seed} for fault in (*imports, *every)])

    def _run(self, kill_after: int | None = None, more: int = 0) -> None:
        """:param kill_after: imports that KMS has carried out, and *more* calls, after which it is killed."""
        first, began = len(self.emulator.control.calls()), time.monotonic()
        log = self.project.folder / f"output-{len(self.runs)}.txt"
        with log.open("wb") as output:
            process = subprocess.Popen(
                self._command(),
                cwd=self.project.folder,
                env=self.project.variables(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait(LONGEST) if kill_after is None else self._kill(process, first, kill_after, more)
            finally:
                # Whatever has happened: nothing of it goes on.
                kill_with_descendants(process)
        calls = self.emulator.control.calls(first)
        imports = sum((call["operation"], call["status"]) == (IMPORT, 200) for call in calls)
        self.runs.append(
            Run(
                first,
                time.monotonic() - began,
                calls,
                code,
                log.read_text("utf-8", "replace"),
                imports if code is None else None,
            )
        )

    def _kill(self, process: subprocess.Popen[bytes], first: int, kill_after: int, more: int) -> int | None:
        """Returns the exit code of a process that has ended before, and None for one that is to be killed."""
        calls: list[dict[str, Any]] = []
        while True:
            calls += self.emulator.control.calls(first + len(calls))
            done = [place for place, call in enumerate(calls) if (call["operation"], call["status"]) == (IMPORT, 200)]
            if len(done) >= kill_after and len(calls) > done[kill_after - 1] + more:
                return None
            code = process.poll()
            if code is not None:
                return code
            time.sleep(_PAUSE)

    def _command(self) -> list[str]:
        task = {
            "name": "Every key",
            "cloudkeys.aws.kms_imported_keys": {
                "kms_keys": self.fleet.declared(),
                "key_material_format": "auto",
                "quotas": self.quotas,
            },
        }
        play = [{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]
        (self.project.folder / "soak.yml").write_text(yaml.safe_dump(play), "utf-8")
        return ["ansible-playbook", "soak.yml", "-vvv"]


def make_project(folder: Path, endpoint: str, account: str) -> Project:
    """Where everything that a run leaves behind is in the folder, modules and their arguments included."""
    temporary = folder / "tmp"
    temporary.mkdir()
    return Project(
        folder, endpoint, account=account, environment={"TMPDIR": str(temporary), "ANSIBLE_PIPELINING": "False"}
    )
