# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many conversations share their visits, and never ask one Region for too much at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    Unanswered,
    ask,
    converse,
    next_wave,
)

Talk = Any
PROVENANCE = Provenance("https://kms.eu-central-1.amazonaws.com", "verified")


def answered(request: Request) -> MacVerdict:
    """An answer by which it can be seen what was asked."""
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

    outcomes = converse([talk(number) for number in range(conversations)], lambda wave: [answered(one) for one in wave])
    assert outcomes == [[f"Look {number}.{place}" for place in range(requests)] for number in range(conversations)]


def test_imports_of_a_wave_run_while_the_next_one_downloads() -> None:
    """So the first key is usable after one wave, and the last one as soon as KMS's pace allows."""
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

    assert converse([talk(number) for number in range(keys)], visit) == list(range(keys))
    downloaded = [[one.key for one in wave if isinstance(one, GetParameters)] for wave in visits]
    imported = [[one.key for one in wave if isinstance(one, Watch)] for wave in visits]
    assert len(visits[0]) == keys, "every key is looked at in the first visit"
    assert [len(wave) for wave in downloaded] == [0, *[DOWNLOADS_IN_A_WAVE] * 10, 0]
    assert imported[1:] == [[], *downloaded[1:-1]], "what one visit downloads is imported in the next"


def test_a_conversation_may_have_nothing_to_ask() -> None:
    """One that asks for every replica of a key, for example, and the key has none."""

    def talk(turns: int) -> Talk:
        for _turn in range(turns):
            assert (yield ()) == ()
        (answer,) = yield (look("key", parameters="never"),)
        assert (yield ()) == ()
        return answer.unread

    answers = converse([talk(turns) for turns in (2, 0, 1)], lambda wave: [answered(one) for one in wave])
    assert answers == ["Look key"] * 3


def test_conversations_end_when_they_are_through() -> None:
    def talk(turns: int) -> Talk:
        for _turn in range(turns):
            yield (look("key", parameters="never"),)
        return turns

    assert converse([talk(turns) for turns in (3, 0, 1)], lambda wave: [answered(one) for one in wave]) == [3, 0, 1]
    assert converse([], lambda _wave: pytest.fail("Nobody asked.")) == []


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

    assert converse([talk()], lambda _wave: [answer]) == [(Failure("It is not there."), result)]


def test_another_answer_than_was_asked_for_is_none() -> None:
    def talk() -> Talk:
        with pytest.raises(Unanswered, match="something else than was asked"):
            yield from ask(VerifyMac("key", None, b"message", b"mac", "HMAC_SHA_256"), Seen)
        return None

    assert converse([talk()], lambda wave: [answered(one) for one in wave]) == [None]


def test_one_failure_keeps_no_other_conversation_from_its_end() -> None:
    def talk(key: str) -> Talk:
        try:
            yield from ask(look(key, parameters="never"), MacVerdict)
        except Unanswered as error:
            return error.sentence
        return "fine"

    def visit(wave: Sequence[Request]) -> list[Answer]:
        return [Failed(Failure("Denied.")) if one.key == "b" else answered(one) for one in wave]

    assert converse([talk(key) for key in "abc"], visit) == ["fine", "Denied.", "fine"]
