# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Private keys: conversion from PEM or DER to the PKCS#8 (RFC 5958) that KMS accepts.

Unencrypted PKCS#8 passes through byte for byte. AWS does not document whether KMS recognizes a key by its numbers or by
its bytes, so a private key that was re-encoded might not be restorable from the original file.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ...module_utils._key.specs import KeySpec
from .errors import KeyMaterialError
from .passphrase import Passphrase
from .private_key_encodings import (
    CONVERT,
    encoding_of,
    first_version,
)
from .public_keys import same_public_key
from .raw_material import decode_text
from .text_encodings import decode

__all__ = ("PrivateKey", "read_private_key")

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\s(.*?)-----END \1-----", re.DOTALL)
_PRIVATE = ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY")


@dataclass(frozen=True)
class PrivateKey:
    pkcs8: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    reencoded: bool


def read_private_key(
    content: bytes, spec: KeySpec, key_material_format: str, passphrase: Passphrase | None
) -> PrivateKey:
    """:raises KeyMaterialError: a predicate, to follow "The key material in ..."."""
    if key_material_format == "raw":
        raise KeyMaterialError(
            f"cannot be raw: the key material of an {spec.name} key is {spec.title}. Set key_material_format to"
            " pem or der."
        )
    if key_material_format in ("base64", "hex"):
        content = decode_text(content, key_material_format)
    pem = b"-----BEGIN" in content
    if key_material_format == "pem" and not pem:
        raise KeyMaterialError(
            "is not PEM, but key_material_format is pem: the line -----BEGIN ...----- is missing. Set"
            " key_material_format to the right format."
        )
    if key_material_format == "der" and pem:
        raise KeyMaterialError("is PEM, but key_material_format is der. Set it to pem or auto.")
    der, legacy = _from_pem(content, passphrase) if pem else (content, None)
    encoding = "encrypted" if legacy is not None else encoding_of(der, spec)
    if passphrase is not None and encoding != "encrypted":
        raise KeyMaterialError(
            f"is not encrypted, but the task gives a passphrase in {passphrase.origin}. Remove the passphrase."
        )
    beside = None
    if encoding == "pkcs8 version 2":
        der, beside = first_version(der)
    key = legacy if legacy is not None else _load(der, encoding, passphrase)
    _refuse_other_key(key, spec)
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    public_key = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if beside is not None and not same_public_key(beside, public_key):
        raise KeyMaterialError(
            "contains a public key that does not belong to its private key. The file is damaged: copy or export it"
            " again."
        )
    reencoded = encoding != "pkcs8"
    return PrivateKey(
        key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()) if reencoded else der,
        public_key,
        reencoded,
    )


def _from_pem(content: bytes, passphrase: Passphrase | None) -> tuple[bytes, t.Any]:
    """The DER content; or the loaded key, if the PEM's own headers contain the traditional encryption of OpenSSL."""
    blocks = [(match[1].decode("ascii"), match) for match in _PEM.finditer(content)]
    private = [(label, match) for label, match in blocks if label in _PRIVATE]
    if len(private) != 1:
        labels = ", ".join(label for label, _match in blocks) or "no complete block"
        raise KeyMaterialError(
            f"is PEM with {labels}, but must contain one private key ({', '.join(_PRIVATE)}). Convert or extract it,"
            f" for example with {_converter(labels)}."
        )
    _label, match = private[0]
    body = match[2]
    if b"DEK-Info:" in body:
        return b"", _load_pem(match[0], passphrase)
    der = decode(body, "base64")
    if der is None:
        raise KeyMaterialError("is PEM, but its body is not base64. The file is damaged: copy or export it again.")
    return der, None


def _converter(labels: str) -> str:
    """The command that converts the file. OpenSSL does not read files written by ssh-keygen."""
    return "ssh-keygen -p -m PKCS8 -f A_COPY_OF_FILE" if "OPENSSH" in labels else CONVERT


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
    from cryptography.exceptions import InternalError, UnsupportedAlgorithm

    try:
        return load()
    except UnsupportedAlgorithm:
        reason = (
            "is a private key of a kind that this controller's cryptography does not support, or has explicit curve"
            " parameters, which KMS rejects. Convert it, or give another key."
        )
    except (ValueError, TypeError, InternalError):
        # cryptography raises InternalError for bytes that OpenSSL rejects unexpectedly.
        reason = (
            "is not a valid private key. The file is damaged, or its numbers do not match: copy or export it again."
        )
    # Outside the except block, so that the library's own exception is not kept: it may contain secrets.
    raise KeyMaterialError(reason if passphrase is None else _not_decrypted(passphrase))


def _not_decrypted(passphrase: Passphrase) -> str:
    """The message for a failed decryption. The libraries do not distinguish the causes, and neither does the text of
    their exceptions in every version.
    """
    return (
        f"could not be decrypted: the passphrase in {passphrase.origin} is wrong, or the private key is damaged. If"
        " openssl pkey -in FILE -noout can read it, this controller's cryptography does not support its encryption"
        " or its kind of key. In that case, convert it with openssl pkcs8 -topk8 -in FILE -out NEW.pem."
    )


def _refuse_other_key(key: t.Any, spec: KeySpec) -> None:
    found = _describe(key)
    if found != (spec.modulus_bits or spec.curve):
        kind = f"an RSA private key of {found} bits" if isinstance(found, int) else f"a private key on curve {found}"
        if not found:
            kind = "a private key of another kind"
        raise KeyMaterialError(f"is {kind}, but an {spec.name} key requires {spec.title}. Give the right private key.")
    if spec.kind == "rsa":
        numbers = key.private_numbers()
        if numbers.p * numbers.q != numbers.public_numbers.n:
            # The newest versions of cryptography do not read such a key at all.
            raise KeyMaterialError(
                "has more than two primes, but KMS accepts only RSA keys with two primes. Give another key."
            )


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
