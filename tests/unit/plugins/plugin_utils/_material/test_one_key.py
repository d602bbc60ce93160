# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The facts that a run has established about a key apply until its end, even if KMS returns outdated responses."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import Expiration, WantedExpiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.foreseen import NEW
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.match import Match
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.plan import Plan
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import GivenMaterial, Wanted
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Applied, Failure, Imported, Seen, Step
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.declaration import Declaration
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.given import read_given
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.one_key import OneKey
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.sources import Sources

from ...module_utils.keys import CURRENT, EARLIER, IMPORTED, LABEL, NOW, STAGED, SYMMETRIC
from ..scripts import PROVENANCE, play

FOR_EVER = "KEY_MATERIAL_DOES_NOT_EXPIRE"
OWN, OLDER = (Sources(content=bytes(range(start, start + 32)), key_material_format="raw") for start in (0, 32))
WAITING = Material(STAGED, "PENDING_ROTATION", "PENDING_IMPORT")
#: None of its key materials has a label that identifies it.
UNLABELED = SYMMETRIC._replace(
    expiration_model=FOR_EVER,
    materials=(
        Material(CURRENT, "CURRENT", "IMPORTED", None, FOR_EVER),
        Material(EARLIER, "NON_CURRENT", "IMPORTED", None, FOR_EVER),
    ),
)
REPLICA = UNLABELED._replace(multi_region=True, multi_region_key_type="REPLICA", primary_region="us-east-1")
REFUSED = Failure("No.", {"code": "IncorrectKeyMaterialException"})


def one_key(facts: KeyFacts = UNLABELED, **options: Any) -> OneKey:
    """A task that also gives a previous key material."""
    wanted = Wanted(
        expiration=WantedExpiration(never=True), previous=(GivenMaterial(1, expiration=WantedExpiration(never=True)),)
    )
    declaration = Declaration(facts.arn, wanted, OWN, (OLDER,), **options)
    return OneKey(declaration, last_seen=Seen(facts, NOW, PROVENANCE), given=read_given(declaration, facts))


def applied(*imports: str | None, **values: Any) -> Applied:
    return Applied(UNLABELED, NOW, PROVENANCE, imports=tuple(Imported("request", one) for one in imports), **values)


def matched(key: OneKey) -> list[tuple[str, str, str | None]]:
    play(key.match())
    assert key.matches == (key.outcome.match, *key.outcome.previous)
    return [(one.verdict, one.by, one.key_material_id) for one in key.matches]


OLDER_IMPORT = Step("reimport", place=1)
OWN_IMPORT = Step("reimport", key_material_id=CURRENT)


def test_what_kms_has_taken_is_known_by_that() -> None:
    """KMS returns the label of an import only after a short time."""
    key = one_key()
    assert matched(key) == [("unknown", "none", None), ("unknown", "none", None)]
    key.learn((Step("disable", proof=True), OLDER_IMPORT, OWN_IMPORT), applied(EARLIER, CURRENT))
    assert matched(key) == [("same", "kms_import", CURRENT), ("same", "kms_import", EARLIER)]


def test_what_kms_has_taken_to_stage_it_is_not_the_current_one() -> None:
    key = one_key(UNLABELED._replace(materials=(*(UNLABELED.materials or ()), WAITING)))
    key.learn((Step("stage"),), applied(STAGED))
    assert matched(key)[0] == ("different", "kms_import", STAGED)


@pytest.mark.parametrize("place", [0, 1], ids=["its own", "an older one"])
def test_what_kms_has_refused_is_another_one(place: int) -> None:
    key = one_key()
    step = OLDER_IMPORT if place else OWN_IMPORT
    key.learn((step,), applied(failed_step=0, failure=REFUSED))
    verdicts = [verdict for verdict, _by, _name in matched(key)]
    assert verdicts == (["unknown", "different"] if place else ["different", "unknown"])


@pytest.mark.parametrize("failure", [Failure("No."), Failure("No.", {"code": "AccessDeniedException"})], ids=str)
def test_another_refusal_says_nothing_of_the_key_material(failure: Failure) -> None:
    key = one_key()
    key.learn((OLDER_IMPORT, OWN_IMPORT), applied(EARLIER, failed_step=1, failure=failure))
    assert matched(key) == [("unknown", "none", None), ("same", "kms_import", EARLIER)]


