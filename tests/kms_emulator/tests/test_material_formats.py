# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The format of the unwrapped bytes for each key spec. KMS refuses everything else with an empty message."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from support.external_key import ExternalKey
from support.materials import (
    ASYMMETRIC,
    CURVES,
    ED25519,
    HMAC_LONGEST,
    HMAC_SHORTEST,
    RSA_BITS,
    SYMMETRIC,
    new_material,
    pkcs8,
    public_key_of,
    rsa_material,
)

from .answers import invalid_ciphertext

if TYPE_CHECKING:
    from support.emulator import ClientFor

#: A wrapping with enough room for any material up to an RSA_4096 private key, to wrap invalid material.
ROOMY = ("RSA_AES_KEY_WRAP_SHA_256", "RSA_2048")


def openssl(*arguments: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True).stdout


def try_material(kms: Any, spec: str, material: bytes) -> ExternalKey:
    key = ExternalKey.create(kms, spec)
    roomy = spec in ASYMMETRIC
    key.put(material, parameters=key.parameters(*ROOMY) if roomy else key.parameters())
    assert key.state == "Enabled"
    return key


def outer_indefinite(der: bytes) -> bytes:
    """The same structure in BER. Its outermost SEQUENCE has an indefinite length."""
    header = 2 if der[1] < 0x80 else 2 + (der[1] & 0x7F)
    return b"\x30\x80" + der[header:] + b"\0\0"


@pytest.mark.parametrize("length", [1, 16, 24, 31, 33, 64])
def test_symmetric_material_has_exactly_32_bytes(kms: Any, length: int) -> None:
    """Documented: Importing key material, requirements; observed for a shorter one: stackd imports.json."""
    with invalid_ciphertext():
        try_material(kms, SYMMETRIC, os.urandom(length))


def test_symmetric_material_has_16_bytes_in_china_regions(kms_in: ClientFor) -> None:
    """Documented: Importing key material, requirements (a 128-bit SM4 key)."""
    china = kms_in("cn-north-1")
    try_material(china, SYMMETRIC, os.urandom(16))
    with invalid_ciphertext():
        try_material(china, SYMMETRIC, os.urandom(32))


@pytest.mark.parametrize("value", [b"\0" * 32, b"\xff" * 32, b"0" * 31 + b"\n"])
def test_symmetric_material_may_be_any_32_bytes(kms: Any, value: bytes) -> None:
    """Documented: Importing key material, requirements: binary; its quality is not mentioned."""
    try_material(kms, SYMMETRIC, value)


@pytest.mark.parametrize(("spec", "shortest"), HMAC_SHORTEST.items())
def test_hmac_material_may_be_longer_than_its_spec(kms: Any, spec: str, shortest: int) -> None:
    """Documented: Importing key material, requirements: at least the spec's length, at most 1024 bits."""
    for length in (shortest, shortest + 1, HMAC_LONGEST):
        try_material(kms, spec, os.urandom(length))


@pytest.mark.parametrize(("spec", "shortest"), HMAC_SHORTEST.items())
def test_shorter_hmac_material_is_refused(kms: Any, spec: str, shortest: int) -> None:
    """Observed: stackd imports_families.json."""
    with invalid_ciphertext():
        try_material(kms, spec, os.urandom(shortest - 1))


@pytest.mark.parametrize("spec", HMAC_SHORTEST)
def test_hmac_material_over_1024_bits_is_refused(kms: Any, spec: str) -> None:
    """Documented: Importing key material, requirements; no capture contains it."""
    with invalid_ciphertext():
        try_material(kms, spec, os.urandom(HMAC_LONGEST + 1))


@pytest.mark.parametrize("spec", ASYMMETRIC)
def test_asymmetric_material_is_pkcs8_der(kms: Any, spec: str) -> None:
    """Documented: Importing key material, requirements; observed: stackd imports_families.json."""
    material = new_material(spec)
    key = try_material(kms, spec, material)
    assert kms.get_public_key(KeyId=key.arn)["PublicKey"] == public_key_of(material)


@pytest.mark.parametrize(("spec", "given"), [("RSA_2048", 3072), ("RSA_3072", 2048), ("RSA_4096", 2048)])
def test_the_rsa_modulus_has_the_size_of_the_spec(kms: Any, spec: str, given: int) -> None:
    """Documented: Importing key material, requirements."""
    with invalid_ciphertext():
        try_material(kms, spec, rsa_material(given))


def test_an_rsa_key_has_two_primes(kms: Any) -> None:
    """Documented: Importing key material, requirements: multi-prime keys are not supported."""
    three = openssl(
        "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-pkeyopt", "rsa_keygen_primes:3"
    )
    der = openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER", stdin=three)
    with invalid_ciphertext():
        try_material(kms, "RSA_2048", der)


@pytest.mark.parametrize(("spec", "given"), [(s, g) for s in CURVES for g in CURVES if s != g])
def test_the_curve_is_that_of_the_spec(kms: Any, spec: str, given: str) -> None:
    """Documented: Importing key material, requirements."""
    with invalid_ciphertext():
        try_material(kms, spec, new_material(given))


