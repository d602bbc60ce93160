# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The expected state of a key after each kind of step. test_plan.py tests complete plans with a model of KMS."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import Expiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.foreseen import NEW, foreseen, identified
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import GivenMaterial
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Step

from ..keys import CURRENT, EARLIER, IMPORTED, LABEL, NOW, OTHER_LABEL, STAGED, SYMMETRIC

FOR_EVER = "KEY_MATERIAL_DOES_NOT_EXPIRE"
NEVER, LATER = Expiration(None), Expiration(NOW + timedelta(9))
ALL = (
    *(IMPORTED.materials or ()),
    Material(STAGED, "PENDING_ROTATION", "IMPORTED", OTHER_LABEL, FOR_EVER),
    Material(EARLIER, "NON_CURRENT", "IMPORTED", None, FOR_EVER),
)
ROTATED = IMPORTED._replace(materials=ALL)
LOST = ROTATED._replace(
    key_state="PendingImport",
    expiration_model=None,
    materials=tuple(one._replace(import_state="PENDING_IMPORT", expiration_model=None) for one in ALL),
)


def held(name: str, expiration: Expiration = NEVER, place: int = 0) -> Step:
    return Step("import", place=place, expiration=expiration, key_material_id=name)


def material(facts: KeyFacts, name: str) -> Material:
    found = facts.material(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("state", "step", "then"),
    [
        ("Enabled", Step("disable"), "Disabled"),
        ("Disabled", Step("enable"), "Enabled"),
        ("Disabled", Step("disable", proof=True), "Disabled"),
        ("PendingImport", Step("enable"), "PendingImport"),
        ("PendingDeletion", Step("disable"), "PendingDeletion"),
        ("Disabled", held(CURRENT), "Enabled"),
        ("Disabled", Step("stage", expiration=NEVER), "Enabled"),
        ("Enabled", Step("rotate"), "Enabled"),
        ("Disabled", Step("delete", key_material_id=EARLIER), "PendingImport"),
        ("Disabled", Step("delete", key_material_id=STAGED), "Disabled"),
        ("PendingDeletion", Step("delete", key_material_id=CURRENT), "PendingDeletion"),
    ],
)
def test_the_key_state(state: str, step: Step, then: str) -> None:
    assert foreseen(ROTATED._replace(key_state=state), [step], NOW).key_state == then


def test_without_steps_nothing_changes() -> None:
    assert foreseen(ROTATED, [], NOW) is ROTATED


def test_a_key_is_usable_with_the_last_of_its_key_materials() -> None:
    one = foreseen(LOST, [held(EARLIER, LATER, 1)], NOW)
    assert (one.key_state, material(one, EARLIER).valid_to) == ("PendingImport", LATER.valid_to)
    assert foreseen(one, [held(CURRENT)], NOW).key_state == "Enabled"
    # Key material that has expired does not count, although KMS still returns it.
    assert foreseen(one, [held(CURRENT)], NOW + timedelta(9)).key_state == "PendingImport"


def test_an_import_keeps_the_description_unless_it_sends_one() -> None:
    assert material(foreseen(LOST, [held(CURRENT)], NOW), CURRENT).description == LABEL
    described = held(CURRENT)._replace(description=OTHER_LABEL)
    assert material(foreseen(LOST, [described], NOW), CURRENT).description == OTHER_LABEL


def test_a_first_import() -> None:
    empty = SYMMETRIC._replace(key_state="PendingImport", current_key_material_id=None, materials=())
    first = foreseen(empty, [Step("import", expiration=LATER)], NOW)
    assert (first.key_state, first.expiration) == ("Enabled", LATER)


def test_of_an_asymmetric_key_the_expiration_is_its_own() -> None:
    ecc = SYMMETRIC._replace(key_spec="ECC_NIST_P256", key_state="PendingImport", current_key_material_id=None)
    imported = foreseen(ecc, [Step("import", expiration=LATER)], NOW)
    assert (imported.key_state, imported.expiration) == ("Enabled", LATER)
    gone = foreseen(imported, [Step("delete")], NOW)
    assert (gone.key_state, gone.expiration) == ("PendingImport", None)


def test_the_key_material_that_kms_will_identify_is_not_predicted() -> None:
    assert foreseen(LOST, [Step("import", place=1, expiration=NEVER)], NOW) == LOST


@pytest.mark.parametrize(
    ("unlabeled", "given", "told"),
    [
        ([EARLIER], 1, [(EARLIER, LABEL)]),
        ([EARLIER, "b" * 64], 2, [(EARLIER, None), ("b" * 64, None)]),
        ([EARLIER, "b" * 64], 1, [(None, LABEL)]),
        ([], 1, [(None, LABEL)]),
    ],
    ids=["the only one", "all of them", "one of two", "none left"],
)
def test_ids_are_predicted_if_all_key_material_without_a_label_is_given(
    unlabeled: list[str], given: int, told: list[tuple[str | None, str | None]]
) -> None:
    """If there are several, it is not predicted which ID belongs to which key material."""
    older = [Material(name, "NON_CURRENT", "IMPORTED", None, FOR_EVER) for name in unlabeled]
    facts = IMPORTED._replace(materials=(IMPORTED.materials or ())[:1] + tuple(older))
    previous = [GivenMaterial(place, label=f"{LABEL[:-1]}{place}") for place in range(1, given + 1)]
    steps = [Step("reimport", place=one.place, expiration=NEVER, description=LABEL) for one in previous]
    named = identified(facts, previous, steps)
    assert [(step.key_material_id, step.description) for step in named] == told


def test_new_key_material_is_staged_and_then_the_current_one() -> None:
    staged = foreseen(IMPORTED, [Step("stage", expiration=LATER, description=OTHER_LABEL)], NOW)
    assert staged.current_key_material_id == CURRENT
    assert staged.staged_material == Material(
        NEW, "PENDING_ROTATION", "IMPORTED", OTHER_LABEL, LATER.model, LATER.valid_to
    )
    rotated = foreseen(staged._replace(rotation_started=NOW), [Step("rotate")], NOW)
    assert (rotated.current_key_material_id, rotated.staged_material, rotated.rotation_started) == (NEW, None, None)
    assert material(rotated, CURRENT).state == "NON_CURRENT"


def test_a_replica_key_takes_what_is_staged_in_its_primary_key() -> None:
    replica = IMPORTED._replace(multi_region_key_type="REPLICA")
    copied = foreseen(replica, [held(NEW)], NOW)
    assert (copied.current_key_material_id, material(copied, NEW).import_state) == (CURRENT, "IMPORTED")


@pytest.mark.parametrize("replica", [False, True], ids=["primary", "replica"])
def test_a_staged_one_that_is_deleted_is_gone_for_good_or_can_come_back(replica: bool) -> None:
    """A replica key can receive it again if the primary key has it."""
    facts = ROTATED._replace(multi_region_key_type="REPLICA" if replica else "PRIMARY")
    staged = foreseen(facts, [Step("delete", key_material_id=STAGED)], NOW).staged_material
    assert (staged is not None) == replica
    assert staged is None or (staged.import_state, staged.expiration) == ("PENDING_IMPORT", None)
