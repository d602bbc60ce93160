# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of the collection in the files that name it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_BEFORE = r'^version: |COLLECTION_VERSION = "|cloudkeys-aws-|cloudkeys\.aws:|cloudkeys-ee:|/download/|# +version: "'
_NAMED = re.compile(rf"({_BEFORE})(\d+\.\d+\.\d+(?:-[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*)?)", re.MULTILINE)


def files_with_versions(files: Iterable[Path]) -> list[Path]:
    """The files that may contain the version of the collection."""
    single = ("galaxy.yml", "README.md", "plugins/module_utils/_versions.py")
    return [path for path in files if path.parts[0] == "docs" or str(path) in single]


def versions_in(text: str) -> set[str]:
    return {match[2] for match in _NAMED.finditer(text)}


def with_version(text: str, version: str) -> str:
    return _NAMED.sub(lambda match: match[1] + version, text)
