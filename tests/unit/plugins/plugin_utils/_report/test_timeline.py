# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timeline: numbers for each week, and bars only for keys that expire soon."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.timeline import MOST_BARS, bars, weeks

from ...module_utils.keys import NOW


def row(days: float | None, status: str = "later", **more: Any) -> dict[str, Any]:
    end = None if days is None else (NOW + timedelta(days=days)).isoformat()
    return {"status": status, "expires_at": end, "days_left": None if days is None else int(days), **more}


def test_a_week_is_from_monday_to_sunday_in_utc() -> None:
    """NOW is the first moment of a Friday."""
    rows = [row(2.9, "soon"), row(0, "soon"), row(3), row(9.99), row(10)]
    assert weeks(rows) == [
        {"first": "2026-12-28", "last": "2027-01-03", "keys": 2, "status": "soon"},
        {"first": "2027-01-04", "last": "2027-01-10", "keys": 2, "status": "later"},
        {"first": "2027-01-11", "last": "2027-01-17", "keys": 1, "status": "later"},
    ]


def test_the_last_week_of_the_calendar() -> None:
    (week,) = weeks([{"status": "later", "expires_at": "9999-12-31T23:59:59+00:00"}])
    assert (week["first"], week["last"]) == ("9999-12-27", "9999-12-31")


@pytest.mark.parametrize("status", ["missing", "unknown", "absent", "never", "deleting"])
def test_what_does_not_expire_as_a_usable_key_is_in_no_week(status: str) -> None:
    assert weeks([row(3, status), row(None)]) == []


def test_bars_are_few_and_the_first_to_expire() -> None:
    rows = [row(number, "soon", name=number) for number in reversed(range(MOST_BARS + 5))]
    shown = bars([*rows, row(40), row(1, "missing")])
    assert [key["name"] for key in shown["keys"]] == list(range(MOST_BARS))
    assert shown["left_out"] == 5
    assert bars([row(0.5, "critical")])["left_out"] == 0
