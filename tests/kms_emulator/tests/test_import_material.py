# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ImportKeyMaterial: the answer and effects of an import, and the material that KMS accepts for a reimport."""

from __future__ import annotations

import re
from typing import Any

import pytest
from support.external_key import ExternalKey
from support.materials import (
    ASYMMETRIC,
    HMAC_SHORTEST,
    IMPORTABLE,
    OTHER_THAN_SYMMETRIC,
    RSA_BITS,
    SYMMETRIC,
    new_material,
    other_material,
)
from support.wrapping import HASHES, WRAPPING_KEY_SPECS, wrap

from .answers import ANY_MATERIAL_ID, UNSOURCED, refused, unexpected_material

UNKNOWN_ID = "0" * 64
FOR_EVER = "KEY_MATERIAL_DOES_NOT_EXPIRE"


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_an_import_enables_the_key(kms: Any, spec: str) -> None:
    """Documented: ImportKeyMaterial, "the key state changes to Enabled"; fields observed: stackd
    imports_families.json.
    """
    key = ExternalKey.create(kms, spec)
    created = key.describe()
    key.put(new_material(spec))
    assert {name: value for name, value in key.describe().items() if name != "CurrentKeyMaterialId"} == created | {
        "KeyState": "Enabled",
        "Enabled": True,
        "ExpirationModel": FOR_EVER,
    }


def test_a_symmetric_import_answers_with_the_material_id(kms: Any) -> None:
    """Documented: ImportKeyMaterial, KeyMaterialId; observed: stackd imports.json. KeyId is the ARN."""
    key = ExternalKey.create(kms)
    answer = key.put(new_material(SYMMETRIC))
    del answer["ResponseMetadata"]
    assert answer == {"KeyId": key.arn, "KeyMaterialId": key.current_id}
    assert re.fullmatch(ANY_MATERIAL_ID, answer["KeyMaterialId"])


@pytest.mark.parametrize("spec", OTHER_THAN_SYMMETRIC)
def test_other_imports_answer_with_the_arn_alone(kms: Any, spec: str) -> None:
    """Observed: stackd imports_families.json. DescribeKey has no CurrentKeyMaterialId for these keys either."""
    key = ExternalKey.create(kms, spec)
    answer = key.put(new_material(spec))
    del answer["ResponseMetadata"]
    assert answer == {"KeyId": key.arn}
    assert "CurrentKeyMaterialId" not in key.describe()


def test_the_first_import_may_say_that_it_is_new(kms: Any) -> None:
    """Documented: ImportType is NEW_KEY_MATERIAL by default before the first import."""
    key = ExternalKey.create(kms)
    material_id = key.stage()
    assert (key.state, key.current_id) == ("Enabled", material_id)
    assert key.states() == [("CURRENT", "IMPORTED")]


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_the_same_material_can_be_imported_again(kms: Any, spec: str) -> None:
    """Documented: Reimport key material, "at any time"; observed: stackd imports.json."""
    key = ExternalKey.imported(kms, spec)
    before = key.describe()
    key.put(key.material)
    assert key.describe() == before


def test_a_symmetric_reimport_may_say_that_it_is_existing_and_which(kms: Any) -> None:
    """Documented: ImportKeyMaterial, ImportType and KeyMaterialId."""
    key = ExternalKey.imported(kms)
    material_id = key.current_id
    answer = key.put(key.material, ImportType="EXISTING_KEY_MATERIAL", KeyMaterialId=material_id)
    assert answer["KeyMaterialId"] == material_id


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_other_material_is_refused(kms: Any, spec: str) -> None:
    """Observed for symmetric and HMAC keys: stackd imports.json, imports_families.json; documented for asymmetric ones.

    The message contains the ID that KMS expected, even for keys whose ID no other answer contains.
    """
    key = ExternalKey.imported(kms, spec)
    expected = key.current_id if spec == SYMMETRIC else ANY_MATERIAL_ID
    with unexpected_material(expected):
        key.put(other_material(spec))


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_other_material_is_refused_after_a_loss(kms: Any, spec: str) -> None:
    """Documented: Importing key material, "you must reimport the same key material"; observed: stackd
    imports_families.json.
    """
    key = ExternalKey.imported(kms, spec)
    material = key.material
    key.lose_material()
    with unexpected_material(ANY_MATERIAL_ID):
        key.put(other_material(spec))
    assert key.state == "PendingImport"
    key.put(material)
    assert key.state == "Enabled"


