# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Turns for requests of the same operation in the same Region: at the rate of the quota, with several in progress."""

from __future__ import annotations

import random
import threading
import typing as t
from time import monotonic, sleep, time

from .._errors import CloudKeysError
from .error_codes import THROTTLED
from .errors import KmsError
from .rate import Rate

__all__ = ("LONGEST_PAUSE", "Pace", "TurnMissed", "backoff", "growing")

# In seconds. A wait this short does not count: a visit whose time is over still sends requests that can go immediately.
SHORT = 0.03
# In seconds.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0

# From 0 to 1. From the system, so that processes that start together get different values.
_chance = random.SystemRandom().random
_Answer = t.TypeVar("_Answer")


class TurnMissed(CloudKeysError):
    """The turn does not come in time. Nothing was sent."""

    def __init__(self) -> None:
        super().__init__("The turn for a request did not come in time. KMS has done nothing for this request.")


def growing(times: int, first: float, longest: float) -> float:
    """Seconds of the next pause after *times* pauses, each twice as long as the one before."""
    return min(first * 2.0 ** min(times, 30), longest)


def backoff(times: int, longest: float) -> float:
    """Seconds before a request that has failed *times* times is sent again; half of it is random."""
    return growing(times - 1, FIRST_PAUSE, longest) * (1 + _chance()) / 2


class Pace:
    """The pace for one operation in one Region. Several threads may use it at the same time.

    :param quota: requests per second.
    :ivar taken: when KMS last accepted a request, by the monotonic clock; None if it has accepted none.
    """

    def __init__(self, quota: float) -> None:
        self._rate = Rate(quota, _chance)
        self._first_in_line = threading.Lock()
        self._lock = threading.Lock()
        self.taken: float | None = None

    def keep(self, request: t.Callable[[], _Answer], until: float | None = None) -> _Answer:
        """Wait for the turn, then return or raise what *request* does.

        :param until: the latest time for the turn, by the monotonic clock.
        :raises TurnMissed: the turn would come later.
        """
        sent = self._turn(until)
        refused = taken = False
        try:
            answer = request()
        except KmsError as error:
            refused = error.code == THROTTLED
            taken = not refused and not error.uncertain
            raise
        else:
            taken = True
            return answer
        finally:
            with self._lock:
                now = monotonic()
                self._rate.answered(sent, now)
                if refused:
                    self._rate.throttled(sent, now)
                if taken:
                    self._rate.taken()
                    self.taken = now

    def _turn(self, until: float | None) -> t.Any:
        """Wait for the next turn in one thread while the others wait for that thread."""
        if not self._first_in_line.acquire(timeout=-1 if until is None else max(SHORT, until - monotonic())):
            raise TurnMissed()
        try:
            while True:
                with self._lock:
                    now = monotonic()
                    wait = self._rate.until_turn(now)
                    if wait <= 0:
                        return self._rate.send(now)
                if until is not None and wait > SHORT and now + wait > until:
                    raise TurnMissed()
                sleep(wait)
        finally:
            self._first_in_line.release()

    @property
    def last(self) -> float | None:
        """When the last request was sent, for :meth:`resume` on the same machine: in seconds since 1970."""
        with self._lock:
            last = self._rate.last
        return None if last is None else time() - (monotonic() - last)

    def resume(self, last: float) -> None:
        """Continue at the pace of the previous process. If the clock has changed, or belongs to another machine, the
        first request may be throttled, or is delayed by at most the interval between two requests.
        """
        with self._lock:
            self._rate.resume(monotonic() - max(0.0, time() - last))
