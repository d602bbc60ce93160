# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about a key from KMS's responses, including responses that do not agree yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._json import to_json
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import Expiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import MOST_ROTATIONS, KeyFacts

from ..keys import CURRENT, EARLIER, NOW, STAGED, keys

METADATA = {
    "KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "Arn": "arn:aws-cn:kms:cn-north-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "Origin": "EXTERNAL",
    "KeyState": "Enabled",
    "CurrentKeyMaterialId": CURRENT,
    "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
}


def entry(material_id: str, state: str, days: float | None = None, *, imported: bool = True) -> dict[str, Any]:
    """An entry of ListKeyRotations; *days* from NOW to its expiration."""
    model = "KEY_MATERIAL_DOES_NOT_EXPIRE" if days is None else "KEY_MATERIAL_EXPIRES"
    return {
        "KeyMaterialId": material_id,
        "KeyMaterialState": state,
        "ImportState": "IMPORTED" if imported else "PENDING_IMPORT",
        **({"ExpirationModel": model} if imported else {}),
        **({"ValidTo": NOW + timedelta(days)} if imported and days is not None else {}),
    }


def facts(*rotations: dict[str, Any], now: datetime = NOW, **metadata: Any) -> KeyFacts:
    return KeyFacts.from_kms({**METADATA, **metadata}, rotations, now=now)


def import_states(key: KeyFacts) -> dict[str, str]:
    return {one.key_material_id: one.import_state for one in key.materials or ()}


@given(key=keys())
def test_results_have_every_field_and_whether_the_key_is_enabled(key: KeyFacts) -> None:
    fields = to_json(key)
    # The reason why a fact is unknown is reported only where a decision depends on the fact.
    del fields["rotation_unread"]
    assert key.to_result() == {**fields, "enabled": key.key_state == "Enabled"}


@given(key=keys())
def test_an_expiration_is_shown_exactly_while_there_is_material(key: KeyFacts) -> None:
    assert (key.expiration is not None) == key.material_present
    assert not (key.material_present and key.never_imported)


@given(order=st.permutations([(CURRENT, "CURRENT"), (STAGED, "PENDING_ROTATION"), (EARLIER, "NON_CURRENT")]))
def test_the_current_material_comes_first_in_whatever_order_kms_lists_them(order: list[tuple[str, str]]) -> None:
    key = facts(*(entry(*one) for one in order))
    assert [one.key_material_id for one in key.materials or ()] == [CURRENT, STAGED, EARLIER]
    assert key.current_material == (key.materials or ())[0]


def test_times_are_whole_seconds_in_utc() -> None:
    local = datetime.fromisoformat("2027-06-01T14:00:00.900+02:00")
    key = facts(entry(CURRENT, "CURRENT"), ValidTo=local, ExpirationModel="KEY_MATERIAL_EXPIRES")
    assert key.valid_to == datetime(2027, 6, 1, 12, tzinfo=UTC)
    assert key.to_result()["valid_to"] == "2027-06-01T12:00:00+00:00"
    assert key.region == "cn-north-1"


