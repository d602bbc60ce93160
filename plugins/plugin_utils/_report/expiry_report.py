# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""One report out of what ``kms_key_material_info`` returned for many accounts and Regions. Pure.

The time of a report is the last time at which KMS answered, by KMS's clock. The labels of key materials are left out:
reports get around, and for key material that can be guessed a label lets the guess be checked.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from datetime import datetime

from ...module_utils._errors import Refusal
from .coverage import assess, describe_sources, group_keys, list_not_read
from .failures import failures
from .regions import in_other_regions, regions_of
from .row import STATUSES, Json, identify, make_row
from .statuses import DAYS_LEFT, define_statuses
from .timeline import weeks

__all__ = ("STATUSES", "make_report")

FORMAT_VERSION = 1
# The longest life of key material in KMS (ImportKeyMaterial, ValidTo), in days.
LONGEST = 365


def make_report(
    sources: Mapping[str, Mapping[str, t.Any]],
    *,
    title: str,
    warn_within_days: int,
    fail_within_days: int | None,
    made_by: Json | None = None,
    selections: Mapping[str, Mapping[str, t.Any]] | None = None,
    limit: str | None = None,
) -> Json:
    """Return the report.

    :param sources: for each account and Region, by a name, what ``kms_key_material_info`` returned. A result without
        keys has failed, and ``msg`` says why.
    :param warn_within_days: less than so many days left are ``soon``.
    :param fail_within_days: less than so many are ``critical``; None for no such status.
    :param made_by: who makes it, and with which versions.
    :param selections: for each source the options that limited what was read.
    :param limit: the pattern to which the hosts of the run were limited.
    :raises Refusal: this is not what ``kms_key_material_info`` returns.
    """
    errors: dict[str, str] = {}
    seen: dict[str, tuple[str, Mapping[str, t.Any]]] = {}
    elsewhere: list[tuple[str, Mapping[str, t.Any]]] = []
    matches: dict[str, int | None] = {}
    times: list[datetime] = []
    for name, result in sources.items():
        if "kms_keys" not in result:
            errors[name] = str(result.get("msg") or "there is no result; it was not reached.")
            continue
        try:
            times.append(datetime.fromisoformat(result["read_at"]))
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
                now=max(times),
                warn_within_days=warn_within_days,
                fail_within_days=fail_within_days,
            )
            for name, key in seen.values()
        ]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _not_a_result(", ".join(sources), error) from None
    keys.sort(key=_urgency)
    report = {
        "format_version": FORMAT_VERSION,
        "title": title,
        "as_of": max(times).isoformat() if times else None,
        "made_by": made_by,
        "limit": limit or None,
        "warn_within_days": warn_within_days,
        "fail_within_days": fail_within_days,
        "summary": {status: sum(key["status"] == status for key in keys) for status in STATUSES},
        "statuses": define_statuses(warn_within_days, fail_within_days),
        "days_left_means": DAYS_LEFT,
        "sources": describe_sources(sources, errors, keys, selections or {}),
        "not_read": list_not_read(errors, keys),
        "alias_pattern_matches": matches,
        "failures": failures(errors, keys, matches, fail_within_days),
        "weeks": weeks(keys),
        "groups": group_keys(keys),
        "keys": keys,
    }
    return {**report, "assessment": assess(report)}


def _see(seen: dict[str, tuple[str, Mapping[str, t.Any]]], name: str, key: Mapping[str, t.Any]) -> None:
    """Two hosts may stand for the same account and Region, and one of them may see more than the other.

    A multi-Region key may have been read by the host of its Region and, as one of its other Regions, by another.
    """
    identity = identify(name, key)
    if identity not in seen or (_unseen(seen[identity][1]) and not _unseen(key)):
        seen[identity] = (name, key)


def _unseen(key: Mapping[str, t.Any]) -> bool:
    return "key" in key["unread"]


def _not_a_result(name: str, error: Exception) -> Refusal:
    # Without its text, which may quote a value.
    return Refusal(
        f"What came from {name} is not a result of cloudkeys.aws.kms_key_material_info ({type(error).__name__})."
    )


def _urgency(key: Json) -> tuple[t.Any, ...]:
    days_left = LONGEST if key["days_left"] is None else key["days_left"]
    return (STATUSES.index(key["status"]), days_left, key["name"], key["arn"] or "")
