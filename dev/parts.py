# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is tested, in one table. A new part is a new row; a row that ran nothing has failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import awx
import environments
import lint
import prose
from ansible_test import run_integration, run_sanity, run_units
from artifact import run_build
from docs_site import run_docs
from environments import Environment
from nox_sessions import run_importer, run_nox_checks
from pytest_suites import run_suite
from release import run_release
from third_parties import LOCALSTACK, MINISTACK, run_third_party
from work import Done, Work


@dataclass(frozen=True)
class Part:
    name: str
    does: Callable[[Work], Done]
    environment: Callable[[], Environment]
    command: str
    """The ``make`` target that runs it; several parts may belong to one. Empty where only ``make test`` does."""
    repeats: bool = False
    """Other parts run the same tests, so that ``make test`` goes without it."""
    on_request: bool = False
    """Only its own ``make`` target runs it."""


def parts() -> list[Part]:
    """In the order in which they start, the long ones first: two run at a time."""
    main, newest, oldest = environments.main, environments.newest, environments.oldest
    every_core, one_core = ("-m", "every_core"), ("-m", "not every_core")
    # What concerns every ansible-core then runs on the newest and the oldest, and not on the one between them, too.
    three_cores = newest() != main()
    # The longest by far, and much of it is waiting: for KMS to show a change, for its quota, for processes to end.
    two_at_a_time = ("-n", "2")
    # "ansible-test units" runs the same tests with as many examples as hypothesis has by default.
    few_examples = ("--hypothesis-profile", "few examples")
    table = [
        Part("system", partial(run_suite, name="system", options=two_at_a_time), main, "system", repeats=three_cores),
        Part("system (others)", partial(run_suite, name="system", options=(*two_at_a_time, *one_core)), main, ""),
        Part("sanity", run_sanity, newest, "sanity"),
        Part("engine", partial(run_suite, name="engine", options=two_at_a_time), main, "engine"),
        Part("emulator", partial(run_suite, name="kms_emulator"), main, "emulator"),
        Part("AWX model", partial(run_suite, name="awx_model"), main, "awx-model"),
        Part("acceptance", partial(run_suite, name="acceptance"), main, "acceptance-tests"),
        Part("integration (newest)", run_integration, newest, "integration"),
        Part("integration (oldest)", run_integration, oldest, "integration"),
        Part("system (newest)", partial(run_suite, name="system", options=every_core), newest, "system-cores"),
        Part("system (oldest)", partial(run_suite, name="system", options=every_core), oldest, "system-cores"),
        Part("unit", partial(run_suite, name="unit"), main, "unit", repeats=True),
        Part("unit (oldest)", partial(run_suite, name="unit", options=few_examples), oldest, "unit-oldest"),
        Part("ansible-test units", run_units, newest, "units"),
        Part("mypy", lint.run_mypy, main, "lint"),
        Part("docs", run_docs, main, "docs"),
        Part("ansible-lint", lint.run_ansible_lint, main, "lint"),
        Part("docs lint", lint.run_docs_lint, main, "lint"),
        Part("build", run_build, main, "build"),
        Part("execution environment", awx.run_execution_environment, main, "awx"),
        Part("rulebook", awx.run_rulebook, main, "awx"),
        Part("Galaxy's importer", run_importer, main, "build"),
        Part("nox", run_nox_checks, main, "lint"),
        Part("ruff", lint.run_ruff, main, "lint"),
        Part("changelog lint", lint.run_changelog_lint, main, "lint"),
        Part("prose", prose.run_prose, main, "lint"),
        *(
            Part(one.name.lower(), partial(run_third_party, third_party=one), main, "third-parties", on_request=True)
            for one in (MINISTACK, LOCALSTACK)
        ),
        Part("release", run_release, main, "release", on_request=True),
    ]
    if not three_cores:
        # Then the whole suite has run there.
        table = [part for part in table if part.name not in ("system (newest)", "system (others)")]
    return table
