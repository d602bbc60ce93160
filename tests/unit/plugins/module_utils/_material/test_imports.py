# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether key material is imported, reimported, or unchanged, and the parameters of the import."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import Expiration, WantedExpiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.imports import comparison, decide_import
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.match import Match
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import GivenMaterial, Wanted
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Step

from ..keys import CURRENT, EARLIER, IMPORTED, LABEL, NOW, OTHER_LABEL, SYMMETRIC

FOR_EVER = "KEY_MATERIAL_DOES_NOT_EXPIRE"
NEVER = WantedExpiration(never=True)
RENEWED = WantedExpiration(valid_for=timedelta(90), renew_before=timedelta(30))
SAME, UNKNOWN = Match("same", "label", key_material_id=CURRENT), Match.unknown("nothing tells")
EMPTY = SYMMETRIC._replace(key_state="PendingImport", current_key_material_id=None, materials=())
LOST = IMPORTED._replace(
    key_state="PendingImport", expiration_model=None, materials=(Material(CURRENT, "CURRENT", "PENDING_IMPORT", LABEL),)
)
UNLABELED = IMPORTED._replace(materials=(Material(CURRENT, "CURRENT", "IMPORTED", None, FOR_EVER),))
ECC = SYMMETRIC._replace(key_spec="ECC_NIST_P256", expiration_model=FOR_EVER, current_key_material_id=None)
OLDER = Material(EARLIER, "NON_CURRENT", "IMPORTED", None, FOR_EVER)


def ending(days: int) -> KeyFacts:
    end = NOW + timedelta(days)
    return IMPORTED._replace(
        materials=(Material(CURRENT, "CURRENT", "IMPORTED", LABEL, "KEY_MATERIAL_EXPIRES", end),), valid_to=end
    )


def declared(**values: Any) -> Wanted:
    return Wanted(**{"expiration": NEVER, "material_label": LABEL, **values})


def decided(facts: KeyFacts, wanted: Wanted, match: Match, given: GivenMaterial | None = None) -> Step | None:
    return decide_import(facts, wanted, given or wanted.own, match, NOW, [])


@pytest.mark.parametrize(
    ("facts", "wanted", "match"),
    [
        (IMPORTED, declared(), SAME),
        (IMPORTED, declared(expiration=WantedExpiration()), SAME),
        (ending(30), declared(expiration=RENEWED), SAME),
        (IMPORTED, declared(force=True, compared=(0,)), SAME),
        (UNLABELED, declared(), SAME),
        (UNLABELED, declared(on_unknown_material="accept"), UNKNOWN),
        (IMPORTED._replace(key_state="Disabled"), declared(), SAME),
    ],
    ids=["as declared", "undeclared", "not due", "compared in this run", "label missing", "accepted", "Disabled"],
)
def test_left_alone(facts: KeyFacts, wanted: Wanted, match: Match) -> None:
    assert decided(facts, wanted, match) is None


@pytest.mark.parametrize(
    ("facts", "wanted", "match"),
    [
        (ending(9), declared(), SAME),
        (ending(29), declared(expiration=RENEWED), SAME),
        (IMPORTED, declared(force=True), SAME),
        (IMPORTED, declared(description="payments"), SAME),
        (UNLABELED, declared(on_unknown_material="reimport"), UNKNOWN),
        (IMPORTED._replace(key_state="Disabled"), declared(force=True, enabled=False), SAME),
    ],
    ids=["another end", "due", "by force", "another description", "KMS is to compare", "Disabled afterwards"],
)
def test_imported_again(facts: KeyFacts, wanted: Wanted, match: Match) -> None:
    step = decided(facts, wanted, match)
    assert step is not None
    assert (step.action, step.import_type, step.key_material_id) == ("reimport", "EXISTING_KEY_MATERIAL", CURRENT)


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        (EMPTY, (None, None, LABEL)),
        (LOST, ("EXISTING_KEY_MATERIAL", CURRENT, None)),
        (ending(0), ("EXISTING_KEY_MATERIAL", CURRENT, None)),
        (ECC._replace(expiration_model=None, key_state="PendingImport"), (None, None, None)),
    ],
    ids=["for the first time", "gone", "its time is past", "asymmetric"],
)
def test_what_kms_does_not_hold_is_imported(facts: KeyFacts, named: tuple[str | None, str | None, str | None]) -> None:
    wanted = declared() if facts.symmetric else declared(material_label=None)
    step = decided(facts, wanted, SAME if facts.current_key_material_id else UNKNOWN)
    assert step is not None
    assert (step.action, step.expiration) == ("import", Expiration(None))
    assert (step.import_type, step.key_material_id, step.description) == named


