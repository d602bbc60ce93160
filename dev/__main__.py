# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The project's maintenance commands: ``dev/python dev <command>``. The Makefile lists all of them."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import environments
from environments import Environment
from layout import BUILD, CACHE, COLLECTIONS, MORE_VENVS, NOX, ROOT, VENV


def main(command: str, arguments: Sequence[str]) -> int:
    if command == "clean":
        for folder in (BUILD, CACHE, COLLECTIONS, MORE_VENVS, NOX, VENV):
            shutil.rmtree(folder, ignore_errors=True)
        return 0
    environment = environments.main()
    environments.prepare(environment)
    if command == "venv":
        return 0
    if command == "run":
        return _replace_process(arguments, environment.variables())
    if command == "acceptance":
        program = ["python", "tests/acceptance", *arguments]
        return _replace_process(program, environment.variables() | environments.users_aws_settings())
    return _run_parts(environment, command, arguments)


def _replace_process(program: Sequence[str], variables: dict[str, str]) -> int:
    os.chdir(ROOT)
    try:
        os.execvpe(program[0], list(program), variables)
    except FileNotFoundError:
        raise SystemExit(f"{program[0]} is not installed in the environment.") from None


def _run_parts(environment: Environment, command: str, arguments: Sequence[str]) -> int:
    if Path(sys.prefix) != environment.folder:
        # The Python that created the environment may have no PyYAML, which the parts import.
        os.execv(environment.python, [str(environment.python), *sys.orig_argv[1:]])
    from parts import parts
    from runner import run_all, run_in_turn

    if command == "test":
        return 0 if run_all([part for part in parts() if not (part.repeats or part.on_request)]) else 1
    chosen = [part for part in parts() if part.command == command]
    if not chosen:
        raise SystemExit(f"{command} is not a command. Run `make help` for a list.")
    return 0 if run_in_turn(chosen, arguments) else 1


def _end(*_arguments: object) -> None:
    raise SystemExit("interrupted")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    try:
        sys.exit(main(sys.argv[1], sys.argv[2:]))
    except KeyboardInterrupt:
        sys.exit("interrupted")
