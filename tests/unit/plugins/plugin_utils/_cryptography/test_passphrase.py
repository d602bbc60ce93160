# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passphrases of private keys: how a file is read, and the message for a wrong passphrase."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.key_material import (
    KeyMaterialError,
    parse_key_material,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.passphrase import (
    LONGEST,
    Passphrase,
    passphrase_from_file,
    passphrase_from_value,
)

from ..key_files import private, written


@pytest.mark.parametrize(
    ("content", "passphrase"),
    [
        (b"correct horse", b"correct horse"),
        (b"correct horse\n", b"correct horse"),
        (b"correct horse\r\n", b"correct horse"),
        (b"correct horse\n\n", b"correct horse\n"),
        (b"correct horse\r", b"correct horse\r"),
        (b" correct horse \n", b" correct horse "),
        (b"correct\nhorse\n", b"correct\nhorse"),
        ("schön\n".encode(), "schön".encode()),
        (b"\xff\xfe\0", b"\xff\xfe\0"),
        (b"x" * LONGEST + b"\r\n", b"x" * LONGEST),
    ],
)
def test_a_file_without_one_newline_at_its_end(content: bytes, passphrase: bytes) -> None:
    read = passphrase_from_file(content, "signing.passphrase")
    assert read.content == passphrase
    assert repr(passphrase)[2:-1] not in repr(read)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "is empty"), (b"\n", "is empty"), (b"\r\n", "is empty"), (b"x" * (LONGEST + 1), "has more than 1024")],
)
def test_what_is_no_passphrase(content: bytes, told: str) -> None:
    with pytest.raises(KeyMaterialError, match=f"The passphrase in the file signing.passphrase {told}"):
        passphrase_from_file(content, "signing.passphrase")


@pytest.mark.parametrize(("value", "told"), [("", "is empty"), ("x" * (LONGEST + 1), "has more than 1024")])
def test_a_value_that_is_no_passphrase(value: str, told: str) -> None:
    with pytest.raises(KeyMaterialError, match=f"The passphrase in key_material_passphrase {told}"):
        passphrase_from_value(value)


def test_a_value_is_taken_whole() -> None:
    assert passphrase_from_value("schön\n") == Passphrase("schön\n".encode(), "key_material_passphrase")


def _parse(content: bytes, passphrase: Passphrase) -> bytes:
    return parse_key_material(
        content,
        key_spec="ECC_NIST_P256",
        key_material_format="auto",
        passphrase=passphrase,
        origin="signing.pem",
        region="eu-central-1",
    ).data


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("length", [1, 1023])
def test_short_and_long_ones(form: PrivateFormat, length: int) -> None:
    """The libraries do not write keys with longer passphrases."""
    # A carriage return before the newline would be part of the end of the line.
    secret = os.urandom(length).translate(bytes.maketrans(b"\r\n", b"__"))
    content = written("ECC_NIST_P256", Encoding.PEM, form, BestAvailableEncryption(secret))
    assert _parse(content, passphrase_from_file(secret + b"\n", "p")) == written("ECC_NIST_P256")


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("wrong", [b"wrong horse", b"x" * 1024])
def test_a_wrong_one_is_named_by_its_file_alone(form: PrivateFormat, wrong: bytes) -> None:
    content = private("ECC_NIST_P256").private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"correct horse"))
    with pytest.raises(KeyMaterialError) as caught:
        _parse(content, passphrase_from_file(wrong, "signing.passphrase"))
    told = str(caught.value)
    assert "the passphrase in the file signing.passphrase is wrong" in told
    assert "horse" not in told
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
