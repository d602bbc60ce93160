# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The groups that exist without any configuration."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.inventory.kms_keys import DOCUMENTATION
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._inventory.groups import (
    GROUPS,
    all_groups,
    groups_of,
    nested_groups,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._inventory.hosts import HOSTNAME_SUFFIXES, FoundKey

ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ENTRY = {
    "arn": ARN,
    "key_state": "Enabled",
    "key_spec": "RSA_2048",
    "import_state": "IMPORTED",
    "days_left": None,
    "tags": {},
}


def groups(*kinds: str, **entry: Any) -> list[str]:
    return groups_of(FoundKey({**ENTRY, **entry}, None, ""), kinds or GROUPS)


def test_all_of_them() -> None:
    assert groups(days_left=12, tags={"owner": "treasury", "Cost center": "EU/7"}) == [
        "state_enabled",
        "region_eu_central_1",
        "account_111122223333",
        "key_spec_rsa_2048",
        "days_left_under_30",
        "tag_Cost_center_EU_7",
        "tag_owner_treasury",
    ]


def test_only_those_that_are_asked_for() -> None:
    assert groups("region") == ["region_eu_central_1"]
    assert groups_of(FoundKey(ENTRY, None, ""), []) == []


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ({"days_left": 0}, "days_left_under_7"),
        ({"days_left": 6}, "days_left_under_7"),
        ({"days_left": 7}, "days_left_under_30"),
        ({"days_left": 29}, "days_left_under_30"),
        ({"days_left": 30}, "days_left_under_90"),
        ({"days_left": 89}, "days_left_under_90"),
        ({"days_left": 90}, "days_left_90_or_more"),
        ({"days_left": None}, "days_left_unlimited"),
        ({"import_state": "PENDING_IMPORT"}, "material_missing"),
        # A previous key material is missing, so the key is not usable.
        ({"import_state": "PENDING_IMPORT", "days_left": 100}, "material_missing"),
        ({"import_state": None}, "days_left_unknown"),
        ({"key_state": "Disabled", "days_left": 3}, "days_left_under_7"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(str(one) for one in value.values()),
)
def test_days_left(entry: dict[str, Any], name: str) -> None:
    assert groups("days_left", **entry) == [name]


@pytest.mark.parametrize("state", ["PendingDeletion", "PendingReplicaDeletion"])
def test_a_key_that_is_about_to_be_deleted_takes_no_key_material(state: str) -> None:
    assert groups("days_left", "state", key_state=state, import_state="PENDING_IMPORT") == [f"state_{state.lower()}"]


def test_a_key_with_few_days_left_has_less_than_many_left() -> None:
    assert nested_groups(["tags", "days_left"]) == [
        ("material_missing", "days_left_under_7"),
        ("days_left_under_7", "days_left_under_30"),
        ("days_left_under_30", "days_left_under_90"),
    ]
    assert nested_groups(["tags"]) == []


def test_the_order_in_which_they_are_shown() -> None:
    keys = [
        FoundKey({**ENTRY, **entry}, None, "")
        for entry in (
            {"days_left": 3, "tags": {"owner": "treasury"}},
            {"key_state": "Disabled", "days_left": None},
            {"key_state": "PendingImport", "import_state": "PENDING_IMPORT", "tags": {"a": "b"}},
        )
    ]
    assert all_groups(keys, ["tags", "days_left", "state"]) == [
        "state_disabled",
        "state_enabled",
        "state_pendingimport",
        "days_left_under_90",
        "days_left_under_30",
        "days_left_under_7",
        "days_left_unlimited",
        "material_missing",
        "tag_a_b",
        "tag_owner_treasury",
    ]
    assert all_groups(keys, []) == []


def test_what_is_not_known() -> None:
    unread: dict[str, Any] = dict.fromkeys(["key_state", "key_spec", "import_state", "tags"])
    assert groups(**unread) == [
        "state_unknown",
        "region_eu_central_1",
        "account_111122223333",
        "key_spec_unknown",
        "days_left_unknown",
    ]


def test_a_tag_without_a_value() -> None:
    assert groups("tags", tags={"critical": ""}) == ["tag_critical"]


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_whatever_is_in_a_tag_is_the_name_of_a_group(tags: dict[str, str]) -> None:
    for name in groups("tags", tags=tags):
        assert name.isidentifier() or all(letter == "_" or letter.isalnum() for letter in name)
        assert name.startswith("tag_")


def test_the_documentation_names_the_same() -> None:
    options = yaml.safe_load(DOCUMENTATION)["options"]
    assert options["default_groups"]["choices"] == options["default_groups"]["default"] == list(GROUPS)
    assert options["hostname_suffixes"]["choices"] == list(HOSTNAME_SUFFIXES)
