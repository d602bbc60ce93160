# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file and command in CONTRIBUTING.md exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_its_files_are_there() -> None:
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]+)`", TEXT))
    assert "module_utils/_messages.py" in named
    made = (".venv/", ".venv-core/", ".build/")
    missing = {
        path
        for path in named
        if not path.startswith(made)
        and not any((ROOT / folder / path).exists() for folder in ("", "plugins", "tests/integration"))
    }
    # Lines in a file named aliases.
    assert missing == {"context/controller", "context/target", "cloud/aws"}


def test_its_commands_are_those_of_make_help() -> None:
    named = set(re.findall(r"`make ([a-z-]+)", TEXT))
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert named <= targets
    assert targets - named == {"help", "demo"}
