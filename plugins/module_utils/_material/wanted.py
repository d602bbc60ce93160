# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What a task declares about the key materials of one key, apart from the materials themselves. Pure."""

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
    """One key material that a task gives, and the one value derived from it that may leave the controller.

    :ivar place: 0 for the task's own; from 1 for an entry of ``previous_key_materials``, in their order.
    :ivar source: ``given`` (plaintext, on the controller), ``wrapped`` (encrypted elsewhere) or ``none``.
    :ivar label: of what is given for a symmetric key; None for all other keys.
    :ivar description: the user's own text for the description, or None to leave it alone.
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
        """For messages."""
        return f"previous_key_materials[{self.place - 1}]" if self.place else "the given key material"


@dataclass(frozen=True)
class Wanted:
    """The declaration.

    :ivar material, expiration, description, material_label: of the task's own key material, see :class:`GivenMaterial`.
    :ivar told: the places of those that KMS compares in the primary key first, and so not in this replica key.
    :ivar on_unknown_material: None where the task does not say.
    :ivar label: whether descriptions are to carry a label.
    :ivar compared: the places of those that KMS took in this run, and so need not compare again.
    :ivar previous: the older key materials, the newest first.
    :ivar replicas: whether the task is for the replica keys, too.
    :ivar key_material_id: with ``state: absent``, the one to delete; None for the current one.
    :ivar all_materials: with ``state: absent``, whether all are to be deleted.
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
        """Whether the task lets other key material take the place of the current one."""
        return self.on_different_material != "fail"

    def unknown_material(self, given: GivenMaterial) -> _OnUnknown:
        """What to do when nothing tells whether KMS holds what is given.

        Of plaintext key material that can always be found out, so not to know is a failure; where the task has a use
        for the answer, KMS is asked. A ciphertext can be compared with nothing but its own label.
        """
        if self.on_unknown_material:
            return self.on_unknown_material
        if given.place or (self.rotates and given.source == "given"):
            return "reimport"
        return "fail" if given.source == "given" else "accept"
