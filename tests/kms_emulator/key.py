# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One KMS key in one Region: its key material, its state, and its DescribeKey answer."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.kms.models import Key as MotoKey

from .key_policy import as_kms_writes, denied_actions
from .lineage import Lineage, Material, entry
from .specs import SYMMETRIC, algorithms, partition

EXPIRES, FOR_EVER = "KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"
LISTING_LAG = 60.0
"""Seconds during which ListKeyRotations still reports expired material as IMPORTED. DescribeKey no longer does."""


@dataclass
class Held:
    """Key material that is currently in this Region."""

    data: bytes
    valid_to: int | None = None

    @property
    def model(self) -> str:
        return EXPIRES if self.valid_to is not None else FOR_EVER


@dataclass
class Family:
    """The keys of one multi-Region key in all Regions, or one single-Region key."""

    primary_region: str
    keys: dict[str, EmulatedKey] = field(default_factory=dict)

    @property
    def primary(self) -> EmulatedKey:
        return self.keys[self.primary_region]

    @property
    def replicas(self) -> list[EmulatedKey]:
        return [key for region, key in sorted(self.keys.items()) if region != self.primary_region]


class EmulatedKey(MotoKey):
    """A key. moto keeps its grants, tags, and policy; this class keeps its key material and state."""

    def __init__(
        self,
        *,
        account_id: str,
        region: str,
        spec: str,
        usage: str,
        origin: str,
        now: float,
        description: str = "",
        policy: str | None = None,
        multi_region: bool = False,
        key_id: str | None = None,
    ) -> None:
        # moto's constructor would generate a private key, which takes seconds and is not used.
        self.id = key_id or ("mrk-" + uuid.uuid4().hex if multi_region else str(uuid.uuid4()))
        self.account_id, self.region = account_id, region
        self.arn = f"arn:{partition(region)}:kms:{region}:{account_id}:key/{self.id}"
        self.key_spec, self.key_usage, self.origin = spec, usage, origin
        self.description, self.creation_date = description, now
        self.multi_region, self.key_manager = multi_region, "CUSTOMER"
        self.put_policy(self.generate_default_policy() if policy is None else policy)
        self.grants: dict[str, Any] = {}
        self.aliases: dict[str, Any] = {}  # The keys are alias names, in order. The values are not used.

        self.lineage = Lineage(self.id)
        self.family = Family(region, {region: self})
        self.held: dict[str, Held] = {}
        self.lately_expired: dict[str, tuple[float, Held]] = {}
        self.disabled = False
        self.creating_until = self.updating_until = 0.0
        self.deletion_window: int | None = None
        self.deletion_time: float | None = None

    def put_policy(self, policy: str) -> None:
        """:raises Refused: the text is not a policy document."""
        self.policy = as_kms_writes(policy, partition(self.region))
        self.denied_actions = denied_actions(self.policy)

    @property
    def symmetric(self) -> bool:
        return self.key_spec == SYMMETRIC

    @property
    def is_replica(self) -> bool:
        return self.multi_region and self.family.primary_region != self.region

    @property
    def missing(self) -> list[Material]:
        return [material for material in self.lineage.associated if material.id not in self.held]

    def state(self, now: float) -> str:
        if self.deletion_window is not None:
            return "PendingReplicaDeletion" if self.deletion_time is None else "PendingDeletion"
        if now < self.creating_until:
            return "Creating"
        if now < self.updating_until:
            return "Updating"
        if not self.lineage.current or self.missing:
            return "PendingImport"
        return "Disabled" if self.disabled else "Enabled"

    def settle(self, now: float) -> None:
        """Apply the events up to now: the end of a rotation, and expirations."""
        ends = self.lineage.rotation_ends
        if ends is not None and ends <= now:
            self.lineage.end_rotation()
        for material in self.lineage.associated:
            held = self.held.get(material.id)
            if held and held.valid_to is not None and held.valid_to <= now:
                del self.held[material.id]
                self.lately_expired[material.id] = (held.valid_to, held)

    def metadata(self, now: float) -> dict[str, Any]:
        """KeyMetadata, with only the fields that exist in this state."""
        self.settle(now)
        state = self.state(now)
        fields: dict[str, Any] = {
            "AWSAccountId": self.account_id,
            "KeyId": self.id,
            "Arn": self.arn,
            "CreationDate": self.creation_date,
            "Enabled": state == "Enabled",
            "Description": self.description,
            "KeyUsage": self.key_usage,
            "KeyState": state,
            "Origin": self.origin,
            "KeyManager": self.key_manager,
            "CustomerMasterKeySpec": self.key_spec,
            "KeySpec": self.key_spec,
            "MultiRegion": self.multi_region,
            **algorithms(self.key_spec, self.key_usage),
        }
        if self.multi_region:
            fields["MultiRegionConfiguration"] = self.multi_region_configuration
        if self.deletion_time is not None:
            fields["DeletionDate"] = self.deletion_time
        elif self.deletion_window is not None:
            fields["PendingDeletionWindowInDays"] = self.deletion_window
        current = self.lineage.current
        if current and self.symmetric:
            fields["CurrentKeyMaterialId"] = current.id
        if self.origin == "EXTERNAL" and current and not self.missing:
            fields |= self.expiration()
        return fields

    def expiration(self) -> dict[str, Any]:
        """The earliest expiration of all permanently associated key materials."""
        ends = [self.held[material.id].valid_to for material in self.lineage.associated]
        soonest = min((end for end in ends if end is not None), default=None)
        return {"ExpirationModel": FOR_EVER} if soonest is None else {"ExpirationModel": EXPIRES, "ValidTo": soonest}

    @property
    def multi_region_configuration(self) -> dict[str, Any]:
        primary = self.family.primary
        return {
            "MultiRegionKeyType": "REPLICA" if self.is_replica else "PRIMARY",
            "PrimaryKey": {"Arn": primary.arn, "Region": primary.region},
            "ReplicaKeys": [{"Arn": key.arn, "Region": key.region} for key in self.family.replicas],
        }

    def rotations_listed(self, now: float, everything: bool) -> list[dict[str, Any]]:
        """The entries of ListKeyRotations, oldest first."""
        self.settle(now)
        wanted = [m for m in self.lineage.materials if everything or m.rotated is not None]
        return [{"KeyId": self.arn, **self._listed(material, now)} for material in wanted]

    def _listed(self, material: Material, now: float) -> dict[str, Any]:
        fields = entry(material, self._told_state(material))
        if self.origin != "EXTERNAL":
            return fields
        held = self.held.get(material.id)
        if not held and material.id in self.lately_expired:
            expired, was = self.lately_expired[material.id]
            held = was if now < expired + LISTING_LAG else None
        fields["ImportState"] = "IMPORTED" if held else "PENDING_IMPORT"
        if held:
            fields["ExpirationModel"] = held.model
            if held.valid_to is not None:
                fields["ValidTo"] = held.valid_to
        return fields

    def _told_state(self, material: Material) -> str:
        if material.state != "PENDING":
            return material.state
        everywhere = all(material.id in key.held for key in self.family.keys.values())
        return "PENDING_ROTATION" if everywhere else "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
