# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The measurements of each part, for the charts: one JSON file per part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent.parent / ".build" / "benchmarks" / "figures"


def keep(part: str, taken: Any) -> None:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    (_FOLDER / f"{part}.json").write_text(json.dumps(taken, indent=1), "utf-8")


def kept(part: str) -> Any:
    """The last measurements of a part; None if it was never measured."""
    file = _FOLDER / f"{part}.json"
    return json.loads(file.read_text("utf-8")) if file.is_file() else None
