# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Conversations with the target, about one key each: what all of them ask for at one time is one visit.

A conversation is a generator. It yields what the target is to be asked next, one request or several at once, and is
sent the answers in the same order. So it knows nothing of Ansible, and ten thousand of them can share their visits.
Nothing here is threaded.
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

# Seconds for which one visit downloads import parameters: imports of one wave run while the next one is downloaded.
# More of them would keep the first keys waiting, and Ansible's search for no_log values in a module's result takes more
# than proportionally longer with their number. A visit also has a thread for each of them.
SECONDS_OF_A_WAVE = 30.0
FEWEST_DOWNLOADS, MOST_DOWNLOADS = 2, 500
# In seconds. No visit is held for long: the controller waits between them.
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 15.0
# Visits one after the other in which a Region's turn did not come for anything, until that fails: a quarter of an hour.
FRUITLESS_VISITS = 90


def downloads_in_a_wave(quotas: Mapping[str, float], seconds: float = SECONDS_OF_A_WAVE) -> int:
    """Import parameters that one visit gets in each Region.

    :param quotas: requests a second that KMS takes, by operation.
    """
    return max(FEWEST_DOWNLOADS, min(round(quotas["GetParametersForImport"] * seconds), MOST_DOWNLOADS))


DOWNLOADS_IN_A_WAVE = downloads_in_a_wave(QUOTAS)


@dataclass(frozen=True)
class Lost:
    """In the place of an answer: the visit died. What it did before that is not known.

    :ivar result: what Ansible says of the module, such as ``unreachable`` and ``module_stderr``.
    """

    failure: Failure
    result: Mapping[str, t.Any]


@dataclass(frozen=True)
class Pause:
    """In the place of a request: nothing is asked for so many seconds. It is its own answer.

    No target is held meanwhile, and the other conversations go on.

    :ivar why: what is awaited, for whoever watches the run.
    """

    seconds: float
    why: str = ""


Asks = tuple[Request | Pause, ...]
Answers = tuple[Answer | Lost | Pause, ...]
_Outcome = t.TypeVar("_Outcome")
Conversation = Generator[Asks, Answers, _Outcome]
_Answer = t.TypeVar("_Answer", bound=Answer)


class Unanswered(CloudKeysError):
    """A request was not met.

    :ivar failure: why.
    :ivar result: what Ansible says of a visit that died; None where the target answered that it did nothing.
    """

    def __init__(self, failure: Failure, result: Mapping[str, t.Any] | None) -> None:
        super().__init__(failure.sentence)
        self.failure = failure
        self.result = result


class Ending(t.Protocol):
    """What every outcome says of the end of its conversation.

    :ivar lost: what Ansible says of a visit that died.
    """

    failure: Failure | None
    lost: Mapping[str, t.Any] | None


_Ending = t.TypeVar("_Ending", bound=Ending)


def concluded(conversation: Conversation[None], outcome: _Ending) -> Conversation[_Ending]:
    """A conversation that returns *outcome*, whichever end it takes, and raises nothing of the collection's own."""
    try:
        yield from conversation
    except Unanswered as error:
        outcome.failure, outcome.lost = error.failure, error.result
    except CloudKeysError as error:
        outcome.failure = Failure.of(error)
    return outcome


def ask(request: Request, kind: type[_Answer]) -> Conversation[_Answer]:
    """Asks one thing.

    :param kind: of the answer.
    :raises Unanswered: there is none.
    """
    (answer,) = yield (request,)
    if isinstance(answer, kind):
        return answer
    raise unanswered(answer)


def ask_all(requests: Sequence[Request], kind: type[_Answer]) -> Conversation[list[_Answer]]:
    """Asks several things at once, and returns the answers in their order.

    :raises Unanswered: there is none to one of them.
    """
    if not requests:
        return []
    answers = yield tuple(requests)
    for answer in answers:
        if not isinstance(answer, kind):
            raise unanswered(answer)
    return t.cast("list[_Answer]", list(answers))


