# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expiration of key material: what satisfies a declaration, and what an import sends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import OptionError
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import (
    Expiration,
    WantedExpiration,
)

NOW = datetime(2027, 1, 1, tzinfo=UTC)

moments = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(9990, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("left", "satisfied"),
    [
        (None, False),
        (timedelta(30), True),
        (timedelta(29, 86399), False),
        (timedelta(90), True),
        (timedelta(91), False),
    ],
)
def test_a_window_is_satisfied_from_renew_before_to_valid_for(left: timedelta | None, satisfied: bool) -> None:
    wanted = WantedExpiration(valid_for=timedelta(90), renew_before=timedelta(30))
    present = Expiration(NOW + left if left else None)
    assert wanted.satisfied_by(present, NOW) is satisfied


@given(
    wanted=st.one_of(
        st.just(WantedExpiration(never=True)),
        st.just(WantedExpiration(valid_to=NOW + timedelta(100))),
        st.builds(
            lambda days, share: WantedExpiration(None, timedelta(days), timedelta(days * share)),
            st.integers(1, 364),
            st.floats(0.01, 0.99),
        ),
    ),
    present=st.one_of(st.none(), st.builds(Expiration, st.one_of(st.none(), moments))),
)
def test_what_is_imported_satisfies_what_was_wanted(wanted: WantedExpiration, present: Expiration | None) -> None:
    """Otherwise, every run would reimport the key material."""
    assert wanted.satisfied_by(wanted.for_import(present, NOW), NOW)


@pytest.mark.parametrize(
    ("end", "due"),
    [(None, False), (NOW + timedelta(30), False), (NOW + timedelta(30, -1), True), (NOW - timedelta(1), True)],
    ids=["never", "in time", "within renew_before", "past"],
)
def test_other_key_material_is_due_within_renew_before(end: datetime | None, due: bool) -> None:
    assert WantedExpiration(valid_for=timedelta(90), renew_before=timedelta(30)).due(end, NOW) == due
    assert not WantedExpiration(valid_to=end).due(end, NOW), "renew_before is not declared"


@pytest.mark.parametrize(
    ("wanted", "warned"),
    [
        (WantedExpiration(never=True), True),
        (WantedExpiration(valid_to=NOW + timedelta(9, 1)), True),
        (WantedExpiration(valid_to=NOW + timedelta(9)), False),
        (WantedExpiration(valid_for=timedelta(90), renew_before=timedelta(9, 1)), True),
        (WantedExpiration(valid_for=timedelta(90), renew_before=timedelta(9)), False),
        (WantedExpiration(), False),
    ],
    ids=["never", "later", "at the same time", "due", "not due", "undeclared"],
)
def test_a_warning_of_other_key_material_that_ends_before(wanted: WantedExpiration, warned: bool) -> None:
    assert wanted.outlasts(NOW + timedelta(9), NOW) == warned


@given(st.one_of(st.none(), moments))
def test_an_expiration_that_is_not_declared_is_kept(valid_to: datetime | None) -> None:
    present = Expiration(valid_to)
    assert WantedExpiration().satisfied_by(present, NOW)
    assert WantedExpiration().for_import(present, NOW) == present


@pytest.mark.parametrize(
    ("valid_to", "present", "never_imported", "told"),
    [
        (NOW, None, False, "expired as declared"),
        (NOW - timedelta(1), None, False, "set a later valid_to"),
        (NOW - timedelta(1), None, None, "or was never imported"),
        (NOW - timedelta(1), None, True, "never had key material"),
        (NOW - timedelta(1), Expiration(None), False, "state: absent"),
        (NOW + timedelta(365), None, True, "365 days"),
    ],
)
def test_moments_that_kms_would_refuse(
    valid_to: datetime, present: Expiration | None, never_imported: bool | None, told: str
) -> None:
    with pytest.raises(OptionError, match=told):
        WantedExpiration(valid_to=valid_to).for_import(present, NOW, never_imported)


def test_nothing_declared_and_nothing_to_keep() -> None:
    with pytest.raises(OptionError, match="does not declare when it expires"):
        WantedExpiration().for_import(None, NOW)


windows = st.tuples(st.integers(1, 364 * 86_400), st.floats(0.001, 0.999)).map(
    lambda one: WantedExpiration(
        valid_for=timedelta(seconds=one[0] + 60), renew_before=timedelta(seconds=max(1, int(one[0] * one[1])))
    )
)
places = st.integers(1, 10_000).flatmap(lambda total: st.tuples(st.integers(0, total - 1), st.just(total)))


@given(windows, places)
def test_spread_key_material_expires_in_time_and_is_not_due_at_once(
    wanted: WantedExpiration, place: tuple[int, int]
) -> None:
    spread = wanted.spread(*place)
    end = spread.for_import(None, NOW)
    assert end.valid_to is not None
    assert wanted.valid_for is not None
    assert wanted.renew_before is not None
    assert end.valid_to <= NOW + wanted.valid_for
    assert spread.satisfied_by(end, NOW)
    # Spreading leaves at least half of the time between two imports, so that it does not double their number.
    assert end.valid_to - NOW - wanted.renew_before >= (wanted.valid_for - wanted.renew_before) / 2 - timedelta(
        seconds=1
    )


@given(windows, st.integers(2, 500))
def test_keys_are_spread_over_the_time_in_which_they_are_due(wanted: WantedExpiration, total: int) -> None:
    given = [wanted.spread(place, total).for_import(None, NOW).valid_to for place in range(total)]
    ends = [end for end in given if end is not None]
    assert ends == given, "each import expires"
    first, last = ends[-1], ends[0]
    assert ends == sorted(ends, reverse=True)
    assert wanted.valid_for is not None
    assert wanted.renew_before is not None
    window = min(wanted.renew_before, (wanted.valid_for - wanted.renew_before) / 2)
    assert last == NOW + wanted.valid_for
    assert abs((last - first) - window * (total - 1) / total) <= timedelta(seconds=1)


@pytest.mark.parametrize(
    "wanted",
    [WantedExpiration(), WantedExpiration(never=True), WantedExpiration(valid_to=NOW + timedelta(100))],
    ids=["nothing", "never", "valid_to"],
)
def test_what_is_not_said_as_a_duration_is_not_spread(wanted: WantedExpiration) -> None:
    assert wanted.spread(3, 10) == wanted
