# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo fits on a screen, and ends with an error if the outcome of a step differs from its text."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from kms_emulator.process import LONGEST

COLLECTION = Path(__file__).resolve().parents[2]
COLUMNS, LINES = 100, 40


def _run(*arguments: str) -> str:
    command = [sys.executable, str(COLLECTION / "dev" / "demo"), *arguments]
    process = subprocess.run(command, cwd=COLLECTION, capture_output=True, text=True, check=False, timeout=LONGEST)
    assert process.returncode == 0, process.stdout + process.stderr
    assert process.stderr == ""
    return process.stdout


def _screens(output: str) -> list[str]:
    """The introduction, the steps and the summary, without the blank lines between them."""
    return [screen.strip("\n") for screen in re.split(r"\n(?=── )", output)]


def _rows(screen: str) -> int:
    """The lines of a terminal, where a longer line takes several."""
    return sum(max(1, -(-len(line) // COLUMNS)) for line in screen.splitlines())


def _check(output: str, steps: int) -> None:
    screens = _screens(output)
    titles = [re.match(r"── (\d+) of (\d+)\. ", screen) for screen in screens[1:-1]]
    assert [title and title.groups() for title in titles] == [(str(n), str(steps)) for n in range(1, steps + 1)]
    assert {screen.splitlines()[0]: _rows(screen) for screen in screens if _rows(screen) > LINES} == {}
    assert output.count("[WARNING]") == 1
    assert "\033" not in output, "colors are for terminals"


def test_every_step_fits_on_a_screen_and_has_its_outcome() -> None:
    output = _run()
    _check(output, steps=16)
    log = (COLLECTION / ".build" / "demo" / "output.log").read_text("utf-8")
    assert re.findall(r"changed=(\d)", log) == list("111011110102112")


def test_the_short_version() -> None:
    output = _run("--short")
    _check(output, steps=5)
    log = (COLLECTION / ".build" / "demo-short" / "output.log").read_text("utf-8")
    assert re.findall(r"changed=(\d)", log) == list("11102")
