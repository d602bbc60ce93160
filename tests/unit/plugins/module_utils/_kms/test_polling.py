# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repeat a request until its result is sufficient or the time limit is reached."""

from __future__ import annotations

import itertools

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms import polling
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.polling import poll


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The lengths of the requested pauses. Only they advance the time."""
    made: list[float] = []
    monkeypatch.setattr(polling, "sleep", made.append)
    monkeypatch.setattr(polling, "monotonic", lambda: sum(made))
    return made


def test_no_pause_where_the_first_is_enough(pauses: list[float]) -> None:
    assert poll(lambda: "shown", lambda value: value == "shown", 60) == "shown"
    assert pauses == []


def test_pauses_grow_to_a_limit(pauses: list[float]) -> None:
    numbers = itertools.count()
    assert poll(lambda: next(numbers), lambda value: value == 8, 600) == 8
    assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


@pytest.mark.parametrize(("seconds", "reads"), [(0, 1), (0.25, 1), (0.5, 2), (3, 4), (20, 8)])
def test_the_last_value_when_the_time_is_over(pauses: list[float], seconds: float, reads: int) -> None:
    numbers = itertools.count(1)
    assert poll(lambda: next(numbers), lambda _value: False, seconds) == reads
    assert sum(pauses) < max(seconds, 0.01)


def test_an_error_ends_it(pauses: list[float]) -> None:
    with pytest.raises(ZeroDivisionError):
        poll(lambda: 1 / 0, lambda _value: False, 60)
    assert pauses == []
