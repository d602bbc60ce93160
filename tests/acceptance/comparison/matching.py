# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare an answer of the emulator with a recorded one, in which numbers replace identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from ..pseudonyms import UUID

# Possessive where an identifier ends with its characters, so that many of them in a hostile record cost no time.
_FORMS: Final = {
    "key": f"(?i:{UUID})",
    "multi-Region key": r"(?i:mrk-[0-9a-f]{32})",
    "material": r"(?i:[0-9a-f]{64})",
    "label": r"[0-9a-f]{32}",
    "principal": r"arn:[^\s\"]*[^\s\"',.:;)]",
    "arn": r"arn:[^\s\"]*[^\s\"',.:;)]",
    "alias": r"alias/[A-Za-z0-9/_-]++",
    "account": r"[0-9]{12,}+",
    "unique": r"A[A-Z0-9]{15,}+",
    "mail": r"[^\s\"'@<>(]++@[^\s\"'@<>)]*[^\s\"'@<>).,:;]",
    "resource": r"[a-z]++-[0-9a-z-]++",
    "host": r"[0-9.]++",
    "opaque": r"[A-Za-z0-9+/_-]++={0,2}+",
}
_TOKEN = re.compile(r"<(?P<kind>[A-Za-z-]+(?: [a-z]+)?) (?P<number>[0-9]+)>|<run>|<url>")
RUN: Final = "20000101-00000000"
"""The run of a replay. The record has ``<run>`` instead."""
# The length of these fields is not documented, or differs from one answer to the next.
_ANY_LENGTH: Final = ("CiphertextBlob", "ImportToken", "Signature")


class Unknown(Exception):
    """A request has an identifier that no earlier answer contains."""


class Bindings:
    """The emulator's values for the numbers of the record."""

    def __init__(self, texts: dict[str, str] | None = None, values: dict[tuple[str, int], Any] | None = None) -> None:
        self._texts = texts or {}
        self._values = values or {}

    def copy(self) -> Bindings:
        return Bindings(dict(self._texts), dict(self._values))

    def bound(self, kind: str, number: int) -> Any:
        """Return the bytes or the date of a number. None if it has none yet."""
        return self._values.get((kind, number))

    def bind(self, kind: str, number: int, value: Any) -> None:
        self._values[kind, number] = value

    def insert(self, text: str) -> str:
        """Replace the numbers in a text of a request with the emulator's identifiers.

        :raises Unknown: no earlier answer contains one of them.
        """

        def replacement(token: re.Match[str]) -> str:
            if token[0] == "<run>":
                return RUN
            if token["kind"] == "label":
                # The emulator does not interpret labels, so any value will do.
                return self._texts.setdefault(token[0], f"{int(token['number']):032x}")
            if token[0] not in self._texts:
                raise Unknown(token[0])
            return self._texts[token[0]]

        return _TOKEN.sub(replacement, text)

    def matches(self, recorded: str, actual: str) -> bool:
        """Return whether the texts are equal. A number without a value yet gets the one in the actual text."""
        pattern, new, end = "", list[str](), 0
        for token in _TOKEN.finditer(recorded):
            pattern += re.escape(recorded[end : token.start()])
            end = token.end()
            if token[0] == "<run>":
                pattern += re.escape(RUN)
            elif token[0] == "<url>":
                pattern += r"[^\s\"',]++"
            elif token[0] in self._texts:
                pattern += re.escape(self._texts[token[0]])
            elif token[0] in new:
                pattern += f"(?P=new{new.index(token[0])})"
            else:
                pattern += f"(?P<new{len(new)}>{_FORMS.get(token['kind'], '(?!)')})"
                new.append(token[0])
        found = re.fullmatch(pattern + re.escape(recorded[end:]), actual, re.DOTALL)
        if found:
            self._texts.update({token: found[f"new{number}"] for number, token in enumerate(new)})
        return found is not None


def differences(recorded: Any, actual: Any, bindings: Bindings, path: str = "") -> Iterator[str]:
    """Yield a sentence for each field that differs.

    :param path: the names of the outer fields and of the field, as in ``answer.KeyMetadata``.
    """
    if isinstance(recorded, dict) and isinstance(recorded.get("bytes"), int):
        yield from _bytes(recorded, actual, bindings, path)
    elif isinstance(recorded, dict) and ("time" in recorded or "date" in recorded):
        yield from _time(recorded, actual, bindings, path)
    elif isinstance(recorded, dict) and set(recorded) == {"text"}:
        if not isinstance(actual, str):
            yield f"{path} is a text in the record, and {_shown(actual)} in the emulator"
    elif isinstance(recorded, dict):
        yield from _object(recorded, actual, bindings, path)
    elif isinstance(recorded, list):
        yield from _list(recorded, actual, bindings, path)
    elif isinstance(recorded, str) and isinstance(actual, str):
        if not bindings.matches(recorded, actual):
            yield f"{path} is {recorded!r} in the record, and {actual!r} in the emulator"
    elif recorded != actual or isinstance(recorded, bool) != isinstance(actual, bool):
        yield f"{path} is {recorded!r} in the record, and {_shown(actual)} in the emulator"


def _list(recorded: list[Any], actual: Any, bindings: Bindings, path: str) -> Iterator[str]:
    if not isinstance(actual, list):
        yield f"{path} is a list in the record, and {_shown(actual)} in the emulator"
    elif len(recorded) != len(actual):
        yield f"{path} has {len(recorded)} elements in the record, and {len(actual)} in the emulator"
    else:
        for one, other in zip(recorded, actual, strict=True):
            yield from differences(one, other, bindings, f"{path}[]")


def _object(recorded: dict[str, Any], actual: Any, bindings: Bindings, path: str) -> Iterator[str]:
    if not isinstance(actual, dict):
        yield f"{path} is an object in the record, and {_shown(actual)} in the emulator"
        return
    for name in sorted(set(recorded) | set(actual)):
        inner = f"{path}.{name}" if path else name
        if name not in actual:
            yield f"{inner} is in the record, and not in the emulator's answer"
        elif name not in recorded:
            yield f"{inner} is in the emulator's answer, and not in the record"
        else:
            yield from differences(recorded[name], actual[name], bindings, inner)


def _bytes(recorded: dict[str, Any], actual: Any, bindings: Bindings, path: str) -> Iterator[str]:
    if not isinstance(actual, bytes):
        yield f"{path} is bytes in the record, and {_shown(actual)} in the emulator"
        return
    number = recorded.get("number")
    bound = actual if number is None else bindings.bound("bytes", number)
    if number is not None and bound is None:
        bindings.bind("bytes", number, actual)
    elif bound != actual:
        yield f"{path} is the same as in an earlier call in the record, and not in the emulator"
    if len(actual) != recorded["bytes"] and path.rpartition(".")[2] not in _ANY_LENGTH:
        yield f"{path} has {recorded['bytes']} bytes in the record, and {len(actual)} in the emulator"


def _time(recorded: dict[str, Any], actual: Any, bindings: Bindings, path: str) -> Iterator[str]:
    if not isinstance(actual, datetime):
        yield f"{path} is a date in the record, and {_shown(actual)} in the emulator"
    elif "date" in recorded:
        bound = bindings.bound("date", recorded["date"])
        if bound is not None and abs(actual - bound) >= timedelta(seconds=1):
            yield f"{path} is the date of an earlier request in the record, and another one in the emulator"


def _shown(value: Any) -> str:
    return f"{len(value)} bytes" if isinstance(value, bytes) else repr(value)
