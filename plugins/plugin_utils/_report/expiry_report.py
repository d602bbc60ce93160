# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""One report out of what ``kms_key_material_info`` returned for many accounts and Regions. Pure.

A report says the day and not the hour, so that it changes only when something has changed. The labels of key materials
are left out: reports get around, and for key material that can be guessed a label lets the guess be checked.
"""

from __future__ import annotations

import csv
import io
import typing as t
from collections.abc import Mapping
from datetime import date, timedelta

from ...module_utils._errors import Refusal
from ...module_utils._kms.identifiers import MOST_NAMES, name_some
from .regions import in_other_regions, regions_of
from .row import STATUSES, Json, make_row

__all__ = ("COLUMNS", "STATUSES", "make_report", "to_csv")

FORMAT_VERSION = 1
COLUMNS = (
    "status", "warnings", "days_left", "expires_on", "name", "aliases", "account", "region", "key_id", "arn",
    "key_spec", "key_usage", "key_state", "import_state", "materials", "rotations_left", "pending_rotation",
    "rotation_started_on", "multi_region_key_type", "replica_import_state", "regions", "description", "tags", "unread",
    "source",
)  # fmt: skip
# KMS's longest life of key material (ImportKeyMaterial, ValidTo).
LONGEST, SHORTEST = 365, 30
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def make_report(
    sources: Mapping[str, Mapping[str, t.Any]], *, title: str, warn_within_days: int, fail_within_days: int | None
) -> Json:
    """The report.

    :param sources: for each account and Region, by a name, what ``kms_key_material_info`` returned. A result without
        keys has failed, and ``msg`` says why.
    :param warn_within_days: less than so many days left are ``soon``.
    :param fail_within_days: less than so many are ``critical``; None for no such status.
    :raises Refusal: this is not what ``kms_key_material_info`` returns.
    """
    errors: dict[str, str] = {}
    seen: dict[str, tuple[str, Mapping[str, t.Any]]] = {}
    elsewhere: list[tuple[str, Mapping[str, t.Any]]] = []
    matches: dict[str, int | None] = {}
    days: list[date] = []
    for name, result in sources.items():
        if "kms_keys" not in result:
            errors[name] = str(result.get("msg") or "there is no result; it was not reached.")
            continue
        try:
            days.append(date.fromisoformat(result["read_at"][:10]))
            for pattern, number in result["alias_pattern_matches"].items():
                known = matches.get(pattern, 0)
                matches[pattern] = None if None in (known, number) else known + number
            for key in result["kms_keys"]:
                _see(seen, name, key)
                elsewhere += [(name, other) for other in in_other_regions(key)]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise _not_a_result(name, error) from None
    for name, key in elsewhere:
        _see(seen, name, key)
    readable = {identity: key for identity, (_name, key) in seen.items() if not _unseen(key)}
    try:
        keys = [
            make_row(
                key,
                name,
                regions_of(key, readable),
                warn_within_days=warn_within_days,
                fail_within_days=fail_within_days,
            )
            for name, key in seen.values()
        ]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _not_a_result(", ".join(sources), error) from None
    keys.sort(key=_urgency)
    day = max(days, default=None)
    return {
        "format_version": FORMAT_VERSION,
        "title": title,
        "as_of": None if day is None else day.isoformat(),
        "warn_within_days": warn_within_days,
        "fail_within_days": fail_within_days,
        "summary": {status: sum(key["status"] == status for key in keys) for status in STATUSES},
        "sources": [
            {"name": name, "error": errors.get(name), "keys": sum(key["source"] == name for key in keys)}
            for name in sources
        ],
        "alias_pattern_matches": matches,
        "failures": _failures(errors, keys, matches, fail_within_days),
        "timeline": _timeline(day, keys),
        "keys": keys,
    }


def _see(seen: dict[str, tuple[str, Mapping[str, t.Any]]], name: str, key: Mapping[str, t.Any]) -> None:
    """Two hosts may stand for the same account and Region, and one of them may see more than the other.

    A multi-Region key may have been read by the host of its Region and, as one of its other Regions, by another.
    """
    identity = key["arn"] or f"{name} {key['key_id']}"
    if identity not in seen or (_unseen(seen[identity][1]) and not _unseen(key)):
        seen[identity] = (name, key)


def _unseen(key: Mapping[str, t.Any]) -> bool:
    return "key" in key["unread"]


def _not_a_result(name: str, error: Exception) -> Refusal:
    # Without its text, which may quote a value.
    return Refusal(
        f"What came from {name} is not a result of cloudkeys.aws.kms_key_material_info ({type(error).__name__})."
    )


def to_csv(report: Mapping[str, t.Any]) -> str:
    """The keys of the report, a line each (RFC 4180), with a line of headings.

    Spreadsheets take a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, and tags and descriptions are
    anybody's text: such a cell gets an apostrophe before it (OWASP, "CSV Injection").
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for key in report["keys"]:
        writer.writerow([_cell(key[column]) for column in COLUMNS])
    return text.getvalue()


