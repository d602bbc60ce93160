# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of a soak test. The seed determines all of them, including their IDs, key material, and expirations."""

from __future__ import annotations

import hashlib
import hmac
import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from support.emulator import Emulator
from support.materials import SYMMETRIC, USAGES, pkcs8, public_key_of

HMAC, ECC = "HMAC_256", "ECC_NIST_P256"
# The most common key spec, and one for each other way in which key material is recognized.
SPECS = (SYMMETRIC, SYMMETRIC, SYMMETRIC, HMAC, ECC)


@dataclass(frozen=True)
class SoakKey:
    """:ivar secret: the bytes that must not leak: the key material, or the number in a private key."""

    arn: str
    region: str
    spec: str
    content: bytes = field(repr=False)
    secret: bytes = field(repr=False)
    valid_to: datetime

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]

    def faults(self, kms: Any) -> list[str]:
        """Differences between the key and its declaration: its state, its expiration, its key material."""
        metadata = kms.describe_key(KeyId=self.arn)["KeyMetadata"]
        found = [
            f"{self.arn}: {name} is {metadata.get(name)}, not {wanted}"
            for name, wanted in (("KeyState", "Enabled"), ("ValidTo", self.valid_to))
            if metadata.get(name) != wanted
        ]
        if not found and not self._is_ours(kms, metadata):
            found = [f"{self.arn}: the key material is not the declared one"]
        return found

    def _is_ours(self, kms: Any, metadata: dict[str, Any]) -> bool:
        """Identify the material by use of the key; for a symmetric key, by the emulator's KeyMaterialId, which
        is a digest.
        """
        if self.spec == HMAC:
            answer = kms.generate_mac(KeyId=self.arn, Message=b"soak", MacAlgorithm="HMAC_SHA_256")
            return bool(answer["Mac"] == hmac.digest(self.content, b"soak", "sha256"))
        if self.spec == ECC:
            return bool(kms.get_public_key(KeyId=self.arn)["PublicKey"] == public_key_of(self.content))
        digest = hashlib.sha256(self.id.encode() + b"\0" + self.content).hexdigest()
        return bool(metadata["CurrentKeyMaterialId"] == digest)


@dataclass(frozen=True)
class Fleet:
    """:ivar marker: the prefix of all secrets. Every leaked secret contains it."""

    keys: list[SoakKey]
    marker: bytes = field(repr=False)

    @property
    def regions(self) -> list[str]:
        return sorted({key.region for key in self.keys})

    def declared(self) -> list[dict[str, str]]:
        """The keys as a task declares them."""
        return [
            {"key_id": key.arn, "key_material_src": f"{key.id}.key", "valid_to": key.valid_to.isoformat()}
            for key in self.keys
        ]


def make_fleet(
    emulator: Emulator, account: str, folder: Path, chance: random.Random, number: int, regions: tuple[str, ...]
) -> Fleet:
    """Create keys without key material, and a file for each in *folder*.

    :param chance: the random numbers of the seed.
    """
    # Less than the order of the curve with any suffix, and not valid text.
    marker = b"\x7f\xfe" + chance.randbytes(14)
    ids = [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _number in range(number)]
    emulator.control.key_ids(ids)
    now = emulator.now()
    keys = []
    for place in range(number):
        region, spec = regions[place % len(regions)], chance.choice(SPECS)
        secret = marker + chance.randbytes(15) + b"\xfe"
        content = pkcs8(ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())) if spec == ECC else secret
        kms = emulator.client(region, account)
        metadata = kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=USAGES[spec][0])["KeyMetadata"]
        valid_to = now + timedelta(days=chance.randint(30, 300), seconds=chance.randint(0, 86_399))
        keys.append(SoakKey(metadata["Arn"], region, spec, content, secret, valid_to))
        (folder / f"{keys[-1].id}.key").write_bytes(content)
    return Fleet(keys, marker)
