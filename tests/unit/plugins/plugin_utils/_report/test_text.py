# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Untrusted text in the files of a report is displayed as it is compared."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.text import visible


@pytest.mark.parametrize(
    "character",
    ["\x00", "\x1b", "\x7f", "\x85", "\x9b", "\u202a", "\u202e", "\u2066", "\u2069", "\ud800"],
    ids=ascii,
)
def test_what_would_change_the_text_around_it_is_visible(character: str) -> None:
    assert visible({f"a{character}": [f"{character}b", 1, None, True]}) == {"a\ufffd": ["\ufffdb", 1, None, True]}


@pytest.mark.parametrize("text", ["tab\tand\r\nline", "שלום", "Schlüssel", "鍵 🔑", "\u200e\u200f", "{{ 7 * 7 }}"])
def test_other_text_is_unchanged(text: str) -> None:
    assert visible(text) == text


@given(st.recursive(st.one_of(st.none(), st.integers(), st.text()), lambda inner: st.lists(inner, max_size=3)))
def test_every_result_can_be_written(value: Any) -> None:
    shown = visible(value)
    json.dumps(shown, ensure_ascii=False).encode("utf-8")
    assert visible(shown) == shown
