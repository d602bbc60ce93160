# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""In which weeks key material expires, and which keys are next. Pure."""

from __future__ import annotations

import typing as t
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from .row import Json

__all__ = ("MOST_BARS", "bars", "weeks")

# More bars than these are a list, and the report has one already.
MOST_BARS = 25
_WITH_A_DAY = ("critical", "soon", "attention", "later")


def weeks(keys: Sequence[Json]) -> list[Json]:
    """Return each week (Monday to Sunday, UTC) in which the first key material of a key expires.

    Each has its ``first`` and ``last`` day, the number of ``keys``, and the ``status`` of the most urgent one. Keys
    that lack key material, that could not be described, or whose deletion is pending are in no week.

    :param keys: the rows of a report, the most urgent first.
    """
    found: dict[date, list[Json]] = defaultdict(list)
    for key in keys:
        if key["status"] in _WITH_A_DAY and key["expires_at"]:
            day = date.fromisoformat(key["expires_at"][:10])
            found[day - timedelta(days=day.weekday())].append(key)
    return [
        {
            "first": monday.isoformat(),
            # Python's dates end on a Friday.
            "last": date.fromordinal(min(monday.toordinal() + 6, date.max.toordinal())).isoformat(),
            "keys": len(found[monday]),
            "status": found[monday][0]["status"],
        }
        for monday in sorted(found)
    ]


def bars(keys: Sequence[Json]) -> dict[str, t.Any]:
    """Return the ``keys`` that expire soon, at most ``MOST_BARS``, and how many are ``left_out``.

    :param keys: the rows of a report, the most urgent first.
    """
    soon = sorted(
        (key for key in keys if key["status"] in ("critical", "soon")), key=lambda key: str(key["expires_at"])
    )
    shown = soon[:MOST_BARS]
    return {"keys": shown, "left_out": len(soon) - len(shown)}
