# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key material that KMS accepts for each key spec (Developer Guide, "Requirements for imported key material").

KMS answers everything else with InvalidCiphertextException and an empty message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

from .errors import Refused
from .specs import CURVES, ED25519, HMAC, HMAC_LONGEST, RSA, SYMMETRIC

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

_SEQUENCE, _INDEFINITE = 0x30, 0x80
# id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480, section 2.1.1), as DER.
_EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")


def accepted(material: bytes, spec: str, region: str) -> bytes:
    """Return the bytes that identify the material: the material itself, or for a BER encoding the equivalent DER."""
    if spec == SYMMETRIC:
        right = len(material) == (16 if region.startswith("cn-") else 32)
    elif spec in HMAC:
        right = HMAC[spec] <= len(material) <= HMAC_LONGEST
    else:
        material = _definite(material, spec)
        right = _is_pkcs8(material) and _fits(private_key(material), spec)
        right = right and (spec not in CURVES or _names_its_curve(material))
    if not right:
        raise Refused("InvalidCiphertextException")
    return material


def private_key(material: bytes) -> PrivateKeyTypes | None:
    try:
        return load_der_private_key(material, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _fits(key: PrivateKeyTypes | None, spec: str) -> bool:
    if spec in RSA:
        return isinstance(key, rsa.RSAPrivateKey) and key.key_size == RSA[spec]
    if spec in CURVES:
        return isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, CURVES[spec])
    return spec == ED25519 and isinstance(key, ed25519.Ed25519PrivateKey)


def _definite(ber: bytes, spec: str) -> bytes:
    """Convert BER with an outermost SEQUENCE of indefinite length to DER. KMS accepts it for all specs but Ed25519."""
    if ber[:2] != bytes((_SEQUENCE, _INDEFINITE)) or ber[-2:] != b"\0\0" or spec == ED25519:
        return ber
    contents = ber[2:-2]
    length = len(contents)
    if length < 0x80:
        return bytes((_SEQUENCE, length)) + contents
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((_SEQUENCE, 0x80 | len(octets))) + octets + contents


def _is_pkcs8(der: bytes) -> bool:
    """PrivateKeyInfo starts with a version and the algorithm's SEQUENCE (RFC 5208); PKCS #1 and SEC 1 do not."""
    if len(der) < 8 or der[0] != _SEQUENCE:
        return False
    octets = der[1] & 0x7F if der[1] & 0x80 else 0
    start = 2 + octets
    length = int.from_bytes(der[2:start], "big") if octets else der[1]
    version = der[start : start + 3]
    return start + length == len(der) and version in (b"\x02\x01\x00", b"\x02\x01\x01") and der[start + 3] == _SEQUENCE


def _names_its_curve(pkcs8: bytes) -> bool:
    """A named curve has an OBJECT IDENTIFIER as its parameters; explicit parameters are a SEQUENCE (RFC 5480,
    2.1.1).
    """
    return _EC_PUBLIC_KEY + b"\x06" in pkcs8[:64]
