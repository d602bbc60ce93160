# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The task's declaration about the key materials of one key, apart from the key materials themselves. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._key.expiration import WantedExpiration

__all__ = ("GivenMaterial", "OnDifferent", "Source", "Wanted")

Source = t.Literal["given", "wrapped", "none"]
OnDifferent = t.Literal["fail", "stage", "rotate"]
_OnUnknown = t.Literal["fail", "accept", "reimport"]


@dataclass(frozen=True)
class GivenMaterial:
    """One key material that a task gives. The label is the only value derived from it that may leave the controller.

    :ivar place: 0 for the task's own; from 1 for an entry of ``previous_key_materials``, in their order.
    :ivar source: ``given`` (plaintext, on the controller), ``wrapped`` (encrypted elsewhere) or ``none``.
    :ivar label: of key material for a symmetric key; None for all other keys.
    :ivar description: the user's own text for the description; None to keep the present one.
    :ivar key_material_id: as the task names it, which is a claim.
    """

    place: int
    source: Source = "given"
    expiration: WantedExpiration = field(default_factory=WantedExpiration)
    label: str | None = None
    description: str | None = None
    key_material_id: str | None = None

    @property
    def name(self) -> str:
        """The name in messages."""
        return f"previous_key_materials[{self.place - 1}]" if self.place else "the given key material"


@dataclass(frozen=True)
class Wanted:
    """The declaration.

    :ivar material, expiration, description, material_label: of the task's own key material, see :class:`GivenMaterial`.
    :ivar told: the places of key materials that KMS compares in the primary key first, and so not in this replica key.
    :ivar on_unknown_material: None if the task does not set it.
    :ivar label: whether descriptions contain a label.
    :ivar compared: the places of key materials that KMS accepted in this run, so that it need not compare them again.
    :ivar previous: the older key materials, the newest first.
    :ivar replicas: whether the task also manages the replica keys.
    :ivar key_material_id: with ``state: absent``, the one to delete; None for the current one.
    :ivar all_materials: with ``state: absent``, whether to delete all of them.
    """

    state: t.Literal["present", "absent"] = "present"
    expiration: WantedExpiration = field(default_factory=WantedExpiration)
    material: Source = "given"
    enabled: bool | None = None
    force: bool = False
    compared: t.Collection[int] = ()
    told: t.Collection[int] = ()
    on_unknown_material: _OnUnknown | None = None
    on_different_material: OnDifferent = "fail"
    description: str | None = None
    label: bool = True
    material_label: str | None = None
    previous: tuple[GivenMaterial, ...] = ()
    replicas: bool = False
    key_material_id: str | None = None
    all_materials: bool = False

    @property
    def own(self) -> GivenMaterial:
        """The task's own key material, which is to be the current one."""
        return GivenMaterial(0, self.material, self.expiration, self.material_label, self.description)

    @property
    def rotates(self) -> bool:
        """Whether the task allows other key material to become the current one."""
        return self.on_different_material != "fail"

    def unknown_material(self, given: GivenMaterial) -> _OnUnknown:
        """What to do if it is unknown whether KMS holds the given key material.

        For plaintext key material it is always possible to find out, so an unknown result is a failure. If the task
        depends on the answer, KMS compares. A ciphertext can be compared only with its own label.
        """
        if self.on_unknown_material:
            return self.on_unknown_material
        if given.place or (self.rotates and given.source == "given"):
            return "reimport"
        return "fail" if given.source == "given" else "accept"
