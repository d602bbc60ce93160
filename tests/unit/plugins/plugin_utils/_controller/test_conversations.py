# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many conversations share visits, and never send too many requests to a Region at a time."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.provenance import Provenance
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import (
    Answer,
    Failed,
    Failure,
    GetParameters,
    Look,
    MacVerdict,
    Request,
    Seen,
    VerifyMac,
    Watch,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import (
    DOWNLOADS_IN_A_WAVE,
    Lost,
    Pause,
    Runtime,
    Unanswered,
    Waiting,
    ask,
    ask_all,
    concluded,
    converse,
    downloads_in_a_wave,
    gather,
    next_wave,
    pause,
)

Talk = Any
PROVENANCE = Provenance("https://kms.eu-central-1.amazonaws.com", "verified")


def answered(request: Request) -> MacVerdict:
    """An answer that identifies its request."""
    return MacVerdict(None, f"{type(request).__name__} {request.key}", PROVENANCE)


def look(key: str, region: str | None = None, parameters: Any = "due") -> Look:
    return Look(key, region, parameters=parameters)


def download(key: str, region: str | None = None) -> GetParameters:
    return GetParameters(key, region, "RSAES_OAEP_SHA_256", "RSA_4096")


looks = st.builds(look, st.text(max_size=3), st.sampled_from(["a", "b"]), st.sampled_from(["never", "due", "always"]))
downloads = st.builds(download, st.text(max_size=3), st.sampled_from(["a", "b"]))
others = st.builds(Watch, st.text(max_size=3), st.sampled_from(["a", "b"]), st.just({}), st.just(1))


@given(st.lists(st.one_of(looks, downloads, others), max_size=150))
def test_a_wave_carries_everything_but_too_many_downloads(requests: list[Request]) -> None:
    wave = next_wave(requests)
    for region in ("a", "b"):
        asked = [one for one in wave.values() if one.region == region]
        looking = [one for one in asked if isinstance(one, Look) and one.parameters != "never"]
        downloading = [one for one in asked if isinstance(one, GetParameters)]
        assert len(looking) + len(downloading) <= DOWNLOADS_IN_A_WAVE
    left = [request for place, request in enumerate(requests) if place not in wave]
    assert all(isinstance(request, GetParameters) for request in left), "only downloads wait"
    assert list(wave) == sorted(wave)
    assert wave or not requests


@given(st.integers(1, 40), st.integers(1, 4))
def test_several_things_at_once(conversations: int, requests: int) -> None:
    def talk(number: int) -> Talk:
        asked = tuple(look(f"{number}.{place}", parameters="never") for place in range(requests))
        answers = yield asked
        return [answer.unread for answer in answers]

    outcomes = converse(
        [talk(number) for number in range(conversations)], Runtime(lambda wave: [answered(one) for one in wave])
    )
    assert outcomes == [[f"Look {number}.{place}" for place in range(requests)] for number in range(conversations)]


def test_imports_of_a_wave_run_while_the_next_one_downloads() -> None:
    """The first key is usable after one wave, and the last key as soon as KMS's pace allows."""
    keys = 10 * DOWNLOADS_IN_A_WAVE
    visits: list[Sequence[Request]] = []

    def talk(number: int) -> Talk:
        yield from ask(look(str(number)), MacVerdict)
        yield from ask(download(str(number)), MacVerdict)
        yield from ask(Watch(str(number), None, {}, 0), MacVerdict)
        return number

    def visit(wave: Sequence[Request]) -> list[Answer]:
        visits.append(wave)
        return [answered(one) for one in wave]

    assert converse([talk(number) for number in range(keys)], Runtime(visit)) == list(range(keys))
    downloaded = [[one.key for one in wave if isinstance(one, GetParameters)] for wave in visits]
    imported = [[one.key for one in wave if isinstance(one, Watch)] for wave in visits]
    assert len(visits[0]) == keys, "the first visit reads every key"
    assert [len(wave) for wave in downloaded] == [0, *[DOWNLOADS_IN_A_WAVE] * 10, 0]
    assert imported[1:] == [[], *downloaded[1:-1]], "the next visit imports the downloads of this visit"


def test_a_conversation_may_have_nothing_to_ask() -> None:
    """For example, a conversation about all replica keys of a key that has none."""

    def talk(turns: int) -> Talk:
        for _turn in range(turns):
            assert (yield ()) == ()
        (answer,) = yield (look("key", parameters="never"),)
        assert (yield ()) == ()
        return answer.unread

    answers = converse([talk(turns) for turns in (2, 0, 1)], Runtime(lambda wave: [answered(one) for one in wave]))
    assert answers == ["Look key"] * 3


def test_conversations_end_when_they_are_through() -> None:
    def talk(turns: int) -> Talk:
        for _turn in range(turns):
            yield (look("key", parameters="never"),)
        return turns

    assert converse([talk(turns) for turns in (3, 0, 1)], Runtime(lambda wave: [answered(one) for one in wave])) == [
        3,
        0,
        1,
    ]
    assert converse([], Runtime(lambda _wave: pytest.fail("No conversation exists."))) == []


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (Failed(Failure("It is not there.")), None),
        (Lost(Failure("It is not there."), {"unreachable": True}), {"unreachable": True}),
    ],
)
def test_what_is_not_answered_is_raised(answer: Answer | Lost, result: Any) -> None:
    def talk() -> Talk:
        with pytest.raises(Unanswered) as raised:
            yield from ask(look("key"), Seen)
        return raised.value.failure, raised.value.result

    assert converse([talk()], Runtime(lambda _wave: [answer])) == [(Failure("It is not there."), result)]


