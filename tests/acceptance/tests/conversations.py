# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of KMS that are recorded as those of a run are, without its processes."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError
from support.emulator import Emulator
from support.materials import SYMMETRIC, new_material
from support.wrapping import wrap

from acceptance import record
from acceptance.clean_up import TAG
from acceptance.recorder import cloudkeys_recorder as recorder

RUN, REGION, REPLICA_REGION = "20261129-0123abcd", "us-east-1", "us-west-2"
ALGORITHM = "RSAES_OAEP_SHA_256"
ALIAS = f"alias/cloudkeys-acceptance-{RUN}-main"
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*"}]}'


class Conversation:
    """:param folder: of the journal."""

    def __init__(self, emulator: Emulator, account: str, folder: Path) -> None:
        self.emulator, self.account, self.folder = emulator, account, folder
        (folder / recorder.KEY).write_bytes(b"k" * 32)

    def call(self, operation: str, region: str = REGION, **request: Any) -> dict[str, Any]:
        """An answer; that of a refusal is empty."""
        client = self.emulator.client(region, self.account)
        method: Callable[..., Any] = getattr(client, xform_name(operation))
        try:
            answer: dict[str, Any] = recorder.recorded(lambda: method(**request), client.meta, operation, request)
        except ClientError:
            return {}
        return answer

    def create(self, spec: str = SYMMETRIC, usage: str = "ENCRYPT_DECRYPT", **more: Any) -> str:
        request = {"Origin": "EXTERNAL", "KeySpec": spec, "KeyUsage": usage, **more}
        created = self.call("CreateKey", Tags=[{"TagKey": TAG, "TagValue": RUN}], **request)
        return str(created["KeyMetadata"]["Arn"])

    def put(self, arn: str, material: bytes, region: str = REGION, spec: str = "RSA_2048", **request: Any) -> None:
        parameters = self.call(
            "GetParametersForImport", region, KeyId=arn, WrappingAlgorithm=ALGORITHM, WrappingKeySpec=spec
        )
        encrypted = wrap(ALGORITHM, parameters["PublicKey"], material)
        self.call(
            "ImportKeyMaterial",
            region,
            KeyId=arn,
            EncryptedKeyMaterial=encrypted,
            ImportToken=parameters["ImportToken"],
            **({"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"} | request),
        )

    def published(self) -> list[record.Call]:
        journal = record.read_journal(self.folder / recorder.JOURNAL)
        return record.publishable(journal, RUN, self.account)


def symmetric(talk: Conversation) -> bytes:
    """The life of a symmetric key, with refusals. Returns its key material."""
    material, when = new_material(SYMMETRIC), talk.emulator.now() + 30 * talk.emulator.day
    arn = talk.create()
    talk.call("CreateAlias", AliasName=ALIAS, TargetKeyId=arn)
    talk.put(arn, material, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=when, KeyMaterialDescription="first")
    talk.call("DescribeKey", KeyId=ALIAS)
    encrypted = talk.call("Encrypt", KeyId=arn, Plaintext=b"twelve bytes")["CiphertextBlob"]
    talk.put(arn, new_material(SYMMETRIC), ImportType="EXISTING_KEY_MATERIAL")
    talk.call("ImportKeyMaterial", KeyId=arn, EncryptedKeyMaterial=b"x" * 256, ImportToken=b"y", ExpirationModel="x")
    talk.call("DeleteImportedKeyMaterial", KeyId=arn)
    talk.call("Decrypt", KeyId=arn, CiphertextBlob=encrypted)
    talk.put(arn, material)
    talk.call("Decrypt", KeyId=arn, CiphertextBlob=encrypted)
    talk.put(arn, new_material(SYMMETRIC), ImportType="NEW_KEY_MATERIAL")
    talk.call("RotateKeyOnDemand", KeyId=arn)
    for _time in range(2):
        talk.call("ListKeyRotations", KeyId=arn, IncludeKeyMaterial="ALL_KEY_MATERIAL")
        talk.call("GetKeyRotationStatus", KeyId=arn)
        talk.emulator.finish_rotation()
    talk.call("ListAliases", Limit=100)
    talk.call("ListKeys", Limit=1000)
    talk.call("PutKeyPolicy", KeyId=arn, PolicyName="default", Policy=POLICY)
    talk.call("GetKeyPolicy", KeyId=arn)
    talk.call("DisableKey", KeyId=arn)
    talk.call("DescribeKey", KeyId=arn)
    talk.call("ListResourceTags", KeyId=arn)
    talk.call("DeleteAlias", AliasName=ALIAS)
    talk.call("ScheduleKeyDeletion", KeyId=arn, PendingWindowInDays=7)
    talk.call("DescribeKey", KeyId=arn)
    return material


def asymmetric(talk: Conversation) -> bytes:
    """An HMAC key and an elliptic-curve key. Returns the key material of the first."""
    material = new_material("HMAC_256")
    arn = talk.create("HMAC_256", "GENERATE_VERIFY_MAC")
    talk.put(arn, material)
    message = b"m" * 32
    # As the collection recognizes key material: by a MAC of its own.
    ours = hmac.digest(material, message, "sha256")
    talk.call("VerifyMac", KeyId=arn, Message=message, Mac=ours, MacAlgorithm="HMAC_SHA_256")
    mac = talk.call("GenerateMac", KeyId=arn, Message=message, MacAlgorithm="HMAC_SHA_256")["Mac"]
    talk.call("VerifyMac", KeyId=arn, Message=message, Mac=mac, MacAlgorithm="HMAC_SHA_256")
    talk.call("VerifyMac", KeyId=arn, Message=message, Mac=b"n" * 32, MacAlgorithm="HMAC_SHA_256")
    arn = talk.create("ECC_NIST_P256", "SIGN_VERIFY")
    talk.put(arn, new_material("ECC_NIST_P256"))
    talk.call("GetPublicKey", KeyId=arn)
    signed: dict[str, Any] = {"KeyId": arn, "Message": message, "SigningAlgorithm": "ECDSA_SHA_256"}
    talk.call("Verify", Signature=talk.call("Sign", **signed)["Signature"], **signed)
    return material


def multi_region(talk: Conversation) -> None:
    material, arn = new_material(SYMMETRIC), talk.create(MultiRegion=True)
    talk.put(arn, material)
    talk.call("ReplicateKey", KeyId=arn, ReplicaRegion=REPLICA_REGION)
    talk.emulator.settle()
    there = arn.replace(REGION, REPLICA_REGION)
    talk.put(there, material, REPLICA_REGION)
    talk.call("DescribeKey", REPLICA_REGION, KeyId=there)
    talk.call("DescribeKey", KeyId=arn)
