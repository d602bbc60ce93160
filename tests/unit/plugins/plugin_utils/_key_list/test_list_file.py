# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of keys in files: a written list is read unchanged, and any content is a list or refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.modules import kms_imported_keys
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._key_list.list_file import read_list

from .lists import SECRET, faults_of_file, read, read_file


@pytest.mark.parametrize("name", ["keys", "keys.json", "keys.csv.j2", ".yml.gz"])
def test_the_kind_of_a_file_is_in_its_name(name: str) -> None:
    with pytest.raises(Refusal, match="must end with"):
        read_list(b"- alias: a\n", name)


def test_the_files_that_the_documentation_shows_have_no_faults() -> None:
    tasks = yaml.safe_load(kms_imported_keys.EXAMPLES)
    files = [task["ansible.builtin.copy"] for task in tasks if "ansible.builtin.copy" in task]
    entries = {file["dest"]: read_file(file["content"], file["dest"]) for file in files}
    assert {name: len(there) for name, there in entries.items()} == {"keys.yml": 4, "keys.csv": 4}
    assert entries["keys.csv"][2].options["replica_regions"] == ["eu-west-1", "eu-north-1"]
    of_task = [task["cloudkeys.aws.kms_imported_keys"] for task in tasks if "cloudkeys.aws.kms_imported_keys" in task]
    assert [len(read(*task["kms_keys"], **task)) for task in of_task if "kms_keys" in task] == [2]


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
    as_task = read(*keys)
    as_file = read_file(WRITERS[name](keys), name)
    assert [(entry.place, entry.name, entry.options) for entry in as_file] == [
        (entry.place, entry.name, entry.options) for entry in as_task
    ]


PLANTED: dict[str, tuple[Any, str]] = {
    "key_spec": ("AES_256", "key_spec must be one of"),
    "wait": ("perhaps", "wait must be true or false"),
    "rotation_timeout": (0, "rotation_timeout is 0"),
    "key_materail": (SECRET, "The option key_materail does not exist"),
    "wrapped_bundle": (SECRET, "wrapped_bundle is a secret value"),
    "policy": ("{", "policy is not JSON"),
    "region": ("a b", "a b is not a valid AWS Region name"),
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
    told = faults_of_file(content, "keys.yml")
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
        entries = read_file(content, name)
    except Refusal:
        return
    assert [entry.place for entry in entries] == list(range(len(entries)))
