# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoints that are not quite KMS: emulators that lack an operation, proxies, and what boto3 itself has to say."""

from __future__ import annotations

import base64
import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, kms_of, patient_client, run_failing, run_one
from support.materials import SYMMETRIC, new_material
from support.reports import info

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import Kms, client_config
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.errors import KmsError

_HTML = "<!doctype html><title>500 Internal Server Error</title><h1>Internal Server Error</h1>"
# Who answers so: KMS's Common Errors, botocore's protocol, ministack, LocalStack, moto's server, a web server.
LACKING: dict[str, dict[str, Any]] = {
    "ministack": {"error": "InvalidAction", "message": "Unknown action"},
    "protocol": {"error": "UnknownOperationException"},
    "localstack": {"error": "InternalFailure", "status": 501, "message": "has not yet been emulated"},
    "not-implemented": {"error": "NotImplementedException", "status": 400},
    "moto": {"body": _HTML, "status": 500},
    "web-server": {"body": _HTML, "status": 404},
    "empty": {"body": "", "status": 501},
}
MATERIAL = {"SYMMETRIC_DEFAULT": "ListKeyRotations", "ECC_NIST_P256": "GetPublicKey", "HMAC_256": "VerifyMac"}
each_way = pytest.mark.parametrize("answer", LACKING.values(), ids=LACKING)


def _always(emulator: Emulator, operation: str, answer: dict[str, Any]) -> None:
    emulator.control.faults([{"operation": operation, "times": 10_000, **answer}])


@each_way
@pytest.mark.parametrize(("spec", "operation"), MATERIAL.items())
def test_a_proof_that_the_endpoint_lacks_is_unknown(
    kms: Any, emulator: Emulator, answer: dict[str, Any], spec: str, operation: str
) -> None:
    key = ExternalKey.create(kms, spec)
    material = new_material(spec)
    run_one(kms, key, material, **NEVER)
    _always(emulator, operation, answer)
    again = run_one(kms, key, material, on_unknown_material="accept", **NEVER)
    assert (again["changed"], again["material_match"]) == (False, "unknown")
    assert f"the endpoint does not have the operation {operation}" in json.dumps(again)


@each_way
def test_the_whole_life_of_a_key_without_its_list_of_materials(
    kms: Any, emulator: Emulator, answer: dict[str, Any]
) -> None:
    _always(emulator, "ListKeyRotations", answer)
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    end = {"valid_for": "90d", "renew_before": "30d", "on_unknown_material": "accept"}
    assert run_one(kms, key, material, **end)["actions"] == ["import"]
    assert run_one(kms, key, material, **end)["changed"] is False
    emulator.advance(days=61)
    assert run_one(kms, key, material, **end)["actions"] == ["reimport"]
    assert run_one(kms, key, state="absent", force=True)["actions"] == ["delete"]
    assert run_one(kms, key, state="absent", force=True)["changed"] is False


@each_way
@pytest.mark.parametrize(
    ("operation", "unread"),
    [("ListKeyRotations", "materials"), ("ListAliases", "aliases"), ("ListResourceTags", "tags")],
)
def test_a_report_shows_what_the_endpoint_lacks(
    kms: Any, emulator: Emulator, answer: dict[str, Any], operation: str, unread: str
) -> None:
    key = ExternalKey.imported(kms)
    _always(emulator, operation, answer)
    (entry,) = info(kms, include_tags=True)
    assert entry["arn"] == key.arn
    assert list(entry["unread"]) == [unread]
    assert entry["unread"][unread].startswith(f"the endpoint does not have the operation {operation} (HTTP ")


@each_way
@pytest.mark.parametrize("operation", ["GetParametersForImport", "ImportKeyMaterial"])
def test_what_is_needed_and_lacking_fails_in_words(
    kms: Any, emulator: Emulator, answer: dict[str, Any], operation: str
) -> None:
    _always(emulator, operation, answer)
    key = ExternalKey.create(kms)
    result = run_failing(kms, key, new_material(SYMMETRIC), **NEVER)
    assert key.arn in result["msg"]
    assert operation in result["msg"]
    assert "endpoint_url" in result["msg"]
    assert "<" not in result["msg"]
    assert "KMS reports" not in result["msg"]
    assert key.state == "PendingImport"


@pytest.mark.parametrize("way", ["ministack", "localstack", "web-server", "empty"])
def test_what_an_endpoint_lacks_is_asked_for_once(kms: Any, emulator: Emulator, way: str) -> None:
    key = ExternalKey.create(kms)
    _always(emulator, "ListKeyRotations", LACKING[way])
    with pytest.raises(KmsError):
        kms_of(patient_client(kms)).list_key_materials(key.arn)
    assert _calls(emulator, "ListKeyRotations", key) == 1


