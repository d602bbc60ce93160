# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Polling: KMS is eventually consistent, so read again until the expected state appears."""

from __future__ import annotations

import typing as t
from time import monotonic, sleep

from .pace import growing

__all__ = ("poll",)

# In seconds.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0

_Value = t.TypeVar("_Value")


def poll(read: t.Callable[[], _Value], enough: t.Callable[[_Value], bool], seconds: float) -> _Value:
    """The last value read: the first one that is *enough*, or the current one when the *seconds* are over.

    At least one value is read. An exception of *read* or *enough* ends the polling.
    """
    deadline = monotonic() + seconds
    times = 0
    while True:
        value = read()
        pause = growing(times, FIRST_PAUSE, LONGEST_PAUSE)
        if enough(value) or monotonic() + pause >= deadline:
            return value
        sleep(pause)
        times += 1
