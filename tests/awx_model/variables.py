# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables, which AWX accepts as JSON or YAML."""

from __future__ import annotations

import json
from typing import Any

import yaml

from .errors import invalid


def parsed(field: str, text: Any) -> dict[str, Any]:
    """:raises Refused: the text does not contain variables."""
    if isinstance(text, dict):
        return dict(text)
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError:
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise invalid(**{field: f"Cannot parse as JSON (error: {error}) or YAML (error: {error})."}) from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(**{field: f"Input type `{type(value).__name__}` is not a dictionary"})
    return value


def kept(field: str, value: Any) -> str:
    """The text that AWX stores."""
    parsed(field, value)
    return value if isinstance(value, str) else json.dumps(value or {})
