# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many keys without changes: one task, its alternatives, and the minimum time."""

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
"""The keys in a loop of tasks. The time for more keys is calculated from it."""
_REPLAY = Path(__file__).with_name("replay.py")


@dataclass
class Size:
    """A number of keys: one task for them and, as its floor, the calls of this task without Ansible.

    :ivar quotas: the emulator's quotas, in requests per second; empty if they are raised so that they do not limit.
    """

    bench: Bench
    keys: Sequence[FleetKey]
    quotas: Mapping[str, float]
    floor: Contender = field(init=False)
    task: Contender = field(init=False)

    def __post_init__(self) -> None:
        """Run the task once, to record its calls."""
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
        """The processor time of the floor and of the task."""
        return " and ".join(f"{one.processor_median:.1f} s" for one in (self.floor, self.task))

    def check(self) -> None:
        """:raises SystemExit: the floor and the task did not make the same calls."""
        made, repeated = (Counter(map(_named, _answered(one.calls))) for one in (self.task, self.floor))
        if made != repeated:
            raise SystemExit(f"The calls of the floor and the task differ: {made - repeated}, {repeated - made}")

    @property
    def throttled(self) -> tuple[int, int]:
        """The refused calls of the floor and of the task."""
        floor, task = (len(one.calls) - len(_answered(one.calls)) for one in (self.floor, self.task))
        return floor, task


def _answered(calls: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [call for call in calls if call["status"] == 200]


def _named(call: dict[str, Any]) -> tuple[str, str, str | None]:
    return call["operation"], call["region"], call["key"]


def nothing(bench: Bench, times: int) -> None:
    """Compare 1, 100, and 1,000 keys with loops of single tasks, with AWS's quotas and with raised quotas."""
    keys = make_fleet(bench, max(SIZES))
    sample = keys[:: max(SIZES) // SAMPLE]
    sizes = [Size(bench, keys[:number], quotas) for quotas in ({}, QUOTAS) for number in SIZES]
    ping = Contender("ping", lambda _: bench.task("ping", {}))
    infos = Contender(INFO, lambda _: bench.task(INFO, {"key_id": "{{ item }}"}, [key.arn for key in sample]))
    ones = Contender(ONE, lambda _: loop(bench, sample))
    # Each task has already run once.
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
        f"No changes: the floor ({THREADS} boto3 threads that make the task's calls), `{_short(MANY)}`, and loops over"
        f" {SAMPLE} of its keys",
        [
            "keys",
            "calls to KMS",
            "floor",
            "one task",
            f"loop of `{_short(ONE)}`",
            f"loop of `{_short(INFO)}`",
            "task / floor",
            "speedup over our loop",
            "over amazon.aws's",
            "processor time, floor and task",
            "throttled",
        ],
        rows,
    )


def _short(module: str) -> str:
    return module.rpartition(".")[2]


def scale(bench: Bench, times: int) -> None:
    """Measure 100, 1,000, and 10,000 keys: time per key, and memory."""
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
        f"No changes, up to {max(SCALE):,} keys in one task, with raised quotas",
        [
            "keys",
            "calls to KMS",
            "floor",
            "one task",
            "task / floor",
            "per additional key, floor",
            "per additional key, task",
            "processor time, floor and task",
            "controller, all processes",
            "largest process",
            "target, all processes",
            "largest process",
        ],
        rows,
    )


def _mebibytes(amount: int) -> str:
    return f"{amount / 2**20:,.0f} MiB"


def _memory(bench: Bench, command: list[str]) -> Memory:
    """The memory of a run whose time is not measured."""
    process = bench.start(command)
    with Memory(process) as memory:
        output, _errors = process.communicate()
    if process.returncode:
        raise SystemExit(output.decode("utf-8", "replace"))
    return memory
