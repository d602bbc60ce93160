# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The keys of ``recovery_drill_keys`` and ``verify_copies_keys``, with the files of the copies in custody. Pure."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable, Iterator, Mapping, Sequence

from ...module_utils._material.options import PREVIOUS, SECRETS

__all__ = ("EXPIRATION", "SOURCE", "copies_of", "read_entries")

Json = dict[str, t.Any]

_FILES = ("key_material_src", "key_material_passphrase_src")
SOURCE = (*_FILES, "key_material_format")
EXPIRATION = ("expiration_model", "valid_to", "valid_for", "renew_before")
_KEY_ARN = re.compile(r"arn:[\w-]+:kms:[\w-]+:\d{12}:key/[\w-]+")


def read_entries(
    entries: t.Any, variable: str, *, drill: bool, resolve: Callable[[str], str]
) -> tuple[list[str], list[Json]]:
    """The errors in the list, a sentence each, without values; or the keys.

    A key has its ``key_id``, its ``own`` copy and its ``previous`` ones. A copy has the options of a task, with
    absolute paths, and a ``name``: the path as in the list.

    :param variable: the name of the list.
    :param drill: whether key material is deleted, so that keys must be named by ARN and expirations may be given.
    :param resolve: makes an absolute path.
    """
    if not isinstance(entries, Sequence) or isinstance(entries, (str, bytes)) or not entries:
        return [f"{variable} must be a list of dictionaries with {_name(drill)} and key_material_src."], []
    faults = [fault for place, entry in enumerate(entries) for fault in _faults(entry, f"{variable}[{place}]", drill)]
    if faults:
        return faults, []
    keys = [_key(entry, resolve) for entry in entries]
    seen: dict[str, int] = {}
    for place, key in enumerate(keys):
        first = seen.setdefault(key["key_id"], place)
        if first != place:
            faults.append(f"{variable}[{place}] is the same key as {variable}[{first}]. Remove one of them.")
    return faults, [] if faults else keys


def copies_of(key: Json) -> list[Json]:
    """The key's own copy first, in the order of the results of ``kms_key_material``."""
    return [key["own"], *key["previous"]]


def _name(drill: bool) -> str:
    return "key_arn" if drill else "key_arn or key_id"


def _faults(entry: t.Any, where: str, drill: bool) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        yield f"{where} must be a dictionary with {_name(drill)} and key_material_src."
        return
    names = ("key_arn",) if drill else ("key_arn", "key_id")
    known = (*names, *SOURCE, *(EXPIRATION if drill else ()), PREVIOUS)
    yield from _faults_of_copy(entry, where, known)
    given = [name for name in names if name in entry]
    if len(given) != 1:
        yield (
            f"{where} has no {_name(drill)}."
            if not given
            else f"{where} has both key_arn and key_id. Keep only one of them."
        )
    elif not isinstance(entry[given[0]], str) or not entry[given[0]].strip():
        yield f"{where}: {given[0]} must be text."
    elif "key_arn" in given and not _KEY_ARN.fullmatch(entry["key_arn"]):
        yield (
            f"{where}: key_arn is not a key ARN. An alias is not accepted, because anyone who may call"
            " kms:UpdateAlias can change the key that it names. A key ARN has the form"
            " arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab."
        )
    yield from _faults_of_previous(entry, where, (*SOURCE, "key_material_id", *(EXPIRATION if drill else ())))


def _faults_of_previous(entry: Mapping[t.Any, t.Any], where: str, known: Sequence[str]) -> Iterator[str]:
    """:param known: the options that a copy of older key material may have."""
    previous = entry.get(PREVIOUS, [])
    if not isinstance(previous, Sequence) or isinstance(previous, (str, bytes)):
        yield f"{where}: {PREVIOUS} must be a list of dictionaries with key_material_src."
        return
    for place, copy in enumerate(previous):
        if isinstance(copy, Mapping):
            yield from _faults_of_copy(copy, f"{where}.{PREVIOUS}[{place}]", known)
        else:
            yield f"{where}.{PREVIOUS}[{place}] must be a dictionary with key_material_src."


def _faults_of_copy(copy: Mapping[t.Any, t.Any], where: str, known: Sequence[str]) -> Iterator[str]:
    unknown = sorted(str(name) for name in copy if name not in known)
    if unknown:
        secret = [name for name in unknown if name in SECRETS]
        yield (
            f"{where} has unsupported options: {', '.join(unknown)}. Supported: {', '.join(known)}."
            + (" Secret values are not accepted. Name a file instead." if secret else "")
        )
    if "key_material_src" not in copy:
        yield f"{where} has no key_material_src."
    wrong = [name for name in _FILES if name in copy and (not isinstance(copy[name], str) or not copy[name].strip())]
    if wrong:
        yield f"{where}: {' and '.join(wrong)} must be the path of a file."


def _key(entry: Mapping[str, t.Any], resolve: Callable[[str], str]) -> Json:
    return {
        "key_id": str(entry["key_arn"] if "key_arn" in entry else entry["key_id"]).strip(),
        "own": _read_copy(entry, resolve),
        "previous": [_read_copy(copy, resolve) for copy in entry.get(PREVIOUS, [])],
    }


def _read_copy(given: Mapping[str, t.Any], resolve: Callable[[str], str]) -> Json:
    """The copy's ``name`` and its ``options``. They have been validated."""
    options = {name: given[name] for name in (*SOURCE, "key_material_id", *EXPIRATION) if name in given}
    for name in _FILES:
        if name in options:
            options[name] = resolve(options[name])
    return {"name": str(given["key_material_src"]), "options": options}
