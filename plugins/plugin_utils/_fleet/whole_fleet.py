# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What only shows when all keys of a fleet are looked at together, before anything is written. Pure."""

from __future__ import annotations

import typing as t
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from datetime import datetime

from ...module_utils._errors import Refusal
from ...module_utils._kms.identifiers import name_some

__all__ = ("refuse_same_key", "warn_of_bunched_expirations", "warn_of_same_material")

# So many keys that are renewed on one day are worth a word.
_MANY = 10
# As many keys, and entries of one, as a message has.
_TOLD, _NAMED = 50, 5

_Name = t.TypeVar("_Name", bound=Hashable)


def refuse_same_key(claims: Sequence[tuple[str, Collection[tuple[str, str]]]]) -> None:
    """:param claims: of each key how messages name its entry, and what no other entry may have: a part of a key, and
        the key.
    :raises Refusal: two entries mean one key, as by an alias and by its ARN, or by a primary key and a replica key.
    """
    twice = _several((claim, where) for where, its_own in claims for claim in sorted(its_own))
    sentences = list(
        dict.fromkeys(
            f"{' and '.join(_some(entries))} are the same key, {name}." for (_part, name), entries in twice.items()
        )
    )
    if sentences:
        more = f" And {len(sentences) - _TOLD} more keys." if len(sentences) > _TOLD else ""
        raise Refusal(f"Nothing was written: {' '.join(sentences[:_TOLD])}{more} Give each key one entry.")


def _some(entries: list[str]) -> list[str]:
    return entries if len(entries) <= _NAMED else [*entries[:_NAMED], "others"]


def warn_of_same_material(materials: Sequence[tuple[str, bytes | None]]) -> list[str]:
    """:param materials: of each key how messages name its entry, and what tells its key material apart."""
    shared = _several((digest, where) for where, digest in materials if digest is not None)
    return [
        f"{name_some(entries)} have the same key material: who holds or loses that of one does so of all of them. If"
        " that is not meant, one of them names a wrong file."
        for entries in shared.values()
    ]


def warn_of_bunched_expirations(ends: Iterable[datetime | None]) -> list[str]:
    """:param ends: when the key material expires that is to be imported now, of each key; None where it never does."""
    days = Counter(end.date() for end in ends if end is not None)
    return [
        f"{number} keys get key material that expires on {day.isoformat()}, so that all of them are due for renewal on"
        " one day. spread: true moves that apart."
        for day, number in sorted(days.items())
        if number >= _MANY
    ]


def _several(pairs: Iterable[tuple[_Name, str]]) -> dict[_Name, list[str]]:
    entries: dict[_Name, list[str]] = defaultdict(list)
    for what, where in pairs:
        entries[what].append(where)
    return {what: named for what, named in entries.items() if len(named) > 1}
