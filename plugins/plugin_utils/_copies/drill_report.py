# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The report of a recovery drill: which copies worked, how long it took, and how to continue after a failure. Pure."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from datetime import datetime

from ...module_utils._key.facts import ASSOCIATED, IMPORTED, PENDING_IMPORT
from .entries import copies_of

__all__ = ("make_report",)

Json = dict[str, t.Any]
_GO_ON = (
    "Give the right copies in recovery_drill_keys and run the drill again. It restores missing key material before"
    " it deletes anything."
)


def make_report(
    keys: Sequence[Json],
    *,
    looked: Sequence[Json],
    imported: Sequence[Json] = (),
    turns: Sequence[Json] = (),
    done: Sequence[Json] = (),
    failure: str | None = None,
    by: Mapping[str, t.Any] | None = None,
    started_at: str,
    ended_at: str | None,
) -> Json:
    """:param looked: the entries of ``kms_key_material_info`` at the end; an entry that could not be read is missing.
    :param imported: the results of the imports by which KMS compared the copies.
    :param turns: the planned turns, in their order; *done*: an entry for each completed turn, with KMS's times.
    :param failure: the reason why the drill ended early.
    :param by: the user who ran it.
    :param started_at: KMS's time.
    """
    shown = {one["arn"]: one for one in looked if one["arn"]}
    described = [
        _key(key, shown.get(key["key_id"]), result, turns, done)
        for key, result in zip(keys, [*imported, *({} for _key in keys[len(imported) :])], strict=False)
    ]
    _mark_failed(described, turns, done, failure)
    failures = [one["go_on"] for one in described if one["go_on"]]
    failures += [result["msg"] for result in imported if result.get("failed")]
    failures += [failure] if failure and not any(result.get("failed") for result in imported) else []
    if not failures and not all(copy["outcome"] == "worked" for one in described for copy in one["copies"]):
        failures = ["Not every copy was drilled."]
    return {
        "format_version": 1,
        "outcome": "failed" if failures else "passed",
        "started_at": started_at,
        "ended_at": ended_at,
        "seconds": _seconds(started_at, ended_at),
        "run_by": dict(by or {}),
        "keys": described,
        "failures": failures,
    }


def _key(key: Json, shown: Json | None, result: Json, turns: Sequence[Json], done: Sequence[Json]) -> Json:
    arn = key["key_id"]
    own = {name: result.get(name) for name in ("material_match", "material_match_by")}
    matches = [own, *result.get("previous_key_materials", ())]
    # Turns are executed in their order, and the first failure ends the drill.
    finished = {turn["file"]: step for turn, step in zip(turns, done, strict=False) if turn["key_arn"] == arn}
    ids = {turn["file"]: turn["key_material_id"] for turn in turns if turn["key_arn"] == arn}
    copies = []
    for place, copy in enumerate(copies_of(key)):
        match = matches[place] if place < len(matches) else {}
        step = finished.get(copy["name"])
        copies.append(
            {
                "file": copy["name"],
                "key_material_id": ids.get(copy["name"]),
                "compared": match.get("material_match") or "unknown",
                "compared_by": match.get("material_match_by") or "none",
                "outcome": "worked" if step else "not drilled",
                "proof": step["proof"] if step else None,
                "deleted_at": step["deleted_at"] if step else None,
                "restored_at": step["restored_at"] if step else None,
                "seconds_unusable": _seconds(step["deleted_at"], step["restored_at"]) if step else None,
            }
        )
    missing = _missing(shown, copies, turns, arn)
    return {
        "key_arn": arn,
        "key_spec": shown["key_spec"] if shown else None,
        "key_state": shown["key_state"] if shown else None,
        "copies": copies,
        "missing": missing,
        "go_on": _go_on(arn, shown, missing),
    }


def _missing(shown: Json | None, copies: Sequence[Json], turns: Sequence[Json], arn: str) -> list[Json]:
    """The key materials that KMS lacks at the end, and their expirations."""
    if shown is None or shown["import_state"] != PENDING_IMPORT:
        return []
    noted = {one["key_material_id"]: one for turn in turns if turn["key_arn"] == arn for one in turn["notes"]["copies"]}
    lacking = [
        one["key_material_id"]
        for one in shown["materials"] or ()
        if one["state"] in ASSOCIATED and one["import_state"] != IMPORTED
    ] or [None]
    of_id = {copy["key_material_id"]: copy["file"] for copy in copies}
    return [
        {
            "key_material_id": one,
            "file": of_id.get(one) or noted.get(one, {}).get("file"),
            "expiration_model": noted.get(one, {}).get("expiration_model"),
            "valid_to": noted.get(one, {}).get("valid_to"),
        }
        for one in lacking
    ]


def _go_on(arn: str, shown: Json | None, missing: Sequence[Json]) -> str | None:
    if shown is None:
        return f"{arn} could not be read at the end, so it is unknown whether it is usable. Run the drill again."
    if not missing:
        return None
    named = []
    for one in missing:
        what = f"key material {one['key_material_id']}" if one["key_material_id"] else "its key material"
        copy = f"its copy is {one['file']}" if one["file"] else "no copy of it is known"
        end = ""
        if one["expiration_model"] is not None:
            end = f"; it had the expiration {one['valid_to']}" if one["valid_to"] else "; it did not expire"
        named.append(f"{what} ({copy}{end})")
    return f"{arn} is {shown['key_state']} and unusable. It lacks {', '.join(named)}. {_GO_ON}"


def _mark_failed(described: Sequence[Json], turns: Sequence[Json], done: Sequence[Json], failure: str | None) -> None:
    """Mark the incomplete turn, and every copy that KMS rejected."""
    for key in described:
        for copy in key["copies"]:
            if copy["compared"] == "different":
                copy["outcome"] = "failed"
    if failure is None or len(done) >= len(turns):
        return
    turn = turns[len(done)]
    for key in described:
        for copy in key["copies"]:
            if (key["key_arn"], copy["file"]) == (turn["key_arn"], turn["file"]):
                copy["outcome"] = "failed"


def _seconds(start: str | None, end: str | None) -> int | None:
    if start is None or end is None:
        return None
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())
