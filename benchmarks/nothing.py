# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many keys where nothing changes: one task, what else there is for it, and the least that it can take."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import figures
from bench import FOLDER, THREADS, Bench, play
from contenders import Contender, measure, table
from fleet import MANY, ONE, RAISED, FleetKey, loop, make_fleet, many
from memory import Memory
from single_keys import INFO

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.quotas import QUOTAS

SIZES, SCALE = (1, 100, 1_000), (100, 1_000, 10_000)
SAMPLE = 20
"""Keys in a loop of tasks; what more would take follows from it."""
_REPLAY = Path(__file__).with_name("replay.py")


@dataclass
class Size:
    """So many keys: one task, and as its floor the calls that this task makes by themselves.

    :ivar quotas: what the emulator allows, in requests a second; none where they are raised out of the way.
    """

    bench: Bench
    keys: Sequence[FleetKey]
    quotas: Mapping[str, float]
    floor: Contender = field(init=False)
    task: Contender = field(init=False)

    def __post_init__(self) -> None:
        """Has the task run once, to know its calls."""
        number = len(self.keys)
        name = f"{number}-{'aws' if self.quotas else 'raised'}"
        recorded, quotas = FOLDER / f"calls-{name}.json", FOLDER / f"quotas-{name}.json"
        quotas.write_text(json.dumps(self.quotas), "utf-8")
        options = many(self.keys, None if self.quotas else RAISED)
        self.command = play(MANY, options, file=f"{name}.yml")
        self._set_quotas()
        self.bench.new_calls()
        self.bench.call(self.command)
        recorded.write_text(json.dumps(_answered(self.bench.new_calls())), "utf-8")
        replay = [sys.executable, str(_REPLAY), str(recorded), str(quotas)]
        self.floor = Contender("floor", lambda _: self.bench.call(replay), self._set_quotas, items=number)
        self.task = Contender("task", lambda _: self.bench.call(self.command), self._set_quotas, items=number)

    def _set_quotas(self) -> None:
        self.bench.emulator.control("PUT", "quotas", self.quotas)

    @property
    def ratio(self) -> float:
        return self.task.median / self.floor.median

    @property
    def processor(self) -> str:
        """Of the floor and of the task."""
        return " and ".join(f"{one.processor_median:.1f} s" for one in (self.floor, self.task))

    def check(self) -> None:
        """:raises SystemExit: the two did not make the same calls."""
        made, repeated = (Counter(map(_named, _answered(one.calls))) for one in (self.task, self.floor))
        if made != repeated:
            raise SystemExit(f"The floor's calls are not the task's: {made - repeated}, {repeated - made}")

    @property
    def throttled(self) -> tuple[int, int]:
        """Calls of the floor and of the task that were refused."""
        floor, task = (len(one.calls) - len(_answered(one.calls)) for one in (self.floor, self.task))
        return floor, task


def _answered(calls: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [call for call in calls if call["status"] == 200]


def _named(call: dict[str, Any]) -> tuple[str, str, str | None]:
    return call["operation"], call["region"], call["key"]


def nothing(bench: Bench, times: int) -> None:
    """1, 100 and 1,000 keys, beside loops of single tasks; with AWS's quotas, and with none."""
    keys = make_fleet(bench, max(SIZES))
    sample = keys[:: max(SIZES) // SAMPLE]
    sizes = [Size(bench, keys[:number], quotas) for quotas in ({}, QUOTAS) for number in SIZES]
    ping = Contender("ping", lambda _: bench.task("ping", {}))
    infos = Contender(INFO, lambda _: bench.task(INFO, {"key_id": "{{ item }}"}, [key.arn for key in sample]))
    ones = Contender(ONE, lambda _: loop(bench, sample))
    # Each task has run once already.
    measure(
        bench, [ping, infos, ones, *(one for size in sizes for one in (size.floor, size.task))], times, warm_up=False
    )

    def looped(one: Contender, number: int) -> float:
        return ping.median + number * (one.median - ping.median) / SAMPLE

    rows, taken = [], []
    for size in sizes:
        size.check()
        number = len(size.keys)
        seconds = {
            "floor": size.floor.median,
            "task": size.task.median,
            "loop of ours": looped(ones, number),
            "loop of amazon.aws": looped(infos, number),
        }
        taken.append({"keys": number, "quotas": bool(size.quotas), **seconds})
        rows.append(
            [
                f"{number:,}, {'AWS' if size.quotas else 'raised'} quotas",
                f"{len(_answered(size.task.calls)):,}",
                *(f"{one:,.2f} s" for one in seconds.values()),
                f"{size.ratio:.2f}",
                *(f"{seconds[of] / size.task.median:.1f}" for of in ("loop of ours", "loop of amazon.aws")),
                size.processor,
                " and ".join(map(str, size.throttled)),
            ]
        )
    figures.keep("nothing", taken)
    table(
        f"Nothing changes: the floor ({THREADS} boto3 threads that make the task's calls), `{_short(MANY)}`, and loops"
        f" over its keys, of which {SAMPLE} were run",
        [
            "keys",
            "calls to KMS",
            "floor",
            "one task",
            f"loop of `{_short(ONE)}`",
            f"loop of `{_short(INFO)}`",
            "task to floor",
            "faster than our loop",
            "than amazon.aws's",
            "processor, floor and task",
            "throttled",
        ],
        rows,
    )


def _short(module: str) -> str:
    return module.rpartition(".")[2]


def scale(bench: Bench, times: int) -> None:
    """100, 1,000 and 10,000 keys: what each costs, and how much memory they take."""
    keys = make_fleet(bench, max(SCALE))
    one = Size(bench, keys[:1], {})
    sizes = [Size(bench, keys[:number], {}) for number in SCALE]
    measure(bench, [each for size in (one, *sizes) for each in (size.floor, size.task)], times, warm_up=False)
    rows, taken = [], []
    for size in sizes:
        size.check()
        memory, number = _memory(bench, size.command), len(size.keys)
        floor = (size.floor.median - one.floor.median) / (number - 1)
        each = (size.task.median - one.task.median) / (number - 1)
        taken.append(
            {
                "keys": number,
                "floor": floor,
                "task": each,
                "controller": memory.controller.together,
                "target": memory.target.together,
            }
        )
        rows.append(
            [
                f"{number:,}",
                f"{len(size.task.calls):,}",
                f"{size.floor.median:.2f} s",
                f"{size.task.median:.2f} s",
                f"{size.ratio:.2f}",
                *(f"{1000 * more:.2f} ms" for more in (floor, each)),
                size.processor,
                *(
                    _mebibytes(amount)
                    for side in (memory.controller, memory.target)
                    for amount in (side.together, side.largest)
                ),
            ]
        )
    figures.keep("scale", taken)
    table(
        f"Nothing changes, up to {max(SCALE):,} keys in one task, with quotas out of the way",
        [
            "keys",
            "calls to KMS",
            "floor",
            "one task",
            "task to floor",
            "each key more, floor",
            "each key more, task",
            "processor, floor and task",
            "controller, all processes",
            "largest of them",
            "target, all processes",
            "largest of them",
        ],
        rows,
    )


def _mebibytes(amount: int) -> str:
    return f"{amount / 2**20:,.0f} MiB"


def _memory(bench: Bench, command: list[str]) -> Memory:
    """Of a run that is not timed."""
    process = bench.start(command)
    with Memory(process) as memory:
        output, _errors = process.communicate()
    if process.returncode:
        raise SystemExit(output.decode("utf-8", "replace"))
    return memory
