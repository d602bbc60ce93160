# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rotation starts when every Region is ready. The run waits for it in every Region in many short visits."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.foreseen import foreseen
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.plan import Plan
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import Wanted
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import (
    Applied,
    Apply,
    Failure,
    Look,
    Seen,
    Step,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.advance import advance
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.declaration import Declaration
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.one_key import OneKey
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.sources import Sources

from ...module_utils.keys import IMPORTED, NOW, STAGED
from ..scripts import PROVENANCE, play

BEFORE = IMPORTED._replace(
    materials=(*(IMPORTED.materials or ()), Material(STAGED, "PENDING_ROTATION", "IMPORTED")),
    multi_region=True,
    multi_region_key_type="PRIMARY",
)
AFTER = foreseen(BEFORE, [Step("rotate")], NOW)
ROTATE = Step("rotate", key_material_id=STAGED)
RUNNING = ROTATE._replace(proof=True)
ACCEPTED = Applied(BEFORE, NOW, PROVENANCE, ("rotate",))


def decided(facts: KeyFacts, *steps: Step, **options: Any) -> OneKey:
    declaration = Declaration(facts.arn, Wanted(), Sources(), **options)
    return OneKey(declaration, last_seen=seen(facts), decided=Plan(facts, NOW, steps, rotating=bool(steps)))


def seen(facts: KeyFacts) -> Seen:
    return Seen(facts, NOW, PROVENANCE)


def elsewhere(facts: KeyFacts) -> KeyFacts:
    return facts._replace(
        arn=facts.arn.replace(facts.region, "eu-west-1"), region="eu-west-1", multi_region_key_type="REPLICA"
    )


def test_a_rotation_is_awaited_with_pauses_that_grow() -> None:
    key = decided(BEFORE, ROTATE)
    pauses: list[float] = []
    progress, asked = play(advance(key, []), ACCEPTED, *[seen(BEFORE)] * 5, seen(AFTER), pauses=pauses)
    assert progress == "again", "steps after a rotation belong to the next round"
    assert [type(one) for one in asked] == [Apply] + [Look] * 6
    assert pauses == [2, 4, 8, 15, 15]
    assert (key.outcome.done, key.outcome.facts) == (["rotate"], AFTER)


def test_one_that_runs_already_is_not_begun_again() -> None:
    _progress, asked = play(advance(decided(BEFORE, RUNNING), []), seen(AFTER))
    assert [type(one) for one in asked] == [Look]


@pytest.mark.parametrize(("timeout", "waits"), [(1, [1]), (6, [2, 4]), (20, [2, 4, 8, 6])])
def test_the_pauses_add_up_to_the_timeout(timeout: int, waits: list[float]) -> None:
    key = decided(BEFORE, ROTATE, rotation_timeout=timeout)
    pauses: list[float] = []
    with pytest.raises(CloudKeysError, match=f"after {timeout} s eu-central-1 does not report it"):
        play(advance(key, []), ACCEPTED, *[seen(BEFORE)] * (len(waits) + 1), pauses=pauses)
    assert pauses == waits
    assert key.outcome.done == ["rotate"], "KMS has accepted it"


def test_every_region_is_awaited() -> None:
    key, replica = decided(BEFORE, ROTATE, rotation_timeout=1), decided(elsewhere(BEFORE))
    answers = [seen(AFTER), seen(elsewhere(BEFORE))]
    with pytest.raises(CloudKeysError, match="after 1 s eu-west-1 does not report it"):
        play(advance(key, [replica]), ACCEPTED, *answers, *answers, pauses=[])
    assert replica.outcome.facts == elsewhere(BEFORE)
    _progress, asked = play(advance(key, [replica]), ACCEPTED, seen(AFTER), seen(elsewhere(AFTER)))
    assert [one.key for one in asked] == [BEFORE.arn, BEFORE.arn, replica.facts.arn]


def test_nothing_is_rotated_while_a_region_is_not_ready() -> None:
    replica = decided(elsewhere(BEFORE))
    replica.outcome.failure = Failure("Denied.")
    with pytest.raises(CloudKeysError, match="its replica keys in eu-west-1 are not ready"):
        play(advance(decided(BEFORE, ROTATE), [replica]))


def test_who_does_not_wait_is_told_so() -> None:
    key = decided(BEFORE, ROTATE, rotation_timeout=None)
    progress, asked = play(advance(key, []), ACCEPTED)
    assert (progress, len(asked), key.finished) == ("finished", 1, True)
    assert "does not wait for it (wait: false)" in " ".join(key.outcome.warnings)


@pytest.mark.parametrize(
    ("answer", "progress"),
    [
        (ACCEPTED._replace(done=(), changed=True), "moved"),
        (ACCEPTED._replace(done=(), failed_step=0, failure=Failure("No.")), "finished"),
    ],
    ids=["the key has changed", "KMS refuses"],
)
def test_a_rotation_that_is_not_begun_is_not_awaited(answer: Applied, progress: str) -> None:
    key = decided(BEFORE, ROTATE)
    assert play(advance(key, []), answer)[0] == progress
    assert key.outcome.failure == answer.failure
