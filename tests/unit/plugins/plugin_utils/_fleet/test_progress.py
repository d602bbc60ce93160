# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The progress of a run: one line every few seconds, and no line for a short run."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.progress import Progress, progress_line


@pytest.mark.parametrize(
    ("done", "total", "failed", "seconds", "line"),
    [
        (0, 10, 0, 7.0, "Done: 0 of 10 keys"),
        (1, 10, 0, 7.0, "Done: 1 of 10 keys, about 1 min 3 s left"),
        (9, 10, 2, 9.0, "Done: 9 of 10 keys, 2 failed, about 1 s left"),
        (10, 10, 1, 9.0, "Done: 10 of 10 keys, 1 failed"),
        (1000, 10_000, 0, 60.0, "Done: 1,000 of 10,000 keys, about 9 min 0 s left"),
        (1000, 10_000, 12, 900.0, "Done: 1,000 of 10,000 keys, 12 failed, about 2 h 15 min left"),
    ],
    ids=["nothing yet", "one", "failures", "all", "minutes", "hours"],
)
def test_a_line(done: int, total: int, failed: int, seconds: float, line: str) -> None:
    assert progress_line("Done", done, total, failed, seconds) == line


@pytest.mark.parametrize("seconds", [0.0, 0.001, 59.4, 59.6, 3599.4, 3599.6, 86_400.0])
def test_no_number_of_seconds_is_above_59(seconds: float) -> None:
    line = progress_line("Done", 1, 2, 0, seconds)
    assert " 60 s" not in line
    assert " 60 min" not in line
    assert " 0 s left" not in line or " min 0 s" in line


@dataclass
class Watched:
    """A run with a clock that the test advances."""

    now: float = 1000.0
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.progress = Progress(self.lines.append, lambda: self.now)

    def tell(self, done: int, total: int = 100, after: float = 1.0, what: str = "Done") -> None:
        self.now += after
        self.progress.tell(what, done, total, 0)


def test_a_line_every_five_seconds() -> None:
    run = Watched()
    run.progress.begin()
    for done in range(1, 21):
        run.tell(done)
    assert [line.partition(",")[0] for line in run.lines] == [
        "Done: 5 of 100 keys",
        "Done: 10 of 100 keys",
        "Done: 15 of 100 keys",
        "Done: 20 of 100 keys",
    ]


def test_a_short_run_says_nothing() -> None:
    run = Watched()
    run.progress.begin()
    for done in (10, 60, 100):
        run.tell(done)
    assert run.lines == []


def test_the_end_is_in_the_result() -> None:
    run = Watched()
    run.progress.begin()
    run.tell(100, after=60.0)
    assert run.lines == []


def test_each_part_is_estimated_by_its_own_speed() -> None:
    run = Watched()
    run.progress.begin()
    run.tell(50, after=100.0, what="Checked")
    run.progress.begin()
    run.tell(50, after=10.0)
    assert run.lines == [
        "Checked: 50 of 100 keys, about 1 min 40 s left",
        "Done: 50 of 100 keys, about 10 s left",
    ]
