# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The reading for ``kms_key_material_info``: many keys at the same time, each with what may be read of it."""

from __future__ import annotations

import functools
import typing as t
from collections import defaultdict

from .._key.facts import KeyFacts
from .._kms.client import Kms
from .._kms.concurrency import concurrently
from .._kms.errors import KmsError
from .entry import Filters, Reading, matches_alias

__all__ = ("read_every_key", "read_keys")

# DescribeKey's answers to a name that no key of this account and Region has, or could have.
_NO_SUCH_KEY = ("InvalidArnException", "NotFoundException", "ValidationException")
_Aliases = t.Optional[t.Mapping[str, tuple[str, ...]]]
_Answer = t.TypeVar("_Answer")


def read_keys(kms: Kms, names: t.Sequence[str], with_tags: bool) -> list[Reading]:
    """The keys of these names, in their order, whatever their origin."""
    return [one for one in concurrently(lambda name: _read(kms, name, None, None, with_tags), names) if one]


def read_every_key(kms: Kms, with_tags: bool, filters: Filters) -> list[Reading]:
    """Every key with the origin EXTERNAL, and those that cannot be described and so might be one.

    Of the filters only the aliases count here, as they are known before a key is described.
    """
    aliases, why = None, None
    try:
        aliases = _aliases_by_key(kms)
    except KmsError as error:
        if filters.alias_patterns or not error.unreadable:
            raise
        why = error.clause
    listed = [
        entry["KeyArn"]
        for entry in kms.list_keys()
        if aliases is None or matches_alias(aliases.get(entry["KeyId"], ()), filters)
    ]
    readings = concurrently(lambda arn: _read(kms, arn, aliases or {}, why, with_tags, only_external=True), listed)
    return [one for one in readings if one]


def _aliases_by_key(kms: Kms) -> dict[str, tuple[str, ...]]:
    aliases: dict[str, list[str]] = defaultdict(list)
    for entry in kms.list_aliases():
        if "TargetKeyId" in entry:
            aliases[entry["TargetKeyId"]].append(entry["AliasName"])
    return {key: tuple(names) for key, names in aliases.items()}


def _read(
    kms: Kms, name: str, aliases: _Aliases, aliases_unread: str | None, with_tags: bool, only_external: bool = False
) -> Reading | None:
    """:param aliases: of all keys, where they are known already; None to ask for this key's."""
    try:
        metadata = kms.describe_key(name)
    except KmsError as error:
        if not error.unreadable:
            raise
        known = (aliases or {}).get(name.rpartition("/")[2])
        exists = False if error.code in _NO_SUCH_KEY else None
        return Reading(name, aliases=known, unread={"key": error.clause}, exists=exists)
    if only_external and metadata.get("Origin") != "EXTERNAL":
        return None
    arn = metadata["Arn"]
    unread: dict[str, str] = {}
    rotations = None
    if metadata.get("Origin") == "EXTERNAL" and metadata.get("KeySpec") == "SYMMETRIC_DEFAULT":
        rotations = _try(unread, "materials", functools.partial(kms.list_key_materials, arn))
    own: tuple[str, ...] | None
    if aliases_unread:
        own, unread["aliases"] = None, aliases_unread
    elif aliases is not None:
        own = aliases.get(metadata["KeyId"], ())
    else:
        entries = _try(unread, "aliases", functools.partial(kms.list_aliases, arn))
        own = None if entries is None else tuple(entry["AliasName"] for entry in entries)
    tags = _try(unread, "tags", functools.partial(kms.list_resource_tags, arn)) if with_tags else None
    return Reading(
        name,
        KeyFacts.from_kms(metadata, rotations, unread.get("materials"), kms.now),
        metadata.get("Description", ""),
        metadata.get("CreationDate"),
        tuple(sorted(one["Region"] for one in metadata.get("MultiRegionConfiguration", {}).get("ReplicaKeys", ()))),
        own,
        tags,
        unread,
        exists=True,
    )


def _try(unread: dict[str, str], what: str, call: t.Callable[[], _Answer]) -> _Answer | None:
    try:
        return call()
    except KmsError as error:
        if not error.unreadable:
            raise
        unread[what] = error.clause
        return None
