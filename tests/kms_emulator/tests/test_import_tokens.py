# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Import tokens: their validity, key, and reuse; and ciphertexts that KMS cannot unwrap."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.keywrap import aes_key_wrap, aes_key_wrap_with_padding
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, new_material, rsa_material
from support.wrapping import oaep, rsa_public_key, wrap

from .answers import UNSOURCED, invalid_ciphertext, refused, unexpected_material

if TYPE_CHECKING:
    from support.emulator import Emulator


def invalid_token() -> Any:
    return refused("InvalidImportTokenException", "")


def test_a_token_works_until_its_24_hours_are_over(kms: Any, emulator: Emulator) -> None:
    """Documented: GetParametersForImport, ExpiredImportTokenException. No capture contains one, so its text has no
    source.
    """
    key = ExternalKey.create(kms)
    parameters = key.parameters()
    emulator.advance(hours=24, seconds=-60)
    key.put(new_material(SYMMETRIC), parameters=parameters)
    assert key.state == "Enabled"
    emulator.advance(seconds=120)
    with refused("ExpiredImportTokenException", UNSOURCED):
        key.put(key.material, parameters=parameters)


def test_a_token_works_again_after_a_failed_import(kms: Any) -> None:
    """Observed: localstack's validated snapshots. No page documents that an import uses up a token."""
    key = ExternalKey.create(kms)
    parameters = key.parameters()
    with invalid_ciphertext():
        key.put(b"too short", parameters=parameters)
    key.put(new_material(SYMMETRIC), parameters=parameters)
    assert key.state == "Enabled"


def test_a_token_works_again_after_an_import(kms: Any) -> None:
    """Observed: stackd imports.json, same_token_retry; the guide recommends downloading a new token for each import."""
    key = ExternalKey.create(kms)
    parameters = key.parameters()
    key.put(new_material(SYMMETRIC), parameters=parameters)
    key.put(key.material, parameters=parameters)
    assert key.state == "Enabled"


def test_a_newer_token_does_not_replace_an_older_one(kms: Any) -> None:
    """Observed: stackd imports.json, initial_import_old_token."""
    key = ExternalKey.create(kms)
    older = key.parameters()
    key.parameters("RSAES_OAEP_SHA_1", "RSA_3072")
    key.put(new_material(SYMMETRIC), parameters=older)
    assert key.state == "Enabled"


def test_public_key_and_token_belong_together(kms: Any) -> None:
    """Documented: GetParametersForImport, "must be used together"."""
    key = ExternalKey.create(kms)
    small, large = key.parameters(), key.parameters("RSAES_OAEP_SHA_256", "RSA_3072")
    mixed = small | {"ImportToken": large["ImportToken"]}
    with invalid_ciphertext():
        key.put(new_material(SYMMETRIC), parameters=mixed)


def test_the_token_of_another_key_is_refused(kms: Any) -> None:
    """Documented: InvalidImportTokenException; observed with an empty message: stackd imports_edges.json."""
    key, other = ExternalKey.create(kms), ExternalKey.create(kms)
    with invalid_token():
        key.put(new_material(SYMMETRIC), parameters=other.parameters())


def test_the_token_of_another_region_is_refused(kms: Any, emulator: Emulator) -> None:
    """Documented: multi-Region keys with imported material, each replica needs its own parameters; the code is
    assumed.
    """
    primary = ExternalKey.imported(kms, MultiRegion=True)
    replica = emulator.replicate(primary)
    with invalid_token():
        replica.put(primary.material, parameters=primary.parameters())


@pytest.mark.parametrize("position", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_a_damaged_token_is_refused(kms: Any, position: float) -> None:
    """Observed with an empty message: stackd imports_edges.json."""
    key = ExternalKey.create(kms)
    parameters = key.parameters()
    token = bytearray(parameters["ImportToken"])
    token[round(position * (len(token) - 1))] ^= 1
    with invalid_token():
        key.put(new_material(SYMMETRIC), parameters=parameters | {"ImportToken": bytes(token)})


@pytest.mark.parametrize("change", [lambda token: token[:-1], lambda token: token + b"\0", lambda _token: b"token"])
def test_a_token_of_another_length_is_refused(kms: Any, change: Any) -> None:
    """Assumed: the answer is the same as for any damaged token."""
    key = ExternalKey.create(kms)
    parameters = key.parameters()
    with invalid_token():
        key.put(new_material(SYMMETRIC), parameters=parameters | {"ImportToken": change(parameters["ImportToken"])})


@pytest.mark.parametrize("change", [lambda c: c[:-1] + bytes([c[-1] ^ 1]), lambda c: c[:-1], lambda _c: b"\1"])
@pytest.mark.parametrize("spec", [SYMMETRIC, "RSA_2048"])
def test_a_damaged_ciphertext_is_refused(kms: Any, spec: str, change: Any) -> None:
    """Observed with an empty message: stackd imports_edges.json; assumed for truncated ciphertexts."""
    key = ExternalKey.create(kms, spec)
    parameters = key.parameters()
    ciphertext = wrap(parameters["algorithm"], parameters["PublicKey"], new_material(spec))
    with invalid_ciphertext():
        key.put_encrypted(change(ciphertext), parameters)
    assert key.state == "PendingImport"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(padding.OAEP(padding.MGF1(SHA1()), SHA1(), None), id="OAEP and MGF1 with SHA-1"),
        pytest.param(padding.OAEP(padding.MGF1(SHA1()), SHA256(), None), id="MGF1 with SHA-1"),
        pytest.param(padding.OAEP(padding.MGF1(SHA256()), SHA1(), None), id="OAEP with SHA-1"),
        pytest.param(padding.OAEP(padding.MGF1(SHA256()), SHA256(), b"label"), id="a label"),
        pytest.param(padding.PKCS1v15(), id="PKCS #1 v1.5"),
    ],
)
def test_oaep_must_be_the_named_one(kms: Any, wrong: padding.AsymmetricPadding) -> None:
    """Documented: Encrypt key material; re:Post on InvalidCiphertextException (OpenSSL's default hash is SHA-1)."""
    key = ExternalKey.create(kms)
    parameters = key.parameters("RSAES_OAEP_SHA_256", "RSA_2048")
    with invalid_ciphertext():
        key.put_encrypted(rsa_public_key(parameters["PublicKey"]).encrypt(os.urandom(32), wrong), parameters)


