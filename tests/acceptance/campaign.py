# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run: its folder, its scenarios one after another, its record, and the clean-up, also after a failure."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ansible.release
import botocore

from . import record
from .account import Account
from .arguments import Arguments
from .bench import Bench
from .clean_up import CleanUp, Outcome
from .player import Player, Unmet
from .price import TooManyKeys
from .pseudonyms import created_keys
from .recorder import cloudkeys_recorder as recorder
from .scenarios import Scenario

PRIVATE = "private"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """A signal has come. Not an Exception, so that no scenario takes it for a failure of its own."""


@dataclass(frozen=True)
class Result:
    scenario: Scenario
    outcome: str
    why: str = ""

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"


class Campaign:
    """:ivar folder: of this run; its private part is removed at the end."""

    def __init__(self, arguments: Arguments, account: Account, runs: Path) -> None:
        self._arguments, self._account = arguments, account
        self.run = f"{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(4)}"
        self.folder = runs / self.run
        self._private = self.folder / PRIVATE
        self.results: list[Result] = []
        self.cleaned = Outcome()
        self.interrupted = False

    @property
    def record(self) -> Path:
        return self.folder / "record.jsonl"

    def go(self, scenarios: Sequence[Scenario]) -> bool:
        """Run the scenarios. Returns whether all passed, and no key is left that costs money."""
        logs = self.folder / "logs"
        logs.mkdir(parents=True)
        self._private.mkdir(mode=0o700)
        (self._private / recorder.KEY).write_bytes(secrets.token_bytes(32))
        os.environ[recorder.FOLDER_VARIABLE] = str(self._private)
        recorder.start()
        player = Player(self._private, logs, self._arguments.account, self._arguments.region)
        bench = Bench(self._account, self._arguments.region, self._arguments.replica_region, self.run, player)
        with _undisturbed():
            try:
                with _interruptible():
                    self._run_all(bench, scenarios)
            except Interrupted:
                self.interrupted = True
                print("\nInterrupted. The keys of this run are scheduled for deletion now.", flush=True)
            finally:
                self._finish()
        return not self.interrupted and not self.cleaned.failed and all(result.passed for result in self.results)

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
        os.environ[recorder.SCENARIO_VARIABLE] = "clean-up"
        journal = record.read_journal(self._private / recorder.JOURNAL)
        clean_up = CleanUp(self.run)
        for region in self._arguments.regions:
            known = [arn for arn in _created(journal) if arn.split(":")[3] == region]
            self.cleaned.add(clean_up.region(self._account.kms(region), region, known))
        journal = record.read_journal(self._private / recorder.JOURNAL)
        calls = record.publishable(journal, self.run, self._account.number)
        record.write(self.record, self._head(), calls)
        shutil.rmtree(self._private)

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


def _created(journal: list[dict[str, Any]]) -> list[str]:
    """ARNs of the keys that the run created."""
    return [metadata["Arn"] for metadata in created_keys(journal)]


def _retire(bench: Bench) -> None:
    """The clean-up at the end of the run schedules the deletion if this does not."""
    try:
        bench.retire_main_key()
    except Unmet as error:
        print(f"    {error}", flush=True)


def _note(*_arguments: object) -> None:
    print("The clean-up is not interrupted: keys that are left cost money. It takes seconds.", flush=True)


@contextmanager
def _interruptible() -> Iterator[None]:
    """The first signal raises :class:`Interrupted`; those after it are only noted."""

    def interrupt(*_arguments: object) -> None:
        for number in _SIGNALS:
            signal.signal(number, _note)
        raise Interrupted

    with _handled_by(interrupt):
        yield


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A signal is only noted."""
    with _handled_by(_note):
        yield


@contextmanager
def _handled_by(handler: Callable[..., None]) -> Iterator[None]:
    former = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, one in former.items():
            signal.signal(number, one)
