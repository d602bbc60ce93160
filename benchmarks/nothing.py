# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many keys where nothing changes: one task, what else there is for it, and the least that it can take."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import figures
from bench import FOLDER, THREADS, Bench, play
from contenders import Contender, measure, table
from fleet import MANY, ONE, FleetKey, loop, make_fleet, many, one_task
from memory import Memory
from single_keys import INFO

SIZES, SCALE = (1, 100, 1_000), (100, 1_000, 10_000)
SAMPLE = 20
"""Keys in a loop of tasks; what more would take follows from it."""
_REPLAY = Path(__file__).with_name("replay.py")


@dataclass
class Size:
    """So many keys: one task, and as its floor the calls that this task makes by themselves."""

    keys: int
    floor: Contender
    task: Contender

    @property
    def ratio(self) -> float:
        return self.task.median / self.floor.median

    def check(self) -> None:
        """:raises SystemExit: the two did not make the same calls."""
        made, repeated = (_counted(one.calls) for one in (self.task, self.floor))
        if made != repeated:
            raise SystemExit(f"The floor's calls are not the task's: {made - repeated}, {repeated - made}")


def _counted(calls: Sequence[dict[str, Any]]) -> Counter[tuple[str, str, str | None]]:
    return Counter((call["operation"], call["region"], call["key"]) for call in calls)


def _size(bench: Bench, keys: Sequence[FleetKey]) -> Size:
    """Has the task run once, to know its calls."""
    number = len(keys)
    recorded = FOLDER / f"calls-{number}.json"
    bench.new_calls()
    one_task(bench, keys)
    recorded.write_text(json.dumps(bench.new_calls()), "utf-8")
    return Size(
        number,
        Contender("floor", lambda _: bench.call([sys.executable, str(_REPLAY), str(recorded)]), items=number),
        Contender("task", lambda _: one_task(bench, keys), items=number),
    )


def nothing(bench: Bench, times: int) -> None:
    """1, 100 and 1,000 keys, beside loops of single tasks."""
    keys = make_fleet(bench, max(SIZES))
    sample = keys[:: max(SIZES) // SAMPLE]
    sizes = [_size(bench, keys[:number]) for number in SIZES]
    ping = Contender("ping", lambda _: bench.task("ping", {}))
    infos = Contender(INFO, lambda _: bench.task(INFO, {"key_id": "{{ item }}"}, [key.arn for key in sample]))
    ones = Contender(ONE, lambda _: loop(bench, sample))
    measure(bench, [ping, infos, ones, *(one for size in sizes for one in (size.floor, size.task))], times)

    def looped(one: Contender, number: int) -> float:
        return ping.median + number * (one.median - ping.median) / SAMPLE

    rows, taken = [], []
    for size in sizes:
        size.check()
        seconds = {
            "floor": size.floor.median,
            "task": size.task.median,
            "loop of ours": looped(ones, size.keys),
            "loop of amazon.aws": looped(infos, size.keys),
        }
        taken.append({"keys": size.keys, **seconds})
        rows.append(
            [
                f"{size.keys:,}",
                f"{len(size.task.calls):,}",
                *(f"{one:,.2f} s" for one in seconds.values()),
                f"{size.ratio:.2f}",
                *(f"{seconds[of] / size.task.median:.1f}" for of in ("loop of ours", "loop of amazon.aws")),
            ]
        )
    figures.keep("nothing", taken)
    table(
        f"Nothing changes: the floor ({THREADS} boto3 threads that make the task's calls), `{MANY.rpartition('.')[2]}`,"
        f" and loops over its keys, of which {SAMPLE} were run",
        [
            "keys",
            "calls to KMS",
            "floor",
            "one task",
            f"loop of `{ONE.rpartition('.')[2]}`",
            f"loop of `{INFO.rpartition('.')[2]}`",
            "task to floor",
            "faster than our loop",
            "than amazon.aws's",
        ],
        rows,
    )


def scale(bench: Bench, times: int) -> None:
    """100, 1,000 and 10,000 keys: what each costs, and how much memory they take."""
    keys = make_fleet(bench, max(SCALE))
    one = _size(bench, keys[:1])
    sizes = [_size(bench, keys[:number]) for number in SCALE]
    measure(bench, [one.task, *(each for size in sizes for each in (size.floor, size.task))], times, warm_up=False)
    rows, taken = [], []
    for size in sizes:
        size.check()
        memory = _memory(bench, keys[: size.keys])
        each = (size.task.median - one.task.median) / (size.keys - 1)
        taken.append(
            {
                "keys": size.keys,
                "floor": size.floor.median,
                "task": size.task.median,
                "each": each,
                "controller": memory.controller.together,
                "target": memory.target.together,
            }
        )
        rows.append(
            [
                f"{size.keys:,}",
                f"{len(size.task.calls):,}",
                f"{size.floor.median:.2f} s",
                f"{size.task.median:.2f} s",
                f"{size.ratio:.2f}",
                f"{1000 * each:.2f} ms",
                *(
                    _mebibytes(amount)
                    for side in (memory.controller, memory.target)
                    for amount in (side.together, side.largest)
                ),
            ]
        )
    figures.keep("scale", taken)
    table(
        f"Nothing changes, up to {max(SCALE):,} keys in one task",
        [
            "keys",
            "calls to KMS",
            "floor",
            "one task",
            "task to floor",
            "each key more",
            "controller, all processes",
            "largest of them",
            "target, all processes",
            "largest of them",
        ],
        rows,
    )


def _mebibytes(amount: int) -> str:
    return f"{amount / 2**20:,.0f} MiB"


def _memory(bench: Bench, keys: Sequence[FleetKey]) -> Memory:
    """Of a run that is not timed."""
    process = bench.start(play(MANY, many(keys)))
    with Memory(process) as memory:
        output, _errors = process.communicate()
    if process.returncode:
        raise SystemExit(output.decode("utf-8", "replace"))
    return memory
