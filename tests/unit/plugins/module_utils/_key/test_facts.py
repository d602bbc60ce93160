# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of KMS's answers, and how it travels."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._json import from_json, to_json
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts

from ..keys import CURRENT, EARLIER, NOW, STAGED, keys
from ..kms_answers import METADATA

ENDS = NOW + timedelta(days=10)


def _entry(material: str, state: str, **more: Any) -> dict[str, Any]:
    return {"KeyMaterialId": material, "KeyMaterialState": state, "ImportState": "IMPORTED", **more}


def _facts(*entries: dict[str, Any], now: datetime | None = None, **metadata: Any) -> KeyFacts:
    return KeyFacts.from_kms({**METADATA, "CurrentKeyMaterialId": CURRENT, **metadata}, entries, None, now)


@given(keys())
def test_facts_travel(facts: KeyFacts) -> None:
    assert from_json(KeyFacts, json.loads(json.dumps(to_json(facts)))) == facts


@given(keys())
def test_a_result_is_json(facts: KeyFacts) -> None:
    result = facts.to_result()
    assert json.loads(json.dumps(result)) == result
    assert result["enabled"] is (facts.key_state == "Enabled")


@given(st.permutations([(CURRENT, "CURRENT"), (STAGED, "PENDING_ROTATION"), (EARLIER, "NON_CURRENT")]))
def test_the_order_is_the_same_whatever_kms_sends(entries: list[tuple[str, str]]) -> None:
    listed = _facts(*(_entry(material, state) for material, state in entries)).materials or ()
    assert [material.key_material_id for material in listed] == [CURRENT, STAGED, EARLIER]


@pytest.mark.parametrize("lacking", ["KeyMaterialId", "KeyMaterialState"])
def test_entries_that_do_not_say_what_they_are_about(lacking: str) -> None:
    """moto's, for example. DescribeKey is believed then."""
    entry = _entry(EARLIER, "NON_CURRENT")
    del entry[lacking]
    facts = _facts(_entry(CURRENT, "CURRENT"), entry)
    assert facts.materials is None
    assert "ListKeyRotations" in str(facts.materials_unread)
    assert (facts.material_present, facts.unsettled) == (True, False)


def test_a_list_that_is_behind() -> None:
    facts = _facts(_entry(EARLIER, "CURRENT"))
    assert (facts.materials, facts.unsettled) == (None, True)


@pytest.mark.parametrize("gone", [CURRENT, EARLIER])
def test_after_an_expiration_describe_key_is_believed(gone: str) -> None:
    """ListKeyRotations says IMPORTED for a while, and the one whose time is past is the one that is missing."""
    model = {"ExpirationModel": "KEY_MATERIAL_EXPIRES"}
    ends = {CURRENT: ENDS, EARLIER: ENDS, gone: NOW - timedelta(seconds=1)}
    entries = [
        _entry(CURRENT, "CURRENT", ValidTo=ends[CURRENT], **model),
        _entry(EARLIER, "NON_CURRENT", ValidTo=ends[EARLIER], **model),
    ]
    facts = _facts(*entries, now=NOW, KeyState="PendingImport")
    assert [material.key_material_id for material in facts.missing_materials] == [gone]
    assert facts.material_present is (gone != CURRENT)


def test_times_are_whole_seconds_in_utc() -> None:
    facts = _facts(_entry(CURRENT, "CURRENT"), ValidTo=datetime(2027, 5, 1, 12, 0, 0, 999999, tzinfo=UTC))
    assert facts.valid_to == datetime(2027, 5, 1, 12, tzinfo=UTC)
