# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys from files: the bytes for KMS, and the use of the passphrase."""

from __future__ import annotations

import base64
import subprocess

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.key_material import KeyMaterialError

from ..key_files import CURVES, PRIVATE, parse, written


def _openssl(*arguments: str, stdin: bytes | None = None) -> bytes:
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True).stdout


@pytest.mark.parametrize("key_spec", PRIVATE)
@pytest.mark.parametrize("form", ["auto", "der", "base64", "hex"])
def test_pkcs8_passes_through_byte_for_byte(key_spec: str, form: str) -> None:
    der = written(key_spec)
    content = {"base64": base64.b64encode(der), "hex": der.hex().encode()}.get(form, der)
    parsed = parse(content, key_spec, form)
    assert (parsed.data, parsed.reencoded) == (der, False)


@pytest.mark.parametrize("key_spec", PRIVATE)
@pytest.mark.parametrize("form", ["auto", "pem"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_pem_holds_the_same_bytes(key_spec: str, form: str, line_end: bytes) -> None:
    pem = b"Bag Attributes: none\n" + written(key_spec, Encoding.PEM)
    parsed = parse(pem.replace(b"\n", line_end), key_spec, form)
    assert (parsed.data, parsed.reencoded) == (written(key_spec), False)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
@pytest.mark.parametrize("key_spec", ["RSA_2048", *CURVES])
def test_the_traditional_forms_are_written_anew(key_spec: str, encoding: Encoding) -> None:
    """PKCS#1 and SEC 1 become exactly the PKCS#8 that OpenSSL writes, so that each reimport has the same bytes."""
    content = written(key_spec, encoding, PrivateFormat.TraditionalOpenSSL)
    command = [
        "openssl",
        "pkcs8",
        "-topk8",
        "-nocrypt",
        "-outform",
        "DER",
        "-inform",
        "PEM" if encoding is Encoding.PEM else "DER",
    ]
    parsed = parse(content, key_spec)
    assert parsed.data == subprocess.run(command, input=content, capture_output=True, check=True).stdout
    assert parsed.reencoded


def test_ec_parameters_before_the_key_do_no_harm() -> None:
    pem = subprocess.run(
        ["openssl", "ecparam", "-name", "prime256v1", "-genkey"], capture_output=True, check=True
    ).stdout
    assert b"EC PARAMETERS" in pem
    assert parse(pem, "ECC_NIST_P256").public_key is not None


@pytest.mark.parametrize(
    ("encoding", "form"),
    [
        (Encoding.PEM, PrivateFormat.PKCS8),
        (Encoding.DER, PrivateFormat.PKCS8),
        (Encoding.PEM, PrivateFormat.TraditionalOpenSSL),
    ],
)
@pytest.mark.parametrize("key_spec", ["RSA_2048", "ECC_NIST_P256"])
def test_encrypted_private_keys(key_spec: str, encoding: Encoding, form: PrivateFormat) -> None:
    content = written(key_spec, encoding, form, BestAvailableEncryption(b"correct horse"))
    parsed = parse(content, key_spec, passphrase=b"correct horse")
    assert parsed.reencoded
    assert parse(parsed.data, key_spec).public_key == parsed.public_key
    with pytest.raises(KeyMaterialError, match="Give its passphrase: key_material_passphrase_src"):
        parse(content, key_spec)
    with pytest.raises(KeyMaterialError, match="the passphrase in key_material_passphrase is wrong"):
        parse(content, key_spec, passphrase=b"wrong horse")


@pytest.mark.parametrize("cipher", ["camellia-256-cbc", "aria-256-cbc"])
def test_an_encryption_that_is_not_known_is_not_called_a_wrong_passphrase_alone(cipher: str) -> None:
    """The oldest supported version of cryptography supports these encryptions, and the newest does not."""
    pem = written("ECC_NIST_P256", Encoding.PEM)
    content = _openssl("pkcs8", "-topk8", "-v2", cipher, "-passout", "pass:correct horse", stdin=pem)
    try:
        outcome = parse(content, "ECC_NIST_P256", passphrase=b"correct horse").data.hex()
    except KeyMaterialError as error:
        outcome = str(error)
    assert outcome == written("ECC_NIST_P256").hex() or "openssl pkcs8 -topk8 -in FILE -out NEW.pem" in outcome
