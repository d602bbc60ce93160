# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Private keys: out of PEM or DER into the PKCS#8 (RFC 5958) that KMS takes.

Unencrypted PKCS#8 passes through byte for byte. Whether KMS knows a key again by its numbers or by its bytes is not
documented, so a private key that was encoded anew might never be restored from the original file.
"""

from __future__ import annotations

import base64
import binascii
import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.cloudkeys.aws.plugins.module_utils._key_specs import KeySpec
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material_error import KeyMaterialError
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._passphrase import Passphrase
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._raw_material import decode_text

__all__ = ("PrivateKey", "read_private_key")

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\s(.*?)-----END \1-----", re.DOTALL)
_PRIVATE = ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY")
_CONVERT = "openssl pkcs8 -topk8 -nocrypt -in FILE -outform DER -out FILE.der"

# Identifier octets (ITU-T X.690, section 8.1.2).
_SEQUENCE, _INTEGER, _OCTET_STRING = 0x30, 0x02, 0x04
# id-ecPublicKey with parameters that are a SEQUENCE: not a curve's name, but its numbers (RFC 5480, section 2.1.1).
_EXPLICIT_CURVE = bytes.fromhex("06072a8648ce3d0201") + bytes([_SEQUENCE])


@dataclass(frozen=True)
class PrivateKey:
    pkcs8: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    reencoded: bool


def read_private_key(
    content: bytes, spec: KeySpec, key_material_format: str, passphrase: Passphrase | None
) -> PrivateKey:
    """:raises KeyMaterialError: a predicate, to stand after "The key material in ..."."""
    if key_material_format == "raw":
        raise KeyMaterialError(
            f"cannot be raw: the material of a {spec.name} key is {spec.title}. Set key_material_format to pem or der."
        )
    if key_material_format in ("base64", "hex"):
        content = decode_text(content, key_material_format)
    pem = b"-----BEGIN" in content
    if key_material_format == "pem" and not pem:
        raise KeyMaterialError("is not PEM, which key_material_format says it is: it has no line -----BEGIN ...-----.")
    if key_material_format == "der" and pem:
        raise KeyMaterialError("is PEM, and key_material_format says that it is DER. Set it to pem or auto.")
    der, legacy = _from_pem(content, passphrase) if pem else (content, None)
    encoding = "legacy" if legacy is not None else _encoding(der, spec)
    key = legacy if legacy is not None else _load(der, encoding, passphrase)
    if passphrase is not None and encoding in ("pkcs8", "pkcs1", "sec1"):
        raise KeyMaterialError(
            f"is not encrypted, and the task gives a passphrase in {passphrase.origin}. Remove the passphrase."
        )
    _refuse_other_key(key, spec)
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    reencoded = encoding != "pkcs8"
    return PrivateKey(
        key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()) if reencoded else der,
        key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        reencoded,
    )


def _from_pem(content: bytes, passphrase: Passphrase | None) -> tuple[bytes, t.Any]:
    """The DER inside; or the loaded key, where the traditional encryption of OpenSSL is in the PEM's own headers."""
    blocks = [(match[1].decode("ascii"), match) for match in _PEM.finditer(content)]
    private = [(label, match) for label, match in blocks if label in _PRIVATE]
    if len(private) != 1:
        labels = ", ".join(label for label, _match in blocks) or "no whole block"
        raise KeyMaterialError(
            f"is PEM with {labels}, and must hold one private key"
            f" ({', '.join(_PRIVATE)}). Convert or extract it, for example with {_CONVERT}."
        )
    _label, match = private[0]
    body = match[2]
    if b"DEK-Info:" in body:
        return b"", _load_pem(match[0], passphrase)
    try:
        return base64.b64decode(b"".join(body.split()), validate=True), None
    except (binascii.Error, ValueError):
        raise KeyMaterialError("is PEM whose body is not base64: the file is damaged.") from None


