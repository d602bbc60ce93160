# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key identifiers: key ID, key ARN, alias name, and alias ARN, and the operations that accept them."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from support.external_key import ExternalKey
from support.materials import SYMMETRIC

from .answers import UNSOURCED, refused

if TYPE_CHECKING:
    from support.emulator import ClientFor, Emulator

PARAMETERS = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
IMPORT = {
    "EncryptedKeyMaterial": b"ciphertext",
    "ImportToken": b"token",
    "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
}
POLICY = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": []}), "BypassPolicyLockoutSafetyCheck": True}

#: Operations that accept only a key ID or key ARN, with the other parameters (API reference, KeyId of each).
KEY_ONLY: dict[str, dict[str, Any]] = {
    "get_parameters_for_import": PARAMETERS,
    "import_key_material": IMPORT,
    "delete_imported_key_material": {},
    "list_key_rotations": {},
    "get_key_rotation_status": {},
    "rotate_key_on_demand": {},
    "enable_key_rotation": {},
    "disable_key_rotation": {},
    "enable_key": {},
    "disable_key": {},
    "schedule_key_deletion": {},
    "cancel_key_deletion": {},
    "replicate_key": {"ReplicaRegion": "us-west-2"},
    "update_primary_region": {"PrimaryRegion": "us-west-2"},
    "tag_resource": {"Tags": [{"TagKey": "name", "TagValue": "value"}]},
    "untag_resource": {"TagKeys": ["name"]},
    "list_resource_tags": {},
    "put_key_policy": POLICY,
    "get_key_policy": {},
    "update_key_description": {"Description": "new"},
}


def with_alias(key: ExternalKey) -> tuple[str, str]:
    """Create an alias of the key. Return its name and its ARN."""
    name = f"alias/{uuid.uuid4()}"
    key.kms.create_alias(AliasName=name, TargetKeyId=key.id)
    return name, f"{key.arn.rsplit(':', 1)[0]}:{name}"


@pytest.mark.parametrize("form", ["name", "arn"])
@pytest.mark.parametrize("operation", KEY_ONLY)
def test_operations_on_the_key_itself_take_no_alias(kms: Any, operation: str, form: str) -> None:
    """Documented: API reference, KeyId of each; observed for rotation operations, ReplicateKey and UpdatePrimaryRegion
    (stackd rotation.json, multi_region.json); assumed for the others.
    """
    name, arn = with_alias(ExternalKey.imported(kms))
    with refused("InvalidArnException", "Key Aliases are not supported for this operation."):
        getattr(kms, operation)(KeyId=name if form == "name" else arn, **KEY_ONLY[operation])


@pytest.mark.parametrize("form", ["id", "key ARN", "alias name", "alias ARN"])
def test_describe_key_takes_every_form(kms: Any, form: str) -> None:
    """Documented: DescribeKey, KeyId. The answer contains the key ID without a prefix, and the key ARN."""
    key = ExternalKey.create(kms)
    name, arn = with_alias(key)
    given = {"id": key.id, "key ARN": key.arn, "alias name": name, "alias ARN": arn}[form]
    metadata = kms.describe_key(KeyId=given)["KeyMetadata"]
    assert (metadata["KeyId"], metadata["Arn"]) == (key.id, key.arn)


@pytest.mark.parametrize("form", ["alias name", "alias ARN"])
@pytest.mark.parametrize(
    ("operation", "spec", "usage", "request_"),
    [
        ("get_public_key", "ECC_NIST_P256", "SIGN_VERIFY", {}),
        ("encrypt", SYMMETRIC, "ENCRYPT_DECRYPT", {"Plaintext": b"text"}),
        ("generate_data_key", SYMMETRIC, "ENCRYPT_DECRYPT", {"KeySpec": "AES_256"}),
        ("sign", "ECC_NIST_P256", "SIGN_VERIFY", {"Message": b"text", "SigningAlgorithm": "ECDSA_SHA_256"}),
        ("generate_mac", "HMAC_256", "GENERATE_VERIFY_MAC", {"Message": b"text", "MacAlgorithm": "HMAC_SHA_256"}),
    ],
)
def test_use_takes_an_alias(
    kms: Any, operation: str, spec: str, usage: str, request_: dict[str, Any], form: str
) -> None:
    """Documented: Use aliases in your applications. The answer's KeyId is the key ARN."""
    key = ExternalKey.imported(kms, spec, usage)
    name, arn = with_alias(key)
    answer = getattr(kms, operation)(KeyId=name if form == "alias name" else arn, **request_)
    assert answer["KeyId"] == key.arn


def test_an_alias_can_name_a_key_without_material(kms: Any) -> None:
    """Documented: Key states page, CreateAlias in PendingImport."""
    key = ExternalKey.create(kms)
    name, _arn = with_alias(key)
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyState"] == "PendingImport"


def test_an_alias_can_move_to_another_key(kms: Any) -> None:
    """Documented: Rotate keys manually, UpdateAlias: the way for HMAC and asymmetric keys."""
    old, new = ExternalKey.imported(kms, "HMAC_256"), ExternalKey.imported(kms, "HMAC_256")
    name, _arn = with_alias(old)
    kms.update_alias(AliasName=name, TargetKeyId=new.id)
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"] == new.arn


