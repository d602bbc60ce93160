# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Bytes as text: detect and decode the encoding of a text. White space is ignored in all encodings."""

from __future__ import annotations

import binascii
import string
from collections.abc import Callable

from ...module_utils._json import from_base64

__all__ = ("decode", "decode_url_safe", "is_base32", "is_hex", "is_text")

_PRINTABLE = frozenset(string.printable.encode("ascii"))
# In base64 of random bytes, one character in three is a hex digit, and every second one is valid in base32, so 32 in a
# row do not occur by chance.
_SHORTEST_HEX = 32
_BASE32 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=")


def decode(text: bytes, encoding: str) -> bytes | None:
    """Decode the text; None if it does not have this encoding.

    :param encoding: ``base64`` (RFC 4648, section 4), or ``hex``, in which colons are also ignored.
    """
    return _decoded(text, {"base64": from_base64, "hex": _from_hex}[encoding])


def decode_url_safe(text: bytes) -> bytes | None:
    """Decode base64 for URLs (RFC 4648, section 5), with or without padding."""
    return _decoded(text, _from_url_safe)


def is_hex(text: bytes) -> bool:
    """Whether this is hex text. Every hex text can also be decoded as base64, to other bytes."""
    return len(b"".join(text.split())) >= _SHORTEST_HEX and bool(decode(text, "hex"))


def is_base32(text: bytes) -> bool:
    text = b"".join(text.split())
    return len(text) >= _SHORTEST_HEX and all(byte in _BASE32 for byte in text)


def is_text(content: bytes) -> bool:
    """Whether all bytes are printable ASCII or white space. Those of a ciphertext or a random key never are."""
    return all(byte in _PRINTABLE for byte in content)


def _decoded(text: bytes, decoder: Callable[[bytes], bytes]) -> bytes | None:
    try:
        return decoder(b"".join(text.split()))
    except (binascii.Error, ValueError):
        return None


def _from_url_safe(text: bytes) -> bytes:
    text = text.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    return from_base64(text + b"=" * (-len(text) % 4))


def _from_hex(text: bytes) -> bytes:
    return binascii.unhexlify(text.replace(b":", b""))
