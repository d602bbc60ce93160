# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What a task declares about the key material of one key, apart from the material itself. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._key.expiration import WantedExpiration

__all__ = ("Source", "Wanted")

Source = t.Literal["given", "wrapped", "none"]
_OnUnknown = t.Literal["fail", "accept", "reimport"]


@dataclass(frozen=True)
class Wanted:
    """The declaration, and the one value derived from the material that may leave the controller.

    :ivar material: ``given`` (plaintext, on the controller), ``wrapped`` (encrypted elsewhere) or ``none``.
    :ivar on_unknown_material: None where the task does not say.
    :ivar description: the user's own text for the description, or None to leave it alone.
    :ivar label: whether the description is to carry a label.
    :ivar material_label: the label of what is given for a symmetric key; None for all other keys.
    """

    state: t.Literal["present", "absent"] = "present"
    expiration: WantedExpiration = field(default_factory=WantedExpiration)
    material: Source = "given"
    enabled: bool | None = None
    force: bool = False
    on_unknown_material: _OnUnknown | None = None
    description: str | None = None
    label: bool = True
    material_label: str | None = None

    @property
    def unknown_material(self) -> _OnUnknown:
        """What to do when nothing tells whether KMS holds what is given.

        Of plaintext key material that can always be found out, so not to know is a failure. A ciphertext can be
        compared with nothing but its own label.
        """
        return self.on_unknown_material or ("fail" if self.material == "given" else "accept")
