# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The facts about one key and its key materials, with the names and in the order of the results.

Pure transformations from boto3's responses to value objects. Times are whole seconds in UTC.
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

from .._json import to_json
from .expiration import Expiration
from .material_label import split_description

__all__ = (
    "ASSOCIATED", "FEW_ROTATIONS", "IMPORTED", "MOST_ROTATIONS", "PENDING_IMPORT", "STAGED", "KeyFacts", "Material",
)  # fmt: skip

IMPORTED, PENDING_IMPORT = "IMPORTED", "PENDING_IMPORT"
# The KeyMaterialStates of key materials that the key requires to be usable, and of staged ones.
ASSOCIATED = ("CURRENT", "NON_CURRENT")
STAGED = ("PENDING_ROTATION", "PENDING_MULTI_REGION_IMPORT_AND_ROTATION")
# RotateKeyOnDemand, API Reference: at most 25 times for a key, and not adjustable (Resource quotas).
MOST_ROTATIONS = 25
# From this number on, plan a successor: most keys use one or two rotations a year.
FEW_ROTATIONS = 3
_NOT_SHOWN = "the response of ListKeyRotations does not contain the key's current key material"
# AWS KMS includes all IDs (RotationsListEntry, API Reference). Some emulators do not.
_NAMELESS = "the entries of ListKeyRotations do not contain the key material ID, unlike those of AWS KMS"


class Material(t.NamedTuple):
    """One entry of ListKeyRotations: a key material that is, or was, associated with a symmetric key.

    :ivar state: KeyMaterialState: CURRENT, NON_CURRENT, PENDING_ROTATION or PENDING_MULTI_REGION_IMPORT_AND_ROTATION.
    :ivar import_state: IMPORTED or PENDING_IMPORT.
    :ivar rotation_date: when it became the current one; None for the first key material, and before its rotation.
    :ivar rotation_type: the type of that rotation: ON_DEMAND.
    """

    key_material_id: str
    state: str
    import_state: str
    description: str | None = None
    expiration_model: str | None = None
    valid_to: datetime | None = None
    rotation_date: datetime | None = None
    rotation_type: str | None = None

    @property
    def imported(self) -> bool:
        return self.import_state == IMPORTED

    @property
    def associated(self) -> bool:
        """Whether the key requires this key material to be usable (a pending one can be deleted without harm)."""
        return self.state in ASSOCIATED

    @property
    def staged(self) -> bool:
        """Whether it is staged for a rotation, which makes it the current one."""
        return self.state in STAGED

    @property
    def label(self) -> str | None:
        return split_description(self.description)[1]

    @property
    def expiration(self) -> Expiration | None:
        return Expiration(self.valid_to) if self.imported and self.expiration_model else None

    def expired(self, now: datetime | None) -> bool:
        return now is not None and self.valid_to is not None and self.valid_to <= now

    @classmethod
    def from_kms(cls, entry: t.Mapping[str, t.Any]) -> Material:
        return cls(
            key_material_id=entry["KeyMaterialId"],
            state=entry["KeyMaterialState"],
            import_state=entry.get("ImportState", IMPORTED),
            description=entry.get("KeyMaterialDescription"),
            expiration_model=entry.get("ExpirationModel"),
            valid_to=_utc(entry.get("ValidTo")),
            rotation_date=_utc(entry.get("RotationDate")),
            rotation_type=entry.get("RotationType"),
        )


