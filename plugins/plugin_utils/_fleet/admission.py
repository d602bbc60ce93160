# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Which keys of a fleet begin, and when: the canary first, no more at once than KMS's quotas allow, and none after too
many failures. Pure.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet

__all__ = ("Admission", "Stopped")

Stopped = t.Literal["canary", "failures"]

# Waves per Region in progress at once: one downloads its import parameters, the one before imports, and the one before
# that is awaited.
_WAVES = 3


class Admission:
    """:param regions: of each key that is due.
    :param canary: the positions of the keys that go first, if any are declared.
    :param failures_allowed: how many keys may fail before no other key begins; None for all.
    :param failed_before: how many have failed before anything was written.
    :param canary_failed: whether one of the canary keys was among these.
    :param wave: the number of keys in one Region that begin at once.
    :ivar stopped: why no other key begins.
    """

    def __init__(
        self,
        regions: Sequence[str | None],
        *,
        wave: int,
        canary: AbstractSet[int] = frozenset(),
        failures_allowed: int | None = None,
        failed_before: int = 0,
        canary_failed: bool = False,
    ) -> None:
        self._regions = regions
        self._wave = wave
        self._canary = canary
        self._allowed = failures_allowed
        self._failed_before = failed_before
        self._canary_failed = canary_failed
        self._left = dict.fromkeys(sorted(range(len(regions)), key=lambda position: position not in canary))
        self.stopped: Stopped | None = None

    def admit(self, failed: Mapping[int, bool], going_on: Collection[int]) -> list[int]:
        """The positions of the keys that begin now.

        :param failed: of the keys that have ended, whether they failed.
        """
        # After all keys have begun, a failure stops nothing.
        self.stopped = self._stop(failed) if self._left else None
        if self.stopped is not None:
            return []
        canary_only = any(position not in failed for position in self._canary)
        busy = Counter(self._regions[position] for position in going_on)
        begun: Counter[str | None] = Counter()
        admitted: list[int] = []
        for position in self._left:
            if canary_only and position not in self._canary:
                break
            region = self._regions[position]
            if begun[region] < self._wave and busy[region] + begun[region] < _WAVES * self._wave:
                begun[region] += 1
                admitted.append(position)
        for position in admitted:
            del self._left[position]
        return admitted

    def _stop(self, failed: Mapping[int, bool]) -> Stopped | None:
        if self._canary_failed or any(failed.get(position) for position in self._canary):
            return "canary"
        failures = self._failed_before + sum(failed.values())
        return "failures" if self._allowed is not None and failures > self._allowed else None
