# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""One key of a report: its status, its key materials, and what about it needs attention. Pure."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from datetime import datetime

from ...module_utils._key.facts import FEW_ROTATIONS, STAGED
from ...module_utils._kms.identifiers import account_of_arn, region_of_arn
from ...module_utils._report.regions import import_state_in

__all__ = ("STATUSES", "Json", "Regions", "identify", "make_row")

# From what cannot wait to what can.
STATUSES = ("missing", "absent", "critical", "unknown", "soon", "attention", "later", "never", "deleting")
# What looks well until something else about the key needs attention.
_WELL = ("later", "never")
_NO_DATE = "the key material expires, but KMS returned no date"

Json = dict[str, t.Any]
# For each Region of a multi-Region key what is known of it there; None where nothing is.
Regions = Mapping[str, Mapping[str, t.Any] | None]


def identify(source: str, key: Mapping[str, t.Any]) -> str:
    """Return what distinguishes the key from the other keys of a report. A key that was not found has no ARN."""
    return str(key["arn"] or f"{source} {key['key_id']}")


def make_row(
    key: Mapping[str, t.Any],
    source: str,
    regions: Regions | None,
    *,
    now: datetime,
    warn_within_days: int,
    fail_within_days: int | None,
) -> Json:
    """Return the key as a row of the report.

    :param key: an entry of ``kms_key_material_info``.
    :param source: the inventory host that read it.
    :param regions: None for a single-Region key.
    :param now: the time of the report. The days of every row are counted from it, whenever its source was read.
    """
    aliases = [alias.removeprefix("alias/") for alias in key["aliases"] or ()]
    arn = key["arn"]
    materials = key["materials"]
    ends = [one["valid_to"] for one in materials or () if one["valid_to"] and one["import_state"] == "IMPORTED"]
    ends += [key["valid_to"]] if key["valid_to"] else []
    # ISO 8601 in UTC throughout, so text order is the order of time.
    expires_at = min(ends, default=None)
    days_left = _days_left(expires_at, now)
    account, region = (account_of_arn(arn), region_of_arn(arn)) if arn else (None, None)
    warnings = _warnings(key, regions or {})
    unread = {**key["unread"], **({"expiration": _NO_DATE} if _lacks_a_date(key) else {})}
    status = _status(key, unread, days_left, warn_within_days, fail_within_days)
    return {
        "status": "attention" if warnings and status in _WELL else status,
        "name": aliases[0] if aliases else key.get("name") or key["key_id"],
        "aliases": aliases,
        "account": account,
        "region": region,
        "group": f"{account} {region}" if arn else source,
        "expires_at": expires_at,
        "days_left": days_left,
        "warnings": warnings,
        "materials": None if materials is None else [_material(one, regions, now) for one in materials],
        "pending_rotation": next((one["state"] for one in materials or () if one["state"] in STAGED), None),
        "rotation_started_at": key["rotation_started"],
        "replica_import_state": _in_words(_states(regions)),
        "regions": None if regions is None else _states(regions),
        "unread": unread,
        "source": source,
        **{
            name: key[name]
            for name in (
                "key_id", "arn", "description", "tags", "key_spec", "key_usage", "key_state", "import_state",
                "rotations_left", "multi_region_key_type",
            )
        },
    }  # fmt: skip


def _lacks_a_date(key: Mapping[str, t.Any]) -> bool:
    """Whether an expiration of the key is unknown, so that it must not count as key material that does not expire."""
    if "key" in key["unread"]:
        return False
    imported = [one for one in key["materials"] or () if one["import_state"] == "IMPORTED"]
    return any(one["expiration_model"] == "KEY_MATERIAL_EXPIRES" and not one["valid_to"] for one in (key, *imported))


def _status(
    key: Mapping[str, t.Any],
    unread: Mapping[str, str],
    days_left: int | None,
    warn_within_days: int,
    fail_within_days: int | None,
) -> str:
    if "key" in unread:
        return "absent" if key["exists"] is False else "unknown"
    if key["key_state"] in ("PendingDeletion", "PendingReplicaDeletion"):
        return "deleting"
    if key["import_state"] == "PENDING_IMPORT":
        return "missing"
    if "expiration" in unread and (days_left is None or days_left >= max(warn_within_days, fail_within_days or 0)):
        return "unknown"
    if days_left is None:
        return "never"
    if fail_within_days is not None and days_left < fail_within_days:
        return "critical"
    return "soon" if days_left < warn_within_days else "later"


def _material(material: Mapping[str, t.Any], regions: Regions | None, now: datetime) -> Json:
    imported = material["import_state"] == "IMPORTED"
    return {
        "key_material_id": material["key_material_id"],
        "state": material["state"],
        "import_state": material["import_state"],
        "expires_at": material["valid_to"],
        "days_left": _days_left(material["valid_to"], now) if imported else None,
        "rotated_at": material["rotation_date"],
        "rotation_type": material["rotation_type"],
        "description": material["description"],
        "replica_import_state": _in_words(_states(regions, material["key_material_id"])),
    }


def _warnings(key: Mapping[str, t.Any], regions: Regions) -> list[str]:
    """What keeps a key from looking well although it has its key material and does not expire soon."""
    if "key" in key["unread"]:
        return []
    found = []
    if key["origin"] != "EXTERNAL":
        found.append(f"its origin is {key['origin']}, so it has no imported key material")
    if key["materials"] is None and "materials" in key["unread"]:
        found.append("its key materials could not be listed")
    left = key["rotations_left"]
    if left is not None and left <= FEW_ROTATIONS:
        found.append({0: "no rotation left", 1: "1 rotation left"}.get(left, f"{left} rotations left"))
    primary = key["multi_region_key_type"] == "PRIMARY"
    if primary:
        found += _where(_states(regions), "key material")
    for material in key["materials"] or ():
        if material["state"] not in STAGED:
            continue
        what = "the key material that is to be rotated to"
        if primary:
            found += _where(_states(regions, material["key_material_id"]), what)
        elif material["import_state"] != "IMPORTED":
            found.append(f"{what} is missing")
    return found


def _where(states: Mapping[str, str | None], what: str) -> list[str]:
    lacking = [region for region, state in states.items() if state == "PENDING_IMPORT"]
    unknown = [region for region, state in states.items() if state is None]
    found = [f"{what} is missing in {', '.join(lacking)}"] if lacking else []
    return [*found, f"{what} is not known in {', '.join(unknown)}"] if unknown else found


def _states(regions: Regions | None, key_material_id: str | None = None) -> dict[str, str | None]:
    """For each Region whether KMS holds this key material there; without a name, all that the key needs."""
    return {
        region: None if key is None else import_state_in(key, key_material_id)
        for region, key in (regions or {}).items()
    }


def _in_words(states: Mapping[str, str | None]) -> str | None:
    """As the KMS console says it. None where there is one Region only."""
    told = list(states.values())
    if len(told) < 2:
        return None
    unknown = f", {told.count(None)} not known" if None in told else ""
    return f"{told.count('IMPORTED')} of {len(told)} imported{unknown}"


def _days_left(end: str | None, now: datetime) -> int | None:
    """Whole days, rounded down: 0 on the last day. KMS may show an expiration for some moments after it."""
    return None if end is None else max(0, (datetime.fromisoformat(end) - now).days)
