# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every operation in every key state, from the table "Key states of AWS KMS keys", for imported key material."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, new_material, public_key_of
from support.wrapping import wrap

from .answers import refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.emulator import Emulator

REPLICA_REGION: Final = "us-west-2"

#: The notes of the table, as code and message. The page prints "2 or 3"; live KMS answers with 3, see stackd hmac.json.
NOTES: Final = {
    "1": ("DisabledException", r"{arn} is disabled\."),
    "3": ("KMSInvalidStateException", r"{arn} is pending {deletion}\."),
    "4": ("KMSInvalidStateException", r"{arn} is not pending deletion.*"),
    # The page's text continues ("because no key material ..."). The live text does not, see stackd imports.json.
    "5": ("KMSInvalidStateException", r"{arn} is pending import\."),
    "6": ("UnsupportedOperationException", r"{arn} origin is EXTERNAL which is not valid for this operation\."),
    "14": ("KMSInvalidStateException", r"{arn} is creating\."),
    "15": ("KMSInvalidStateException", r"{arn} is updating\."),
}

#: "ok", a note, or "-" if the table has no entry or the case cannot be produced. Live observations take precedence over
#: the page: GetKeyRotationStatus works in PendingImport, GetPublicKey does not, automatic rotation is refused.
#: ImportKeyMaterial in PendingDeletion is assumed to be refused like GetParametersForImport.
#: A key that is Creating is always a replica. That KMS checks its state before its role is assumed.
TABLE: Final = """
                              Enabled  Disabled  PendingDeletion  PendingImport  Creating  Updating
GetParametersForImport        ok       ok        3                ok             14        15
ImportKeyMaterial             ok       ok        3                ok             14        ok
DeleteImportedKeyMaterial     ok       ok        ok               ok             14        15
DescribeKey                   ok       ok        ok               ok             ok        ok
ListKeyRotations              ok       ok        ok               ok             ok        ok
GetKeyRotationStatus          ok       ok        ok               ok             ok        ok
RotateKeyOnDemand             ok       1         3                5              14        ok
EnableKeyRotation             6        1         3                6              14        -
DisableKeyRotation            6        1         3                6              14        -
GetPublicKey                  ok       ok        3                5              14        ok
Encrypt                       ok       1         3                5              14        ok
Decrypt                       ok       1         3                5              14        ok
ReEncrypt                     ok       1         3                5              14        ok
GenerateDataKey               ok       1         3                5              14        ok
GenerateDataKeyWithoutPlaintext ok     1         3                5              14        ok
GenerateMac                   ok       1         3                5              14        ok
VerifyMac                     ok       1         3                5              14        ok
Sign                          ok       1         3                5              14        ok
Verify                        ok       1         3                5              14        ok
DeriveSharedSecret            ok       1         3                5              14        ok
EnableKey                     ok       ok        3                5              14        15
DisableKey                    ok       ok        3                5              14        15
ScheduleKeyDeletion           ok       ok        3                ok             ok        15
CancelKeyDeletion             4        4         ok               4              4         4
ReplicateKey                  ok       1         3                5              14        15
UpdatePrimaryRegion           ok       1         3                5              14        ok
TagResource                   ok       ok        3                ok             ok        ok
UntagResource                 ok       ok        3                ok             ok        ok
UpdateKeyDescription          ok       ok        3                ok             ok        ok
CreateAlias                   ok       ok        3                ok             ok        ok
UpdateAlias                   ok       ok        3                ok             ok        ok
DeleteAlias                   ok       ok        ok               ok             ok        ok
PutKeyPolicy                  ok       ok        ok               ok             ok        ok
GetKeyPolicy                  ok       ok        ok               ok             ok        ok
ListKeyPolicies               ok       ok        ok               ok             ok        ok
ListResourceTags              ok       ok        ok               ok             ok        ok
ListAliases                   ok       ok        ok               ok             ok        ok
ListGrants                    ok       ok        ok               ok             ok        ok
CreateGrant                   ok       1         3                5              14        ok
RevokeGrant                   ok       ok        ok               ok             -         ok
RetireGrant                   ok       ok        ok               ok             -         ok
"""


