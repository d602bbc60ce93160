# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account of credentials, as AWS STS documents it, and keys of different accounts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from support.external_key import ExternalKey

from .answers import refused

if TYPE_CHECKING:
    from support.emulator import Control, Emulator

INVALID_TOKEN = "The security token included in the request is invalid."
ONE, OTHER = "111122223333", "444455556666"


def client(emulator: Emulator, service: str, region: str = "eu-central-1", **credentials: str) -> Any:
    """:param credentials: the credentials of an AssumeRole answer, or only an access key."""
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=emulator.url,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials.get("SecretAccessKey", "not-a-secret"),
        aws_session_token=credentials.get("SessionToken"),
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
    )


def assumed(emulator: Emulator, account: str, session: str = "night", by: str = ONE) -> dict[str, Any]:
    """Return the answer of AssumeRole."""
    sts = client(emulator, "sts", AccessKeyId=by)
    arn = f"arn:aws:iam::{account}:role/KeyImporter"
    answer: dict[str, Any] = sts.assume_role(RoleArn=arn, RoleSessionName=session)
    return answer


def credentials_of(emulator: Emulator, account: str) -> dict[str, str]:
    given = assumed(emulator, account)["Credentials"]
    return {name: given[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}


@pytest.mark.parametrize(
    ("access_key", "region", "account", "arn"),
    [
        (ONE, "eu-central-1", ONE, f"arn:aws:iam::{ONE}:user/Delegated"),
        ("AKIAEMULATOR00000000", "us-east-1", "123456789012", "arn:aws:iam::123456789012:user/Delegated"),
        (ONE, "cn-north-1", ONE, f"arn:aws-cn:iam::{ONE}:user/Delegated"),
        (ONE, "us-gov-west-1", ONE, f"arn:aws-us-gov:iam::{ONE}:user/Delegated"),
    ],
)
def test_the_caller_of_an_access_key(emulator: Emulator, access_key: str, region: str, account: str, arn: str) -> None:
    """Documented: GetCallerIdentity (API Reference), example 1. The partition depends on the Region."""
    answer = client(emulator, "sts", region, AccessKeyId=access_key).get_caller_identity()
    assert (answer["Account"], answer["Arn"]) == (account, arn)
    assert answer["UserId"]


def test_the_caller_of_a_role(emulator: Emulator) -> None:
    """Documented: GetCallerIdentity, example 2; AssumeRole, whose answer has the same ARN and a default of one hour."""
    answer = assumed(emulator, OTHER)
    given = answer["Credentials"]
    assert given["AccessKeyId"].startswith("ASIA")
    left = given["Expiration"] - datetime.now(UTC)
    assert timedelta(minutes=55) < left <= timedelta(hours=1)
    caller = client(emulator, "sts", **credentials_of(emulator, OTHER)).get_caller_identity()
    assert caller["Account"] == OTHER
    assert caller["Arn"] == answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{OTHER}:assumed-role/KeyImporter/night"


def test_the_credentials_of_a_role_act_in_its_account(emulator: Emulator) -> None:
    """Keys of different accounts are separate, by ID and by alias."""
    kms = client(emulator, "kms", **credentials_of(emulator, OTHER))
    key = ExternalKey.create(kms)
    kms.create_alias(AliasName="alias/payments", TargetKeyId=key.id)
    assert key.arn.split(":")[4] == OTHER
    own = client(emulator, "kms", AccessKeyId=ONE)
    with refused("NotFoundException", f"Key 'arn:aws:kms:eu-central-1:{ONE}:key/{key.id}' does not exist"):
        own.describe_key(KeyId=key.id)
    with refused("NotFoundException", f"Alias arn:aws:kms:eu-central-1:{ONE}:alias/payments is not found."):
        own.describe_key(KeyId="alias/payments")
    same = client(emulator, "kms", **credentials_of(emulator, OTHER))
    assert same.describe_key(KeyId="alias/payments")["KeyMetadata"]["Arn"] == key.arn


@pytest.mark.parametrize(
    "wrong", [{"SessionToken": "another"}, {"SessionToken": ""}, {"AccessKeyId": "ASIA" + "A" * 16}]
)
def test_role_credentials_require_all_three_parts(emulator: Emulator, wrong: dict[str, str]) -> None:
    """Documented: "Using temporary credentials": every request contains the session token. The texts are AWS's."""
    credentials = {**credentials_of(emulator, OTHER), **wrong}
    with refused("UnrecognizedClientException", INVALID_TOKEN):
        client(emulator, "kms", **credentials).list_keys()
    with refused("InvalidClientTokenId", INVALID_TOKEN, status=403):
        client(emulator, "sts", **credentials).get_caller_identity()


def test_a_role_may_assume_another(emulator: Emulator) -> None:
    """Documented: "role chaining" (IAM User Guide)."""
    first = client(emulator, "sts", **credentials_of(emulator, ONE))
    arn = f"arn:aws:iam::{OTHER}:role/ops/KeyImporter"
    assert first.assume_role(RoleArn=arn, RoleSessionName="next")["AssumedRoleUser"]["Arn"].endswith(
        "/KeyImporter/next"
    )


def test_sts_refusals(emulator: Emulator) -> None:
    sts = client(emulator, "sts", AccessKeyId=ONE)
    with refused("InvalidAction", "Could not find operation GetSessionToken for version 2011-06-15"):
        sts.get_session_token()
    with pytest.raises(sts.exceptions.ClientError) as caught:
        assumed(emulator, OTHER, session="x" * 65)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert "roleSessionName" in caught.value.response["Error"]["Message"]


def test_sts_can_be_denied_and_fail(emulator: Emulator, control: Control) -> None:
    sts = client(emulator, "sts", AccessKeyId=ONE)
    role = f"arn:aws:iam::{OTHER}:role/KeyImporter"
    control.denied(["GetCallerIdentity", {"operation": "AssumeRole", "key": OTHER}])
    denied = (
        f"User: arn:aws:iam::{ONE}:user/Delegated is not authorized to perform: sts:%s on resource: %s with an explicit"
        " deny in an identity-based policy"
    )
    with refused("AccessDenied", denied % ("GetCallerIdentity", "*"), status=403):
        sts.get_caller_identity()
    with refused("AccessDenied", denied % ("AssumeRole", role), status=403):
        assumed(emulator, OTHER)
    assert assumed(emulator, ONE)["AssumedRoleUser"]
    control.denied([])
    control.faults([{"operation": "GetCallerIdentity", "drop": True}])
    with pytest.raises(ConnectionClosedError):
        sts.get_caller_identity()
    control.faults(
        [{"operation": "GetCallerIdentity", "error": "ServiceUnavailable", "message": "Later.", "status": 503}]
    )
    with refused("ServiceUnavailable", "Later.", status=503):
        sts.get_caller_identity()


def test_the_log_contains_the_account(emulator: Emulator, control: Control) -> None:
    kms = client(emulator, "kms", **credentials_of(emulator, OTHER))
    kms.list_keys()
    asked = [(call["operation"], call["account"], call["key"]) for call in control.calls()[-2:]]
    role = f"arn:aws:iam::{OTHER}:role/KeyImporter"
    assert asked == [("AssumeRole", ONE, role), ("ListKeys", OTHER, None)]
