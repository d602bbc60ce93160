# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What of a report is handed on from job to job: counts and sentences, and no entry of a key. Pure.

It stands in the clear wherever the job is shown, and the next job gets it as variables. So it has no descriptions and
tags, it is of a few kB whatever the report is of, and no text of it is a template, although names of keys and errors
are anybody's text.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from .row import Json

__all__ = ("summarize",)

_MOST_SENTENCES, _LONGEST_SENTENCE = 12, 300
_TEMPLATE = re.compile(r"(?<=\{)(?=[{%#])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def summarize(report: Mapping[str, t.Any]) -> Json:
    """Of what ``make_report`` returned."""
    unread = sum(source["error"] is not None for source in report["sources"])
    ends = [key["expires_at"] for key in report["keys"] if key["expires_at"]]
    failures = [_shown(sentence) for sentence in report["failures"]]
    left = len(failures) - _MOST_SENTENCES
    return {
        "format_version": report["format_version"],
        "as_of": report["as_of"],
        "assessment": report["assessment"]["level"],
        "keys": len(report["keys"]),
        "summary": dict(report["summary"]),
        "hosts_read": len(report["sources"]) - unread,
        "hosts_not_read": unread,
        # ISO 8601, so text order is the order of time.
        "soonest_expiry": min(ends, default=None),
        "warn_within_days": report["warn_within_days"],
        "fail_within_days": report["fail_within_days"],
        "failures": [*failures[:_MOST_SENTENCES], f"There are {left} more, see the report."] if left > 0 else failures,
    }


def _shown(sentence: str) -> str:
    text = _TEMPLATE.sub(" ", _CONTROL.sub(" ", sentence))
    return text if len(text) <= _LONGEST_SENTENCE else f"{text[: _LONGEST_SENTENCE - 1]}…"
