# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Raw key material: the bytes of symmetric and HMAC keys.

KMS accepts any bytes of the right length, including the text of a key instead of the key. Content that looks like text
is refused here. ``raw`` is suggested only for bytes that were given as they are, never for decoded ones.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...module_utils._key.specs import KeySpec, material_lengths
from .errors import KeyMaterialError
from .text_encodings import decode, decode_url_safe, is_base32, is_hex, is_text

__all__ = ("decode_text", "read_raw")

_CONVERT_URL_SAFE = (
    "It looks like base64 for URLs, or without padding (RFC 4648, sections 3.2 and 5). Replace - with + and _ with"
    " /, and add = until the length is a multiple of four."
)


def read_raw(content: bytes, spec: KeySpec, key_material_format: str, region: str) -> bytes:
    """:raises KeyMaterialError: a predicate, to follow "The key material in ..."."""
    if key_material_format in ("pem", "der"):
        raise KeyMaterialError(
            f"cannot be {key_material_format}: {spec.name} key material is raw bytes, not a private"
            " key. Set key_material_format to raw, base64 or hex."
        )
    lengths = range(material_lengths(spec, region)[0], material_lengths(spec, region)[1] + 1)
    if key_material_format == "auto":
        _refuse_doubtful(content, spec, lengths)
        _refuse_length(content, spec, lengths[:1])
        return content
    if key_material_format != "raw":
        _refuse_two_keys(content, lengths)
        content = decode_text(content, key_material_format)
        _refuse_encoded_twice(content, key_material_format)
    _refuse_length(content, spec, lengths)
    return content


def decode_text(content: bytes, key_material_format: str) -> bytes:
    """Decode base64 (RFC 4648, section 4) or hex text. White space, and colons in hex, are ignored."""
    if key_material_format == "base64" and is_hex(content):
        raise KeyMaterialError("is hex text, but key_material_format is base64. Set it to hex.")
    if key_material_format == "base64" and is_base32(content):
        raise KeyMaterialError("is base32 text (RFC 4648, section 6), which is not supported. Convert it to base64.")
    decoded = decode(content, key_material_format)
    if not decoded:
        hint = f" {_CONVERT_URL_SAFE}" if key_material_format == "base64" and decode_url_safe(content) else ""
        raise KeyMaterialError(
            f"is not {key_material_format} text, but key_material_format is {key_material_format}. Set it to the"
            f" right format.{hint}"
        )
    return decoded


def _encodings(content: bytes, lengths: range) -> dict[str, int]:
    """The encodings that this text can have, and the number of bytes, if that is a permitted length."""
    names = ["hex"] if is_hex(content) else [] if is_base32(content) else ["hex", "base64"]
    found = {name: len(decode(content, name) or b"") for name in names}
    return {name: length for name, length in found.items() if length in lengths}


def _takes(spec: KeySpec, lengths: range) -> str:
    wanted = f"exactly {lengths[0]}" if len(lengths) == 1 else f"{lengths[0]} to {lengths[-1]}"
    return f"{'a' if spec.kind == 'symmetric' else 'an'} {spec.name} key requires {wanted}"


def _refuse_length(content: bytes, spec: KeySpec, lengths: range) -> None:
    if len(content) in lengths:
        return
    longest = spec.maximum_length or 0
    more = ""
    if spec.kind == "hmac" and len(content) > longest:
        more = " A key longer than a block of its hash is hashed before use (RFC 2104). Give the hash of the key."
    elif spec.kind == "hmac" and len(content) > lengths[-1]:
        more = f" For a longer HMAC key (KMS accepts up to {longest} bytes), set key_material_format: raw."
    raise KeyMaterialError(f"has {len(content)} bytes, but {_takes(spec, lengths)}.{more}")


def _refuse_two_keys(text: bytes, lengths: range) -> None:
    """Refuse several keys in hex. Hex is seldom broken into lines, and never at the end of a key. Base64 often is,
    after 48 bytes, which may be a key.
    """
    lines = text.split()
    if len(lines) > 1 and all(is_hex(line) and len(decode(line, "hex") or b"") in lengths for line in lines):
        raise KeyMaterialError(
            f"has {len(lines)} lines, each of which is a complete key in hex. Give a file with one key; or, if it is"
            " one long key, write it on one line."
        )


def _refuse_encoded_twice(content: bytes, key_material_format: str) -> None:
    """Refuse text in text. The text of a key may have the length of a key, and would then permanently be the key."""
    if not is_text(content):
        return
    inner = "hex" if is_hex(content) else "base64"
    decoded = decode(content, inner)
    if decoded:
        raise KeyMaterialError(
            f"is the {key_material_format} of text that is itself the {inner} of {len(decoded)} bytes: it was"
            " encoded twice. Decode it once, and give the result."
        )


def _refuse_doubtful(content: bytes, spec: KeySpec, lengths: range) -> None:
    """Refuse content that is not random bytes but a file that is often mistaken for them."""
    if b"-----BEGIN" in content:
        raise KeyMaterialError(
            f"is PEM, but {spec.name} key material is raw bytes, not a private key. Give the raw bytes."
        )
    if is_text(content):
        raise KeyMaterialError(_about_text(content, spec, lengths))
    if len(set(content)) == 1:
        raise KeyMaterialError(
            "is one byte repeated, not random bytes. If this is intended, set key_material_format: raw."
        )
    if content.endswith(b"\n") and len(content) != lengths[0]:
        raise KeyMaterialError(
            f"has {len(content)} bytes, the last of which is a newline, but {_takes(spec, lengths[:1])}. An editor"
            " or a shell may have added the newline. Give the file without it."
        )


def _about_text(content: bytes, spec: KeySpec, lengths: range) -> str:
    encodings = _encodings(content, lengths)
    if encodings:
        said = f"is text, and could be {_or(_named(encodings))}. Set key_material_format: {_or(encodings)}."
    else:
        said = f"is text, not random bytes. It is not hex or base64 of the required length: {_takes(spec, lengths)}."
        if len(decode_url_safe(content) or b"") in lengths:
            said += f" {_CONVERT_URL_SAFE}"
    if len(content) in lengths:
        newline = " and the newline at its end" if content.endswith(b"\n") else ""
        said += f" Set it to raw only if these {len(content)} characters{newline} are the key material."
    return said


def _named(encodings: dict[str, int]) -> list[str]:
    return [f"the {name} of {length} bytes" for name, length in encodings.items()]


def _or(words: Iterable[str]) -> str:
    return " or ".join(words)
