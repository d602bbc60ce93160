# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of keys in CSV, as spreadsheets write it: every value is read, and a fault is reported with its line."""

from __future__ import annotations

import pytest

from .lists import KEY_ID, SECRET, faults_of_file, options_of_file, read_file, refusal_of_file

CSV = """\
alias,key_id,key_material_src,valid_for,renew_before,replica_regions,multi_region,tags.owner,tags.env,description
alias/payments,,payments.key,90d,30d,eu-west-1 eu-north-1,TRUE,treasury,prod,"Payment ""files"", and more"

,{id},ledger.key,,,,,treasury,,"two
lines"
,,,,,,,,,
alias/empty,,,,,,,,,
"""


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "bom"])
def test_a_csv_file_as_spreadsheets_write_it(delimiter: str, end: str, mark: str) -> None:
    text = CSV.format(id=KEY_ID).replace(",", delimiter).replace("\n", end)
    payments, ledger, empty = read_file(f"{mark}{text}", "keys.CSV")
    assert payments.where == "keys.CSV, line 2 (alias/payments)"
    assert payments.options == {
        "alias": "alias/payments",
        "key_material_src": "payments.key",
        "valid_for": "90d",
        "renew_before": "30d",
        "replica_regions": ["eu-west-1", "eu-north-1"],
        "multi_region": True,
        "tags": {"owner": "treasury", "env": "prod"},
        "description": f'Payment "files"{delimiter} and more',
    }
    assert ledger.where == f"keys.CSV, line 4 ({KEY_ID})"
    assert ledger.options == {
        "key_id": KEY_ID,
        "key_material_src": "ledger.key",
        "tags": {"owner": "treasury"},
        "description": f"two{end}lines",
    }
    assert (empty.place, empty.where, empty.options) == (2, "keys.CSV, line 7 (alias/empty)", {"alias": "alias/empty"})


def test_tags_and_a_policy_in_one_cell() -> None:
    text = 'alias;tags;policy\na;owner=treasury env=prod;"{""Statement"": []}"\n'
    assert options_of_file(text, "keys.csv") == {
        "alias": "a",
        "tags": {"owner": "treasury", "env": "prod"},
        "policy": '{"Statement": []}',
    }


def test_an_empty_cell_of_a_check_code_is_no_omission_beside_a_bundle() -> None:
    text = "alias,wrapped_bundle_src,key_material_src,expected_check_code\na,b.json,,\nc,,c.key,\nd,d.json,,ABCD\n"
    (told,) = faults_of_file(text, "keys.csv")
    assert told.startswith("keys.csv, line 2 (a): expected_check_code is null.")


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        ("alias,aliass\na,b\n", 1, "The option aliass does not exist. Did you mean alias?"),
        (f"alias,{SECRET}\na,b\n", 1, "Column 2 of the header has an invalid name."),
        (f"alias,key_material_src,key_material\na,b,{SECRET}\n", 1, "key_material is a secret value"),
        ("alias,alias\na,b\n", 1, "The header has alias twice."),
        ("alias,key_id,key_arn\na,,\n", 1, "The header has key_id and key_arn, which are the same option."),
        ("alias,tags.x,tags.x\na,b,c\n", 1, "The header has tags.x twice."),
        ("alias,tags.\na,b\n", 1, "Column 2 of the header has an invalid name."),
        ("alias,previous_key_materials\na,b\n", 1, "is a nested list, which CSV does not support."),
        ("alias,description\n\na\n", 3, "The line has 1 cells, but the header has 2."),
        ("alias,description\na,b,c\n", 2, "The line has 3 cells, but the header has 2."),
        ("alias,\na,b\n", 2, "its column has no name in the header"),
        ("alias,tags,tags.x\na,y=z,1\n", 2, "tags and columns such as tags.x both set tags."),
        ("alias,tags\na,y=z\nb,owner\n", 3, "tags must be a dictionary."),
        ("alias,enabled\na,perhaps\n", 2, "enabled must be true or false."),
        ("alias,description\na,\n,b\n", 3, "The entry names no key."),
        ('alias,description\na,"x\n\ny"\nb c,d\n', 5, "alias, b c, is not an alias name."),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else "",
)
def test_a_fault_of_csv_is_told_with_its_line(content: str, line: int, told: str) -> None:
    (fault,) = faults_of_file(content, "keys.csv")
    assert fault.startswith(f"keys.csv, line {line}")
    assert told in fault


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "keys.csv is empty."),
        ("\n;;;\n", "keys.csv is empty."),
        ("alias,key_id\n,,\n", "keys.csv has no keys."),
        ('alias,key_id\na,"b\nc,d\n', "keys.csv, line 2: the content from here on is not CSV"),
        ('alias,key_id\na,b\n"b"x,c\n', "keys.csv, line 3: the content from here on is not CSV"),
        ("alias\n" + "a" * 200_000, "keys.csv, line 2: the content from here on is not CSV"),
        (b"alias\n\xe9\n", "keys.csv, line 2: the file is not UTF-8."),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("keys") else "",
)
def test_what_is_no_list_in_csv(content: str | bytes, told: str) -> None:
    assert told in refusal_of_file(content, "keys.csv")


def test_a_column_without_a_name_and_without_values_is_nothing() -> None:
    assert options_of_file("alias,,\na,,\n", "keys.csv") == {"alias": "a"}
