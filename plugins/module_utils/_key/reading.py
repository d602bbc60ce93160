# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What can be read of a key: one thing that stays unknown does not hide the others."""

from __future__ import annotations

import typing as t
from datetime import datetime

from .._kms.client import Kms
from .._kms.errors import KmsError
from .facts import KeyFacts

__all__ = ("KeyReading", "read_if_possible", "read_key")

_Value = t.TypeVar("_Value")


class KeyReading(t.NamedTuple):
    """A key as KMS showed it at *now*; *metadata* is DescribeKey's KeyMetadata."""

    facts: KeyFacts
    now: datetime
    metadata: t.Mapping[str, t.Any]


def read_key(kms: Kms, key: str, with_materials: bool = True) -> KeyReading:
    """DescribeKey and, for a symmetric key with imported key material, ListKeyRotations; and GetKeyRotationStatus where
    a key material waits for its rotation.

    :param key: a key ID, key ARN, alias name or alias ARN.
    :param with_materials: False for DescribeKey alone. The facts then tell nothing of a list, not even that it is
        unread.
    :raises KmsError: the key cannot be described. A list of materials that cannot be read is a fact of its own.
    """
    metadata, now = kms.describe_key(key)
    rotations, unread, started, rotation_unread = None, None, None, None
    if with_materials and metadata.get("Origin") == "EXTERNAL" and metadata.get("KeySpec") == "SYMMETRIC_DEFAULT":
        # Only DescribeKey takes an alias.
        rotations, unread = read_if_possible(lambda: kms.list_key_materials(metadata["Arn"]))
    if any("ROTATION" in str(entry.get("KeyMaterialState")) for entry in rotations or ()):
        # Where it may not be read, RotateKeyOnDemand tells: KMS takes a second request during a rotation for the first.
        started, rotation_unread = read_if_possible(lambda: kms.rotation_started(metadata["Arn"]))
    facts = KeyFacts.from_kms(metadata, rotations, unread, now, started)
    return KeyReading(facts._replace(rotation_unread=rotation_unread), now, metadata)


def read_if_possible(read: t.Callable[[], _Value]) -> tuple[_Value | None, str | None]:
    """What *read* returns; or None and why that is not to be had, as a clause.

    :raises KmsError: one that is not about this reading, such as credentials that have expired.
    """
    try:
        return read(), None
    except KmsError as error:
        if not error.unreadable:
            raise
        return None, error.clause
