# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What ``kms_key_material_info`` tells of one key, and whether it was asked for. Pure."""

from __future__ import annotations

import fnmatch
import typing as t
from dataclasses import dataclass, field
from datetime import datetime

from .._key.expiration import format_time
from .._key.facts import KeyFacts, Material
from .._key.material_label import split_description
from .._kms.identifiers import alias_hint, name_some, region_of_arn
from .regions import describe_regions, imported_in

__all__ = (
    "Filters", "Reading", "count_matches", "describe", "explain_missing", "last_read", "matches_alias", "missing",
    "selected", "soonest_first",
)  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """What could be read of one key.

    :ivar name: what the task or ListKeys calls it.
    :ivar facts: None where the key could not be described.
    :ivar aliases: None where they could not be read. The same for *tags*, also if they were not requested.
    :ivar unread: what could not be read: ``key``, ``materials``, ``rotation``, ``aliases`` or ``tags``, and why.
    :ivar exists: None where KMS does not say.
    :ivar read_at: KMS's time; None where the key could not be described.
    :ivar others: a multi-Region key in its other Regions, the primary key first; None if they were not requested.
    """

    name: str
    facts: KeyFacts | None = None
    description: str | None = None
    creation_date: datetime | None = None
    aliases: tuple[str, ...] | None = None
    tags: t.Mapping[str, str] | None = None
    unread: t.Mapping[str, str] = field(default_factory=dict)
    exists: bool | None = None
    read_at: datetime | None = None
    others: tuple[Reading, ...] | None = None


@dataclass(frozen=True)
class Filters:
    """What is asked for; an empty one asks for everything.

    :ivar alias_patterns: with ``*``, ``?`` and ``[...]``, and with the prefix ``alias/`` or without.
    :ivar tags: a value of None asks for any.
    """

    alias_patterns: tuple[str, ...] = ()
    tags: t.Mapping[str, str | None] = field(default_factory=dict)
    key_states: tuple[str, ...] = ()
    key_specs: tuple[str, ...] = ()
    days_left_below: int | None = None

    @classmethod
    def from_options(cls, options: t.Mapping[str, t.Any]) -> Filters:
        """:param options: some of those of ``kms_key_material_info``, by their names."""
        tags = options.get("tags") or {}
        return cls(
            alias_patterns=tuple(options.get("alias_patterns") or ()),
            tags={str(name): None if value is None else str(value) for name, value in tags.items()},
            key_states=tuple(options.get("key_states") or ()),
            key_specs=tuple(options.get("key_specs") or ()),
            days_left_below=options.get("days_left_below"),
        )


def describe(reading: Reading, now: datetime) -> dict[str, t.Any]:
    """One entry of the result's ``kms_keys``. Everything that is not known is None, and ``unread`` says why."""
    facts = reading.facts
    if facts is None:
        name = reading.name
        entry: dict[str, t.Any] = dict.fromkeys(_FIELDS)
        entry["arn"] = name if region_of_arn(name) else None
        entry["key_id"] = name.rpartition("/")[2] if ":key/" in name else name
    else:
        entry = facts.to_result()
        del entry["materials_unread"]
        entry.update(
            description=reading.description,
            creation_date=None if reading.creation_date is None else format_time(reading.creation_date),
            import_state=_import_state(facts),
            days_left=_days_left(facts, now),
            rotations_left=facts.rotations_left,
            materials=None if facts.materials is None else [_material(one, now) for one in facts.materials],
            regions=None,
            regions_imported=None,
        )
    entry["exists"] = reading.exists
    entry["aliases"] = None if reading.aliases is None else sorted(reading.aliases)
    entry["tags"] = None if reading.tags is None else dict(reading.tags)
    entry["unread"] = dict(reading.unread)
    if reading.others is not None:
        others = [describe(other, now) for other in reading.others]
        entry["regions"] = describe_regions(entry, others)
        entry["regions_imported"] = imported_in(entry["regions"])
        for material in entry["materials"] or ():
            material["regions_imported"] = imported_in(entry["regions"], material["key_material_id"])
        unread = [
            f"{region_of_arn(other.name)}: {why}"
            for other in reading.others
            for _what, why in sorted(other.unread.items())
        ]
        if unread:
            entry["unread"]["regions"] = "; ".join(unread)
    return entry


_FIELDS = (
    "key_id", "arn", "region", "key_spec", "key_usage", "origin", "key_state", "key_manager", "enabled", "description",
    "creation_date", "deletion_date", "expiration_model", "valid_to", "import_state", "days_left", "rotations_left",
    "current_key_material_id", "materials", "multi_region", "multi_region_key_type", "primary_region",
    "replica_regions", "rotation_started", "regions", "regions_imported",
)  # fmt: skip


