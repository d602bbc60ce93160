# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The DER encoding of a private key, determined by its first elements, before any library reads it."""

from __future__ import annotations

from ...module_utils._key.specs import KeySpec
from .errors import KeyMaterialError

__all__ = ("CONVERT", "encoding_of", "first_version")

CONVERT = "openssl pkcs8 -topk8 -nocrypt -in FILE -outform DER -out FILE.der"

# Identifier octets (ITU-T X.690, section 8.1.2).
_SEQUENCE, _INTEGER, _BIT_STRING, _OCTET_STRING = 0x30, 0x02, 0x03, 0x04
# id-ecPublicKey with parameters that are a SEQUENCE: the curve's numbers instead of its name (RFC 5480, section 2.1.1).
_EXPLICIT_CURVE = bytes.fromhex("06072a8648ce3d0201") + bytes([_SEQUENCE])
# OneAsymmetricKey (RFC 5958, section 2): attributes [0] and publicKey [1], which is IMPLICIT. Early versions of the
# Rust library ring wrote it EXPLICIT.
_ATTRIBUTES, _PUBLIC_KEY, _EXPLICIT_PUBLIC_KEY = 0xA0, 0x81, 0xA1
_AFTER_THE_PRIVATE_KEY = (
    [],
    [_ATTRIBUTES],
    *([*attributes, public] for attributes in ([], [_ATTRIBUTES]) for public in (_PUBLIC_KEY, _EXPLICIT_PUBLIC_KEY)),
)
_DAMAGED = "is not a valid private key. The file is damaged: copy or export it again."
_VERSIONS = {b"\0": "pkcs8", b"\1": "pkcs8 version 2"}


def encoding_of(der: bytes, spec: KeySpec) -> str:
    """``pkcs8``, ``pkcs8 version 2``, ``encrypted``, ``pkcs1`` or ``sec1`` (RFC 5208, 5958, 8017 and 5915).

    :raises KeyMaterialError: a predicate, to follow "The key material in ...".
    """
    outer = _element(der, 0)
    if outer is None or outer[0] != _SEQUENCE:
        raise KeyMaterialError(
            f"is not a private key in PEM or DER, but an {spec.name} key requires {spec.title}, as PKCS#8. Convert"
            f" it, for example with {CONVERT}."
        )
    _tag, start, end = outer
    if end != len(der):
        what = (
            f"{len(der) - end} additional bytes after its end"
            if end < len(der)
            else "fewer bytes than its length field"
        )
        raise KeyMaterialError(
            f"is a DER structure with {what}. The file is damaged, or a newline was added: copy or export it again."
        )
    first = _element(der, start)
    second = _element(der, first[2]) if first else None
    tags = (first[0] if first else 0, second[0] if second else 0)
    if _EXPLICIT_CURVE in der[:64]:
        raise KeyMaterialError(
            "has explicit curve parameters, but KMS accepts only named curves. Convert it with openssl ec -in FILE"
            " -param_enc named_curve -out FILE.pem."
        )
    kind = {
        (_INTEGER, _SEQUENCE): _VERSIONS.get(der[first[1] : first[2]]) if first else None,
        (_SEQUENCE, _OCTET_STRING): "encrypted",
        (_INTEGER, _INTEGER): "pkcs1",
        (_INTEGER, _OCTET_STRING): "sec1",
    }.get(tags)
    if kind is None:
        raise KeyMaterialError(
            "is a DER structure, but not a private key. A public key or a certificate cannot be imported. Give"
            " the private key."
        )
    return kind


def first_version(der: bytes) -> tuple[bytes, bytes | None]:
    """PKCS#8 as in RFC 5208, and the public key that was stored with the private key, as SubjectPublicKeyInfo.

    KMS's documentation names RFC 5208. Only the newest versions of cryptography and OpenSSL read the second version, so
    it is parsed here. Its attributes are not part of the key.

    :param der: of the second version.
    :raises KeyMaterialError: a predicate.
    """
    _tag, start, end = _element(der, 0) or (0, 0, 0)
    elements: list[tuple[int, bytes, bytes]] = []
    while start < end:
        element = _element(der, start)
        if element is None or element[2] > end:
            raise KeyMaterialError(_DAMAGED)
        elements.append((element[0], der[start : element[2]], der[element[1] : element[2]]))
        start = element[2]
    tags = [tag for tag, _whole, _contents in elements]
    if tags[:3] != [_INTEGER, _SEQUENCE, _OCTET_STRING] or tags[3:] not in _AFTER_THE_PRIVATE_KEY:
        raise KeyMaterialError(_DAMAGED)
    algorithm, private_key = elements[1][1], elements[2][1]
    older = _write(_SEQUENCE, bytes([_INTEGER, 1, 0]) + algorithm + private_key)
    tag, _whole, contents = elements[-1]
    if tag not in (_PUBLIC_KEY, _EXPLICIT_PUBLIC_KEY):
        return older, None
    bits = contents if tag == _EXPLICIT_PUBLIC_KEY else _write(_BIT_STRING, contents)
    return older, _write(_SEQUENCE, algorithm + bits)


def _element(der: bytes, offset: int) -> tuple[int, int, int] | None:
    """The identifier octet, and the start and end of the contents; None if there is no element of definite length."""
    if offset + 2 > len(der):
        return None
    length, start = der[offset + 1], offset + 2
    if length == 0x80 or length > 0x84:
        return None
    if length > 0x80:
        octets = length - 0x80
        length, start = int.from_bytes(der[start : start + octets], "big"), start + octets
    return der[offset], start, start + length


def _write(tag: int, contents: bytes) -> bytes:
    """An element, its length in as few octets as possible (ITU-T X.690, section 10.1)."""
    length = len(contents)
    if length < 0x80:
        return bytes([tag, length]) + contents
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + contents
