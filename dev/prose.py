# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check spelling and wording in documentation, messages, and comments: codespell, and the rules in prose.toml."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

from files import project_files
from layout import ROOT
from work import Done, Failed, Work

_SETTINGS = tomllib.loads((ROOT / "dev" / "prose.toml").read_text("utf-8"))
_BREAK = r"(?:[ \t]+|[ \t]*\n[ \t]*(?:#+|//|>)?[ \t]*)"
"""Between two words: spaces, or a line break with the comment marks of the next line."""


def run_prose(work: Work) -> Done:
    files = _files()
    rules = compiled(_SETTINGS["words"])
    findings: Counter[str] = Counter()
    for path in files:
        for line, found, instead in wordings((ROOT / path).read_text("utf-8"), rules):
            work.say(f"{path}:{line}: {found!r}: {instead}")
            findings[_folder(path)] += 1
    output = work.run(["codespell", *files], accept=(0, 65), quiet=True)
    for name, line, correction in re.findall(r"^(\S+?):(\d+): (.* ==> .*)$", output, re.MULTILINE):
        work.say(f"{name}:{line}: {correction}")
        findings[_folder(Path(name))] += 1
    if findings:
        counts = ", ".join(f"{folder}: {number}" for folder, number in sorted(findings.items()))
        raise Failed(f"{findings.total()} findings in spelling and wording ({counts})")
    return Done(len(files), "files")


def compiled(words: Mapping[str, str]) -> list[tuple[re.Pattern[str], str]]:
    """The rules as patterns that match whole words, with what to write instead."""
    return [
        (re.compile(rf"(?<![\w-]){words.replace(' ', _BREAK)}(?![\w-])", re.IGNORECASE), instead)
        for words, instead in words.items()
    ]


def wordings(text: str, rules: list[tuple[re.Pattern[str], str]]) -> Iterator[tuple[int, str, str]]:
    """Line, expression, and replacement of each match."""
    for pattern, instead in rules:
        for match in pattern.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, " ".join(match[0].split()), instead


def _files() -> list[Path]:
    """All text files of the project that are not skipped."""
    paths = [path for path in project_files() if not (ROOT / path).is_symlink()]
    return [path for path in paths if not _skipped(path) and b"\0" not in (ROOT / path).read_bytes()]


def _skipped(path: Path) -> bool:
    return any(fnmatch(str(path), pattern) for pattern in _SETTINGS["skip"]["files"])


def _folder(path: Path) -> str:
    """The folder by which findings are counted: two levels of plugins and tests, one of all others."""
    depth = 2 if path.parts[0] in {"plugins", "tests"} else 1
    return "/".join(path.parts[: min(depth, max(1, len(path.parts) - 1))])