def _encoding(der: bytes, spec: KeySpec) -> str:
    """``pkcs8``, ``encrypted``, ``pkcs1`` or ``sec1``, by the first elements (RFC 5958, 8017 and 5915)."""
    outer = _element(der, 0)
    if outer is None or outer[0] != _SEQUENCE:
        raise KeyMaterialError(
            f"is not a private key in PEM or DER; a {spec.name} key takes {spec.title}, as PKCS#8. Convert it, for"
            f" example with {_CONVERT}."
        )
    _tag, start, end = outer
    if end != len(der):
        what = f"{len(der) - end} more bytes after its end" if end < len(der) else "fewer bytes than it says"
        raise KeyMaterialError(
            f"is a DER structure with {what}: the file is damaged, or was made with an added newline."
        )
    first = _element(der, start)
    second = _element(der, first[2]) if first else None
    tags = (first[0] if first else 0, second[0] if second else 0)
    if _EXPLICIT_CURVE in der[:64]:
        raise KeyMaterialError(
            "spells out its curve's parameters, and KMS takes keys on named curves only. Convert it with openssl ec"
            " -in FILE -param_enc named_curve -out FILE.pem."
        )
    kind = {
        (_INTEGER, _SEQUENCE): "pkcs8",
        (_SEQUENCE, _OCTET_STRING): "encrypted",
        (_INTEGER, _INTEGER): "pkcs1",
        (_INTEGER, _OCTET_STRING): "sec1",
    }.get(tags)
    if kind is None:
        raise KeyMaterialError(
            "is a DER structure that is not a private key; a public key or a certificate cannot be imported."
        )
    return kind


def _element(der: bytes, offset: int) -> tuple[int, int, int] | None:
    """The identifier octet, and where the contents start and end; None where there is no element of definite length."""
    if offset + 2 > len(der):
        return None
    length, start = der[offset + 1], offset + 2
    if length == 0x80 or length > 0x84:
        return None
    if length > 0x80:
        octets = length - 0x80
        length, start = int.from_bytes(der[start : start + octets], "big"), start + octets
    return der[offset], start, start + length


def _load(der: bytes, encoding: str, passphrase: Passphrase | None) -> t.Any:
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    if encoding != "encrypted":
        return _guarded(lambda: load_der_private_key(der, None), None)
    needed = _needed(passphrase)
    return _guarded(lambda: load_der_private_key(der, needed.content), needed)


def _load_pem(pem: bytes, passphrase: Passphrase | None) -> t.Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    needed = _needed(passphrase)
    return _guarded(lambda: load_pem_private_key(pem, needed.content), needed)


def _needed(passphrase: Passphrase | None) -> Passphrase:
    if passphrase is None:
        raise KeyMaterialError(
            "is an encrypted private key. Give its passphrase: key_material_passphrase_src for a file on the"
            " controller, or key_material_passphrase for a value."
        )
    return passphrase


def _guarded(load: t.Callable[[], t.Any], passphrase: Passphrase | None) -> t.Any:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return load()
    except UnsupportedAlgorithm:
        reason = (
            "is a private key of a kind that this controller's cryptography does not know, or with explicit curve"
            " parameters, which KMS refuses."
        )
    except (ValueError, TypeError):
        reason = (
            f"could not be decrypted: the passphrase in {passphrase.origin} is wrong, or the private key is damaged."
            if passphrase
            else "is not a valid private key: the file is damaged, or its numbers do not belong together."
        )
    # Outside of the except block: the library's own exception is not kept, whatever it holds.
    raise KeyMaterialError(reason)


def _refuse_other_key(key: t.Any, spec: KeySpec) -> None:
    found = _describe(key)
    if found != (spec.modulus_bits or spec.curve):
        kind = (
            f"an RSA private key of {found} bits" if isinstance(found, int) else f"a private key on the curve {found}"
        )
        if not found:
            kind = "a private key of another kind"
        raise KeyMaterialError(f"is {kind}, and a {spec.name} key takes {spec.title}.")


def _describe(key: t.Any) -> int | str | None:
    """An RSA key's size in bits, an elliptic curve's name, or None."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if isinstance(key, RSAPrivateKey):
        return key.key_size
    if isinstance(key, EllipticCurvePrivateKey):
        return key.curve.name
    return "ed25519" if isinstance(key, Ed25519PrivateKey) else None
