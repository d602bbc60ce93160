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

__all__ = ("from_base64", "from_json", "to_json")

_Value = t.TypeVar("_Value")
_OPTIONAL = " | None"
_TUPLE = "tuple["
_MAPPING = "t.Mapping["


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


def from_base64(text: t.Any) -> bytes:
    """:raises ValueError: it is no text of base64 (RFC 4648, section 4), or there is something else in it."""
    try:
        return base64.b64decode(text, validate=True)
    except TypeError:
        raise ValueError("no text") from None


def from_json(kind: type[_Value], data: t.Mapping[str, t.Any]) -> _Value:
    """The named tuple *kind* that :func:`to_json` made *data* of.

    :raises KeyError: a field is missing.
    :raises TypeError: a field, or *data* itself, is of another type.
    :raises ValueError: bytes or a time cannot be read, or a text is none of those that the field can have.
    """
    # Annotations are text, which they have to be: the target's Python may be 3.9, and `X | None` is newer.
    names = vars(sys.modules[kind.__module__])
    # typing wraps them in ForwardRef, or leaves them as they are, by its version.
    fields = {name: str(getattr(field, "__forward_arg__", field)) for name, field in kind.__annotations__.items()}
    return kind(**{name: _read(annotation, data[name], names) for name, annotation in fields.items()})


def _read(annotation: str, value: t.Any, names: t.Mapping[str, t.Any]) -> t.Any:
    if annotation.endswith(_OPTIONAL):
        return None if value is None else _read(annotation[: -len(_OPTIONAL)], value, names)
    if annotation.startswith(_TUPLE):
        _of_type(list, value)
        entries = annotation[len(_TUPLE) :].partition(",")[0]
        return tuple(_read(entries, entry, names) for entry in value)
    if annotation.startswith(_MAPPING):
        return _of_type(dict, value)
    reader = _READERS.get(annotation)
    if reader is not None:
        return reader(value)
    kind = names.get(annotation)
    if hasattr(kind, "_fields"):
        return from_json(t.cast(t.Any, kind), value)
    if t.get_origin(kind) is t.Literal and value not in t.get_args(kind):
        raise ValueError("another text")
    return value


def _of_type(kind: type[_Value], value: t.Any) -> _Value:
    # Without the value: it may be secret.
    if not isinstance(value, kind):
        raise TypeError(f"not {kind.__name__}")
    return value


def _time(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a time without an offset")
    return moment


_READERS: dict[str, t.Callable[[t.Any], t.Any]] = {
    "str": lambda value: _of_type(str, value),
    "int": lambda value: _of_type(int, value),
    "bool": lambda value: _of_type(bool, value),
    "bytes": from_base64,
    "datetime": _time,
    "timedelta": lambda value: timedelta(seconds=value),
}
