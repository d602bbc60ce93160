# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The report in the order of a page, with the targets of its links and the lengths of its bars. Pure."""

from __future__ import annotations

import itertools
import typing as t
from collections import defaultdict
from collections.abc import Mapping, Sequence

from .row import Json
from .text import visible
from .timeline import bars

__all__ = ("make_page",)


def make_page(report: Mapping[str, t.Any]) -> Json:
    """Return the ``cards``, ``weeks``, ``bars`` and ``groups`` of a page, and its ``report``, in which text is visible.

    Each card names a status, the number of its keys, and the ``anchor`` of the first of its rows on the page. A group
    has its ``rows``, with an ``anchor`` each. The ``share`` of a bar is a percentage.

    :param report: what ``make_report`` returned.
    """
    report = visible(report)
    rows: dict[str, list[Json]] = defaultdict(list)
    for key in report["keys"]:
        rows[key["group"]].append(key)
    numbers = itertools.count(1)
    groups = [
        {**group, "rows": [{**key, "anchor": f"key-{next(numbers)}"} for key in rows[group["name"]]]}
        for group in report["groups"]
    ]
    on_page = [row for group in groups for row in group["rows"]]
    first: dict[str, str] = {}
    for row in on_page:
        first.setdefault(row["status"], row["anchor"])
    soon = bars(on_page)
    limit = max(report["warn_within_days"], report["fail_within_days"] or 0)
    return {
        "report": report,
        "cards": [
            {"status": status, "keys": number, "name": report["statuses"][status]["name"], "anchor": first[status]}
            for status, number in report["summary"].items()
            if number
        ],
        "weeks": _weeks(report["weeks"]),
        "bars": {
            **soon,
            "keys": [{**row, "share": _share(row["days_left"], limit)} for row in soon["keys"]],
            "days": limit,
        },
        "groups": groups,
    }


def _weeks(weeks: Sequence[Mapping[str, t.Any]]) -> list[Json]:
    most = max((week["keys"] for week in weeks), default=0)
    return [{**week, "share": _share(week["keys"], most)} for week in weeks]


def _share(number: int, most: int) -> float:
    return round(100 * number / most, 1)
