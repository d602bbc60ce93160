# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of keys in files: what is written is read, and what is wrong is told with its line."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet import yaml_list
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.entries import Entry, read_entries
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.given import of_task
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.list_file import read_list

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
SECRET = "c2VjcmV0LWtleS1tYXRlcmlhbA=="


def read(content: str | bytes, name: str = "keys.yml", **task: Any) -> tuple[Entry, ...]:
    data = content.encode() if isinstance(content, str) else content
    return read_entries(read_list(data, name), task)


def options(content: str | bytes, name: str = "keys.yml") -> dict[str, Any]:
    (entry,) = read(content, name)
    return dict(entry.options)


def refusal(content: str | bytes, name: str = "keys.yml") -> str:
    with pytest.raises(Refusal) as refused:
        read(content, name)
    assert SECRET not in refused.value.sentence
    return refused.value.sentence


def faults(content: str | bytes, name: str = "keys.yml") -> list[str]:
    title, *told = refusal(content, name).splitlines()
    assert title.startswith(f"{name} has ")
    return told


def test_a_yaml_file_with_the_lines_of_its_entries() -> None:
    text = f"""\
---
# Every key of the payments platform.
kms_keys:
  - alias: alias/payments
    key_material_src: payments.key
    tags: {{owner: treasury}}

  - key_id: {KEY_ID}
    key_material_src: ledger.key
    valid_to: 2027-09-17T12:00:00-08:00
    previous_key_materials:
      - key_material_src: older.key
"""
    payments, ledger = read(text)
    assert (payments.where, payments.name) == ("keys.yml, line 4 (alias/payments)", "alias/payments")
    assert payments.options["tags"] == {"owner": "treasury"}
    assert (ledger.where, ledger.place) == (f"keys.yml, line 8 ({KEY_ID})", 1)
    assert ledger.options["valid_to"] == "2027-09-17 12:00:00-08:00"
    assert ledger.options["previous_key_materials"] == [{"key_material_src": "older.key"}]
    # A list by itself, and as a task has it.
    assert read(textwrap.dedent(text.partition("kms_keys:\n")[2])) == tuple(
        Entry(entry.place, entry.where.replace(f"line {old}", f"line {new}"), entry.name, entry.options)
        for entry, old, new in zip((payments, ledger), (4, 8), (1, 5), strict=True)
    )


@pytest.mark.parametrize(
    ("written", "option", "meant"),
    [
        ("description: 0123", "description", "0123"),
        ("description: 2027-09-17", "description", "2027-09-17"),
        ("description: yes", "description", "yes"),
        ('description: ""', "description", ""),
        ("tags: {on: 1.50, off: null}", "tags", {"on": "1.50", "off": None}),
        ("tags: owner=treasury env=prod", "tags", {"owner": "treasury", "env": "prod"}),
        ("enabled: no", "enabled", False),
        ("enabled: 'true'", "enabled", True),
        ("wait_timeout: 60", "wait_timeout", 60),
        ("replica_regions: []", "replica_regions", []),
        ("valid_to: 2027-9-7 1:00:00 -8", "valid_to", "2027-09-07 01:00:00-08:00"),
        ("valid_to: '2027-09-17T12:00:00Z'", "valid_to", "2027-09-17T12:00:00Z"),
        (
            "policy: {Version: 2012-10-17, Statement: [{a: true, b: 3, c: 1.5, d: null, e: '1'}]}",
            "policy",
            '{"Version": "2012-10-17", "Statement": [{"a": true, "b": 3, "c": 1.5, "d": null, "e": "1"}]}',
        ),
        ("""policy: '{"Statement": 5}'""", "policy", '{"Statement": 5}'),
    ],
    ids=lambda value: value if isinstance(value, str) and ":" in value else "",
)
def test_a_value_is_what_is_written(written: str, option: str, meant: Any) -> None:
    assert options(f"- alias: a\n  key_material_src: b\n  {written}\n")[option] == meant


