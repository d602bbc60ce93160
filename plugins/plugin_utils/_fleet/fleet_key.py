# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What a list of keys declares of one key: the key itself, its replica keys and its key material."""

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
    :ivar name: its alias, key ID or ARN, as the list gives it.
    :ivar region: where the key is; None for the Region of the task.
    :ivar options: of ``kms_external_key``; None where the entry is for key material alone.
    :ivar material: None where the entry gives none. For the key and all of its replica keys that it manages.
    """

    place: int
    where: str
    name: str
    region: str | None
    options: t.Mapping[str, t.Any] | None
    material: Declaration | None
    check_mode: bool = False
