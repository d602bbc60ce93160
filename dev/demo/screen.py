# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo prints: text, titles, commands, and the part of a playbook's output that matters."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap

LINES = 40
"""A step prints at most this many lines on a terminal of 100 columns."""
WIDTH = min(shutil.get_terminal_size().columns, 100)

_TITLE, _COMMAND = "1;36", "1"
_BLOCK = re.compile(r"(PLAY RECAP|PLAY|TASK|RUNNING HANDLER) ")
_WARNING = "[WARNING]: "
# A task with a result line other than "ok" or "skipping", or with a message, is worth reading.
_TELLING = re.compile(r'changed: |fatal: |failed: |--- before|\[WARNING\]: |Waiting for |    "msg": ')


def colored() -> bool:
    """Colors are for a terminal that has them, unless NO_COLOR is set (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def say(text: str) -> None:
    print("\n" + textwrap.fill(" ".join(text.split()), WIDTH), flush=True)


def title(text: str) -> None:
    print("\n\n" + _paint(f"── {text} ".ljust(WIDTH, "─"), _TITLE), flush=True)


def command(text: str) -> None:
    print("\n" + _paint(f"$ {text}", _COMMAND), flush=True)


def output(text: str) -> None:
    if text:
        print(text.rstrip(), flush=True)


def uncolored(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _paint(text: str, color: str) -> str:
    return f"\033[{color}m{text}\033[0m" if colored() else text


def warnings_in(text: str) -> list[str]:
    return [line.removeprefix(_WARNING) for line in uncolored(text).splitlines() if line.startswith(_WARNING)]


def shortened(text: str, hidden_warnings: list[str]) -> str:
    """The tasks of a playbook's output that changed or reported something, without banners, blank lines and recap.

    A playbook with one task keeps that task, whatever it did.
    """
    tasks: list[list[str]] = []
    kind = ""
    for line in text.splitlines():
        bare = uncolored(line)
        block = _BLOCK.match(bare)
        kind = block[1] if block else kind
        if not bare.strip() or kind in ("PLAY", "PLAY RECAP"):
            continue
        if bare.startswith(_WARNING) and bare.removeprefix(_WARNING) in hidden_warnings:
            continue
        if block:
            tasks.append([line.rstrip().rstrip("*").rstrip() if line == bare else re.sub(r" \*+", "", line)])
        elif tasks:
            tasks[-1].append(line)
    kept = [task for task in tasks if len(tasks) == 1 or any(_TELLING.match(uncolored(line)) for line in task)]
    return "\n".join(line for task in kept for line in task)
