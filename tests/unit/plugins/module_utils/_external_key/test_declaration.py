# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declaration of one key, and declarations that are refused before any request to KMS."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.declaration import (
    declared,
    read_policy,
    read_tags,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.options import EXTERNAL_KEY
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.plan import WantedKey

OMITTED = {name: spec.get("default") for name, spec in EXTERNAL_KEY.items()}


def test_what_is_omitted_is_left_alone() -> None:
    assert declared(OMITTED) == WantedKey()


def test_everything_that_may_be_declared() -> None:
    wanted = declared(
        {
            **OMITTED,
            "alias": "payments",
            "policy": '{"Statement": []}',
            "tags": {"owner": None, "year": 2027},
            "replica_regions": ["eu-west-1"],
            "multi_region": True,
            "pending_window": 7,
            "enabled": False,
        }
    )
    assert wanted == WantedKey(
        alias="alias/payments",
        policy={"Statement": []},
        tags={"owner": "", "year": "2027"},
        replica_regions=("eu-west-1",),
        multi_region=True,
        pending_window=7,
        enabled=False,
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"pending_window": 31}, "pending_window is 31"),
        ({"pending_window": 6}, "pending_window is 6"),
        ({"alias": "a b"}, "is not an alias name"),
        ({"policy": "{"}, "policy is not JSON"),
        ({"tags": {"aws:x": "y"}}, "tags contains aws:x"),
        ({"replica_regions": ["eu-west-1"], "multi_region": False}, "replica_regions requires a multi-Region key"),
        ({"move_alias": True}, "move_alias requires alias"),
        ({"remove_aliases": ["a b"]}, "is not an alias name"),
    ],
)
def test_what_kms_would_refuse(options: dict[str, Any], told: str) -> None:
    with pytest.raises(Refusal, match=told):
        declared({**OMITTED, **options})


@pytest.mark.parametrize("text", ["", "text", "[" * 100_000, "\0"])
def test_a_policy_that_is_not_json(text: str) -> None:
    with pytest.raises(Refusal, match=r"^policy is not JSON: "):
        read_policy(text)


@pytest.mark.parametrize("text", ["[]", "5", "null", "{}", '{"Version": "2012-10-17"}'])
def test_json_that_is_not_a_policy(text: str) -> None:
    with pytest.raises(Refusal, match="policy is not a policy document"):
        read_policy(text)


def test_tags_that_are_not_yours_to_set() -> None:
    assert read_tags({"cloudkeys.aws/canary": "yes", 5: True}) == {"cloudkeys.aws/canary": "yes", "5": "True"}
    with pytest.raises(Refusal, match=r"tags contains aws:x, cloudkeys\.aws/created-for\."):
        read_tags({"cloudkeys.aws/created-for": "a", "aws:x": "b", "owner": "c"})