def _urgency(key: Json) -> tuple[t.Any, ...]:
    days_left = LONGEST if key["days_left"] is None else key["days_left"]
    return (STATUSES.index(key["status"]), days_left, key["name"], key["arn"] or "")


def _failures(
    errors: Mapping[str, str], keys: list[Json], matches: Mapping[str, int | None], fail_within_days: int | None
) -> list[str]:
    """A short sentence for each reason to be alarmed. The report has what a sentence leaves out."""
    sentences = _unread_sources(errors)
    if fail_within_days is None:
        return sentences
    for status, (one, several) in {
        "missing": ("lacks key material", "lack key material"),
        "absent": ("does not exist", "do not exist"),
        "critical": (f"has less than {fail_within_days} days left", f"have less than {fail_within_days} days left"),
        "unknown": (
            "cannot be described, so its key material is unknown",
            "cannot be described, so their key material is unknown",
        ),
    }.items():
        names = [_name_with_place(key) for key in keys if key["status"] == status]
        if names:
            subject = f"1 key {one}" if len(names) == 1 else f"{len(names)} keys {several}"
            sentences.append(f"{subject}: {name_some(names, 'see the report')}.")
    idle = [pattern for pattern, number in matches.items() if number == 0]
    if idle:
        subject = "1 alias pattern matches" if len(idle) == 1 else f"{len(idle)} alias patterns match"
        sentences.append(f"{subject} no key: {name_some(idle, 'see the report')}.")
    if not keys and not sentences:
        sentences.append(
            "There is no key with imported key material to look at. Are the account and Region the right ones?"
        )
    return sentences


def _unread_sources(errors: Mapping[str, str]) -> list[str]:
    """What ails many accounts alike, such as a profile that has expired, is said once."""
    names: dict[str, list[str]] = {}
    for name, error in errors.items():
        names.setdefault(error, []).append(name)
    sentences = [
        f"{name_some(alike)} could not be read: {error.rstrip('.')}."
        for error, alike in list(names.items())[:MOST_NAMES]
    ]
    left = sum(len(alike) for alike in list(names.values())[MOST_NAMES:])
    return [*sentences, f"{left} more could not be read, see the report."] if left else sentences


def _name_with_place(key: Json) -> str:
    place = [key["account"], key["region"]] if key["arn"] else [key["source"]]
    if key["status"] == "critical":
        place.append("1 day left" if key["days_left"] == 1 else f"{key['days_left']} days left")
    return f"{key['name']} ({', '.join(place)})"


def _timeline(day: date | None, keys: list[Json]) -> Json:
    """How many days it shows, and where in them the months begin."""
    if day is None:
        return {"days": SHORTEST, "months": []}
    furthest = max((key["days_left"] for key in keys if key["days_left"] is not None), default=0)
    days = min(max(SHORTEST, furthest + 7), LONGEST)
    months: list[Json] = []
    first = day.replace(day=1)
    while True:
        first = (first + timedelta(days=32)).replace(day=1)
        if (first - day).days > days:
            return {"days": days, "months": months}
        months.append({"first": first.isoformat(), "days": (first - day).days})


def _cell(value: t.Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        told = {name: "not known" if content is None else content for name, content in value.items()}
        value = "; ".join(f"{name}={content}" for name, content in sorted(told.items()))
    elif isinstance(value, (list, tuple)):
        value = "; ".join(_in_words(one) if isinstance(one, Mapping) else one for one in value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _in_words(material: Mapping[str, t.Any]) -> str:
    """A key material of the row, in one line."""
    words = [f"{material['state']} {material['key_material_id']} {material['import_state']}"]
    if material["expires_on"]:
        words.append(f"expires on {material['expires_on']}")
    if material["rotated_on"]:
        words.append(f"rotated on {material['rotated_on']} ({material['rotation_type']})")
    if material["replica_import_state"]:
        words.append(material["replica_import_state"])
    if material["description"]:
        words.append(material["description"])
    return ", ".join(words)
