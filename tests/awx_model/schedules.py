# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recurrence rules: which ones AWX refuses, and when one is due next."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from dateutil.rrule import rruleset, rrulestr
from dateutil.tz import tzutc

from .errors import Refused
from .store import written


def _set_of(rule: str) -> rruleset:
    """:raises ValueError: it cannot be read."""
    zones = {"UTC": tzutc(), "Z": tzutc()}
    rules: rruleset = rrulestr(rule, forceset=True, tzinfos=zones)
    for one in rules._rrule:
        if one._dtstart.tzinfo is None:
            raise ValueError("A valid TZID must be provided (e.g., America/New_York)")
    return rules


def with_until_in_utc(rule: str) -> str:
    """An UNTIL without a zone is in the zone of DTSTART; AWX keeps it in UTC."""
    match = re.search(r"UNTIL=(\d+T\d+)(?!\d*Z)(?=\D|$)", rule)
    if not match:
        return rule
    start = re.sub(r"^.*(DTSTART\S+)\s.*$", r"\1", rule)
    zone = _set_of(f"{start} RRULE:FREQ=DAILY;INTERVAL=1")._rrule[0]._dtstart.tzinfo
    until = datetime.strptime(match.group(1), "%Y%m%dT%H%M%S").replace(tzinfo=zone).astimezone(UTC)
    return rule.replace(match.group(0), f"UNTIL={until.strftime('%Y%m%dT%H%M%SZ')}")


def check(rule: str) -> None:
    """:raises Refused: AWX does not take the rule."""
    lowered = rule.lower()
    for forbidden in ("EXDATE", "RDATE"):
        if f"{forbidden.lower()}:" in lowered:
            raise Refused(400, {"rrule": [f"{forbidden} not allowed in rrule."]})
    starts = re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", rule)
    errors = []
    if not starts:
        errors.append("Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ")
    if re.search(r"DTSTART:[0-9]+T[0-9]+ ", rule):
        errors.append("DTSTART cannot be a naive datetime.  Specify ;TZINFO= or YYYYMMDDTHHMMSSZZ.")
    if len(starts) > 1:
        errors.append("Multiple DTSTART is not supported.")
    if "rrule:" not in lowered:
        errors.append("One or more rule required in rrule.")
    for one in re.findall(r"RULE:\S*", rule):
        errors += _errors_of(one)
    try:
        _set_of(with_until_in_utc(rule))
    except Exception as error:
        errors.append(f"rrule parsing failed validation: {error}")
    if errors:
        raise Refused(400, {"rrule": errors})


def _errors_of(rule: str) -> list[str]:
    errors = []
    if "interval" not in rule.lower():
        errors.append(f"INTERVAL required in rrule: {rule}")
    elif "secondly" in rule.lower():
        errors.append(f"SECONDLY is not supported: {rule}")
    if re.search(r"BYDAY[:=][0-9]+[a-zA-Z]{2}", rule):
        errors.append(f"BYDAY with numeric prefix not supported: {rule}")
    if "COUNT" in rule and "UNTIL" in rule:
        errors.append(f"RRULE may not contain both COUNT and UNTIL: {rule}")
    count = re.search(r"COUNT=([0-9]+)", rule)
    if count and int(count.group(1)) > 999:
        errors.append(f"COUNT > 999 is unsupported: {rule}")
    return errors


def computed(rule: str, *, enabled: bool) -> dict[str, Any]:
    """What AWX shows of a schedule beside its rule."""
    rules = _set_of(rule)
    now = datetime.now(UTC)
    first = next(iter(rules), None)
    if first is not None and now - first > timedelta(days=7) and re.search("MINUTELY|HOURLY", rule):
        # What is long past does not need to be counted out.
        week = (now - timedelta(days=7)).strftime("%Y%m%d")
        rules = _set_of(re.sub(r"(DTSTART[^:]*):[^T]+T", rf"\1:{week}T", rule))
        first = next(iter(rules), None)
    following = rules.after(now) if enabled else None
    ends = all(one._until or one._count for one in rules._rrule)
    last = list(rules)[-1:] if ends else []
    until = next((one._until for one in rules._rrule if one._until), None)
    zone = rules._rrule[0]._dtstart.tzinfo
    named = re.search(r"TZID=([^:;]+)", rule)
    return {
        "dtstart": written(first) if first else None,
        "dtend": written(last[0]) if last else None,
        "next_run": written(following) if following else None,
        "timezone": named.group(1) if named else "UTC",
        "until": until.astimezone(zone).replace(tzinfo=None).isoformat() if until else "",
    }
