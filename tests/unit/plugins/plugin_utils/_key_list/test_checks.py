# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fault of an entry is reported once, with the entry."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .lists import ARN, PAYMENTS, QUARTER, SECRET, UNTIL, faults, options, read


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"alias": None}, "The entry names no key."),
        ({"alias": "a b"}, "alias, a b, is not an alias name."),
        ({"alias": "alias/aws/s3"}, "which is reserved for AWS managed keys"),
        ({"alias": ["x"]}, "alias must be text."),
        ({"alias": None, "key_id": " "}, "key_id is empty."),
        ({"key_id": ARN, "key_arn": ARN}, "key_id and key_arn are the same option. Keep only one of them."),
        ({"key_id": ARN, "region": "eu-west-1"}, "is in Region us-east-1, but region is eu-west-1"),
        ({"region": "eu west"}, "eu west is not a valid AWS Region name"),
        ({"key_spec": "AES_256"}, "key_spec must be one of SYMMETRIC_DEFAULT,"),
        ({"key_spec": "HMAC_256", "key_usage": "SIGN_VERIFY"}, "key_usage: the key spec HMAC_256 does not support"),
        ({"key_spec": "RSA_2048", "wrapping_algorithm": "RSAES_OAEP_SHA_256"}, "because it is too large"),
        ({"enabled": "perhaps"}, "enabled must be true or false."),
        ({"wait_timeout": "soon"}, "wait_timeout must be a whole number."),
        ({"wait_timeout": 0}, "wait_timeout is 0, but must be at least 1 (in seconds)."),
        ({"rotation_timeout": -1}, "rotation_timeout is -1,"),
        ({"description": {"a": 1}}, "description must be text."),
        ({"policy": "{"}, "policy is not JSON"),
        ({"policy": {"a": 1}}, "policy is not a policy document"),
        ({"policy": 5}, "policy must be a JSON document."),
        ({"tags": ["a"]}, "tags must be a dictionary."),
        ({"tags": "owner"}, "tags must be a dictionary."),
        ({"tags": {"aws:a": "b"}}, "tags contains aws:a."),
        ({"replica_regions": ["eu-west-1"]}, "replica_regions requires a multi-Region key"),
        ({"replica_regions": ["eu-west-1"], "multi_region": False}, "replica_regions requires a multi-Region key"),
        ({"replica_regions": ["a_b"], "multi_region": True}, "is not a valid AWS Region name"),
        ({"replica_regions": ["a", "a"], "multi_region": True}, "lists a more than once"),
        ({"replica_regions": [{}], "multi_region": True}, "replica_regions must be a list."),
        ({"replica_regions": ["us-west-1"], "multi_region": True}, "the Region of the primary key itself"),
        ({"key_material_src": " "}, "key_material_src is empty."),
        ({"key_material_src": ["x"]}, "key_material_src must be the path of a file."),
        ({"valid_for": "90d"}, "valid_for requires renew_before"),
        ({"valid_for": "90d", "renew_before": "90d"}, "must be shorter than valid_for"),
        ({"valid_to": "2027-09-17"}, "is a date without a time"),
        ({"valid_to": UNTIL, **QUARTER}, "both set the expiration"),
        ({"wrapped_bundle_src": "b.json"}, "gives a wrapped bundle"),
        ({"key_material_src": None, "encrypted_key_material_src": "e"}, "requires import_token"),
        ({"expected_check_code": "A"}, "expected_check_code requires a wrapped bundle"),
        ({"key_material_src": None, "key_material_passphrase_src": "p"}, "requires an encrypted private key"),
        ({"previous_key_materials": {}}, "previous_key_materials must be a list of dictionaries"),
        ({"previous_key_materials": ["x"]}, "previous_key_materials must be a list of dictionaries"),
        ({"previous_key_materials": [{}]}, "previous_key_materials[0]: The entry gives no key material."),
        (
            {"previous_key_materials": [{"key_material_src": "o", "key_materail_id": "x"}]},
            "previous_key_materials[0]: The option key_materail_id does not exist. Did you mean key_material_id?",
        ),
        (
            {"previous_key_materials": [{"key_material_src": "o", "valid_for": "90d"}]},
            "previous_key_materials[0]: valid_for requires renew_before",
        ),
        (
            {"previous_key_materials": [{"wrapped_bundle_src": "o", "expected_check_code": None}]},
            "previous_key_materials[0]: expected_check_code is null.",
        ),
        ({"key_materail_src": "x"}, "The option key_materail_src does not exist. Did you mean key_material_src?"),
        ({"state": "absent"}, "The option state does not exist."),
        ({"move_alias": True}, "The option move_alias does not exist."),
        ({SECRET: "x"}, "An option has an invalid name. The name is omitted here"),
        ({5: "x"}, "An option has an invalid name."),
    ],
    ids=lambda value: "+".join(map(str, value)) if isinstance(value, dict) else "",
)
def test_a_fault_is_told_once_with_its_entry(wrong: dict[str, Any], told: str) -> None:
    (fault,) = faults({"alias": "other", "key_material_src": "x"}, {**PAYMENTS, **wrong}, region="us-west-1")
    assert re.match(r"kms_keys\[1\]( \(\S+\))?: ", fault)
    assert told in fault
    assert SECRET not in fault


def test_a_key_without_key_material_has_an_alias_and_nothing_about_key_material() -> None:
    assert options({"alias": "payments"}, **QUARTER) == {"alias": "payments", **QUARTER}
    (told,) = faults({"key_id": ARN, "tags": {"a": "b"}})
    assert "The entry gives no key material, which is allowed only for an entry with alias" in told
    (told,) = faults({"alias": "payments", "key_material_format": "raw"})
    assert told.endswith(
        "key_material_format concerns key material, but the entry gives none. Set key_material_src, or remove"
        " key_material_format."
    )


@pytest.mark.parametrize("entry", [{"expected_check_code": None}, {"expected_check_code": None, **PAYMENTS}])
def test_a_check_code_that_is_null_is_no_omission(entry: dict[str, Any]) -> None:
    told = faults({"alias": "a", "wrapped_bundle_src": "b.json", **entry})
    assert any("expected_check_code is null. Set the code that was read to you" in fault for fault in told)


def test_encrypted_key_material_is_for_one_region() -> None:
    bundle = {"alias": "a", "wrapped_bundle_src": "b.json", "multi_region": True}
    for more in ({"replicas": True}, {"replica_regions": ["eu-west-1"]}):
        (told,) = faults({**bundle, **more})
        assert "replicas: true requires plaintext key material" in told
    read({**bundle, "replica_regions": ["eu-west-1"], "replicas": False})
