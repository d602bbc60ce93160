# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The replica keys of a multi-Region key, each with its own import parameters, import token and expiration.

A failure in one Region does not affect the others.
"""

from __future__ import annotations

import typing as t

from ...module_utils._errors import CloudKeysError, Refusal
from ...module_utils._kms.identifiers import arn_in_region
from ...module_utils._material.rotation import refuse_over_replicas
from .._controller.conversations import Conversation, Waiting, concluded, gather
from .carry_out import carry_out
from .one_key import OneKey

__all__ = ("carry_out_replicas", "decide_replicas", "look_at_replicas")

# Seconds until a replica key reports the new key materials of its primary key.
_SYNCHRONIZING = 60


def look_at_replicas(key: OneKey, known: t.Sequence[OneKey]) -> Conversation[list[OneKey]]:
    """:param known: from the round before.
    :raises Refusal: the key cannot have replica keys.
    """
    facts = key.facts
    if facts.multi_region_key_type != "PRIMARY":
        raise Refusal(
            f"{facts.arn} is a replica key, but replicas: true requires its primary key, which is in"
            f" {facts.primary_region}. Name the primary key, or remove replicas."
            if facts.replica
            else f"{facts.arn} is a single-Region key, which KMS cannot convert. Remove replicas."
        )
    by_region = {one.declaration.region: one for one in known}
    replicas = [by_region.get(region) or _replica(key, region) for region in facts.replica_regions]
    key.outcome.replicas = [one.outcome for one in replicas]
    yield from _each(replicas, OneKey.look)
    return replicas


def decide_replicas(key: OneKey, replicas: t.Sequence[OneKey]) -> Conversation[None]:
    """Decide the steps of each replica key, and whether all of them are ready for a rotation.

    :param replicas: empty if the task is for the primary key alone; they are read nevertheless.
    :raises Refusal: the key must not be rotated.
    """
    yield from _each(replicas, lambda one: _decide(one, key))
    if key.finished or not (key.plan.changes_current or key.plan.rotating) or key.declaration.wanted.state == "absent":
        return
    looked_at = list(replicas) or [_replica(key, region) for region in key.facts.replica_regions]
    if not replicas:
        yield from _each(looked_at, OneKey.look)
    ready = {one.facts.region: one for one in looked_at if one.outcome.failure is None}
    refuse_over_replicas(
        key.facts,
        {region: one.facts for region, one in ready.items()},
        {region: one.restored for region, one in ready.items()},
        key.declaration.wanted.enabled,
        key.seen.now,
    )


def carry_out_replicas(replicas: t.Sequence[OneKey]) -> Conversation[t.Literal["again", "moved"]]:
    """Carry out the steps of each replica key before the rotation. A failure is recorded in its outcome."""
    due = [one for one in replicas if one.due_before_rotation]
    moved: list[OneKey] = []

    def one_of_them(replica: OneKey) -> Conversation[None]:
        if (yield from carry_out(replica)) == "moved":
            moved.append(replica)

    yield from _each(due, one_of_them)
    return "moved" if moved else "again"


def _replica(key: OneKey, region: str) -> OneKey:
    return OneKey(key.declaration.for_replica(arn_in_region(key.facts.arn, region), region))


def _each(replicas: t.Sequence[OneKey], do: t.Callable[[OneKey], Conversation[None]]) -> Conversation[None]:
    """Process the replica keys concurrently. One that fails is finished."""
    going_on = [one for one in replicas if not one.finished]
    yield from gather([concluded(do(one), one.outcome) for one in going_on])
    for one in going_on:
        one.finished = one.outcome.failure is not None


def _decide(replica: OneKey, primary: OneKey) -> Conversation[None]:
    if not primary.facts.symmetric:
        yield from replica.match()
        replica.decide()
        return
    staging = primary.decided is not None and primary.plan.stages
    if not staging:
        yield from _until_synchronized(replica, primary)
    if primary.declaration.check_mode and primary.decided is not None:
        replica.match_as_foreseen(primary)
    else:
        replica.match_as(primary)
    replica.decide(without_own=staging)
    if staging and primary.declaration.check_mode:
        replica.foresee_staged(primary)


def _until_synchronized(replica: OneKey, primary: OneKey) -> Conversation[None]:
    """Wait until KMS has copied the IDs of key materials to the replica keys, which takes some moments.

    :raises CloudKeysError: it takes too long.
    """
    needed = {match.key_material_id for match in primary.matches} - {None}
    waiting = Waiting(_SYNCHRONIZING)
    while replica.facts.materials is not None and not all(replica.facts.material(one) for one in needed):
        if waiting.over:
            raise CloudKeysError(
                f"{replica.facts.arn} does not report the key materials of its primary key yet. Run the task again;"
                " it checks the current state first."
            )
        yield from waiting.pause()
        yield from replica.look()
