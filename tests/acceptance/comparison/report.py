# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print the result of a comparison."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from kms_emulator.process import start_emulator

from .. import record
from .replay import DIFFERENCE, LATE, SKIPPED, Finding, Replay


def compare(path: Path) -> bool:
    """Compare a record with the emulator. Return whether no answer differs.

    :raises ValueError: the file is not a record. The message is a sentence.
    """
    head, calls = record.read(path)
    with start_emulator() as process:
        findings = Replay(process).run(calls)
    print(printable(f"{path}: {head['service']}, {head['day']}, {', '.join(head['regions'])}, {len(calls)} calls."))
    lines = summary(findings, len(calls))
    skipped = sum(finding.kind != DIFFERENCE for finding in findings)
    if skipped == len(calls):
        lines.append("Nothing was compared, so the record shows nothing.")
    for line in lines:
        print(printable(line))
    return skipped < len(calls) and not any(finding.kind == DIFFERENCE for finding in findings)


def printable(line: str) -> str:
    """A line without characters that control a terminal, which a record of someone else may have."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)


def summary(findings: Sequence[Finding], calls: int) -> list[str]:
    """Return the lines to print: each difference once, with its first call, and the counts."""
    of_kind: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        of_kind[finding.kind].append(finding)
    places: dict[str, list[Finding]] = defaultdict(list)
    for finding in of_kind[DIFFERENCE]:
        places[f"{finding.call['operation']}: {finding.text}"].append(finding)
    lines = [
        f"  {text} (line {found[0].line}, {found[0].call['scenario']}"
        + (f", and {len(found) - 1} more)" if len(found) > 1 else ")")
        for text, found in places.items()
    ]
    different = len({finding.line for finding in of_kind[DIFFERENCE]})
    late, skipped = len(of_kind[LATE]), len(of_kind[SKIPPED])
    lines.append(f"The emulator answers {calls - different - late - skipped} of {calls} calls as the record does.")
    if different:
        lines.append(f"{different} answers differ.")
    if late:
        lines.append(f"{late} answers show the state before a change: eventual consistency, which is not compared.")
    reasons: dict[str, int] = defaultdict(int)
    for finding in of_kind[SKIPPED]:
        reasons[finding.text] += 1
    lines += [f"Not compared: {number} calls; {reason}." for reason, number in sorted(reasons.items())]
    return lines
