# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The keys that a recovery drill may use, and the order of their key materials. Pure."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Collection, Mapping, Sequence

from ...module_utils._key.facts import ASSOCIATED
from .entries import EXPIRATION, SOURCE, copies_of

__all__ = ("CANARY", "find_faults", "make_imports", "make_turns", "options_of", "read_notes")

Json = dict[str, t.Any]

# The tag that a canary key must have, and its value.
CANARY = ("cloudkeys.aws/canary", "true")
_NOTED = ("expiration_model", "valid_to")


def find_faults(keys: Sequence[Json], looked: Sequence[Json]) -> list[str]:
    """Why keys must not be used, a sentence each.

    :param looked: the entries of ``kms_key_material_info`` for the same keys, with tags.
    """
    return [fault for key, shown in zip(keys, looked, strict=True) if (fault := _fault(key, shown))]


def _fault(key: Json, shown: Json) -> str | None:
    arn = key["key_id"]
    unread = shown["unread"]
    if "key" in unread:
        return f"{arn} could not be described: {unread['key']}. Correct the cause."
    if "tags" in unread:
        return (
            f"{arn}: it is unknown whether this is a canary key, because its tags could not be read:"
            f" {unread['tags']}. Allow the drill to read them (kms:ListResourceTags)."
        )
    name, value = CANARY
    if (shown["tags"] or {}).get(name) != value:
        has = f"has the value {shown['tags'][name]!r}" if name in (shown["tags"] or {}) else "is missing"
        return (
            f"{arn} is not a canary key: its tag {name} {has}, but must be {value!r}. A drill deletes key material."
            " Never set this tag on a key that is used by others."
        )
    if shown["arn"] != arn:
        return f"{arn}: KMS answered for another key, {shown['arn']}. Correct key_arn."
    if shown["origin"] != "EXTERNAL":
        return (
            f"{arn} has the origin {shown['origin']}, so it does not accept imported key material. Name a key with"
            " origin EXTERNAL."
        )
    if shown["key_state"] not in ("Enabled", "PendingImport"):
        return (
            f"{arn} is {shown['key_state']}. A drill requires a key that is Enabled, or that an earlier drill left"
            " in PendingImport."
        )
    if "materials" in unread:
        return (
            f"{arn}: its key materials could not be listed: {unread['materials']}. Allow the drill to list them"
            " (kms:ListKeyRotations)."
        )
    staged = [one["key_material_id"] for one in shown["materials"] or () if one["state"] not in ASSOCIATED]
    if staged:
        return (
            f"{arn}: the key material {staged[0]} is staged for a rotation. Complete the rotation, then run the"
            " drill again."
        )
    if shown["materials"] == []:
        return f"{arn} never had key material. Import it first (cloudkeys.aws.kms_key_material)."
    return None


def read_notes(texts: Collection[str], keys: Sequence[Json]) -> tuple[list[str], dict[str, dict[str, Json]]]:
    """The notes of interrupted drills: by the key ARN and the name of a copy, its expiration.

    :returns: the errors in the notes; and the notes.
    """
    known = {key["key_id"] for key in keys}
    try:
        notes = dict(_read(json.loads(text)) for text in texts)
    except (KeyError, TypeError, ValueError):
        fault = (
            "The notes of an interrupted drill (unfinished-*.json) cannot be read. Remove that file, and declare"
            " expiration_model or valid_to in recovery_drill_keys."
        )
        return [fault], {}
    return [], {arn: copies for arn, copies in notes.items() if arn in known}


def _read(noted: Json) -> tuple[str, dict[str, Json]]:
    return noted["key_arn"], {one["file"]: {name: one[name] for name in _NOTED} for one in noted["copies"]}


def make_imports(keys: Sequence[Json], looked: Sequence[Json], notes: Mapping[str, Mapping[str, Json]]) -> list[Json]:
    """The options with which each key gets all its key materials, whatever state a drill has left.

    A copy that declares no expiration keeps that of its key material; if the key material is missing, the expiration
    noted before its deletion.
    """
    imports = []
    for key, shown in zip(keys, looked, strict=True):
        noted = notes.get(key["key_id"], {}) if shown["import_state"] != "IMPORTED" else {}
        # An older key material without a declared expiration would get that of the current one.
        complete = all(name in noted for name in _undeclared(key))
        imports.append(options_of(key, noted if complete else {}))
    return imports


