# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The keys of a task of ``kms_imported_keys``: the options of each list entry, merged with those of the task. Pure.

All errors of the whole list are reported at once.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ...module_utils._fleet.options import DEFAULTS, KEY
from ...module_utils._material.options import PREVIOUS
from .checks import EXPIRATION, faults_of_defaults, faults_of_key, faults_of_previous, region_of_entry
from .given import Fault, Given, KeyList, all_names, names_of, refuse, unknown_option
from .values import read_values

__all__ = ("Entry", "read_entries")

_CODE = "expected_check_code"
_Options = dict[str, t.Any]
_Spec = Mapping[str, Mapping[str, t.Any]]


@dataclass(frozen=True)
class Entry:
    """One key of the list.

    :ivar place: in the list, from 0.
    :ivar where: the entry in messages, such as ``kms_keys[3] (alias/payments)``.
    :ivar name: its alias, or else its key ID, as given.
    :ivar options: with their types, by their names in ``KEY``: only those that the entry or the task sets. A policy is
        JSON text.
    """

    place: int
    where: str
    name: str
    options: Mapping[str, t.Any]


def read_entries(keys: KeyList, task: Mapping[str, t.Any], region: str | None = None) -> tuple[Entry, ...]:
    """The keys, in the order of the list.

    :param task: the task's arguments; those in ``DEFAULTS`` apply to every key.
    :param region: the Region of the task, if it sets one.
    :raises Refusal: with all errors.
    """
    defaults, faults = _defaults(task)
    said = {fault.sentence for fault in faults}
    # Reported once, and only if an entry does not override the option.
    of_task = {sentence for sentence in faults_of_defaults(defaults) if sentence not in said}
    inherited: set[str] = set()
    entries = []
    for given in keys.entries:
        reading = _Reading(keys, given)
        entry = reading.read(defaults, region)
        entries.append(entry)
        for fault in reading.faults:
            if fault.sentence in of_task:
                inherited.add(fault.sentence)
            else:
                faults.append(fault)
    faults += [Fault("The task", sentence) for sentence in sorted(inherited)]
    faults += keys.faults
    faults += _same_keys(keys, entries, region)
    refuse(keys.name, faults)
    return tuple(entries)


def _defaults(task: Mapping[str, t.Any]) -> tuple[_Options, list[Fault]]:
    given, faults = _by_option(task, DEFAULTS)
    values, wrong = read_values(given, DEFAULTS)
    return values, [Fault("The task", sentence) for sentence in (*faults, *wrong.values())]


class _Reading:
    """Read one entry, and collect its errors."""

    def __init__(self, keys: KeyList, given: Given) -> None:
        self._keys = keys
        self._given = given
        self.faults: list[Fault] = []

    def read(self, defaults: Mapping[str, t.Any], region: str | None) -> Entry:
        own, values, wrong = self._values(self._given.options, KEY)
        options = _merged(values, defaults, own)
        for sentence in faults_of_key(options, own, wrong, region):
            self._add(sentence)
        name = str(options.get("alias", options.get("key_id", ""))).strip()
        return Entry(self._given.place, self._keys.where(self._given), name, options)

    def _values(self, given: Mapping[str, t.Any], spec: _Spec, within: str = "") -> tuple[_Options, _Options, set[str]]:
        """The given options, their usable values, and the names of the others.

        :param within: the place of the options in the entry, for options of a nested list.
        """
        known = all_names(spec)
        for name in given:
            if name not in known:
                self._add(unknown_option(name, sorted(known)), within, str(name))
        own, twice = _by_option(given, spec)
        for sentence in twice:
            self._add(sentence, within)
        plain = {name: value for name, value in own.items() if value is not None and name != PREVIOUS}
        values, sentences = read_values(plain, spec)
        if PREVIOUS in own:
            previous = self._previous(own[PREVIOUS], spec[PREVIOUS]["options"])
            if previous is None:
                sentences[PREVIOUS] = f"{PREVIOUS} must be a list of dictionaries with key_material_src."
            else:
                values[PREVIOUS] = previous
        for name, sentence in sentences.items():
            self._add(sentence, within, name)
        return own, values, set(sentences)

    def _previous(self, given: t.Any, spec: _Spec) -> list[_Options] | None:
        if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
            return None
        previous = []
        for place, one in enumerate(given):
            within = f"{PREVIOUS}[{place}]"
            own, values, wrong = self._values(one, spec, within)
            for sentence in faults_of_previous(values, own, wrong):
                self._add(sentence, within)
            previous.append(values)
        return previous

    def _add(self, sentence: str, within: str = "", option: str | None = None) -> None:
        """:param option: the subject of the sentence; None for the first option that it names."""
        line = self._line(sentence, within, option)
        told = f"{within}: {sentence}" if within else sentence
        order = self._given.place if line is None else line
        self.faults.append(Fault(self._keys.where(self._given, line), told, order))

    def _line(self, sentence: str, within: str, option: str | None) -> int | None:
        lines, start = self._given.lines, f"{within}." if within else ""
        about = re.findall(r"\w+", sentence) if option is None else [option]
        for name in about:
            for written in names_of(name) if name in KEY else (name,):
                if start + written in lines:
                    return lines[start + written]
        return lines.get(within, self._given.line)


def _by_option(given: Mapping[str, t.Any], spec: _Spec) -> tuple[_Options, list[str]]:
    """The given options by their names in the spec, and a sentence for each option that is set under two names.

    Null means omitted, except for a check code, which a variable that was not filled in would disable.
    """
    own: _Options = {}
    twice = []
    for option in spec:
        there = [name for name in names_of(option, spec) if given.get(name) is not None]
        if len(there) > 1:
            twice.append(f"{' and '.join(there)} are the same option. Keep only one of them.")
        if there:
            own[option] = given[there[0]]
        elif option == _CODE and _CODE in given:
            own[option] = None
    return own, twice


def _merged(values: _Options, defaults: Mapping[str, t.Any], own: Collection[str]) -> _Options:
    """Merge the entry with the task's options. An expiration is replaced as a whole, although several options set it;
    tags are merged.

    :param own: the names of the options that the entry sets.
    """
    if "valid_to" in own or "expiration_model" in own:
        not_meant = set(EXPIRATION)
    elif "valid_for" in own or "renew_before" in own:
        not_meant = {"valid_to", "expiration_model"}
    else:
        not_meant = set()
    inherited = {name: value for name, value in defaults.items() if name not in not_meant and name not in own}
    merged = {**inherited, **values}
    if "tags" in values and "tags" in defaults:
        merged["tags"] = {**defaults["tags"], **values["tags"]}
    return merged


def _same_keys(keys: KeyList, entries: Collection[Entry], region: str | None) -> Iterator[Fault]:
    """Find two entries for the same key, as far as their texts show it. Only KMS knows which keys aliases name."""
    seen: dict[tuple[str, str | None], Entry] = {}
    for entry, given in zip(entries, keys.entries, strict=True):
        where = region_of_entry(entry.options) or region
        for name in _names(entry):
            first = seen.setdefault((name, where), entry)
            if first is not entry:
                order = given.place if given.line is None else given.line
                yield Fault(
                    entry.where, f"{name} is also the key of {first.where}. Remove one of the two entries.", order
                )


def _names(entry: Entry) -> set[str]:
    names = {str(entry.options["key_id"]).strip()} if "key_id" in entry.options else set()
    if "alias" in entry.options:
        alias = str(entry.options["alias"])
        names.add(alias if alias.startswith("alias/") else f"alias/{alias}")
    return names - {""}