def test_a_replica_key_is_matched_as_its_primary_key() -> None:
    """The IDs are the same, but key material staged in the primary key is not current in the replica key."""
    primary, replica = one_key(), one_key(REPLICA._replace(materials=(*(REPLICA.materials or ()), WAITING)))
    primary.matches = (Match("same", "kms_import", key_material_id=STAGED), Match("same", "label", "", EARLIER))
    replica.match_as(primary)
    own, older = replica.matches
    assert (own.verdict, own.by, own.key_material_id) == ("different", "kms_import", STAGED)
    assert older == primary.matches[1]


def test_a_replica_key_that_shows_nothing_yet_takes_the_answer_of_its_primary_key() -> None:
    primary, replica = one_key(), one_key(REPLICA)
    primary.matches = (Match("same", "kms_import", key_material_id=STAGED), Match.unknown("nothing tells"))
    replica.match_as(primary)
    assert replica.matches == primary.matches


def test_a_staging_of_which_the_reply_was_lost_was_done() -> None:
    """KMS refuses key material that is already staged, and returns it with the label that was sent."""
    key = one_key()
    label = key.given[0].evidence.label
    staged = Material(STAGED, "PENDING_ROTATION", "IMPORTED", label, FOR_EVER)
    key.last_seen = Seen(UNLABELED._replace(materials=(*(UNLABELED.materials or ()), staged)), NOW, PROVENANCE)
    key.stage_refused = True
    assert matched(key)[0] == ("different", "label", STAGED)
    assert (key.stage_refused, key.outcome.done) == (False, ["stage"])


def test_what_is_due() -> None:
    rotate = Step("rotate", key_material_id=STAGED)
    key = one_key()
    assert (key.undecided, key.due) == (True, False)
    for steps, due in (((), (False, False)), ((rotate,), (True, False)), ((OWN_IMPORT, rotate), (True, True))):
        key.decided = Plan(UNLABELED, NOW, steps)
        assert (key.due, key.due_before_rotation) == due
        assert not key.undecided
    key.finished = True
    assert (key.undecided, key.due, key.due_before_rotation) == (False, False, False)


@pytest.mark.parametrize(
    ("facts", "match", "asks"),
    [
        (UNLABELED, Match.unknown("nothing tells"), True),
        (UNLABELED, Match("same", "label", key_material_id=CURRENT), False),
        (UNLABELED._replace(key_spec="HMAC_256"), Match.unknown("nothing tells"), False),
    ],
    ids=["unknown", "known", "not symmetric"],
)
def test_what_kms_says_in_one_region_holds_in_all(facts: KeyFacts, match: Match, asks: bool) -> None:
    key = one_key()
    key.last_seen = Seen(facts, NOW, PROVENANCE)
    key.matches = (match, match)
    key.decided = Plan(facts, NOW, (OWN_IMPORT,))
    assert key.asks == asks
    assert key.restored == {CURRENT}


def test_check_mode_shows_what_a_replica_key_will_take() -> None:
    stage = Step("stage", expiration=Expiration(None), import_type="NEW_KEY_MATERIAL", description=LABEL)
    primary, replica = one_key(IMPORTED), one_key(REPLICA)
    primary.decided = Plan(IMPORTED, NOW, (stage, Step("rotate")), rotating=True)
    replica.decided = Plan(REPLICA, NOW, (OLDER_IMPORT,))
    replica.foresee_staged(primary)
    copied = stage._replace(action="import", import_type="EXISTING_KEY_MATERIAL", key_material_id=NEW)
    assert replica.plan.steps == (OLDER_IMPORT, copied, Step("rotate", proof=True))
    assert replica.plan.actions == ["reimport", "import"], "only the primary key is rotated"


def test_what_was_not_looked_at_is_a_fault_of_the_collection() -> None:
    key = OneKey(Declaration(IMPORTED.arn, Wanted(), Sources()))
    with pytest.raises(CloudKeysError, match="bug in the collection"):
        _facts = key.facts
    with pytest.raises(CloudKeysError, match="bug in the collection"):
        _plan = key.plan
    assert key.restored == set()
