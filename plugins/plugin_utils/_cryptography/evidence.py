# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The evidence in given key material that can be compared with KMS."""

from __future__ import annotations

from dataclasses import dataclass

from ...module_utils._key.material_label import ciphertext_label, fingerprint_label
from .key_material import KeyMaterial, mac_message

__all__ = ("Evidence",)


@dataclass(frozen=True)
class Evidence:
    """The evidence. At most one field is set, by the kind of key; none for a ciphertext from another tool for an
    asymmetric or HMAC key.

    :ivar label: of key material for a symmetric key.
    :ivar public_key: of a private key; SubjectPublicKeyInfo, DER.
    :ivar mac: a message, and the MAC that an HMAC key makes of it.
    """

    label: str | None = None
    public_key: bytes | None = None
    mac: tuple[bytes, bytes] | None = None

    @property
    def nothing(self) -> bool:
        return self.label is None and self.public_key is None and self.mac is None

    @property
    def verifiable(self) -> bool:
        """Whether KMS itself can verify it for the key material that it holds."""
        return self.public_key is not None or self.mac is not None

    @classmethod
    def of_material(cls, material: KeyMaterial, key_id: str) -> Evidence:
        if material.public_key is not None:
            return cls(public_key=material.public_key)
        if material.key_spec.startswith("HMAC"):
            message = mac_message()
            return cls(mac=(message, material.mac(message)))
        return cls(label=fingerprint_label(material.fingerprint(key_id)))

    @classmethod
    def of_ciphertext(cls, encrypted_key_material: bytes) -> Evidence:
        """The evidence of a ciphertext for a symmetric key. The label identifies only the ciphertext, because its
        content is unknown here.
        """
        return cls(label=ciphertext_label(encrypted_key_material))
