# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys of a fleet are started, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.admission import Admission

WAVES = 3


@dataclass
class History:
    """The history of a run: for each visit, the started keys, and the keys that had ended or were active."""

    begun: list[list[int]] = field(default_factory=list)
    before: list[tuple[dict[int, bool], list[int]]] = field(default_factory=list)

    @property
    def all_begun(self) -> list[int]:
        return [position for positions in self.begun for position in positions]


def play(admission: Admission, takes: Callable[[int], int], fails: Callable[[int], bool]) -> History:
    """Run until no key is active and no key is started.

    :param takes: the number of visits until a key ends.
    """
    left: dict[int, int] = {}
    failed: dict[int, bool] = {}
    history = History()
    while True:
        history.before.append((dict(failed), list(left)))
        history.begun.append(admission.admit(failed, list(left)))
        for position in history.begun[-1]:
            assert position not in left
            assert position not in failed
            left[position] = takes(position)
        if not left:
            return history
        for position in list(left):
            left[position] -= 1
            if not left[position]:
                del left[position]
                failed[position] = fails(position)


regions = st.lists(st.sampled_from([None, "eu-central-1", "us-east-1"]), max_size=40)
durations = st.lists(st.integers(1, 7), min_size=40, max_size=40)
positions = st.frozensets(st.integers(0, 39), max_size=40)
waves = st.integers(1, 6)


@given(regions, waves, durations, positions)
def test_all_are_begun_once_and_never_too_many(
    where: list[str | None], wave: int, takes: list[int], canary: frozenset[int]
) -> None:
    named = frozenset(position for position in canary if position < len(where))
    history = play(Admission(where, wave=wave, canary=named), takes.__getitem__, lambda _position: False)
    assert sorted(history.all_begun) == list(range(len(where)))
    for begun, (_failed, going_on) in zip(history.begun, history.before, strict=True):
        assert all(number <= wave for number in Counter(where[position] for position in begun).values())
        busy = Counter(where[position] for position in [*going_on, *begun])
        assert all(number <= WAVES * wave for number in busy.values())


@given(regions, waves, durations, positions.filter(bool), positions)
def test_the_canary_goes_first_and_alone(
    where: list[str | None], wave: int, takes: list[int], canary: frozenset[int], failing: frozenset[int]
) -> None:
    named = frozenset(position for position in canary if position < len(where))
    admission = Admission(where, wave=wave, canary=named)
    history = play(admission, takes.__getitem__, failing.__contains__)
    others = set(range(len(where))) - named
    for begun, (failed, _going_on) in zip(history.begun, history.before, strict=True):
        if others & set(begun):
            assert all(failed[position] is False for position in named), "each key has ended successfully"
    if named & failing:
        assert not others & set(history.all_begun)
        assert admission.stopped == ("canary" if others or named - set(history.all_begun) else None)
    else:
        assert sorted(history.all_begun) == list(range(len(where)))


@given(regions, waves, durations, positions, st.integers(0, 10), st.integers(0, 10))
def test_nothing_is_begun_after_too_many_failures(
    where: list[str | None], wave: int, takes: list[int], failing: frozenset[int], allowed: int, before: int
) -> None:
    admission = Admission(where, wave=wave, failures_allowed=allowed, failed_before=before)
    history = play(admission, takes.__getitem__, failing.__contains__)
    for begun, (failed, _going_on) in zip(history.begun, history.before, strict=True):
        if begun:
            assert before + sum(failed.values()) <= allowed
    left = set(range(len(where))) - set(history.all_begun)
    assert admission.stopped == ("failures" if left else None), "a reason is reported only if keys were not started"
    if left:
        assert before + len(failing & set(history.all_begun)) > allowed


def test_a_canary_that_failed_before_anything_was_written() -> None:
    admission = Admission([None] * 3, wave=2, canary_failed=True)
    assert (admission.admit({}, ()), admission.stopped) == ([], "canary")


def test_nothing_to_begin_is_nothing_stopped() -> None:
    admission = Admission([], wave=2, failures_allowed=0, failed_before=5, canary_failed=True)
    assert (admission.admit({}, ()), admission.stopped) == ([], None)


@pytest.mark.parametrize(("wave", "expected"), [(1, [[0, 2], [1, 3], [4]]), (2, [[0, 1, 2, 3], [4], []])])
def test_regions_do_not_wait_for_each_other(wave: int, expected: list[list[int]]) -> None:
    admission = Admission(["a", "a", "b", "b", "a"], wave=wave)
    assert [admission.admit({}, ()) for _visit in range(3)] == expected
