# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key material from files: what is accepted and refused. No refusal displays a byte of the key material."""

from __future__ import annotations

import base64
import subprocess
import traceback

import pytest
from cryptography.hazmat.primitives.asymmetric import ed448
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.specs import KEY_SPECS
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.key_material import (
    KeyMaterialError,
)

from ..key_files import RAW, parse, private, random_bytes, written

FORMATS = ("auto", "raw", "base64", "hex", "pem", "der")


@pytest.mark.parametrize("form", ["auto", "raw", "base64", "hex"])
@pytest.mark.parametrize(("key_spec", "length"), RAW.items())
def test_raw_material_in_every_format(key_spec: str, length: int, form: str) -> None:
    material = random_bytes(length)
    content = {"base64": base64.encodebytes(material), "hex": material.hex().encode() + b"\n"}.get(form, material)
    parsed = parse(content, key_spec, form)
    assert parsed.data == material
    assert parsed.public_key is None


DOUBTFUL = [
    (b"0123456789abcdef" * 4, "hex"),
    (b"0123456789abcdef" * 4 + b"\n", "hex"),
    (base64.b64encode(bytes(range(32))), "base64"),
    (base64.b64encode(bytes(range(32))) + b"\r\n", "base64"),
    (b"correct horse battery staple 123", "raw"),
    (b"\0" * 32, "raw"),
    (b"\xff" * 32, "raw"),
    (bytes(range(100, 132)) + b"\n", "newline"),
    (b"password\n", "is text"),
]


@pytest.mark.parametrize(("content", "told"), DOUBTFUL)
def test_what_might_be_something_else_is_not_guessed_at(content: bytes, told: str) -> None:
    with pytest.raises(KeyMaterialError, match=told):
        parse(content, "SYMMETRIC_DEFAULT")


def test_what_is_named_raw_is_taken_as_it_is() -> None:
    for content, _told in DOUBTFUL:
        if len(content) == 32:
            assert parse(content, "SYMMETRIC_DEFAULT", "raw").data == content


@pytest.mark.parametrize(
    ("key_spec", "form", "length", "told"),
    [
        ("SYMMETRIC_DEFAULT", "auto", 31, "has 31 bytes, but a SYMMETRIC_DEFAULT key requires exactly 32"),
        ("SYMMETRIC_DEFAULT", "raw", 33, "exactly 32"),
        ("HMAC_256", "auto", 33, "For a longer HMAC key .* set key_material_format: raw"),
        ("HMAC_256", "raw", 129, "32 to 128"),
        ("HMAC_384", "raw", 47, "48 to 128"),
        ("HMAC_512", "auto", 200, "is hashed before use"),
    ],
)
def test_lengths(key_spec: str, form: str, length: int, told: str) -> None:
    with pytest.raises(KeyMaterialError, match=told):
        parse(random_bytes(length), key_spec, form)


def test_a_longer_hmac_key_by_name() -> None:
    assert len(parse(random_bytes(128), "HMAC_256", "raw").data) == 128


def test_symmetric_material_of_china() -> None:
    assert len(parse(random_bytes(16), "SYMMETRIC_DEFAULT", region="cn-north-1").data) == 16
    with pytest.raises(KeyMaterialError, match="exactly 16"):
        parse(random_bytes(32), "SYMMETRIC_DEFAULT", region="cn-north-1")


def _openssl(*arguments: str, stdin: bytes | None = None) -> bytes:
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True).stdout


def _explicit_curve() -> bytes:
    options = ["-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"]
    return _openssl("genpkey", "-algorithm", "EC", *options)


def _certificate() -> bytes:
    return b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


