# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make demo``: the collection's tasks and playbooks against the KMS emulator, step by step.

It ends with an error if the outcome of a step differs from its text.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from kms_emulator.process import start_emulator
from layout import BUILD, ROOT

from demo.screen import LINES, output, say, title
from demo.stage import Stage, log_in
from demo.steps import STEPS, Step

_NEXT_STEPS = """
  README.md
      The purpose of the collection, and its installation
  docs/docsite/rst/guide_quickstart.rst
      The quickstart, also for your own AWS account
  docs/docsite/rst/guide_who_can_read.rst
      Who can read the key material
  make docs
      A website with all guides, modules, roles, and playbooks
  .venv/bin/ansible-doc cloudkeys.aws.kms_key_material
      Every option, with examples and IAM permissions"""


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="make demo", description="Show the collection against the KMS emulator.")
    parser.add_argument("--short", action="store_true", help="only the main steps; takes about a minute")
    parser.add_argument("--pause", action="store_true", help="wait for Enter before each step")
    options = parser.parse_args(arguments)
    steps = [step for step in STEPS if step.short or not options.short]
    folder = BUILD / ("demo-short" if options.short else "demo")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with start_emulator() as emulator:
        _introduce(steps, emulator.url, folder, options.short)
        stage = Stage(emulator, folder)
        for number, step in enumerate(steps, 1):
            if options.pause:
                input("\nPress Enter to continue. ")
            title(f"{number} of {len(steps)}. {step.title}")
            step.does(stage)
    _conclude(steps, folder, options.short)


def _introduce(steps: Sequence[Step], url: str, folder: Path, short: bool) -> None:
    duration = "about a minute" if short else "a few minutes"
    say(
        f"""This demo uses an emulator of AWS KMS on this machine ({url}). It needs no AWS account and sends nothing to
        AWS. Each of its {len(steps)} steps prints at most {LINES} lines; reading them takes {duration}. Banners and
        tasks that only check are omitted: {log_in(folder).relative_to(ROOT)} contains the complete output."""
    )
    if not short:
        say("ARGS=--short selects the main steps. ARGS=--pause waits for Enter before each step.")


def _conclude(steps: Sequence[Step], folder: Path, short: bool) -> None:
    title("Summary")
    say("Each step had the expected outcome:")
    output("\n".join(f"  {number:>2}. {step.title}" for number, step in enumerate(steps, 1)))
    if short:
        say("`make demo` without ARGS also deletes and restores key material, rotates a key, and holds a key ceremony.")
    say(f"The files of the demo are in {folder.relative_to(ROOT)}. Next steps:")
    output(_NEXT_STEPS.lstrip("\n"))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (KeyboardInterrupt, EOFError):
        sys.exit("\nThe demo was interrupted.")
