# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of a key's key materials: all known materials, the current one, and the one that is pending rotation.

All Regions of a multi-Region key share one lineage. Each Region has its own copy and expiration of the material.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from .errors import Refused

MOST_ROTATIONS = 25


@dataclass
class Material:
    """One key material, with the properties that all Regions share.

    *state* is CURRENT, NON_CURRENT, or PENDING. KMS reports PENDING as one of its two pending states.
    """

    id: str
    state: str
    description: str | None = None
    rotated: float | None = None

    @property
    def associated(self) -> bool:
        """Whether the material is permanently part of the key. The key is unusable without it."""
        return self.state != "PENDING"


@dataclass
class Lineage:
    key_id: str
    materials: list[Material] = field(default_factory=list)
    """Oldest first."""
    rotation_started: float | None = None
    rotation_ends: float | None = None

    def identify(self, material: bytes) -> str:
        """The KeyMaterialId: "based on the KMS key ID and the imported key material"; KMS's formula is not known."""
        return hashlib.sha256(self.key_id.encode() + b"\0" + material).hexdigest()

    def find(self, material_id: str) -> Material | None:
        return next((material for material in self.materials if material.id == material_id), None)

    @property
    def current(self) -> Material | None:
        return next((material for material in self.materials if material.state == "CURRENT"), None)

    @property
    def pending(self) -> Material | None:
        return next((material for material in self.materials if material.state == "PENDING"), None)

    @property
    def associated(self) -> list[Material]:
        return [material for material in self.materials if material.associated]

    @property
    def rotations(self) -> int:
        return sum(material.rotated is not None for material in self.materials)

    def add_first(self, material_id: str) -> Material:
        self.materials.append(Material(material_id, "CURRENT"))
        return self.materials[-1]

    def stage(self, material_id: str, arn: str) -> Material:
        """Add new material, which becomes current with a rotation."""
        if self.find(material_id):
            raise Refused(
                "IncorrectKeyMaterialException",
                f"Key material (id: {material_id}) being imported as NEW_KEY_MATERIAL is already associated with KMS"
                f" key {arn}.",
            )
        if self.pending:
            raise Refused(
                "KMSInvalidStateException",
                f"New key material (id: {material_id}) cannot be imported into KMS key {arn}, because another key"
                f" material (id: {self.pending.id}) is pending rotation.",
            )
        self.materials.append(Material(material_id, "PENDING"))
        return self.materials[-1]

    def start_rotation(self, now: float, seconds: float) -> None:
        self.rotation_started, self.rotation_ends = now, now + seconds

    def end_rotation(self) -> None:
        """Make the pending material current. If no material is pending any more, the rotation lapses."""
        pending, current = self.pending, self.current
        if pending:
            if current:
                current.state = "NON_CURRENT"
            pending.state, pending.rotated = "CURRENT", self.rotation_ends
        self.rotation_started = self.rotation_ends = None

    def forget(self, material: Material) -> None:
        self.materials.remove(material)


def entry(material: Material, told_state: str) -> dict[str, Any]:
    """The fields of a ListKeyRotations entry that are equal in every Region."""
    fields: dict[str, Any] = {"KeyMaterialId": material.id, "KeyMaterialState": told_state}
    if material.description:
        fields["KeyMaterialDescription"] = material.description
    if material.rotated is not None:
        fields |= {"RotationDate": material.rotated, "RotationType": "ON_DEMAND"}
    return fields
