# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns of concurrent threads and of consecutive processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.errors import KmsError
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.pace import (
    FIRST_PAUSE,
    Pace,
    TurnMissed,
    backoff,
    growing,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.rate import MARGIN

from .clock import Clock, clock

__all__ = ("clock",)


def error(code: str, status: int | None = 400) -> KmsError:
    return KmsError("CreateAlias", code, "", key="alias/payments", region="eu-central-1", status=status)


def raising(failure: Exception) -> None:
    raise failure


def test_the_first_request_does_not_wait(clock: Clock) -> None:
    assert Pace(1).keep(clock.steady) == 1000


def test_one_a_second_counts_from_the_answer(clock: Clock) -> None:
    pace = Pace(1)
    pace.keep(lambda: clock.go_on(7))
    assert pace.keep(clock.steady) == pytest.approx(1007 + MARGIN)
    clock.go_on(60)
    assert pace.keep(clock.steady) == clock.now


@pytest.mark.parametrize(
    "failure", [error("ThrottlingException"), error("NotFoundException"), error("ReadTimeoutError", None), ValueError()]
)
def test_a_request_that_failed_counts_too(clock: Clock, failure: Exception) -> None:
    pace = Pace(1)
    with pytest.raises(type(failure)):
        pace.keep(lambda: raising(failure))
    assert pace.keep(clock.steady) >= 1000 + MARGIN


def test_what_kms_takes_is_no_throttling(clock: Clock) -> None:
    """A request that fails with another error was accepted by KMS and counts."""
    pace = Pace(1)
    for failure in (error("ThrottlingException"), error("KMSInternalException", 500)):
        with pytest.raises(KmsError):
            pace.keep(partial(raising, failure))
    assert pace.taken is None
    with pytest.raises(KmsError):
        pace.keep(lambda: raising(error("NotFoundException")))
    assert pace.taken == clock.now


def test_threads_take_turns(clock: Clock) -> None:
    pace, threads = Pace(1), 6
    with ThreadPoolExecutor(threads) as pool:
        times = sorted(pool.map(lambda _number: pace.keep(clock.steady), range(threads)))
    assert times == pytest.approx([1000 + number * MARGIN for number in range(threads)])


def test_a_turn_that_comes_too_late_is_missed(clock: Clock) -> None:
    pace = Pace(0.1)
    pace.keep(lambda: None, until=1000)
    with pytest.raises(TurnMissed):
        pace.keep(pytest.fail, until=1005)
    assert clock.now == 1000, "no wait for a turn after the deadline"
    assert pace.keep(clock.steady, until=1011) == pytest.approx(1000 + 10 * MARGIN)


def test_after_the_deadline_what_need_not_wait_is_still_asked(clock: Clock) -> None:
    pace = Pace(2000)
    for _number in range(200):
        pace.keep(lambda: None, until=900)
    assert clock.now < 1000.2


def test_another_process_goes_on_at_its_pace(clock: Clock) -> None:
    before, after = Pace(1), Pace(1)
    assert before.last is None
    before.keep(lambda: None)
    clock.go_on(0.25)
    assert before.last == pytest.approx(clock.time() - 0.25)
    after.resume(before.last or 0)
    assert after.keep(clock.steady) == pytest.approx(1000 + MARGIN)


@pytest.mark.parametrize("change", [-86400, -1, 1, 86400])
def test_a_clock_that_was_changed_costs_one_pause_at_most(clock: Clock, change: float) -> None:
    pace = Pace(1)
    pace.resume(clock.time() + change)
    assert 1000 <= pace.keep(clock.steady) <= 1000 + MARGIN


def test_pauses_grow_and_differ() -> None:
    assert all(FIRST_PAUSE / 2 <= backoff(1, 5.0) <= FIRST_PAUSE for _time in range(50))
    assert all(2.5 <= backoff(30, 5.0) <= 5.0 for _time in range(50))
    assert len({backoff(3, 5.0) for _time in range(50)}) > 1


def test_each_pause_is_twice_the_one_before() -> None:
    assert [growing(times, 0.5, 8.0) for times in range(6)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert growing(10_000, 0.5, 8.0) == 8.0