@pytest.mark.parametrize(
    ("facts", "wanted", "match", "told"),
    [
        (UNLABELED, declared(), UNKNOWN, "run once with on_unknown_material: reimport"),
        (UNLABELED, declared(label=False), UNKNOWN, "compares the two in every run"),
        (IMPORTED._replace(key_state="Disabled"), declared(force=True), SAME, "enabled: false to disable the key"),
        (EMPTY, declared(label=False), UNKNOWN, "the next run could not determine"),
    ],
    ids=["unknown", "unknown permanently", "Disabled", "unrecognizable"],
)
def test_what_the_task_has_to_say_first(facts: KeyFacts, wanted: Wanted, match: Match, told: str) -> None:
    with pytest.raises(Refusal, match=told) as refused:
        decided(facts, wanted, match)
    assert facts.arn in refused.value.sentence


def test_what_is_accepted_is_said() -> None:
    warnings: list[str] = []
    wanted = declared(on_unknown_material="accept")
    assert decide_import(UNLABELED, wanted, wanted.own, UNKNOWN, NOW, warnings) is None
    assert "nothing tells. It was accepted without proof" in " ".join(warnings)


def test_an_end_that_is_sent_again_may_be_that_of_another_one() -> None:
    """DescribeKey returns the earliest expiration of all key materials."""
    warnings: list[str] = []
    end = NOW + timedelta(9)
    facts = IMPORTED._replace(materials=None, materials_unread="denied", valid_to=end)
    wanted = declared(expiration=WantedExpiration(), force=True, on_unknown_material="reimport")
    step = decide_import(facts, wanted, wanted.own, UNKNOWN, NOW, warnings)
    assert step is not None
    assert step.expiration == Expiration(end)
    assert "The earliest expiration of all its key materials" in " ".join(warnings)


@pytest.mark.parametrize(
    ("older", "action"),
    [
        (OLDER._replace(expiration_model="KEY_MATERIAL_EXPIRES", valid_to=NOW + timedelta(9)), "reimport"),
        (OLDER._replace(import_state="PENDING_IMPORT", expiration_model=None), "import"),
    ],
    ids=["all there", "one is missing"],
)
def test_kms_is_to_say_which_of_the_older_ones_it_is(older: Material, action: str) -> None:
    """They expire at different times, so the expiration of the given key material is also unknown."""
    given = GivenMaterial(1, "given", NEVER, OTHER_LABEL)
    facts = UNLABELED._replace(materials=(*(UNLABELED.materials or ()), older))
    step = decided(facts, declared(previous=(given,)), UNKNOWN, given)
    assert step is not None
    assert (step.action, step.place) == (action, 1)
    assert (step.import_type, step.key_material_id) == ("EXISTING_KEY_MATERIAL", None)


@pytest.mark.parametrize("place", [0, 1], ids=["its own", "an older one"])
def test_a_comparison_sends_what_is_there(place: int) -> None:
    end = NOW + timedelta(9)
    older = OLDER._replace(expiration_model="KEY_MATERIAL_EXPIRES", valid_to=end)
    facts = IMPORTED._replace(materials=(*(IMPORTED.materials or ()), older))
    target, present = (EARLIER, end) if place else (CURRENT, None)
    step = comparison(facts, replace(Wanted().own, place=place), UNKNOWN, target)
    assert step == Step("reimport", place, False, Expiration(present), "EXISTING_KEY_MATERIAL", target)


@pytest.mark.parametrize(
    ("state", "remedy"),
    [("Disabled", "enable the key first"), ("PendingDeletion", "cancel the deletion")],
)
def test_a_comparison_that_kms_would_not_make(state: str, remedy: str) -> None:
    with pytest.raises(Refusal, match=remedy):
        comparison(IMPORTED._replace(key_state=state), Wanted().own, UNKNOWN, CURRENT)
