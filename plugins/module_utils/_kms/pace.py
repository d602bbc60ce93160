# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The pace of a request of which KMS takes one a second."""

from __future__ import annotations

import threading
import typing as t
from time import monotonic, sleep

__all__ = ("Pace",)

# "GetParametersForImport 1" (requests a second, for an account and Region; AWS KMS Developer Guide, request quotas).
# Keeping to it costs little time, where a refused request costs a backoff. Counted from the answer: a request that was
# slow on its way to KMS would otherwise have the next one close behind it. The tenth is for KMS's own way to count.
SECONDS_BETWEEN = 1.1

_Answer = t.TypeVar("_Answer")


class Pace:
    """One request at a time, and the next one some time after the answer, however many threads there are."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._next = 0.0

    def keep(self, request: t.Callable[[], _Answer]) -> _Answer:
        """What *request* returns or raises, when its turn has come."""
        with self._turn:
            sleep(max(0.0, self._next - monotonic()))
            try:
                return request()
            finally:
                self._next = monotonic() + SECONDS_BETWEEN