@pytest.mark.parametrize("spec", ASYMMETRIC)
def test_a_key_of_another_kind_is_refused(kms: Any, spec: str) -> None:
    """Documented: Importing key material, requirements."""
    given = "ECC_NIST_P256" if spec in RSA_BITS or spec == ED25519 else "RSA_2048"
    with invalid_ciphertext():
        try_material(kms, spec, new_material(given))


def test_ed448_is_not_ed25519(kms: Any) -> None:
    """Documented: Importing key material, requirements."""
    with invalid_ciphertext():
        try_material(kms, ED25519, pkcs8(ed448.Ed448PrivateKey.generate()))


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256"])
def test_the_traditional_formats_are_refused(kms: Any, spec: str) -> None:
    """Documented: only PKCS #8 is accepted, not PKCS #1 or SEC 1."""
    private_key = load_der_private_key(new_material(spec), None)
    traditional = private_key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    with invalid_ciphertext():
        try_material(kms, spec, traditional)


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256", ED25519])
def test_pem_is_refused(kms: Any, spec: str) -> None:
    """Documented: PKCS #8 in BER or DER."""
    private_key = load_der_private_key(new_material(spec), None)
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with invalid_ciphertext():
        try_material(kms, spec, pem)


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256"])
def test_an_encrypted_private_key_is_refused(kms: Any, spec: str) -> None:
    """Documented: KMS has no parameter for a passphrase, so the PKCS #8 structure must not be encrypted."""
    private_key = load_der_private_key(new_material(spec), None)
    encrypted = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase"))
    with invalid_ciphertext():
        try_material(kms, spec, encrypted)


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256", ED25519])
def test_a_public_key_is_no_material(kms: Any, spec: str) -> None:
    """Documented: only the private key is imported."""
    with invalid_ciphertext():
        try_material(kms, spec, public_key_of(new_material(spec)))


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256", ED25519])
def test_bytes_after_the_private_key_are_refused(kms: Any, spec: str) -> None:
    """Assumed: no source documents KMS's handling of trailing bytes."""
    with invalid_ciphertext():
        try_material(kms, spec, new_material(spec) + b"\0")


@pytest.mark.parametrize("spec", ["RSA_2048", *CURVES])
def test_ber_with_an_indefinite_length_is_taken(kms: Any, spec: str) -> None:
    """Observed: stackd imports_families.json; documented: BER or DER."""
    material = new_material(spec)
    key = try_material(kms, spec, outer_indefinite(material))
    assert kms.get_public_key(KeyId=key.arn)["PublicKey"] == public_key_of(material)


def test_ber_with_an_indefinite_length_is_refused_for_ed25519(kms: Any) -> None:
    """Observed: stackd imports_families.json."""
    material = pkcs8(ed25519.Ed25519PrivateKey.generate())
    with invalid_ciphertext():
        try_material(kms, ED25519, outer_indefinite(material))


def test_explicit_curve_parameters_are_refused(kms: Any) -> None:
    """Documented: Importing key material, requirements: only a named curve."""
    explicit = openssl(
        "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"
    )
    der = openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER", stdin=explicit)
    with invalid_ciphertext():
        try_material(kms, "ECC_NIST_P256", der)


def test_a_compressed_public_point_is_taken(kms: Any) -> None:
    """Documented: Importing key material, requirements: compressed, uncompressed or projective."""
    pem = openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout")
    pem = openssl("ec", "-conv_form", "compressed", stdin=pem)
    der = openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER", stdin=pem)
    assert len(der) < len(new_material("ECC_NIST_P256")), "OpenSSL did not compress the point"
    key = try_material(kms, "ECC_NIST_P256", der)
    assert kms.get_public_key(KeyId=key.arn)["PublicKey"] == public_key_of(der)


@pytest.mark.parametrize("spec", ["RSA_2048", *CURVES])
def test_the_same_private_key_in_ber_is_the_same_material(kms: Any, spec: str) -> None:
    """Observed: stackd imports_families.json, *_ber_reimport, after an import of the DER encoding of the same key.

    KMS therefore does not compare the wrapped bytes. Whether it ignores other differences in encoding is not known.
    """
    key = ExternalKey.create(kms, spec)
    material = new_material(spec)
    key.put(material, parameters=key.parameters(*ROOMY))
    key.put(outer_indefinite(material), parameters=key.parameters(*ROOMY))
    assert key.state == "Enabled"


def test_a_zero_padded_hmac_key_is_other_material(kms: Any) -> None:
    """Assumed: it produces the same MACs. Whether KMS compares bytes is not known; the emulator takes the stricter
    reading.
    """
    key = ExternalKey.imported(kms, "HMAC_256")
    with pytest.raises(kms.exceptions.IncorrectKeyMaterialException):
        key.put(key.material + b"\0")


def test_helpers_produce_the_named_encodings() -> None:
    """The unusual encodings above are what their names promise, so that a refusal has the intended reason."""
    der = new_material("ECC_NIST_P256")
    private_key = load_der_private_key(der, None)
    assert isinstance(private_key, ec.EllipticCurvePrivateKey)
    assert outer_indefinite(der)[2:-2] == der[3:]
    assert isinstance(load_der_private_key(rsa_material(2048), None), rsa.RSAPrivateKey)
