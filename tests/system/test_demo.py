# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo shows what the README promises, and ends with an error where a step did not do what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from kms_emulator.process import LONGEST

COLLECTION = Path(__file__).resolve().parents[2]


def test_every_step_does_what_it_says() -> None:
    command = [sys.executable, str(COLLECTION / "dev" / "demo.py")]
    process = subprocess.run(command, cwd=COLLECTION, capture_output=True, text=True, check=False, timeout=LONGEST)
    assert process.returncode == 0, process.stdout + process.stderr
    assert process.stderr == ""
    steps = re.findall(r"^── (\d+)\. ", process.stdout, re.MULTILINE)
    assert steps == [str(number) for number in range(1, 13)]
    assert re.findall(r"changed=(\d)", process.stdout) == list("111011110102112")
