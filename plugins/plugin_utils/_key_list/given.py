# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A list of keys as it is written, with the errors in its form, before its content is checked. Pure."""

from __future__ import annotations

import difflib
import re
import typing as t
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...module_utils._errors import Refusal
from ...module_utils._fleet.options import KEY
from ...module_utils._material.options import PREVIOUS, SECRETS

__all__ = (
    "Fault", "Given", "KeyList", "all_names", "names_of", "of_task", "refuse", "unknown_option", "without_values",
)  # fmt: skip

MOST_FAULTS = 50
"""The maximum number of errors in one message. The next run reports the others."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_.][A-Za-z0-9]+)*")
_LONGEST_NAME = 40
_ONE_OF_A_LIST = {"type": "str"}
# The pattern of key names that may be displayed with an entry.
_LABEL = re.compile(r"[A-Za-z0-9/_:-]{1,300}")


@dataclass(frozen=True)
class Fault:
    """One error, as a sentence that quotes nothing that may be secret.

    :ivar where: the entry or the line.
    :ivar order: the place in the list, or the line; errors are reported in this order.
    """

    where: str
    sentence: str
    order: int = -1

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence}"


@dataclass(frozen=True)
class Given:
    """One entry as it is written.

    :ivar place: in the list, from 0.
    :ivar options: by their names in the list; an option that no entry can have may lack its value.
    :ivar line: the first line of the entry in a file, from 1; None in a task.
    :ivar lines: the line of each option, in nested lists by names such as ``previous_key_materials[0].valid_for``.
    """

    place: int
    options: Mapping[str, t.Any] = field(repr=False)
    line: int | None = None
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The entry's name for its key, in parentheses; empty if it has none."""
        for option in ("alias", "key_id"):
            for name in names_of(option):
                value = self.options.get(name)
                if isinstance(value, str) and _LABEL.fullmatch(value.strip()):
                    return f" ({value.strip()})"
        return ""


@dataclass(frozen=True)
class KeyList:
    """A list of keys.

    :ivar name: of the option or the file, for messages.
    :ivar faults: the errors in its form. *entries* contains everything that could be read in spite of them.
    """

    name: str
    entries: tuple[Given, ...]
    faults: tuple[Fault, ...] = ()

    def where(self, entry: Given, line: int | None = None) -> str:
        """The entry in words, such as ``kms_keys[3] (alias/payments)`` or ``keys.yml, line 12 (alias/payments)``.

        :param line: of one of its options, instead of its first line.
        """
        if entry.line is None:
            return f"{self.name}[{entry.place}]{entry.label}"
        return f"{self.name}, line {line or entry.line}{entry.label}"


def of_task(kms_keys: t.Any) -> KeyList:
    """The list of the option ``kms_keys``.

    :raises Refusal: it is not a list, or has no keys.
    """
    if not isinstance(kms_keys, Sequence) or isinstance(kms_keys, (str, bytes)):
        raise Refusal("kms_keys must be a list of dictionaries, each with alias or key_id.")
    if not kms_keys:
        raise Refusal(
            "kms_keys has no keys. Add at least one key: the task would otherwise succeed without managing any key."
        )
    faults = [
        Fault(f"kms_keys[{place}]", "The entry must be a dictionary with alias or key_id.", place)
        for place, entry in enumerate(kms_keys)
        if not isinstance(entry, Mapping)
    ]
    entries = (Given(place, entry) for place, entry in enumerate(kms_keys) if isinstance(entry, Mapping))
    return KeyList("kms_keys", tuple(entries), tuple(faults))


def without_values(kms_keys: t.Any) -> t.Any:
    """The list in a form that a task's arguments may display, with the same errors, but without values that may be key
    material: the value of a misspelled or secret option, any structure that contains such a value, and any text in
    place of a name.
    """
    return _shown(kms_keys, KEY)


def _shown(entries: t.Any, spec: Mapping[str, Mapping[str, t.Any]]) -> t.Any:
    if not isinstance(entries, list):
        return ""
    return [_shown_entry(entry, spec) if isinstance(entry, dict) else "" for entry in entries]


def _shown_entry(entry: Mapping[t.Any, t.Any], spec: Mapping[str, Mapping[str, t.Any]]) -> dict[t.Any, t.Any]:
    known = all_names(spec)
    shown = {
        # A unique placeholder, which is also not an option name.
        name if _can_be_a_name(name) else f"({place})": _shown_value(value, _option(name, spec))
        if name in known
        else None
        for place, (name, value) in enumerate(entry.items())
    }
    if shown.get(PREVIOUS) is not None and PREVIOUS in spec:
        shown[PREVIOUS] = _shown(shown[PREVIOUS], spec[PREVIOUS]["options"])
    return shown


def _shown_value(value: t.Any, option: Mapping[str, t.Any]) -> t.Any:
    """A dictionary or list is kept only where it belongs. Elsewhere it is emptied, which is the same error."""
    kind = option["type"]
    if kind == "json" or isinstance(value, str) or "options" in option:
        return value
    if isinstance(value, Mapping):
        return value if kind == "dict" else {}
    if isinstance(value, Sequence):
        return [_shown_value(one, _ONE_OF_A_LIST) for one in value] if kind == "list" else []
    return value


def _option(name: str, spec: Mapping[str, Mapping[str, t.Any]]) -> Mapping[str, t.Any]:
    return next(spec[option] for option in spec if name in names_of(option, spec))


def refuse(name: str, faults: Iterable[Fault]) -> None:
    """:raises Refusal: there are errors. The message lists them, or the first ones and the number of the others."""
    told = sorted(faults, key=lambda fault: fault.order)
    if not told:
        return
    count = f"{len(told)} errors" if len(told) > 1 else "an error"
    rest = [f"And {len(told) - MOST_FAULTS} more."] if len(told) > MOST_FAULTS else []
    sentences = [str(fault) for fault in told[:MOST_FAULTS]]
    raise Refusal("\n".join((f"{name} has {count}. Nothing was changed. Correct the list.", *sentences, *rest)))


def names_of(option: str, spec: Mapping[str, Mapping[str, t.Any]] = KEY) -> tuple[str, ...]:
    """The names under which *option* may be set."""
    return (option, *spec[option].get("aliases", ()))


def all_names(spec: Mapping[str, Mapping[str, t.Any]]) -> set[str]:
    """All names under which options may be set."""
    return {name for option in spec for name in names_of(option, spec)}


def _can_be_a_name(name: t.Any) -> bool:
    return isinstance(name, str) and len(name) <= _LONGEST_NAME and bool(_NAME.fullmatch(name))


def unknown_option(name: t.Any, known: Iterable[str] = KEY, *, where: str = "An option") -> str:
    """A sentence about an unknown option, with the name that was probably intended.

    :param where: the option, if its name cannot be displayed.
    """
    if name in SECRETS:
        return (
            f"{name} is a secret value, which a list of keys does not accept, because a list is displayed, stored"
            f" and passed on. Name a file on the controller instead ({name}_src). If a real value was given here, it"
            " may already be in logs."
        )
    if not _can_be_a_name(name):
        return f"{where} has an invalid name. The name is omitted here because it may be a value. Correct it."
    near = difflib.get_close_matches(name.lower(), list(known), 1)
    return f"The option {name} does not exist." + (f" Did you mean {near[0]}?" if near else "")
