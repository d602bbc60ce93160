# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Encryption of key material under KMS's wrapping public key, as in AWS's guide, "Encrypt key material".

RSAES_OAEP_* is RSAES-OAEP (RFC 8017, section 7.1) with the hash at the end of the name, MGF1 with the same hash, and no
label. RSA_AES_KEY_WRAP_* wraps the key material with AES key wrap with padding (RFC 5649) under a new 256-bit AES key,
and that key with RSAES-OAEP. The result is the wrapped AES key followed by the wrapped key material.
"""

from __future__ import annotations

import base64
import hashlib
import os
import textwrap
import typing as t
from collections.abc import Callable

from ...module_utils._errors import Refusal
from .library import require_cryptography

if t.TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.padding import OAEP
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

__all__ = (
    "public_key_file", "public_key_sha256", "refuse_other_wrapping", "refuse_overwriting_public_key", "wrap",
)  # fmt: skip

AES_KEY_BYTES = 32
_PEM = b"-----BEGIN "


def wrap(
    data: bytes,
    *,
    wrapping_public_key: bytes,
    wrapping_algorithm: str,
    wrapping_key_spec: str,
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """EncryptedKeyMaterial.

    :param wrapping_public_key: SubjectPublicKeyInfo, DER, as GetParametersForImport returns it.
    :param random: generates the AES key of the hybrid algorithms.
    :raises Refusal: the public key is not the requested one, or the data does not fit.
    """
    require_cryptography()
    from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

    public_key = _load(wrapping_public_key, wrapping_key_spec)
    padding = _oaep(wrapping_algorithm)
    if wrapping_algorithm.startswith("RSA_AES_KEY_WRAP"):
        aes_key = random(AES_KEY_BYTES)
        return public_key.encrypt(aes_key, padding) + aes_key_wrap_with_padding(aes_key, data)
    try:
        return public_key.encrypt(data, padding)
    except ValueError:
        raise Refusal(
            f"{len(data)} bytes of key material are too long for {wrapping_algorithm} under an {wrapping_key_spec}"
            " wrapping key. Set a longer wrapping_key_spec."
        ) from None


def refuse_other_wrapping(key: str, asked: tuple[str, str], answered: tuple[str, str]) -> None:
    """:param asked: the wrapping algorithm and the wrapping key spec; *answered* likewise.
    :raises Refusal: they differ.
    """
    if asked != answered:
        raise Refusal(
            f"{key}: the target returned import parameters for another wrapping algorithm or wrapping key spec than"
            " requested. They were not used. Check endpoint_url and AWS_ENDPOINT_URL_KMS on the target."
        )


def public_key_sha256(public_key: bytes) -> str:
    """SHA-256 of the DER bytes, in hex."""
    return hashlib.sha256(public_key).hexdigest()


def public_key_file(public_key: bytes, *, pem: bool) -> bytes:
    """The file for another tool: SubjectPublicKeyInfo as DER, unchanged, or as PEM (RFC 7468, section 13)."""
    if not pem:
        return public_key
    lines = textwrap.wrap(base64.b64encode(public_key).decode("ascii"), 64)
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""]).encode("ascii")


def refuse_overwriting_public_key(content: bytes | None, path: t.Any) -> None:
    """:raises Refusal: the existing file is not an RSA public key, and may be the only copy of something."""
    if content is None:
        return
    require_cryptography()
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public_key = _parse(content)
    if isinstance(public_key, RSAPublicKey):
        form = PublicFormat.SubjectPublicKeyInfo
        written = [public_key.public_bytes(encoding, form) for encoding in (Encoding.DER, Encoding.PEM)]
        # Byte for byte, because a PEM file may contain a private key after the public one.
        if content in written:
            return
    raise Refusal(
        f"{path} already exists and is not an RSA public key alone; it was not overwritten. Remove it, or choose"
        " another path."
    )


def _load(der: bytes, wrapping_key_spec: str) -> RSAPublicKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    bits = int(wrapping_key_spec.rpartition("_")[2])
    public_key = None if der.startswith(_PEM) else _parse(der)
    if not isinstance(public_key, RSAPublicKey) or public_key.key_size != bits:
        raise Refusal(
            f"Nothing was encrypted: the received wrapping public key is not an RSA public key of {bits} bits, as"
            " requested from KMS. Check endpoint_url and AWS_ENDPOINT_URL_KMS on the target, or the bundle."
        )
    return public_key


def _parse(content: bytes) -> t.Any:
    """The public key in a file, DER or PEM; None if there is none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

    try:
        return (load_pem_public_key if content.startswith(_PEM) else load_der_public_key)(content)
    except (ValueError, UnsupportedAlgorithm):
        return None


def _oaep(wrapping_algorithm: str) -> OAEP:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP

    # SHA-1 is used only if the user names it. In OAEP, it is not known to be weak (RFC 8017, appendix B.1).
    names = {"SHA_256": hashes.SHA256, "SHA_1": hashes.SHA1}
    algorithm = next(algorithm for name, algorithm in names.items() if wrapping_algorithm.endswith(name))
    return OAEP(mgf=MGF1(algorithm()), algorithm=algorithm(), label=None)
