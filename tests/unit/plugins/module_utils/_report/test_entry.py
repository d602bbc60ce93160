# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One entry of the report, and the selection of entries."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._report.entry import (
    Filters,
    Reading,
    count_matches,
    describe,
    explain_missing,
    missing,
    name_some,
    selected,
    soonest_first,
)

from ..keys import CURRENT, EARLIER, LABEL, NOW, STAGED, SYMMETRIC, keys

KEY = SYMMETRIC._replace(expiration_model="KEY_MATERIAL_EXPIRES", valid_to=NOW + timedelta(days=10, hours=23))
ALIAS_ARN = "arn:aws:kms:eu-central-1:111122223333:alias/payments"
UNREAD = Reading(KEY.arn, unread={"key": "kms:DescribeKey is denied"})


def material(material_id: str, state: str, days: float | None, *, imported: bool = True) -> Material:
    end = None if days is None else NOW + timedelta(days)
    return Material(material_id, state, "IMPORTED" if imported else "PENDING_IMPORT", f"text {LABEL}", "m", end)


def entry(*materials: Material, **values: Any) -> dict[str, Any]:
    facts = KEY._replace(materials=materials or None)
    return describe(Reading(KEY.arn, facts, exists=True, **values), NOW)


@given(key=keys())
def test_a_key_that_could_not_be_described_has_the_same_fields(key: KeyFacts) -> None:
    known = describe(Reading(key.arn, key), NOW)
    assert set(known) == set(describe(UNREAD, NOW))
    assert json.loads(json.dumps(known)) == known


@pytest.mark.parametrize(
    ("name", "arn", "key_id"),
    [
        (KEY.arn, KEY.arn, KEY.key_id),
        (KEY.key_id, None, KEY.key_id),
        ("alias/payments", None, "alias/payments"),
        (ALIAS_ARN, ALIAS_ARN, ALIAS_ARN),
    ],
)
def test_what_an_unknown_key_is_called(name: str, arn: str | None, key_id: str) -> None:
    unread = describe(Reading(name, unread={"key": "denied"}), NOW)
    assert (unread["arn"], unread["key_id"], unread["unread"]) == (arn, key_id, {"key": "denied"})


def test_days_are_whole_and_those_of_the_first_material_that_ends() -> None:
    assert entry()["days_left"] == 10
    staged = material(STAGED, "PENDING_ROTATION", 3.5)
    assert entry(material(CURRENT, "CURRENT", 10), staged)["days_left"] == 3
    lost = staged._replace(import_state="PENDING_IMPORT")
    assert entry(material(CURRENT, "CURRENT", 10), lost)["days_left"] == 10
    assert entry(material(CURRENT, "CURRENT", -0.1))["days_left"] == 0, "it has just expired, but KMS still returns it"


def test_rotations_that_are_left() -> None:
    current, staged = material(CURRENT, "CURRENT", None), material(STAGED, "PENDING_ROTATION", None)
    assert entry(current)["rotations_left"] == 25
    assert entry(current, staged)["rotations_left"] == 25
    rotated = current._replace(rotation_type="ON_DEMAND")
    assert entry(rotated, material(EARLIER, "NON_CURRENT", None))["rotations_left"] == 24
    assert entry()["rotations_left"] is None


def test_a_key_lacks_material_when_any_is_missing() -> None:
    current = material(CURRENT, "CURRENT", None)
    assert entry(current)["import_state"] == "IMPORTED"
    assert entry(current, material(EARLIER, "NON_CURRENT", None, imported=False))["import_state"] == "PENDING_IMPORT"
    of_kms = KEY._replace(origin="AWS_KMS", expiration_model=None, valid_to=None)
    assert describe(Reading(KEY.arn, of_kms), NOW)["import_state"] is None


def test_the_text_and_the_label_of_a_material() -> None:
    (shown,) = entry(material(CURRENT, "CURRENT", None))["materials"]
    assert (shown["description"], shown["label"]) == ("text", LABEL)


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(), True),
        (Filters(key_states=("Disabled",)), False),
        (Filters(key_specs=("HMAC_256", "SYMMETRIC_DEFAULT")), True),
        (Filters(alias_patterns=("pay*",)), True),
        (Filters(alias_patterns=("PAY*",)), False),
        (Filters(alias_patterns=("alias/ledger", "payment?")), True),
        (Filters(tags={"owner": "treasury"}), True),
        (Filters(tags={"owner": None, "other": None}), False),
        (Filters(tags={"owner": "people"}), False),
        (Filters(days_left_below=11), True),
        (Filters(days_left_below=10), False),
    ],
)
def test_what_is_selected(filters: Filters, wanted: bool) -> None:
    read = entry(aliases=("alias/payments", "alias/other"), tags={"owner": "treasury"})
    assert selected(read, filters) is wanted
    # An unknown value could be the relevant one.
    assert selected(describe(UNREAD, NOW), filters)


def test_a_key_without_material_is_among_those_that_end_soon() -> None:
    lost = KEY._replace(key_state="PendingImport", expiration_model=None, valid_to=None)
    assert selected(describe(Reading(KEY.arn, lost), NOW), Filters(days_left_below=1))
    never = KEY._replace(expiration_model="KEY_MATERIAL_DOES_NOT_EXPIRE", valid_to=None)
    assert not selected(describe(Reading(KEY.arn, never), NOW), Filters(days_left_below=1000))


def test_how_many_keys_a_pattern_matches() -> None:
    readings = [Reading("a", aliases=("alias/a", "alias/ab"), exists=True), Reading("b", aliases=(), exists=True)]
    gone = Reading("c", exists=False)
    filters = Filters(alias_patterns=("a*", "alias/c"))
    assert count_matches([*readings, gone], filters) == {"a*": 1, "alias/c": 0}
    assert count_matches([*readings, Reading("d")], filters) == {"a*": None, "alias/c": None}
    assert missing([*readings, gone, UNREAD]) == ["c"]


@given(order=st.permutations(range(6)))
def test_the_soonest_first(order: list[int]) -> None:
    states = [
        ("PENDING_IMPORT", None),
        (None, None),
        ("IMPORTED", 0),
        ("IMPORTED", 9),
        ("IMPORTED", 10),
        ("IMPORTED", None),
    ]
    entries = [
        {"import_state": state, "days_left": days, "valid_to": None, "arn": f"arn-{number}", "key_id": "k"}
        for number, (state, days) in enumerate(states)
    ]
    assert sorted((entries[number] for number in order), key=soonest_first) == entries


@example(names=["a"] * 10)
@example(names=["a"] * 11)
@given(names=st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), max_size=30))
def test_ten_names_and_how_many_more(names: list[str]) -> None:
    told = name_some(names, "see the report")
    assert told.startswith(", ".join(names[:10]))
    assert told.endswith(f", and {len(names) - 10} more, see the report") == (len(names) > 10)


def test_missing_keys_get_the_first_hint() -> None:
    sentence = explain_missing(["alias/gone", "payments"], "eu-central-1")
    assert "alias/gone, payments." in sentence
    assert "Did you mean the alias alias/payments?" in sentence
