# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench``: complete processes against the KMS emulator, compared in one run, as medians and ratios."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import boto3
from ansible.release import __version__ as ansible_version

sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "tests"))
sys.path.insert(2, str(Path(__file__).resolve().parent.parent / ".collections"))

from bench import FOLDER, Bench, bring_matplotlib
from emulator_speed import emulator_speed
from imports import imports
from kms_emulator.process import start_emulator
from nothing import nothing, scale
from report import report
from single_keys import single_keys

PARTS = {
    "single": (single_keys, "one key: no changes, and a first import"),
    "report": (report, "the report of 1,000 keys"),
    "nothing": (nothing, "1, 100, and 1,000 keys without changes"),
    "imports": (imports, "the first import of 200 keys in 1 and 4 Regions, with AWS's quota: minutes per turn"),
    "scale": (scale, "up to 10,000 keys without changes: time and memory"),
    "emulator": (emulator_speed, "the speed of the emulator"),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="make bench",
        description="Takes measurements, and draws the charts of the last measurements.",
        epilog="; ".join(f"{name}: {about}" for name, (_part, about) in PARTS.items()),
    )
    parser.add_argument("--times", type=int, default=5, help="number of turns (default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=[*PARTS, "charts"], default=[*PARTS, "charts"], metavar="PART")
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    print(
        f"ansible-core {ansible_version}, Python {platform.python_version()}, boto3 {boto3.__version__},"
        f" {os.cpu_count()} cores; {arguments.times} turns each."
    )
    try:
        for name, (part, _about) in PARTS.items():
            if name in arguments.only:
                with start_emulator() as emulator:
                    part(Bench(emulator), arguments.times)
    finally:
        shutil.rmtree(FOLDER / "materials", ignore_errors=True)
    if "charts" in arguments.only:
        folder = Path(__file__).parent
        subprocess.run([bring_matplotlib(), folder / "charts.py", folder, "svg"], check=True)


if __name__ == "__main__":
    main()