def test_a_quota_that_is_used_up_is_not_asked_for_again(kms: Any, emulator: Emulator) -> None:
    """botocore's standard mode takes it for throttling, and would repeat it for a minute and a half."""
    key = ExternalKey.create(kms)
    for number in range(50):
        kms.create_alias(AliasName=f"alias/quota-{key.id}-{number}", TargetKeyId=key.id)
    with pytest.raises(KmsError, match="would exceed a quota") as failed:
        kms_of(patient_client(kms)).create_alias(key.arn, f"alias/quota-{key.id}")
    assert (failed.value.code, failed.value.status) == ("LimitExceededException", 400)
    assert _calls(emulator, "CreateAlias", key) == 51


def test_throttling_is_repeated(kms: Any, emulator: Emulator) -> None:
    key = ExternalKey.create(kms)
    emulator.control.faults([{"operation": "DescribeKey", "error": "ThrottlingException", "times": 2}])
    assert kms_of(patient_client(kms)).describe_key(key.arn).metadata["Arn"] == key.arn


def _calls(emulator: Emulator, operation: str, key: ExternalKey) -> int:
    return sum(
        (call["operation"], call["key"]) in ((operation, key.arn), (operation, key.id))
        for call in emulator.control.calls()
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [("<html>Log in</html>", 200), ("{}", 200), ("[]", 400), ("[]", 200), ("<html>", 403), ("", 503)],
)
def test_what_is_no_answer_of_kms_is_a_sentence(kms: Any, emulator: Emulator, body: str, status: int) -> None:
    key = ExternalKey.create(kms)
    _always(emulator, "DescribeKey", {"body": body, "status": status})
    with pytest.raises(KmsError) as failed:
        Kms(kms).describe_key(key.arn)
    assert key.arn in failed.value.sentence
    assert "proxy" in failed.value.sentence
    assert "html" not in failed.value.sentence
    assert not failed.value.unreadable


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failing_server_may_have_created_the_key(kms: Any, emulator: Emulator, status: int) -> None:
    _always(emulator, "CreateKey", {"body": _HTML, "status": status})
    with pytest.raises(KmsError) as failed:
        Kms(kms).create_key("alias/payments", Origin="EXTERNAL")
    assert failed.value.uncertain


def test_what_was_sent_is_not_quoted(kms: Any, emulator: Emulator) -> None:
    secret = new_material(SYMMETRIC)
    quoted = base64.b64encode(secret).decode()
    message = f"Value '{quoted}' at 'encryptedKeyMaterial'\nfailed to satisfy a constraint"
    _always(emulator, "ImportKeyMaterial", {"error": "ValidationException", "message": message})
    with pytest.raises(KmsError, match="failed to satisfy") as failed:
        Kms(kms).import_key_material("1234", EncryptedKeyMaterial=secret, ImportToken=secret)
    assert quoted not in repr((failed.value.sentence, failed.value.to_json()))
    assert "\n" not in failed.value.sentence


def test_a_header_is_not_quoted(kms: Any) -> None:
    """The HTTP client quotes a header with a line break, and the session token is in one."""
    client = boto3.client(
        "kms",
        region_name="us-east-1",
        endpoint_url=kms.meta.endpoint_url,
        aws_access_key_id="111122223333",
        aws_secret_access_key="not-a-secret",
        aws_session_token="SESSIONTOKEN\n",
        config=client_config(),
    )
    with pytest.raises(KmsError) as failed:
        Kms(client).describe_key("alias/payments")
    assert failed.value.code == "HTTPClientError"
    assert "SESSIONTOKEN" not in repr((failed.value.sentence, failed.value.to_json()))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"error": "ValidationException", "message": "no"}, "KMS reports: no"),
        ({"error": "ThrottlingException", "message": "no"}, "KMS reports: no"),
        ({"error": "InvalidSignatureException", "message": "no"}, "AWS reports: no"),
        ({"error": "UnrecognizedClientException", "message": "no"}, "AWS reports: no"),
        ({"error": "InvalidAction", "message": "no"}, "The endpoint reports: no"),
        ({"drop": True}, "botocore reports: Connection was closed"),
    ],
)
def test_who_said_it(kms: Any, emulator: Emulator, fault: dict[str, Any], said: str) -> None:
    key = ExternalKey.create(kms)
    _always(emulator, "DescribeKey", fault)
    with pytest.raises(KmsError) as failed:
        Kms(kms).describe_key(key.arn)
    assert f" {said}" in failed.value.sentence


def test_a_failure_that_is_no_error_of_kms_ends_a_report(kms: Any) -> None:
    """A denied read concerns one key. Missing credentials concern all keys."""
    ExternalKey.create(kms)

    def no_credentials(**_others: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")

    client = patient_client(kms)
    client.meta.events.register("request-created.kms.DescribeKey", no_credentials)
    with pytest.raises(CloudKeysError, match="AssumeRole") as failed:
        info(client, key_ids=["alias/payments"])
    assert not isinstance(failed.value, KmsError)