def test_another_answer_than_was_asked_for_is_none() -> None:
    def talk() -> Talk:
        with pytest.raises(Unanswered, match="an unexpected answer of type"):
            yield from ask(VerifyMac("key", None, b"message", b"mac", "HMAC_SHA_256"), Seen)
        return None

    assert converse([talk()], Runtime(lambda wave: [answered(one) for one in wave])) == [None]


def test_one_failure_keeps_no_other_conversation_from_its_end() -> None:
    def talk(key: str) -> Talk:
        try:
            yield from ask(look(key, parameters="never"), MacVerdict)
        except Unanswered as error:
            return error.sentence
        return "fine"

    def visit(wave: Sequence[Request]) -> list[Answer]:
        return [Failed(Failure("Denied.")) if one.key == "b" else answered(one) for one in wave]

    assert converse([talk(key) for key in "abc"], Runtime(visit)) == ["fine", "Denied.", "fine"]


def visit_all(wave: Sequence[Request]) -> list[Answer]:
    return [answered(one) for one in wave]


def waiting(turns: Sequence[int | None], key: str = "key") -> Talk:
    """A conversation that pauses for these numbers of seconds, and sends a request for each None."""
    for seconds in turns:
        if seconds is None:
            yield from ask(look(key, parameters="never"), MacVerdict)
        else:
            yield from pause(seconds)
    return sum(seconds or 0 for seconds in turns)


turns_of_many = st.lists(st.lists(st.none() | st.integers(1, 20), max_size=5), max_size=5)


@given(turns_of_many)
def test_pauses_go_by_side_by_side(conversations: list[list[int | None]]) -> None:
    """Conversations that only pause take as long as the longest one in total, and no pause ends early."""
    pauses = [[one for one in turns if one is not None] for turns in conversations]
    slept: list[float] = []
    results = converse([waiting(turns) for turns in pauses], Runtime(visit_all, lambda one: slept.append(one.seconds)))
    assert results == [sum(turns) for turns in pauses]
    assert sum(slept) == max((sum(turns) for turns in pauses), default=0)


@given(turns_of_many)
def test_pauses_are_complete_and_none_delays_a_request(
    conversations: list[list[int | None]],
) -> None:
    now = 0.0
    log: list[tuple[float, str]] = []

    def sleep(seconds: float) -> None:
        nonlocal now
        assert seconds > 0
        now += seconds

    def visit(wave: Sequence[Request]) -> list[Answer]:
        log.extend((now, one.key) for one in wave)
        return visit_all(wave)

    converse(
        [waiting(turns, str(number)) for number, turns in enumerate(conversations)],
        Runtime(visit, lambda one: sleep(one.seconds)),
    )
    for number, turns in enumerate(conversations):
        paused, at = 0, []
        for one in turns:
            if one is None:
                at.append(paused)
            else:
                paused += one
        # Each conversation sends its request after its own pauses. A visit for another one can occur in between.
        asked = [moment for moment, key in log if key == str(number)]
        assert len(asked) == len(at)
        assert all(moment >= expected for moment, expected in zip(asked, at, strict=True))


