# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The turns of those who ask KMS for the same operation in the same Region: at its quota, and several at once."""

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

# In seconds. So short a wait is none: a visit whose time is over still asks what it may ask at once.
SHORT = 0.03
# In seconds.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0

# From 0 to 1. Of the system, so that processes that begin together do not have the same.
_chance = random.SystemRandom().random
_Answer = t.TypeVar("_Answer")


class TurnMissed(CloudKeysError):
    """The turn does not come in time. Nothing was sent."""

    def __init__(self) -> None:
        super().__init__("The turn of a request did not come in time. KMS has done nothing for it.")


def growing(times: int, first: float, longest: float) -> float:
    """Seconds of the pause after so many before it, each of which was twice the one before."""
    return min(first * 2.0 ** min(times, 30), longest)


def backoff(times: int, longest: float) -> float:
    """Seconds before a request is sent again that has failed so many times; half of it is chance."""
    return growing(times - 1, FIRST_PAUSE, longest) * (1 + _chance()) / 2


class Pace:
    """Several threads may use it at the same time.

    :param quota: requests a second.
    :ivar taken: when KMS last took a request, by the monotonic clock; None if it has taken none.
    """

    def __init__(self, quota: float) -> None:
        self._rate = Rate(quota, _chance)
        self._first_in_line = threading.Lock()
        self._lock = threading.Lock()
        self.taken: float | None = None

    def keep(self, request: t.Callable[[], _Answer], until: float | None = None) -> _Answer:
        """What *request* returns or raises, when its turn has come.

        :param until: when it may come at the latest, by the monotonic clock.
        :raises TurnMissed: it comes later.
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
        """One thread waits for the next turn, and the others for that one."""
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
        """The next process goes on at the pace of the one before. By a clock that was changed meanwhile, or another
        machine's, it begins with a request that KMS may throttle, or with a pause, that of one request at most.
        """
        with self._lock:
            self._rate.resume(monotonic() - max(0.0, time() - last))
