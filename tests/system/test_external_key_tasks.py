# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kms_external_key`` as a task: its options, and its use together with amazon.aws.kms_key."""

from __future__ import annotations

from typing import Any

import pytest
from support.declared_keys import ALIAS
from support.emulator import Emulator
from support.external_key import ExternalKey

from .playbooks import Project, Task


def external_key(**options: Any) -> Task:
    return {"cloudkeys.aws.kms_external_key": options}


@pytest.mark.every_core
def test_from_no_key_to_an_enabled_one_with_a_grant(project: Project) -> None:
    project.write("k", bytes(range(32)))
    key: Task = {**external_key(alias=ALIAS, tags={"number": 1, "none": None}), "register": "key"}
    tasks: list[Task] = [
        key,
        {
            "cloudkeys.aws.kms_key_material": {
                "key_id": "{{ key.kms_key.arn }}",
                "key_material_src": "k",
                "expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            }
        },
        key,
        {
            "amazon.aws.kms_key": {
                "key_id": "{{ key.kms_key.key_id }}",
                "enabled": "{{ key.kms_key.enabled }}",
                "grants": [
                    {
                        "name": "reader",
                        "grantee_principal": "arn:aws:iam::111122223333:role/reader",
                        "operations": ["Decrypt"],
                    }
                ],
            }
        },
        key,
    ]
    assert project.run(*tasks, check=True).results[0]["actions"] == ["create_key", "create_alias", "untag_resource"]
    assert project.run(*tasks).ok().changed == [True, True, False, True, False]
    second = project.run(*tasks).ok()
    assert second.changed == [False] * 5
    assert second.results[0]["kms_key"]["tags"] == {"none": "", "number": "1"}


def test_the_region_of_an_arn_counts(project: Project, emulator: Emulator, account: str) -> None:
    key = ExternalKey.create(emulator.client("eu-west-1", account))
    assert project.run(external_key(key_id=key.arn)).ok().only["kms_key"]["region"] == "eu-west-1"
    refused = project.run(external_key(key_id=key.arn, region="us-west-2")).failed().only
    assert "is in Region eu-west-1" in refused["msg"]


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({}, "one of the following is required: alias, key_id"),
    ({"alias": "alias/aws/s3"}, "is reserved for AWS managed keys"),
    ({"alias": "a", "policy": "not json"}, "policy is not JSON"),
    ({"alias": "a", "replica_regions": ["eu-west-1"]}, "set multi_region: true"),
]


def test_bad_input_touches_nothing(project: Project, emulator: Emulator) -> None:
    """tests/unit/plugins/module_utils/_external_key tests the other mistakes."""
    before = len(emulator.control.calls())
    run = project.run(*[{**external_key(**options), "ignore_errors": True} for options, _told in MISTAKES]).ok()
    assert [task["outcome"] for task in run.tasks] == ["failed"] * len(MISTAKES)
    for (options, told), result in zip(MISTAKES, run.results, strict=True):
        assert told in result["msg"], options
        assert result.get("changed", False) is False
    assert "CreateKey" not in {call["operation"] for call in emulator.control.calls()[before:]}


def test_a_failure_tells_what_was_done(project: Project, emulator: Emulator) -> None:
    emulator.control.denied(["CreateAlias"])
    failed = project.run(external_key(alias=ALIAS)).failed().only
    assert (failed["changed"], failed["actions"]) == (True, ["create_key"])
    assert "kms:CreateAlias" in failed["msg"]
    assert failed["kms_error"]["code"] == "AccessDeniedException"
    emulator.control.denied([])
    assert project.run(external_key(alias=ALIAS)).ok().only["actions"] == ["create_alias", "untag_resource"]


def test_warnings(project: Project) -> None:
    result = project.run(external_key(alias=ALIAS, enabled=False)).ok().only
    (warning,) = result["warnings"]
    assert "cannot enable or disable" in warning
    assert not result.get("deprecations")