def cells() -> list[tuple[str, str, str]]:
    """(operation, state, cell) for the whole table. Both kinds of pending deletion share a column."""
    head, *rows = (line.split() for line in TABLE.strip().splitlines())
    found = []
    for operation, *row in rows:
        for state, cell in zip(head, row, strict=True):
            states = ("PendingDeletion", "PendingReplicaDeletion") if state == "PendingDeletion" else (state,)
            found += [(operation, one, cell) for one in states if cell != "-"]
    return found


Ready = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A call of an operation: ``prepare`` runs while the key is usable, ``call`` in the state under test."""

    call: Callable[[ExternalKey, Ready], Any]
    prepare: Callable[[ExternalKey], Ready] = lambda _key: {}
    spec: str = SYMMETRIC
    usage: str = "ENCRYPT_DECRYPT"
    multi_region: bool = False
    with_replica: bool = False
    staged: bool = False


def wrapped_import(key: ExternalKey) -> Ready:
    parameters = key.parameters()
    return {
        "EncryptedKeyMaterial": wrap(parameters["algorithm"], parameters["PublicKey"], key.material),
        "ImportToken": parameters["ImportToken"],
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }


def a_grant(key: ExternalKey) -> Ready:
    account = key.arn.split(":")[4]
    answer = key.kms.create_grant(
        KeyId=key.arn, GranteePrincipal=f"arn:aws:iam::{account}:role/app", Operations=["DescribeKey"]
    )
    return {"GrantId": answer["GrantId"]}


def an_alias_elsewhere(key: ExternalKey) -> Ready:
    """An alias of another key in the same Region, which the call moves to the key under test."""
    other = ExternalKey.create(key.kms)
    name = f"alias/{other.id}"
    key.kms.create_alias(AliasName=name, TargetKeyId=other.id)
    return {"AliasName": name}


def an_alias(key: ExternalKey) -> Ready:
    name = f"alias/of-{key.id}"
    key.kms.create_alias(AliasName=name, TargetKeyId=key.id)
    return {"AliasName": name}


def simple(operation: str, **request: Any) -> Case:
    """A call on the key's ARN that needs no preparation."""
    return Case(lambda key, _ready: getattr(key.kms, operation)(KeyId=key.arn, **request))


def using(operation: str, spec: str, usage: str, **request: Any) -> Case:
    return Case(lambda key, _ready: getattr(key.kms, operation)(KeyId=key.arn, **request), spec=spec, usage=usage)


TEXT: Final = b"message"
P256: Final = "ECC_NIST_P256"

