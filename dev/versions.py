# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Semantic versions (https://semver.org), and the files that contain the version of the collection."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_IDENTIFIER = r"(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_SEMANTIC = re.compile(rf"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?")
_BEFORE = r'^version: |COLLECTION_VERSION = "|cloudkeys-aws-|cloudkeys\.aws:|cloudkeys-ee:|/download/|# +version: "'
_NAMED = re.compile(rf"({_BEFORE})(\d+\.\d+\.\d+(?:-[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*)?)", re.MULTILINE)


@dataclass(frozen=True)
class SemanticVersion:
    text: str

    @property
    def precedence(self) -> tuple[object, ...]:
        """A sort key, according to section 11 of the specification."""
        match = _SEMANTIC.fullmatch(self.text)
        if match is None:
            raise ValueError(f"{self.text} is not a semantic version.")
        numbers = tuple(int(number) for number in match.group(1, 2, 3))
        if match[4] is None:
            return (*numbers, True, ())
        labels = tuple((not label.isdigit(), int(label) if label.isdigit() else label) for label in match[4].split("."))
        return (*numbers, False, labels)


def is_semantic(text: str) -> bool:
    """Return whether the text is a semantic version. Build metadata is not accepted, because Galaxy ignores it."""
    return _SEMANTIC.fullmatch(text) is not None


def latest(versions: Iterable[str]) -> str | None:
    return max(versions, key=lambda text: SemanticVersion(text).precedence, default=None)


def naming(files: Iterable[Path]) -> Iterator[Path]:
    """The files that may contain the version of the collection."""
    for path in files:
        if path.parts[0] == "docs" or str(path) in ("galaxy.yml", "README.md", "plugins/module_utils/_versions.py"):
            yield path


def named_in(text: str) -> set[str]:
    return {match[2] for match in _NAMED.finditer(text)}


def with_version(text: str, version: str) -> str:
    return _NAMED.sub(lambda match: match[1] + version, text)
