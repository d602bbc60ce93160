# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A list of keys as CSV (RFC 4180), as spreadsheets write it. Pure.

The first line names the options, and each other line is a key. An empty cell is an omitted option.
"""

from __future__ import annotations

import csv
import io
import typing as t
from collections.abc import Iterator, Mapping

from ...module_utils._errors import Refusal
from ...module_utils._fleet.options import KEY
from ...module_utils._material.options import PREVIOUS
from .given import Fault, Given, KeyList, names_of, unknown_option

__all__ = ("read_csv",)

_CODE, _BUNDLE, _TAG = "expected_check_code", "wrapped_bundle_src", "tags."
_KNOWN = {name: option for option in KEY for name in names_of(option)}
_Rows = list[tuple[int, list[str]]]


def read_csv(text: str, name: str) -> KeyList:
    """:param name: of the file, for messages.
    :raises Refusal: the content is not CSV, or is empty.
    """
    rows = _rows(text, name)
    if not rows:
        raise Refusal(f"{name} is empty. Add a first line with the names of the options, and a line for each key.")
    (first, cells), *others = rows
    header = [cell.strip() for cell in cells]
    faults = [Fault(f"{name}, line {first}", sentence, first) for sentence in _faults_of_header(header)]
    entries: list[Given] = []
    for line, row in others:
        if len(row) != len(header):
            sentence = (
                f"The line has {len(row)} cells, but the header has {len(header)}. Check for a cell that requires"
                " quotation marks."
            )
            faults.append(Fault(f"{name}, line {line}", sentence, line))
            continue
        if any(cell.strip() for option, cell in zip(header, row, strict=True) if not option):
            sentence = (
                "A cell has a value, but its column has no name in the header. Add the name, or remove the value."
            )
            faults.append(Fault(f"{name}, line {line}", sentence, line))
        entry, sentences = _entry(header, row)
        faults += [Fault(f"{name}, line {line}", sentence, line) for sentence in sentences]
        entries.append(Given(len(entries), entry, line, dict.fromkeys(entry, line)))
    return KeyList(name, tuple(entries), tuple(faults))


def _rows(text: str, name: str) -> _Rows:
    """The lines that are not blank, with their numbers. Spreadsheets write a row without values as ``;;;``."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: _Rows = []
    line = 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((line + 1, row))
            line = reader.line_num
    except csv.Error:
        raise Refusal(
            f"{name}, line {line + 1}: the content from here on is not CSV. A quotation mark is missing, or a"
            " quotation mark in a value is not doubled. Correct it."
        ) from None
    return rows


def _delimiter(text: str) -> str:
    """A semicolon if the header has more of them, as in locales with a decimal comma. Option names have neither."""
    header = text.lstrip().partition("\n")[0]
    return ";" if header.count(";") > header.count(",") else ","


def _faults_of_header(header: list[str]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for column, name in enumerate(header, 1):
        if not name:
            continue
        if name.startswith(_TAG) and len(name) > len(_TAG):
            option = name
        elif name not in _KNOWN:
            yield unknown_option(name, _KNOWN, where=f"Column {column} of the header")
            continue
        else:
            option = _KNOWN[name]
        if option == PREVIOUS:
            yield f"{PREVIOUS} is a nested list, which CSV does not support. Use a YAML file."
        if option in seen:
            both = f"{seen[option]} and {name}, which are the same option" if seen[option] != name else f"{name} twice"
            yield f"The header has {both}. Keep only one of the columns."
        seen.setdefault(option, name)


def _entry(header: list[str], row: list[str]) -> tuple[dict[str, t.Any], list[str]]:
    """The options of one line that are in the header, and the errors."""
    cells = {
        name: cell
        for name, cell in zip(header, row, strict=True)
        if cell.strip() and name in _KNOWN and name != PREVIOUS
    }
    entry: dict[str, t.Any] = dict(cells)
    if "replica_regions" in cells:
        entry["replica_regions"] = cells["replica_regions"].replace(",", " ").split()
    sentences = []
    tags = _tags(header, row)
    if tags:
        beside = [name for name in names_of("tags") if name in cells]
        sentences = [
            f"{name} and columns such as {next(iter(tags))} both set tags. Keep only one of them." for name in beside
        ]
        entry["tags"] = {name[len(_TAG) :]: cell for name, cell in tags.items()}
    # If bundles are compared with codes, a cell that was not filled in must not disable the comparison.
    if _CODE in header and _CODE not in cells and _BUNDLE in cells:
        entry[_CODE] = None
    return entry, sentences


def _tags(header: list[str], row: list[str]) -> Mapping[str, str]:
    return {
        name: cell
        for name, cell in zip(header, row, strict=True)
        if name.startswith(_TAG) and name != _TAG and cell.strip()
    }
