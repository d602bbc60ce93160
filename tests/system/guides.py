# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides as a reader follows them: their files written, their commands typed into one shell, in order."""

from __future__ import annotations

import re
import subprocess
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kms_emulator.process import LONGEST

_BLOCK: Final = re.compile(
    r"^(?P<indent> *)\.\. code-block:: (?P<language>\S+)\n(?P<options>(?:(?P=indent) +:.*\n)*)"
    r"(?P<body>(?:\n|(?P=indent) +.*\n)*)",
    re.MULTILINE,
)
_CAPTION: Final = re.compile(r":caption: (\S+)")
_END: Final = "end-of-command"


@dataclass(frozen=True)
class File:
    """A block with a caption: its name, and what is in it."""

    name: str
    content: str


@dataclass(frozen=True)
class Command:
    """A line after a ``$``, and what the guide shows of its output; nothing shown means that nothing is said of it."""

    line: str
    shown: tuple[str, ...] = ()

    def describes(self, output: str) -> bool:
        """A line ``...`` stands for any lines, ``...`` within a line for any characters."""
        lines = "".join(f"{line.strip()}\n" for line in output.strip().splitlines())
        return not self.shown or re.fullmatch("".join(map(_line_pattern, self.shown)), lines) is not None


def _line_pattern(line: str) -> str:
    if line == "...":
        return r"(?:.*\n)*?"
    return ".*".join(map(re.escape, line.split("..."))) + r"\n"


def steps(text: str) -> Iterator[File | Command]:
    """What a reader of this guide writes and types, in the guide's order. Fails for a block that is neither."""
    for block in _BLOCK.finditer(text):
        body = textwrap.dedent(block["body"]).strip("\n")
        caption = _CAPTION.search(block["options"])
        if caption is not None:
            start = "---\n" if block["language"].startswith("yaml") else ""
            yield File(caption[1], f"{start}{body}\n")
        elif block["language"] == "console" and body.startswith("$ "):
            for typed in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
                line, *shown = (part.strip() for part in typed.strip().splitlines())
                yield Command(line, tuple(shown))
        else:
            raise AssertionError(f"a block that is neither a file nor a console cannot be tried: {body}")


def follow(todo: Sequence[File | Command], folder: Path, environment: Mapping[str, str]) -> None:
    """Do it all in one shell, which begins in *folder*, and compare what came with what the guide shows.

    What a command leaves running in the background is ended with the shell.
    """
    script = ["trap 'kill $(jobs -p) 2>/dev/null' EXIT"]
    for step in todo:
        if isinstance(step, File):
            script.append(f"cat > {step.name} <<'end-of-file'\n{step.content}end-of-file")
        else:
            script.append(f"{step.line}\nprintf '\\n{_END} %d\\n' $?")
    process = subprocess.run(
        ["bash", "--noprofile", "--norc", "-c", "\n".join(script)],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=LONGEST,
        check=False,
    )
    output = process.stdout.decode("utf-8", "replace")
    commands = [step for step in todo if isinstance(step, Command)]
    came = re.findall(rf"(.*?)\n{_END} (\d+)\n", output, re.DOTALL)
    assert len(came) == len(commands), output
    for command, (text, code) in zip(commands, came, strict=True):
        assert code == "0", f"$ {command.line}\n{text}"
        assert command.describes(text), f"$ {command.line}\n{text}\nis not what the guide shows:\n{command.shown}"
