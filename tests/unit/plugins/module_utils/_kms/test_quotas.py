# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Request quotas: AWS's defaults, and the values of the option."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import boto3
import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms import client
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.quotas import QUOTAS, read_quotas

PLUGINS = Path(client.__file__).resolve().parents[2]
KMS = boto3.client("kms", region_name="us-east-1").meta.service_model.operation_names


def operations(file: Path) -> set[str]:
    """The KMS operations in a file."""
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and node.value in KMS}


def test_each_is_an_operation_of_kms() -> None:
    assert set(QUOTAS) <= set(KMS)


@pytest.mark.parametrize("file", ["_kms/client.py", "_proof/round_trip.py"])
def test_every_used_operation_has_a_quota(file: str) -> None:
    named = operations(PLUGINS / "module_utils" / file)
    assert named
    assert named <= set(QUOTAS)


def test_the_option_changes_what_it_names() -> None:
    read = read_quotas({"GetParametersForImport": 10, "ImportKeyMaterial": "7.5"})
    assert (read["GetParametersForImport"], read["ImportKeyMaterial"]) == (10, 7.5)
    assert {name: quota for name, quota in read.items() if QUOTAS[name] != quota} == {
        "GetParametersForImport": 10,
        "ImportKeyMaterial": 7.5,
    }
    assert read_quotas(None) == read_quotas({}) == QUOTAS


@pytest.mark.parametrize("name", ["getParametersForImport", "GetParameters", "CreateGrant", "", 1])
def test_what_is_no_operation(name: Any) -> None:
    with pytest.raises(Refusal, match="is not a KMS operation") as refused:
        read_quotas({name: 1})
    assert "GetParametersForImport" in refused.value.sentence


@pytest.mark.parametrize("value", [0, -1, "0", "many", "nan", "inf", 1e400, None, True, [1], {}, 10**400], ids=repr)
def test_what_is_no_number_of_requests(value: Any) -> None:
    with pytest.raises(Refusal, match="GetParametersForImport must be a number of requests per second"):
        read_quotas({"GetParametersForImport": value})
