# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs parts, two at a time, and prints the results."""

from __future__ import annotations

import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import environments
from environments import Environment
from layout import BUILD, ROOT
from parts import Part
from work import Done, Failed, Work, stop_all

WORKERS = 2
LOGS = BUILD / "logs"
_TAIL = 40


@dataclass(frozen=True)
class Outcome:
    name: str
    seconds: float
    done: Done | None
    failure: Failed | None
    log: Path | None

    @property
    def failed(self) -> bool:
        return self.failure is not None

    @property
    def story(self) -> str:
        if self.failure:
            return str(self.failure)
        return f"{self.done.number} {self.done.of}" if self.done else ""


def run_all(parts: Sequence[Part]) -> bool:
    """Run the parts in parallel and print a table. Return True if each of them ran something and succeeded."""
    began = time.monotonic()
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            _schedule(pool, parts, outcomes)
        except BaseException:
            stop_all()
            raise
    order = [part.name for part in parts]
    outcomes.sort(key=lambda outcome: order.index(outcome.name) if outcome.name in order else -1)
    return _summarise(outcomes, time.monotonic() - began)


def run_in_turn(parts: Sequence[Part], arguments: Sequence[str]) -> bool:
    """Run the parts one after the other, and print their output immediately."""
    outcomes = []
    for part in parts:
        environments.prepare(part.environment())
        outcome = _attempt(part.name, partial(_run, part, arguments, show=True), _log(part.name))
        outcomes.append(outcome)
        _tell(outcome, tail=0)
    return not any(outcome.failed for outcome in outcomes)


def _schedule(pool: ThreadPoolExecutor, parts: Sequence[Part], outcomes: list[Outcome]) -> None:
    """Start the creation of the environments first, and each part when its environment is ready, in the given order."""
    ready: dict[Path, bool] = {}
    running: dict[Future[Outcome], Environment | None] = {}
    missing = list(dict.fromkeys(part.environment() for part in parts))
    waiting = list(parts)
    while missing or waiting or running:
        for part in [part for part in waiting if ready.get(part.environment().folder) is False]:
            waiting.remove(part)
            outcomes.append(Outcome(part.name, 0, None, Failed("its environment could not be created"), None))
        while len(running) < WORKERS:
            able = [part for part in waiting if ready.get(part.environment().folder)]
            if missing:
                environment = missing.pop(0)
                running[pool.submit(_set_up, environment)] = environment
            elif able:
                waiting.remove(able[0])
                running[pool.submit(_attempt_quietly, able[0])] = None
            else:
                break
        if not running:
            continue
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            made, outcome = running.pop(future), future.result()
            if made:
                ready[made.folder] = not outcome.failed
            outcomes.append(outcome)
            _tell(outcome)


def _set_up(environment: Environment) -> Outcome:
    def prepare() -> Done:
        environments.prepare(environment)
        return Done(1, f"environment: {environment.title}")

    return _attempt(f"set-up {environment.folder.relative_to(ROOT)}", prepare, None)


def _attempt_quietly(part: Part) -> Outcome:
    return _attempt(part.name, partial(_run, part, (), show=False), _log(part.name))


def _run(part: Part, arguments: Sequence[str], show: bool) -> Done:
    path = _log(part.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as log:
        done = part.does(Work(part.environment(), log, show, arguments))
    if not done.number:
        raise Failed(f"ran nothing (0 {done.of})")
    return done


def _attempt(name: str, action: Callable[[], Done], log: Path | None) -> Outcome:
    began = time.monotonic()
    done, failure = None, None
    try:
        done = action()
    except Failed as failed:
        failure = failed
    except SystemExit as ended:
        failure = Failed(str(ended))
    except Exception:  # An error in one part must not end the others.
        failure = Failed(traceback.format_exc())
    return Outcome(name, time.monotonic() - began, done, failure, log)


def _log(name: str) -> Path:
    return LOGS / f"{re.sub('[^a-z]+', '-', name).strip('-')}.log"


def _tell(outcome: Outcome, tail: int = _TAIL) -> None:
    print(_row(outcome), flush=True)
    if outcome.failed and tail and outcome.log and outcome.log.is_file():
        lines = outcome.log.read_text("utf-8", "replace").splitlines()
        for line in lines[-tail:]:
            print(f"    | {line}")
        print(f"    Complete log: {os.path.relpath(outcome.log, ROOT)}", flush=True)


def _summarise(outcomes: Sequence[Outcome], seconds: float) -> bool:
    failures = [outcome for outcome in outcomes if outcome.failed]
    print(f"\n{'result':<8}{'part':<30}{'time':>8}   details")
    for outcome in outcomes:
        print(_row(outcome))
    print(f"{'':<8}{'total, two at a time':<30}{_clock(seconds):>8}\n")
    if failures:
        print(_paint(f"Failed: {', '.join(outcome.name for outcome in failures)}", failed=True))
    passed = sum(outcome.done.passed_tests if outcome.done else 0 for outcome in outcomes)
    passed += sum(outcome.failure.passed_tests if outcome.failure else 0 for outcome in outcomes)
    # A part that failed without a failed test counts as one, because the last line must not look like success.
    failed = sum(max(1, outcome.failure.failed_tests) if outcome.failure else 0 for outcome in outcomes)
    print(f"{passed} passed, {failed} failed", flush=True)
    return not failures


def _row(outcome: Outcome) -> str:
    story = "".join(outcome.story.strip().splitlines()[-1:])
    result = _paint(f"{'FAILED' if outcome.failed else 'ok':<8}", outcome.failed)
    return f"{result}{outcome.name:<30}{_clock(outcome.seconds):>8}   {story}"


def _paint(text: str, failed: bool) -> str:
    if not sys.stdout.isatty():
        return text
    return f"\033[{31 if failed else 32}m{text}\033[0m"


def _clock(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60}:{int(seconds) % 60:02} m"
