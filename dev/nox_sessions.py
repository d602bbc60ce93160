# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions of noxfile.py that find what no other part looks for."""

from __future__ import annotations

import json
from pathlib import Path

from layout import BUILD
from work import Done, Failed, Work

# yamllint looks into plugins and guides, extra-checks at the action group, docs-check at the code blocks of guides, and
# build-import-check has Galaxy's importer read the artifact. The other sessions repeat `make lint`.
_SESSIONS = ("antsibull-nox-config", "yamllint", "docs-check", "license-check", "extra-checks", "build-import-check")


def run_nox(work: Work) -> Done:
    sessions = work.arguments or _SESSIONS
    report = BUILD / "reports" / "nox.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    work.run(["nox", "--non-interactive", "--error-on-missing-interpreters", "--report", report, "-s", *sessions])
    return judge(report)


def judge(report: Path) -> Done:
    """nox ends well, too, when it has skipped what it was asked for."""
    results = {session["name"]: session["result"] for session in json.loads(report.read_text("utf-8"))["sessions"]}
    others = [f"{name}: {result}" for name, result in results.items() if result != "success"]
    if others:
        raise Failed(", ".join(others))
    return Done(len(results), "sessions")
