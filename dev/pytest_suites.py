# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Suites of pytest. The tests are counted in pytest's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from layout import BUILD, ROOT
from work import Done, Failed, Work

_COUNTS = ("tests", "failures", "errors", "skipped")


def run_suite(work: Work, name: str, options: Sequence[str] = (), variables: Mapping[str, str] | None = None) -> Done:
    """Run the tests in tests/<name>."""
    report = BUILD / "reports" / f"{Path(work.log.name).stem}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = ["pytest", f"tests/{name}", f"--junit-xml={report}", *options, *work.arguments]
    return judged(work, [work.environment.python, "-m", *command], ROOT, report.parent, report.name, variables)


def judged(
    work: Work,
    command: Sequence[str | Path],
    cwd: Path,
    folder: Path,
    reports: str,
    variables: Mapping[str, str] | None = None,
) -> Done:
    """Run a command that writes reports, and count the tests in them. It also fails with the command's exit code."""
    try:
        work.run(command, cwd=cwd, variables=variables)
    except Failed:
        # The number of failed tests is more informative than the exit code, and so is the absence of tests.
        done = judge(sorted(folder.glob(reports)))
        if done.number:
            raise
        return done
    return judge(sorted(folder.glob(reports)))


def judge(reports: list[Path]) -> Done:
    """Count the tests that ran. Skipped tests do not count."""
    if not reports:
        raise Failed("pytest wrote no report, because it ended before the tests did")
    passed, failed, skipped = 0, 0, 0
    for report in reports:
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):
            tests, failures, errors, left_out = (int(suite.get(key, 0)) for key in _COUNTS)
            passed += tests - failures - errors - left_out
            failed += failures + errors
            skipped += left_out
    if failed:
        raise Failed(f"{failed} failed, {passed} passed", failed, passed)
    return Done(passed, f"tests passed{f', {skipped} skipped' if skipped else ''}", passed)
