# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KMS returns a key policy that is equivalent to the given one, but written differently."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.external_key import ExternalKey
from support.materials import new_material

from .answers import UNSOURCED, refused

if TYPE_CHECKING:
    from support.emulator import ClientFor

OTHER_ACCOUNT = "444455556666"
ALICE, BOB = (f"arn:aws:iam::{OTHER_ACCOUNT}:user/{name}" for name in ("alice", "bob"))


def statement(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*", **more}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def read_back(key: ExternalKey, *statements: dict[str, Any]) -> list[dict[str, Any]]:
    key.kms.put_key_policy(KeyId=key.arn, Policy=policy(*statements))
    return list(json.loads(key.kms.get_key_policy(KeyId=key.arn)["Policy"])["Statement"])


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_an_account_comes_back_as_its_arn(kms_in: ClientFor, region: str, partition: str) -> None:
    """Documented: IAM User Guide, Principal: "the service might convert it to the principal ARN". Reported for KMS:
    hashicorp/terraform-provider-aws, issues of aws_kms_key.
    """
    key = ExternalKey.create(kms_in(region))
    (given,) = read_back(key, statement({"AWS": OTHER_ACCOUNT}))
    assert given["Principal"] == {"AWS": f"arn:{partition}:iam::{OTHER_ACCOUNT}:root"}


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1"])
def test_the_default_key_policy_names_the_account_in_its_partition(kms_in: ClientFor, region: str) -> None:
    """Documented: Default key policy; its form is observed: stackd multi_region.json, ReplicaPolicy."""
    key = ExternalKey.create(kms_in(region))
    account = key.arn.split(":")[4]
    shown = json.loads(key.kms.get_key_policy(KeyId=key.arn)["Policy"])
    (given,) = shown["Statement"]
    assert given["Principal"] == {"AWS": f"arn:{key.arn.split(':')[1]}:iam::{account}:root"}


def test_a_list_of_one_comes_back_as_that_one(kms: Any) -> None:
    """Documented: IAM User Guide, Grammar: "the brackets are optional". According to hashicorp/awspolicyequivalence,
    AWS's endpoints omit them.
    """
    (given,) = read_back(
        ExternalKey.create(kms),
        statement(
            {"AWS": [ALICE]},
            Action=["kms:Decrypt"],
            Resource=["*"],
            Condition={"StringEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com"]}},
        ),
    )
    assert given["Principal"] == {"AWS": ALICE}
    assert (given["Action"], given["Resource"]) == ("kms:Decrypt", "*")
    assert given["Condition"] == {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}


def test_statements_are_a_list_even_when_there_is_one(kms: Any) -> None:
    """Observed: stackd multi_region.json, ReplicaPolicy."""
    key = ExternalKey.create(kms)
    single = json.dumps({"Version": "2012-10-17", "Statement": statement({"AWS": ALICE})})
    key.kms.put_key_policy(KeyId=key.arn, Policy=single)
    assert isinstance(json.loads(key.kms.get_key_policy(KeyId=key.arn)["Policy"])["Statement"], list)


def test_the_order_of_principals_is_not_kept(kms: Any) -> None:
    """Observed: aws/aws-cli, issue 9456 (GetKeyPolicy returns them in random order); the emulator reverses them."""
    key = ExternalKey.create(kms)
    for given in ([ALICE, BOB], [BOB, ALICE]):
        (shown,) = read_back(key, statement({"AWS": given}))
        assert shown["Principal"]["AWS"] == given[::-1]


def test_the_layout_of_a_policy(kms: Any) -> None:
    """Observed: stackd multi_region.json, ReplicaPolicy: several lines, with a space before each colon."""
    text = kms.get_key_policy(KeyId=ExternalKey.create(kms).arn)["Policy"]
    assert text.startswith(
        '{\n  "Version" : "2012-10-17",\n  "Id" : "key-default-1",\n  "Statement" : [ {\n    "Sid" : '
    )


def test_the_policy_of_a_new_key_and_of_a_replica_come_back_in_the_same_way(kms: Any) -> None:
    """Documented: CreateKey, ReplicateKey: Policy."""
    given = policy(statement({"AWS": [OTHER_ACCOUNT]}))
    arn = f"arn:aws:iam::{OTHER_ACCOUNT}:root"
    key = ExternalKey.imported(kms, MultiRegion=True, Policy=given)
    shown = json.loads(kms.get_key_policy(KeyId=key.arn)["Policy"])["Statement"][0]
    assert shown["Principal"] == {"AWS": arn}
    answer = kms.replicate_key(KeyId=key.arn, ReplicaRegion="eu-west-1", Policy=given)
    assert json.loads(answer["ReplicaPolicy"])["Statement"][0]["Principal"] == {"AWS": arn}


@pytest.mark.parametrize("text", ["not json", "[]", '"x"', "{}"])
def test_an_invalid_policy_is_refused(kms: Any, text: str) -> None:
    """Documented: MalformedPolicyDocumentException, of each operation that accepts a policy."""
    key = ExternalKey.imported(kms, MultiRegion=True)
    with refused("MalformedPolicyDocumentException", UNSOURCED):
        kms.put_key_policy(KeyId=key.arn, Policy=text)
    with refused("MalformedPolicyDocumentException", UNSOURCED):
        kms.create_key(Origin="EXTERNAL", Policy=text)
    with refused("MalformedPolicyDocumentException", UNSOURCED):
        kms.replicate_key(KeyId=key.arn, ReplicaRegion="eu-west-1", Policy=text)


@pytest.mark.parametrize(
    ("action", "denied"),
    [
        ("kms:ImportKeyMaterial", True),
        ("KMS:import*", True),
        (["kms:DescribeKey", "kms:ImportKeyMaterial"], True),
        ("kms:*", True),
        ("kms:GetParametersForImport", False),
        ("s3:*", False),
    ],
    ids=["by name", "wildcard", "list", "all", "another", "another service"],
)
def test_what_a_key_policy_denies_everyone_is_refused(kms: Any, action: Any, denied: bool) -> None:
    """Documented: IAM User Guide, "Policy evaluation logic" (an explicit deny overrides any allow), "Grammar" (names of
    actions are case-insensitive), and "Troubleshoot access denied error messages" for the message.
    """
    key = ExternalKey.create(kms)
    parameters = key.parameters()
    statements = (statement({"AWS": "*"}), statement({"AWS": "*"}, Effect="Deny", Action=action))
    kms.put_key_policy(KeyId=key.arn, Policy=policy(*statements))
    if not denied:
        key.put(new_material(key.spec), parameters=parameters)
        return
    said = (
        f"User: arn:aws:iam::{key.arn.split(':')[4]}:user/Delegated is not authorized to perform: kms:ImportKeyMaterial"
        f" on resource: {key.arn} with an explicit deny in a resource-based policy"
    )
    with refused("AccessDeniedException", said):
        key.put(new_material(key.spec), parameters=parameters)


@pytest.mark.parametrize(
    "more",
    [{"Principal": {"AWS": ALICE}}, {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}],
    ids=["of somebody", "under a condition"],
)
def test_other_denials_are_not_evaluated(kms: Any, more: dict[str, Any]) -> None:
    """A limit of the emulator; see its README."""
    key = ExternalKey.create(kms)
    everything = statement("*", Effect="Deny")
    kms.put_key_policy(KeyId=key.arn, Policy=policy({**everything, **more}))
    assert key.state == "PendingImport"
