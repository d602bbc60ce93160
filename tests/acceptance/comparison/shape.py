# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a file from someone else is a record: its size, its types, and the limits of what a comparison generates."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

_LARGEST_FILE = 64 * 2**20
_MOST_CALLS = 20_000
_DEEPEST = 20
# KMS's own limits are lower: 32 KiB of a key policy, 6 KiB of ciphertext or key material.
_LONGEST = 100_000
# Seconds; a run takes minutes.
_LATEST = 7 * 86400.0
_FURTHEST = 10 * 366 * 86400.0
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+")
_OPERATION = re.compile(r"[A-Z][A-Za-z]{2,63}")


def parse(path: Path) -> list[Any]:
    """:raises ValueError: it is too large, or a line is not JSON. The message is a clause."""
    if path.stat().st_size > _LARGEST_FILE:
        raise ValueError("it is too large")
    lines = path.read_text("utf-8").splitlines()
    if len(lines) > _MOST_CALLS:
        raise ValueError("it has too many lines")
    try:
        return [json.loads(line, parse_constant=_no_number) for line in lines]
    except RecursionError:
        raise ValueError("a line has too many levels") from None
    except ValueError:
        raise ValueError("a line is not JSON") from None


def check(head: Any, calls: list[Any], of_format: int) -> None:
    """:raises ValueError: it is not what a run records. The message is a clause."""
    if not isinstance(head, dict) or head.get("format") != of_format:
        raise ValueError(f"it is not of format {of_format}")
    regions = head.get("regions")
    _expect(isinstance(head.get("service"), str) and isinstance(head.get("day"), str), 1, "service and day")
    _expect(isinstance(regions, list) and all(map(_is_region, regions)), 1, "regions")
    if "calls" in head and head["calls"] != len(calls):
        raise ValueError(f"it has {len(calls)} calls, and its first line states {head['calls']!r:.20}")
    if not calls:
        raise ValueError("it has no calls")
    for line, call in enumerate(calls, 2):
        _check_call(line, call)


def _check_call(line: int, call: Any) -> None:
    _expect(isinstance(call, dict), line, "the call")
    _expect(_is_number(call.get("at"), 0, _LATEST), line, "at")
    _expect(_is_number(call.get("seconds"), 0, _LATEST), line, "seconds")
    _expect(isinstance(call.get("scenario"), str), line, "scenario")
    _expect(_is_region(call.get("region")), line, "region")
    operation = call.get("operation")
    _expect(isinstance(operation, str) and bool(_OPERATION.fullmatch(operation)), line, "operation")
    _expect(isinstance(call.get("request"), dict), line, "request")
    _check_value(line, "request", call["request"], 0)
    _expect(("answer" in call) != ("error" in call), line, "answer or error")
    status = call.get("status")
    _expect(status is None or (isinstance(status, int) and 100 <= status < 600), line, "status")
    part = "answer" if "answer" in call else "error"
    _expect(isinstance(call[part], dict), line, part)
    if part == "error":
        _expect(isinstance(call[part].get("code", call[part].get("class")), str), line, part)
    _check_value(line, part, call[part], 0)


def _check_value(line: int, name: str, value: Any, depth: int) -> None:
    _expect(depth < _DEEPEST, line, name)
    if isinstance(value, dict):
        for inner, one in value.items():
            _check_value(line, inner, one, depth + 1)
        for measure, least, most in (
            ("bytes", 0, _LONGEST),
            ("text", 0, _LONGEST),
            ("entries", 0, _LONGEST),
            ("number", 0, _LONGEST),
            ("seconds_later", -_FURTHEST, _FURTHEST),
        ):
            if measure in value:
                _expect(isinstance(value[measure], int) and _is_number(value[measure], least, most), line, name)
        if "bytes" in value:
            _expect("number" in value, line, name)
        if "date" in value:
            _expect(isinstance(value["date"], int), line, name)
    elif isinstance(value, list):
        for one in value:
            _check_value(line, name, one, depth + 1)
    elif isinstance(value, str):
        _expect(len(value) <= _LONGEST, line, name)
    elif isinstance(value, int) and not isinstance(value, bool):
        _expect(abs(value) < 2**63, line, name)


def _expect(right: bool, line: int, name: str) -> None:
    if not right:
        raise ValueError(f"line {line} has no usable {name!a:.60}")


def _is_region(value: Any) -> bool:
    return isinstance(value, str) and len(value) < 40 and bool(_REGION.fullmatch(value))


def _is_number(value: Any, least: float, most: float) -> bool:
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and math.isfinite(value)
        and least <= value <= most
    )


def _no_number(text: str) -> Any:
    raise ValueError(text)