def pause(seconds: float, why: str = "") -> Conversation[None]:
    """Asks for nothing, and goes on after so many seconds or later, when the visits of others take longer."""
    yield (Pause(seconds, why),)


@dataclass
class Waiting:
    """Longer and longer pauses between questions to KMS, as long as a change may take to be seen.

    :ivar timeout: in seconds, of all of them.
    :ivar waited: seconds until now.
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
    """Holds several conversations inside one, side by side, and returns what each returns, in their order."""
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
    """The exception for an answer that is none."""
    if isinstance(answer, Lost):
        return Unanswered(answer.failure, answer.result)
    if isinstance(answer, Failed):
        return Unanswered(answer.failure, None)
    # Whatever this is, it does not say that nothing was done.
    sentence = f"The target answered something else than was asked, {type(answer).__name__}."
    return Unanswered(Failure(sentence), {"failed": True})


def _nobody_waits(_pause: Pause) -> None:
    raise CloudKeysError("This action has no conversations that pause. That is a fault of the collection. Report it.")


def _no_time_passes() -> float:
    return 0.0


@dataclass(frozen=True)
class Runtime:
    """How conversations reach the world.

    :ivar visit: carries requests to the target, and returns an answer to each.
    :ivar sleep: waits, when every conversation that is left has a pause; it is given the shortest.
    :ivar clock: in seconds, from any beginning: visits take time, too.
    :ivar downloads: of import parameters that one visit gets in each Region.
    """

    visit: Callable[[Sequence[Request]], Sequence[Answer | Lost]]
    sleep: Callable[[Pause], None] = _nobody_waits
    clock: Callable[[], float] = _no_time_passes
    downloads: int = DOWNLOADS_IN_A_WAVE


# Which conversations begin now, by their places: given those that have ended, with their outcomes, and those that go
# on and do more than wait. When it names none and none goes on, those that are left are never begun.
Admit = Callable[[Mapping[int, _Outcome], Collection[int]], Iterable[int]]


def converse(conversations: Sequence[Conversation[_Outcome]], runtime: Runtime) -> list[_Outcome]:
    """Holds the conversations to their ends, side by side, and returns what each returns, in their order."""

    def all_at_once(ended: Mapping[int, _Outcome], going_on: Collection[int]) -> Iterable[int]:
        return () if ended or going_on else range(len(conversations))

    outcomes = converse_as_admitted(conversations, runtime, all_at_once)
    return [outcomes[place] for place in range(len(conversations))]


def converse_as_admitted(
    conversations: Sequence[Conversation[_Outcome]], runtime: Runtime, admit: Admit[_Outcome]
) -> dict[int, _Outcome]:
    """The same, where *admit* says before every visit which of them begin. Returns the outcomes of these, by place."""
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
    """What the next visit brings, and the pauses that are over after it; or those, where nothing else is asked for."""
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
    """What was postponed is asked again by the next visit. A Region where that never ends fails.

    :param fruitless: the visits one after the other, by Region, in which all that was asked for was postponed.
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
    """A conversation and what it asks at the moment; nothing more once it has ended."""

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
        # The first thing sent to a generator that has just been made must be None.
        self._send(t.cast(Answers, None))
        self.go_on_if_answered()

    def go_on_if_answered(self) -> None:
        """Sends the answers when all are there, and takes what is asked next: something, or the end."""
        while not self.ended and not self.unanswered:
            self._send(tuple(self.answers[place] for place in range(len(self.asked))))

    def _send(self, answers: Answers) -> None:
        try:
            self.asked = self.conversation.send(answers)
        except StopIteration as end:
            self.asked, self.ended, self.outcome = (), True, end.value
        self.answers = {}


def next_wave(requests: Sequence[Request], most: int = DOWNLOADS_IN_A_WAVE) -> dict[int, Request]:
    """What the next visit carries of *requests*, by their places: all of them, but not all downloads. Pure.

    :param most: downloads in each Region.

    A Look goes without import parameters where there would be too many; a GetParameters waits for a later wave.
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
