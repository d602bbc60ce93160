# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for another process, without a limit that depends on the speed of the machine."""

from __future__ import annotations

import time
from collections.abc import Callable

from kms_emulator.process import LONGEST

PAUSE = 0.1


def until(condition: Callable[[], bool], what: str) -> None:
    """:param what: the expected event, for the error message if it never happens."""
    for _attempt in range(int(LONGEST / PAUSE)):
        if condition():
            return
        time.sleep(PAUSE)
    raise AssertionError(f"timed out; expected: {what}")