class KeyFacts(t.NamedTuple):
    """One KMS key.

    :ivar replica_regions: the Regions of the replica keys, in alphabetical order; for any key of a multi-Region set.
    :ivar rotation_started: the start of a rotation that is still in progress (OnDemandRotationStartDate); None if none
        is known.
    :ivar materials: the entries of ListKeyRotations, the current one first; None if KMS has no such list (keys that are
        not symmetric) or it could not be read.
    :ivar materials_unread: why the list could not be read, as a clause; None if it was read or does not exist.
    :ivar rotation_unread: why it is unknown whether a rotation is in progress, as a clause; None if that is known.
    """

    key_id: str
    arn: str
    region: str
    key_spec: str
    key_usage: str
    origin: str
    key_state: str
    key_manager: str = "CUSTOMER"
    expiration_model: str | None = None
    valid_to: datetime | None = None
    current_key_material_id: str | None = None
    multi_region: bool = False
    multi_region_key_type: str | None = None
    primary_region: str | None = None
    replica_regions: tuple[str, ...] = ()
    deletion_date: datetime | None = None
    rotation_started: datetime | None = None
    materials: tuple[Material, ...] | None = None
    materials_unread: str | None = None
    rotation_unread: str | None = None

    @property
    def symmetric(self) -> bool:
        return self.key_spec == "SYMMETRIC_DEFAULT"

    @property
    def replica(self) -> bool:
        return self.multi_region_key_type == "REPLICA"

    @property
    def current_material(self) -> Material | None:
        return self.material(self.current_key_material_id)

    def material(self, key_material_id: str | None) -> Material | None:
        for material in self.materials or ():
            if material.key_material_id == key_material_id:
                return material
        return None

    @property
    def staged_material(self) -> Material | None:
        """The staged key material; KMS accepts only one at a time."""
        return next((one for one in self.materials or () if one.staged), None)

    @property
    def rotations_left(self) -> int | None:
        """How many rotations KMS still allows; None if that is unknown or the key cannot be rotated."""
        if self.materials is None:
            return None
        return max(0, MOST_ROTATIONS - sum(one.rotation_type == "ON_DEMAND" for one in self.materials))

    @property
    def material_present(self) -> bool:
        """Whether KMS currently holds the (current) key material.

        DescribeKey returns an ExpirationModel only while there is key material, in every key state. With several key
        materials, only the entry of the key material itself is conclusive.
        """
        current = self.current_material
        if current is not None:
            return current.imported
        if self.materials is not None and not self.materials:
            return False
        return self.key_state != "PendingImport" and self.expiration_model is not None

    @property
    def expiration(self) -> Expiration | None:
        """The expiration of the (current) key material; None while there is none.

        If the list of key materials cannot be read, this is the value of DescribeKey, the earliest of all key
        materials.
        """
        if not self.material_present:
            return None
        current = self.current_material
        if current is not None:
            return current.expiration
        return Expiration(self.valid_to)

    def expiration_of(self, key_material_id: str | None) -> Expiration | None:
        """The expiration of this key material, or of the current one for None. None while KMS does not hold it."""
        if key_material_id in (None, self.current_key_material_id):
            return self.expiration
        material = self.material(key_material_id)
        return material.expiration if material is not None else None

    def description_of(self, key_material_id: str | None) -> str | None:
        """The KeyMaterialDescription of this key material, with its label; of the current one for None."""
        material = self.material(key_material_id or self.current_key_material_id)
        return material.description if material is not None else None

    @property
    def missing_materials(self) -> tuple[Material, ...]:
        """Associated key materials that KMS does not hold now. Each of them keeps the key in PendingImport."""
        return self.missing_materials_at(None)

    def missing_materials_at(self, now: datetime | None) -> tuple[Material, ...]:
        """The same, including those that KMS still lists although they have expired."""
        return tuple(
            entry for entry in self.materials or () if entry.associated and (not entry.imported or entry.expired(now))
        )

    @property
    def other_missing_materials(self) -> tuple[Material, ...]:
        """The missing key materials except the current one."""
        return tuple(one for one in self.missing_materials if one.key_material_id != self.current_key_material_id)

    @property
    def never_imported(self) -> bool | None:
        """Whether KMS never held key material for this key; None if that is unknown.

        DescribeKey returns a CurrentKeyMaterialId after the first import, for symmetric keys only (observed). A replica
        key has the ID of its primary key from the beginning.
        """
        if self.material_present:
            return False
        if not self.symmetric or self.replica:
            return None
        return self.current_key_material_id is None

    @classmethod
    def from_kms(
        cls,
        metadata: t.Mapping[str, t.Any],
        rotations: t.Iterable[t.Mapping[str, t.Any]] | None = None,
        materials_unread: str | None = None,
        now: datetime | None = None,
        rotation_started: datetime | None = None,
    ) -> KeyFacts:
        """Create the facts from KMS's responses.

        :param metadata: KeyMetadata of DescribeKey.
        :param rotations: the entries of ListKeyRotations with all key materials, or None.
        :param materials_unread: why there are no *rotations* although the key has some.
        :param rotation_started: OnDemandRotationStartDate of GetKeyRotationStatus.
        :param now: KMS's time; if given, expired key material is known to be gone.
        """
        materials = None
        if rotations is not None:
            materials = _materials(rotations)
            materials_unread = None if materials is not None else _NAMELESS
        current = metadata.get("CurrentKeyMaterialId")
        if (
            materials is not None
            and current
            and (current, "CURRENT") not in {(entry.key_material_id, entry.state) for entry in materials}
        ):
            # The list is older than the response of DescribeKey, so its entry about the current key material is about
            # another one.
            materials, materials_unread = None, _NOT_SHOWN
        multi_region = metadata.get("MultiRegionConfiguration", {})
        return cls(
            key_id=metadata["KeyId"],
            arn=metadata["Arn"],
            region=metadata["Arn"].split(":")[3],
            key_spec=metadata.get("KeySpec", "SYMMETRIC_DEFAULT"),
            key_usage=metadata.get("KeyUsage", "ENCRYPT_DECRYPT"),
            origin=metadata.get("Origin", "AWS_KMS"),
            key_state=metadata["KeyState"],
            key_manager=metadata.get("KeyManager", "CUSTOMER"),
            expiration_model=metadata.get("ExpirationModel"),
            valid_to=_utc(metadata.get("ValidTo")),
            current_key_material_id=current,
            multi_region=bool(metadata.get("MultiRegion", False)),
            multi_region_key_type=multi_region.get("MultiRegionKeyType"),
            primary_region=multi_region.get("PrimaryKey", {}).get("Region"),
            replica_regions=tuple(sorted(one["Region"] for one in multi_region.get("ReplicaKeys", ()))),
            deletion_date=_utc(metadata.get("DeletionDate")),
            rotation_started=_utc(rotation_started),
            materials=materials,
            materials_unread=materials_unread,
        ).agreed(now)

    @property
    def unsettled(self) -> bool:
        """Whether ListKeyRotations lags behind DescribeKey. In KMS, it is temporary; elsewhere, maybe not."""
        return self.materials_unread == _NOT_SHOWN

    @property
    def contradictory(self) -> bool:
        """Whether DescribeKey and ListKeyRotations contradict each other, as they may for some moments after a change.

        A key is PendingImport if and only if an associated key material is missing.
        """
        if not self.materials:
            return False
        if self.key_state == "PendingImport":
            return not self.missing_materials
        return self.key_state in ("Enabled", "Disabled") and bool(self.missing_materials)

    def agreed(self, now: datetime | None = None) -> KeyFacts:
        """The same facts, in agreement with DescribeKey if the two contradict each other.

        After an expiration, ListKeyRotations still reports IMPORTED for a while when DescribeKey already reports
        PendingImport. In that case the expired key materials are the missing ones. If none has expired, the current one
        is assumed to be missing: importing it again does no harm.
        """
        if not self.contradictory:
            return self
        gone = self.key_state == "PendingImport"
        associated = [entry for entry in self.materials or () if entry.associated]
        wrong = {entry.key_material_id for entry in associated if not gone or entry.expired(now)}
        if not wrong:
            wrong = {str(self.current_key_material_id)}
        materials = tuple(
            entry
            if entry.key_material_id not in wrong
            else entry._replace(
                import_state=PENDING_IMPORT if gone else IMPORTED,
                expiration_model=None if gone else entry.expiration_model or self.expiration_model,
                valid_to=None if gone else entry.valid_to or self.valid_to,
            )
            for entry in self.materials or ()
        )
        return self._replace(materials=materials)

    def to_result(self) -> dict[str, t.Any]:
        """The facts as the modules return them under ``kms_key``."""
        values: dict[str, t.Any] = to_json(self)
        values["enabled"] = self.key_state == "Enabled"
        # Messages that depend on it include it.
        del values["rotation_unread"]
        return values


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(timezone.utc).replace(microsecond=0)


def _materials(rotations: t.Iterable[t.Mapping[str, t.Any]]) -> tuple[Material, ...] | None:
    """Parse the entries in a fixed order, which keeps facts comparable: ListKeyRotations guarantees none. None if an
    entry has no ID.
    """
    order = ("CURRENT", *STAGED, "NON_CURRENT")
    rank = {state: position for position, state in enumerate(order)}
    entries = list(rotations)
    if any("KeyMaterialId" not in entry or "KeyMaterialState" not in entry for entry in entries):
        return None
    return tuple(
        sorted(
            map(Material.from_kms, entries),
            key=lambda material: (rank.get(material.state, len(order)), material.key_material_id),
        )
    )