CASES: Final[dict[str, Case]] = {
    "GetParametersForImport": Case(lambda key, _ready: key.parameters()),
    "ImportKeyMaterial": Case(lambda key, ready: key.kms.import_key_material(KeyId=key.arn, **ready), wrapped_import),
    "DeleteImportedKeyMaterial": simple("delete_imported_key_material"),
    "DescribeKey": simple("describe_key"),
    "ListKeyRotations": simple("list_key_rotations", IncludeKeyMaterial="ALL_KEY_MATERIAL"),
    "GetKeyRotationStatus": simple("get_key_rotation_status"),
    "RotateKeyOnDemand": Case(lambda key, _ready: key.kms.rotate_key_on_demand(KeyId=key.arn), staged=True),
    "EnableKeyRotation": simple("enable_key_rotation"),
    "DisableKeyRotation": simple("disable_key_rotation"),
    "GetPublicKey": using("get_public_key", P256, "SIGN_VERIFY"),
    "Encrypt": simple("encrypt", Plaintext=TEXT),
    "Decrypt": Case(
        lambda key, ready: key.kms.decrypt(CiphertextBlob=ready["CiphertextBlob"]),
        lambda key: key.kms.encrypt(KeyId=key.arn, Plaintext=TEXT),
    ),
    "ReEncrypt": Case(
        lambda key, ready: key.kms.re_encrypt(
            CiphertextBlob=ready["CiphertextBlob"], DestinationKeyId=key.kms.create_key()["KeyMetadata"]["Arn"]
        ),
        lambda key: key.kms.encrypt(KeyId=key.arn, Plaintext=TEXT),
    ),
    "GenerateDataKey": simple("generate_data_key", KeySpec="AES_256"),
    "GenerateDataKeyWithoutPlaintext": simple("generate_data_key_without_plaintext", KeySpec="AES_256"),
    "GenerateMac": using("generate_mac", "HMAC_256", "GENERATE_VERIFY_MAC", Message=TEXT, MacAlgorithm="HMAC_SHA_256"),
    "VerifyMac": Case(
        lambda key, ready: key.kms.verify_mac(
            KeyId=key.arn, Message=TEXT, MacAlgorithm="HMAC_SHA_256", Mac=ready["Mac"]
        ),
        lambda key: key.kms.generate_mac(KeyId=key.arn, Message=TEXT, MacAlgorithm="HMAC_SHA_256"),
        spec="HMAC_256",
        usage="GENERATE_VERIFY_MAC",
    ),
    "Sign": using("sign", P256, "SIGN_VERIFY", Message=TEXT, SigningAlgorithm="ECDSA_SHA_256"),
    "Verify": Case(
        lambda key, ready: key.kms.verify(
            KeyId=key.arn, Message=TEXT, SigningAlgorithm="ECDSA_SHA_256", Signature=ready["Signature"]
        ),
        lambda key: key.kms.sign(KeyId=key.arn, Message=TEXT, SigningAlgorithm="ECDSA_SHA_256"),
        spec=P256,
        usage="SIGN_VERIFY",
    ),
    "DeriveSharedSecret": using(
        "derive_shared_secret",
        P256,
        "KEY_AGREEMENT",
        KeyAgreementAlgorithm="ECDH",
        PublicKey=public_key_of(new_material(P256)),
    ),
    "EnableKey": simple("enable_key"),
    "DisableKey": simple("disable_key"),
    "ScheduleKeyDeletion": simple("schedule_key_deletion", PendingWindowInDays=7),
    "CancelKeyDeletion": simple("cancel_key_deletion"),
    "ReplicateKey": Case(
        lambda key, _ready: key.kms.replicate_key(KeyId=key.arn, ReplicaRegion="eu-west-1"), multi_region=True
    ),
    "UpdatePrimaryRegion": Case(
        lambda key, _ready: key.kms.update_primary_region(
            KeyId=key.arn, PrimaryRegion="us-east-1" if REPLICA_REGION in key.arn else REPLICA_REGION
        ),
        multi_region=True,
        with_replica=True,
    ),
    "TagResource": simple("tag_resource", Tags=[{"TagKey": "name", "TagValue": "value"}]),
    "UntagResource": simple("untag_resource", TagKeys=["name"]),
    "UpdateKeyDescription": simple("update_key_description", Description="new"),
    "CreateAlias": Case(lambda key, _ready: an_alias(key)),
    "UpdateAlias": Case(
        lambda key, _ready: key.kms.update_alias(TargetKeyId=key.id, **an_alias_elsewhere(key)),
    ),
    "DeleteAlias": Case(lambda key, ready: key.kms.delete_alias(**ready), an_alias),
    "PutKeyPolicy": Case(lambda key, _ready: key.kms.put_key_policy(KeyId=key.arn, Policy=the_policy(key))),
    "GetKeyPolicy": Case(lambda key, _ready: the_policy(key)),
    "ListKeyPolicies": simple("list_key_policies"),
    "ListResourceTags": simple("list_resource_tags"),
    "ListAliases": simple("list_aliases"),
    "ListGrants": simple("list_grants"),
    "CreateGrant": Case(lambda key, _ready: a_grant(key)),
    "RevokeGrant": Case(lambda key, ready: key.kms.revoke_grant(KeyId=key.arn, **ready), a_grant),
    "RetireGrant": Case(lambda key, ready: key.kms.retire_grant(KeyId=key.arn, **ready), a_grant),
}


def the_policy(key: ExternalKey) -> str:
    return str(key.kms.get_key_policy(KeyId=key.arn)["Policy"])


