# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Raw key material: the bytes of symmetric and HMAC keys.

KMS takes any bytes of the right length, and so also the text of a key instead of the key. What looks like that is
refused here unless the format is named.
"""

from __future__ import annotations

import base64
import binascii
import string
from collections.abc import Callable

from ansible_collections.cloudkeys.aws.plugins.module_utils._key_specs import KeySpec, material_lengths
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material_error import KeyMaterialError

__all__ = ("decode_text", "read_raw")

_PRINTABLE = frozenset(string.printable.encode("ascii"))


def read_raw(content: bytes, spec: KeySpec, key_material_format: str, region: str) -> bytes:
    """:raises KeyMaterialError: a predicate, to stand after "The key material in ..."."""
    shortest, longest = material_lengths(spec, region)
    if key_material_format == "raw":
        # The bytes as they are: for HMAC keys KMS takes more lengths than the one of the spec.
        _refuse_length(content, spec, shortest, longest)
        return content
    if key_material_format in ("pem", "der"):
        raise KeyMaterialError(
            f"cannot be {key_material_format}: the material of a {spec.name} key is raw bytes, not a private key. Set"
            " key_material_format to raw, base64 or hex."
        )
    if key_material_format == "auto":
        _refuse_doubtful(content, spec, shortest)
    else:
        content = decode_text(content, key_material_format)
    _refuse_length(content, spec, shortest, shortest)
    return content


def decode_text(content: bytes, key_material_format: str) -> bytes:
    """What base64 (RFC 4648, section 4) or hex text stands for; white space, and colons in hex, are skipped."""
    decoded = _decoded(content, _DECODERS[key_material_format])
    if not decoded:
        raise KeyMaterialError(f"is not {key_material_format} text, which key_material_format says it is.")
    return decoded


def _from_base64(text: bytes) -> bytes:
    return base64.b64decode(text, validate=True)


def _from_hex(text: bytes) -> bytes:
    return binascii.unhexlify(text.replace(b":", b""))


_DECODERS: dict[str, Callable[[bytes], bytes]] = {"hex": _from_hex, "base64": _from_base64}


def _decoded(content: bytes, decoder: Callable[[bytes], bytes]) -> bytes | None:
    try:
        return decoder(b"".join(content.split()))
    except (binascii.Error, ValueError):
        return None


def _refuse_length(content: bytes, spec: KeySpec, shortest: int, longest: int) -> None:
    if shortest <= len(content) <= longest:
        return
    wanted = f"exactly {shortest}" if shortest == longest else f"{shortest} to {longest}"
    more = ""
    if spec.kind == "hmac" and shortest == longest and len(content) > shortest:
        more = (
            " For a longer HMAC key, which KMS takes up to 128 bytes, name the format: key_material_format: raw."
            if len(content) <= (spec.maximum_length or 0)
            else " A key longer than a block of its hash is hashed before use (RFC 2104): give the hash of it."
        )
    raise KeyMaterialError(f"has {len(content)} bytes, and a {spec.name} key takes {wanted}.{more}")


def _refuse_doubtful(content: bytes, spec: KeySpec, length: int) -> None:
    """Random bytes never look like this, but the files that people mistake for them do."""
    if b"-----BEGIN" in content:
        raise KeyMaterialError(f"is PEM; the material of a {spec.name} key is raw bytes, not a private key.")
    if all(byte in _PRINTABLE for byte in content):
        for name, decoder in _DECODERS.items():
            if len(_decoded(content, decoder) or b"") == length:
                raise KeyMaterialError(
                    f"is text, and could be the {name} of {length} bytes. Say so with key_material_format: {name}; or,"
                    " if the text itself is the key material, with key_material_format: raw."
                )
        raise KeyMaterialError(
            "is text, not random bytes. Name its format with key_material_format: base64, hex, or raw if the text"
            " itself is the key material."
        )
    if len(set(content)) == 1:
        raise KeyMaterialError("is one byte repeated, not random bytes. If it is meant, set key_material_format: raw.")
    if content.endswith(b"\n"):
        raise KeyMaterialError(
            f"has {len(content)} bytes, the last of which is a newline. If an editor or a shell added it, remove it; if"
            " it belongs to the key material, set key_material_format: raw."
        )
