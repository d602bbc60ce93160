# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One key in several Regions: the Regions, and the number of Regions with each key material."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._report.entry import Reading, describe
from ansible_collections.cloudkeys.aws.plugins.module_utils._report.regions import imported_in, other_regions

from ..keys import CURRENT, EARLIER, NOW, STAGED, SYMMETRIC

KEY_ID = "mrk-1234abcd12ab34cd56ef1234567890ab"
NAMES = ("eu-central-1", "eu-west-1", "us-west-2")


def arn(region: str) -> str:
    return f"arn:aws:kms:{region}:111122223333:key/{KEY_ID}"


def facts(region: str, *lacking: str, listed: bool = True) -> KeyFacts:
    """The key in one Region. The first Region has the primary key. *lacking* are the missing key materials."""
    states = {CURRENT: "CURRENT", EARLIER: "NON_CURRENT", STAGED: "PENDING_ROTATION"}
    materials = tuple(
        Material(name, state, "PENDING_IMPORT" if name in lacking else "IMPORTED") for name, state in states.items()
    )
    whole = not {CURRENT, EARLIER} & set(lacking)
    return SYMMETRIC._replace(
        key_id=KEY_ID,
        arn=arn(region),
        region=region,
        key_state="Enabled" if whole else "PendingImport",
        expiration_model="KEY_MATERIAL_DOES_NOT_EXPIRE" if whole else None,
        multi_region=True,
        multi_region_key_type="PRIMARY" if region == NAMES[0] else "REPLICA",
        primary_region=NAMES[0],
        replica_regions=NAMES[1:],
        materials=materials if listed else None,
    )


def told(own: KeyFacts, *others: KeyFacts | str) -> dict[str, Any]:
    """:param others: the name of a Region if the key could not be read there."""
    readings = tuple(
        Reading(arn(one), unread={"key": "denied"}) if isinstance(one, str) else Reading(one.arn, one, exists=True)
        for one in others
    )
    return describe(Reading(own.arn, own, exists=True, others=readings), NOW)


@pytest.mark.parametrize("own", NAMES)
def test_the_other_regions_of_a_key(own: str) -> None:
    assert list(other_regions(facts(own)).items()) == [(name, arn(name)) for name in NAMES if name != own]
    assert other_regions(SYMMETRIC) == {}


@pytest.mark.parametrize("own", range(3))
def test_each_region_is_reported_once_the_primary_key_first(own: int) -> None:
    every = [facts(NAMES[0], STAGED), facts(NAMES[1], EARLIER), facts(NAMES[2])]
    entry = told(every[own], *[one for place, one in enumerate(every) if place != own])
    assert [(one["region"], one["import_state"]) for one in entry["regions"]] == [
        (NAMES[0], "IMPORTED"),
        (NAMES[1], "PENDING_IMPORT"),
        (NAMES[2], "IMPORTED"),
    ]
    assert entry["regions_imported"] == 2
    counts = {one["key_material_id"]: one["regions_imported"] for one in entry["materials"]}
    assert counts == {CURRENT: 3, EARLIER: 2, STAGED: 2}
    assert "regions" not in entry["unread"]


@pytest.mark.parametrize("lost", [0, 2])
def test_a_region_that_was_not_read_has_its_name(lost: int) -> None:
    entry = told(facts(NAMES[1]), *[NAMES[place] if place == lost else facts(NAMES[place]) for place in (0, 2)])
    unread = entry["regions"][lost]
    assert (unread["region"], unread["arn"]) == (NAMES[lost], arn(NAMES[lost]))
    assert unread["multi_region_key_type"] == ("PRIMARY" if lost == 0 else "REPLICA")
    assert (unread["import_state"], unread["unread"]) == (None, {"key": "denied"})
    assert entry["unread"]["regions"] == f"{NAMES[lost]}: denied"
    assert entry["regions_imported"] is None


def test_a_list_that_was_not_read_leaves_its_materials_unknown() -> None:
    entry = told(facts(NAMES[0]), facts(NAMES[1], listed=False), facts(NAMES[2], CURRENT))
    assert entry["regions_imported"] == 2
    assert {one["regions_imported"] for one in entry["materials"]} == {None}


def test_a_key_material_that_a_region_does_not_list_is_not_known_there() -> None:
    assert imported_in([{"materials": []}], CURRENT) is None
    assert imported_in([{"import_state": "PENDING_IMPORT"}]) == 0
