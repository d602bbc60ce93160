# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Conversations with the target, about one key each. All requests that are due at the same time share one visit.

A conversation is a generator. It yields the next requests for the target, one or several at once, and receives the
answers in the same order. So it does not depend on Ansible, and ten thousand conversations can share their visits. No
threads are used here.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...module_utils._errors import CloudKeysError
from ...module_utils._kms.pace import growing
from ...module_utils._kms.quotas import QUOTAS
from ...module_utils._messages import Answer, Failed, Failure, Look, Postponed, Request, may_download

__all__ = (
    "Admit", "Conversation", "Lost", "Runtime", "Pause", "Unanswered", "Waiting", "ask", "ask_all", "concluded",
    "converse", "converse_as_admitted", "downloads_in_a_wave", "next_wave", "pause", "gather", "unanswered",
)  # fmt: skip

# Seconds for which one visit downloads import parameters: the imports of one wave run while the next one is downloaded.
# A longer time would delay the first keys, and the time of Ansible's search for no_log values in a module's result
# grows more than proportionally with their number. A visit also has one thread per download.
SECONDS_OF_A_WAVE = 30.0
FEWEST_DOWNLOADS, MOST_DOWNLOADS = 2, 500
# In seconds. No visit is long: the controller waits between visits.
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 15.0
# The number of consecutive visits in which a Region had no turn for any request before it fails: a quarter of an hour.
FRUITLESS_VISITS = 90


def downloads_in_a_wave(quotas: Mapping[str, float], seconds: float = SECONDS_OF_A_WAVE) -> int:
    """The number of import parameters that one visit downloads in each Region.

    :param quotas: requests per second that KMS accepts, by operation.
    """
    return max(FEWEST_DOWNLOADS, min(round(quotas["GetParametersForImport"] * seconds), MOST_DOWNLOADS))


DOWNLOADS_IN_A_WAVE = downloads_in_a_wave(QUOTAS)


@dataclass(frozen=True)
class Lost:
    """Takes the place of an answer if the visit failed. Its effects are unknown.

    :ivar result: Ansible's result of the module, such as ``unreachable`` and ``module_stderr``.
    """

    failure: Failure
    result: Mapping[str, t.Any]


@dataclass(frozen=True)
class Pause:
    """Takes the place of a request to wait for some seconds. It is its own answer.

    Meanwhile, no target is occupied, and the other conversations continue.

    :ivar why: the reason for the wait, displayed to the user.
    """

    seconds: float
    why: str = ""


Asks = tuple[Request | Pause, ...]
Answers = tuple[Answer | Lost | Pause, ...]
_Outcome = t.TypeVar("_Outcome")
Conversation = Generator[Asks, Answers, _Outcome]
_Answer = t.TypeVar("_Answer", bound=Answer)


class Unanswered(CloudKeysError):
    """A request that failed.

    :ivar failure: the reason.
    :ivar result: Ansible's result of a visit that failed; None if the target answered that it did nothing.
    """

    def __init__(self, failure: Failure, result: Mapping[str, t.Any] | None) -> None:
        super().__init__(failure.sentence)
        self.failure = failure
        self.result = result


class Ending(t.Protocol):
    """The interface of every outcome for the end of its conversation.

    :ivar lost: Ansible's result of a visit that failed.
    """

    failure: Failure | None
    lost: Mapping[str, t.Any] | None


_Ending = t.TypeVar("_Ending", bound=Ending)


def concluded(conversation: Conversation[None], outcome: _Ending) -> Conversation[_Ending]:
    """A conversation that returns *outcome* in any case, and does not raise the collection's exceptions."""
    try:
        yield from conversation
    except Unanswered as error:
        outcome.failure, outcome.lost = error.failure, error.result
    except CloudKeysError as error:
        outcome.failure = Failure.of(error)
    return outcome


def ask(request: Request, kind: type[_Answer]) -> Conversation[_Answer]:
    """Send one request.

    :param kind: the type of the answer.
    :raises Unanswered: there is no answer.
    """
    (answer,) = yield (request,)
    if isinstance(answer, kind):
        return answer
    raise unanswered(answer)


def ask_all(requests: Sequence[Request], kind: type[_Answer]) -> Conversation[list[_Answer]]:
    """Send several requests at once, and return the answers in their order.

    :raises Unanswered: one of them has no answer.
    """
    if not requests:
        return []
    answers = yield tuple(requests)
    for answer in answers:
        if not isinstance(answer, kind):
            raise unanswered(answer)
    return t.cast("list[_Answer]", list(answers))


