# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Valid and invalid values of the options for the expiration of key material."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import OptionError
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import (
    WantedExpiration,
    format_time,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration_options import (
    parse_duration,
    parse_time,
    want_expiration,
)

NOON = datetime(2027, 9, 17, 20, 0, tzinfo=UTC)
NEVER = "KEY_MATERIAL_DOES_NOT_EXPIRE"

moments = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(9990, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    "value",
    [
        "2027-09-17T12:00:00-08:00",
        "2027-09-17 12:00:00-08:00",
        "2027-09-17T20:00:00Z",
        "2027-09-17T20:00:00z",
        "2027-09-17T20:00:00",
        "2027-09-17 20:00:00",
        "2027-09-17T20:00",
        "2027-09-17T20:00:00.999999+00:00",
        "2027-09-18T01:30:00+05:30",
        "2027-09-18T01:30:00+0530",
        "2027-09-17T12:00:00-08",
        " 2027-09-17T20:00:00Z ",
        NOON,
        NOON.replace(tzinfo=None),
        NOON.astimezone(timezone(timedelta(hours=-8))),
    ],
)
def test_one_moment_written_in_many_ways(value: object) -> None:
    assert parse_time(value, "valid_to") == NOON


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2027-09-17", "date without a time"),
        (date(2027, 9, 17), "date without a time"),
        ("tomorrow", "is not a time"),
        ("", "is not a time"),
        ("2027-13-01T00:00:00Z", "is not a valid time"),
        ("2027-02-29T00:00:00Z", "is not a valid time"),
        ("2027-02-28T00:00:00+05:75", "is not a valid time"),
        ("0001-01-01T00:00:00+12:00", "outside the years"),
        (1789209320, "is not a time"),
        (None, "is not a time"),
        (["2027-09-17T20:00:00Z"], "is not a time"),
    ],
)
def test_what_is_no_moment(value: object, told: str) -> None:
    with pytest.raises(OptionError, match=told) as caught:
        parse_time(value, "valid_to")
    assert "valid_to" in str(caught.value)


@given(st.one_of(st.text(), st.integers(), st.none(), st.datetimes(), st.dates(), st.binary()))
def test_any_value_is_a_moment_or_a_sentence(value: object) -> None:
    sentence = "valid_to"
    try:
        assert parse_time(value, "valid_to").tzinfo is UTC
    except OptionError as error:
        sentence = str(error)
    assert "valid_to" in sentence


@given(moments)
def test_a_written_moment_is_read_as_itself(moment: datetime) -> None:
    assert parse_time(format_time(moment), "valid_to") == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1w", 604800),
        ("90d", 7776000),
        ("1d12h", 129600),
        ("1d 12h", 129600),
        ("5m30s", 330),
        ("2W", None),
        ("30s", 30),
    ],
)
def test_durations(value: str, seconds: int | None) -> None:
    if seconds is None:
        with pytest.raises(OptionError, match="not a duration"):
            parse_duration(value, "valid_for")
    else:
        assert parse_duration(value, "valid_for") == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["", "90", "d", "-1d", "1.5d", "1y", "d1", "0d", "1d d", "9" * 400 + "w"])
def test_what_is_no_duration(value: str) -> None:
    with pytest.raises(OptionError, match="valid_for"):
        parse_duration(value, "valid_for")


@given(st.text())
def test_any_text_is_a_duration_or_a_sentence(text: str) -> None:
    sentence = "renew_before"
    try:
        assert parse_duration(text, "renew_before") > timedelta(0)
    except OptionError as error:
        sentence = str(error)
    assert "renew_before" in sentence


@pytest.mark.parametrize(
    ("model", "valid_to", "valid_for", "renew_before", "wanted"),
    [
        (None, None, None, None, WantedExpiration()),
        (NEVER, None, None, None, WantedExpiration(never=True)),
        (None, NOON, None, None, WantedExpiration(valid_to=NOON)),
        ("KEY_MATERIAL_EXPIRES", NOON, None, None, WantedExpiration(valid_to=NOON)),
        (None, None, "90d", "30d", WantedExpiration(valid_for=timedelta(90), renew_before=timedelta(30))),
        ("KEY_MATERIAL_EXPIRES", None, "90d", "30d", WantedExpiration(None, timedelta(90), timedelta(30))),
    ],
)
def test_the_options_together(
    model: str | None,
    valid_to: datetime | None,
    valid_for: str | None,
    renew_before: str | None,
    wanted: WantedExpiration,
) -> None:
    assert want_expiration(model, valid_to, valid_for, renew_before) == wanted


@pytest.mark.parametrize(
    ("model", "valid_to", "valid_for", "renew_before", "told"),
    [
        (None, NOON, "90d", "30d", "valid_to and valid_for both"),
        (None, None, "90d", None, "valid_for requires renew_before"),
        (None, None, None, "30d", "renew_before requires valid_for"),
        (NEVER, NOON, None, None, "valid_to sets an expiration"),
        (NEVER, None, "90d", "30d", "valid_for sets an expiration"),
        ("KEY_MATERIAL_EXPIRES", None, None, None, "no expiration is set"),
        (None, None, "30d", "30d", "must be shorter"),
        (None, None, "365d", "30d", "too long"),
        (None, None, "364d23h59m1s", "30d", "too long"),
    ],
)
def test_options_that_do_not_go_together(
    model: str | None, valid_to: datetime | None, valid_for: str | None, renew_before: str | None, told: str
) -> None:
    with pytest.raises(OptionError, match=told):
        want_expiration(model, valid_to, valid_for, renew_before)
