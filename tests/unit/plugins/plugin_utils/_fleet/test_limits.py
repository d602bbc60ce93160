# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The permitted number of failed keys, and the keys that are processed first."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.limits import (
    failures_allowed,
    read_canary,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._key_list.entries import Entry

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ENTRIES = tuple(
    Entry(place, f"kms_keys[{place}]", str(next(iter(options.values()))), options)
    for place, options in enumerate([{"alias": "alias/payments"}, {"alias": "ledger"}, {"key_id": KEY_ID}])
)


@pytest.mark.parametrize(
    ("text", "total", "allowed"),
    [
        (None, 9, None),
        ("0", 9, 0),
        ("5", 9, 5),
        (" 5 ", 2, 5),
        ("0%", 9, 0),
        ("10%", 9, 0),
        ("10%", 10, 1),
        ("10 %", 19, 1),
        ("2.5%", 40, 1),
        ("100%", 9, 9),
        ("99.999999%", 9, 8),
        ("50%", 0, 0),
    ],
)
def test_failures_that_are_allowed(text: str | None, total: int, allowed: int | None) -> None:
    assert failures_allowed(text, total) == allowed


@given(st.integers(0, 100), st.integers(0, 999_999), st.integers(0, 10**6))
def test_a_percentage_is_rounded_down_and_never_by_a_rounding_error(whole: int, fraction: int, total: int) -> None:
    percent = min(whole + Fraction(fraction, 10**6), Fraction(100))
    text = f"{whole}.{fraction:06}%" if percent < 100 else "100%"
    assert failures_allowed(text, total) == total * percent // 100


@pytest.mark.parametrize(
    "text", ["", "%", "-1", "1.5", "5 keys", "101%", "100.1%", "1e3", "10%%", "٣", "1" * 10, "0x5", "5\n5"]
)
def test_what_is_no_number_of_failures(text: str) -> None:
    with pytest.raises(Refusal, match="must be a number of keys, such as 5, or a percentage"):
        failures_allowed(text, 9)


@given(st.text())
def test_any_text_is_a_number_of_failures_or_refused(text: str) -> None:
    try:
        allowed = failures_allowed(text, 7)
    except Refusal:
        return
    assert isinstance(allowed, int)
    assert allowed >= 0


@pytest.mark.parametrize(
    ("canary", "places"),
    [
        (None, ()),
        (1, 1),
        (" 2", 2),
        (99, 99),
        (["alias/ledger"], (1,)),
        (["ledger", "payments"], (0, 1)),
        ([KEY_ID, "alias/payments", "payments"], (0, 2)),
        ("alias/ledger", (1,)),
    ],
)
def test_the_keys_that_come_first_by_their_places_or_how_many_of_those_that_are_due(
    canary: Any, places: tuple[int, ...] | int
) -> None:
    assert read_canary(canary, ENTRIES) == places


@pytest.mark.parametrize("canary", [0, -1, "0", True, 1.5, {}, [], [1], {"a": 1}, [None]])
def test_what_is_no_canary(canary: Any) -> None:
    with pytest.raises(Refusal, match=r"^canary (is a number below 1|must be a list of names)"):
        read_canary(canary, ENTRIES)


def test_every_name_that_no_entry_has_is_said() -> None:
    with pytest.raises(Refusal, match="canary names alias/x, y, but no entry"):
        read_canary(["alias/x", "payments", "y"], ENTRIES)
