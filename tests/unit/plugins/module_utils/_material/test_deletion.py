# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""state: absent: the deleted key material, the order, and the accepted proof that the task has a copy."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import Expiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.deletion import plan_deletion
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.match import Match
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import GivenMaterial, Wanted

from ..keys import CURRENT, EARLIER, IMPORTED, STAGED, SYMMETRIC

FOR_EVER = "KEY_MATERIAL_DOES_NOT_EXPIRE"
OLDER = Material(EARLIER, "NON_CURRENT", "IMPORTED", None, FOR_EVER)
WAITING = Material(STAGED, "PENDING_ROTATION", "IMPORTED", None, FOR_EVER)
ROTATED = IMPORTED._replace(materials=(*(IMPORTED.materials or ()), WAITING, OLDER))
ROTATING = ROTATED._replace(rotation_started=datetime(2026, 9, 17, 20, tzinfo=UTC))
ECC = SYMMETRIC._replace(key_spec="ECC_NIST_P256", expiration_model=FOR_EVER, current_key_material_id=None)
UNREAD = IMPORTED._replace(materials=None, materials_unread="kms:ListKeyRotations is denied")
EMPTY = IMPORTED._replace(
    key_state="PendingImport", expiration_model=None, materials=(Material(CURRENT, "CURRENT", "PENDING_IMPORT"),)
)

OURS = Match("same", "label", key_material_id=CURRENT)
IS_STAGED = Match("different", "label", "it is staged", STAGED)
IS_OLDER = Match("different", "label", "it is an older one", EARLIER)
ANOTHER = Match("different", "label", "found that it is different")
UNKNOWN = Match.unknown("nothing tells")
NOT_OURS = "holds other key material than the given one"


def absent(older: int = 0, **values: Any) -> Wanted:
    """:param older: the number of previous key materials in the task."""
    return Wanted(**{"state": "absent", "previous": tuple(GivenMaterial(one + 1) for one in range(older)), **values})


def planned(facts: KeyFacts, wanted: Wanted, *matches: Match) -> tuple[list[tuple[str, str | None]], str]:
    """The steps, each with the ID of its key material, and the warnings."""
    warnings: list[str] = []
    steps = plan_deletion(facts, wanted, matches, warnings)
    return [(step.action, step.key_material_id) for step in steps], " ".join(warnings)


@pytest.mark.parametrize(
    ("facts", "wanted", "matches", "steps"),
    [
        (IMPORTED, absent(), [OURS], [("delete", CURRENT)]),
        (ROTATED, absent(), [OURS], [("delete", CURRENT)]),
        (ROTATED, absent(key_material_id=EARLIER), [IS_OLDER], [("delete", EARLIER)]),
        (ECC, absent(), [Match("same", "public_key")], [("delete", None)]),
        (ECC, absent(all_materials=True), [Match("same", "public_key")], [("delete", None)]),
        (EMPTY, absent(), [OURS], []),
        (EMPTY, absent(all_materials=True), [OURS], []),
        (EMPTY, absent(key_material_id=CURRENT), [OURS], []),
    ],
    ids=["its only", "the current one", "an older one", "asymmetric", "all of one", "gone", "all gone", "that is gone"],
)
def test_with_a_proof_it_is_deleted(
    facts: KeyFacts, wanted: Wanted, matches: list[Match], steps: list[tuple[str, str | None]]
) -> None:
    assert planned(facts, wanted, *matches)[0] == steps


def test_the_current_key_material_goes_last() -> None:
    """After an interrupted run, the task still recognizes the current key material by its label."""
    steps, _warnings = planned(ROTATED, absent(all_materials=True, force=True, material="none"), UNKNOWN)
    assert steps == [("delete", EARLIER), ("delete", STAGED), ("delete", CURRENT)]


@pytest.mark.parametrize(
    ("wanted", "deleted"),
    [
        (absent(key_material_id=STAGED, force=True, material="none"), STAGED),
        (absent(key_material_id=EARLIER), EARLIER),
    ],
    ids=["by force", "an older one"],
)
def test_what_is_deleted_during_a_rotation(wanted: Wanted, deleted: str) -> None:
    assert planned(ROTATING, wanted, IS_OLDER)[0] == [("delete", deleted)]


