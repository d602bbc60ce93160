# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion of named tuples to JSON and back."""

from __future__ import annotations

import json
import typing as t
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._json import from_json, to_json

Color = Literal["red", "green"]


class Inner(NamedTuple):
    number: int
    text: str | None


class Outer(NamedTuple):
    data: bytes
    moment: datetime
    duration: timedelta | None
    inner: Inner
    maybe: Inner | None
    names: tuple[str, ...]
    inners: tuple[Inner, ...] | None
    color: Color
    options: t.Mapping[str, t.Any] = {}


inners = st.builds(Inner, st.integers(), st.none() | st.text())
seconds = st.integers(0, 10**9)
outers = st.builds(
    Outer,
    st.binary(),
    st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0)),
    st.none() | seconds.map(lambda number: timedelta(seconds=number)),
    inners,
    st.none() | inners,
    st.lists(st.text()).map(tuple),
    st.none() | st.lists(inners).map(tuple),
    st.sampled_from(["red", "green"]),
    st.dictionaries(st.text(), st.text(), max_size=2),
)


@given(value=outers)
def test_what_went_over_is_what_was_sent(value: Outer) -> None:
    assert from_json(Outer, json.loads(json.dumps(to_json(value)))) == value


def test_times_are_whole_seconds_in_utc() -> None:
    there = timezone(timedelta(hours=2))
    assert to_json(datetime(2027, 6, 1, 14, 0, 0, 900_000, tzinfo=there)) == "2027-06-01T12:00:00+00:00"


def test_a_missing_field_is_an_error() -> None:
    with pytest.raises(KeyError, match="text"):
        from_json(Inner, {"number": 1})


@pytest.mark.parametrize(
    "wrong",
    [
        {"data": "?"},
        {"moment": "yesterday"},
        {"moment": "2027-06-01T12:00:00"},
        {"moment": 5},
        {"inner": {"number": "1", "text": None}},
        {"inner": {"number": 1, "text": ["text"]}},
        {"inner": []},
        {"names": "text"},
        {"names": [1]},
        {"inners": {}},
        {"color": "blue"},
        {"color": []},
        {"options": [1]},
        {"options": None},
    ],
)
def test_what_cannot_be_read_is_an_error(wrong: dict[str, Any]) -> None:
    """The other side can be faulty or hostile."""
    value = Outer(b"", datetime(2027, 1, 1, tzinfo=UTC), None, Inner(1, None), None, (), None, "red")
    with pytest.raises((TypeError, ValueError)):
        from_json(Outer, {**to_json(value), **wrong})
