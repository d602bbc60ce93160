# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The measured contenders, turn by turn, and the tables of the results."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench import Bench


@dataclass
class Contender:
    """A measured operation. Only the time of *run* counts, not the time of *prepare*."""

    name: str
    run: Callable[[Any], None]
    prepare: Callable[[], Any] = lambda: None
    items: int = 1
    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    """Seconds of processor time of all of its processes, which depends least on other work of the machine."""
    began: float = 0.0
    """The start of the last run, in seconds since 1970 (UTC)."""
    calls: list[dict[str, Any]] = field(default_factory=list)
    """The calls of the last run, from the emulator's log."""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def processor_median(self) -> float:
        return statistics.median(self.processor)

    @property
    def each(self) -> float:
        """The median per item of *run*."""
        return self.median / self.items


def measure(bench: Bench, contenders: Sequence[Contender], times: int, warm_up: bool = True) -> None:
    """Measure in turns, so that other work of the machine affects all contenders. The first turn is a warm-up."""
    for turn in range(0 if warm_up else 1, times + 1):
        for contender in contenders:
            prepared = contender.prepare()
            bench.new_calls()
            contender.began = time.time()
            began, before = time.perf_counter(), _of_children()
            contender.run(prepared)
            if turn:
                contender.seconds.append(time.perf_counter() - began)
                contender.processor.append(_of_children() - before)
            contender.calls = bench.new_calls()
        print(f"\rturn {turn} of {times}", end="", file=sys.stderr, flush=True)
    print("\r" + " " * 20, end="\r", file=sys.stderr)


def _of_children() -> float:
    """The processor time of ended processes and of the children that they waited for (getrusage(2))."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compared(title: str, contenders: Sequence[Contender], against: Contender) -> None:
    """Print a table of the contenders, with the ratio of each contender's time per item to the time of *against*."""
    rows = [
        [
            one.name,
            f"{len(one.calls):,}",
            *(f"{seconds:.2f} s" for seconds in (one.median, min(one.seconds), max(one.seconds))),
            f"{one.each / against.each:.2f}",
            f"{one.processor_median:.2f} s",
        ]
        for one in contenders
    ]
    table(title, ["contender", "calls to KMS", "median", "minimum", "maximum", "ratio", "processor time"], rows)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table as Markdown. The first column contains text, the others numbers."""
    print(f"\n{title}:\n")
    for line in [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]:
        print(f"| {' | '.join(line)} |")
    sys.stdout.flush()
