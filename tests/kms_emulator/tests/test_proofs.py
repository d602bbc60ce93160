# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proofs about the material in a key that change nothing, and the results of its use."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key
from support.external_key import ExternalKey
from support.materials import (
    ASYMMETRIC,
    CURVES,
    ED25519,
    HMAC_SHORTEST,
    RSA_BITS,
    SYMMETRIC,
    new_material,
    pkcs8,
    public_key_of,
)

from .answers import pending_import, refused

if TYPE_CHECKING:
    from support.emulator import Emulator

MESSAGE = b"cloudkeys.aws/verify/v1:" + os.urandom(32)
WOULD_SUCCEED = "The request would have succeeded, but the DryRun option is set."


def mac_of(spec: str, material: bytes, message: bytes = MESSAGE) -> bytes:
    return hmac.new(material, message, getattr(hashlib, spec.replace("HMAC_", "sha"))).digest()


def mac_algorithm(spec: str) -> str:
    return spec.replace("HMAC_", "HMAC_SHA_")


@pytest.mark.parametrize(
    ("spec", "usage"),
    [(s, u) for s in ASYMMETRIC for u in ("SIGN_VERIFY", "ENCRYPT_DECRYPT") if u[0] == "S" or s in RSA_BITS],
)
def test_the_public_key_is_that_of_the_material(kms: Any, spec: str, usage: str) -> None:
    """Documented: GetPublicKey; byte for byte as observed: stackd imports_families.json, imports_data_plane.json."""
    key = ExternalKey.imported(kms, spec, usage)
    answer = kms.get_public_key(KeyId=key.id)
    assert answer["PublicKey"] == public_key_of(key.material)
    algorithms = {name for name in answer if name.endswith("Algorithms")}
    assert set(answer) - algorithms == {
        "KeyId", "PublicKey", "CustomerMasterKeySpec", "KeySpec", "KeyUsage", "ResponseMetadata"
    }  # fmt: skip
    assert (answer["KeyId"], answer["KeySpec"], answer["KeyUsage"]) == (key.arn, spec, usage)
    described = key.describe()
    assert {name: sorted(answer[name]) for name in algorithms} == {
        name: sorted(described[name]) for name in described if name.endswith("Algorithms")
    }


@pytest.mark.parametrize("spec", ASYMMETRIC)
def test_the_public_key_of_a_disabled_key_can_be_read(kms: Any, spec: str) -> None:
    """Documented: Key states page; observed: stackd captures."""
    key = ExternalKey.imported(kms, spec)
    kms.disable_key(KeyId=key.arn)
    assert kms.get_public_key(KeyId=key.arn)["PublicKey"] == public_key_of(key.material)


@pytest.mark.parametrize("spec", ASYMMETRIC)
def test_the_public_key_goes_with_the_material(kms: Any, spec: str) -> None:
    """Observed: stackd imports_families.json, *_public_missing; the key states page says otherwise."""
    key = ExternalKey.imported(kms, spec)
    key.lose_material()
    with pending_import(key.arn):
        kms.get_public_key(KeyId=key.arn)


def test_a_symmetric_key_has_no_public_key(kms: Any) -> None:
    """Documented: GetPublicKey, UnsupportedOperationException; text not sourced."""
    key = ExternalKey.imported(kms)
    with pytest.raises(kms.exceptions.UnsupportedOperationException):
        kms.get_public_key(KeyId=key.arn)


@pytest.mark.parametrize("spec", HMAC_SHORTEST)
@pytest.mark.parametrize("extra", [0, 1, 64])
def test_a_mac_is_the_plain_hmac_of_the_material(kms: Any, spec: str, extra: int) -> None:
    """Observed: stackd imports_families.json: RFC 2104, without any addition by KMS."""
    key = ExternalKey.create(kms, spec)
    key.put(os.urandom(HMAC_SHORTEST[spec] + extra))
    answer = kms.generate_mac(KeyId=key.id, Message=MESSAGE, MacAlgorithm=mac_algorithm(spec))
    del answer["ResponseMetadata"]
    expected = mac_of(spec, key.material)
    assert answer == {"Mac": expected, "MacAlgorithm": mac_algorithm(spec), "KeyId": key.arn}


