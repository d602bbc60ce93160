# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kms_key_material_info`` as a task."""

from __future__ import annotations

from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import with_days
from support.reports import names

from .playbooks import Project, Task


@pytest.mark.every_core
def test_as_a_task(project: Project, kms: Any, emulator: Emulator) -> None:
    key = with_days(kms, emulator, None, 10)
    task: Task = {"cloudkeys.aws.kms_key_material_info": {"key_ids": [key.arn]}}
    for check in (False, True):
        result = project.run(task, check=check).ok().only
        assert result["changed"] is False
        assert names(result["kms_keys"]) == [key.arn]
        assert result["read_at"].endswith("+00:00")
    emulator.control.denied(["ListKeys"])
    failed = project.run({"cloudkeys.aws.kms_key_material_info": {}}).failed().only
    assert failed["kms_error"]["operation"] == "ListKeys"


def test_the_region_of_arns_counts(project: Project, kms: Any, emulator: Emulator, account: str) -> None:
    elsewhere = emulator.client("eu-west-1", account)
    key, other = ExternalKey.create(elsewhere), ExternalKey.create(kms)
    module = "cloudkeys.aws.kms_key_material_info"
    told = project.run({module: {"key_ids": [key.arn]}}).ok().only
    assert (names(told["kms_keys"]), told["region"]) == ([key.arn], "eu-west-1")
    project.run({module: {"key_ids": [key.arn, key.id], "region": "eu-west-1"}}).ok()
    for options, words in (
        ({"key_ids": [key.arn], "region": "ap-south-1"}, "is in Region eu-west-1, but region is ap-south-1"),
        ({"key_ids": [key.arn, other.arn]}, "several Regions (eu-west-1, us-east-1)"),
        ({"key_ids": [key.arn, other.id]}, f"{other.id}, which would be resolved in us-east-1"),
    ):
        refused = project.run({module: options}).failed().only
        assert words in refused["msg"]
    missing = project.run({module: {"key_ids": ["payments"]}}).failed().only
    assert missing["missing_key_ids"] == ["payments"]