@pytest.mark.parametrize("spec", ["HMAC_256", "RSA_2048", "ECC_NIST_P256"])
def test_the_expected_id_of_a_key_does_not_change(kms: Any, spec: str) -> None:
    """Observed: stackd imports_families.json: KMS assigns the ID, which belongs to the key and its material."""
    key = ExternalKey.imported(kms, spec)
    told = []
    for _number in range(2):
        with pytest.raises(kms.exceptions.IncorrectKeyMaterialException) as caught:
            key.put(other_material(spec))
        told.append(caught.value.response["Error"]["Message"])
    assert told[0] == told[1]


def test_a_reimport_with_an_unknown_id_names_that_id(kms: Any) -> None:
    """Observed: stackd imports.json, existing_wrong_identifier: the message contains the ID of the request."""
    key = ExternalKey.imported(kms)
    with unexpected_material(UNKNOWN_ID):
        key.put(key.material, KeyMaterialId=UNKNOWN_ID)


def test_new_material_takes_no_id(kms: Any) -> None:
    """Observed: stackd imports.json, new_with_identifier."""
    key = ExternalKey.imported(kms)
    with refused(
        "ValidationException", "Input parameter keyMaterialId cannot be used with NEW_KEY_MATERIAL importType."
    ):
        key.stage(KeyMaterialId=key.current_id)


def test_known_material_is_not_new(kms: Any) -> None:
    """Observed: stackd imports.json, new_same_material."""
    key = ExternalKey.imported(kms)
    with refused(
        "IncorrectKeyMaterialException",
        f"Key material (id: {key.current_id}) being imported as NEW_KEY_MATERIAL "
        f"is already associated with KMS key {key.arn}.",
    ):
        key.stage(key.material)


@pytest.mark.parametrize("spec", OTHER_THAN_SYMMETRIC)
@pytest.mark.parametrize(
    ("parameter", "value", "told"),
    [
        ("ImportType", "EXISTING_KEY_MATERIAL", "importType"),
        ("ImportType", "NEW_KEY_MATERIAL", "importType"),
        ("KeyMaterialId", UNKNOWN_ID, "keyMaterialId"),
        ("KeyMaterialDescription", "a description", "keyMaterialDescription"),
    ],
)
def test_rotation_parameters_are_for_symmetric_keys(kms: Any, spec: str, parameter: str, value: str, told: str) -> None:
    """Observed for HMAC keys, even with the default value: stackd imports_families.json; assumed for
    asymmetric keys.
    """
    key = ExternalKey.create(kms, spec)
    given: dict[str, Any] = {parameter: value}
    with refused("ValidationException", f"Input parameter {told} cannot be used with {spec} imported keys."):
        key.put(new_material(spec), **given)
    assert key.state == "PendingImport"


def test_the_id_of_the_same_material_is_always_the_same(kms: Any) -> None:
    """Observed: stackd imports.json: after a deletion, another import of the material gets the same ID."""
    key = ExternalKey.imported(kms)
    first = key.current_id
    key.lose_material()
    assert key.put(key.material)["KeyMaterialId"] == first


def test_the_same_material_has_another_id_in_another_key(kms: Any) -> None:
    """Documented: the id is "based on the KMS key ID and the imported key material"."""
    one, other = ExternalKey.imported(kms), ExternalKey.create(kms)
    other.put(one.material)
    assert one.current_id != other.current_id


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_a_refused_import_changes_nothing(kms: Any, spec: str) -> None:
    """Assumed: captures continue as if the import had not happened, but no page promises it."""
    key = ExternalKey.imported(kms, spec)
    kms.disable_key(KeyId=key.arn)
    before = key.describe()
    with unexpected_material(ANY_MATERIAL_ID):
        key.put(other_material(spec))
    assert key.describe() == before


