# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CreateKey with origin EXTERNAL, and DescribeKey before the first import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.external_key import ExternalKey
from support.materials import IMPORTABLE, OTHER_THAN_SYMMETRIC, SYMMETRIC, USAGES

from .answers import refused

if TYPE_CHECKING:
    from support.emulator import Emulator

SPECS_AND_USAGES = [(spec, usage) for spec in IMPORTABLE for usage in USAGES[spec]]

RSA_SIGNING = [f"RSASSA_{scheme}_SHA_{bits}" for scheme in ("PKCS1_V1_5", "PSS") for bits in (256, 384, 512)]


def algorithms(spec: str, usage: str) -> tuple[str, set[str]]:
    """Return the field of KeyMetadata that lists the algorithms of this spec and usage, and its values."""
    if usage == "ENCRYPT_DECRYPT":
        return "EncryptionAlgorithms", {SYMMETRIC} if spec == SYMMETRIC else {"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"}
    if usage == "GENERATE_VERIFY_MAC":
        return "MacAlgorithms", {spec.replace("HMAC_", "HMAC_SHA_")}
    if usage == "KEY_AGREEMENT":
        return "KeyAgreementAlgorithms", {"ECDH"}
    signing = {
        "ECC_NIST_P256": {"ECDSA_SHA_256"},
        "ECC_NIST_P384": {"ECDSA_SHA_384"},
        "ECC_NIST_P521": {"ECDSA_SHA_512"},
        "ECC_SECG_P256K1": {"ECDSA_SHA_256"},
        "ECC_NIST_EDWARDS25519": {"ED25519_SHA_512", "ED25519_PH_SHA_512"},
    }
    return "SigningAlgorithms", signing.get(spec, set(RSA_SIGNING))


@pytest.mark.parametrize(("spec", "usage"), SPECS_AND_USAGES)
def test_a_new_key_for_imported_material_is_pending_import(kms: Any, spec: str, usage: str) -> None:
    """Documented: CreateKey, importing key material; fields observed: stackd imports_families.json."""
    metadata = kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)["KeyMetadata"]

    field, values = algorithms(spec, usage)
    assert set(metadata.pop(field)) == values
    arn = f"arn:aws:kms:us-east-1:{metadata['AWSAccountId']}:key/{metadata['KeyId']}"
    assert metadata.pop("CreationDate") is not None
    assert metadata == {
        "AWSAccountId": metadata["AWSAccountId"],
        "KeyId": metadata["KeyId"],
        "Arn": arn,
        "Enabled": False,
        "Description": "",
        "KeyUsage": usage,
        "KeyState": "PendingImport",
        "Origin": "EXTERNAL",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": spec,
        "KeySpec": spec,
        "MultiRegion": False,
    }


def test_describe_key_and_create_key_return_the_same(kms: Any) -> None:
    """Observed: stackd imports_edges.json. No ExpirationModel, ValidTo or CurrentKeyMaterialId before the first
    import.
    """
    created = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
    assert kms.describe_key(KeyId=created["KeyId"])["KeyMetadata"] == created
    assert not {"ExpirationModel", "ValidTo", "CurrentKeyMaterialId"} & set(created)


def test_a_symmetric_key_needs_no_key_usage(kms: Any) -> None:
    """Documented: CreateKey, KeyUsage."""
    metadata = kms.create_key(Origin="EXTERNAL", KeySpec=SYMMETRIC)["KeyMetadata"]
    assert metadata["KeyUsage"] == "ENCRYPT_DECRYPT"


@pytest.mark.parametrize("spec", OTHER_THAN_SYMMETRIC)
def test_every_other_key_spec_needs_its_key_usage(kms: Any, spec: str) -> None:
    """Documented: CreateKey, KeyUsage; text observed: stackd hmac.json."""
    with refused(
        "ValidationException",
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
    ):
        kms.create_key(Origin="EXTERNAL", KeySpec=spec)


@pytest.mark.parametrize(
    ("spec", "usage"),
    [
        (spec, usage)
        for spec in IMPORTABLE
        for usage in ("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT")
        if usage not in USAGES[spec]
    ],
)
def test_a_usage_that_the_spec_does_not_have_is_refused(kms: Any, spec: str, usage: str) -> None:
    """Documented: key type and usage reference; observed: stackd ecc.json, encryption_usage."""
    with refused("ValidationException", f"KeyUsage {usage} is not compatible with KeySpec {spec}"):
        kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)


@pytest.mark.parametrize("spec", ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"])
def test_ml_dsa_keys_take_no_imported_material(kms: Any, spec: str) -> None:
    """Documented: Get public key and token, "You can't import key material for ML-DSA KMS keys"; observed: stackd
    mldsa.json.
    """
    with refused("ValidationException", f"KeySpec {spec} is not supported for Origin EXTERNAL"):
        kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage="SIGN_VERIFY")


def test_a_key_stays_pending_import_indefinitely(kms: Any, emulator: Emulator) -> None:
    """Documented: Create a KMS key without key material, "indefinitely"."""
    key = ExternalKey.create(kms)
    emulator.advance(days=400)
    assert key.state == "PendingImport"
    key.put(b"k" * 32)
    assert key.state == "Enabled"


def test_a_repeated_create_key_makes_another_key(kms: Any) -> None:
    """Documented: CreateKey has no idempotency token."""
    request = {"Origin": "EXTERNAL", "Description": "the same", "Tags": [{"TagKey": "purpose", "TagValue": "same"}]}
    assert kms.create_key(**request)["KeyMetadata"]["KeyId"] != kms.create_key(**request)["KeyMetadata"]["KeyId"]


def test_a_new_key_has_its_description_and_tags(kms: Any) -> None:
    """Documented: CreateKey."""
    key = ExternalKey.create(kms, Description="payments", Tags=[{"TagKey": "team", "TagValue": "crypto"}])
    assert key.describe()["Description"] == "payments"
    assert kms.list_resource_tags(KeyId=key.arn)["Tags"] == [{"TagKey": "team", "TagValue": "crypto"}]


def test_a_new_key_with_material_made_by_kms_is_enabled(kms: Any) -> None:
    """Documented: CreateKey; observed: stackd imports_edges.json. It has a KeyMaterialId, but no ExpirationModel."""
    metadata = kms.create_key()["KeyMetadata"]
    assert (metadata["Origin"], metadata["KeyState"], metadata["Enabled"]) == ("AWS_KMS", "Enabled", True)
    assert "CurrentKeyMaterialId" in metadata
    assert not {"ExpirationModel", "ValidTo"} & set(metadata)
