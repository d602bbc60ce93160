# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An alias moves only from the expected key, and only to a usable key of the same kind."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.alias import (
    refuse_alias_options,
    refuse_foreign_aliases,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.plan import (
    Found,
    WantedKey,
    foreseen,
    plan_absent,
    plan_present,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.specs import KEY_SPECS

from ..keys import SYMMETRIC

ALIAS, NEXT = "alias/payments", "alias/payments-next"
OLD = SYMMETRIC._replace(
    key_id="0987dcba-09fe-87dc-65ba-ab0987654321",
    arn="arn:aws:kms:eu-central-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321",
)
MOVE = WantedKey(alias=ALIAS, move_alias=True)
KINDS = [(name, usage) for name, spec in KEY_SPECS.items() for usage in spec.key_usages]


def there(new: KeyFacts = SYMMETRIC, old: KeyFacts | None = OLD, **more: Any) -> Found:
    """The alias names *old*, or does not exist."""
    return Found(new, alias_is_there=False, alias_target=old, **more)


def refusal_of(found: Found) -> str | None:
    try:
        plan_present(MOVE, found)
    except Refusal as refusal:
        return refusal.sentence
    return None


def test_the_alias_moves_last_and_the_diff_shows_from_where() -> None:
    wanted = dataclasses.replace(MOVE, description="new", tags={"a": "1"}, remove_aliases=(NEXT,))
    found = there(tags={}, removable={NEXT: SYMMETRIC.arn})
    plan = plan_present(wanted, found)
    assert plan.actions == ("update_key_description", "tag_resource", "update_alias", "delete_alias")
    assert [step.parameters for step in plan.steps[2:]] == [{"AliasName": ALIAS}, {"AliasName": NEXT}]
    names = ("alias", "alias_target", "aliases_to_remove")
    assert [plan.before[name] for name in names] == [ALIAS, OLD.arn, [NEXT]]
    assert [plan.after[name] for name in names] == [ALIAS, SYMMETRIC.arn, []]
    assert foreseen(found, plan).alias_is_there


@pytest.mark.parametrize("state", ["Enabled", "Disabled", "PendingImport"])
def test_an_alias_that_has_moved_is_no_change_and_nothing_is_checked(state: str) -> None:
    found = Found(SYMMETRIC._replace(key_state=state), alias_is_there=True)
    plan = plan_present(dataclasses.replace(MOVE, move_alias_from=OLD.arn), found)
    assert plan.steps == ()
    assert plan.before == plan.after


def test_an_alias_that_does_not_exist_is_created_unless_it_was_to_be_there() -> None:
    assert plan_present(MOVE, there(old=None)).actions == ("create_alias",)
    with pytest.raises(Refusal, match=f"{ALIAS} does not exist, but move_alias_from"):
        plan_present(dataclasses.replace(MOVE, move_alias_from=OLD.arn), there(old=None))


@pytest.mark.parametrize("expected", [OLD.arn, OLD.key_id, OLD.arn.replace("eu-central-1", "eu-west-1")])
def test_it_moves_from_the_key_that_is_expected(expected: str) -> None:
    wanted = dataclasses.replace(MOVE, move_alias_from=expected)
    assert plan_present(wanted, there()).actions == ("update_alias",)
    third = OLD._replace(key_id="1" * 8 + OLD.key_id[8:])
    with pytest.raises(Refusal, match="Another user moved the alias"):
        plan_present(wanted, there(old=third))


@pytest.mark.parametrize(
    "state", ["Disabled", "PendingImport", "PendingDeletion", "PendingReplicaDeletion", "Unavailable"]
)
@pytest.mark.parametrize("enabled", [None, True, False])
def test_it_moves_to_no_key_that_is_not_usable(state: str, enabled: bool | None) -> None:
    """This includes a key that the same task would enable, because that step could fail."""
    wanted = dataclasses.replace(MOVE, enabled=enabled)
    with pytest.raises(Refusal, match=f"is {state}, so everything that uses {ALIAS} would fail"):
        plan_present(wanted, there(SYMMETRIC._replace(key_state=state)))


def test_it_moves_to_no_key_that_the_task_disables() -> None:
    with pytest.raises(Refusal, match="enabled is false"):
        plan_present(dataclasses.replace(MOVE, enabled=False), there())


def test_it_moves_between_keys_of_one_type_and_one_usage() -> None:
    """API Reference, UpdateAlias: both keys are symmetric, asymmetric, or HMAC keys, and have the same key usage."""
    allowed = set()
    for (spec, usage), (other, other_usage) in itertools.product(KINDS, KINDS):
        found = there(
            SYMMETRIC._replace(key_spec=spec, key_usage=usage), OLD._replace(key_spec=other, key_usage=other_usage)
        )
        told = refusal_of(found)
        if told is None:
            allowed.add((spec, usage, other, other_usage))
        else:
            assert "KMS moves an alias only between keys of the same type" in told
    assert ("HMAC_256", "GENERATE_VERIFY_MAC", "HMAC_512", "GENERATE_VERIFY_MAC") in allowed
    assert ("RSA_2048", "SIGN_VERIFY", "ECC_NIST_P256", "SIGN_VERIFY") in allowed
    assert all(usage == other_usage for _spec, usage, _other, other_usage in allowed)
    # Two key types have this key usage.
    assert ("RSA_2048", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT") not in allowed


def test_the_old_key_may_be_of_any_origin() -> None:
    assert plan_present(MOVE, there(old=OLD._replace(origin="AWS_KMS"))).actions == ("update_alias",)


def test_an_alias_that_is_gone_needs_no_removal() -> None:
    wanted = WantedKey(remove_aliases=(NEXT,))
    plan = plan_present(wanted, Found(SYMMETRIC, removable={NEXT: None}))
    assert plan.steps == ()
    assert plan.before == plan.after


def test_no_alias_of_another_key_is_removed() -> None:
    with pytest.raises(Refusal, match=f"{NEXT} points to {OLD.arn}"):
        refuse_foreign_aliases(Found(SYMMETRIC, removable={ALIAS: SYMMETRIC.arn, NEXT: OLD.arn}))
    refuse_foreign_aliases(Found(SYMMETRIC, removable={ALIAS: SYMMETRIC.arn, NEXT: None}))


@pytest.mark.parametrize("state", ["Enabled", "PendingDeletion"])
def test_a_key_that_is_to_go_loses_its_alias_first(state: str) -> None:
    wanted = WantedKey(remove_aliases=(NEXT,))
    found = Found(SYMMETRIC._replace(key_state=state), removable={NEXT: SYMMETRIC.arn})
    plan = plan_absent(wanted, found)
    assert plan.actions == ("delete_alias", "schedule_key_deletion")[: 1 if state == "PendingDeletion" else 2]
    assert plan.after == {"key_state": "PendingDeletion", "aliases_to_remove": []}


@pytest.mark.parametrize(
    ("options", "key_id", "state", "told"),
    [
        ({"alias": ALIAS, "move_alias_from": OLD.arn}, "k", "present", "move_alias is not true"),
        ({"move_alias": True}, "k", "present", "requires alias, which moves"),
        ({"alias": ALIAS, "move_alias": True}, None, "present", "requires alias, which moves"),
        ({"alias": ALIAS, "move_alias": True}, "k", "absent", "requires state: present"),
        ({"alias": ALIAS, "remove_aliases": (NEXT,)}, None, "present", "requires key_id"),
        ({"alias": ALIAS, "remove_aliases": (ALIAS,)}, "k", "present", "in both alias and remove_aliases"),
        ({"remove_aliases": (NEXT,), "replica_regions": ("eu-west-1",)}, "k", "present", "apply to one Region"),
    ],
)
def test_options_that_do_not_belong_together(
    options: dict[str, Any], key_id: str | None, state: str, told: str
) -> None:
    with pytest.raises(Refusal, match=told):
        refuse_alias_options(WantedKey(**options), key_id, state)


def test_options_that_belong_together() -> None:
    refuse_alias_options(WantedKey(), "k", "present")
    refuse_alias_options(WantedKey(remove_aliases=(NEXT,)), "k", "absent")
    refuse_alias_options(
        WantedKey(alias=ALIAS, move_alias=True, move_alias_from=OLD.arn, remove_aliases=(NEXT,)), "k", "present"
    )