def hybrid(kms: Any) -> tuple[ExternalKey, dict[str, Any], bytes, bytes]:
    """An RSA key, its import parameters, an AES key, and the AES key encrypted with RSA."""
    key = ExternalKey.create(kms, "RSA_2048")
    parameters = key.parameters("RSA_AES_KEY_WRAP_SHA_256", "RSA_2048")
    aes = os.urandom(32)
    return key, parameters, aes, rsa_public_key(parameters["PublicKey"]).encrypt(aes, oaep(parameters["algorithm"]))


def test_the_wrapped_aes_key_comes_first(kms: Any) -> None:
    """Documented: Encrypt key material, ``cat aes-key-wrapped.bin key-material-wrapped.bin``."""
    key, parameters, aes, wrapped_aes = hybrid(kms)
    wrapped_material = aes_key_wrap_with_padding(aes, rsa_material(2048))
    with invalid_ciphertext():
        key.put_encrypted(wrapped_material + wrapped_aes, parameters)
    key.put_encrypted(wrapped_aes + wrapped_material, parameters)
    assert key.state == "Enabled"


def test_the_material_is_wrapped_with_padding(kms: Any) -> None:
    """Documented: Encrypt key material, AES key wrap with padding (RFC 5649), not RFC 3394."""
    key, parameters, aes, wrapped_aes = hybrid(kms)
    whole_blocks = rsa_material(2048) + b"\0" * (-len(rsa_material(2048)) % 8)
    with invalid_ciphertext():
        key.put_encrypted(wrapped_aes + aes_key_wrap(aes, whole_blocks), parameters)


@pytest.mark.parametrize("size", [16, 24])
def test_the_aes_key_has_256_bits(kms: Any, size: int) -> None:
    """Documented: Encrypt key material, "256-bit AES"; the refusal of shorter keys is assumed."""
    key, parameters, _aes, _wrapped = hybrid(kms)
    aes = os.urandom(size)
    wrapped_aes = rsa_public_key(parameters["PublicKey"]).encrypt(aes, oaep(parameters["algorithm"]))
    with invalid_ciphertext():
        key.put_encrypted(wrapped_aes + aes_key_wrap_with_padding(aes, rsa_material(2048)), parameters)


def test_both_hashes_of_the_hybrid_wrapping_are_the_named_one(kms: Any) -> None:
    """Documented: RSA_AES_KEY_WRAP_SHA_256 wraps the AES key with RSAES_OAEP_SHA_256."""
    key = ExternalKey.create(kms, "RSA_2048")
    parameters = key.parameters("RSA_AES_KEY_WRAP_SHA_256", "RSA_2048")
    with invalid_ciphertext():
        key.put(rsa_material(2048), parameters=parameters | {"algorithm": "RSA_AES_KEY_WRAP_SHA_1"})


def test_the_token_is_checked_before_the_material(kms: Any) -> None:
    """Assumed: an expired or foreign token is reported for any ciphertext."""
    key, other = ExternalKey.create(kms), ExternalKey.create(kms)
    with invalid_token():
        key.put_encrypted(b"no ciphertext at all", other.parameters())


def test_parameters_stay_valid_when_the_key_changes(kms: Any, emulator: Emulator) -> None:
    """Documented: import parameters are valid for 24 hours, and changes of the key do not affect them."""
    key = ExternalKey.create(kms)
    parameters = key.parameters()
    key.put(new_material(SYMMETRIC), emulator.now() + timedelta(hours=1))
    emulator.advance(hours=2)
    with unexpected_material(key.current_id):
        key.put(new_material(SYMMETRIC), parameters=parameters)
