# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls to KMS return complete responses with KMS's time, or are refused, also in several threads at once."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms import client as code
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import Kms
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.errors import KmsError
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.provenance import Provenance

from ..kms_answers import ARN, METADATA, client_that_gets

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The lengths of the requested pauses. No time passes."""
    made: list[float] = []
    monkeypatch.setattr("time.sleep", made.append)
    return made


def test_an_answer_has_the_time_of_its_date() -> None:
    kms = Kms(client_that_gets(lambda _operation, _parameters: {"KeyMetadata": METADATA}))
    metadata, now = kms.describe_key("alias/payments")
    assert (metadata["Arn"], now) == (ARN, NEW_YEAR)


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_without_a_date_it_is_the_clock_here(date: str | None) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    kms = Kms(client_that_gets(lambda _operation, _parameters: {"KeyMetadata": METADATA}, lambda _request: date))
    now = kms.describe_key(ARN).now
    assert before <= now <= datetime.now(UTC)
    assert now.microsecond == 0


def test_each_thread_gets_the_time_of_its_own_answer() -> None:
    keys = [str(second) for second in range(8)]
    together = threading.Barrier(len(keys))

    def reply(_operation: str, _parameters: dict[str, Any]) -> dict[str, Any]:
        together.wait()
        return {"KeyMetadata": METADATA}

    kms = Kms(client_that_gets(reply, lambda request: f"Fri, 01 Jan 2027 00:00:0{request['KeyId']} GMT"))
    with ThreadPoolExecutor(len(keys)) as pool:
        times = list(pool.map(lambda key: kms.describe_key(key).now, keys))
    assert times == [NEW_YEAR.replace(second=int(key)) for key in keys]


@pytest.mark.parametrize("answer", [{}, {"KeyMetadata": {"KeyId": "1234"}}])
def test_what_lacks_a_member_is_no_answer_of_kms(answer: dict[str, Any]) -> None:
    kms = Kms(client_that_gets(lambda _operation, _parameters: answer))
    with pytest.raises(KmsError, match="is not from KMS") as failed:
        str(kms.describe_key(ARN).metadata["Arn"])
    assert failed.value.uncertain


def test_a_key_of_another_account_is_not_described() -> None:
    """An alias contains no account ID, so the described key can belong to another account."""
    client = client_that_gets(lambda _operation, _parameters: {"KeyMetadata": METADATA})
    assert Kms(client, expected_account=ARN.split(":")[4]).describe_key("alias/payments").metadata["Arn"] == ARN
    with pytest.raises(
        Refusal,
        match=f"^alias/payments: KMS returned the key {ARN}, which is not in the account of expected_account_id,"
        " 444455556666",
    ):
        Kms(client, expected_account="444455556666").describe_key("alias/payments")


def test_a_list_is_read_to_its_end() -> None:
    def reply(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        assert operation == "ListKeys"
        page = int(parameters.get("Marker", 0))
        end = {"Truncated": page < 2, "NextMarker": str(page + 1)}
        return {"Keys": [{"KeyId": str(page)}], **end}

    assert [entry["KeyId"] for entry in Kms(client_that_gets(reply)).list_keys()] == ["0", "1", "2"]


def test_import_parameters_of_a_key_that_kms_does_not_know_everywhere_yet(pauses: list[float]) -> None:
    answers: list[dict[str, Any]] = [
        {"__type": "NotFoundException"},
        {"__type": "KMSInvalidStateException"},
        {"PublicKey": "cA==", "ImportToken": "dA=="},
    ]
    kms = Kms(client_that_gets(lambda _operation, _parameters: answers.pop(0)))
    given = kms.get_parameters_for_import(ARN, "RSAES_OAEP_SHA_256", "RSA_4096")
    assert (given["PublicKey"], given["ImportToken"], given.now) == (b"p", b"t", NEW_YEAR)
    assert pauses == list(code.CONSISTENCY_PAUSES[:2])


def test_what_stays_an_error_is_repeated_for_some_seconds(pauses: list[float]) -> None:
    kms = Kms(client_that_gets(lambda _operation, _parameters: {"__type": "KMSInvalidStateException"}))
    with pytest.raises(KmsError) as failed:
        kms.enable_key(ARN)
    assert failed.value.code == "KMSInvalidStateException"
    assert pauses == list(code.CONSISTENCY_PAUSES)


def test_an_error_that_does_not_pass_is_raised_at_once(pauses: list[float]) -> None:
    kms = Kms(client_that_gets(lambda _operation, _parameters: {"__type": "DisabledException"}))
    with pytest.raises(KmsError):
        kms.enable_key(ARN)
    assert pauses == []


def test_a_key_that_was_seen_enabled_is_replicated_when_kms_knows_so_everywhere(pauses: list[float]) -> None:
    """The same applies to a key policy with a principal that IAM does not return yet."""
    unknown = {"__type": "MalformedPolicyDocumentException", "message": "Policy contains an invalid principal."}
    answers: list[dict[str, Any]] = [
        {"__type": "KMSInvalidStateException"},
        {"__type": "DisabledException"},
        {"__type": "NotFoundException"},
        unknown,
        {"ReplicaKeyMetadata": METADATA},
    ]
    asked: list[dict[str, Any]] = []

    def reply(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        assert operation == "ReplicateKey"
        asked.append(parameters)
        return answers.pop(0)

    assert Kms(client_that_gets(reply)).replicate_key(ARN, ReplicaRegion="eu-west-1")["Arn"] == ARN
    assert asked == [{"KeyId": ARN, "ReplicaRegion": "eu-west-1"}] * 5
    assert pauses == list(code.CONSISTENCY_PAUSES[:4])


def test_a_replica_key_that_exists_is_told_at_once(pauses: list[float]) -> None:
    kms = Kms(client_that_gets(lambda _operation, _parameters: {"__type": "AlreadyExistsException"}))
    with pytest.raises(KmsError) as failed:
        kms.replicate_key(ARN, ReplicaRegion="eu-west-1")
    assert (failed.value.code, pauses) == ("AlreadyExistsException", [])


def test_an_alias_that_exists_is_moved_when_kms_knows_so_everywhere(pauses: list[float]) -> None:
    answers = iter([{"__type": "NotFoundException"}, {}])
    asked: list[dict[str, Any]] = []

    def answer(_operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        asked.append(parameters)
        return next(answers)

    Kms(client_that_gets(answer)).update_alias(ARN, AliasName="alias/payments")
    assert asked == [{"TargetKeyId": ARN, "AliasName": "alias/payments"}] * 2
    assert pauses == [code.CONSISTENCY_PAUSES[0]]


def test_an_alias_that_is_gone_needs_no_deletion(pauses: list[float]) -> None:
    Kms(client_that_gets(lambda _operation, _parameters: {"__type": "NotFoundException"})).delete_alias(
        ARN, AliasName="alias/payments"
    )
    denied = Kms(client_that_gets(lambda _operation, _parameters: {"__type": "AccessDeniedException"}))
    with pytest.raises(KmsError, match="kms:DeleteAlias"):
        denied.delete_alias(ARN, AliasName="alias/payments")
    assert pauses == []


def test_sentences_are_loaded_for_errors_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The target compiles every module that a task imports, and most tasks have no error."""
    sentences = code.__name__.replace("client", "error_sentences")
    monkeypatch.delitem(sys.modules, sentences, raising=False)
    answers: dict[str, dict[str, Any]] = {"DescribeKey": {"KeyMetadata": METADATA}}
    kms = Kms(client_that_gets(lambda operation, _parameters: answers.get(operation, {"__type": "DisabledException"})))
    kms.describe_key(ARN)
    assert sentences not in sys.modules
    with pytest.raises(KmsError):
        kms.enable_key(ARN)
    assert sentences in sys.modules


def test_how_answers_come() -> None:
    client = client_that_gets(lambda _operation, _parameters: {})
    assert Kms(client).provenance == Provenance("https://kms.eu-central-1.amazonaws.com", "verified")
    given = Provenance("https://kms.example.com", "unverified")
    assert Kms(client, provenance=given).provenance is given


@pytest.mark.parametrize("unlimited_patience", [False, True])
def test_a_key_of_another_account_is_refused_however_urgent_it_is(unlimited_patience: bool) -> None:
    kms = Kms(
        client_that_gets(lambda _operation, _parameters: {"KeyMetadata": METADATA}), expected_account="999999999999"
    )
    with pytest.raises(Refusal, match="expected_account_id"):
        (kms.with_unlimited_patience() if unlimited_patience else kms).describe_key(ARN)
