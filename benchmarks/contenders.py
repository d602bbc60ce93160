# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured, turn by turn, and the tables that come of it."""

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
    """Something that is measured: *prepare* is not, *run* is."""

    name: str
    run: Callable[[Any], None]
    prepare: Callable[[], Any] = lambda: None
    items: int = 1
    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    """Seconds of processor time, of all of its processes: what a machine that is busy otherwise changes least."""
    began: float = 0.0
    """When the last run began, in seconds since 1970 (UTC)."""
    calls: list[dict[str, Any]] = field(default_factory=list)
    """Of the last run, as the emulator has written them down."""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def processor_median(self) -> float:
        return statistics.median(self.processor)

    @property
    def each(self) -> float:
        """The median for one of the things that *run* does."""
        return self.median / self.items


def measure(bench: Bench, contenders: Sequence[Contender], times: int, warm_up: bool = True) -> None:
    """Turn by turn, so that whatever else the machine does concerns all alike. The first turn warms up."""
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
    """The processor time of the processes that have ended, and of those that they had waited for (getrusage(2))."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compared(title: str, contenders: Sequence[Contender], against: Contender) -> None:
    """A table of these, and the ratio of each one's time for each item to the time of *against*."""
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
    table(title, ["what", "calls to KMS", "median", "from", "to", "ratio", "processor"], rows)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """As Markdown. The first column is text, the others are numbers."""
    print(f"\n{title}:\n")
    for line in [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]:
        print(f"| {' | '.join(line)} |")
    sys.stdout.flush()
