# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The canary keys of the recovery drill in AWX. Pure."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .accounts import Account
from .keys import Field, KeyEntry, read_keys
from .values import Json, is_list

__all__ = ("CanaryKey", "read_canaries")


@dataclass(frozen=True)
class CanaryKey:
    """One canary key.

    :ivar hosts: the host for the account and Region of the key ARN.
    :ivar options: an entry of ``recovery_drill_keys``.
    """

    hosts: frozenset[str]
    options: Json
    fields: tuple[Field, ...]


def read_canaries(given: t.Any, accounts: Sequence[Account]) -> tuple[tuple[CanaryKey, ...], list[str]]:
    """Return the canary keys, and a sentence for each fault."""
    if not is_list(given) or not all(isinstance(entry, Mapping) for entry in given):
        return (), ["awx_setup_canary_keys must be a list of dictionaries with key_arn."]
    faults = [
        f"awx_setup_canary_keys[{place}] must have key_arn, and no key_id, alias or accounts. The drill deletes"
        " key material, and only a key ARN always identifies the same key."
        for place, entry in enumerate(given)
        if not isinstance(entry.get("key_arn"), str) or {"key_id", "alias", "accounts"} & set(entry)
    ]
    if faults:
        return (), faults
    as_keys = [{"key_id": entry["key_arn"], **_without_arn(entry)} for entry in given]
    keys, faults = read_keys(as_keys, accounts)
    canaries = tuple(CanaryKey(key.hosts, _drilled(key), key.fields) for key in keys)
    return canaries, [fault.replace("awx_setup_keys[", "awx_setup_canary_keys[") for fault in faults]


def _without_arn(entry: Mapping[str, t.Any]) -> Json:
    return {name: value for name, value in entry.items() if name != "key_arn"}


def _drilled(key: KeyEntry) -> Json:
    # key_spec only determines the format of the key material in the field.
    options = {name: value for name, value in key.options.items() if name not in ("key_id", "key_spec")}
    return {"key_arn": key.options["key_id"], **options}