def pause(seconds: float, why: str = "") -> Conversation[None]:
    """Send no request, and continue after this many seconds, or later if the visits of others take longer."""
    yield (Pause(seconds, why),)


@dataclass
class Waiting:
    """Increasing pauses between requests to KMS, for as long as a change may take to become visible.

    :ivar timeout: the total of all pauses, in seconds.
    :ivar waited: seconds so far.
    """

    timeout: float
    waited: float = 0.0
    _times: int = 0

    @property
    def over(self) -> bool:
        return self.waited >= self.timeout

    def pause(self, why: str = "") -> Conversation[None]:
        seconds = min(growing(self._times, FIRST_PAUSE, LONGEST_PAUSE), self.timeout - self.waited)
        yield from pause(seconds, why)
        self.waited += seconds
        self._times += 1


def gather(conversations: Sequence[Conversation[_Outcome]]) -> Conversation[list[_Outcome]]:
    """Run several conversations concurrently inside one, and return the value of each, in their order."""
    turns = [_Turn(conversation) for conversation in conversations]
    for turn in turns:
        turn.begin()
    while asking := [turn for turn in turns if not turn.ended]:
        answers = iter((yield tuple(one for turn in asking for one in turn.asked)))
        for turn in asking:
            turn.answers = {place: next(answers) for place in range(len(turn.asked))}
            turn.go_on_if_answered()
    return [t.cast(_Outcome, turn.outcome) for turn in turns]


def unanswered(answer: Answer | Lost | Pause) -> Unanswered:
    """The exception for an answer of the wrong type."""
    if isinstance(answer, Lost):
        return Unanswered(answer.failure, answer.result)
    if isinstance(answer, Failed):
        return Unanswered(answer.failure, None)
    # An answer of unknown type does not prove that nothing was done.
    sentence = (
        f"The target returned an unexpected answer of type {type(answer).__name__}. This is a bug in the collection."
        " Report it."
    )
    return Unanswered(Failure(sentence), {"failed": True})


def _no_pauses(_pause: Pause) -> None:
    raise CloudKeysError("This action has no conversations that pause. This is a bug in the collection. Report it.")


def _stopped_clock() -> float:
    return 0.0


@dataclass(frozen=True)
class Runtime:
    """The interface of conversations to the outside.

    :ivar visit: sends requests to the target, and returns an answer to each.
    :ivar sleep: waits if every remaining conversation has a pause; its argument is the shortest.
    :ivar clock: in seconds, from any starting point. Visits also take time.
    :ivar downloads: the number of import parameters that one visit downloads in each Region.
    """

    visit: Callable[[Sequence[Request]], Sequence[Answer | Lost]]
    sleep: Callable[[Pause], None] = _no_pauses
    clock: Callable[[], float] = _stopped_clock
    downloads: int = DOWNLOADS_IN_A_WAVE


# Returns the places of the conversations that begin now. Its arguments are the outcomes of those that have ended, by
# place, and the places of those that are active and not only waiting. If it returns none while none is active, the
# remaining conversations never begin.
Admit = Callable[[Mapping[int, _Outcome], Collection[int]], Iterable[int]]


def converse(conversations: Sequence[Conversation[_Outcome]], runtime: Runtime) -> list[_Outcome]:
    """Run the conversations concurrently until they end, and return the value of each, in their order."""

    def all_at_once(ended: Mapping[int, _Outcome], going_on: Collection[int]) -> Iterable[int]:
        return () if ended or going_on else range(len(conversations))

    outcomes = converse_as_admitted(conversations, runtime, all_at_once)
    return [outcomes[place] for place in range(len(conversations))]


def converse_as_admitted(
    conversations: Sequence[Conversation[_Outcome]], runtime: Runtime, admit: Admit[_Outcome]
) -> dict[int, _Outcome]:
    """The same, but *admit* decides before every visit which conversations begin. Returns their outcomes by place."""
    turns: dict[int, _Turn[_Outcome]] = {}
    ended: dict[int, _Outcome] = {}
    fruitless: Counter[str | None] = Counter()
    while True:
        busy = [place for place, turn in turns.items() if turn.busy]
        begun = [place for place in admit(ended, busy) if place not in turns and place not in ended]
        for place in begun:
            turns[place] = _Turn(conversations[place])
            turns[place].begin()
        waiting = [(turn, place) for turn in turns.values() for place in turn.unanswered]
        if not waiting and not begun:
            return ended
        for (turn, place), answer in _next_answers(waiting, runtime, fruitless):
            turn.answers[place] = answer
        for place, turn in list(turns.items()):
            turn.go_on_if_answered()
            if turn.ended:
                ended[place] = t.cast(_Outcome, turns.pop(place).outcome)


