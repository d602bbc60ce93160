# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The keys of a report as CSV. Pure."""

from __future__ import annotations

import csv
import io
import re
import typing as t
from collections.abc import Mapping

from .text import visible

__all__ = ("COLUMNS", "to_csv")

COLUMNS = (
    "status", "warnings", "days_left", "expires_at", "name", "aliases", "account", "region", "key_id", "arn",
    "key_spec", "key_usage", "key_state", "import_state", "materials", "rotations_left", "pending_rotation",
    "rotation_started_at", "multi_region_key_type", "replica_import_state", "regions", "description", "tags", "unread",
    "source", "as_of",
)  # fmt: skip
_SPLITS = ("\t", "\r", "\n")
# A spreadsheet may split a cell at a semicolon, a tab or a line end, depending on the locale. In East Asian locales, it
# also accepts the full-width signs.
_FORMULA_IN_PART = re.compile("(?:^|[;\\t\\r\\n])[\\s\"']*(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])")


def to_csv(report: Mapping[str, t.Any]) -> str:
    """Return one line for each key of the report (RFC 4180), after a line of headings.

    A spreadsheet evaluates a cell that begins with ``=``, ``+``, ``-`` or ``@``. Tags and descriptions are untrusted
    text, so an apostrophe precedes the sign, also after a separator in a cell (OWASP, "CSV Injection").
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for key in report["keys"]:
        whole = {**key, "as_of": report["as_of"]}
        writer.writerow([_cell(whole[column]) for column in COLUMNS])
    return text.getvalue()


def _cell(value: t.Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        told = {name: "not known" if content is None else content for name, content in value.items()}
        value = "; ".join(f"{name}={content}" for name, content in sorted(told.items()))
    elif isinstance(value, (list, tuple)):
        value = "; ".join(_in_words(one) if isinstance(one, Mapping) else one for one in value)
    text = _FORMULA_IN_PART.sub(r"\g<0>'", visible(str(value)))
    return f"'{text}" if text.startswith(_SPLITS) else text


def _in_words(material: Mapping[str, t.Any]) -> str:
    """Return one key material of the row, in one line."""
    words = [f"{material['state']} {material['key_material_id']} {material['import_state']}"]
    if material["expires_at"]:
        words.append(f"expires at {material['expires_at']}")
    if material["rotated_at"]:
        words.append(f"rotated at {material['rotated_at']} ({material['rotation_type']})")
    if material["replica_import_state"]:
        words.append(material["replica_import_state"])
    if material["description"]:
        words.append(material["description"])
    return ", ".join(words)
