# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The default groups of a key. Pure."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import pairwise

from .hosts import FoundKey

__all__ = ("EVERY_KEY", "GROUPS", "all_groups", "groups_of", "nested_groups")

EVERY_KEY = "kms_keys"
# Days. Each has a group of the keys with fewer days left.
BANDS = (7, 30, 90)
_MISSING = "material_missing"
_DELETED = ("PendingDeletion", "PendingReplicaDeletion")


def groups_of(key: FoundKey, kinds: Collection[str]) -> list[str]:
    """The names of the groups, which are valid variable names; grouped by kind.

    :param kinds: of :data:`GROUPS`.
    """
    return [name for kind, names_of in GROUPS.items() if kind in kinds for name in names_of(key)]


def all_groups(keys: Collection[FoundKey], kinds: Collection[str]) -> list[str]:
    """The names of all groups, in their display order."""
    names: list[str] = []
    for kind, names_of in GROUPS.items():
        if kind in kinds:
            # From the widest to the narrowest, followed by the others.
            nested = [outer for _inner, outer in reversed(nested_groups([kind]))]
            names += [*nested, *sorted({name for key in keys for name in names_of(key)} - set(nested))]
    return names


def nested_groups(kinds: Collection[str]) -> list[tuple[str, str]]:
    """Groups that exist even without a key, each with the group that also contains all of its keys.

    A key with three days left also has less than 30 left. The pattern of a scheduled play names one of these groups,
    which may be empty.
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
    """The innermost of the nested groups. Nothing can be imported into a key whose deletion is scheduled."""
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


# The choices of the option default_groups.
GROUPS: dict[str, Callable[[FoundKey], Iterator[str]]] = {
    "state": _state,
    "region": _region,
    "account": _account,
    "key_spec": _key_spec,
    "days_left": _days_left,
    "tags": _tags,
}


def _lower(value: t.Any) -> str:
    """KMS's value in lower case; ``unknown`` if it could not be read."""
    return str(value or "unknown").lower()


def _named(*parts: str) -> str:
    """A group name as Ansible's keyed_groups makes it: underscores replace invalid characters."""
    return re.sub(r"\W", "_", "_".join(parts))
