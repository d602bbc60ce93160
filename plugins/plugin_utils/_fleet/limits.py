# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""How many keys may fail, and which keys go first. Pure."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping, Sequence

from ...module_utils._errors import Refusal
from ...module_utils._kms.identifiers import alias_name, name_some
from .._key_list.entries import Entry

__all__ = ("failures_allowed", "read_canary")

_NUMBER = re.compile(r"[0-9]{1,9}")
_PERCENTAGE = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,6}))?\s?%")


def failures_allowed(text: str | None, total: int) -> int | None:
    """The number of failed keys with which the run still continues; None for any number.

    A percentage is rounded down: ``10%`` of 9 keys is 0.

    :raises Refusal: neither a number nor a percentage.
    """
    if text is None:
        return None
    shown = text.strip()
    if _NUMBER.fullmatch(shown):
        return int(shown)
    match = _PERCENTAGE.fullmatch(shown)
    whole, fraction = (int(match[1]), match[2] or "") if match else (0, "")
    # In millionths of a percent, because floating-point rounding could lower the result.
    share = whole * 10**6 + int(fraction.ljust(6, "0") or 0)
    if not match or share > 100 * 10**6:
        raise Refusal(
            f"max_failures is {text!r}, but must be a number of keys, such as 5, or a percentage of them, such"
            " as 10%. Correct it."
        )
    return total * share // (100 * 10**6)


def read_canary(canary: t.Any, entries: Sequence[Entry]) -> tuple[int, ...] | int:
    """The places of the keys that go first, none if *canary* is None; or the number of due keys that go first.

    :param canary: the number; or the names of entries: an alias with or without its prefix, or a key ID, as in the
        entry. A number may be text, as from a template on ansible-core 2.17.
    :raises Refusal: it is something else, or a name that no entry has.
    """
    if canary is None:
        return ()
    number = _number(canary)
    if number is not None:
        if number < 1:
            raise Refusal("canary is a number below 1. Set at least 1, or omit the option.")
        return number
    names = [canary] if isinstance(canary, str) else canary
    if not isinstance(names, Sequence) or not names or not all(isinstance(name, str) for name in names):
        raise Refusal(
            "canary must be a list of names (the aliases or key IDs of entries) or a number of keys. Correct it."
        )
    places: dict[str, int] = {}
    for entry in entries:
        for name in _names(entry):
            places.setdefault(name, entry.place)
    unknown = [name for name in names if _canonical(name, places) not in places]
    if unknown:
        raise Refusal(
            f"canary names {name_some(unknown)}, but no entry of the list has this alias or key ID. Nothing was"
            " changed. Correct canary."
        )
    return tuple(sorted({places[_canonical(name, places)] for name in names}))


def _number(canary: t.Any) -> int | None:
    if isinstance(canary, bool):
        return None
    if isinstance(canary, int):
        return canary
    return int(canary) if isinstance(canary, str) and _NUMBER.fullmatch(canary.strip()) else None


def _names(entry: Entry) -> list[str]:
    names = [str(entry.options["key_id"]).strip()] if "key_id" in entry.options else []
    return names + ([alias_name(entry.options["alias"])] if "alias" in entry.options else [])


def _canonical(name: str, places: Mapping[str, int]) -> str:
    bare = name.strip()
    return bare if bare in places else f"alias/{bare}"