def test_the_expiration_is_that_of_the_current_material_and_not_the_earliest() -> None:
    listed = (entry(CURRENT, "CURRENT", 90), entry(EARLIER, "NON_CURRENT", 5))
    shown = {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": NOW + timedelta(5)}
    assert facts(*listed, **shown).expiration == Expiration(NOW + timedelta(90))
    assert KeyFacts.from_kms({**METADATA, **shown}, None, "denied").expiration == Expiration(NOW + timedelta(5))


def test_a_staged_material_is_not_needed() -> None:
    lost = [
        entry(name, state, imported=False) for name, state in ((EARLIER, "NON_CURRENT"), (STAGED, "PENDING_ROTATION"))
    ]
    key = facts(entry(CURRENT, "CURRENT"), *lost, KeyState="PendingImport")
    assert [one.key_material_id for one in key.missing_materials] == [EARLIER]
    assert key.material_present


@pytest.mark.parametrize("days", [-1, 0])
def test_expired_material_is_missing_if_the_time_is_known(days: int) -> None:
    key = facts(entry(CURRENT, "CURRENT", days))
    assert key.missing_materials == ()
    assert [one.key_material_id for one in key.missing_materials_at(NOW)] == [CURRENT]


@pytest.mark.parametrize(
    ("rotations", "metadata", "present"),
    [
        # The key's own list takes precedence if it can be read.
        ([], {"CurrentKeyMaterialId": None}, False),
        ([entry(CURRENT, "CURRENT", imported=False)], {"KeyState": "PendingDeletion"}, False),
        ([entry(CURRENT, "CURRENT")], {"ExpirationModel": None, "KeyState": "PendingDeletion"}, True),
        # DescribeKey returns an expiration model while key material is imported, and its response can be outdated.
        (None, {}, True),
        (None, {"KeyState": "PendingDeletion"}, True),
        (None, {"KeyState": "PendingDeletion", "ExpirationModel": None}, False),
        (None, {"KeyState": "PendingImport"}, False),
    ],
)
def test_whether_there_is_material(
    rotations: list[dict[str, Any]] | None, metadata: dict[str, Any], present: bool
) -> None:
    assert KeyFacts.from_kms({**METADATA, **metadata}, rotations).material_present is present


@pytest.mark.parametrize("state", ["NON_CURRENT", "PENDING_ROTATION"])
def test_a_list_from_before_a_rotation_is_not_believed(state: str) -> None:
    key = facts(entry(EARLIER, "CURRENT"), entry(CURRENT, state))
    assert key.unsettled
    assert key.materials is None
    assert not KeyFacts.from_kms(METADATA, None, "kms:ListKeyRotations is denied").unsettled


@pytest.mark.parametrize(
    ("current_days", "earlier_days", "gone"),
    [
        (90, -1, [EARLIER]),
        (-1, 90, [CURRENT]),
        (-1, -1, [CURRENT, EARLIER]),
        # No expiration has passed, so key material was deleted. A reimport of the current key material is harmless.
        (90, 90, [CURRENT]),
    ],
)
def test_where_the_list_lags_behind_a_loss(current_days: int, earlier_days: int, gone: list[str]) -> None:
    """DescribeKey returns PendingImport while ListKeyRotations still reports everything as imported."""
    listed = (entry(CURRENT, "CURRENT", current_days), entry(EARLIER, "NON_CURRENT", earlier_days))
    key = facts(*listed, KeyState="PendingImport")
    assert [name for name, state in import_states(key).items() if state == "PENDING_IMPORT"] == gone
    assert not key.contradictory


def test_where_the_list_lags_behind_an_import() -> None:
    listed = (entry(CURRENT, "CURRENT", imported=False), entry(STAGED, "PENDING_ROTATION", imported=False))
    end = {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": NOW + timedelta(30)}
    key = facts(*listed, **end)
    assert import_states(key) == {CURRENT: "IMPORTED", STAGED: "PENDING_IMPORT"}
    assert key.expiration == Expiration(NOW + timedelta(30))


@given(key=keys())
def test_what_agrees_stays_as_it_is(key: KeyFacts) -> None:
    assert not key.contradictory
    assert key.agreed(NOW) is key


@pytest.mark.parametrize(
    ("metadata", "never"),
    [
        ({}, True),
        ({"CurrentKeyMaterialId": CURRENT}, False),
        ({"MultiRegionConfiguration": {"MultiRegionKeyType": "REPLICA"}}, None),
        ({"KeySpec": "HMAC_256"}, None),
    ],
)
def test_whether_there_ever_was_material(metadata: dict[str, Any], never: bool | None) -> None:
    shown = {**METADATA, "KeyState": "PendingImport"}
    del shown["CurrentKeyMaterialId"], shown["ExpirationModel"]
    assert KeyFacts.from_kms({**shown, **metadata}).never_imported is never


@pytest.mark.parametrize("lacking", ["KeyMaterialId", "KeyMaterialState"])
def test_entries_that_do_not_say_what_they_are_about(lacking: str) -> None:
    """For example, moto returns them. The facts then come from DescribeKey."""
    other = entry(EARLIER, "NON_CURRENT")
    del other[lacking]
    key = facts(entry(CURRENT, "CURRENT"), other)
    assert key.materials is None
    assert "ListKeyRotations" in str(key.materials_unread)
    assert (key.material_present, key.unsettled) == (True, False)


@given(rotated=st.integers(0, 25), automatic=st.integers(0, 3))
def test_how_many_rotations_are_left(rotated: int, automatic: int) -> None:
    """KMS counts on-demand rotations. The first key material was not imported for a rotation."""
    kinds = ["ON_DEMAND"] * rotated + ["AUTOMATIC"] * automatic
    listed = [{**entry(f"{place:064x}", "NON_CURRENT"), "RotationType": kind} for place, kind in enumerate(kinds)]
    key = facts(entry(CURRENT, "CURRENT"), *listed)
    assert key.rotations_left == MOST_ROTATIONS - rotated
    assert KeyFacts.from_kms(METADATA, None, "kms:ListKeyRotations is denied").rotations_left is None


@pytest.mark.parametrize("state", ["PENDING_ROTATION", "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"])
def test_what_waits_for_a_rotation(state: str) -> None:
    key = facts(entry(CURRENT, "CURRENT"), entry(STAGED, state))
    assert key.staged_material == key.material(STAGED)
    assert facts(entry(CURRENT, "CURRENT"), entry(EARLIER, "NON_CURRENT")).staged_material is None


def test_each_key_material_has_its_own_expiration_and_description() -> None:
    older = {**entry(EARLIER, "NON_CURRENT", 5), "KeyMaterialDescription": "of last year"}
    lost = entry(STAGED, "PENDING_ROTATION", imported=False)
    key = facts(entry(CURRENT, "CURRENT", 90), older, lost)
    assert key.expiration_of(EARLIER) == Expiration(NOW + timedelta(5))
    assert key.expiration_of(None) == key.expiration_of(CURRENT) == Expiration(NOW + timedelta(90))
    assert (key.expiration_of(STAGED), key.expiration_of("0" * 64)) == (None, None)
    assert (key.description_of(EARLIER), key.description_of(None)) == ("of last year", None)
