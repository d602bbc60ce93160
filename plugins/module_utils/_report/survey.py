# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The reading for ``kms_key_material_info`` and the inventory: many keys at the same time, each with what may be read
of it.
"""

from __future__ import annotations

import typing as t
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timezone

from .._errors import CloudKeysError
from .._key.reading import read_if_possible, read_key
from .._kms.client import Kms
from .._kms.concurrency import concurrently
from .._kms.errors import KmsError
from .entry import Filters, Reading, describe, last_read, matches_alias, selected
from .regions import other_regions

__all__ = ("KeyListing", "read_every_key", "read_keys", "describe_selected", "with_other_regions")

# DescribeKey's answers to a name that no key of this account and Region has, or could have.
_NO_SUCH_KEY = ("InvalidArnException", "NotFoundException", "ValidationException")
_Given = t.TypeVar("_Given")
_Found = t.TypeVar("_Found")
_Aliases = t.Optional[t.Mapping[str, tuple[str, ...]]]


class KeyListing(t.NamedTuple):
    """What is told of the keys that were asked for.

    :ivar read_at: the time that days are counted from, by KMS's own clock.
    """

    entries: list[dict[str, t.Any]]
    read_at: datetime


def describe_selected(
    readings: t.Sequence[Reading], filters: Filters, answered_at: datetime | None = None
) -> KeyListing:
    """The entries of those keys that the filters ask for, in the order of their readings.

    :param answered_at: KMS's time at its last answer, which counts if no key was described. A report has one time for
        many Regions, and a Region without keys must not bring the clock of this machine into it.
    """
    # By this machine's clock only where KMS said nothing.
    now = last_read(readings, otherwise=answered_at or datetime.now(timezone.utc).replace(microsecond=0))
    entries = (describe(reading, now) for reading in readings)
    return KeyListing([entry for entry in entries if selected(entry, filters)], now)


def read_keys(kms: Kms, names: t.Sequence[str], with_tags: bool) -> list[Reading]:
    """The keys of these names, in their order, whatever their origin."""
    return [one for one in concurrently(lambda name: _read(kms, name, None, None, with_tags), names) if one]


def read_every_key(kms: Kms, with_tags: bool, filters: Filters) -> list[Reading]:
    """Every key with the origin EXTERNAL, and those that cannot be described and so might be one.

    Of the filters only the aliases count here, as they are known before a key is described.
    """
    aliases: _Aliases
    if filters.alias_patterns:
        aliases, why = _aliases_by_key(kms), None
    else:
        aliases, why = read_if_possible(lambda: _aliases_by_key(kms))
    listed = [
        entry["KeyArn"]
        for entry in kms.list_keys()
        if aliases is None or matches_alias(aliases.get(entry["KeyId"], ()), filters)
    ]
    readings = concurrently(lambda arn: _read(kms, arn, aliases or {}, why, with_tags, only_external=True), listed)
    return [one for one in readings if one]


def with_other_regions(readings: t.Sequence[Reading], in_region: t.Callable[[str], Kms]) -> list[Reading]:
    """The same readings, those of multi-Region keys with what the other Regions of the key have.

    Nothing that happens there is an error: it is why the key is unread in that Region.

    :param in_region: makes KMS for a Region. It is called in this thread, once for each.
    """
    wanted = [other_regions(one.facts) if one.facts else {} for one in readings]
    # A client; or why the Region has no answer for any key, such as an endpoint that is out of reach. Then it is not
    # asked again.
    clients = {region: _try(in_region, region) for region in sorted({region for arns in wanted for region in arns})}

    def read(place: tuple[str, str]) -> Reading:
        region, arn = place
        client = clients[region]
        found = client if isinstance(client, str) else _try(lambda kms: _read(kms, arn, {}, None, False), client)
        if isinstance(found, str):
            clients[region] = found
            return Reading(arn, unread={"key": found})
        return found or Reading(arn)

    places = sorted({place for arns in wanted for place in arns.items()})
    found = dict(zip(places, concurrently(read, places)))
    return [
        replace(reading, others=tuple(found[place] for place in arns.items())) if _is_multi_region(reading) else reading
        for reading, arns in zip(readings, wanted)
    ]


def _try(function: t.Callable[[_Given], _Found], given: _Given) -> _Found | str:
    """What *function* returns, or why there is nothing."""
    try:
        return function(given)
    except KmsError as error:
        return error.clause
    except CloudKeysError as error:
        return error.sentence


def _is_multi_region(reading: Reading) -> bool:
    return reading.facts is not None and reading.facts.multi_region


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
        facts, now, metadata = read_key(kms, name)
    except KmsError as error:
        if not error.unreadable:
            raise
        known = (aliases or {}).get(name.rpartition("/")[2])
        exists = False if error.code in _NO_SUCH_KEY else None
        return Reading(name, aliases=known, unread={"key": error.clause}, exists=exists)
    if only_external and facts.origin != "EXTERNAL":
        return None
    own = tags = tags_unread = None
    if aliases is not None:
        own = None if aliases_unread else aliases.get(facts.key_id, ())
    else:
        entries, aliases_unread = read_if_possible(lambda: kms.list_aliases(facts.arn))
        own = None if entries is None else tuple(entry["AliasName"] for entry in entries)
    if with_tags:
        tags, tags_unread = read_if_possible(lambda: kms.list_resource_tags(facts.arn))
    unread = {
        "materials": facts.materials_unread,
        "rotation": facts.rotation_unread,
        "aliases": aliases_unread,
        "tags": tags_unread,
    }
    return Reading(
        name,
        facts,
        metadata.get("Description", ""),
        metadata.get("CreationDate"),
        own,
        tags,
        {what: why for what, why in unread.items() if why is not None},
        exists=True,
        read_at=now,
    )
