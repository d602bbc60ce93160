# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The project's chores, as ``dev/python dev <command>``; the Makefile names them all."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Sequence

import environments
from layout import BUILD, CACHE, COLLECTIONS, MORE_VENVS, NOX, ROOT, VENV
from parts import parts
from runner import run_all, run_in_turn


def main(command: str, arguments: Sequence[str]) -> int:
    if command == "clean":
        for folder in (BUILD, CACHE, COLLECTIONS, MORE_VENVS, NOX, VENV):
            shutil.rmtree(folder, ignore_errors=True)
        return 0
    if command == "test":
        return 0 if run_all([part for part in parts() if not (part.repeats or part.on_request)]) else 1
    if command in ("venv", "run", "acceptance"):
        environment = environments.main()
        environments.prepare(environment)
        os.chdir(ROOT)
        if command == "acceptance":
            program = ["python", "tests/acceptance", *arguments]
            os.execvpe(program[0], program, environment.variables() | environments.users_aws_settings())
        if command == "run":
            try:
                os.execvpe(arguments[0], list(arguments), environment.variables())
            except FileNotFoundError:
                raise SystemExit(f"There is no {arguments[0]} here.") from None
        return 0
    chosen = [part for part in parts() if part.command == command]
    if not chosen:
        raise SystemExit(f"There is no {command} here; `make help` lists what there is.")
    return 0 if run_in_turn(chosen, arguments) else 1


def _end(*_arguments: object) -> None:
    raise SystemExit("interrupted")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    try:
        sys.exit(main(sys.argv[1], sys.argv[2:]))
    except KeyboardInterrupt:
        sys.exit("interrupted")
