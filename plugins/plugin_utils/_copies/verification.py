# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What ``verify_copies`` has proven about each copy. Pure."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ...module_utils._key.facts import ASSOCIATED
from .entries import copies_of

__all__ = ("summarize",)

Json = dict[str, t.Any]
_MATCH = ("material_match", "material_match_by", "material_match_reason")
_NO_COPY = "no copy of it is given"
_BY = {
    "public_key": "the public key in KMS matches the copy",
    "mac": "KMS verified a MAC made with the copy",
    "kms_import": "KMS compared the bytes",
    "label": "the label in KMS matches the copy, but anyone who may import key material can copy a label",
}


def summarize(
    keys: Sequence[Json], results: Sequence[Mapping[str, t.Any]], *, reimport: bool, allow_unknown: bool
) -> Json:
    """:param results: of ``kms_key_material`` for the keys, including failed ones.
    :param reimport: whether KMS compared the copies, by an import that changes nothing.
    :param allow_unknown: whether copies with an unknown result, or key material without a copy, are not a failure.
    """
    copies, broken = [], []
    for key, result in zip(keys, results, strict=True):
        of_key = [*_copies(key, result, reimport), *_without_copy(key, result)]
        copies += of_key
        if result.get("failed") and all(one["verdict"] == "same" for one in of_key):
            broken.append(f"{key['key_id']}: {result.get('msg')}")
    count = {
        verdict: sum(one["verdict"] == verdict for one in copies)
        for verdict in ("same", "different", "missing", "unknown")
    }
    failures = [one["sentence"] for one in copies if one["verdict"] in ("different", "missing")] + broken
    if not allow_unknown:
        failures += [one["sentence"] for one in copies if one["verdict"] == "unknown"]
    if not failures and not count["same"]:
        failures = ["Nothing was proven: it is unknown for all copies whether KMS holds their key material."]
    return {"copies": copies, "summary": count, "failures": failures}


def _copies(key: Json, result: Mapping[str, t.Any], reimport: bool) -> list[Json]:
    own = {name: result.get(name) for name in _MATCH}
    own["key_material_id"] = (result.get("kms_key") or {}).get("current_key_material_id")
    matches = [own, *(result.get("previous_key_materials") or ())]
    given = copies_of(key)
    matches += [{} for _copy in given[len(matches) :]]
    return [_entry(key, copy["name"], match, result, reimport) for copy, match in zip(given, matches, strict=False)]


def _entry(key: Json, copy: str, match: Mapping[str, t.Any], result: Mapping[str, t.Any], reimport: bool) -> Json:
    verdict, by = match.get("material_match") or "unknown", match.get("material_match_by") or "none"
    reason = match.get("material_match_reason")
    if verdict == "same" and by == "label" and reimport:
        verdict, by, reason = "unknown", "none", "KMS has not compared it; only its label matches"
    if verdict != "different" and _lost(result, match.get("key_material_id")):
        verdict, by, reason = "missing", "none", "KMS currently does not hold this key material"
    if verdict == "unknown" and result.get("failed"):
        reason = result.get("msg") or reason
    which = f"{key['key_id']}, {copy}"
    sentence = f"{which}: same: {_BY.get(by, by)}." if verdict == "same" else f"{which}: {verdict}: {reason}"
    return {
        "key_id": key["key_id"],
        "file": copy,
        "key_material_id": match.get("key_material_id"),
        "verdict": verdict,
        "by": by,
        "reason": reason,
        "sentence": sentence,
    }


def _lost(result: Mapping[str, t.Any], key_material_id: str | None) -> bool:
    shown = result.get("kms_key") or {}
    materials = shown.get("materials")
    if materials is None:
        return bool(shown) and shown["key_state"] == "PendingImport" and shown["key_spec"] != "SYMMETRIC_DEFAULT"
    return any(one["key_material_id"] == key_material_id and one["import_state"] != "IMPORTED" for one in materials)


def _without_copy(key: Json, result: Mapping[str, t.Any]) -> list[Json]:
    """The key materials that the key requires and that could not be restored."""
    shown = result.get("kms_key") or {}
    if shown.get("materials_unread"):
        return [
            _no_copy(key, None, "its other key materials", f"they could not be listed: {shown['materials_unread']}")
        ]
    previous = result.get("previous_key_materials") or ()
    ids = [shown.get("current_key_material_id"), *(one["key_material_id"] for one in previous)]
    if None in ids or len(ids) <= len(key["previous"]):
        return []
    return [
        _no_copy(key, one["key_material_id"], f"key material {one['key_material_id']} ({one['state']})", _NO_COPY)
        for one in shown.get("materials") or ()
        if one["state"] in ASSOCIATED and one["key_material_id"] not in ids
    ]


def _no_copy(key: Json, key_material_id: str | None, what: str, reason: str) -> Json:
    return {
        "key_id": key["key_id"],
        "file": None,
        "key_material_id": key_material_id,
        "verdict": "unknown",
        "by": "none",
        "reason": reason,
        "sentence": f"{key['key_id']}, {what}: {reason}.",
    }
