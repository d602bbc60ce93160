# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page defines each status. No number of days belongs to two statuses."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.row import STATUSES
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.statuses import define_statuses, soon_range


@pytest.mark.parametrize(
    ("warn", "fail", "text"),
    [
        (30, None, "fewer than 30 days"),
        (30, 7, "7 to 29 days"),
        (30, 29, "29 days"),
        (30, 0, "fewer than 30 days"),
        (7, 30, "fewer than 7 days"),
        (1, None, "fewer than 1 day"),
    ],
)
def test_which_days_are_soon(warn: int, fail: int | None, text: str) -> None:
    assert soon_range(warn, fail) == text
    soon = define_statuses(warn, fail)["soon"]
    assert soon["name"].lower() == f"{text} left"
    assert text in soon["meaning"]


@pytest.mark.parametrize("fail", [None, 7, 60])
def test_every_status_is_defined(fail: int | None) -> None:
    found = define_statuses(30, fail)
    assert tuple(found) == STATUSES
    assert all(words["name"] and words["meaning"].endswith(".") for words in found.values())
    assert f"{max(30, fail or 0)} days or more" in found["later"]["meaning"]
