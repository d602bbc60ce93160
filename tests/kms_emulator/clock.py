# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator's clock. It runs normally, and can be advanced or stopped."""

from __future__ import annotations

import time

DAY = 24 * 60 * 60


class Clock:
    """Seconds since 1970 (UTC), like the times in KMS's answers."""

    def __init__(self, start: float | None = None) -> None:
        """:param start: the current time on the clock; the machine's time when omitted."""
        self._ahead = 0.0 if start is None else start - time.time()
        self._stopped_at: float | None = None

    def now(self) -> float:
        return (time.time() if self._stopped_at is None else self._stopped_at) + self._ahead

    def stop(self) -> None:
        """Stop the clock. Only :meth:`advance` moves it then, so a slow machine does not change a test's result."""
        if self._stopped_at is None:
            self._stopped_at = time.time()

    def run(self) -> None:
        """Start the clock again at its current time."""
        if self._stopped_at is not None:
            self._ahead -= time.time() - self._stopped_at
            self._stopped_at = None

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("The clock only goes forward.")
        self._ahead += seconds
