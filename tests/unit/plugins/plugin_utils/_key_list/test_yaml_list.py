# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of keys in YAML: every value is read, and a fault is reported with its line."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest
import yaml

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._key_list import yaml_list
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._key_list.entries import Entry
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._key_list.list_file import read_list

from .lists import KEY_ID, SECRET, faults_of_file, options_of_file, read_file, refusal_of_file


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
    payments, ledger = read_file(text, "keys.yml")
    assert (payments.where, payments.name) == ("keys.yml, line 4 (alias/payments)", "alias/payments")
    assert payments.options["tags"] == {"owner": "treasury"}
    assert (ledger.where, ledger.place) == (f"keys.yml, line 8 ({KEY_ID})", 1)
    assert ledger.options["valid_to"] == "2027-09-17 12:00:00-08:00"
    assert ledger.options["previous_key_materials"] == [{"key_material_src": "older.key"}]
    # A list without a key, and a list as in a task.
    assert read_file(textwrap.dedent(text.partition("kms_keys:\n")[2]), "keys.yml") == tuple(
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
    assert options_of_file(f"- alias: a\n  key_material_src: b\n  {written}\n", "keys.yml")[option] == meant


def test_what_yaml_has_to_repeat_less() -> None:
    text = (
        "- &usual\n  alias: a\n  key_material_src: a.key\n  tags: &tags {x: y}\n"
        "- <<: [{region: eu-west-1, alias: never}, *usual]\n  alias: b\n  tags: {<<: *tags, z: 1}\n"
    )
    first, second = read_file(text, "keys.yml")
    assert first.options["tags"] == {"x": "y"}
    assert second.options == {
        "alias": "b", "key_material_src": "a.key", "region": "eu-west-1", "tags": {"x": "y", "z": "1"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "line", "told"),
    [
        ("- alias: b\n  alias: c\n", 3, "The same name is already in line 2."),
        ("- alias: b\n  tags:\n    x: 1\n    x: 2\n", 5, "The same name is already in line 4."),
        (
            "- alias: b\n  key_spec: !vault |\n    12\n",
            3,
            "The value has !vault, but a list of keys must be plain YAML.",
        ),
        ("- alias: b\n  description: !unsafe x\n", 3, "The value has !unsafe,"),
        ("- alias: b\n  tags: !!python/object:os.x {}\n", 3, "The value has a tag, but"),
        ("- alias: b\n  description: !!binary abcd\n", 3, "The value has a tag, but"),
        ("- alias: b\n  ? [x]\n  : 1\n", 3, "A name must be text."),
        ("- alias: b\n  <<: x\n", 3, "<< must be followed by an alias of a dictionary"),
        ("- just text\n", 2, "The entry must be a dictionary"),
        ("- alias: b\n  valid_for: soon\n  renew_before: 1d\n  key_material_src: x\n", 3, "is not a duration"),
        ("- alias: b\n  key_arn: ''\n", 3, "key_id is empty."),
        ("- alias: b\n  wait_timeout: {a: 1}\n", 3, "wait_timeout must be a whole number."),
        ("- alias: b\n  valid_to: 2027-02-30T12:00:00Z\n  key_material_src: x\n", 3, "is not a valid time"),
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
    (fault,) = faults_of_file(f"- alias: a\n{written}", "keys.yml")
    assert fault.startswith(f"keys.yml, line {line}")
    assert told in fault


def test_all_faults_of_form_and_content_are_told_in_the_order_of_the_lines() -> None:
    text = "- alias: a\n  wait: maybe\n- x\n- alias: b\n  alias: c\n  key_spec: AES\n- {}\n"
    told = faults_of_file(text, "keys.yml")
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
        ("text", "keys.yml, line 1: this is not a list."),
        ("\nkms_keys: text", "keys.yml, line 2: this is not a list."),
        ("alias: a", "keys.yml, line 1: this is not a list."),
        ("- [", "the content from here on is not YAML."),
        ("- a\n- b: c: d\n", "keys.yml, line 2, column 7: the content from here on is not YAML."),
        ("- *nowhere\n", "keys.yml, line 1, column 3: the content from here on is not YAML."),
        ("- a\n---\n- b\n", "the content from here on is not YAML."),
        ("- \0", "keys.yml is not YAML: it contains a character that YAML does not allow."),
        (b"- alias: a\n- \xff\n", "keys.yml, line 2: the file is not UTF-8."),
        ("[" * 50 + "]" * 50, "keys.yml, line 1: lists and dictionaries are nested too deeply"),
        ("[" * 100_000, "keys.yml, line 1"),
        ("- alias: a\n  tags: &x {y: *x}\n", "keys.yml, line 2: a value contains itself"),
        ("- &x {alias: a, tags: *x}\n", "keys.yml, line 1: a value contains itself"),
        ("- &x {alias: a, <<: *x}\n", "keys.yml, line 1: a value contains itself"),
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
    assert told in refusal_of_file(content, "keys.yml")


def test_a_file_says_nothing_for_all_keys() -> None:
    (told,) = faults_of_file("valid_for: 90d\nkms_keys:\n  - alias: a\n", "keys.yml")
    assert told == "keys.yml, line 1: Only kms_keys is read from this file. Set options for all keys in the task."


def test_without_libyaml_it_is_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "- &x {alias: a, key_material_src: a.key, tags: {x: 1}}\n- {<<: *x, alias: b, enabled: ?}\n- x\n"
    with_libyaml = read_list(text.replace("?", "no").encode(), "keys.yml")
    monkeypatch.setattr(yaml_list, "_Loader", yaml.SafeLoader)
    assert read_list(text.replace("?", "no").encode(), "keys.yml") == with_libyaml
    for broken in ("- [", "[" * 5000, "- \0", "- a\n- b: c: d\n"):
        assert refusal_of_file(broken, "keys.yml").startswith("keys.yml")


def test_too_many_values_are_refused_before_any_of_them_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_list, "_MOST_VALUES", 1000)
    monkeypatch.setattr(yaml_list.yaml, "compose", None)
    with pytest.raises(Refusal, match=r"keys\.yml has more than 1000 values"):
        read_list(b"- {alias: x}\n" * 400, "keys.yml")