@dataclass(frozen=True)
class Stage:
    """Puts a key into a state, and prepares the call before that."""

    kms: Any
    emulator: Emulator
    case: Case

    def enter(self, state: str) -> tuple[ExternalKey, Ready]:
        if state in ("PendingReplicaDeletion", "Creating", "Updating"):
            key, ready = getattr(self, f"_{state.lower()}")()
        else:
            key = self._enabled(self.case.multi_region)
            ready = self.case.prepare(key)
            if self.case.with_replica and state != "PendingDeletion":
                self.emulator.replicate(key, REPLICA_REGION).put(key.material)
            self._leave_enabled(key, state)
        assert key.state == state
        return key, ready

    def _leave_enabled(self, key: ExternalKey, state: str) -> None:
        if state == "Disabled":
            self.kms.disable_key(KeyId=key.arn)
        elif state == "PendingDeletion":
            self.kms.schedule_key_deletion(KeyId=key.arn, PendingWindowInDays=7)
        elif state == "PendingImport":
            key.lose_material()

    def _enabled(self, multi_region: bool) -> ExternalKey:
        key = ExternalKey.imported(self.kms, self.case.spec, self.case.usage, MultiRegion=multi_region)
        if self.case.staged:
            first = key.material
            key.stage()
            key.material = first
        return key

    def _pendingreplicadeletion(self) -> tuple[ExternalKey, Ready]:
        key = self._enabled(True)
        ready = self.case.prepare(key)
        self.emulator.replicate(key, REPLICA_REGION)
        self.kms.schedule_key_deletion(KeyId=key.arn, PendingWindowInDays=7)
        return key, ready

    def _creating(self) -> tuple[ExternalKey, Ready]:
        """A replica that was requested just before. Preparations that need a usable key run on the primary key."""
        primary = self._enabled(True)
        replica = self.emulator.request_replica(primary, REPLICA_REGION)
        return replica, self.case.prepare(replica if self.case.prepare is an_alias else primary)

    def _updating(self) -> tuple[ExternalKey, Ready]:
        """The new primary key, directly after UpdatePrimaryRegion."""
        primary = ExternalKey.imported(self.kms, self.case.spec, self.case.usage, MultiRegion=True)
        key = self.emulator.replicate(primary, REPLICA_REGION)
        key.put(primary.material)
        if self.case.staged:
            second = new_material(SYMMETRIC)
            primary.stage(second)
            key.put(second)
        ready = self.case.prepare(key)
        self.kms.update_primary_region(KeyId=primary.arn, PrimaryRegion=REPLICA_REGION)
        return key, ready


@pytest.mark.parametrize(("operation", "state", "cell"), cells())
def test_an_operation_in_a_key_state(kms: Any, emulator: Emulator, operation: str, state: str, cell: str) -> None:
    """Documented: Key states of AWS KMS keys; the comment at the table lists the exceptions from live answers."""
    case = CASES[operation]
    key, ready = Stage(kms, emulator, case).enter(state)
    request = {name: value for name, value in ready.items() if name != "ResponseMetadata"}
    if cell == "ok":
        case.call(key, request)
        return
    code, message = NOTES[cell]
    deletion = "replica deletion" if state == "PendingReplicaDeletion" else "deletion"
    with refused(code, re.compile(message.format(arn=re.escape(key.arn), deletion=deletion))):
        case.call(key, request)


@pytest.mark.parametrize(
    "operation", ["GetPublicKey", "Encrypt", "GenerateMac", "Sign", "EnableKey", "DisableKey", "RotateKeyOnDemand"]
)
def test_a_key_that_never_had_material_is_pending_import_too(kms: Any, operation: str) -> None:
    """Observed for EnableKey and DisableKey: stackd imports.json; the table does not distinguish the two cases.

    No capture contains GetPublicKey. The page allows it; it is assumed to be refused, because no public key exists.
    """
    case = CASES[operation]
    key = ExternalKey.create(kms, case.spec, case.usage)
    with refused("KMSInvalidStateException", f"{key.arn} is pending import."):
        case.call(key, {})


def test_the_table_names_every_case() -> None:
    """The table and the prepared operations are the same."""
    assert {operation for operation, _state, _cell in cells()} == set(CASES)


def test_every_state_can_be_entered(kms: Any, emulator: Emulator) -> None:
    """``Enabled`` of DescribeKey is true in the state Enabled alone. Documented: DescribeKey, Enabled."""
    for state in sorted({state for _operation, state, _cell in cells()}):
        key, _ready = Stage(kms, emulator, CASES["DescribeKey"]).enter(state)
        assert key.describe()["Enabled"] is (state == "Enabled"), state
