# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What of the given key material can be compared with what KMS holds: of the material itself, or as its bundle says."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundles import WrappedKeyMaterial
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._key_material import KeyMaterial, mac_message

__all__ = ("Comparable",)


@dataclass(frozen=True)
class Comparable:
    """At most one of these, by the kind of key; none for what another tool encrypted.

    :ivar fingerprint: of symmetric key material.
    :ivar public_key: of a private key; SubjectPublicKeyInfo, DER.
    :ivar mac: a message, and what an HMAC key makes of it.
    """

    fingerprint: str | None = None
    public_key: bytes | None = None
    mac: tuple[bytes, bytes] | None = None

    @property
    def nothing(self) -> bool:
        return self.fingerprint is None and self.public_key is None and self.mac is None

    @classmethod
    def of_material(cls, material: KeyMaterial, key_id: str) -> Comparable:
        if material.public_key is not None:
            return cls(public_key=material.public_key)
        if material.key_spec.startswith("HMAC"):
            message = mac_message()
            return cls(mac=(message, material.mac(message)))
        return cls(fingerprint=material.fingerprint(key_id))

    @classmethod
    def of_bundle(cls, bundle: WrappedKeyMaterial) -> Comparable:
        mac = None
        if bundle.mac_message is not None and bundle.mac is not None:
            mac = (bundle.mac_message, bundle.mac)
        return cls(bundle.fingerprint, bundle.public_key, mac)
