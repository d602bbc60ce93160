# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sessions of noxfile.py that find what no other part looks for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from layout import BUILD
from work import Done, Failed, Work

# YAML, also in plugins and guides; the code blocks of guides; licenses; action groups, and blanks at the ends of lines.
# The other sessions repeat what the other parts of `make lint` do, and do less.
_CHECKS = ("antsibull-nox-config", "yamllint", "docs-check", "license-check", "extra-checks")
# Galaxy's importer reads the artifact. Its requirements do not go together with nox's.
_IMPORTER = ("build-import-check",)


def run_nox_checks(work: Work) -> Done:
    """With the tools of the environment: a virtual environment for each session would take longer than the session.

    nox takes any folder in .nox for a virtual environment, so that these have another place.
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
    """nox ends well, too, when it has skipped what it was asked for."""
    results = {session["name"]: session["result"] for session in json.loads(report.read_text("utf-8"))["sessions"]}
    others = [f"{name}: {result}" for name, result in results.items() if result != "success"]
    if others:
        raise Failed(", ".join(others))
    return Done(len(results), "sessions")
