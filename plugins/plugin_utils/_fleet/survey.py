# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Read every key of a fleet before anything is written: which are as declared, which are due, and which fail.

The survey runs the conversation that changes the key, and ends it before the first change. So there is only one
decision.
"""

from __future__ import annotations

import hashlib
import typing as t
from dataclasses import dataclass
from datetime import datetime

from ...module_utils._kms.identifiers import alias_name
from ...module_utils._messages import EnsureKey, Look, Request, changes
from .._controller.conversations import Answers, Asks, Conversation, Pause
from .._material.one_key import OneKey
from .fleet_key import FleetKey
from .keep import KeyRecord, keep

__all__ = ("Surveyed", "claims", "survey")


@dataclass(frozen=True)
class Surveyed:
    """The knowledge about one key before anything is written.

    :ivar due: whether there is a step to carry out or to wait for.
    :ivar of_key: the first actions of ``kms_external_key``, in the terms of its result; *of_material* the actions of
        ``kms_key_material``, as far as they are known; *at_last* the remaining actions after those.
    :ivar arn: None for a key that does not exist yet.
    :ivar material: equal for two keys if they have the same plaintext key material; None if the entry gives none.
    :ivar ends: when the key material to be imported expires; None if none is imported, or it does not expire.
    """

    record: KeyRecord
    due: bool = False
    of_key: tuple[str, ...] = ()
    of_material: tuple[str, ...] = ()
    at_last: tuple[str, ...] = ()
    arn: str | None = None
    material: bytes | None = None
    ends: datetime | None = None

    @property
    def actions(self) -> tuple[str, ...]:
        return (*self.of_key, *self.of_material, *self.at_last)


def survey(key: FleetKey, salt: bytes) -> Conversation[Surveyed]:
    """:param salt: random, for this run: the digests of key material are useless outside of it."""
    record = KeyRecord()
    conversation = keep(key, record)
    begins = False
    answers = t.cast(Answers, None)
    while True:
        try:
            asked = conversation.send(answers)
        except StopIteration:
            break
        if any(_begins(one) for one in asked):
            begins = True
            conversation.close()
            break
        answers = yield _only_looking(asked)
    # In check mode, the conversation continues to its end, and reports there what it would do.
    begins = begins or any(one.done for outcome in record.outcomes for one in (outcome, *(outcome.replicas or ())))
    changes_key = any(ensured.result.changed for ensured in record.ensured)
    material = record.key
    record.key = None
    return Surveyed(
        record,
        # It may begin in spite of a failure: a failed replica key does not affect the key material of the others.
        due=begins or (changes_key and not record.failures),
        of_key=record.ensured[0].result.actions if record.ensured else (),
        of_material=() if material is None or material.decided is None else tuple(material.decided.actions),
        at_last=_replications(record),
        arn=_arn(record, material),
        material=None if material is None else _digest(material, salt),
        ends=None if material is None else _ends(material),
    )


def claims(key: FleetKey, surveyed: Surveyed) -> set[tuple[str, str]]:
    """The keys that no other entry of the list may also manage: the key, and each of its replica keys with the part
    that this entry manages (the key itself, its key material, or both). Each is identified by its ARN, or by its alias
    and Region if the key does not exist yet.
    """
    record = surveyed.record
    name = surveyed.arn or next(
        (_by_alias(key, ensured.seen.facts.region) for ensured in record.ensured if ensured.seen), None
    )
    parts = [part for part, there in (("key", key.options is not None), ("material", key.material)) if there]
    own = {(part, name) for part in ("entry", *parts)} if name is not None else set()
    of_key = {
        ("key", replica)
        for ensured in record.ensured
        for one in ensured.result.replicas
        for replica in (one.arn, _by_alias(key, one.region))
        if replica is not None
    }
    of_material = {
        ("material", one.facts.arn)
        for outcome in record.outcomes
        for one in outcome.replicas or ()
        if one.facts is not None
    }
    return own | of_key | of_material


def _by_alias(key: FleetKey, region: str) -> str:
    alias = (key.options or {}).get("alias")
    return f"{key.name if alias is None else alias_name(alias)} in Region {region}"


def _begins(asked: Request | Pause) -> bool:
    """Whether this is the first request that a survey leaves to the run: a change, or waiting for one to end."""
    if isinstance(asked, Pause):
        return True
    return changes(asked) and not isinstance(asked, EnsureKey)


def _only_looking(asked: Asks) -> Asks:
    return tuple(
        one._replace(check_mode=True)
        if isinstance(one, EnsureKey)
        else one._replace(parameters="never")
        if isinstance(one, Look)
        else one
        for one in asked
    )


def _replications(record: KeyRecord) -> tuple[str, ...]:
    """The replications after the import."""
    return ("replicate_key",) * len(record.ensured[0].lacking_regions) if record.ensured and record.outcomes else ()


def _arn(record: KeyRecord, material: OneKey | None) -> str | None:
    if record.ensured:
        return record.ensured[0].arn
    return None if material is None or material.last_seen is None else material.facts.arn


def _digest(material: OneKey, salt: bytes) -> bytes | None:
    own = material.given[0].material if material.given else None
    return None if own is None else hashlib.blake2b(own.data, key=salt, digest_size=32).digest()


def _ends(material: OneKey) -> datetime | None:
    if material.decided is None:
        return None
    ends = [step.expiration.valid_to for step in material.decided.imports if step.expiration and not step.place]
    return ends[0] if ends else None
