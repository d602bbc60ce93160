# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures between the controller and KMS: retries, messages, and the known state afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, declaration, fresh_client, patient_client, run, run_failing, run_one
from support.materials import SYMMETRIC, new_material

ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def test_keys_that_share_their_visits_do_not_share_their_failures(kms: Any) -> None:
    good, lost = ExternalKey.create(kms), ExternalKey.create(kms)
    run_one(kms, lost, new_material(SYMMETRIC), **NEVER)
    results = run(
        kms,
        declaration(good.arn, new_material(SYMMETRIC), **NEVER),
        declaration(lost.arn, new_material(SYMMETRIC), **NEVER),
        declaration(ARN, new_material(SYMMETRIC), **NEVER),
    )
    assert [bool(result.get("failed")) for result in results] == [False, True, True]
    assert good.state == "Enabled"


OPERATIONS = ("DescribeKey", "GetParametersForImport", "ImportKeyMaterial")


@pytest.mark.parametrize("error", ["ThrottlingException", "KMSInternalException", "DependencyTimeoutException"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_passes_is_tried_again(kms: Any, emulator: Emulator, operation: str, error: str) -> None:
    emulator.control.faults([{"operation": operation, "error": error, "times": 2}])
    result = run_one(patient_client(kms), ExternalKey.create(kms), new_material(SYMMETRIC), **NEVER)
    assert result["actions"] == ["import"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_lost_reply(kms: Any, emulator: Emulator, operation: str) -> None:
    key, content = ExternalKey.create(kms), new_material(SYMMETRIC)
    emulator.control.faults([{"operation": operation, "drop": True, "times": 1}])
    run_one(patient_client(kms), key, content, **NEVER)
    assert run_one(kms, key, content, **NEVER)["changed"] is False


@pytest.mark.parametrize(
    ("operation", "told"),
    list(zip(OPERATIONS, ["kms:DescribeKey", "kms:WrappingAlgorithm", "kms:ExpirationModel"], strict=True)),
)
def test_a_denied_action(kms: Any, emulator: Emulator, operation: str, told: str) -> None:
    key = ExternalKey.create(kms)
    emulator.control.denied([operation])
    result = run_failing(kms, key, new_material(SYMMETRIC), **NEVER)
    assert told in result["msg"]
    assert key.arn in result["msg"]
    assert (result["kms_error"]["code"], result["kms_error"]["operation"]) == ("AccessDeniedException", operation)


def test_a_token_that_kms_no_longer_knows_is_replaced_once(kms: Any, emulator: Emulator) -> None:
    key = ExternalKey.create(kms)
    emulator.control.faults([{"operation": "ImportKeyMaterial", "error": "ExpiredImportTokenException", "times": 1}])
    assert run_one(kms, key, new_material(SYMMETRIC), **NEVER)["actions"] == ["import"]
    emulator.control.faults([{"operation": "ImportKeyMaterial", "error": "InvalidImportTokenException", "times": 9}])
    result = run_failing(kms, ExternalKey.create(kms), new_material(SYMMETRIC), **NEVER)
    assert "import token" in result["msg"]


@pytest.mark.parametrize("cause", ["denied", "reply lost", "read refused"])
def test_a_failure_after_the_import_tells_of_the_key_as_it_is_now(kms: Any, emulator: Emulator, cause: str) -> None:
    """A result with the key from before the import would contradict itself."""
    key = ExternalKey.create(kms)
    client = fresh_client(kms)
    if cause == "denied":
        emulator.control.denied(["DisableKey"])
    elif cause == "reply lost":
        emulator.control.faults([{"operation": "DisableKey", "drop": True}])
    else:
        describe, refused = client.describe_key, ["once"]

        def describe_after(**request: Any) -> Any:
            if key.state == "Disabled" and refused:
                refused.clear()
                raise ClientError({"Error": {"Code": "KMSInternalException", "Message": ""}}, "DescribeKey")
            return describe(**request)

        client.describe_key = describe_after
    result = run_failing(client, key, new_material(SYMMETRIC), enabled=False, **NEVER)
    now = key.describe()
    assert result["actions"][:1] == ["import"]
    assert result["changed"] is True
    assert (result["material_match"], result["material_match_by"]) == ("same", "kms_import")
    assert result["kms_key"]["key_state"] == result["diff"]["after"]["key_state"] == now["KeyState"]
    assert result["diff"]["before"]["key_state"] == "PendingImport"
    assert result["diff"]["after"]["expiration_model"] == now["ExpirationModel"]


def test_an_unexpected_exception_fails_only_one_key(kms: Any) -> None:
    """KMS may have carried out the request. The exception's text may quote the request, so it is hidden."""
    key, other = ExternalKey.create(kms), ExternalKey.create(kms)
    client, content = fresh_client(kms), new_material(SYMMETRIC)
    send = client.import_key_material

    def send_and_break(**request: Any) -> Any:
        answer = send(**request)
        if request["KeyId"] == key.arn:
            raise RuntimeError(request["ImportToken"])
        return answer

    client.import_key_material = send_and_break
    broken, fine = run(client, declaration(key.arn, content, **NEVER), declaration(other.arn, content, **NEVER))
    assert (broken["failed"], broken["changed"], broken["actions_unconfirmed"]) == (True, True, ["import"])
    assert "RuntimeError in send_and_break (test_failures.py, line " in broken["msg"]
    assert "b'" not in broken["msg"]
    assert broken["kms_key"]["key_state"] == "Enabled", "the key as it is now"
    assert (fine["actions"], fine.get("msg")) == (["import"], None)


def test_an_endpoint_that_describes_no_key_keeps_no_other_from_its_outcome(kms: Any) -> None:
    key, other = ExternalKey.create(kms), ExternalKey.create(kms)
    client, content = fresh_client(kms), new_material(SYMMETRIC)
    describe = client.describe_key

    def describe_badly(**request: Any) -> Any:
        answer = describe(**request)
        if request["KeyId"] == key.arn:
            answer["KeyMetadata"]["Arn"] = "none"
        return answer

    client.describe_key = describe_badly
    broken, fine = run(client, declaration(key.arn, content, **NEVER), declaration(other.arn, content, **NEVER))
    assert (broken["failed"], broken["changed"]) == (True, False)
    assert "IndexError" in broken["msg"]
    assert fine["actions"] == ["import"]
