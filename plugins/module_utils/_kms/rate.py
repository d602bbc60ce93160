# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""When the next request of an operation may be sent so that KMS does not throttle it, and when it does. Pure.

KMS counts requests "in each one-second interval" (AWS KMS Developer Guide, request quotas) and does not say how. So no
second, wherever it begins, has more requests than the quota. What counts is when a request reaches KMS. That is after
it was sent and before its answer came, and nearer can only be told by the shortest time that any answer took: what took
longer may have been late on its way there.
"""

from __future__ import annotations

import math
import typing as t
from collections import deque

__all__ = ("Rate", "Sent")

# Clocks do not run alike, and the shortest way to KMS may not have been seen yet.
MARGIN = 1.01
# Answers before the shortest time is believed. Until then a request counts from its answer.
ENOUGH = 8
# In seconds. What has no answer then was lost, or has reached KMS long ago: a connection is given up sooner.
LATEST = 15.0
# In seconds. Who woke late may make up for it, by that much.
CATCHING_UP = 0.2
# Others use the quota, too: this often it becomes less, and with every request that KMS takes more again.
LESS, MORE, LEAST = 0.5, 0.1, 0.25


class Sent:
    """A request.

    :ivar at: when it was sent.
    :ivar first: whether it had to open its connection, so that it says nothing about the time that others take.
    :ivar landed: the latest that it can have reached KMS; None as long as it has no answer. All times are earlier than
        they were by the shortest time that an answer takes: that one is the same for all of them.
    """

    __slots__ = ("at", "first", "landed")

    def __init__(self, at: float, first: bool = False, landed: float | None = None) -> None:
        self.at = at
        self.first = first
        self.landed = landed


class Rate:
    """Times are seconds by any clock that runs steadily, the same for all of them.

    :param quota: requests a second.
    :param chance: a random number from 0 to 1, so that those who were throttled together do not return together.
    """

    def __init__(self, quota: float, chance: t.Callable[[], float]) -> None:
        self._quota = self._rate = quota
        self._chance = chance
        # So many in a second; or one in as many as it takes. Of a fraction the average is kept, see send.
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
        """Seconds until a request may be sent; at least so many while others have no answer. 0 for now."""
        until = self._slot
        if len(self._recent) >= self._together:
            landed = sorted(self._landed(sent, now) for sent in self._recent)
            until = max(until, landed[-self._together] + self._window)
        return max(0.0, until - now)

    def send(self, now: float) -> Sent:
        """A request is sent, after :meth:`until_turn` has said 0."""
        while self._recent and self._recent[0].landed is not None and self._recent[0].landed < now - self._window:
            self._recent.popleft()
        self._open += 1
        sent = Sent(now, first=self._open > self._connections)
        self._connections = max(self._connections, self._open)
        self._recent.append(sent)
        # Not all at once, although that many may: an account has other users, and this process a successor.
        self._slot = max(self._slot, now - self._catching_up) + 1 / self._rate
        return sent

    def answered(self, sent: Sent, now: float) -> None:
        """With whatever; or nothing will come any more."""
        self._open -= 1
        if not sent.first:
            self._timed += 1
            self._shortest = min(self._shortest, now - sent.at)
        sent.landed = self._landed(sent, now)

    def taken(self) -> None:
        """KMS has not throttled a request."""
        self._rate = min(self._quota, self._rate + self._quota * MORE)

    def throttled(self, sent: Sent, now: float) -> None:
        # What was on its way meanwhile says the same once more.
        if sent.at >= self._cut:
            self._rate = max(self._rate * LESS, self._quota * LEAST)
            self._cut = now
            # Or the shortest time was mostly the way there, and is now shorter.
            self._trust /= 2
        self._slot = max(self._slot, now + self._chance() / self._rate)

    def resume(self, last: float) -> None:
        """:param last: when a process before this one sent its last request, as :attr:`last` said there."""
        self._recent.append(Sent(last, landed=last))
        self._slot = max(self._slot, last + 1 / self._rate)

    @property
    def last(self) -> float | None:
        """The latest that a request reached KMS."""
        return max((sent.at if sent.landed is None else sent.landed for sent in self._recent), default=None)

    def _landed(self, sent: Sent, now: float) -> float:
        if sent.landed is not None:
            return sent.landed
        usual = self._shortest * self._trust if self._timed >= ENOUGH else 0.0
        return sent.at + max(0.0, min(now - sent.at, LATEST) - usual)
