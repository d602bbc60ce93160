# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Checks of all keys of a fleet together, before anything is written. Pure."""

from __future__ import annotations

import typing as t
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from datetime import datetime

from ...module_utils._errors import Refusal
from ...module_utils._kms.identifiers import name_some

__all__ = ("refuse_same_key", "warn_of_bunched_expirations", "warn_of_same_material")

# From this number on, renewals on the same day cause a warning.
_MANY = 10
# The most keys, and entries of one key, that a message lists.
_TOLD, _NAMED = 50, 5

_Name = t.TypeVar("_Name", bound=Hashable)


def refuse_same_key(claims: Sequence[tuple[str, Collection[tuple[str, str]]]]) -> None:
    """:param claims: of each key, its entry's name in messages, and the keys that no other entry may have: a part of a
        key, and the key.
    :raises Refusal: two entries are for the same key, for example by an alias and by its ARN, or by a primary key and a
        replica key.
    """
    twice = _several((claim, where) for where, its_own in claims for claim in sorted(its_own))
    sentences = list(
        dict.fromkeys(
            f"{' and '.join(_some(entries))} refer to the same key, {name}." for (_part, name), entries in twice.items()
        )
    )
    if sentences:
        more = f" And {len(sentences) - _TOLD} more keys." if len(sentences) > _TOLD else ""
        raise Refusal(f"Nothing was changed. {' '.join(sentences[:_TOLD])}{more} Keep only one entry for each key.")


def _some(entries: list[str]) -> list[str]:
    return entries if len(entries) <= _NAMED else [*entries[:_NAMED], "others"]


def warn_of_same_material(materials: Sequence[tuple[str, bytes | None]]) -> list[str]:
    """:param materials: of each key, its entry's name in messages, and a value that identifies its key material."""
    shared = _several((digest, where) for where, digest in materials if digest is not None)
    return [
        f"{name_some(entries)} have the same key material. Anyone who obtains it, and any loss of it, affects all of"
        " these keys. If this is not intended, one of the entries names a wrong file. Correct it."
        for entries in shared.values()
    ]


def warn_of_bunched_expirations(ends: Iterable[datetime | None]) -> list[str]:
    """:param ends: of each key, when the key material to be imported expires; None if it never does."""
    days = Counter(end.date() for end in ends if end is not None)
    return [
        f"{number} keys get key material that expires on {day.isoformat()}, so all of them are due for renewal on"
        " the same day. To distribute the renewals, set spread: true."
        for day, number in sorted(days.items())
        if number >= _MANY
    ]


def _several(pairs: Iterable[tuple[_Name, str]]) -> dict[_Name, list[str]]:
    entries: dict[_Name, list[str]] = defaultdict(list)
    for what, where in pairs:
        entries[what].append(where)
    return {what: named for what, named in entries.items() if len(named) > 1}
