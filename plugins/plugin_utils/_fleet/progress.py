# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The progress of a run over many keys, in a line every few seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ("Progress", "progress_line")

# In seconds. A run that ends before the first line does not need one.
_BETWEEN = 5.0


@dataclass
class Progress:
    """:ivar say: displays a line.
    :ivar clock: in seconds, from any starting point.
    """

    say: Callable[[str], None]
    clock: Callable[[], float]
    _began: float | None = None
    _last: float = 0.0

    def tell(self, what: str, done: int, total: int, failed: int) -> None:
        """Display a line if the last one was some seconds ago. The final state is in the result."""
        now = self.clock()
        if self._began is None:
            self._began = self._last = now
        if done < total and now - self._last >= _BETWEEN:
            self._last = now
            self.say(progress_line(what, done, total, failed, now - self._began))

    def begin(self) -> None:
        """Start a new part, whose remaining time is estimated by its own speed."""
        self._began = self._last = self.clock()


def progress_line(what: str, done: int, total: int, failed: int, seconds: float) -> str:
    """:param what: the activity.
    :param seconds: since the first key. Pure.
    """
    failures = f", {failed} failed" if failed else ""
    left = f", about {_duration((total - done) * seconds / done)} left" if 0 < done < total else ""
    return f"{what}: {done:,} of {total:,} keys{failures}{left}"


def _duration(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
