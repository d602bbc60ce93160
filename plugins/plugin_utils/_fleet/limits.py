# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""How many keys may fail, which keys come first, and how fast requests may follow each other. Pure."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping, Sequence

from ...module_utils._errors import Refusal
from ...module_utils._kms.identifiers import alias_name, name_some
from .entries import Entry

__all__ = ("canary_places", "failures_allowed", "read_quotas")

_NUMBER = re.compile(r"[0-9]{1,9}")
_PERCENTAGE = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,6}))?\s?%")
_OPERATION = re.compile(r"[A-Z][A-Za-z]{1,60}")


def failures_allowed(text: str | None, total: int) -> int | None:
    """After how many failed keys the run still goes on; None for any number.

    A percentage is rounded down: ``10%`` of 9 keys is none.

    :raises Refusal: neither a number nor a percentage.
    """
    if text is None:
        return None
    shown = text.strip()
    if _NUMBER.fullmatch(shown):
        return int(shown)
    match = _PERCENTAGE.fullmatch(shown)
    whole, fraction = (int(match[1]), match[2] or "") if match else (0, "")
    # In millionths of a percent: floating-point numbers would round some of them down once more.
    share = whole * 10**6 + int(fraction.ljust(6, "0") or 0)
    if not match or share > 100 * 10**6:
        raise Refusal(
            f"max_failures is {text!r}, and must be a number of keys, such as 5, or a percentage of them, such as 10%."
        )
    return total * share // (100 * 10**6)


def canary_places(canary: t.Any, entries: Sequence[Entry]) -> tuple[int, ...]:
    """The places of the keys that come first, in the order of the list; none where *canary* is None.

    :param canary: how many of the first entries; or the names of entries: an alias with or without its prefix, or a
        key ID, as the entry gives it. A number may be text, as that of a template is on ansible-core 2.17.
    :raises Refusal: it is something else, or a name that no entry has.
    """
    if canary is None:
        return ()
    number = _number(canary)
    if number is not None:
        if number < 1:
            raise Refusal("canary is a number below 1. Give at least one key, or leave the option out.")
        return tuple(entry.place for entry in entries[:number])
    names = [canary] if isinstance(canary, str) else canary
    if not isinstance(names, Sequence) or not names or not all(isinstance(name, str) for name in names):
        raise Refusal("canary must be a list of names, the aliases or key IDs of entries, or a number of keys.")
    places: dict[str, int] = {}
    for entry in entries:
        for name in _names(entry):
            places.setdefault(name, entry.place)
    unknown = [name for name in names if _canonical(name, places) not in places]
    if unknown:
        raise Refusal(
            f"canary names {name_some(unknown)}, and no entry of the list has this alias or key ID. Correct it; nothing"
            " was done."
        )
    return tuple(sorted({places[_canonical(name, places)] for name in names}))


def read_quotas(quotas: Mapping[t.Any, t.Any] | None) -> dict[str, float]:
    """Requests a second, by the name of the operation, such as ``GetParametersForImport``.

    :raises Refusal: a name that no operation has, or no number above 0.
    """
    read = {}
    for name, value in (quotas or {}).items():
        if not _OPERATION.fullmatch(str(name)):
            raise Refusal(
                "quotas has a name that no operation of KMS has. They are written as in the API Reference, such as"
                " DescribeKey."
            )
        try:
            rate = float(value) if not isinstance(value, bool) else 0.0
        except (TypeError, ValueError):
            rate = 0.0
        if not 0 < rate < float("inf"):
            raise Refusal(f"quotas: {name} must be a number of requests a second, above 0.")
        read[str(name)] = rate
    return read


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
