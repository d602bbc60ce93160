# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README and the website list every guide."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDES = {path.stem for path in (ROOT / "docs/docsite/rst").glob("guide_*.rst")}


def test_the_readme_lists_every_guide() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert (
        set(re.findall(r"^- \[.+\]\(docs/docsite/rst/(\w+)\.rst\)", text, re.MULTILINE)) | {"guide_quickstart"}
        == GUIDES
    )
    assert "Start with the [quickstart guide](docs/docsite/rst/guide_quickstart.rst)" in text


def test_the_website_lists_every_guide() -> None:
    text = (ROOT / "docs/docsite/extra-docs.yml").read_text("utf-8")
    assert sorted(re.findall(r"^ +- (guide_\w+)$", text, re.MULTILINE)) == sorted(GUIDES)