@pytest.mark.parametrize("spec", HMAC_SHORTEST)
def test_verify_mac_tells_whether_a_mac_was_made_with_the_material(kms: Any, spec: str) -> None:
    """Documented: VerifyMac; the empty message observed: stackd hmac.json, wrong_mac and short_mac."""
    key = ExternalKey.imported(kms, spec)
    right = mac_of(spec, key.material)
    answer = kms.verify_mac(KeyId=key.arn, Message=MESSAGE, MacAlgorithm=mac_algorithm(spec), Mac=right)
    assert (answer["MacValid"], answer["KeyId"]) == (True, key.arn)
    for wrong in (mac_of(spec, new_material(spec)), right[:-1], mac_of(spec, key.material, b"another message")):
        with refused("KMSInvalidMacException", ""):
            kms.verify_mac(KeyId=key.arn, Message=MESSAGE, MacAlgorithm=mac_algorithm(spec), Mac=wrong)


def test_a_dry_run_proves_nothing_about_the_material(kms: Any) -> None:
    """Documented: GenerateMac, DryRun; observed: stackd hmac.json, dry_generate and dry_verify_wrong_mac."""
    key = ExternalKey.imported(kms, "HMAC_256")
    request = {"KeyId": key.arn, "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256", "DryRun": True}
    with refused("DryRunOperationException", WOULD_SUCCEED):
        kms.generate_mac(**request)
    with refused("KMSInvalidMacException", ""):
        kms.verify_mac(**request, Mac=b"\0" * 32)


DRY_RUNS: dict[str, tuple[str, str, Callable[[ExternalKey], dict[str, Any]]]] = {
    "encrypt": (SYMMETRIC, "ENCRYPT_DECRYPT", lambda _key: {"Plaintext": b"x"}),
    "decrypt": (SYMMETRIC, "ENCRYPT_DECRYPT", lambda key: {"CiphertextBlob": encrypted(key)}),
    "re_encrypt": (
        SYMMETRIC,
        "ENCRYPT_DECRYPT",
        lambda key: {"CiphertextBlob": encrypted(key), "DestinationKeyId": key.arn},
    ),
    "generate_data_key": (SYMMETRIC, "ENCRYPT_DECRYPT", lambda _key: {"KeySpec": "AES_256"}),
    "generate_data_key_without_plaintext": (SYMMETRIC, "ENCRYPT_DECRYPT", lambda _key: {"KeySpec": "AES_256"}),
    "sign": (
        "ECC_NIST_P256",
        "SIGN_VERIFY",
        lambda _key: {"Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"},
    ),
    "derive_shared_secret": (
        "ECC_NIST_P256",
        "KEY_AGREEMENT",
        lambda _key: {
            "PublicKey": public_key_of(new_material("ECC_NIST_P256")),
            "KeyAgreementAlgorithm": "ECDH",
        },
    ),
}


def encrypted(key: ExternalKey) -> bytes:
    blob: bytes = key.kms.encrypt(KeyId=key.arn, Plaintext=b"x")["CiphertextBlob"]
    return blob


@pytest.mark.parametrize("operation", DRY_RUNS)
def test_a_dry_run_does_nothing(kms: Any, operation: str) -> None:
    """Documented: Testing your permissions, DryRunOperationException; every operation with this parameter."""
    spec, usage, request = DRY_RUNS[operation]
    key = ExternalKey.imported(kms, spec, usage)
    named = {"SourceKeyId" if operation == "re_encrypt" else "KeyId": key.arn, **request(key)}
    with refused("DryRunOperationException", WOULD_SUCCEED):
        getattr(kms, operation)(**named, DryRun=True)
    getattr(kms, operation)(**named)


