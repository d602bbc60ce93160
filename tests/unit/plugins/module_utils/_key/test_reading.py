# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fact about a key that cannot be read does not hide the other facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.reading import read_if_possible, read_key
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import Kms
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.errors import KmsError

from ..kms_answers import ARN, METADATA, client_that_gets

ENTRY = {"KeyId": ARN, "KeyMaterialId": "c" * 64, "KeyMaterialState": "CURRENT", "ImportState": "IMPORTED"}


def _kms(rotations: dict[str, Any], calls: list[str], **metadata: Any) -> Kms:
    answers = {"DescribeKey": {"KeyMetadata": {**METADATA, **metadata}}, "ListKeyRotations": rotations}
    return Kms(client_that_gets(lambda operation, _parameters: answers[operation], calls=calls))


def test_a_symmetric_key_has_a_list() -> None:
    calls: list[str] = []
    reading = read_key(_kms({"Rotations": [ENTRY]}, calls, CurrentKeyMaterialId="c" * 64), "alias/payments")
    assert calls == ["DescribeKey", "ListKeyRotations"]
    assert reading.now == datetime(2027, 1, 1, tzinfo=UTC)
    assert reading.metadata["Arn"] == reading.facts.arn == ARN
    assert [material.key_material_id for material in reading.facts.materials or ()] == ["c" * 64]
    assert reading.facts.materials_unread is None


@pytest.mark.parametrize(
    ("rotations", "told"),
    [
        ({"__type": "AccessDeniedException"}, "kms:ListKeyRotations is denied"),
        ({"__type": "UnknownOperationException"}, "does not have the operation ListKeyRotations"),
        ({"Rotations": []}, "does not contain the key's current key material"),
        ({"Rotations": [{"KeyId": ARN, "RotationType": "ON_DEMAND"}]}, "do not contain the key material ID"),
    ],
)
def test_a_list_that_cannot_be_read_is_a_fact(rotations: dict[str, Any], told: str) -> None:
    facts = read_key(_kms(rotations, [], CurrentKeyMaterialId="c" * 64), ARN).facts
    assert facts.materials is None
    assert told in str(facts.materials_unread)
    assert facts.material_present, "as DescribeKey returns it"


@pytest.mark.parametrize("metadata", [{"Origin": "AWS_KMS"}, {"KeySpec": "HMAC_256"}])
def test_other_keys_have_none(metadata: dict[str, Any]) -> None:
    calls: list[str] = []
    facts = read_key(_kms({}, calls, **metadata), ARN).facts
    assert (calls, facts.materials, facts.materials_unread) == (["DescribeKey"], None, None)


def test_key_materials_are_read_only_on_request() -> None:
    calls: list[str] = []
    facts = read_key(_kms({}, calls), ARN, with_materials=False).facts
    assert (calls, facts.materials, facts.materials_unread) == (["DescribeKey"], None, None)


def test_what_concerns_every_reading_is_raised() -> None:
    with pytest.raises(KmsError, match="session token"):
        read_key(_kms({"__type": "ExpiredTokenException"}, []), ARN)


def test_a_key_that_cannot_be_described_is_an_error() -> None:
    kms = Kms(client_that_gets(lambda _operation, _parameters: {"__type": "AccessDeniedException"}))
    with pytest.raises(KmsError, match="kms:DescribeKey"):
        read_key(kms, ARN)
    assert read_if_possible(lambda: read_key(kms, ARN)) == (None, "kms:DescribeKey is denied")


PENDING = {**ENTRY, "KeyMaterialId": "f" * 64, "KeyMaterialState": "PENDING_ROTATION"}
STARTED = "OnDemandRotationStartDate"


@pytest.mark.parametrize(
    ("state", "status", "started", "told"),
    [
        ("PENDING_ROTATION", {STARTED: 1798761600}, datetime(2027, 1, 1, tzinfo=UTC), None),
        ("PENDING_MULTI_REGION_IMPORT_AND_ROTATION", {}, None, None),
        ("PENDING_ROTATION", {"__type": "AccessDeniedException"}, None, "kms:GetKeyRotationStatus is denied"),
    ],
)
def test_whether_a_rotation_runs_is_asked_where_one_can(
    state: str, status: dict[str, Any], started: datetime | None, told: str | None
) -> None:
    calls: list[str] = []
    answers = {
        "DescribeKey": {"KeyMetadata": {**METADATA, "CurrentKeyMaterialId": "c" * 64}},
        "ListKeyRotations": {"Rotations": [ENTRY, {**PENDING, "KeyMaterialState": state}]},
        "GetKeyRotationStatus": status,
    }
    facts = read_key(Kms(client_that_gets(lambda operation, _parameters: answers[operation], calls=calls)), ARN).facts
    assert calls == ["DescribeKey", "ListKeyRotations", "GetKeyRotationStatus"]
    assert (facts.rotation_started, facts.rotation_unread) == (started, told)
    assert facts.staged_material is not None
