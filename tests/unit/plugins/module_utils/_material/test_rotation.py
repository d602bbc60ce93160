# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Obstacles to a rotation are detected before any change, and reported with a remedy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import WantedExpiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.match import Match
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.rotation import (
    foretell_question,
    plan_rotation,
    presume_new,
    refuse_different,
    refuse_over_replicas,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import Wanted
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Step

from ..keys import CURRENT, EARLIER, IMPORTED, LABEL, NOW, OTHER_LABEL, STAGED

FOR_EVER = "KEY_MATERIAL_DOES_NOT_EXPIRE"
ANOTHER = Match("different", "label", "found that it is different")
OURS = Match("different", "label", "it is staged", STAGED)
NEVER = WantedExpiration(never=True)
RENEWED = WantedExpiration(valid_for=timedelta(90), renew_before=timedelta(30))
REPLICAS: dict[str, Any] = {
    "multi_region": True, "multi_region_key_type": "PRIMARY", "replica_regions": ("eu-west-1",),
}  # fmt: skip


def staged(days: float | None = None, state: str = "PENDING_ROTATION", import_state: str = "IMPORTED") -> Material:
    end = None if days is None else NOW + timedelta(days)
    model = FOR_EVER if end is None else "KEY_MATERIAL_EXPIRES"
    return Material(STAGED, state, import_state, LABEL, model, end)


def with_staged(material: Material, **values: Any) -> KeyFacts:
    return IMPORTED._replace(materials=(*(IMPORTED.materials or ()), material), **values)


def rotated(times: int) -> KeyFacts:
    older = [Material(f"{place:064x}", "NON_CURRENT", rotation_type="ON_DEMAND", import_state="IMPORTED")
             for place in range(times)]  # fmt: skip
    return IMPORTED._replace(materials=(*(IMPORTED.materials or ()), *older))


def wanted(policy: Any = "rotate", **values: Any) -> Wanted:
    return Wanted(**{"on_different_material": policy, "expiration": NEVER, "material_label": OTHER_LABEL, **values})


@pytest.mark.parametrize(
    ("facts", "declared", "match", "actions"),
    [
        (IMPORTED, wanted(), ANOTHER, ["stage", "rotate"]),
        (IMPORTED, wanted("stage"), ANOTHER, ["stage"]),
        (rotated(24), wanted(), ANOTHER, ["stage", "rotate"]),
        (with_staged(staged()), wanted(), OURS, ["rotate"]),
        (with_staged(staged()), wanted("stage"), OURS, []),
        (with_staged(staged(), key_state="Disabled"), wanted("stage", enabled=False), OURS, []),
        (with_staged(staged(), key_state="Disabled"), wanted(enabled=True), OURS, ["rotate"]),
        (IMPORTED._replace(**REPLICAS), wanted(replicas=True), ANOTHER, ["stage", "rotate"]),
        (IMPORTED._replace(**REPLICAS), wanted("stage"), ANOTHER, ["stage"]),
        (with_staged(staged(), **REPLICAS), wanted(), OURS, ["rotate"]),
    ],
)
def test_the_steps(facts: KeyFacts, declared: Wanted, match: Match, actions: list[str]) -> None:
    steps = plan_rotation(facts, declared, match, [], NOW, [])
    assert [step.action for step in steps] == actions


@pytest.mark.parametrize(
    ("facts", "declared", "match", "told"),
    [
        (rotated(25), wanted(), ANOTHER, "25 times"),
        (with_staged(staged(), rotation_started=NOW), wanted(), ANOTHER, "has been rotating the key to it since"),
        (IMPORTED._replace(materials=None, materials_unread="denied"), wanted(), ANOTHER, "kms:ListKeyRotations"),
        (with_staged(staged()), wanted(), ANOTHER, f"key_material_id: {STAGED}"),
        (with_staged(staged(-1)), wanted(), OURS, "is gone"),
        (with_staged(staged(0)), wanted(), OURS, "is gone"),
        (with_staged(staged(import_state="PENDING_IMPORT")), wanted("stage"), OURS, "is gone"),
        (with_staged(staged(29)), wanted("stage", expiration=RENEWED), OURS, "within renew_before"),
        (IMPORTED._replace(key_state="Disabled"), wanted(), ANOTHER, "enabled: true"),
        (IMPORTED._replace(key_state="Disabled"), wanted(enabled=False), ANOTHER, "enabled: true"),
        (IMPORTED._replace(**REPLICAS), wanted(), ANOTHER, "replicas: true"),
        (
            with_staged(staged(state="PENDING_MULTI_REGION_IMPORT_AND_ROTATION"), **REPLICAS),
            wanted(),
            OURS,
            "replicas: true",
        ),
    ],
)
def test_what_is_in_the_way(facts: KeyFacts, declared: Wanted, match: Match, told: str) -> None:
    with pytest.raises(Refusal, match=told) as refused:
        plan_rotation(facts, declared, match, [], NOW, [])
    assert facts.arn in refused.value.sentence


def test_what_the_key_lacks_is_named() -> None:
    lost = Material(EARLIER, "NON_CURRENT", "PENDING_IMPORT")
    with pytest.raises(Refusal, match=EARLIER):
        plan_rotation(IMPORTED, wanted(), ANOTHER, [lost], NOW, [])


@pytest.mark.parametrize(
    ("facts", "declared", "match", "told"),
    [
        (IMPORTED, wanted("fail"), ANOTHER, "set on_different_material: rotate"),
        (IMPORTED._replace(key_spec="HMAC_256"), wanted(), ANOTHER, "cloudkeys.aws.rotate_by_alias"),
        (
            IMPORTED._replace(materials=(*(IMPORTED.materials or ()), Material(EARLIER, "NON_CURRENT", "IMPORTED"))),
            wanted(),
            Match("different", "label", "it is an older one", EARLIER),
            "never makes an older key material the current one again",
        ),
        (
            IMPORTED._replace(multi_region_key_type="REPLICA", primary_region="us-east-1"),
            wanted(),
            ANOTHER,
            "Import it into the primary key first",
        ),
    ],
)
def test_where_no_rotation_is_meant_or_possible(facts: KeyFacts, declared: Wanted, match: Match, told: str) -> None:
    with pytest.raises(Refusal, match=told):
        refuse_different(facts, declared, match)


PRIMARY = IMPORTED._replace(**REPLICAS)
REPLICA = IMPORTED._replace(
    arn=IMPORTED.arn.replace("eu-central-1", "eu-west-1"), region="eu-west-1", multi_region_key_type="REPLICA"
)
LACKING = REPLICA._replace(
    key_state="PendingImport",
    materials=(*(REPLICA.materials or ()), Material(EARLIER, "NON_CURRENT", "PENDING_IMPORT")),
)


def over_replicas(replicas: dict[str, KeyFacts], restored: set[str], enabled: bool | None) -> None:
    refuse_over_replicas(PRIMARY, replicas, {"eu-west-1": restored}, enabled, NOW)


@pytest.mark.parametrize(
    ("replica", "restored", "enabled"),
    [
        (REPLICA, set(), None),
        (LACKING, {EARLIER}, None),
        (REPLICA._replace(key_state="Disabled"), set(), True),
    ],
)
def test_replica_keys_that_are_ready(replica: KeyFacts, restored: set[str], enabled: bool | None) -> None:
    over_replicas({"eu-west-1": replica}, restored, enabled)


@pytest.mark.parametrize(
    ("replicas", "restored", "told"),
    [
        ({}, set(), "could not be read, in eu-west-1"),
        ({"eu-west-1": REPLICA._replace(key_state="Disabled")}, set(), "is Disabled"),
        ({"eu-west-1": REPLICA._replace(materials=None, materials_unread="denied")}, set(), "it is unknown"),
        ({"eu-west-1": LACKING}, set(), EARLIER),
        ({"eu-west-1": LACKING}, {CURRENT}, EARLIER),
    ],
)
def test_replica_keys_that_would_be_unusable(replicas: dict[str, KeyFacts], restored: set[str], told: str) -> None:
    with pytest.raises(Refusal, match=told) as refused:
        over_replicas(replicas, restored, None)
    assert "key was not rotated" in refused.value.sentence


@pytest.mark.parametrize(
    ("facts", "declared", "presumed"),
    [
        (IMPORTED, {}, "different"),
        (IMPORTED, {"policy": "fail"}, "unknown"),
        (IMPORTED, {"material": "given"}, "unknown"),
        (IMPORTED, {"on_unknown_material": "accept"}, "unknown"),
        (IMPORTED._replace(key_state="PendingImport", materials=()), {}, "unknown"),
    ],
    ids=["encrypted elsewhere", "not declared", "plaintext", "the task says what to do", "nothing to replace"],
)
def test_what_was_encrypted_elsewhere_is_taken_for_new(
    facts: KeyFacts, declared: dict[str, Any], presumed: str
) -> None:
    declaration = wanted(**{"material": "wrapped", **declared})
    assert presume_new(facts, declaration, Match.unknown("another ciphertext")).verdict == presumed
    for known in (ANOTHER, OURS, Match("same", "label", key_material_id=CURRENT)):
        assert presume_new(facts, declaration, known) is known


@pytest.mark.parametrize(("import_state", "target"), [("PENDING_IMPORT", STAGED), ("IMPORTED", None)])
def test_a_replica_key_takes_what_is_staged_and_not_there_yet(import_state: str, target: str | None) -> None:
    facts = with_staged(staged(import_state=import_state), multi_region=True, multi_region_key_type="REPLICA")
    match = presume_new(facts, wanted(material="wrapped"), Match.unknown("another ciphertext"))
    assert match.key_material_id == target


UNKNOWN = Match.unknown("it carries no label")
ASKS = Step("reimport", key_material_id=CURRENT)


@pytest.mark.parametrize(
    ("policy", "told"), [("rotate", "is staged, and the key is rotated to it"), ("stage", "is staged.")]
)
def test_check_mode_says_what_a_run_does_when_kms_finds_other_key_material(policy: str, told: str) -> None:
    sentence = str(foretell_question(IMPORTED, wanted(policy), UNKNOWN, [ASKS]))
    assert "it carries no label" in sentence
    assert told in sentence


@pytest.mark.parametrize(
    ("facts", "declared", "match", "step"),
    [
        (IMPORTED, wanted("fail"), UNKNOWN, ASKS),
        (IMPORTED, wanted(on_unknown_material="reimport"), UNKNOWN, ASKS),
        (IMPORTED, wanted(), Match("same", "label", key_material_id=CURRENT), ASKS),
        (IMPORTED, wanted(), UNKNOWN, ASKS._replace(place=1)),
        (IMPORTED, wanted(), UNKNOWN, Step("stage")),
        (IMPORTED._replace(multi_region_key_type="REPLICA"), wanted(), UNKNOWN, ASKS),
        (IMPORTED._replace(current_key_material_id=None, materials=()), wanted(), UNKNOWN, Step("import")),
    ],
    ids=["fail", "reimport", "known", "an older one", "staged", "a replica key", "a first import"],
)
def test_where_an_import_is_no_question_nothing_is_said(
    facts: KeyFacts, declared: Wanted, match: Match, step: Step
) -> None:
    assert foretell_question(facts, declared, match, [step]) is None
