# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clock that only pauses and requests advance."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms import pace, traffic

__all__ = ("Clock", "clock")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def go_on(self, seconds: float) -> None:
        self.now += seconds

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.go_on(seconds)

    def steady(self) -> float:
        return self.now

    def time(self) -> float:
        """Seconds since 1970: a second clock that runs at the same speed."""
        return self.now + 1_800_000_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (pace, traffic):
        monkeypatch.setattr(module, "sleep", clock.sleep)
        monkeypatch.setattr(module, "monotonic", clock.steady)
    monkeypatch.setattr(pace, "time", clock.time)
    return clock