REFUSED = {
    "another size": (lambda: written("RSA_3072"), "RSA_2048", "auto", "an RSA private key of 3072 bits"),
    "another curve": (lambda: written("ECC_NIST_P384"), "ECC_NIST_P256", "auto", "curve secp384r1"),
    "another kind": (lambda: written("RSA_2048"), "ECC_NIST_P256", "auto", "requires a private key on curve"),
    "ed448": (
        lambda: ed448.Ed448PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        "ECC_NIST_EDWARDS25519",
        "auto",
        "another kind",
    ),
    "explicit curve": (_explicit_curve, "ECC_NIST_P256", "auto", "named curve"),
    "public key": (
        lambda: private("RSA_2048").public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "RSA_2048",
        "auto",
        "not a private key",
    ),
    "public key, PEM": (
        lambda: private("RSA_2048").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "RSA_2048",
        "auto",
        "PUBLIC KEY",
    ),
    "certificate": (_certificate, "RSA_2048", "auto", "CERTIFICATE"),
    "OpenSSH": (
        lambda: private("ECC_NIST_P256").private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
        "ECC_NIST_P256",
        "auto",
        "ssh-keygen -p -m PKCS8",
    ),
    "three primes": (
        lambda: _openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_primes:3"),
        "RSA_2048",
        "auto",
        "has more than two primes|numbers do not match",
    ),
    "two keys": (lambda: written("RSA_2048", Encoding.PEM) * 2, "RSA_2048", "auto", "must contain one private key"),
    "half a PEM": (lambda: written("RSA_2048", Encoding.PEM)[:400], "RSA_2048", "auto", "no complete block"),
    "damaged PEM": (
        lambda: written("ECC_NIST_P256", Encoding.PEM).replace(b"MIG", b"M?G"),
        "ECC_NIST_P256",
        "auto",
        "damaged",
    ),
    "half a DER": (lambda: written("RSA_2048")[:700], "RSA_2048", "auto", "fewer bytes"),
    "a newline after DER": (
        lambda: written("RSA_2048") + b"\n",
        "RSA_2048",
        "auto",
        "1 additional bytes after its end",
    ),
    "indefinite length": (lambda: b"\x30\x80" + written("RSA_2048")[4:] + b"\0\0", "RSA_2048", "auto", "openssl pkcs8"),
    "damaged DER": (
        lambda: written("ECC_NIST_P256")[:-9] + b"\0" * 9,
        "ECC_NIST_P256",
        "auto",
        "not a valid private key",
    ),
    "text": (lambda: b"hello", "RSA_2048", "auto", "not a private key in PEM or DER"),
    "raw": (lambda: written("RSA_2048"), "RSA_2048", "raw", "cannot be raw"),
    "pem said, DER given": (lambda: written("RSA_2048"), "RSA_2048", "pem", "is not PEM"),
    "der said, PEM given": (lambda: written("RSA_2048", Encoding.PEM), "RSA_2048", "der", "is PEM"),
    "PEM for a symmetric key": (
        lambda: written("RSA_2048", Encoding.PEM),
        "SYMMETRIC_DEFAULT",
        "auto",
        "raw bytes, not a private key",
    ),
    "der said for a symmetric key": (lambda: random_bytes(32), "SYMMETRIC_DEFAULT", "der", "cannot be der"),
    "hex said": (lambda: random_bytes(32), "SYMMETRIC_DEFAULT", "hex", "is not hex text"),
    "base64 said": (lambda: b"===", "HMAC_256", "base64", "is not base64 text"),
    "nothing": (lambda: b"", "SYMMETRIC_DEFAULT", "auto", "is empty"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_kms_would_refuse_with_an_empty_message_has_a_sentence_here(case: str) -> None:
    make, key_spec, form, told = REFUSED[case]
    content = make()
    with pytest.raises(KeyMaterialError, match=told) as caught:
        parse(content, key_spec, form)
    assert "payments.key" in str(caught.value)
    _assert_shows_nothing(caught.value, content)


@pytest.mark.parametrize("key_spec", ["RSA_2048", "SYMMETRIC_DEFAULT"])
def test_a_passphrase_for_nothing(key_spec: str) -> None:
    content = random_bytes(32) if key_spec == "SYMMETRIC_DEFAULT" else written(key_spec)
    with pytest.raises(KeyMaterialError, match=r"Remove the passphrase( in key_material_passphrase)?\."):
        parse(content, key_spec, passphrase=b"needless")


@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.text(alphabet="0123456789abcdef\n:", max_size=80).map(str.encode),
        st.binary(max_size=99).map(base64.b64encode),
        st.binary(max_size=60).map(lambda body: b"0" + bytes([len(body)]) + body),
        st.binary(max_size=60).map(
            lambda body: b"-----BEGIN PRIVATE KEY-----\n" + base64.encodebytes(body) + b"-----END PRIVATE KEY-----\n"
        ),
    ),
    key_spec=st.sampled_from(list(KEY_SPECS)),
    form=st.sampled_from(FORMATS),
    passphrase=st.one_of(st.none(), st.just(b"pass")),
)
@example(b"0\x80", "RSA_2048", "auto", None)
@example(b"0\x84\xff\xff\xff\xff", "RSA_2048", "auto", None)
def test_any_bytes_are_material_or_a_sentence(
    content: bytes, key_spec: str, form: str, passphrase: bytes | None
) -> None:
    try:
        parsed = parse(content, key_spec, form, passphrase)
    except KeyMaterialError as error:
        _assert_shows_nothing(error, content)
    else:
        shortest = KEY_SPECS[key_spec].minimum_length or 1
        assert len(parsed.data) >= shortest
        assert parsed.data.hex() not in repr(parsed)
        assert repr(parsed.data)[2:-1] not in repr(parsed)


def _assert_shows_nothing(error: BaseException, content: bytes) -> None:
    """Check the message, and Python's output for the exception and all its causes."""
    shown = "".join(traceback.format_exception(error))
    while (cause := error.__context__) is not None:
        shown += repr(cause) + str(cause)
        error = cause
    piece = content[8:24]
    if len(piece) < 16 or len(set(piece)) < 8:
        return  # Too short to be distinguished from the words of a message.
    for form in (piece.hex(), base64.b64encode(content[9:24]).decode(), repr(piece)[2:-1], piece.decode("latin-1")):
        assert form not in shown
