# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions of noxfile.py with checks that no other part runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from layout import BUILD
from work import Done, Failed, Work

# YAML, including plugins and guides; code blocks in guides; licenses; action groups, and trailing spaces.
# The other sessions repeat checks of `make lint`, and check less.
_CHECKS = ("antsibull-nox-config", "yamllint", "docs-check", "license-check", "extra-checks")
# Galaxy's importer checks the artifact. Its requirements conflict with nox's.
_IMPORTER = ("build-import-check",)


def run_nox_checks(work: Work) -> Done:
    """Run the sessions with the environment's tools: creating a virtual environment per session would take longer.

    nox considers any folder in .nox a virtual environment, so these use another folder.
    """
    return _run(work, _CHECKS, "--no-venv", f"--envdir={BUILD / 'nox'}")


def run_importer(work: Work) -> Done:
    return _run(work, _IMPORTER)


def _run(work: Work, sessions: Sequence[str], *options: str) -> Done:
    report = BUILD / "reports" / f"{Path(work.log.name).stem}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = ["nox", "--non-interactive", "--error-on-missing-interpreters", f"--report={report}"]
    work.run([*command, *options, "-s", *sessions])
    return judge(report)


def judge(report: Path) -> Done:
    """Evaluate the report, because nox also succeeds if it has skipped sessions."""
    results = {session["name"]: session["result"] for session in json.loads(report.read_text("utf-8"))["sessions"]}
    others = [f"{name}: {result}" for name, result in results.items() if result != "success"]
    if others:
        raise Failed(", ".join(others))
    return Done(len(results), "sessions")
