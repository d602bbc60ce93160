# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypted key material: its ciphertext is recognized, and KMS checks the claims of a bundle."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, result_of, run_failing, run_one
from support.materials import SYMMETRIC, new_material, other_material
from support.wrapping import wrap

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.contents import WrappedKeyMaterial
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.key_material import (
    mac_message,
    parse_key_material,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.sources import Sources

from .predictions import in_days, predicted

VERIFIABLE = {"HMAC_256": "mac", "RSA_2048": "public_key", "ECC_NIST_P256": "public_key"}


def encrypted(key: ExternalKey, material: bytes) -> Sources:
    """The two files of AWS's procedure."""
    parameters = key.parameters()
    ciphertext = wrap(parameters["algorithm"], parameters["PublicKey"], material)
    return Sources(encrypted_key_material=ciphertext, import_token=parameters["ImportToken"], origin="The file")


def bundle(key: ExternalKey, material: bytes, claimed: bytes | None = None, compared: bool = True) -> Sources:
    """A wrapped bundle with *material* in it that claims to hold *claimed*."""
    parameters = key.parameters()
    ciphertext = wrap(parameters["algorithm"], parameters["PublicKey"], material)
    claim: dict[str, bytes | None] = {}
    if claimed is not None and key.spec != SYMMETRIC:
        parsed = parse_key_material(
            claimed, key_spec=key.spec, key_material_format="auto", passphrase=None, origin="", region="us-east-1"
        )
        message = mac_message()
        if key.spec.startswith("HMAC"):
            claim = {"mac_message": message, "mac": parsed.mac(message)}
        else:
            claim = {"public_key": parsed.public_key}
    wrapped = WrappedKeyMaterial(
        key_arn=key.arn,
        key_id=key.id,
        key_spec=key.spec,
        region="us-east-1",
        wrapping_algorithm=parameters["algorithm"],
        wrapping_key_spec="RSA_2048",
        wrapping_public_key_sha256=hashlib.sha256(parameters["PublicKey"]).hexdigest(),
        import_token=parameters["ImportToken"],
        parameters_valid_to=parameters["ParametersValidTo"],
        endpoint="https://kms.us-east-1.amazonaws.com",
        connection="local",
        certificates="verified",
        parameters_sha256="0" * 64,
        encrypted_key_material=ciphertext,
        **claim,
    )
    return Sources(
        encrypted_key_material=ciphertext,
        import_token=wrapped.import_token,
        bundle=wrapped,
        origin="The bundle",
        check_code_compared=compared,
    )


def label(sources: Sources) -> str:
    content = sources.encrypted_key_material or b""
    return f"cloudkeys.aws/v1c:{hashlib.sha256(content).hexdigest()[:32]}"


@pytest.mark.parametrize("make", [encrypted, bundle])
def test_the_same_files_are_recognized_without_a_warning(kms: Any, emulator: Emulator, make: Any) -> None:
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    files = make(key, material)
    assert predicted(kms, key, None, sources=files, **NEVER)["actions"] == ["import"]
    (entry,) = key.history()
    assert entry["KeyMaterialDescription"] == label(files)
    emulator.advance(days=2)
    again = run_one(kms, key, sources=files, **NEVER)
    assert (again["changed"], again["material_match"], again["material_match_by"]) == (False, "same", "label")
    assert "warnings" not in again


def test_another_ciphertext_of_the_same_material_is_accepted_with_a_warning(kms: Any, emulator: Emulator) -> None:
    """When an import is required, KMS compares. The label is then that of the last imported ciphertext."""
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    run_one(kms, key, sources=encrypted(key, material), **NEVER)
    files = encrypted(key, material)
    result = run_one(kms, key, sources=files, **NEVER)
    assert (result["actions"], result["material_match"]) == ([], "unknown")
    assert "another ciphertext" in result["warnings"][0]
    assert run_one(kms, key, sources=files, valid_to=in_days(emulator, 9))["actions"] == ["reimport"]
    assert key.history()[0]["KeyMaterialDescription"] == label(files)
    wrong = encrypted(key, other_material(SYMMETRIC))
    failed = run_failing(kms, key, sources=wrong, valid_to=in_days(emulator, 8))
    assert (failed["material_match"], failed["material_match_by"]) == ("different", "kms_import")


def test_plaintext_and_ciphertext_do_not_recognize_each_other(kms: Any) -> None:
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    run_one(kms, key, sources=encrypted(key, material), **NEVER)
    assert "identifies only the imported ciphertext" in run_failing(kms, key, material, **NEVER)["msg"]
    adopted = run_one(kms, key, material, on_unknown_material="reimport", **NEVER)
    assert adopted["material_match_by"] == "kms_import"
    assert run_one(kms, key, material, **NEVER)["material_match_by"] == "label"
    result = run_one(kms, key, sources=encrypted(key, material), **NEVER)
    assert (result["actions"], result["material_match"]) == ([], "unknown")


def test_an_older_ciphertext_is_called_that(kms: Any, emulator: Emulator) -> None:
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    files = encrypted(key, material)
    run_one(kms, key, sources=files, **NEVER)
    key.stage()
    emulator.rotate(key)
    assert "earlier key material" in run_failing(kms, key, sources=files, **NEVER)["msg"]


def test_a_ciphertext_is_no_copy_of_the_key_material(kms: Any) -> None:
    """The import token is valid for one day. That is no reason to delete."""
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    files = encrypted(key, material)
    run_one(kms, key, sources=files, **NEVER)
    assert "as plaintext" in run_failing(kms, key, sources=files, state="absent")["msg"]
    assert key.state == "Enabled"


@pytest.mark.parametrize(("spec", "by"), list(VERIFIABLE.items()))
def test_kms_confirms_what_a_bundle_says(kms: Any, spec: str, by: str) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    result = predicted(kms, key, None, sources=bundle(key, material, material), **NEVER)
    assert result["actions"] == ["import"]
    assert (result["material_match"], result["material_match_by"]) == ("same", by)


@pytest.mark.parametrize("enabled", [None, False])
@pytest.mark.parametrize("spec", VERIFIABLE)
def test_a_bundle_whose_claims_are_false(kms: Any, spec: str, enabled: bool | None) -> None:
    """The attacker's ciphertext with the public key, or the message and MAC, of the real one."""
    key = ExternalKey.create(kms, spec)
    forged = bundle(key, new_material(spec), other_material(spec))
    result = run_failing(kms, key, sources=forged, enabled=enabled, **NEVER)
    # A Disabled HMAC key would hide it from the next run.
    disabled = enabled is False and spec != "HMAC_256"
    assert (result["actions"], result["changed"]) == (["import", "disable"] if disabled else ["import"], True)
    assert result["material_match"] == "different"
    assert "forged" in result["msg"]
    assert "Nothing was deleted" in result["msg"]
    assert result["diff"]["after"]["key_state"] == key.state == ("Disabled" if disabled else "Enabled")
    again = run_failing(kms, key, sources=forged, enabled=enabled, **NEVER)
    assert (again["actions"], again["material_match"]) == ([], "different")


@pytest.mark.parametrize("spec", VERIFIABLE)
def test_a_forged_bundle_for_a_key_that_has_its_material(kms: Any, emulator: Emulator, spec: str) -> None:
    """The claim matches the key in KMS. Only KMS can check it, when an import is required."""
    key, material = ExternalKey.imported(kms, spec), new_material(spec)
    forged = bundle(key, other_material(spec), key.material)
    result = run_failing(kms, key, sources=forged, valid_to=in_days(emulator, 9))
    assert material
    assert (result["actions"], result["material_match_by"]) == ([], "kms_import")
    assert "claims to hold" in result["msg"]
    assert "another encoding than" not in result["msg"]


@pytest.mark.parametrize(("spec", "operation"), [("HMAC_256", "VerifyMac"), ("RSA_2048", "GetPublicKey")])
def test_claims_that_cannot_be_verified(kms: Any, emulator: Emulator, spec: str, operation: str) -> None:
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    emulator.control.denied([operation])
    result = run_one(kms, key, sources=bundle(key, material, material), **NEVER)
    assert (result["actions"], result["material_match"]) == (["import"], "unknown")
    assert f"kms:{operation} is denied" in " ".join(result["warnings"])


@pytest.mark.parametrize("spec", VERIFIABLE)
def test_verified_and_then_disabled(kms: Any, spec: str) -> None:
    """KMS verifies MACs only with Enabled keys."""
    key, material = ExternalKey.create(kms, spec), new_material(spec)
    for force in (False, True):
        kms_result = run_one(kms, key, sources=bundle(key, material, material), enabled=False, force=force, **NEVER)
        assert kms_result["actions"][-1] == "disable"
        assert kms_result["material_match"] == "same"
        assert kms_result["diff"]["after"]["key_state"] == key.state == "Disabled"
    assert kms_result["diff"]["before"]["key_state"] == "Disabled"


def test_a_bundle_without_its_check_code_is_imported_with_a_warning(kms: Any) -> None:
    key, material = ExternalKey.create(kms), new_material(SYMMETRIC)
    files = bundle(key, material, compared=False)
    assert "without expected_check_code" in run_one(kms, key, sources=files, **NEVER)["warnings"][0]
    assert "warnings" not in run_one(kms, key, sources=files, **NEVER)
    checked = dataclasses.replace(files, check_code_compared=True)
    key.lose_material()
    assert "warnings" not in run_one(kms, key, sources=checked, **NEVER)


def test_the_first_import_of_a_bundle_without_claims(kms: Any) -> None:
    """An HSM made the ciphertext. KMS accepted these bytes, and the next run cannot detect that."""
    key, material = ExternalKey.create(kms, "ECC_NIST_P256"), new_material("ECC_NIST_P256")
    files = bundle(key, material)
    assert run_one(kms, key, sources=files, **NEVER)["material_match_by"] == "kms_import"
    assert result_of(kms, key, sources=files, **NEVER)["material_match"] == "unknown"


def test_a_bundle_that_lies_about_the_key_spec_is_not_imported(kms: Any) -> None:
    """What it claims would be compared with what such a key does not have."""
    key = ExternalKey.create(kms, "HMAC_256")
    honest = bundle(key, new_material("HMAC_256"))
    assert honest.bundle is not None
    forged = dataclasses.replace(honest, bundle=dataclasses.replace(honest.bundle, key_spec="RSA_2048"))
    assert "forged or damaged" in run_failing(kms, key, sources=forged, **NEVER)["msg"]
    assert key.state == "PendingImport"


@pytest.mark.parametrize("cause", ["denied", "answer lost"])
def test_an_hmac_key_that_is_not_disabled_after_its_bundle_was_verified(
    kms: Any, emulator: Emulator, cause: str
) -> None:
    """Disabling comes last, in a separate visit, and is part of the result."""
    key, material = ExternalKey.create(kms, "HMAC_256"), new_material("HMAC_256")
    if cause == "denied":
        emulator.control.denied(["DisableKey"])
    else:
        emulator.control.faults([{"operation": "DisableKey", "drop": True}])
    result = run_failing(kms, key, sources=bundle(key, material, material), enabled=False, **NEVER)
    assert result["kms_error"]["operation"] == "DisableKey"
    assert result["actions"] == ["import"]
    assert result.get("actions_unconfirmed") == (None if cause == "denied" else ["disable"])
    assert result["kms_key"]["key_state"] == result["diff"]["after"]["key_state"] == key.state
