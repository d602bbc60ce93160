# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Value objects as JSON: named tuples whose fields are text, numbers, times, bytes, and other such tuples. Pure.

Named tuples and not dataclasses: the target makes their classes anew in every task, which takes a fifth of the time.
"""

from __future__ import annotations

import base64
import sys
import typing as t
from datetime import datetime, timedelta, timezone

__all__ = ("from_json", "to_json")

_Value = t.TypeVar("_Value")
_OPTIONAL = " | None"
_TUPLE = "tuple["


def to_json(value: t.Any) -> t.Any:
    """*value* as JSON has it: bytes as base64, times as ISO 8601 in UTC with whole seconds, durations in seconds."""
    if hasattr(value, "_fields"):
        return {name: to_json(entry) for name, entry in zip(value._fields, value)}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).replace(microsecond=0).isoformat()
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if isinstance(value, (tuple, list)):
        return [to_json(entry) for entry in value]
    return value


def from_json(kind: type[_Value], data: t.Mapping[str, t.Any]) -> _Value:
    """The named tuple *kind* that :func:`to_json` made *data* of.

    :raises KeyError: a field is missing. :raises ValueError: bytes or a time cannot be read.
    """
    # Annotations are text, which they have to be: the target's Python may be 3.9, and `X | None` is newer.
    names = vars(sys.modules[kind.__module__])
    fields: dict[str, t.ForwardRef] = kind.__annotations__
    return kind(**{name: _read(field.__forward_arg__, data[name], names) for name, field in fields.items()})


def _read(annotation: str, value: t.Any, names: t.Mapping[str, t.Any]) -> t.Any:
    if annotation.endswith(_OPTIONAL):
        return None if value is None else _read(annotation[: -len(_OPTIONAL)], value, names)
    if annotation.startswith(_TUPLE):
        entries = annotation[len(_TUPLE) :].partition(",")[0]
        return tuple(_read(entries, entry, names) for entry in value)
    reader = _READERS.get(annotation)
    if reader is not None:
        return reader(value)
    kind = names.get(annotation)
    return value if kind is None or not hasattr(kind, "_fields") else from_json(kind, value)


_READERS: dict[str, t.Callable[[t.Any], t.Any]] = {
    "bytes": lambda value: base64.b64decode(value, validate=True),
    "datetime": datetime.fromisoformat,
    "timedelta": lambda value: timedelta(seconds=value),
}
