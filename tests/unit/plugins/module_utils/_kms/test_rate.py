# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests run at the quota and no faster, for any latency, alone and with other processes. Time is simulated."""

from __future__ import annotations

import bisect
import heapq
import itertools
import math
import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.rate import LATEST, MARGIN, Rate, Sent

QUOTAS = st.sampled_from([0.25, 0.5, 1, 1.5, 2, 2.5, 5, 15, 50])
# Seconds of latency to KMS, and of the response.
Way = tuple[float, float]


class World:
    """KMS with its quota, as the emulator counts it, and processes with a number of threads that send requests."""

    def __init__(self, quota: float) -> None:
        self.quota = quota
        self.now = 0.0
        self.taken: list[float] = []
        self.refused = 0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()

    def at(self, moment: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._number), event))

    def run(self) -> None:
        while self._events:
            self.now, _number, event = heapq.heappop(self._events)
            event()

    def arrive(self) -> bool:
        recent = [moment for moment in self.taken[-math.ceil(self.quota) :] if moment > self.now - 1]
        if len(recent) >= self.quota:
            self.refused += 1
            return False
        self.taken.append(self.now)
        return True


class Process:
    def __init__(self, world: World, rate: Rate, requests: int, threads: int, ways: Iterator[Way]) -> None:
        self.world, self.rate, self.left, self.free, self.ways = world, rate, requests, threads, ways
        self.ended = 0.0
        self._asleep = False

    def go_on(self) -> None:
        world = self.world
        while self.left and self.free and not self._asleep:
            wait = self.rate.until_turn(world.now)
            if wait > 0:
                self._asleep = True
                world.at(world.now + wait, self._wake)
                return
            self.left -= 1
            self.free -= 1
            there, back = next(self.ways)
            sent = self.rate.send(world.now)
            world.at(world.now + there, partial(self._arrive, sent, back))

    def _wake(self) -> None:
        self._asleep = False
        self.go_on()

    def _arrive(self, sent: Sent, back: float) -> None:
        taken = self.world.arrive()
        self.world.at(self.world.now + back, partial(self._answer, sent, taken))

    def _answer(self, sent: Sent, taken: bool) -> None:
        self.rate.answered(sent, self.world.now)
        if taken:
            self.rate.taken()
            self.ended = self.world.now
        else:
            self.rate.throttled(sent, self.world.now)
            self.left += 1
        self.free += 1
        self.go_on()


def ways(seed: int, there: Way, back: Way) -> Iterator[Way]:
    """Random latencies within these ranges."""
    chance = random.Random(seed)
    while True:
        yield chance.uniform(*there), chance.uniform(*back)


def alone(quota: float, requests: int, seed: int, there: Way, back: Way, threads: int = 64) -> tuple[World, Process]:
    world = World(quota)
    process = Process(world, Rate(quota, random.Random(seed).random), requests, threads, ways(seed, there, back))
    world.at(0.0, process.go_on)
    world.run()
    return world, process


def most_in_a_second(moments: list[float]) -> int:
    """The highest number of ordered *moments* in any second."""
    return max(bisect.bisect_left(moments, begin + 1) - place for place, begin in enumerate(moments))


@given(quota=QUOTAS, seed=st.integers(0, 2**32), back=st.floats(0, 0.3))
def test_alone_nothing_is_throttled_and_the_quota_is_used(quota: float, seed: int, back: float) -> None:
    """The latency varies by some milliseconds, as within one connection."""
    requests = max(100, int(quota) * 15)
    world, process = alone(quota, requests, seed, (0.010, 0.018), (back, back + 0.008))
    assert (len(world.taken), world.refused) == (requests, 0)
    assert most_in_a_second(world.taken) <= math.ceil(quota)
    # The process waits for the first responses until it knows the latency.
    assert process.ended <= requests / quota / 0.97 + 10 * (back + 0.03)


