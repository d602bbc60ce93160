# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workflows with an approval, and the nightly workflows."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.job_templates import TITLES
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.workflows import (
    SCHEDULES,
    WORKFLOWS,
    make_schedules,
    make_workflows,
)

TIMES = {"Renew": "02:30", "Report": "never"}


def test_no_key_is_renewed_before_an_approval() -> None:
    renewal, ceremony = list(make_workflows(TITLES, 3600))
    assert [renewal["title"], ceremony["title"]] == list(WORKFLOWS)
    check, approve, renew = renewal["nodes"]
    assert (check["job_type"], renew["job_type"]) == ("check", "run")
    assert (check["next"], approve["next"]) == ("approve", "renew")
    assert approve["timeout"] == 3600
    assert [node.get("approval") is not None for node in ceremony["nodes"]] == [False, True, False]


def test_there_is_no_workflow_of_templates_that_are_not_there() -> None:
    assert list(make_workflows(["Report"], 0)) == []


def test_a_schedule_is_the_same_in_every_run() -> None:
    (schedule,) = make_schedules(TITLES, TIMES, "Europe/Berlin")
    assert schedule["title"] == SCHEDULES[0]
    assert schedule["rrule"] == "DTSTART;TZID=Europe/Berlin:20260101T023000 RRULE:FREQ=DAILY;INTERVAL=1"


@pytest.mark.parametrize("time", ["24:00", "2:30", "02:60", "", "02:30:00"])
def test_what_is_no_time_of_day_starts_never(time: str) -> None:
    assert list(make_schedules(TITLES, {"Renew": time, "Report": time}, "UTC")) == []
