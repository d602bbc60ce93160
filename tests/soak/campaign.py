# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One soak: a playbook is run while calls fail, killed some times, and then left to finish."""

from __future__ import annotations

import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from kms_emulator.process import LONGEST
from support.emulator import Emulator
from support.processes import kill_with_descendants
from support.waiting import until
from system.playbooks import Project

from .fleet import Fleet

IMPORT: Final = "ImportKeyMaterial"
# Looks at the log that find no new call, until it is taken that none comes any more.
_QUIET = 10
# Each call meets one of these with one chance in twenty. Imports fail in ways of their own besides.
_OF_EVERY_CALL: Final[tuple[dict[str, Any], ...]] = (
    {"error": "KMSInternalException", "probability": 0.01},
    {"error": "ServiceUnavailable", "status": 503, "probability": 0.01},
    {"error": "ThrottlingException", "probability": 0.01},
    {"drop": True, "probability": 0.01},
    {"drop": "before", "probability": 0.01},
)
REFUSED_TOKENS: Final = ("ExpiredImportTokenException", "InvalidImportTokenException")
_OF_IMPORTS: Final[tuple[dict[str, Any], ...]] = (
    *({"error": refusal, "probability": 0.02} for refusal in REFUSED_TOKENS),
    {"stale_seconds": 3.0, "probability": 0.05},
)


@dataclass
class Run:
    """One run of the playbook.

    :ivar calls: its own, and for one that was killed also those that KMS had received by then without an answer.
    :ivar code: the exit code; None where it was killed.
    """

    calls: list[dict[str, Any]]
    code: int | None
    output: str

    @property
    def killed(self) -> bool:
        return self.code is None

    @property
    def seconds(self) -> float:
        """From its first call to its last."""
        return float(self.calls[-1]["time"] - self.calls[0]["time"])

    @property
    def imports(self) -> list[str]:
        """The keys whose key material KMS has imported, in order."""
        return [call["key"] for call in self.calls if (call["operation"], call["status"]) == (IMPORT, 200)]


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
        return {key for run in self.runs for key in run.imports}

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
        first = len(self.emulator.control.calls())
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
        self._settle()
        calls = self.emulator.control.calls(first)
        self.runs.append(Run(calls, code, log.read_text("utf-8", "replace")))

    def _settle(self) -> None:
        """Until what was on its way to KMS has been done there."""
        seen = [-1]

        def nothing_more() -> bool:
            seen.append(len(self.emulator.control.calls()))
            return len(seen) > _QUIET and len(set(seen[-_QUIET:])) == 1

        until(nothing_more, "no more calls come")

    def _kill(self, process: subprocess.Popen[bytes], first: int, kill_after: int, more: int) -> int | None:
        """Returns the exit code of a process that has ended before, and None for one that is to be killed."""
        calls: list[dict[str, Any]] = []

        def there_or_over() -> bool:
            calls.extend(self.emulator.control.calls(first + len(calls)))
            done = [place for place, call in enumerate(calls) if (call["operation"], call["status"]) == (IMPORT, 200)]
            there = len(done) >= kill_after and len(calls) > done[kill_after - 1] + more
            return there or process.poll() is not None

        until(there_or_over, f"{kill_after} imports and {more} more calls")
        return process.poll()

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