def selected(entry: t.Mapping[str, t.Any], filters: Filters) -> bool:
    """Whether *entry* was asked for. What is not known does not exclude it: it might be the one that matters."""
    if filters.key_states and entry["key_state"] not in (None, *filters.key_states):
        return False
    if filters.key_specs and entry["key_spec"] not in (None, *filters.key_specs):
        return False
    if entry["aliases"] is not None and not matches_alias(entry["aliases"], filters):
        return False
    if filters.tags and entry["tags"] is not None:
        for name, value in filters.tags.items():
            if name not in entry["tags"] or value not in (None, entry["tags"][name]):
                return False
    if filters.days_left_below is None or entry["origin"] is None:
        return True
    return any(_urgent(one, filters.days_left_below) for one in (entry, *(entry["regions"] or ())))


def _urgent(entry: t.Mapping[str, t.Any], days_left_below: int) -> bool:
    """:param entry: a key, or what is known of it in one of its Regions."""
    if entry["import_state"] == "PENDING_IMPORT" or "key" in entry["unread"]:
        return True
    return entry["days_left"] is not None and entry["days_left"] < days_left_below


def last_read(readings: t.Iterable[Reading], otherwise: datetime) -> datetime:
    """KMS's time at the last of these readings; *otherwise* where there is none."""
    return max((reading.read_at for reading in readings if reading.read_at is not None), default=otherwise)


def matches_alias(aliases: t.Iterable[str], filters: Filters) -> bool:
    patterns = filters.alias_patterns
    return not patterns or any(_matches(name, pattern) for name in aliases for pattern in patterns)


def _matches(alias: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(alias, pattern if pattern.startswith("alias/") else f"alias/{pattern}")


def count_matches(readings: t.Sequence[Reading], filters: Filters) -> dict[str, int | None]:
    """For each alias pattern how many keys have an alias that matches, None where the aliases of a key are unknown."""
    unknown = any(reading.aliases is None and reading.exists is not False for reading in readings)
    return {
        pattern: None
        if unknown
        else sum(any(_matches(name, pattern) for name in reading.aliases or ()) for reading in readings)
        for pattern in filters.alias_patterns
    }


def missing(readings: t.Iterable[Reading]) -> list[str]:
    """The names that no key has."""
    return [reading.name for reading in readings if reading.exists is False]


def explain_missing(names: t.Sequence[str], region: str) -> str:
    """The sentence for keys that were asked for by name and do not exist."""
    hint = next((hint for hint in map(alias_hint, names) if hint), "")
    return (
        f"KMS knows no such key or alias in Region {region} of this account: {name_some(names, 'see missing_key_ids')}."
        f"{hint} Correct key_ids, the Region or the credentials, or set allow_missing when a key may be missing."
    )


def soonest_first(entry: t.Mapping[str, t.Any]) -> tuple[t.Any, ...]:
    """The place of *entry* in a list: what lacks material, or is not known, before what has it."""
    days = entry["days_left"]
    return (
        entry["import_state"] == "IMPORTED",
        days is None,
        days or 0,
        entry["valid_to"] or "",
        entry["arn"] or entry["key_id"],
    )


def _import_state(facts: KeyFacts) -> str | None:
    """KMS's words for one key material, for all that the key needs; None for a key that takes no imports."""
    if facts.origin != "EXTERNAL":
        return None
    return "IMPORTED" if facts.material_present and not facts.missing_materials else "PENDING_IMPORT"


def _days_left(facts: KeyFacts, now: datetime) -> int | None:
    """Until the first of all key materials expires, one that waits for its rotation included."""
    ends = [one.valid_to for one in facts.materials or () if one.imported and one.valid_to is not None]
    if facts.valid_to is not None:
        ends.append(facts.valid_to)
    return _days(min(ends, default=None), now)


def _days(end: datetime | None, now: datetime) -> int | None:
    """Whole days, rounded down: 0 on the last day. KMS may show an expiration for some moments after it."""
    return None if end is None else max(0, (end - now).days)


def _material(material: Material, now: datetime) -> dict[str, t.Any]:
    text, label = split_description(material.description)
    return {
        "key_material_id": material.key_material_id,
        "description": text or None,
        "label": label,
        "state": material.state,
        "import_state": material.import_state,
        "expiration_model": material.expiration_model,
        "valid_to": None if material.valid_to is None else format_time(material.valid_to),
        "days_left": _days(material.valid_to, now) if material.imported else None,
        "rotation_date": None if material.rotation_date is None else format_time(material.rotation_date),
        "rotation_type": material.rotation_type,
        "regions_imported": None,
    }
