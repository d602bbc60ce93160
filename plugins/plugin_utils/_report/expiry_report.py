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

__all__ = ("ReportError", "STATUSES", "make_report", "to_csv")

FORMAT_VERSION = 1
# From what cannot wait to what can.
STATUSES = ("missing", "absent", "critical", "unknown", "soon", "later", "never", "deleting")
_NOT_SEEN = ("absent", "unknown")
COLUMNS = (
    "status", "days_left", "expires_on", "name", "aliases", "account", "region", "key_id", "arn", "key_spec",
    "key_usage", "key_state", "import_state", "materials", "rotations_left", "multi_region_key_type", "description",
    "tags", "unread", "source",
)  # fmt: skip
# KMS's longest life of key material (ImportKeyMaterial, ValidTo).
LONGEST, SHORTEST = 365, 30
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Json = dict[str, t.Any]


class ReportError(Refusal):
    """A sentence about input that is not what ``kms_key_material_info`` returns."""


def make_report(
    sources: Mapping[str, Mapping[str, t.Any]], *, title: str, warn_within_days: int, fail_within_days: int | None
) -> Json:
    """The report.

    :param sources: for each account and Region, by a name, what ``kms_key_material_info`` returned. A result without
        keys has failed, and ``msg`` says why.
    :param warn_within_days: less than so many days left are ``soon``.
    :param fail_within_days: less than so many are ``critical``; None for no such status.
    :raises ReportError: a sentence.
    """
    errors: dict[str, str] = {}
    rows: dict[str, Json] = {}
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
                row = _row(key, name, warn_within_days, fail_within_days)
                identity = row["arn"] or f"{name} {row['key_id']}"
                # Two hosts may stand for the same account and Region, and one of them may see more than the other.
                if identity not in rows or (rows[identity]["status"] in _NOT_SEEN and row["status"] not in _NOT_SEEN):
                    rows[identity] = row
        except (KeyError, TypeError, ValueError) as error:
            raise ReportError(
                f"What came from {name} is not a result of cloudkeys.aws.kms_key_material_info"
                f" ({type(error).__name__}: {error})."
            ) from None
    keys = sorted(rows.values(), key=_urgency)
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


def _row(key: Mapping[str, t.Any], source: str, warn_within_days: int, fail_within_days: int | None) -> Json:
    aliases = [alias.removeprefix("alias/") for alias in key["aliases"] or ()]
    arn = key["arn"]
    ends = [one["valid_to"] for one in key["materials"] or () if one["valid_to"] and one["import_state"] == "IMPORTED"]
    ends += [key["valid_to"]] if key["valid_to"] else []
    return {
        "status": _status(key, warn_within_days, fail_within_days),
        "name": aliases[0] if aliases else key["key_id"],
        "aliases": aliases,
        "account": arn.split(":")[4] if arn else None,
        "region": arn.split(":")[3] if arn else None,
        # ISO 8601 in UTC throughout, so text order is the order of time.
        "expires_on": min(ends)[:10] if ends else None,
        "materials": None if key["materials"] is None else len(key["materials"]),
        "unread": dict(key["unread"]),
        "source": source,
        **{
            name: key[name]
            for name in (
                "key_id", "arn", "description", "tags", "key_spec", "key_usage", "key_state", "import_state",
                "days_left", "rotations_left", "multi_region_key_type",
            )
        },
    }  # fmt: skip


def _status(key: Mapping[str, t.Any], warn_within_days: int, fail_within_days: int | None) -> str:
    days_left = key["days_left"]
    if "key" in key["unread"]:
        return "absent" if key["exists"] is False else "unknown"
    if key["key_state"] in ("PendingDeletion", "PendingReplicaDeletion"):
        return "deleting"
    if key["import_state"] == "PENDING_IMPORT":
        return "missing"
    if days_left is None:
        return "never"
    if fail_within_days is not None and days_left < fail_within_days:
        return "critical"
    return "soon" if days_left < warn_within_days else "later"


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
        value = "; ".join(f"{name}={content}" for name, content in sorted(value.items()))
    elif isinstance(value, (list, tuple)):
        value = "; ".join(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
