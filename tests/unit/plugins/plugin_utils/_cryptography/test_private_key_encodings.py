# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys in PKCS#8 version 2 (RFC 5958) are rewritten in version 1, which KMS's documentation requires."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.key_material import KeyMaterialError

from ..key_files import PRIVATE, parse, private, written

ED25519 = "ECC_NIST_EDWARDS25519"
# RFC 8410, section 10.3: a private key in version 1, and in version 2 with an attribute and its public key.
FIRST = base64.b64decode("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC")
SECOND = base64.b64decode(
    "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhCoB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJz"
    "gSEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
)
ATTRIBUTE = SECOND[48:81]


def _element(tag: int, contents: bytes) -> bytes:
    length = len(contents)
    if length < 128:
        return bytes([tag, length]) + contents
    octets = length.to_bytes(2, "big").lstrip(b"\0")
    return bytes([tag, 0x80 | len(octets)]) + octets + contents


def _bits(key_spec: str, point: PublicFormat | None = None) -> bytes:
    """The contents of subjectPublicKey."""
    public: Any = private(key_spec).public_key()
    if point is not None:
        return b"\0" + bytes(public.public_bytes(Encoding.X962, point))
    spki: bytes = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    # The last BIT STRING ends at the end of the content: find one with the length of the rest.
    for start in range(len(spki)):
        rest = spki[start:]
        for header in (2, 3, 4):
            if _element(0x03, rest[header:]) == rest:
                return rest[header:]
    raise AssertionError(key_spec)


def _second(key_spec: str, *after: bytes, version: int = 1) -> bytes:
    """The key with this key spec in version 2."""
    der = written(key_spec)
    contents = der[2:] if der[1] < 128 else der[2 + (der[1] & 0x7F) :]
    return _element(0x30, bytes([2, 1, version]) + contents[3:] + b"".join(after))


def test_the_vector_of_rfc_8410() -> None:
    parsed = parse(SECOND, ED25519)
    assert parsed.data == FIRST
    assert parsed.reencoded
    assert not parse(FIRST, ED25519).reencoded
    assert parse(FIRST, ED25519).public_key == parsed.public_key


def _pem(der: bytes) -> bytes:
    return b"-----BEGIN PRIVATE KEY-----\n" + base64.encodebytes(der) + b"-----END PRIVATE KEY-----\n"


def _after(form: str, bits: bytes) -> list[bytes]:
    """The content after the private key."""
    public_key = _element(0x81, bits)
    return {
        "nothing": [],
        "an attribute": [ATTRIBUTE],
        "a public key": [public_key],
        "both": [ATTRIBUTE, public_key],
        "a public key, as ring wrote it": [_element(0xA1, _element(0x03, bits))],
    }[form]


@pytest.mark.parametrize("encoding", ["DER", "PEM"])
@pytest.mark.parametrize("form", ["nothing", "an attribute", "a public key", "both", "a public key, as ring wrote it"])
@pytest.mark.parametrize("key_spec", [name for name in PRIVATE if name not in ("RSA_3072", "RSA_4096")])
def test_every_form_of_the_second_version(key_spec: str, form: str, encoding: str) -> None:
    content = _second(key_spec, *_after(form, _bits(key_spec)))
    parsed = parse(_pem(content) if encoding == "PEM" else content, key_spec)
    assert parsed.data == written(key_spec), "version 1, as written here"
    assert parsed.public_key == parse(written(key_spec), key_spec).public_key


def test_a_compressed_point_is_the_same_public_key() -> None:
    content = _second("ECC_NIST_P256", _element(0x81, _bits("ECC_NIST_P256", PublicFormat.CompressedPoint)))
    assert parse(content, "ECC_NIST_P256").data == written("ECC_NIST_P256")


@pytest.mark.parametrize(
    ("after", "version", "told"),
    [
        ([_element(0x81, b"\0" + b"\7" * 32)], 1, "a public key that does not belong to its private key"),
        ([_element(0x81, b"\0" + b"\7" * 31)], 1, "a public key that does not belong to its private key"),
        ([_element(0x81, b"")], 1, "a public key that does not belong to its private key"),
        ([ATTRIBUTE, ATTRIBUTE], 1, "damaged"),
        ([b"\x05\0"], 1, "damaged"),
        ([b"\x81\x7f"], 1, "damaged"),
        ([b"\0"], 1, "damaged"),
        ([], 2, "not a private key"),
    ],
)
def test_what_does_not_belong_there(after: list[bytes], version: int, told: str) -> None:
    with pytest.raises(KeyMaterialError, match=told):
        parse(_second(ED25519, *after, version=version), ED25519)


@settings(deadline=None)
@example(position=11, value=0x71)
@given(position=st.integers(0, len(SECOND) - 1), value=st.integers(0, 255))
def test_one_changed_byte_never_gives_another_key(position: int, value: int) -> None:
    """The public key ensures this. The private key has no checksum."""
    content = SECOND[:position] + bytes([value]) + SECOND[position + 1 :]
    try:
        parsed = parse(content, ED25519)
    except KeyMaterialError:
        return
    assert parsed.data == FIRST