def test_kms_first_compares_key_material_without_a_label() -> None:
    wanted = absent(older=1, all_materials=True)
    both = ROTATED._replace(materials=(*(IMPORTED.materials or ()), OLDER))
    steps, _warnings = planned(both, wanted, UNKNOWN, UNKNOWN)
    assert steps == [("reimport", EARLIER), ("reimport", CURRENT), ("delete", EARLIER), ("delete", CURRENT)]


def test_the_comparison_changes_nothing() -> None:
    comparing, _delete = plan_deletion(IMPORTED, absent(), [UNKNOWN], [])
    assert comparing.import_type == "EXISTING_KEY_MATERIAL"
    assert (comparing.expiration, comparing.description) == (Expiration(None), None)


@pytest.mark.parametrize("facts", [IMPORTED, IMPORTED._replace(key_state="Disabled")], ids=["Enabled", "Disabled"])
@pytest.mark.parametrize("match", [OURS, UNKNOWN], ids=["known", "unknown"])
def test_by_force_nothing_is_compared(facts: KeyFacts, match: Match) -> None:
    assert planned(facts, absent(force=True), match)[0] == [("delete", CURRENT)]


@pytest.mark.parametrize(
    ("facts", "wanted", "matches", "told"),
    [
        (IMPORTED, absent(material="none"), [UNKNOWN], "Prove that you hold a copy"),
        (IMPORTED, absent(material="wrapped"), [OURS], "Prove that you hold a copy"),
        (ROTATED, absent(all_materials=True), [OURS], f"cannot return the key material {EARLIER}"),
        (IMPORTED, absent(), [ANOTHER], NOT_OURS),
        (IMPORTED, absent(force=True), [ANOTHER], NOT_OURS),
        (ROTATED, absent(key_material_id=EARLIER), [OURS], "the given one is the current key material"),
        (ROTATED, absent(key_material_id=EARLIER, force=True), [OURS], f"under the ID {EARLIER}"),
        (ROTATED, absent(key_material_id=STAGED), [UNKNOWN], "is the staged key material"),
        (ROTATED, absent(older=2, all_materials=True), [OURS, UNKNOWN, UNKNOWN], "Identify it with key_material_id"),
        (ROTATING, absent(key_material_id=STAGED), [IS_STAGED], "has been rotating the key to it since 2026-09-17"),
        (ROTATING, absent(older=2, all_materials=True), [OURS, IS_STAGED, IS_OLDER], "has been rotating the key to it"),
        (ROTATED, absent(key_material_id="0" * 64), [OURS], rf"{EARLIER} \(NON_CURRENT\)"),
        (ECC, absent(key_material_id=CURRENT), [OURS], "Remove key_material_id"),
        (UNREAD, absent(key_material_id=CURRENT), [OURS], "key_material_id requires the list"),
        (UNREAD, absent(all_materials=True), [OURS], "all_materials requires the list"),
        (IMPORTED._replace(key_state="Disabled"), absent(), [UNKNOWN], "enable the key first"),
        (IMPORTED._replace(key_state="PendingDeletion"), absent(), [UNKNOWN], "CancelKeyDeletion"),
    ],
    ids=[
        "no copy", "a ciphertext", "no copy of the older one", "another", "another by force", "a copy of another",
        "a copy of another by force", "staged", "one of two", "staged while it rotates", "all while it rotates",
        "no such ID", "an ID for an asymmetric key", "an ID without the list", "all without the list",
        "Disabled", "PendingDeletion",
    ],
)  # fmt: skip
def test_what_is_not_proven_is_not_deleted(facts: KeyFacts, wanted: Wanted, matches: list[Match], told: str) -> None:
    with pytest.raises(Refusal, match=told) as refused:
        planned(facts, wanted, *matches)
    assert facts.arn in refused.value.sentence


@pytest.mark.parametrize(
    ("target", "told"),
    [(CURRENT, "stops working when its key material is deleted"), (EARLIER, "including an older one"), (STAGED, "")],
    ids=["current", "older", "staged"],
)
def test_what_stops_working_is_said_beforehand(target: str, told: str) -> None:
    _steps, warnings = planned(ROTATED, absent(key_material_id=target, force=True, material="none"), UNKNOWN)
    assert told in warnings
    assert bool(told) == bool(warnings)


def test_key_material_that_kms_may_still_hold_is_reported() -> None:
    """DescribeKey returns PendingImport if any of several key materials is missing."""
    unseen = UNREAD._replace(key_state="PendingImport", expiration_model=None)
    steps, warnings = planned(unseen, absent(), OURS)
    assert steps == []
    assert "KMS may still hold the current one" in warnings