def test_what_yaml_has_to_repeat_less() -> None:
    first, second = read(
        "- &usual\n  alias: a\n  key_material_src: a.key\n  tags: &tags {x: y}\n"
        "- <<: [{region: eu-west-1, alias: never}, *usual]\n  alias: b\n  tags: {<<: *tags, z: 1}\n"
    )
    assert first.options["tags"] == {"x": "y"}
    assert second.options == {
        "alias": "b", "key_material_src": "a.key", "region": "eu-west-1", "tags": {"x": "y", "z": "1"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "line", "told"),
    [
        ("- alias: b\n  alias: c\n", 3, "The same name is in line 2 already."),
        ("- alias: b\n  tags:\n    x: 1\n    x: 2\n", 5, "The same name is in line 4 already."),
        ("- alias: b\n  key_spec: !vault |\n    12\n", 3, "The value has !vault, and a list of keys is plain YAML."),
        ("- alias: b\n  description: !unsafe x\n", 3, "The value has !unsafe,"),
        ("- alias: b\n  tags: !!python/object:os.x {}\n", 3, "The value has a tag, and"),
        ("- alias: b\n  description: !!binary abcd\n", 3, "The value has a tag, and"),
        ("- alias: b\n  ? [x]\n  : 1\n", 3, "A name must be a text."),
        ("- alias: b\n  <<: x\n", 3, "<< must be followed by an alias of a dictionary"),
        ("- just text\n", 2, "The entry must be a dictionary"),
        ("- alias: b\n  valid_for: soon\n  renew_before: 1d\n  key_material_src: x\n", 3, "is not a duration"),
        ("- alias: b\n  key_arn: ''\n", 3, "key_id is empty."),
        ("- alias: b\n  wait_timeout: {a: 1}\n", 3, "wait_timeout must be a whole number."),
        ("- alias: b\n  valid_to: 2027-02-30T12:00:00Z\n  key_material_src: x\n", 3, "is not a time that exists"),
        ("- key_material_src: b\n", 2, "The entry names no key."),
        (
            "- alias: b\n  key_material_src: x\n  previous_key_materials:\n    - key_material_src: y\n"
            "    - key_material_src: z\n      valid_to: never\n",
            7,
            "previous_key_materials[1]: valid_to, 'never', is not a time.",
        ),
        (f"- alias: b\n  key_material_src: x\n  key_material: {SECRET}\n", 4, "key_material is a secret value"),
        (f"- alias: b\n  key_material_src: x\n  key_material: !vault {SECRET}\n", 4, "key_material is a secret value"),
        ("- alias: b\n  wrapped_bundle_src: x\n  expected_check_code:\n", 4, "expected_check_code is null."),
        ("- alias: alias/a\n", 2, "alias/a is also the key of keys.yml, line 1 (a)."),
    ],
    ids=lambda value: value if isinstance(value, str) and value[0] != "-" else "",
)
def test_a_fault_is_told_with_its_line(written: str, line: int, told: str) -> None:
    (fault,) = faults(f"- alias: a\n{written}")
    assert fault.startswith(f"keys.yml, line {line}")
    assert told in fault


def test_all_faults_of_form_and_content_are_told_in_the_order_of_the_lines() -> None:
    told = faults("- alias: a\n  wait: maybe\n- x\n- alias: b\n  alias: c\n  key_spec: AES\n- {}\n")
    assert [fault.partition(":")[0] for fault in told] == [
        "keys.yml, line 2 (a)", "keys.yml, line 3", "keys.yml, line 5", "keys.yml, line 6 (b)", "keys.yml, line 7",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "keys.yml is empty."),
        ("# only this\n", "keys.yml is empty."),
        ("[]", "keys.yml has no keys."),
        ("kms_keys: []", "keys.yml has no keys."),
        ("text", "keys.yml, line 1: This is no list."),
        ("\nkms_keys: text", "keys.yml, line 2: This is no list."),
        ("alias: a", "keys.yml, line 1: This is no list."),
        ("- [", "The file is not YAML from here on."),
        ("- a\n- b: c: d\n", "keys.yml, line 2, column 7: The file is not YAML from here on."),
        ("- *nowhere\n", "keys.yml, line 1, column 3: The file is not YAML from here on."),
        ("- a\n---\n- b\n", "The file is not YAML from here on."),
        ("- \0", "keys.yml is not YAML: it has a character that YAML does not allow."),
        (b"- alias: a\n- \xff\n", "keys.yml, line 2: The file is not UTF-8."),
        ("[" * 50 + "]" * 50, "keys.yml, line 1: Lists and dictionaries are nested too deeply"),
        ("[" * 100_000, "keys.yml, line 1"),
        ("- alias: a\n  tags: &x {y: *x}\n", "keys.yml, line 2: A value contains itself"),
        ("- &x {alias: a, tags: *x}\n", "keys.yml, line 1: A value contains itself"),
        ("- &x {alias: a, <<: *x}\n", "keys.yml, line 1: A value contains itself"),
        (
            "- &a0 [x]\n"
            + "".join(f"- &a{depth + 1} [*a{depth}]\n" for depth in range(5000))
            + "- {alias: a, tags: {a: *a5000}}\n",
            "nested too deeply",
        ),
        (
            "- &a [x, x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"- &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True))
            + "- {alias: a, tags: {a: *h}}\n",
            "keys.yml has more than 1000000 values",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("keys") else "",
)
def test_what_is_no_list_in_yaml(content: str | bytes, told: str) -> None:
    assert told in refusal(content)


