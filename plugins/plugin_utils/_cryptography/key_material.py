# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Key material in the form that KMS accepts: parsed from a file's content for one key spec, and values derived from it.

No message here contains a byte of the key material, and no exception is chained to one that could.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass, field

from ...module_utils._key.specs import KEY_SPECS, KeySpec
from .errors import KeyMaterialError
from .library import require_cryptography
from .passphrase import Passphrase
from .public_keys import same_public_key
from .raw_material import read_raw

__all__ = ("KeyMaterial", "KeyMaterialError", "mac_message", "parse_key_material", "same_public_key")

MAC_DOMAIN = b"cloudkeys.aws/verify/v1:"

FINGERPRINT_SALT = b"cloudkeys.aws/key-material/v1"
FINGERPRINT_BYTES = 16


@dataclass(frozen=True)
class KeyMaterial:
    """The key material of one key.

    :ivar data: the data to wrap: raw bytes, or a private key as PKCS#8 DER.
    :ivar public_key: of a private key, SubjectPublicKeyInfo, DER; None for other keys.
    :ivar reencoded: whether *data* is another encoding of the private key than the given one.
    """

    key_spec: str
    data: bytes = field(repr=False)
    public_key: bytes | None = field(default=None, repr=False)
    reencoded: bool = False

    def same_public_key(self, public_key: bytes) -> bool:
        """Whether it belongs to this private key."""
        return self.public_key is not None and same_public_key(public_key, self.public_key)

    def mac(self, message: bytes) -> bytes:
        """HMAC (RFC 2104) with the hash of the key spec."""
        bits = self.key_spec.rpartition("_")[2]
        return hmac.new(self.data, message, f"sha{bits}").digest()

    def fingerprint(self, key_id: str) -> str:
        """HKDF-SHA256 (RFC 5869) of the key material, 16 bytes in hex; different for each key.

        :param key_id: the bare key ID, which is the same in all Regions of a multi-Region key.
        """
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derive = HKDF(SHA256(), FINGERPRINT_BYTES, salt=FINGERPRINT_SALT, info=key_id.encode("ascii"))
        return derive.derive(self.data).hex()


def mac_message() -> bytes:
    """A message to be authenticated by an HMAC key: random, with a prefix that other uses of the key do not have."""
    return MAC_DOMAIN + os.urandom(32)


def parse_key_material(
    content: bytes, *, key_spec: str, key_material_format: str, passphrase: Passphrase | None, origin: str, region: str
) -> KeyMaterial:
    """Parse key material for a key with this key spec, and refuse what KMS would reject.

    :param content: the bytes of a file.
    :param key_material_format: ``auto``, ``raw``, ``base64``, ``hex``, ``pem`` or ``der``.
    :param origin: the source, for messages.
    :param region: the China Regions accept other lengths.
    :raises KeyMaterialError: the message states the problem and the remedy.
    """
    require_cryptography()
    spec = KEY_SPECS[key_spec]
    try:
        return _read(content, spec, key_material_format, passphrase, region)
    except KeyMaterialError as error:
        raise KeyMaterialError(f"The key material in {origin} {error}") from None


def _read(
    content: bytes, spec: KeySpec, key_material_format: str, passphrase: Passphrase | None, region: str
) -> KeyMaterial:
    if not content:
        raise KeyMaterialError("is empty. Give the file with the key material.")
    if spec.kind in ("rsa", "ecc"):
        # Imported here because Ansible compiles all imports again in every task, and most keys are symmetric.
        from .private_keys import read_private_key

        key = read_private_key(content, spec, key_material_format, passphrase)
        return KeyMaterial(spec.name, key.pkcs8, key.public_key, key.reencoded)
    if passphrase is not None:
        raise KeyMaterialError(
            f"does not need a passphrase, because {spec.name} key material is raw bytes. Remove the"
            f" passphrase in {passphrase.origin}."
        )
    return KeyMaterial(spec.name, read_raw(content, spec, key_material_format, region))
