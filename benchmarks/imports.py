# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first import of many keys, with AWS's quota of one GetParametersForImport a second."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import figures
from bench import Bench, bring_aws_cli
from contenders import Contender, measure, table
from fleet import MANY, FleetKey, make_fleet, many
from single_keys import script, write_material

KEYS = 200
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1", "us-west-2")
QUOTA = {"GetParametersForImport": 1}
"""Requests a second, for each account and Region (AWS KMS Developer Guide, "Request quotas")."""
SAMPLE = 20
"""Keys that the shell script imports; it takes the same time for each."""
DOWNLOAD, IMPORT = "GetParametersForImport", "ImportKeyMaterial"


@dataclass
class Run:
    """What the emulator's log says of one run. *shares* are of what the quota allows: n downloads of a Region can be
    made in n - 1 seconds.
    """

    began: float
    seconds: float
    calls: Sequence[dict[str, Any]]
    by_region: dict[str, list[float]] = field(init=False)
    """When each download was, in seconds from the start."""

    def __post_init__(self) -> None:
        self.by_region = {}
        for call in self.calls:
            if (call["operation"], call["status"]) == (DOWNLOAD, 200):
                self.by_region.setdefault(call["region"], []).append(call["time"] - self.began)

    @property
    def allowed(self) -> float:
        """The least seconds that the quota leaves."""
        return (max(map(len, self.by_region.values())) - 1) / QUOTA[DOWNLOAD]

    @property
    def share_of_process(self) -> float:
        """From the start of the process to its end."""
        return self.allowed / self.seconds

    @property
    def share_of_downloads(self) -> float:
        """From a Region's first download to its last, in the Region that took longest."""
        return self.allowed / max(max(moments) - min(moments) for moments in self.by_region.values())

    @property
    def throttled(self) -> int:
        return sum((call["operation"], call["status"]) == (DOWNLOAD, 400) for call in self.calls)

    def curve(self) -> list[float]:
        """When each import was, in seconds from the start."""
        done = (call for call in self.calls if (call["operation"], call["status"]) == (IMPORT, 200))
        return sorted(round(call["time"] - self.began, 2) for call in done)


@dataclass
class Import:
    """One task's first import over so many Regions, run by run."""

    bench: Bench
    regions: int
    runs: list[Run] = field(default_factory=list)

    def prepare(self) -> list[FleetKey]:
        each = KEYS // self.regions
        fleets = [make_fleet(self.bench, each, region, material=False) for region in REGIONS[: self.regions]]
        # The Regions are mixed, as in a list that is sorted by name.
        return [key for keys in zip(*fleets, strict=True) for key in keys]

    def run(self, contender: Contender) -> None:
        """What is known of its last run."""
        run = Run(contender.began, contender.seconds[-1], contender.calls)
        imported = [call["key"] for call in contender.calls if (call["operation"], call["status"]) == (IMPORT, 200)]
        if len(imported) != KEYS or len(set(imported)) != KEYS:
            raise SystemExit(f"{len(imported)} imports of {KEYS} keys")
        self.runs.append(run)

    def median(self, of: str) -> float:
        return statistics.median(getattr(run, of) for run in self.runs)


def imports(bench: Bench, times: int) -> None:
    cli = bring_aws_cli()
    write_material()
    bench.emulator.control("PUT", "quotas", QUOTA)
    ours = [Import(bench, 1), Import(bench, len(REGIONS))]
    tasks = [Contender(MANY, lambda keys: bench.task(MANY, many(keys)), one.prepare, items=KEYS) for one in ours]
    shell = Contender(
        f"{cli} and OpenSSL, as a shell script, one key after the other (of which {SAMPLE} were run)",
        lambda keys: script(bench, [key.arn for key in keys]),
        lambda: make_fleet(bench, SAMPLE, material=False),
        items=SAMPLE,
    )
    for _turn in range(times):
        measure(bench, [*tasks, shell], 1, warm_up=False)
        for one, task in zip(ours, tasks, strict=True):
            one.run(task)
    _tell(ours, shell)


def _tell(ours: Sequence[Import], shell: Contender) -> None:
    rows = []
    for one in ours:
        where = "1 Region" if one.regions == 1 else f"{one.regions} Regions, {KEYS // one.regions} keys each"
        rows.append(
            [
                f"`{MANY}`, {where}",
                f"{one.median('seconds'):.1f} s",
                f"{one.runs[0].allowed:.0f} s",
                f"{one.median('share_of_process'):.1%}",
                f"{one.median('share_of_downloads'):.1%}",
                f"{one.median('throttled'):.0f}",
            ]
        )
    rows.append(
        [shell.name, f"{KEYS * shell.each:.0f} s", f"{KEYS - 1} s", f"{(KEYS - 1) / KEYS / shell.each:.1%}", "", ""]
    )
    figures.keep(
        "imports",
        {
            "tasks": [{"regions": one.regions, "moments": one.runs[-1].curve()} for one in ours],
            "shell": shell.each,
        },
    )
    table(
        f"First import of {KEYS} keys, at {QUOTA[DOWNLOAD]} {DOWNLOAD} a second for each Region",
        [
            "what",
            "process, from start to end",
            "the quota's least",
            "of what it allows",
            "from first to last download",
            "throttled",
        ],
        rows,
    )
