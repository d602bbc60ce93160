# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each replica key has its own plan, made only after KMS returns the primary key's key materials for it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.match import Match
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.plan import Plan
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import Wanted
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Failed, Failure, Seen, Step
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.evidence import Evidence
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.declaration import Declaration
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.given import Given
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.one_key import OneKey
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.replicas import (
    decide_replicas,
    look_at_replicas,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.sources import Sources

from ...module_utils.keys import CURRENT, IMPORTED, LABEL, NOW, STAGED
from ..scripts import PROVENANCE, play

HOME, NEAR, FAR = "eu-central-1", "eu-west-1", "us-west-2"
PRIMARY = IMPORTED._replace(
    multi_region=True, multi_region_key_type="PRIMARY", primary_region=HOME, replica_regions=(NEAR, FAR)
)
WAITING = Material(STAGED, "PENDING_ROTATION", "IMPORTED", LABEL, "KEY_MATERIAL_DOES_NOT_EXPIRE")
STAGED_THERE = PRIMARY._replace(materials=(*(PRIMARY.materials or ()), WAITING))
ROTATE = Step("rotate", key_material_id=STAGED)


def replica_in(region: str, **values: Any) -> KeyFacts:
    arn = PRIMARY.arn.replace(HOME, region)
    return PRIMARY._replace(**{"arn": arn, "region": region, "multi_region_key_type": "REPLICA", **values})


def one_key(facts: KeyFacts, **options: Any) -> OneKey:
    declaration = Declaration(
        facts.arn, Wanted(material="none", replicas=True, on_different_material="rotate"), Sources(), **options
    )
    return OneKey(declaration, last_seen=seen(facts), given=(Given(Sources(), None, Evidence()),), matches=(SAME,))


def seen(facts: KeyFacts) -> Seen:
    return Seen(facts, NOW, PROVENANCE)


SAME = Match("same", "label", key_material_id=CURRENT)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (replica_in(NEAR), "Name the primary key, or remove replicas"),
        (IMPORTED, "is a single-Region key"),
    ],
    ids=["a replica key", "a single-Region key"],
)
def test_only_a_primary_key_has_replica_keys(facts: KeyFacts, told: str) -> None:
    with pytest.raises(Refusal, match=told):
        play(look_at_replicas(one_key(facts), []))


def test_each_is_asked_for_in_its_region() -> None:
    key = one_key(PRIMARY)
    replicas, asked = play(look_at_replicas(key, []), seen(replica_in(NEAR)), seen(replica_in(FAR)))
    expected = [(replica_in(region).arn, region) for region in (NEAR, FAR)]
    assert [(one.key, one.region) for one in asked] == expected
    assert [one.facts.region for one in replicas] == [NEAR, FAR]
    assert key.outcome.replicas == [one.outcome for one in replicas]


def test_a_region_that_cannot_be_looked_at_is_asked_once() -> None:
    """The facts about the other Regions are kept for the next round."""
    key = one_key(PRIMARY)
    first, _asked = play(look_at_replicas(key, []), Failed(Failure("Denied.")), seen(replica_in(FAR)))
    assert [(one.finished, one.outcome.failure) for one in first] == [(True, Failure("Denied.")), (False, None)]
    again, asked = play(look_at_replicas(key, first), seen(replica_in(FAR)))
    assert [one.region for one in asked] == [FAR]
    assert all(one is other for one, other in zip(first, again, strict=True))


def deciding(key: OneKey, *facts: KeyFacts) -> list[OneKey]:
    return [
        OneKey(key.declaration.for_replica(one.arn, one.region), last_seen=seen(one), given=key.given) for one in facts
    ]


def test_a_replica_key_waits_until_kms_shows_it_what_its_primary_key_has() -> None:
    key = one_key(STAGED_THERE)
    key.matches = (Match("same", "kms_import", key_material_id=STAGED),)
    key.decided = Plan(STAGED_THERE, NOW)
    behind, told = replica_in(NEAR), replica_in(NEAR, materials=STAGED_THERE.materials)
    (replica,) = replicas = deciding(key, behind)
    pauses: list[float] = []
    _none, asked = play(decide_replicas(key, replicas), seen(behind), seen(told), pauses=pauses)
    assert (len(asked), pauses) == (2, [2, 4])
    assert replica.matches[0].key_material_id == STAGED
    assert replica.outcome.failure is None


def test_it_does_not_wait_for_ever() -> None:
    key = one_key(STAGED_THERE)
    key.matches = (Match("same", "kms_import", key_material_id=STAGED),)
    key.decided = Plan(STAGED_THERE, NOW)
    (replica,) = replicas = deciding(key, replica_in(NEAR))
    pauses: list[float] = []
    play(decide_replicas(key, replicas), *[seen(replica_in(NEAR))] * 7, pauses=pauses)
    assert pauses == [2, 4, 8, 15, 15, 15, 1]
    assert replica.finished
    assert "does not report the key materials of its primary key" in str(replica.outcome.failure)


def test_a_primary_key_that_is_rotated_alone_is_not_rotated_over_a_replica_key_that_is_not_ready() -> None:
    """Its replica keys are read but not changed."""
    key = one_key(STAGED_THERE)
    key.decided = Plan(STAGED_THERE, NOW, (ROTATE,))
    lost = replica_in(FAR, key_state="PendingImport", materials=(Material(CURRENT, "CURRENT", "PENDING_IMPORT"),))
    with pytest.raises(Refusal, match=f"{FAR}.*lacks required key material"):
        play(decide_replicas(key, []), seen(replica_in(NEAR)), seen(lost))
    with pytest.raises(Refusal, match=f"could not be read, in {NEAR}"):
        play(decide_replicas(key, []), Failed(Failure("Denied.")), seen(replica_in(FAR)))
    _none, asked = play(decide_replicas(key, []), seen(replica_in(NEAR)), seen(replica_in(FAR)))
    assert [one.region for one in asked] == [NEAR, FAR]


def test_where_nothing_is_rotated_no_other_region_is_asked() -> None:
    key = one_key(PRIMARY)
    key.decided = Plan(PRIMARY, NOW, (Step("reimport", key_material_id=CURRENT),))
    _none, asked = play(decide_replicas(key, []))
    assert asked == []
