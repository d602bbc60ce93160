# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The keys of ``renew_expiring_keys``, as options of ``kms_key_material``. Pure."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterator, Mapping, Sequence

from ...module_utils._key.expiration import ExpirationError
from ...module_utils._key.expiration_options import want_expiration
from .entries import EXPIRATION, PREVIOUS, SOURCE, faults_of_copy, faults_of_previous, read_copy

__all__ = ("read_renewals",)

Json = dict[str, t.Any]

# renew_before is the playbook's: it says which keys are visited at all.
_EXPIRATION = tuple(name for name in EXPIRATION if name != "renew_before")
_OWN = ("key_id", *SOURCE, "on_unknown_material", "valid_for", "replicas", PREVIOUS)
_OLDER = (*SOURCE, "key_material_id", *_EXPIRATION)
_YES_OR_NO = {"true": True, "yes": True, "false": False, "no": False}


def read_renewals(
    entries: t.Any, variable: str, *, days: int, valid_for: str, resolve: Callable[[str], str]
) -> tuple[list[str], list[Json]]:
    """What is wrong with the list, a sentence each, without a value that may be a secret; or the tasks.

    A task has its ``key_id``, the options of its ``own`` key material and of the ``previous`` ones, with absolute
    paths, and ``replicas``.

    :param variable: the name of the list.
    :param days: how long before its expiration key material is renewed, which is ``renew_before``.
    :param valid_for: how long renewed key material lives where an entry does not say.
    :param resolve: makes an absolute path.
    """
    if not isinstance(entries, Sequence) or isinstance(entries, (str, bytes)):
        return [f"{variable} must be a list of dictionaries with key_id and key_material_src."], []
    ends = {"valid_for": valid_for, "renew_before": f"{days}d"}
    faults = [fault for place, entry in enumerate(entries) for fault in _faults(entry, f"{variable}[{place}]", ends)]
    return faults, [] if faults else [_task(entry, ends, resolve) for entry in entries]


def _faults(entry: t.Any, where: str, ends: Json) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        yield f"{where} must be a dictionary with key_id and key_material_src."
        return
    yield from faults_of_copy(entry, where, _OWN)
    if "key_id" not in entry:
        yield f"{where} has no key_id."
    elif not isinstance(entry["key_id"], str) or not entry["key_id"].strip():
        yield f"{where}: key_id must be a text."
    if _replicas(entry) is None:
        yield f"{where}: replicas must be true or false."
    yield from _faults_of_expiration(_own_expiration(entry, ends), where)
    older = list(faults_of_previous(entry, where, _OLDER))
    yield from older
    for place, copy in enumerate(() if older else entry.get(PREVIOUS, [])):
        yield from _faults_of_expiration(_older_expiration(copy, ends), f"{where}.{PREVIOUS}[{place}]")


def _faults_of_expiration(options: Json, where: str) -> Iterator[str]:
    try:
        want_expiration(*(options.get(name) for name in EXPIRATION))
    except ExpirationError as error:
        yield f"{where}: {error}"


def _replicas(entry: Mapping[str, t.Any]) -> bool | None:
    """None for what is neither. Before ansible-core 2.19 a template makes a text of it."""
    given = entry.get("replicas", False)
    return given if isinstance(given, bool) else _YES_OR_NO.get(str(given).strip().lower())


def _own_expiration(entry: Mapping[str, t.Any], ends: Json) -> Json:
    return {**ends, "valid_for": str(entry.get("valid_for", ends["valid_for"]))}


def _older_expiration(copy: Mapping[str, t.Any], ends: Json) -> Json:
    """Nothing where the copy does not say: that of the task is meant then."""
    given = {name: copy[name] for name in _EXPIRATION if name in copy}
    if "valid_for" in given:
        given |= {"valid_for": str(given["valid_for"]), "renew_before": ends["renew_before"]}
    return given


def _task(entry: Mapping[str, t.Any], ends: Json, resolve: Callable[[str], str]) -> Json:
    unknown = {name: entry[name] for name in ("on_unknown_material",) if name in entry}
    return {
        "key_id": entry["key_id"].strip(),
        "own": {**read_copy(entry, resolve)["options"], **unknown, **_own_expiration(entry, ends)},
        "previous": [
            {**read_copy(copy, resolve)["options"], **_older_expiration(copy, ends)} for copy in entry.get(PREVIOUS, [])
        ],
        "replicas": bool(_replicas(entry)),
    }
