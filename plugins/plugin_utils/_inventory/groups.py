# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The groups that a key belongs to when nobody configures any. Pure."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import pairwise

from .hosts import FoundKey

__all__ = ("EVERY_KEY", "GROUPS", "all_groups", "groups_of", "nested_groups")

EVERY_KEY = "kms_keys"
#: Days, each with a group of what has fewer left.
BANDS = (7, 30, 90)
_MISSING = "material_missing"
_DELETED = ("PendingDeletion", "PendingReplicaDeletion")


def groups_of(key: FoundKey, kinds: Collection[str]) -> list[str]:
    """The names of the groups, valid as names of variables; those of one kind after the other.

    :param kinds: of :data:`GROUPS`.
    """
    return [name for kind, names_of in GROUPS.items() if kind in kinds for name in names_of(key)]


def all_groups(keys: Collection[FoundKey], kinds: Collection[str]) -> list[str]:
    """The names of all groups, in the order in which they are shown."""
    names: list[str] = []
    for kind, names_of in GROUPS.items():
        if kind in kinds:
            # From the widest to the narrowest, and the others after them.
            nested = [outer for _inner, outer in reversed(nested_groups([kind]))]
            names += [*nested, *sorted({name for key in keys for name in names_of(key)} - set(nested))]
    return names


def nested_groups(kinds: Collection[str]) -> list[tuple[str, str]]:
    """Groups that are there even without a key, each with the group that all of its keys belong to, too.

    A key with three days left has less than 30 left as well. A pattern of a nightly play names one of them, and there
    may be no such key tonight.
    """
    names = [_MISSING, *(f"days_left_under_{days}" for days in BANDS)] if "days_left" in kinds else []
    return list(pairwise(names))


def _state(key: FoundKey) -> Iterator[str]:
    yield _named("state", _lower(key.entry["key_state"]))


def _region(key: FoundKey) -> Iterator[str]:
    yield _named("region", key.region)


def _account(key: FoundKey) -> Iterator[str]:
    yield _named("account", key.account_id)


def _key_spec(key: FoundKey) -> Iterator[str]:
    yield _named("key_spec", _lower(key.entry["key_spec"]))


def _days_left(key: FoundKey) -> Iterator[str]:
    """The innermost of the nested groups. Nothing can be imported into a key that KMS is about to delete."""
    entry = key.entry
    if entry["key_state"] in _DELETED:
        return
    days = entry["days_left"]
    if entry["import_state"] is None:
        yield "days_left_unknown"
    elif entry["import_state"] != "IMPORTED":
        yield _MISSING
    elif days is None:
        yield "days_left_unlimited"
    else:
        wider = [band for band in BANDS if days < band]
        yield f"days_left_under_{wider[0]}" if wider else f"days_left_{BANDS[-1]}_or_more"


def _tags(key: FoundKey) -> Iterator[str]:
    tags: Mapping[str, str] = key.entry["tags"] or {}
    for name, value in sorted(tags.items()):
        yield _named("tag", name, *([value] if value else []))


#: What the option default_groups chooses from.
GROUPS: dict[str, Callable[[FoundKey], Iterator[str]]] = {
    "state": _state,
    "region": _region,
    "account": _account,
    "key_spec": _key_spec,
    "days_left": _days_left,
    "tags": _tags,
}


def _lower(value: t.Any) -> str:
    """KMS's word in small letters; ``unknown`` where it was not to be read."""
    return str(value or "unknown").lower()


def _named(*parts: str) -> str:
    """As Ansible's own keyed_groups make names: underscores stand for what no name of a group may have."""
    return re.sub(r"\W", "_", "_".join(parts))
