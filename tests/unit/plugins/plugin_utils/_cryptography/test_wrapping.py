# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrapping, compared with published test vectors and with OpenSSL."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.wrapping import (
    public_key_file,
    public_key_sha256,
    refuse_overwriting_public_key,
    wrap,
)

# RFC 5649, section 6, uses a 192-bit key, so the vectors check only the library's part of the hybrid wrap.
KWP_KEY = bytes.fromhex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8")
KWP_VECTORS = [
    ("c37b7e6492584340bed12207808941155068f738", "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a"),
    ("466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f"),
]


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def spki(private_key: rsa.RSAPrivateKey) -> bytes:
    return private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(("plain", "wrapped"), KWP_VECTORS)
def test_aes_key_wrap_with_padding_is_that_of_the_rfc(plain: str, wrapped: str) -> None:
    assert aes_key_unwrap_with_padding(KWP_KEY, bytes.fromhex(wrapped)) == bytes.fromhex(plain)


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"])
def test_openssl_unwraps_oaep(private_key: rsa.RSAPrivateKey, tmp_path: Path, algorithm: str) -> None:
    """OpenSSL decrypts with the inverse of the command in AWS's guide."""
    material = os.urandom(32)
    wrapped = wrap(
        material, wrapping_public_key=spki(private_key), wrapping_algorithm=algorithm, wrapping_key_spec="RSA_2048"
    )
    assert _decrypt(private_key, tmp_path, wrapped, algorithm) == material


@pytest.mark.parametrize("algorithm", ["RSA_AES_KEY_WRAP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1"])
@pytest.mark.parametrize("length", [16, 121, 1218])
def test_openssl_unwraps_the_hybrid_wrap(
    private_key: rsa.RSAPrivateKey, tmp_path: Path, algorithm: str, length: int
) -> None:
    material = os.urandom(length)
    wrapped = wrap(
        material, wrapping_public_key=spki(private_key), wrapping_algorithm=algorithm, wrapping_key_spec="RSA_2048"
    )
    aes_key = _decrypt(private_key, tmp_path, wrapped[:256], algorithm)
    assert len(aes_key) == 32
    command = ["openssl", "enc", "-d", "-id-aes256-wrap-pad", "-iv", "A65959A6", "-K", aes_key.hex()]
    assert subprocess.run(command, input=wrapped[256:], capture_output=True, check=True).stdout == material


def test_the_aes_key_is_used_as_it_was_drawn(private_key: rsa.RSAPrivateKey) -> None:
    aes_key = bytes(range(32))
    wrapped = wrap(
        b"x" * 40,
        wrapping_public_key=spki(private_key),
        wrapping_algorithm="RSA_AES_KEY_WRAP_SHA_256",
        wrapping_key_spec="RSA_2048",
        random=lambda length: aes_key[:length],
    )
    assert aes_key_unwrap_with_padding(aes_key, wrapped[256:]) == b"x" * 40


def test_no_two_wraps_are_alike(private_key: rsa.RSAPrivateKey) -> None:
    for algorithm in ("RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256"):
        made = {
            wrap(
                b"k" * 32,
                wrapping_public_key=spki(private_key),
                wrapping_algorithm=algorithm,
                wrapping_key_spec="RSA_2048",
            )[-32:]
            for _number in range(3)
        }
        assert len(made) == 3


@pytest.mark.parametrize("what", ["another size", "another kind", "no key"])
def test_a_public_key_that_kms_was_not_asked_for(private_key: rsa.RSAPrivateKey, what: str) -> None:
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    given = {
        "another size": spki(private_key),
        "another kind": curve.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "no key": b"no key at all",
    }[what]
    with pytest.raises(Refusal, match="Nothing was encrypted") as caught:
        wrap(
            b"secret" * 6,
            wrapping_public_key=given,
            wrapping_algorithm="RSAES_OAEP_SHA_256",
            wrapping_key_spec="RSA_4096",
        )
    assert "secret" not in str(caught.value)


def test_what_does_not_fit(private_key: rsa.RSAPrivateKey) -> None:
    with pytest.raises(Refusal, match="191 bytes"):
        wrap(
            b"k" * 191,
            wrapping_public_key=spki(private_key),
            wrapping_algorithm="RSAES_OAEP_SHA_256",
            wrapping_key_spec="RSA_2048",
        )


def test_the_hash_of_a_public_key() -> None:
    assert public_key_sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def _decrypt(private_key: rsa.RSAPrivateKey, folder: Path, wrapped: bytes, algorithm: str) -> bytes:
    pem = folder / "wrapping-key.pem"
    pem.write_bytes(private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    digest = "sha256" if algorithm.endswith("256") else "sha1"
    options = ("rsa_padding_mode:oaep", f"rsa_oaep_md:{digest}", f"rsa_mgf1_md:{digest}")
    command = ["openssl", "pkeyutl", "-decrypt", "-inkey", str(pem)]
    command += [word for option in options for word in ("-pkeyopt", option)]
    return subprocess.run(command, input=wrapped, capture_output=True, check=True).stdout


@pytest.mark.parametrize("pem", [True, False])
def test_an_rsa_public_key_may_be_replaced(private_key: rsa.RSAPrivateKey, pem: bool) -> None:
    refuse_overwriting_public_key(None, "it")
    refuse_overwriting_public_key(public_key_file(spki(private_key), pem=pem), "it")


def test_nothing_else_is_replaced_by_a_public_key(private_key: rsa.RSAPrivateKey) -> None:
    """This includes the same key followed by other content, which could be the private key."""
    elliptic = ec.generate_private_key(ec.SECP256R1())
    private = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    others = [
        b"",
        os.urandom(32),
        private,
        private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        elliptic.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        public_key_file(spki(private_key), pem=True) + private,
        private + public_key_file(spki(private_key), pem=True),
        spki(private_key) + b"x",
    ]
    for content in others:
        with pytest.raises(Refusal, match="it was not overwritten"):
            refuse_overwriting_public_key(content, "it")


def test_the_wrapping_public_key_for_another_tool(private_key: rsa.RSAPrivateKey) -> None:
    der = spki(private_key)
    assert public_key_file(der, pem=False) == der
    pem = public_key_file(der, pem=True)
    assert load_pem_public_key(pem).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == der
    assert pem == load_pem_public_key(pem).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
