# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spreadsheets do not evaluate the cells of the CSV, and its columns are those of the report."""

from __future__ import annotations

import csv
import io

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.expiry_report import make_report
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.table import COLUMNS, to_csv

from ...module_utils.keys import IMPORTED
from .test_expiry_report import result
from .test_row import entry


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_cell_is_a_formula(start: str) -> None:
    key = {**entry(IMPORTED), "description": f'{start}HYPERLINK("http://example.com";"x")', "tags": {f"{start}1": "2"}}
    report = make_report({f"{start}here": result(key)}, title="Title", warn_within_days=30, fail_within_days=None)
    (line,) = csv.DictReader(io.StringIO(to_csv(report), newline=""))
    assert line["description"] == f"'{key['description']}"
    assert line["tags"].startswith(f"'{start}")
    assert line["source"].startswith(f"'{start}")


@pytest.mark.parametrize("separator", [";", "; ", ';"', ";\n", "\t", "\n", "\r\n"], ids=ascii)
def test_no_part_of_a_cell_is_a_formula_where_a_spreadsheet_splits_it(separator: str) -> None:
    """In a locale with the decimal comma, Excel splits a line at semicolons, and does not keep quoted line ends."""
    key = {**entry(IMPORTED), "description": f"a{separator}=1+1", "tags": {"a": f"b{separator}-1;c", "d": " =1"}}
    report = make_report({" =here": result(key)}, title="Title", warn_within_days=30, fail_within_days=None)
    (line,) = csv.DictReader(io.StringIO(to_csv(report), newline=""))
    assert line["description"] == f"a{separator}'=1+1"
    assert line["tags"] == f"a=b{separator}'-1;c; d= =1"
    assert line["source"] == " '=here"


def test_the_columns_are_those_of_a_row_and_the_time_of_the_report() -> None:
    report = make_report({"here": result(entry(IMPORTED))}, title="Title", warn_within_days=30, fail_within_days=None)
    (row,) = report["keys"]
    assert set(COLUMNS) <= {*row, "as_of"}
    (line,) = csv.DictReader(io.StringIO(to_csv(report), newline=""))
    assert (line["as_of"], line["source"], line["days_left"]) == (report["as_of"], "here", "")
    assert (line["account"], line["status"]) == (row["account"], row["status"])
