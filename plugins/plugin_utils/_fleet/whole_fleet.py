# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What only shows when all keys of a fleet are looked at together, before anything is written. Pure."""

from __future__ import annotations

import typing as t
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime

from ...module_utils._errors import Refusal
from ...module_utils._kms.identifiers import name_some

__all__ = ("refuse_same_key", "warn_of_bunched_expirations", "warn_of_same_material")

# So many keys that are renewed on one day are worth a word.
_MANY = 10

_Name = t.TypeVar("_Name", bound=Hashable)


def refuse_same_key(keys: Sequence[tuple[str, Iterable[str]]]) -> None:
    """:param keys: of each entry how messages name it, and what identifies the key and its replica keys.
    :raises Refusal: two entries are for one key, as by an alias and by its ARN.
    """
    twice = _several((key, where) for where, of_entry in keys for key in of_entry)
    if twice:
        sentences = (f"{' and '.join(entries)} are the same key, {key}." for key, entries in twice.items())
        raise Refusal(f"Nothing was written: {' '.join(sentences)} Give each key one entry.")


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
