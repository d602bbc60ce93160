# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run: its folder, its scenarios one after another, its record, and the clean-up, also after a failure."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ansible.release
import botocore

from . import record
from .account import Account
from .arguments import Arguments, Refused
from .bench import Bench
from .clean_up import CleanUp, Outcome, check_related
from .folder import RunFolder
from .player import Player, Unmet
from .price import TooManyKeys
from .pseudonyms import created_keys
from .recorder import cloudkeys_recorder as recorder
from .scenarios import Scenario
from .signals import Interrupted, interruptible, undisturbed


@dataclass(frozen=True)
class Result:
    scenario: Scenario
    outcome: str
    why: str = ""

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"


class Campaign:
    """:ivar unrecorded: why there is no record; empty if there is one."""

    def __init__(self, arguments: Arguments, account: Account, runs: Path) -> None:
        self._arguments, self._account = arguments, account
        self.run = f"{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(4)}"
        self.folder = RunFolder(runs / self.run)
        self.results: list[Result] = []
        self.cleaned = Outcome()
        self.interrupted = False
        self.unrecorded = ""

    def go(self, scenarios: Sequence[Scenario]) -> bool:
        """Run the scenarios. Returns whether all passed, and no key is left that costs money.

        :raises Refused: the folder of the run cannot be created.
        """
        try:
            self.folder.create()
        except OSError as error:
            raise Refused(
                f"The folder {self.folder.path} could not be created ({error.strerror}). No key was created. Free space"
                " on its disk, or choose another folder with --folder."
            ) from None
        private = self.folder.private
        os.environ[recorder.FOLDER_VARIABLE] = str(private)
        recorder.start()
        with undisturbed():
            try:
                with interruptible():
                    player = Player(private, self.folder.logs, self._arguments.account, self._arguments.region)
                    region, replica_region = self._arguments.region, self._arguments.replica_region
                    self._run_all(Bench(self._account, region, replica_region, self.run, player), scenarios)
            except Interrupted:
                self.interrupted = True
                _print("\nInterrupted. The keys of this run are scheduled for deletion now.")
            finally:
                self._finish()
        passed = len(self.results) == len(scenarios) and all(result.passed for result in self.results)
        return passed and not (self.interrupted or self.unrecorded or self.cleaned.failed)

    def _run_all(self, bench: Bench, scenarios: Sequence[Scenario]) -> None:
        width = max(len(scenario.name) for scenario in scenarios)
        for place, scenario in enumerate(scenarios, 1):
            os.environ[recorder.SCENARIO_VARIABLE] = bench.player.scenario = scenario.name
            began, calls = time.time(), len(bench.calls())
            outcome, why = "passed", ""
            try:
                scenario.run(bench)
            except (Unmet, TooManyKeys) as error:
                outcome, why = "FAILED", str(error)
            except Exception as error:
                outcome, why = "FAILED", f"{type(error).__name__}: {error}"
            self.results.append(Result(scenario, outcome, why))
            figures = f"{time.time() - began:5.0f} s {len(bench.calls()) - calls:5} calls"
            print(f"  {scenario.name:{width}}  {outcome}  {figures}", flush=True)
            if why:
                print(f"    {why}", flush=True)
            if not any(later.main_key for later in scenarios[place:]):
                # Every hour costs money.
                _retire(bench)

    def _finish(self) -> None:
        """Clean up, regardless of what fails, such as a full disk, and only then write the record."""
        os.environ[recorder.SCENARIO_VARIABLE] = "clean-up"
        with contextlib.suppress(OSError):
            self.folder.stop()
        try:
            self._clean_up()
            self._write_record()
        finally:
            try:
                self.folder.finish()
            except OSError as error:
                self.cleaned.failed.append(
                    f"{self.folder.private} has the test key material, and could not be removed ({error.strerror})."
                )

    def _clean_up(self) -> None:
        journal, creating = record.read_journal(self.folder.private / recorder.JOURNAL), self._creating()
        clean_up = CleanUp(self.run)
        for region in self._arguments.regions:
            known = [arn for arn in _created(journal) if arn.split(":")[3] == region]
            self.cleaned.add(clean_up.region(self._account.kms(region), region, known, creating[region]))
        check_related(self.cleaned, self._account.kms)

    def _creating(self) -> Counter[str]:
        """How many requests for a key had no answer, by the Region."""
        return Counter(mark.read_text("utf-8") for mark in self.folder.private.glob(f"{recorder.CREATING}*"))

    def _write_record(self) -> None:
        try:
            journal = record.read_journal(self.folder.private / recorder.JOURNAL)
            calls = record.publishable(journal, self.run, self._account.number)
            record.write(self.folder.record, self._head(), calls)
        except Exception as error:
            self.unrecorded = f"{type(error).__name__}: {error}"

    def _head(self) -> dict[str, Any]:
        """The first line of the record."""
        region = self._arguments.region
        return {
            "service": "AWS KMS" if self._account.is_aws(region) else "not AWS KMS: another endpoint was configured",
            "day": f"{datetime.now(UTC):%Y-%m-%d}",
            "regions": list(self._arguments.regions),
            "versions": {
                "python": sys.version.split()[0],
                "ansible-core": ansible.release.__version__,
                "botocore": botocore.__version__,
            },
            "scenarios": {
                **{result.scenario.name: result.outcome for result in self.results},
                **({"interrupted": "yes"} if self.interrupted else {}),
            },
        }


def _print(text: str) -> None:
    """The terminal may be gone, which does not stop the clean-up."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def _created(journal: list[dict[str, Any]]) -> list[str]:
    """ARNs of the keys that the run created."""
    return [metadata["Arn"] for metadata in created_keys(journal)]


def _retire(bench: Bench) -> None:
    """The clean-up at the end of the run schedules the deletion if this does not."""
    try:
        bench.retire_main_key()
    except Unmet as error:
        print(f"    {error}", flush=True)
