# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text encodings of bytes: detection and decoding."""

from __future__ import annotations

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.text_encodings import (
    decode,
    decode_url_safe,
    is_base32,
    is_hex,
    is_text,
)


@given(st.binary(max_size=200))
def test_what_was_encoded_is_decoded(content: bytes) -> None:
    for text in (base64.b64encode(content), base64.encodebytes(content)):
        assert decode(text, "base64") == content
    for text in (content.hex().encode(), content.hex(":").encode(), content.hex(" ", 2).upper().encode() + b"\n"):
        assert decode(text, "hex") == content
    for text in (base64.urlsafe_b64encode(content), base64.urlsafe_b64encode(content).rstrip(b"=")):
        assert decode_url_safe(text) == content


@pytest.mark.parametrize("text", [b"a", b"====", b"\x00\x01", "\u00e4".encode(), b"YQ==!"])
@pytest.mark.parametrize("encoding", ["base64", "hex"])
def test_what_is_not_in_it(text: bytes, encoding: str) -> None:
    assert decode(text, encoding) is None


def test_hex_is_base64_too() -> None:
    """Base64 decodes it to different bytes, so the code must detect hexadecimal text."""
    text = os.urandom(32).hex().encode()
    assert is_hex(text)
    assert decode(text, "base64") != decode(text, "hex")


@pytest.mark.parametrize("text", [b"0123456789abcdef", b"z" * 64, b"0" * 33])
def test_what_is_no_hex(text: bytes) -> None:
    """Too short to be distinguished from base64, other characters, and an odd number of digits."""
    assert not is_hex(text)


def test_base32() -> None:
    assert is_base32(base64.b32encode(os.urandom(32)))
    assert not is_base32(b"MFRGG===")
    assert not is_base32(b"0" * 40)


def test_text() -> None:
    assert is_text(b"-----BEGIN\n\t abc ~")
    assert not is_text(b"abc\x00")
    assert not is_text("\u00e4".encode())
