# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversations that start when they are admitted, and requests that are postponed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.provenance import Provenance
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import (
    Answer,
    Failure,
    MacVerdict,
    Postponed,
    Request,
    Watch,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import (
    FRUITLESS_VISITS,
    Runtime,
    Unanswered,
    ask,
    ask_all,
    converse,
    converse_as_admitted,
    pause,
)

PROVENANCE = Provenance("https://kms.eu-central-1.amazonaws.com", "verified")
POSTPONED = Postponed(Failure("The turn did not come."))
Talk = Any
Admit = Callable[[Mapping[int, Any], Collection[int]], list[int]]


def watch(key: str, region: str | None = None) -> Watch:
    return Watch(key, region, {}, 0)


def met(request: Request) -> MacVerdict:
    return MacVerdict(None, request.key, PROVENANCE)


def visit_all(wave: Sequence[Request]) -> list[Answer]:
    return [met(one) for one in wave]


def talk(name: str, questions: int = 1, region: str | None = None) -> Talk:
    """A conversation that returns its name, or the reason why it received no answer."""
    try:
        for _question in range(questions):
            yield from ask(watch(name, region), MacVerdict)
    except Unanswered as error:
        return error.failure.sentence
    return name


@given(st.lists(st.integers(0, 4), max_size=12), st.integers(1, 4))
def test_each_begins_when_it_is_admitted_and_once(questions: list[int], at_once: int) -> None:
    left = list(range(len(questions)))
    most = 0

    def admit(ended: Mapping[int, str], going_on: Collection[int]) -> list[int]:
        nonlocal most
        assert not set(ended) & set(going_on)
        begun = left[: at_once - len(going_on)]
        del left[: len(begun)]
        most = max(most, len(going_on) + len(begun))
        return begun

    conversations = [talk(str(number), asked) for number, asked in enumerate(questions)]
    ended = converse_as_admitted(conversations, Runtime(visit_all), admit)
    assert ended == {number: str(number) for number in range(len(questions))}
    assert most <= at_once


def test_who_is_not_admitted_never_begins() -> None:
    begun: list[str] = []

    def started(name: str) -> Talk:
        begun.append(name)
        return (yield from talk(name))

    def admit(ended: Mapping[int, str], _going_on: Collection[int]) -> list[int]:
        return [] if ended else [1]

    assert converse_as_admitted([started(name) for name in "abc"], Runtime(visit_all), admit) == {1: "b"}
    assert begun == ["b"]


def test_no_conversation_is_admitted() -> None:
    assert converse_as_admitted([talk("a")], Runtime(visit_all), lambda _ended, _going_on: []) == {}


def test_who_only_waits_makes_room_for_others() -> None:
    """A waiting conversation does not count as active, but the run waits for it."""
    seen: list[list[int]] = []

    def waiting() -> Talk:
        yield from talk("first")
        yield from pause(30)
        return "first"

    def admit(_ended: Mapping[int, str], going_on: Collection[int]) -> list[int]:
        seen.append(sorted(going_on))
        return {1: [0], 2: [1]}.get(len(seen), [])

    slept: list[float] = []
    means = Runtime(visit_all, lambda one: slept.append(one.seconds))
    assert converse_as_admitted([waiting(), talk("second")], means, admit) == {0: "first", 1: "second"}
    assert seen == [[], [], [], []]
    assert slept == [30]


def test_what_is_postponed_is_asked_again_and_what_was_answered_is_not() -> None:
    """A conversation with several requests receives all answers together."""
    visits: list[list[str]] = []

    def three() -> Talk:
        answers = yield from ask_all([watch(key) for key in "abc"], MacVerdict)
        return [answer.unread for answer in answers]

    def visit(wave: Sequence[Request]) -> list[Answer]:
        visits.append([one.key for one in wave])
        return [POSTPONED if one.key == "b" and len(visits) < 3 else met(one) for one in wave]

    assert converse([three()], Runtime(visit)) == [["a", "b", "c"]]
    assert visits == [["a", "b", "c"], ["b"], ["b"]]


@pytest.mark.parametrize(
    ("times", "expected"), [(FRUITLESS_VISITS - 1, "a"), (FRUITLESS_VISITS, "The turn did not come.")]
)
def test_what_is_postponed_for_ever_fails(times: int, expected: str) -> None:
    visits = 0

    def visit(wave: Sequence[Request]) -> list[Answer]:
        nonlocal visits
        visits += 1
        return [POSTPONED if visits <= times else met(one) for one in wave]

    assert converse([talk("a")], Runtime(visit)) == [expected]


def test_a_region_that_goes_on_slowly_does_not_fail() -> None:
    """Each visit processes one key. The last key waits for many visits and is also processed."""
    keys = 3 * FRUITLESS_VISITS

    def visit(wave: Sequence[Request]) -> list[Answer]:
        return [met(one) if place == 0 else POSTPONED for place, one in enumerate(wave)]

    assert converse([talk(str(key)) for key in range(keys)], Runtime(visit)) == [str(key) for key in range(keys)]


def test_a_region_that_stands_still_fails_alone() -> None:
    def visit(wave: Sequence[Request]) -> list[Answer]:
        return [POSTPONED if one.region == "still" else met(one) for one in wave]

    conversations = [talk("a", 1, "still"), talk("b", 2 * FRUITLESS_VISITS, "moving"), talk("c", 1, "still")]
    assert converse(conversations, Runtime(visit)) == ["The turn did not come.", "b", "The turn did not come."]
