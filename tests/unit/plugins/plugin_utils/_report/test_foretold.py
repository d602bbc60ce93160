# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key as it would look after what check mode foretells; test_renewal.py has what follows from it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.foretold import as_foretold, unidentified

NOW = "2027-01-01T12:00:00+00:00"
MISSING: dict[str, Any] = {"import_state": "PENDING_IMPORT", "valid_to": None, "days_left": None}


def material(name: str, state: str) -> dict[str, Any]:
    return {"key_material_id": name, "state": state, **MISSING}


def place(arn: str, *materials: dict[str, Any]) -> dict[str, Any]:
    return {"arn": arn, "materials": list(materials), **MISSING}


def diff(arn: str, valid_to: str | None, model: str | None = "KEY_MATERIAL_EXPIRES", **more: Any) -> dict[str, Any]:
    return {"after_header": arn, "after": {"expiration_model": model, "valid_to": valid_to, **more}}


@pytest.mark.parametrize(
    ("valid_to", "model", "imported", "days_left"),
    [
        ("2027-01-03T13:00:00+00:00", "KEY_MATERIAL_EXPIRES", "IMPORTED", 2),
        ("2027-01-03T11:00:00+00:00", "KEY_MATERIAL_EXPIRES", "IMPORTED", 1),
        ("2026-12-01T00:00:00+00:00", "KEY_MATERIAL_EXPIRES", "IMPORTED", 0),
        (None, "KEY_MATERIAL_DOES_NOT_EXPIRE", "IMPORTED", None),
        (None, None, "PENDING_IMPORT", None),
    ],
)
def test_what_a_key_material_will_be(
    valid_to: str | None, model: str | None, imported: str, days_left: int | None
) -> None:
    wanted = {"import_state": imported, "valid_to": valid_to, "days_left": days_left}
    told = diff("a", valid_to, model)
    key = {**place("a", material("new", "CURRENT"), material("old", "NON_CURRENT")), "regions": None}
    after = as_foretold(key, {"diff": told}, NOW)
    assert after["materials"] == [{**key["materials"][0], **wanted}, key["materials"][1]]
    # A key without a list of key materials.
    assert as_foretold({**place("a"), "regions": None}, {"diff": told}, NOW) == {
        **place("a"),
        **wanted,
        "regions": None,
    }


def test_each_region_and_each_key_material_has_its_own() -> None:
    regions = [place(name, material("new", "CURRENT"), material("old", "NON_CURRENT")) for name in ("a", "b", "c")]
    key = {**regions[0], "regions": regions}
    end = "2027-01-11T12:00:00+00:00"
    told = [diff("a", end), diff("b", None, None, other_key_materials={"old": diff("", end)["after"]})]
    after = as_foretold(key, {"diff": told}, NOW)
    states = [[one["days_left"] for one in region["materials"]] for region in (after, *after["regions"])]
    assert states == [[10, None], [10, None], [None, 10], [None, None]]
    assert key["materials"][0]["days_left"] is None, "what was shown is not changed"


def test_a_result_without_a_decision_foretells_nothing() -> None:
    key = {**place("a", material("new", "CURRENT")), "regions": None}
    assert as_foretold(key, {"failed": True}, NOW) == key
    unknown = [{"key_material_id": None, "material_match": "unknown"}]
    assert unidentified({}, {"previous_key_materials": unknown}) == 0


def test_what_only_kms_can_identify() -> None:
    told = [
        {"key_material_id": None, "material_match": "unknown"},
        {"key_material_id": "old", "material_match": "unknown"},
        {"key_material_id": "older", "material_match": "same"},
    ]
    decided = {"diff": {}, "previous_key_materials": told}
    assert unidentified({}, decided) == 1
    assert unidentified({"own": {"on_unknown_material": "reimport"}}, decided) == 1
    assert unidentified({"own": {"on_unknown_material": "accept"}}, decided) == 0
