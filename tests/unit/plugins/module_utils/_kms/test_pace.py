# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GetParametersForImport: one request a second, whoever asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms import pace as code
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.pace import SECONDS_BETWEEN, Pace


class Clock:
    """Time that passes by pauses and requests alone."""

    def __init__(self) -> None:
        self.now = 1000.0

    def go_on(self, seconds: float) -> None:
        self.now += seconds

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(code, "sleep", clock.go_on)
    monkeypatch.setattr(code, "monotonic", clock.time)
    return clock


def test_the_first_request_does_not_wait(clock: Clock) -> None:
    assert Pace().keep(clock.time) == 1000


def test_the_time_counts_from_the_answer(clock: Clock) -> None:
    pace = Pace()
    pace.keep(lambda: clock.go_on(7))
    assert pace.keep(clock.time) == pytest.approx(1007 + SECONDS_BETWEEN)
    clock.go_on(60)
    later = clock.now
    assert pace.keep(clock.time) == later


def test_a_refused_request_counts_too(clock: Clock) -> None:
    pace = Pace()
    with pytest.raises(ZeroDivisionError):
        pace.keep(lambda: 1 / 0)
    assert pace.keep(clock.time) == pytest.approx(1000 + SECONDS_BETWEEN)


def test_threads_take_turns(clock: Clock) -> None:
    pace, threads = Pace(), 8
    with ThreadPoolExecutor(threads) as pool:
        times = sorted(pool.map(lambda _number: pace.keep(clock.time), range(threads)))
    assert times == pytest.approx([1000 + number * SECONDS_BETWEEN for number in range(threads)])
