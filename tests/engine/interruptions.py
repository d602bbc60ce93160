# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that end at some call to KMS."""

from __future__ import annotations

import itertools
from typing import Any


class Cut(BaseException):
    """The process is gone at this moment. No code handles it, as none handles a power failure."""


def cut(client: Any, moment: str, number: int) -> None:
    """End everything before or after the call of this number; the calls are counted from 1."""
    calls = itertools.count(1)

    def end(**_event: Any) -> None:
        if next(calls) == number:
            raise Cut

    # Before it is sent, or when KMS has done it and the answer is not known yet.
    client.meta.events.register({"before": "before-send.kms", "after": "after-call.kms"}[moment], end)