_Waiting = tuple["_Turn[t.Any]", int]


def _next_answers(
    waiting: Sequence[_Waiting], runtime: Runtime, fruitless: Counter[str | None]
) -> list[tuple[_Waiting, Answer | Lost | Pause]]:
    """The answers of the next visit, and the pauses that are over after it; or only pauses, if no request is due."""
    asked = [(who, one) for who in waiting if not isinstance(one := who[0].asked[who[1]], Pause)]
    pauses = [(who, one) for who in waiting if isinstance(one := who[0].asked[who[1]], Pause)]
    found: list[tuple[_Waiting, Answer | Lost | Pause]] = []
    passed = 0.0
    if asked:
        wave = next_wave([one for _who, one in asked], runtime.downloads)
        began = runtime.clock()
        answers = _without_the_postponed(wave, runtime.visit(list(wave.values())), fruitless)
        passed = runtime.clock() - began
        found += [(asked[place][0], answer) for place, answer in answers.items()]
    elif pauses:
        shortest = min((one for _who, one in pauses), key=lambda one: one.seconds)
        runtime.sleep(shortest)
        passed = shortest.seconds
    for (turn, place), one in pauses:
        left = Pause(one.seconds - passed, one.why)
        turn.asked = (*turn.asked[:place], left, *turn.asked[place + 1 :])
        if left.seconds <= 0:
            found.append(((turn, place), left))
    return found


def _without_the_postponed(
    wave: Mapping[int, Request], answers: Sequence[Answer | Lost], fruitless: Counter[str | None]
) -> dict[int, Answer | Lost]:
    """Remove postponed requests, so that the next visit sends them again. If that never ends for a Region, it fails.

    :param fruitless: the number of consecutive visits, by Region, in which all requests were postponed.
    """
    answered = dict(zip(wave, answers, strict=True))
    for region in {request.region for request in wave.values()}:
        of_region = [answer for place, answer in answered.items() if wave[place].region == region]
        fruitless[region] = fruitless[region] + 1 if all(isinstance(one, Postponed) for one in of_region) else 0
    found: dict[int, Answer | Lost] = {}
    for place, answer in answered.items():
        if not isinstance(answer, Postponed):
            found[place] = answer
        elif fruitless[wave[place].region] >= FRUITLESS_VISITS:
            found[place] = Failed(answer.failure)
    return found


@dataclass
class _Turn(t.Generic[_Outcome]):
    """A conversation and its present requests; none after it has ended."""

    conversation: Conversation[_Outcome]
    asked: Asks = ()
    answers: dict[int, Answer | Lost | Pause] = field(default_factory=dict)
    ended: bool = False
    outcome: _Outcome | None = None

    @property
    def unanswered(self) -> list[int]:
        return [place for place in range(len(self.asked)) if place not in self.answers]

    @property
    def busy(self) -> bool:
        """Whether it does more than wait."""
        return any(not isinstance(self.asked[place], Pause) for place in self.unanswered)

    def begin(self) -> None:
        # The first value sent to a new generator must be None.
        self._send(t.cast(Answers, None))
        self.go_on_if_answered()

    def go_on_if_answered(self) -> None:
        """Send the answers when all have arrived, and take the next requests, or the end."""
        while not self.ended and not self.unanswered:
            self._send(tuple(self.answers[place] for place in range(len(self.asked))))

    def _send(self, answers: Answers) -> None:
        try:
            self.asked = self.conversation.send(answers)
        except StopIteration as end:
            self.asked, self.ended, self.outcome = (), True, end.value
        self.answers = {}


def next_wave(requests: Sequence[Request], most: int = DOWNLOADS_IN_A_WAVE) -> dict[int, Request]:
    """The *requests* of the next visit, by their places: all of them, except downloads above the limit. Pure.

    :param most: downloads in each Region.

    A Look above the limit is sent without import parameters; a GetParameters waits for a later wave.
    """
    wave: dict[int, Request] = {}
    downloads: Counter[str | None] = Counter()
    for place, request in enumerate(requests):
        if not may_download(request):
            wave[place] = request
        elif downloads[request.region] < most:
            downloads[request.region] += 1
            wave[place] = request
        elif isinstance(request, Look):
            wave[place] = request._replace(parameters="never")
    return wave
