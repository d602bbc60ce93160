# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What a report covers, what could not be read, and what may be concluded from it. Pure."""

from __future__ import annotations

import typing as t
from collections import defaultdict
from collections.abc import Mapping, Sequence

from ...module_utils._kms.identifiers import account_of_arn, name_some, region_of_arn
from .row import Json, identify
from .statuses import soon_range

__all__ = ("assess", "describe_sources", "group_keys", "list_not_read")

_UNREAD = {
    "key": "the key",
    "materials": "key materials",
    "rotation": "rotation",
    "aliases": "aliases",
    "tags": "tags",
    "regions": "other Regions of the key",
    "expiration": "the expiration",
}
# The assessment counts the keys of these gaps.
_OWN_SENTENCE = (_UNREAD["key"], _UNREAD["expiration"])


def describe_sources(
    sources: Mapping[str, Mapping[str, t.Any]],
    errors: Mapping[str, str],
    keys: Sequence[Json],
    selections: Mapping[str, Mapping[str, t.Any]],
) -> list[Json]:
    """Return for each source what was read, when, and with which limits.

    :param sources: as for ``make_report``.
    :param keys: the rows of the report.
    :param selections: for each source the options that limited what was read. Those without a value limit nothing.
    """
    rows: dict[str, list[Json]] = defaultdict(list)
    for key in keys:
        rows[key["source"]].append(key)
    return [
        {
            "name": name,
            "error": errors.get(name),
            "keys": len(rows[name]),
            # Without them, a host with the credentials of another host would look like an account without keys.
            "keys_under_other_hosts": len(_read_by(name, result) - _read_by(name, {"kms_keys": rows[name]})),
            "accounts": sorted({account_of_arn(arn) for arn in _read_by(name, result) if region_of_arn(arn)}),
            "region": result.get("region"),
            "read_at": None if name in errors else result.get("read_at"),
            "selection": {
                option: value
                for option, value in selections.get(name, {}).items()
                # An empty list of keys asks for none, and any other empty value for all.
                if value or (option == "key_ids" and value == [])
            },
        }
        for name, result in sources.items()
    ]


def _read_by(name: str, result: Mapping[str, t.Any]) -> set[str]:
    return {identify(name, key) for key in result.get("kms_keys") or ()}


def list_not_read(errors: Mapping[str, str], keys: Sequence[Json]) -> list[Json]:
    """Return everything that could not be read, the sources first: ``what``, ``where``, ``why``, and the ``keys``.

    The same gap of many keys of a source is one entry.

    :param keys: the rows of the report.
    """
    found = [{"what": "everything", "where": name, "why": error, "keys": None} for name, error in errors.items()]
    alike: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for key in keys:
        for what, why in sorted(key["unread"].items()):
            if key["status"] != "absent":
                alike[(_UNREAD.get(what, what), key["source"], why)].append(key["name"])
    return found + [
        {"what": what, "where": where, "why": why, "keys": f"{len(names)}: {name_some(names)}"}
        for (what, where, why), names in alike.items()
    ]


def group_keys(keys: Sequence[Json]) -> list[Json]:
    """Return a group for each account and Region, those with the most urgent key first.

    Each has its ``name`` (the ``group`` of its rows), ``account``, ``region``, the ``sources`` that read it, the
    number of ``keys``, and their number by status as ``summary``.

    :param keys: the rows of a report, the most urgent first.
    """
    rows: dict[str, list[Json]] = defaultdict(list)
    for key in keys:
        rows[key["group"]].append(key)
    return [
        {
            "name": name,
            "account": members[0]["account"],
            "region": members[0]["region"],
            "sources": sorted({key["source"] for key in members}),
            "keys": len(members),
            "summary": _count(members),
        }
        for name, members in rows.items()
    ]


def _count(keys: Sequence[Json]) -> dict[str, int]:
    """In the order of the rows, which is that of urgency."""
    found: dict[str, int] = defaultdict(int)
    for key in keys:
        found[key["status"]] += 1
    return dict(found)


def assess(report: Mapping[str, t.Any]) -> Json:
    """Return what may be concluded from the report: a ``level`` and ``sentences``.

    The level is ``alarm``, ``incomplete``, ``attention``, ``empty`` or ``good``. It is ``good`` only when everything
    was read, at least one key was found, and no key needs anything.

    :param report: a report without its assessment.
    """
    count, warn = report["summary"], report["warn_within_days"]
    soon = soon_range(warn, report["fail_within_days"])
    unread = sum(source["error"] is not None for source in report["sources"])
    idle = sum(number == 0 for number in report["alias_pattern_matches"].values())
    alarm = [
        *_told(count["missing"], "lacks key material", "lack key material"),
        *_told(count["absent"], "does not exist", "do not exist"),
        *_told(
            count["critical"],
            f"has fewer than {report['fail_within_days']} days left",
            f"have fewer than {report['fail_within_days']} days left",
        ),
    ]
    gaps = _gaps(report, unread)
    attention = [
        *_told(count["soon"], f"has {soon} left", f"have {soon} left"),
        *_told(count["attention"], "needs attention for another reason", "need attention for another reason"),
        *_told(idle, "matches no key", "match no key", "alias pattern"),
    ]
    sentences = [*gaps, *alarm, *attention]
    checked = len(report["keys"]) - count["deleting"]
    if not report["keys"]:
        sentences.append("No key with imported key material was found. This report confirms nothing about any key.")
    elif checked and not sentences:
        sentences.append(
            f"Every host was read. {'The key has' if checked == 1 else f'All {checked} keys have'} the required key"
            f" material, and none of it expires within {warn} days."
        )
    hosts = [source for source in report["sources"] if source["error"] is None]
    shared = sum(source["keys_under_other_hosts"] > 0 for source in hosts)
    without = sum(not source["keys"] and not source["keys_under_other_hosts"] for source in hosts)
    if report["keys"]:
        sentences += _told(
            shared, "read keys that another host also read", "read keys that another host also read", "host"
        )
        sentences += _told(without, "has no keys in this report", "have no keys in this report", "host")
    if report["limit"]:
        sentences.append(
            "Other hosts of the inventory are not in this report, because the run was limited to some hosts."
        )
    sentences += _told(count["deleting"], "is pending deletion", "are pending deletion")
    levels = {"alarm": alarm, "incomplete": gaps, "attention": attention, "empty": not checked}
    return {"level": next((level for level, true in levels.items() if true), "good"), "sentences": sentences}


def _gaps(report: Mapping[str, t.Any], unread: int) -> list[str]:
    hosts = len(report["sources"])
    details = any(one["keys"] is not None and one["what"] not in _OWN_SENTENCE for one in report["not_read"])
    undescribed = sum(key["status"] == "unknown" and "key" in key["unread"] for key in report["keys"])
    undated = sum("expiration" in key["unread"] for key in report["keys"])
    unknown = sum(None in (key["regions"] or {}).values() for key in report["keys"])
    return [
        *([f"This report is incomplete: {unread} of {hosts} hosts could not be read."] if unread else []),
        *(["This report is incomplete: no host was read."] if not hosts else []),
        *_told(undescribed, "could not be described", "could not be described"),
        *_told(undated, "has an unknown expiration", "have an unknown expiration"),
        *(["Some details of keys could not be read."] if details else []),
        *_told(unknown, "was not read in all of its Regions", "were not read in all of their Regions"),
    ]


def _told(number: int, one: str, several: str, noun: str = "key") -> list[str]:
    if not number:
        return []
    return [f"1 {noun} {one}." if number == 1 else f"{number} {noun}s {several}."]
