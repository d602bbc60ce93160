# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for what another process does, for as long as a slow machine takes."""

from __future__ import annotations

import time
from collections.abc import Callable

from kms_emulator.process import LONGEST

PAUSE = 0.1


def until(condition: Callable[[], bool], what: str) -> None:
    """:param what: what is waited for, for the failure that says that it never came."""
    for _attempt in range(int(LONGEST / PAUSE)):
        if condition():
            return
        time.sleep(PAUSE)
    raise AssertionError(f"waited in vain: {what}")
