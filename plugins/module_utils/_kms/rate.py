# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""When the next request of an operation may be sent without being throttled, and after throttling. Pure.

KMS counts requests "in each one-second interval" (AWS KMS Developer Guide, request quotas) and does not document how.
So no second, wherever it begins, may contain more requests than the quota. The arrival of a request at KMS counts. It
lies between sending and response, and only the shortest response time of any request narrows it down: a request that
took longer may have been late on its way to KMS.
"""

from __future__ import annotations

import math
import typing as t
from collections import deque

__all__ = ("Rate", "Sent")

# Clocks differ, and the shortest response time may not have been observed yet.
MARGIN = 1.01
# The number of responses before the shortest time is used. Until then, a request counts from its response.
ENOUGH = 8
# In seconds. A request without a response after this time was lost or reached KMS long ago: connections are given up
# sooner.
LATEST = 15.0
# In seconds. A thread that woke up late may catch up by this much.
CATCHING_UP = 0.2
# Other users share the quota. Each throttling reduces the rate by LESS; each accepted request raises it by MORE.
LESS, MORE, LEAST = 0.5, 0.1, 0.25


class Sent:
    """A request.

    :ivar at: when it was sent.
    :ivar first: whether it had to open its connection, so that its response time is not representative.
    :ivar landed: the latest time at which it can have reached KMS; None until it has a response. All these times are
        earlier than the real ones by the shortest response time, which is the same for all requests.
    """

    __slots__ = ("at", "first", "landed")

    def __init__(self, at: float, first: bool = False, landed: float | None = None) -> None:
        self.at = at
        self.first = first
        self.landed = landed


class Rate:
    """The rate of requests. Times are seconds from any steady clock, the same for all of them.

    :param quota: requests per second.
    :param chance: returns a random number from 0 to 1, so that requests throttled together do not return together.
    """

    def __init__(self, quota: float, chance: t.Callable[[], float]) -> None:
        self._quota = self._rate = quota
        self._chance = chance
        # The number of requests per window; the window is longer than a second for quotas below 1. send keeps the
        # average for fractional quotas.
        self._together = math.ceil(quota)
        self._window = max(1.0, 1 / quota) * MARGIN
        self._catching_up = max(CATCHING_UP, 1 / quota)
        self._recent: deque[Sent] = deque()
        self._slot = self._cut = float("-inf")
        self._open = self._connections = 0
        self._shortest = float("inf")
        self._timed = 0
        self._trust = 1.0

    def until_turn(self, now: float) -> float:
        """Seconds until a request may be sent, or at least this many while others have no response. 0 for now."""
        until = self._slot
        if len(self._recent) >= self._together:
            landed = sorted(self._landed(sent, now) for sent in self._recent)
            until = max(until, landed[-self._together] + self._window)
        return max(0.0, until - now)

    def send(self, now: float) -> Sent:
        """Register a request that is sent after :meth:`until_turn` returned 0."""
        while self._recent and self._recent[0].landed is not None and self._recent[0].landed < now - self._window:
            self._recent.popleft()
        self._open += 1
        sent = Sent(now, first=self._open > self._connections)
        self._connections = max(self._connections, self._open)
        self._recent.append(sent)
        # Spread the requests even if all could be sent at once: the account has other users, and this process a
        # successor.
        self._slot = max(self._slot, now - self._catching_up) + 1 / self._rate
        return sent

    def answered(self, sent: Sent, now: float) -> None:
        """Register a response, an error, or the end of waiting for one."""
        self._open -= 1
        if not sent.first:
            self._timed += 1
            self._shortest = min(self._shortest, now - sent.at)
        sent.landed = self._landed(sent, now)

    def taken(self) -> None:
        """Register that KMS did not throttle a request."""
        self._rate = min(self._quota, self._rate + self._quota * MORE)

    def throttled(self, sent: Sent, now: float) -> None:
        # Requests that were in flight at the last reduction repeat the same information.
        if sent.at >= self._cut:
            self._rate = max(self._rate * LESS, self._quota * LEAST)
            self._cut = now
            # The shortest time may have been mostly the way to KMS, which may be shorter now.
            self._trust /= 2
        self._slot = max(self._slot, now + self._chance() / self._rate)

    def resume(self, last: float) -> None:
        """:param last: when the previous process sent its last request, from its :attr:`last`."""
        self._recent.append(Sent(last, landed=last))
        self._slot = max(self._slot, last + 1 / self._rate)

    @property
    def last(self) -> float | None:
        """The latest time at which a request reached KMS."""
        return max((sent.at if sent.landed is None else sent.landed for sent in self._recent), default=None)

    def _landed(self, sent: Sent, now: float) -> float:
        if sent.landed is not None:
            return sent.landed
        usual = self._shortest * self._trust if self._timed >= ENOUGH else 0.0
        return sent.at + max(0.0, min(now - sent.at, LATEST) - usual)