def make_turns(keys: Sequence[Json], looked: Sequence[Json], imported: Sequence[Json]) -> tuple[list[str], list[Json]]:
    """One turn for each key material, which deletes it and restores it from the copies.

    :param looked: the keys after the imports.
    :param imported: the results of the imports, which map copies to key materials.
    :returns: the key materials without a copy, a sentence each; and the turns. In check mode, KMS has not compared the
        copies, so key materials that only KMS can identify have no turn.
    """
    faults: list[str] = []
    turns: list[Json] = []
    for key, shown, result in zip(keys, looked, imported, strict=True):
        named = shown["materials"] is not None
        ids = [shown["current_key_material_id"] if named else None]
        ids += [one["key_material_id"] for one in result.get("previous_key_materials", ())]
        fault = _uncovered(key, shown, ids)
        faults += [fault] if fault else []
        turns += _turns_of(key, _noted(key, shown, ids), named)
    return faults, turns


def _uncovered(key: Json, shown: Json, ids: Sequence[str | None]) -> str | None:
    needed = [one["key_material_id"] for one in shown["materials"] or () if one["state"] in ASSOCIATED]
    uncovered = [one for one in needed if one not in ids]
    if not uncovered or None in ids:
        return None
    return (
        f"{key['key_id']} requires key material of which no copy is given: {', '.join(uncovered)}. Give it in"
        " previous_key_materials."
    )


def _noted(key: Json, shown: Json, ids: Sequence[str | None]) -> list[Json]:
    """The notes that are stored before a deletion: KMS does not keep the expiration of deleted key material."""
    ends = {one["key_material_id"]: one for one in shown["materials"] or ()}
    return [
        {
            "file": copy["name"],
            "key_material_id": key_material_id,
            **{name: ends.get(key_material_id, shown)[name] for name in _NOTED},
        }
        for copy, key_material_id in zip(copies_of(key), ids, strict=False)
    ]


def _turns_of(key: Json, noted: Sequence[Json], named: bool) -> list[Json]:
    restore = options_of(key, {one["file"]: {name: one[name] for name in _NOTED} for one in noted})
    for one, options in zip(noted[1:], restore["previous"], strict=False):
        if one["key_material_id"] is not None:
            options["key_material_id"] = one["key_material_id"]
    turns = [
        {
            "key_arn": key["key_id"],
            "file": one["file"],
            "key_material_id": one["key_material_id"],
            "source": {name: value for name, value in copy["options"].items() if name in SOURCE},
            "restore": restore,
            "notes": {"format_version": 1, "key_arn": key["key_id"], "copies": list(noted)},
            "ends_key": False,
        }
        for copy, one in zip(copies_of(key), noted, strict=False)
        if not named or one["key_material_id"] is not None
    ]
    if turns:
        turns[-1]["ends_key"] = True
    return turns


def _undeclared(key: Json) -> list[str]:
    """The copies whose expiration is not to change."""
    if _declares(key["own"]["options"]):
        return []
    return [copy["name"] for copy in copies_of(key) if not _declares(copy["options"])]


def options_of(key: Json, remembered: Mapping[str, Mapping[str, t.Any]]) -> Json:
    """The options of a task that gives all copies of a key.

    :param remembered: by their names, the expirations of copies that may declare none.
    """
    undeclared = _undeclared(key)

    def options(copy: Json) -> Json:
        known = remembered.get(copy["name"], {}) if copy["name"] in undeclared else {}
        return {**copy["options"], **{name: value for name, value in known.items() if value is not None}}

    return {"key_id": key["key_id"], "own": options(key["own"]), "previous": [options(one) for one in key["previous"]]}


def _declares(options: Mapping[str, t.Any]) -> bool:
    return any(options.get(name) is not None for name in EXPIRATION)
