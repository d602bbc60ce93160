# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The workflows and schedules for AWX. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from .job_templates import EXPORT, IMPORT, RENEW, REPORT
from .values import Json

__all__ = ("SCHEDULES", "TIME", "WORKFLOWS", "make_schedules", "make_workflows")

_RENEWAL = "Renew after approval"
_CEREMONY = "Ceremony"
WORKFLOWS = (_RENEWAL, _CEREMONY)
SCHEDULES = (f"{RENEW} every night", f"{REPORT} every night")
"""The titles of all possible workflows and schedules."""

TIME = re.compile(r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)")


def make_workflows(titles: Collection[str], timeout: int, ceremony_survey: Sequence[Json] = ()) -> Iterator[Json]:
    """Yield the workflows.

    :param titles: the titles of the planned job templates.
    :param timeout: after how many seconds an approval times out; never with 0.
    :param ceremony_survey: the question for the account of a ceremony, which applies to both of its jobs.
    """
    if RENEW in titles:
        yield _workflow(
            _RENEWAL,
            "Renews in check mode, waits for approval, and renews.",
            [
                {"identifier": "check", "job_template": RENEW, "job_type": "check", "next": "approve"},
                {
                    "identifier": "approve",
                    "approval": "Approve the renewal",
                    "description": "The previous job shows what would be imported.",
                    "timeout": timeout,
                    "next": "renew",
                },
                {"identifier": "renew", "job_template": RENEW, "job_type": "run"},
            ],
        )
    if EXPORT in titles:
        yield _workflow(
            _CEREMONY,
            "Exports import parameters, waits until the encrypted bundles and their check codes are in the credential,"
            " and imports them.",
            [
                {"identifier": "export", "job_template": EXPORT, "next": "approve"},
                {
                    "identifier": "approve",
                    "approval": "Approve the import",
                    "description": "Confirm that the check codes of both steps were read aloud, and that two people"
                    " compared them.",
                    "timeout": timeout,
                    "next": "import",
                },
                {"identifier": "import", "job_template": IMPORT},
            ],
            ceremony_survey,
        )


def make_schedules(titles: Collection[str], times: dict[str, str], timezone: str) -> Iterator[Json]:
    """Yield the schedules.

    :param times: the daily start time of each job template, such as 02:30, or ``never``, by title.
    """
    for title, name in zip((RENEW, REPORT), SCHEDULES, strict=True):
        matched = TIME.fullmatch(times[title])
        if title in titles and matched:
            yield {
                "title": name,
                "job_template": title,
                # A fixed date in the past, so that a second run changes nothing.
                "rrule": (
                    f"DTSTART;TZID={timezone}:20260101T{matched['hour']}{matched['minute']}00"
                    " RRULE:FREQ=DAILY;INTERVAL=1"
                ),
            }


def _workflow(title: str, description: str, nodes: list[Json], survey: Sequence[Json] = ()) -> Json:
    return {
        "title": title,
        "description": description,
        "survey": {"name": title, "description": "", "spec": list(survey)},
        "nodes": nodes,
    }