@pytest.mark.parametrize("operation", ["UpdateAlias", "DeleteAlias"])
def test_alias_operations_require_permission_on_the_key(kms: Any, emulator: Emulator, operation: str) -> None:
    """Documented: UpdateAlias and DeleteAlias, Required permissions; UpdateAlias needs them on both keys."""
    old, new = ExternalKey.imported(kms, "HMAC_256"), ExternalKey.imported(kms, "HMAC_256")
    name, _arn = with_alias(old)
    for key in (old, new):
        emulator.control.denied([{"operation": operation, "key": key.id}])
        if operation == "UpdateAlias":
            with refused("AccessDeniedException", UNSOURCED):
                kms.update_alias(AliasName=name, TargetKeyId=new.id)
        elif key is old:
            with refused("AccessDeniedException", UNSOURCED):
                kms.delete_alias(AliasName=name)
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"] == old.arn


def test_an_alias_name_is_unique(kms: Any) -> None:
    """Documented: CreateAlias, AlreadyExistsException; text not sourced."""
    name, _arn = with_alias(ExternalKey.create(kms))
    other = ExternalKey.create(kms)
    with refused("AlreadyExistsException", UNSOURCED):
        kms.create_alias(AliasName=name, TargetKeyId=other.id)


def test_deleting_a_key_deletes_its_aliases(emulator: Emulator) -> None:
    """Documented: DeleteAlias; Delete AWS KMS keys. The name can be used again."""
    kms = emulator.client(account_key="333333333333")
    key, other = ExternalKey.create(kms), ExternalKey.create(kms)
    name, _arn = with_alias(key)
    kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7)
    emulator.advance(days=8)
    assert key.id not in [entry["KeyId"] for entry in kms.list_keys()["Keys"]]
    assert name not in [entry["AliasName"] for entry in kms.list_aliases()["Aliases"]]
    kms.create_alias(AliasName=name, TargetKeyId=other.id)
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"] == other.arn


def test_aliases_are_listed_by_the_page(emulator: Emulator) -> None:
    """Documented: ListAliases, Limit and Marker: 50 per page by default."""
    kms = emulator.client(account_key="444444444444")
    names = {with_alias(ExternalKey.create(kms))[0] for _number in range(60)}
    first = kms.list_aliases()
    assert (len(first["Aliases"]), first["Truncated"]) == (50, True)
    pages = kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 7})
    listed = [entry["AliasName"] for page in pages for entry in page["Aliases"]]
    assert len(listed) == len(set(listed))
    assert {name for name in listed if not name.startswith("alias/aws/")} == names


@pytest.mark.parametrize("operation", ["create_alias", "update_alias", "delete_alias"])
def test_alias_names_of_aws_are_reserved(kms: Any, operation: str) -> None:
    """Documented: CreateAlias, "The alias/aws/ prefix is reserved"; the error code is moto's."""
    target = {} if operation == "delete_alias" else {"TargetKeyId": ExternalKey.create(kms).id}
    with refused("NotAuthorizedException", UNSOURCED):
        getattr(kms, operation)(AliasName="alias/aws/ebs", **target)


def test_a_key_has_at_most_50_aliases(kms: Any) -> None:
    """Documented: Resource quotas; LimitExceededException, text not sourced."""
    key = ExternalKey.create(kms)
    for _number in range(50):
        with_alias(key)
    with refused("LimitExceededException", UNSOURCED):
        with_alias(key)


def test_an_unknown_id(kms: Any) -> None:
    """Observed: stackd multi_region.json, cleanup_followup: the message contains the ARN of the request."""
    arn = ExternalKey.create(kms).arn.rsplit("/", 1)[0] + "/" + str(uuid.uuid4())
    for given in (arn, arn.rsplit("/", 1)[1]):
        with refused("NotFoundException", f"Key '{arn}' does not exist"):
            kms.describe_key(KeyId=given)
        with refused("NotFoundException", f"Key '{arn}' does not exist"):
            kms.get_parameters_for_import(KeyId=given, **PARAMETERS)


def test_an_unknown_alias(kms: Any) -> None:
    """Documented: DescribeKey, NotFoundException; text not sourced."""
    with refused("NotFoundException", UNSOURCED):
        kms.describe_key(KeyId=f"alias/{uuid.uuid4()}")


@pytest.mark.parametrize("operation", ["describe_key", "get_parameters_for_import", "delete_imported_key_material"])
def test_an_invalid_key_id(kms: Any, operation: str) -> None:
    """Observed: stackd and localstack captures, "Invalid keyId 'x'"."""
    with refused("NotFoundException", "Invalid keyId 'no-such-key'"):
        getattr(kms, operation)(KeyId="no-such-key", **KEY_ONLY.get(operation, {}))


@pytest.mark.parametrize("operation", ["describe_key", "get_parameters_for_import", "delete_imported_key_material"])
def test_the_arn_of_another_region(kms: Any, kms_in: ClientFor, operation: str) -> None:
    """Observed: stackd and localstack captures: an InvalidArnException that names the Region of the ARN."""
    key = ExternalKey.create(kms)
    with refused("InvalidArnException", "Invalid arn us-east-1"):
        getattr(kms_in("eu-west-1"), operation)(KeyId=key.arn, **KEY_ONLY.get(operation, {}))


def test_imports_into_keys_of_another_account_are_refused(kms: Any, other_account: Any) -> None:
    """Documented: "Cross-account use: No" for the import operations; the error is assumed."""
    key = ExternalKey.create(kms)
    with refused("NotFoundException", f"Key '{key.arn}' does not exist"):
        other_account.get_parameters_for_import(KeyId=key.arn, **PARAMETERS)