def test_a_re_encryption_names_both_materials(kms: Any, emulator: Emulator) -> None:
    """Documented: ReEncrypt, SourceKeyMaterialId and DestinationKeyMaterialId, for symmetric keys only."""
    source, destination = ExternalKey.imported(kms), ExternalKey.imported(kms)
    old = source.current_id
    blob = encrypted(source)
    source.stage()
    emulator.rotate(source)
    answer = kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=destination.arn)
    assert (answer["SourceKeyMaterialId"], answer["DestinationKeyMaterialId"]) == (old, destination.current_id)
    rsa_key = ExternalKey.imported(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    algorithm = "RSAES_OAEP_SHA_256"
    answer = kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=rsa_key.arn, DestinationEncryptionAlgorithm=algorithm)
    assert (answer["SourceKeyMaterialId"], "DestinationKeyMaterialId" in answer) == (old, False)
    answer = kms.re_encrypt(
        CiphertextBlob=answer["CiphertextBlob"],
        SourceKeyId=rsa_key.arn,
        SourceEncryptionAlgorithm=algorithm,
        DestinationKeyId=destination.arn,
    )
    assert ("SourceKeyMaterialId" in answer, answer["DestinationKeyMaterialId"]) == (False, destination.current_id)


def test_a_mac_algorithm_of_another_spec(kms: Any) -> None:
    """Observed: stackd hmac.json, wrong_algorithm; a Disabled key is reported first (disabled_wrong_algorithm)."""
    key = ExternalKey.imported(kms, "HMAC_224")
    request = {"KeyId": key.arn, "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_512"}
    with refused("InvalidKeyUsageException", "Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_224."):
        kms.generate_mac(**request)
    kms.disable_key(KeyId=key.arn)
    with refused("DisabledException", f"{key.arn} is disabled."):
        kms.generate_mac(**request)


def test_an_hmac_key_does_not_encrypt(kms: Any) -> None:
    """Observed: stackd hmac.json, encrypt_with_hmac."""
    key = ExternalKey.imported(kms, "HMAC_224")
    with refused(
        "InvalidKeyUsageException", f"{key.arn} key usage is GENERATE_VERIFY_MAC which is not valid for Encrypt."
    ):
        kms.encrypt(KeyId=key.arn, Plaintext=b"plaintext")


def test_a_recreated_hmac_key_gives_the_same_macs(kms: Any) -> None:
    """Documented: Delete keys: HMAC and asymmetric keys can be recreated from their material."""
    one, other = ExternalKey.imported(kms, "HMAC_256"), ExternalKey.create(kms, "HMAC_256")
    other.put(one.material)
    macs = [kms.generate_mac(KeyId=k.arn, Message=MESSAGE, MacAlgorithm="HMAC_SHA_256")["Mac"] for k in (one, other)]
    assert macs[0] == macs[1]


@pytest.mark.parametrize("spec", [*CURVES, ED25519, "RSA_2048"])
def test_signatures_are_made_with_the_material(kms: Any, spec: str) -> None:
    """Documented: Sign; observed to verify with OpenSSL: stackd imports_families.json."""
    key = ExternalKey.imported(kms, spec, "SIGN_VERIFY")
    bits = {"ECC_NIST_P384": 384, "ECC_NIST_P521": 512}.get(spec, 256)
    algorithm = {ED25519: "ED25519_SHA_512", "RSA_2048": "RSASSA_PSS_SHA_256"}.get(spec, f"ECDSA_SHA_{bits}")
    answer = kms.sign(KeyId=key.arn, Message=MESSAGE, SigningAlgorithm=algorithm)
    assert (answer["KeyId"], answer["SigningAlgorithm"]) == (key.arn, algorithm)
    public = load_der_public_key(public_key_of(key.material))
    hashes: dict[int, HashAlgorithm] = {256: SHA256(), 384: SHA384(), 512: SHA512()}
    chosen = hashes[bits]
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(answer["Signature"], MESSAGE, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())
    elif isinstance(public, ed25519.Ed25519PublicKey):
        public.verify(answer["Signature"], MESSAGE)
    else:
        assert isinstance(public, ec.EllipticCurvePublicKey)
        public.verify(answer["Signature"], MESSAGE, ec.ECDSA(chosen))
        with pytest.raises(InvalidSignature):
            public.verify(answer["Signature"], MESSAGE + b"!", ec.ECDSA(chosen))
    verified = kms.verify(KeyId=key.arn, Message=MESSAGE, Signature=answer["Signature"], SigningAlgorithm=algorithm)
    assert verified["SignatureValid"] is True
    with refused("KMSInvalidSignatureException", ""):
        kms.verify(KeyId=key.arn, Message=b"other", Signature=answer["Signature"], SigningAlgorithm=algorithm)


