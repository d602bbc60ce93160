# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Value objects as JSON: named tuples with fields of text, numbers, times, bytes, and other such tuples. Pure.

Named tuples are used instead of dataclasses because the target creates their classes in every task, in a fifth of the
time.
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
    """Convert *value* to JSON: bytes as base64, times as ISO 8601 in UTC with whole seconds, durations in seconds."""
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
    """:raises ValueError: it is not base64 text (RFC 4648, section 4), or contains other characters."""
    try:
        return base64.b64decode(text, validate=True)
    except TypeError:
        raise ValueError("no text") from None


def from_json(kind: type[_Value], data: t.Mapping[str, t.Any]) -> _Value:
    """The named tuple *kind* from the JSON that :func:`to_json` made of it.

    :raises KeyError: a field is missing.
    :raises TypeError: a field, or *data* itself, has another type.
    :raises ValueError: bytes or a time cannot be read, or a text is not one of the allowed values of the field.
    """
    # Annotations must be text: the target may have Python 3.9, which does not support `X | None`.
    names = vars(sys.modules[kind.__module__])
    # Depending on its version, typing wraps them in ForwardRef or leaves them as text.
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
    # The value is omitted because it may be secret.
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
