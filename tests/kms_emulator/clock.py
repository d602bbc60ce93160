# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator's clock: it runs like any other, and can be moved forward."""

from __future__ import annotations

import time

DAY = 24 * 60 * 60


class Clock:
    """Seconds since 1970 (UTC), as KMS's own times are."""

    def __init__(self, start: float | None = None) -> None:
        """:param start: what the clock says now; the machine's time when omitted."""
        self._ahead = 0.0 if start is None else start - time.time()

    def now(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("The clock only goes forward.")
        self._ahead += seconds