@pytest.mark.parametrize(("algorithm", "named"), [("RSAES_OAEP_SHA_1", SHA1), ("RSAES_OAEP_SHA_256", SHA256)])
def test_rsa_decrypts_what_the_public_key_encrypted(kms: Any, algorithm: str, named: Any) -> None:
    """Observed: stackd imports_data_plane.json, rsa_decrypt_openssl. RSA answers contain no KeyMaterialId."""
    key = ExternalKey.imported(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    public = load_der_public_key(public_key_of(key.material))
    assert isinstance(public, rsa.RSAPublicKey)
    blob = public.encrypt(MESSAGE, padding.OAEP(padding.MGF1(named()), named(), None))
    answer = kms.decrypt(KeyId=key.arn, CiphertextBlob=blob, EncryptionAlgorithm=algorithm)
    del answer["ResponseMetadata"]
    assert answer == {"KeyId": key.arn, "Plaintext": MESSAGE, "EncryptionAlgorithm": algorithm}
    encrypted = kms.encrypt(KeyId=key.arn, Plaintext=MESSAGE, EncryptionAlgorithm=algorithm)
    assert "KeyMaterialId" not in encrypted
    private = load_der_private_key(key.material, None)
    assert isinstance(private, rsa.RSAPrivateKey)
    oaep = padding.OAEP(padding.MGF1(named()), named(), None)
    assert private.decrypt(encrypted["CiphertextBlob"], oaep) == MESSAGE


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"])
def test_a_shared_secret_is_derived_with_the_material(kms: Any, spec: str) -> None:
    """Observed to match OpenSSL: stackd imports_data_plane.json, ecdh_derive."""
    key = ExternalKey.imported(kms, spec, "KEY_AGREEMENT")
    peer = ec.generate_private_key(CURVES[spec]())
    mine = load_der_public_key(public_key_of(key.material))
    assert isinstance(mine, ec.EllipticCurvePublicKey)
    answer = kms.derive_shared_secret(KeyId=key.arn, KeyAgreementAlgorithm="ECDH", PublicKey=public_key_of(pkcs8(peer)))
    del answer["ResponseMetadata"]
    assert answer == {
        "KeyId": key.arn,
        "SharedSecret": peer.exchange(ec.ECDH(), mine),
        "KeyAgreementAlgorithm": "ECDH",
        "KeyOrigin": "EXTERNAL",
    }


def test_symmetric_encryption_names_no_material_and_decryption_does(kms: Any) -> None:
    """Observed: stackd rotation.json, encrypt_before and decrypt_old."""
    key = ExternalKey.imported(kms)
    encrypted = kms.encrypt(KeyId=key.id, Plaintext=b"text")
    assert set(encrypted) == {"CiphertextBlob", "KeyId", "EncryptionAlgorithm", "ResponseMetadata"}
    decrypted = kms.decrypt(CiphertextBlob=encrypted["CiphertextBlob"])
    assert (decrypted["Plaintext"], decrypted["KeyMaterialId"]) == (b"text", key.current_id)