@given(quota=QUOTAS, seed=st.integers(0, 2**32), longest=st.floats(0, LATEST - 1), requests=st.integers(2, 8))
def test_no_answer_is_too_slow_for_the_first_requests(quota: float, seed: int, longest: float, requests: int) -> None:
    """For any latency: until enough is known, a request counts from the time of its response."""
    world, _process = alone(quota, requests, seed, (0.0, longest), (0.0, longest / 10))
    assert (len(world.taken), world.refused) == (requests, 0)


@given(seed=st.integers(0, 2**32), slow=st.floats(0.1, LATEST - 1), place=st.integers(9, 30))
def test_a_request_that_is_late_has_no_other_one_close_behind_it(seed: int, slow: float, place: int) -> None:
    usual = ways(seed, (0.02, 0.025), (0.02, 0.025))
    mixed = ((slow, 0.02) if number == place else next(usual) for number in itertools.count())
    world = World(1)
    process = Process(world, Rate(1, random.Random(seed).random), 40, 8, mixed)
    world.at(0.0, process.go_on)
    world.run()
    assert (len(world.taken), world.refused) == (40, 0)


@settings(max_examples=20)
@given(quota=st.sampled_from([5, 15, 50]), seed=st.integers(0, 2**32))
def test_several_are_on_their_way_at_once(quota: float, seed: int) -> None:
    """A process uses the quota although each response takes a second."""
    world, process = alone(quota, int(quota) * 20, seed, (0.5, 0.51), (0.5, 0.51))
    assert world.refused == 0
    assert process.ended <= 20 / 0.97 + 5


@given(quota=st.sampled_from([1, 5, 15]), seed=st.integers(0, 2**32), count=st.sampled_from([2, 8]))
def test_processes_that_know_nothing_of_each_other_share_the_quota(quota: float, seed: int, count: int) -> None:
    """No process gives up. They use most of the quota: throttling slows each of them down, and each recovers."""
    world = World(quota)
    requests = int(quota) * 20
    processes = [
        Process(
            world,
            Rate(quota, random.Random(seed + number).random),
            requests,
            8,
            ways(number, (0.01, 0.02), (0.01, 0.02)),
        )
        for number in range(count)
    ]
    for number, process in enumerate(processes):
        world.at(number / 10, process.go_on)
    world.run()
    assert len(world.taken) == count * requests
    assert most_in_a_second(world.taken) <= quota
    assert max(process.ended for process in processes) <= 3 * count * 20


def test_what_others_use_slows_down_and_it_recovers() -> None:
    rate = Rate(10, lambda: 1.0)
    moment = 0.0
    waits = []
    for _time in range(8):
        moment += 10
        sent = rate.send(moment)
        rate.answered(sent, moment)
        rate.throttled(sent, moment)
        waits.append(rate.until_turn(moment))
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(4 / 10)
    for _time in range(20):
        moment += rate.until_turn(moment)
        rate.answered(rate.send(moment), moment)
        rate.taken()
    sent = rate.send(moment + 1)
    assert rate.until_turn(moment + 1.1) == pytest.approx(0, abs=0.01)


def test_requests_that_are_throttled_together_slow_down_once() -> None:
    rate = Rate(10, lambda: 1.0)
    moments = [0.0]
    requests: list[Any] = []
    for _number in range(5):
        moments.append(moments[-1] + rate.until_turn(moments[-1]))
        requests.append(rate.send(moments[-1]))
    for sent in requests:
        rate.answered(sent, 1.0)
        rate.throttled(sent, 1.0)
    assert rate.until_turn(1.0) == pytest.approx(2 / 10)


@pytest.mark.parametrize("quota", [0.5, 1, 5])
def test_the_next_process_goes_on_at_the_same_pace(quota: float) -> None:
    before = Rate(quota, random.random)
    assert before.last is None
    before.answered(before.send(100.0), 100.2)
    assert before.last == pytest.approx(100.2), "one response does not reveal the latency of its request"
    after = Rate(quota, random.random)
    after.resume(100.2)
    expected = 100.2 + (MARGIN / quota if quota <= 1 else 1 / quota)
    assert 100.3 + after.until_turn(100.3) == pytest.approx(max(100.3, expected))
    assert Rate(quota, random.random).until_turn(100.3) == 0
