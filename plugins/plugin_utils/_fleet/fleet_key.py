# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A list's declaration of one key: the key itself, its replica keys and its key material."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._material.declaration import Declaration

__all__ = ("FleetKey",)


@dataclass(frozen=True)
class FleetKey:
    """One entry of the list, read.

    :ivar place: in the list, from 0.
    :ivar where: the entry, for messages.
    :ivar name: its alias, key ID or ARN, as in the list.
    :ivar region: the Region of the key; None for the Region of the task.
    :ivar options: of ``kms_external_key``; None if the entry is for key material alone.
    :ivar material: for the key and all of its managed replica keys; None if the entry gives none.
    """

    place: int
    where: str
    name: str
    region: str | None
    options: t.Mapping[str, t.Any] | None
    material: Declaration | None
    check_mode: bool = False
