# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The project's chores, as ``dev/python dev <command>``; the Makefile names them all."""

from __future__ import annotations

import argparse
import os
import sys

import environments
from layout import ROOT


def main() -> None:
    parser = argparse.ArgumentParser(prog="dev")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("venv")
    run = commands.add_parser("run")
    run.add_argument("words", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    environment = environments.main()
    environments.prepare(environment)
    if arguments.command == "run":
        os.chdir(ROOT)
        os.execvpe(arguments.words[0], arguments.words, environment.variables())


if __name__ == "__main__":
    sys.exit(main())