def test_a_file_says_nothing_for_all_keys() -> None:
    (told,) = faults("valid_for: 90d\nkms_keys:\n  - alias: a\n")
    assert told == "keys.yml, line 1: Only kms_keys is read here. What holds for every key is an option of the task."


def test_without_libyaml_it_is_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "- &x {alias: a, key_material_src: a.key, tags: {x: 1}}\n- {<<: *x, alias: b, enabled: ?}\n- x\n"
    with_libyaml = read_list(text.replace("?", "no").encode(), "keys.yml")
    monkeypatch.setattr(yaml_list, "_Loader", yaml.SafeLoader)
    assert read_list(text.replace("?", "no").encode(), "keys.yml") == with_libyaml
    for broken in ("- [", "[" * 5000, "- \0", "- a\n- b: c: d\n"):
        assert refusal(broken).startswith("keys.yml")


@pytest.mark.parametrize("name", ["keys", "keys.json", "keys.csv.j2", ".yml.gz"])
def test_the_kind_of_a_file_is_in_its_name(name: str) -> None:
    with pytest.raises(Refusal, match="must end in"):
        read_list(b"- alias: a\n", name)


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
    payments, ledger, empty = read(f"{mark}{text}", "keys.CSV")
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
    assert options(text, "keys.csv") == {
        "alias": "a",
        "tags": {"owner": "treasury", "env": "prod"},
        "policy": '{"Statement": []}',
    }


def test_an_empty_cell_of_a_check_code_is_no_omission_beside_a_bundle() -> None:
    text = "alias,wrapped_bundle_src,key_material_src,expected_check_code\na,b.json,,\nc,,c.key,\nd,d.json,,ABCD\n"
    (told,) = faults(text, "keys.csv")
    assert told.startswith("keys.csv, line 2 (a): expected_check_code is null.")


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        ("alias,aliass\na,b\n", 1, "There is no option aliass. Did you mean alias?"),
        (f"alias,{SECRET}\na,b\n", 1, "An option has a name that no option can have."),
        (f"alias,key_material_src,key_material\na,b,{SECRET}\n", 1, "key_material is a secret value"),
        ("alias,alias\na,b\n", 1, "The header has alias twice."),
        ("alias,key_id,key_arn\na,,\n", 1, "The header has key_id and key_arn, which are one option."),
        ("alias,tags.x,tags.x\na,b,c\n", 1, "The header has tags.x twice."),
        ("alias,tags.\na,b\n", 1, "An option has a name that no option can have."),
        ("alias,previous_key_materials\na,b\n", 1, "is a list of its own, for which CSV has no place."),
        ("alias,description\n\na\n", 3, "The line has 1 cells, and the header 2."),
        ("alias,description\na,b,c\n", 2, "The line has 3 cells, and the header 2."),
        ("alias,\na,b\n", 2, "its column has no name in the header"),
        ("alias,tags,tags.x\na,y=z,1\n", 2, "tags and columns such as tags.x both give tags."),
        ("alias,tags\na,y=z\nb,owner\n", 3, "tags must be a dictionary."),
        ("alias,enabled\na,perhaps\n", 2, "enabled must be true or false."),
        ("alias,description\na,\n,b\n", 3, "The entry names no key."),
        ('alias,description\na,"x\n\ny"\nb c,d\n', 5, "alias, b c, is not the name of an alias."),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else "",
)
def test_a_fault_of_csv_is_told_with_its_line(content: str, line: int, told: str) -> None:
    (fault,) = faults(content, "keys.csv")
    assert fault.startswith(f"keys.csv, line {line}")
    assert told in fault


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "keys.csv is empty."),
        ("\n;;;\n", "keys.csv is empty."),
        ("alias,key_id\n,,\n", "keys.csv has no keys."),
        ('alias,key_id\na,"b\nc,d\n', "keys.csv, line 2: What begins here is not CSV"),
        ('alias,key_id\na,b\n"b"x,c\n', "keys.csv, line 3: What begins here is not CSV"),
        ("alias\n" + "a" * 200_000, "keys.csv, line 2: What begins here is not CSV"),
        (b"alias\n\xe9\n", "keys.csv, line 2: The file is not UTF-8."),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("keys") else "",
)
def test_what_is_no_list_in_csv(content: str | bytes, told: str) -> None:
    assert told in refusal(content, "keys.csv")


