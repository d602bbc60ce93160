# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A KMS key as a host: its name and its variables. Pure."""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from collections.abc import Mapping, Sequence

from ...module_utils._errors import Refusal
from ...module_utils._kms.identifiers import account_of_arn, name_some, region_of_arn

__all__ = ("HOSTNAME_SUFFIXES", "FoundKey", "Naming", "host_variables", "name_hosts", "without_repetition")

HOSTNAME_SUFFIXES = ("region", "account_id", "profile")
# Names with another meaning in Ansible.
_RESERVED = ("all", "localhost", "ungrouped")
_OF_A_TAG = "tag:"


class FoundKey(t.NamedTuple):
    """A key, and how it was read.

    :ivar entry: the entry of ``kms_key_material_info``. Its ``arn`` is always known.
    :ivar profile: of the AWS configuration; None for credentials without one.
    :ivar read_at: the time from which days are counted, in ISO 8601, UTC.
    """

    entry: Mapping[str, t.Any]
    profile: str | None
    read_at: str

    @property
    def arn(self) -> str:
        return str(self.entry["arn"])

    @property
    def region(self) -> str:
        return region_of_arn(self.arn) or ""

    @property
    def account_id(self) -> str:
        return account_of_arn(self.arn) or ""


class Naming(t.NamedTuple):
    """How hosts are named.

    :ivar preferences: ``alias``, ``key_id`` or ``tag:<name>``. The first that a key has is its name.
    :ivar suffixes: of :data:`HOSTNAME_SUFFIXES`.
    """

    preferences: tuple[str, ...] = ("alias",)
    suffixes: tuple[str, ...] = ("region", "account_id")

    @classmethod
    def from_options(cls, preferences: Sequence[str], suffixes: Sequence[str]) -> Naming:
        """:raises Refusal: a preference is invalid."""
        for one in preferences:
            if one not in ("alias", "key_id") and not (one.startswith(_OF_A_TAG) and one != _OF_A_TAG):
                raise Refusal(
                    f"hostnames contains {one}, which is not supported. Use alias, key_id, or tag: followed by the"
                    " name of a tag."
                )
        return cls(tuple(preferences), tuple(suffixes))


def without_repetition(keys: Sequence[FoundKey]) -> list[FoundKey]:
    """Each key once, because two profiles may be of one account. The first profile that could describe it counts."""
    found: dict[str, FoundKey] = {}
    for key in keys:
        if key.arn not in found or ("key" in found[key.arn].entry["unread"] and "key" not in key.entry["unread"]):
            found[key.arn] = key
    return list(found.values())


def name_hosts(keys: Sequence[FoundKey], naming: Naming) -> list[str]:
    """The names of the hosts, in the order of the keys. Each consists of letters, digits, ``_``, ``-`` and dots.

    Keys that would have the same name also have their key ID in it.

    :raises Refusal: the names are still not unique, because the keys of a multi-Region key share its key ID.
    """
    firsts = [_first(key, naming.preferences) for key in keys]
    names = [_joined(first, key, naming) for first, key in zip(firsts, keys, strict=True)]
    repeated = {name for name, count in Counter(names).items() if count > 1} | set(_RESERVED)
    for place, key in enumerate(keys):
        key_id = _valid(str(key.entry["key_id"]))
        if names[place] in repeated and firsts[place] != key_id:
            names[place] = _joined(f"{firsts[place]}_{key_id}", key, naming)
    of_name: dict[str, list[str]] = {}
    for name, key in zip(names, keys, strict=True):
        of_name.setdefault(name, []).append(key.arn)
    for name, arns in of_name.items():
        if len(arns) > 1:
            raise Refusal(
                f"Several keys would have the host name {name}: {name_some(arns)}. Add region, account_id or profile"
                " to hostname_suffixes."
            )
    return names


def _joined(first: str, key: FoundKey, naming: Naming) -> str:
    parts = {"region": key.region, "account_id": key.account_id, "profile": key.profile or ""}
    return ".".join([first, *(_valid(parts[suffix]) for suffix in naming.suffixes if parts[suffix])])


def _first(key: FoundKey, preferences: tuple[str, ...]) -> str:
    for preference in (*preferences, "key_id"):
        if preference == "alias":
            value = next(iter(key.entry["aliases"] or ()), "").removeprefix("alias/")
        elif preference == "key_id":
            value = str(key.entry["key_id"])
        else:
            value = (key.entry["tags"] or {}).get(preference.removeprefix(_OF_A_TAG), "")
        if value:
            return _valid(value)
    return ""


def _valid(text: str) -> str:
    """*text* as a part of a name. Host patterns support no other characters, and no hyphen at the beginning."""
    return re.sub(r"^-|[^A-Za-z0-9_-]", "_", text)


def host_variables(key: FoundKey) -> dict[str, t.Any]:
    """The variables about the key, and those that select its account and Region in the playbooks of this collection."""
    chosen = {"cloudkeys_profile": key.profile} if key.profile else {}
    return {
        "kms_key": dict(key.entry),
        "kms_key_account_id": key.account_id,
        "kms_key_read_at": key.read_at,
        "cloudkeys_region": key.region,
        **chosen,
    }
