# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several calls at once."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.concurrency import WORKERS, concurrently


@given(items=st.lists(st.integers(), max_size=3 * WORKERS))
def test_answers_come_in_the_order_of_the_items(items: list[int]) -> None:
    assert concurrently(lambda item: item * 2, items) == [item * 2 for item in items]


def test_as_many_run_at_once_as_there_are_workers() -> None:
    """The calls wait for each other. If they ran one after another, the test would not end."""
    together = threading.Barrier(WORKERS)
    assert sorted(concurrently(lambda _item: together.wait(), range(WORKERS))) == list(range(WORKERS))


def test_one_item_needs_no_thread() -> None:
    assert concurrently(lambda _item: threading.current_thread(), ["one"]) == [threading.current_thread()]


def test_the_first_exception_in_the_order_of_the_items_ends_it() -> None:
    def refuse(item: int) -> int:
        if item:
            raise ValueError(str(item))
        return item

    with pytest.raises(ValueError, match="1"):
        concurrently(refuse, [0, 1, 0, 2])
