# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Untrusted text for a reader: no character of it changes how the text around it is displayed. Pure."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

__all__ = ("visible",)

# Control characters include the escape sequences of terminals. The embeddings, overrides and isolates of the
# bidirectional algorithm display text in another order than the order in which it is compared. A lone surrogate cannot
# be written as UTF-8. Tabs and line ends remain.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SHOWN = "\ufffd"

_Value = t.TypeVar("_Value")


def visible(value: _Value) -> _Value:
    """Return the value with the replacement character U+FFFD for each of these characters in its texts."""
    return t.cast(_Value, _visible(value))


def _visible(value: t.Any) -> t.Any:
    if isinstance(value, str):
        return _UNSEEN.sub(_SHOWN, value)
    if isinstance(value, Mapping):
        return {_visible(name): _visible(content) for name, content in value.items()}
    if isinstance(value, (list, tuple)):
        return [_visible(one) for one in value]
    return value