@pytest.mark.parametrize("seconds", [[1], [None, 3]])
def test_an_action_that_never_pauses_needs_no_clock(seconds: list[int | None]) -> None:
    with pytest.raises(CloudKeysError, match="no conversations that pause"):
        converse([waiting(seconds)], Runtime(visit_all))


@given(st.lists(st.lists(st.none() | st.integers(1, 9), max_size=4), max_size=4))
def test_conversations_inside_one_are_held_as_if_they_were_alone(parts: list[list[int | None]]) -> None:
    def talk() -> Talk:
        return (yield from gather([waiting(turns) for turns in parts]))

    assert converse([talk()], Runtime(visit_all, lambda _seconds: None)) == [
        [sum(one or 0 for one in turns) for turns in parts]
    ]


def test_those_inside_one_share_a_visit() -> None:
    """An example is the replica keys of a key, in their Regions."""
    visits: list[list[str]] = []

    def visit(wave: Sequence[Request]) -> list[Answer]:
        visits.append([one.key for one in wave])
        return visit_all(wave)

    def talk() -> Talk:
        return (yield from gather([waiting([None] * number, str(number)) for number in range(4)]))

    converse([talk()], Runtime(visit))
    assert visits == [["1", "2", "3"], ["2", "3"], ["3"]]


def test_one_that_fails_inside_leaves_the_others_to_their_ends() -> None:
    def one(key: str) -> Talk:
        yield from ask(look(key, parameters="never"), MacVerdict)
        yield from ask(Watch(key, None, {}, 0), MacVerdict)

    outcomes = [SimpleNamespace(failure=None, lost=None) for _key in "abc"]

    def talk() -> Talk:
        yield from gather([concluded(one(key), outcome) for key, outcome in zip("abc", outcomes, strict=True)])
        return [outcome.failure for outcome in outcomes]

    def visit(wave: Sequence[Request]) -> list[Answer]:
        return [Failed(Failure("Denied.")) if one.key == "b" else answered(one) for one in wave]

    assert converse([talk()], Runtime(visit)) == [[None, Failure("Denied."), None]]


def test_several_answers_come_in_the_order_of_the_requests() -> None:
    def talk(keys: str) -> Talk:
        answers = yield from ask_all([look(key, parameters="never") for key in keys], MacVerdict)
        return [answer.unread for answer in answers]

    assert converse([talk("ab"), talk("")], Runtime(visit_all)) == [["Look a", "Look b"], []]


def test_one_of_several_that_is_not_answered_is_raised() -> None:
    def talk() -> Talk:
        with pytest.raises(Unanswered, match="Denied"):
            yield from ask_all([look("a", parameters="never"), look("b", parameters="never")], MacVerdict)
        return None

    converse([talk()], Runtime(lambda wave: [answered(wave[0]), Failed(Failure("Denied."))]))


@pytest.mark.parametrize(
    ("a_second", "seconds", "downloads"),
    [(1, 30, 30), (1, 8, 8), (0.1, 8, 2), (0.05, 30, 2), (10, 30, 300), (90, 8, 500)],
)
def test_a_higher_quota_makes_larger_waves(a_second: float, seconds: float, downloads: int) -> None:
    assert downloads_in_a_wave({"GetParametersForImport": a_second}, seconds) == downloads


def test_pauses_grow_until_the_time_is_over() -> None:
    waiting, seconds = Waiting(20), []
    while not waiting.over:
        for (one,) in waiting.pause("for it"):
            assert isinstance(one, Pause)
            seconds.append((one.seconds, one.why))
    assert seconds == [(2, "for it"), (4, "for it"), (8, "for it"), (6, "for it")]
