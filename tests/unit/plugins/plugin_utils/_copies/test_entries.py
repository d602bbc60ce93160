# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists of keys and copies, and refused entries, whose values are not displayed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._copies.entries import read_entries

ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
COPY = {"key_material_src": "payments.key"}


def read(entries: Any, *, drill: bool = True) -> tuple[list[str], list[dict[str, Any]]]:
    return read_entries(entries, "the_keys", drill=drill, resolve=lambda path: f"/custody/{path}")


def test_a_key_with_all_that_may_be_said() -> None:
    older = {
        "key_material_src": "old.pem",
        "key_material_passphrase_src": "word",
        "key_material_id": "ab",
        "valid_for": "9d",
    }
    faults, (key,) = read([{"key_arn": ARN, **COPY, "key_material_format": "raw", "previous_key_materials": [older]}])
    assert faults == []
    assert key["key_id"] == ARN
    assert key["own"]["name"] == "payments.key"
    assert key["own"]["options"] == {"key_material_src": "/custody/payments.key", "key_material_format": "raw"}
    (previous,) = key["previous"]
    assert previous["options"]["key_material_passphrase_src"] == "/custody/word"
    assert previous["options"]["key_material_id"] == "ab"
    assert previous["options"]["valid_for"] == "9d"


@pytest.mark.parametrize("wrong", [None, "text", b"bytes", {}, {"key_arn": ARN, **COPY}, [], 1])
def test_what_is_no_list_of_keys(wrong: Any) -> None:
    faults, keys = read(wrong)
    assert faults == ["the_keys must be a list of dictionaries with key_arn and key_material_src."]
    assert keys == []


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("text", "the_keys[0] must be a dictionary"),
        ({"key_arn": ARN}, "the_keys[0] has no key_material_src."),
        (COPY, "the_keys[0] has no key_arn."),
        ({"key_arn": ARN, "key_material_src": ""}, "key_material_src must be the path of a file."),
        ({"key_arn": ARN, "key_material_src": ["x"]}, "key_material_src must be the path of a file."),
        ({"key_arn": 1, **COPY}, "key_arn must be text."),
        ({"key_arn": "alias/payments", **COPY}, "key_arn is not a key ARN. An alias is not accepted"),
        ({"key_arn": ARN.replace("key/", "alias/"), **COPY}, "key_arn is not a key ARN."),
        ({"key_arn": ARN.rpartition("/")[2], **COPY}, "key_arn is not a key ARN."),
        ({"key_arn": f"{ARN} ", **COPY}, "key_arn is not a key ARN."),
        ({"key_arn": ARN, **COPY, "previous_key_materials": COPY}, "previous_key_materials must be a list"),
        ({"key_arn": ARN, **COPY, "previous_key_materials": ["x"]}, "previous_key_materials[0] must be a dictionary"),
        (
            {"key_arn": ARN, **COPY, "previous_key_materials": [{}]},
            "previous_key_materials[0] has no key_material_src.",
        ),
    ],
)
def test_an_entry_that_is_not_right(entry: Any, told: str) -> None:
    faults, keys = read([entry])
    assert any(told in fault for fault in faults), faults
    assert keys == []


@pytest.mark.parametrize("place", ["entry", "older"])
def test_a_secret_value_is_refused_and_not_shown(place: str) -> None:
    secret = {"key_material": "c2VjcmV0", "force": True}
    entry: dict[str, Any] = {"key_arn": ARN, **COPY}
    if place == "entry":
        entry |= secret
    else:
        entry["previous_key_materials"] = [{**COPY, **secret}]
    ((fault,), _keys) = read([entry])
    assert "has unsupported options: force, key_material." in fault
    assert "Secret values are not accepted. Name a file instead." in fault
    assert "c2VjcmV0" not in fault


def test_one_key_twice() -> None:
    faults, _keys = read([{"key_arn": ARN, **COPY}, {"key_arn": ARN, "key_material_src": "other"}])
    assert faults == ["the_keys[1] is the same key as the_keys[0]. Remove one of them."]


def test_without_a_drill_an_alias_is_a_name_and_an_expiration_is_nothing() -> None:
    faults, (key,) = read([{"key_id": "alias/payments", **COPY}], drill=False)
    assert faults == []
    assert key["key_id"] == "alias/payments"
    assert read([{"key_id": "alias/payments", **COPY}])[0]
    ((fault,), _keys) = read([{"key_id": "x", **COPY, "valid_for": "90d"}], drill=False)
    assert "has unsupported options: valid_for." in fault
    ((both,), _keys) = read([{"key_id": "x", "key_arn": ARN, **COPY}], drill=False)
    assert both == "the_keys[0] has both key_arn and key_id. Keep only one of them."
