# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that can be detected only if all keys of a fleet are checked together."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.whole_fleet import (
    refuse_same_key,
    warn_of_bunched_expirations,
    warn_of_same_material,
)

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)


def claim(name: str, part: str = "entry") -> tuple[str, str]:
    return part, name


def test_one_key_by_two_names() -> None:
    arns = {"keys[0]": "arn:1", "keys[1]": "arn:2", "keys[2]": "arn:1", "keys[3]": "arn:1"}
    with pytest.raises(Refusal) as refused:
        refuse_same_key([(where, {claim(arn), claim(arn, "key")}) for where, arn in arns.items()])
    assert refused.value.sentence == (
        "Nothing was changed. keys[0] and keys[2] and keys[3] refer to the same key, arn:1. Keep only one entry for"
        " each key."
    )


def test_a_replica_key_has_one_entry_for_each_of_its_parts() -> None:
    primary = {claim("arn:1"), claim("arn:1", "key"), claim("arn:1", "material"), claim("arn:2", "key")}
    for part, refused in (("key", True), ("material", False)):
        claims = [("keys[0]", primary), ("keys[1]", {claim("arn:2"), claim("arn:2", part)})]
        with pytest.raises(Refusal, match="refer to the same key, arn:2") if refused else nullcontext():
            refuse_same_key(claims)


def test_what_claims_nothing_is_no_same_key() -> None:
    refuse_same_key([("keys[0]", ()), ("keys[1]", ()), ("keys[2]", {claim("arn:2")})])
    refuse_same_key([])


def test_not_all_of_very_many_are_told() -> None:
    with pytest.raises(Refusal) as refused:
        refuse_same_key([(f"keys[{place}]", {claim(f"arn:{place // 2}")}) for place in range(10_000)])
    assert "And 4950 more keys." in refused.value.sentence
    with pytest.raises(Refusal) as refused:
        refuse_same_key([(f"keys[{place}]", {claim("arn:1")}) for place in range(10_000)])
    assert len(refused.value.sentence) < 300


def test_the_same_key_material() -> None:
    told = warn_of_same_material([("a", b"1"), ("b", b"2"), ("c", None), ("d", b"1"), ("e", None)])
    assert [sentence.partition(".")[0] for sentence in told] == ["a, d have the same key material"]


def test_many_keys_with_the_same_key_material_are_not_all_named() -> None:
    (sentence,) = warn_of_same_material([(f"keys[{place}]", b"1") for place in range(10_000)])
    assert len(sentence) < 1000
    assert "keys[0]" in sentence


@pytest.mark.parametrize(("number", "warned"), [(9, False), (10, True), (500, True)])
def test_expirations_on_one_day(number: int, warned: bool) -> None:
    ends = [NOON + timedelta(minutes=place % 600) for place in range(number)]
    told = warn_of_bunched_expirations([*ends, None, NOON + timedelta(days=1)])
    assert bool(told) == warned
    if warned:
        assert told[0].startswith(f"{number} keys get key material that expires on 2027-05-01")


def test_each_day_has_its_sentence() -> None:
    told = warn_of_bunched_expirations([NOON + timedelta(days=days) for days in (3, 1, 2) for _key in range(10)])
    assert [sentence.partition(" expires on ")[2][:10] for sentence in told] == [
        "2027-05-02",
        "2027-05-03",
        "2027-05-04",
    ]