@pytest.mark.parametrize("algorithm", HASHES)
@pytest.mark.parametrize("wrapping_key_spec", WRAPPING_KEY_SPECS)
def test_every_wrapping_algorithm_and_key_spec_carries_material(
    kms: Any, algorithm: str, wrapping_key_spec: str
) -> None:
    """Documented: Encrypt key material, GetParametersForImport."""
    spec = "ECC_NIST_P256"
    key = ExternalKey.create(kms, spec)
    key.put(new_material(spec), parameters=key.parameters(algorithm, wrapping_key_spec))
    assert key.state == "Enabled"


@pytest.mark.parametrize(
    ("spec", "algorithm", "wrapping_key_spec"),
    [
        ("ECC_NIST_P256", "RSAES_OAEP_SHA_256", "RSA_2048"),
        ("ECC_NIST_P384", "RSAES_OAEP_SHA_256", "RSA_2048"),
        ("ECC_NIST_P384", "RSAES_OAEP_SHA_1", "RSA_2048"),
        ("ECC_NIST_P521", "RSAES_OAEP_SHA_256", "RSA_3072"),
        ("ECC_NIST_P521", "RSAES_OAEP_SHA_256", "RSA_4096"),
        ("ECC_SECG_P256K1", "RSAES_OAEP_SHA_1", "RSA_2048"),
        ("ECC_NIST_EDWARDS25519", "RSAES_OAEP_SHA_256", "RSA_3072"),
        *[(spec, "RSAES_OAEP_SHA_256", "RSA_4096") for spec in HMAC_SHORTEST],
        *[(spec, "RSA_AES_KEY_WRAP_SHA_256", "RSA_4096") for spec in ASYMMETRIC],
        *[(spec, "RSA_AES_KEY_WRAP_SHA_1", "RSA_2048") for spec in RSA_BITS],
    ],
)
def test_material_that_fits_the_wrapping_key(kms: Any, spec: str, algorithm: str, wrapping_key_spec: str) -> None:
    """Documented: GetParametersForImport; the available length follows from RFC 8017 section 7.1.1 (a P-384 key of 185
    bytes fits into the 190 of RSA_2048 with SHA-256); many of these observed: localstack, stackd imports_families.json.
    """
    key = ExternalKey.create(kms, spec)
    key.put(new_material(spec), parameters=key.parameters(algorithm, wrapping_key_spec))
    assert key.state == "Enabled"


def test_the_largest_import_fits(kms: Any) -> None:
    """Documented: EncryptedKeyMaterial is at most 6144 bytes; an RSA_4096 key wrapped with RSA_4096 has 2896."""
    key = ExternalKey.create(kms, "RSA_4096")
    parameters = key.parameters("RSA_AES_KEY_WRAP_SHA_256", "RSA_4096")
    ciphertext = wrap(parameters["algorithm"], parameters["PublicKey"], new_material("RSA_4096"))
    assert len(ciphertext) <= 6144
    key.put_encrypted(ciphertext, parameters)
    assert key.state == "Enabled"


@pytest.mark.parametrize(("material_size", "token_size"), [(6145, 100), (100, 6145)])
def test_longer_inputs_than_the_model_allows_are_refused(kms: Any, material_size: int, token_size: int) -> None:
    """Documented: both blobs are at most 6144 bytes (API model); the error code is assumed from the generic list."""
    key = ExternalKey.create(kms)
    with refused("ValidationException", UNSOURCED):
        key.send(b"m" * material_size, b"t" * token_size, ExpirationModel=FOR_EVER)


def test_a_key_with_material_made_by_kms_takes_no_import(kms: Any) -> None:
    """Documented: ImportKeyMaterial, UnsupportedOperationException; text as observed for GetParametersForImport."""
    donor = ExternalKey.create(kms)
    key = ExternalKey(kms, kms.create_key()["KeyMetadata"])
    with refused(
        "UnsupportedOperationException", f"{key.arn} origin is AWS_KMS which is not valid for this operation."
    ):
        key.put(new_material(SYMMETRIC), parameters=donor.parameters())