def test_a_column_without_a_name_and_without_values_is_nothing() -> None:
    assert options("alias,,\na,,\n", "keys.csv") == {"alias": "a"}


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\n\t"), max_size=20)
FILLED = TEXT.map(lambda text: f"{text}.")
NAME = st.text("abyz09_-", min_size=1, max_size=9)
KEYS = st.lists(
    st.fixed_dictionaries(
        {"alias": NAME.map("alias/{}".format)},
        optional={
            "region": st.sampled_from(["eu-west-1", "us-east-1"]),
            "key_material_src": NAME.map("{}.key".format),
            "description": FILLED,
            "enabled": st.booleans(),
            "wait_timeout": st.integers(1, 10**6),
            "tags": st.dictionaries(NAME, FILLED, min_size=1, max_size=3),
            "valid_to": st.just("2027-09-17T12:00:00-08:00"),
        },
    ).filter(lambda entry: "valid_to" not in entry or "key_material_src" in entry),
    min_size=1,
    max_size=4,
    unique_by=lambda entry: entry["alias"],
)


def as_yaml(keys: list[dict[str, Any]]) -> bytes:
    data: bytes = yaml.safe_dump(keys, encoding="utf-8", allow_unicode=True, sort_keys=False)
    return data


def as_csv(keys: list[dict[str, Any]], delimiter: str = ",") -> bytes:
    rows = [
        {name: value for name, value in key.items() if name != "tags"}
        | {f"tags.{name}": value for name, value in key.get("tags", {}).items()}
        for key in keys
    ]
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


WRITERS: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    "keys.yml": as_yaml,
    "keys.csv": as_csv,
    "semicolons.csv": lambda keys: as_csv(keys, ";"),
}


@pytest.mark.parametrize("name", WRITERS)
@given(keys=KEYS)
def test_a_list_that_was_written_reads_back_the_same(name: str, keys: list[dict[str, Any]]) -> None:
    as_task = read_entries(of_task(keys), {})
    as_file = read(WRITERS[name](keys), name)
    assert [(entry.place, entry.name, entry.options) for entry in as_file] == [
        (entry.place, entry.name, entry.options) for entry in as_task
    ]


PLANTED: dict[str, tuple[Any, str]] = {
    "key_spec": ("AES_256", "key_spec must be one of"),
    "wait": ("perhaps", "wait must be true or false"),
    "rotation_timeout": (0, "rotation_timeout is 0"),
    "key_materail": (SECRET, "There is no option key_materail"),
    "wrapped_bundle": (SECRET, "wrapped_bundle is a secret value"),
    "policy": ("{", "policy is not JSON"),
    "region": ("a b", "a b cannot be the name of an AWS Region"),
}


@given(keys=KEYS, planted=st.data())
def test_each_planted_fault_is_told_with_its_line(keys: list[dict[str, Any]], planted: st.DataObject) -> None:
    at, which = st.sampled_from(range(len(keys))), st.sampled_from(list(PLANTED))
    places = planted.draw(st.dictionaries(at, which, min_size=1))
    keys = [{name: key[name] for name in ("alias", "key_material_src", "enabled") if name in key} for key in keys]
    for place, option in places.items():
        keys[place][option] = PLANTED[option][0]
    content = as_yaml(keys)
    lines = content.decode().splitlines()
    told = faults(content)
    assert len(told) >= len(places)
    for place, option in places.items():
        begins = [number for number, line in enumerate(lines) if line.startswith("- alias:")][place]
        line = next(number for number in range(begins, len(lines)) if lines[number].startswith(f"  {option}:")) + 1
        assert any(
            fault.startswith(f"keys.yml, line {line} ({keys[place]['alias']})") and PLANTED[option][1] in fault
            for fault in told
        )


PIECES = ("- ", "alias: ", "alias,", "tags", "<<: ", "*a", "&a ", "\n", "  ", "x", '"', "[", "{")


@pytest.mark.parametrize("name", ["keys.yml", "keys.csv"])
@given(
    content=st.binary()
    | st.text(st.sampled_from("-:?*&!|>%@`\"'#{}[],;<=\n ax.1~")).map(str.encode)
    | st.lists(st.sampled_from(PIECES)).map("".join).map(str.encode)
)
@example(content=b"- alias: a\n  valid_to: 2027-13-45T99:99:99Z\n")
@example(content=b"- ? - &a\n  : *a\n")
@example(content=b"%YAML 9.9\n---\n- =: <<\n")
def test_any_bytes_are_entries_or_a_refusal(name: str, content: bytes) -> None:
    try:
        entries = read(content, name)
    except Refusal:
        return
    assert [entry.place for entry in entries] == list(range(len(entries)))
