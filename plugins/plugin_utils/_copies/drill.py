# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What a recovery drill may touch, and in what order it goes through the key materials of each key. Pure."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Collection, Mapping, Sequence

from ...module_utils._key.facts import ASSOCIATED
from .entries import EXPIRATION, SOURCE, copies_of

__all__ = ("CANARY", "find_faults", "make_imports", "make_turns", "options_of", "read_notes")

Json = dict[str, t.Any]

#: The tag that a key must carry, and its value.
CANARY = ("cloudkeys.aws/canary", "true")
_NOTED = ("expiration_model", "valid_to")


def find_faults(keys: Sequence[Json], looked: Sequence[Json]) -> list[str]:
    """Why one of the keys must not be touched, a sentence each.

    :param looked: the entries of ``kms_key_material_info`` for the same keys, with tags.
    """
    return [fault for key, shown in zip(keys, looked, strict=True) if (fault := _fault(key, shown))]


def _fault(key: Json, shown: Json) -> str | None:
    arn = key["key_id"]
    unread = shown["unread"]
    if "key" in unread:
        return f"{arn} cannot be described: {unread['key']}."
    if "tags" in unread:
        return f"{arn}: whether it is a canary is not known, since its tags cannot be read: {unread['tags']}."
    name, value = CANARY
    if (shown["tags"] or {}).get(name) != value:
        has = f"has the value {shown['tags'][name]!r}" if name in (shown["tags"] or {}) else "is missing"
        return (
            f"{arn} is no canary: its tag {name} {has}, and must be {value!r}. A drill deletes key material. Never tag"
            " a key that anything depends on."
        )
    if shown["arn"] != arn:
        return f"{arn}: KMS answered for another key, {shown['arn']}."
    if shown["origin"] != "EXTERNAL":
        return f"{arn} has the origin {shown['origin']}, so it takes no imported key material."
    if shown["key_state"] not in ("Enabled", "PendingImport"):
        return f"{arn} is {shown['key_state']}. A drill needs a key that is Enabled, or was left PendingImport by one."
    if "materials" in unread:
        return f"{arn}: its key materials cannot be listed: {unread['materials']}."
    staged = [one["key_material_id"] for one in shown["materials"] or () if one["state"] not in ASSOCIATED]
    if staged:
        return f"{arn}: the key material {staged[0]} waits for a rotation. Finish the rotation, and drill then."
    if shown["materials"] == []:
        return f"{arn} never had key material. Import it first (cloudkeys.aws.kms_key_material)."
    return None


def read_notes(texts: Collection[str], keys: Sequence[Json]) -> tuple[list[str], dict[str, dict[str, Json]]]:
    """What drills that were cut off have noted: by the key ARN and the name of a copy, when that was to expire.

    :returns: what is wrong with the notes; and the notes.
    """
    known = {key["key_id"] for key in keys}
    try:
        notes = dict(_read(json.loads(text)) for text in texts)
    except (KeyError, TypeError, ValueError):
        fault = (
            "There are notes of a drill that was cut off (unfinished-*.json) that cannot be read. Remove that file, and"
            " declare expiration_model or valid_to in recovery_drill_keys."
        )
        return [fault], {}
    return [], {arn: copies for arn, copies in notes.items() if arn in known}


def _read(noted: Json) -> tuple[str, dict[str, Json]]:
    return noted["key_arn"], {one["file"]: {name: one[name] for name in _NOTED} for one in noted["copies"]}


def make_imports(keys: Sequence[Json], looked: Sequence[Json], notes: Mapping[str, Mapping[str, Json]]) -> list[Json]:
    """The options by which each key gets all its key materials, whatever a drill has left of them.

    A copy that declares no expiration keeps that which the key material has; where it is missing, that which was noted
    before it was deleted.
    """
    imports = []
    for key, shown in zip(keys, looked, strict=True):
        noted = notes.get(key["key_id"], {}) if shown["import_state"] != "IMPORTED" else {}
        # An older key material without an expiration of its own would get that of the current one.
        complete = all(name in noted for name in _undeclared(key))
        imports.append(options_of(key, noted if complete else {}))
    return imports


def make_turns(keys: Sequence[Json], looked: Sequence[Json], imported: Sequence[Json]) -> tuple[list[str], list[Json]]:
    """One turn for each key material: it is deleted, and restored from the copies.

    :param looked: the keys after the imports.
    :param imported: the results of the imports, which say which copy is which key material.
    :returns: what has no copy, a sentence each; and the turns. In check mode KMS has not compared, and what only it
        can tell has no turn.
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
        f"{key['key_id']} needs key material of which no copy is given: {', '.join(uncovered)}. Give it in"
        " previous_key_materials."
    )


def _noted(key: Json, shown: Json, ids: Sequence[str | None]) -> list[Json]:
    """What is written down before anything is deleted: KMS forgets the expiration of what it deletes."""
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
    """The copies whose expiration is to stay as it was."""
    if _declares(key["own"]["options"]):
        return []
    return [copy["name"] for copy in copies_of(key) if not _declares(copy["options"])]


def options_of(key: Json, remembered: Mapping[str, Mapping[str, t.Any]]) -> Json:
    """The options of a task that gives all copies of a key.

    :param remembered: the expirations of copies that may declare none, by their names.
    """
    undeclared = _undeclared(key)

    def options(copy: Json) -> Json:
        known = remembered.get(copy["name"], {}) if copy["name"] in undeclared else {}
        return {**copy["options"], **{name: value for name, value in known.items() if value is not None}}

    return {"key_id": key["key_id"], "own": options(key["own"]), "previous": [options(one) for one in key["previous"]]}


def _declares(options: Mapping[str, t.Any]) -> bool:
    return any(options.get(name) is not None for name in EXPIRATION)
