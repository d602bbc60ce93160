# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GetParametersForImport: the wrappings that each key accepts, and the answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.external_key import ExternalKey
from support.materials import CURVES, ED25519, IMPORTABLE, RSA_BITS, USAGES
from support.wrapping import WRAPPING_KEY_SPECS, rsa_public_key

from .answers import UNSOURCED, refused

if TYPE_CHECKING:
    from support.emulator import ClientFor, Emulator

ALGORITHMS = (
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "RSA_AES_KEY_WRAP_SHA_1",
    "RSA_AES_KEY_WRAP_SHA_256",
    "RSAES_PKCS1_V1_5",
)
COMBINATIONS = [(s, a, w) for s in IMPORTABLE for a in ALGORITHMS for w in WRAPPING_KEY_SPECS]


def is_allowed(spec: str, algorithm: str, wrapping_key_spec: str) -> bool:
    """The tables in "Select a wrapping key spec" and "Select a wrapping algorithm" of the Developer Guide."""
    is_ecc = spec in CURVES or spec == ED25519
    if algorithm == "RSAES_PKCS1_V1_5":
        return False
    if algorithm.startswith("RSA_AES_KEY_WRAP"):
        return is_ecc or spec in RSA_BITS
    if spec in RSA_BITS:
        return False
    # Ed25519 would fit, but live KMS refuses it. The documentation also excludes P-521.
    return not (spec in ("ECC_NIST_P521", ED25519) and wrapping_key_spec == "RSA_2048")


@pytest.fixture(scope="session")
def keys_by_spec(kms: Any) -> dict[str, ExternalKey]:
    """One key per spec for the table below. A request for parameters does not change a key."""
    return {spec: ExternalKey.create(kms, spec) for spec in IMPORTABLE}


@pytest.mark.parametrize(("spec", "algorithm", "wrapping_key_spec"), COMBINATIONS)
def test_which_wrapping_goes_with_which_key(
    keys_by_spec: dict[str, ExternalKey], spec: str, algorithm: str, wrapping_key_spec: str
) -> None:
    """Documented: Get public key and token (table) and GetParametersForImport; text observed: stackd imports.json.

    RSAES_PKCS1_V1_5 is documented as not supported since 2023-10-10. For Ed25519 with RSA_2048 and OAEP, the refusal is
    observed with SHA-256 (stackd imports_families.json) and assumed with SHA-1.
    """
    key = keys_by_spec[spec]
    if is_allowed(spec, algorithm, wrapping_key_spec):
        answer = key.parameters(algorithm, wrapping_key_spec)
        assert rsa_public_key(answer["PublicKey"]).key_size == RSA_BITS[wrapping_key_spec]
    else:
        with refused(
            "ValidationException",
            f"Wrapping algorithm {algorithm} and wrapping key spec {wrapping_key_spec} "
            f"cannot be used to import a {spec} key.",
        ):
            key.parameters(algorithm, wrapping_key_spec)


@pytest.mark.parametrize(("algorithm", "wrapping_key_spec"), [("SM2PKE", "SM2"), ("RSAES_OAEP_SHA_256", "SM2")])
def test_sm2_wrapping_is_for_china_regions(kms: Any, algorithm: str, wrapping_key_spec: str) -> None:
    """Documented: GetParametersForImport ("China Regions only"); the error is assumed, as for every combination."""
    key = ExternalKey.create(kms, "RSA_2048")
    with refused("ValidationException", UNSOURCED):
        key.parameters(algorithm, wrapping_key_spec)


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256"])
def test_the_hybrid_wrapping_is_not_for_china_regions(kms_in: ClientFor, spec: str) -> None:
    """Documented: Get public key and token ("not supported in China Regions"); the error is assumed, as for every
    combination.
    """
    key = ExternalKey.create(kms_in("cn-north-1"), spec)
    with refused(
        "ValidationException",
        "Wrapping algorithm RSA_AES_KEY_WRAP_SHA_256 and wrapping key spec RSA_4096 "
        f"cannot be used to import a {spec} key.",
    ):
        key.parameters("RSA_AES_KEY_WRAP_SHA_256", "RSA_4096")


def test_the_answer_names_the_key_by_its_arn(kms: Any) -> None:
    """Observed: stackd imports_edges.json; documented: GetParametersForImport, KeyId."""
    key = ExternalKey.create(kms)
    answer = kms.get_parameters_for_import(
        KeyId=key.id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_4096"
    )
    assert answer["KeyId"] == key.arn
    assert set(answer) - {"ResponseMetadata"} == {"KeyId", "ImportToken", "PublicKey", "ParametersValidTo"}


def test_public_key_and_token_keep_within_the_documented_sizes(kms: Any) -> None:
    """Documented: PublicKey is at most 4096 bytes, ImportToken at most 6144 (API model)."""
    answer = ExternalKey.create(kms).parameters("RSAES_OAEP_SHA_256", "RSA_4096")
    assert 0 < len(answer["PublicKey"]) <= 4096
    assert 0 < len(answer["ImportToken"]) <= 6144


def test_parameters_are_valid_for_24_hours(kms: Any, emulator: Emulator) -> None:
    """Documented: GetParametersForImport, ParametersValidTo."""
    before = emulator.now()
    valid_to = ExternalKey.create(kms).parameters()["ParametersValidTo"]
    assert before <= valid_to - timedelta(hours=24) <= emulator.now() + timedelta(seconds=1)


def test_parameters_valid_to_has_milliseconds(kms: Any) -> None:
    """Observed: stackd imports.json (2026-09-13T11:31:45.241)."""
    key = ExternalKey.create(kms)
    fractions = [key.parameters()["ParametersValidTo"].microsecond for _number in range(4)]
    assert any(fractions), "four answers in a row on a whole second"
    assert all(fraction % 1000 == 0 for fraction in fractions)


def test_every_request_gives_another_token(kms: Any) -> None:
    """Documented: "You can request several sets"; the spec and algorithm may differ between them."""
    key = ExternalKey.create(kms)
    sets = [key.parameters(), key.parameters(), key.parameters("RSAES_OAEP_SHA_1", "RSA_3072")]
    assert len({answer["ImportToken"] for answer in sets}) == 3


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_asking_for_parameters_changes_nothing(kms: Any, spec: str) -> None:
    """Documented: CloudTrail logs GetParametersForImport as readOnly."""
    key = ExternalKey.imported(kms, spec, USAGES[spec][0])
    before = key.describe()
    key.parameters()
    assert key.describe() == before


def test_a_key_with_material_made_by_kms_has_no_import_parameters(kms: Any) -> None:
    """Observed: stackd imports_edges.json; documented: GetParametersForImport, UnsupportedOperationException."""
    key = ExternalKey(kms, kms.create_key()["KeyMetadata"])
    with refused(
        "UnsupportedOperationException", f"{key.arn} origin is AWS_KMS which is not valid for this operation."
    ):
        key.parameters("RSAES_OAEP_SHA_256", "RSA_2048")
