# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Read the facts about a key. A fact that cannot be read does not hide the others."""

from __future__ import annotations

import typing as t
from datetime import datetime

from .._kms.client import Kms
from .._kms.errors import KmsError
from .facts import KeyFacts

__all__ = ("KeyReading", "read_if_possible", "read_key")

_Value = t.TypeVar("_Value")


class KeyReading(t.NamedTuple):
    """A key as KMS returned it at *now*; *metadata* is DescribeKey's KeyMetadata."""

    facts: KeyFacts
    now: datetime
    metadata: t.Mapping[str, t.Any]


def read_key(kms: Kms, key: str, with_materials: bool = True) -> KeyReading:
    """Call DescribeKey and, for a symmetric key with imported key material, ListKeyRotations; and GetKeyRotationStatus
    if a key material is staged.

    :param key: a key ID, key ARN, alias name or alias ARN.
    :param with_materials: False for DescribeKey alone. The facts then contain neither a list nor the reason why there
        is none.
    :raises KmsError: the key cannot be described. A list of key materials that cannot be read is recorded in the facts
        instead.
    """
    metadata, now = kms.describe_key(key)
    rotations, unread, started, rotation_unread = None, None, None, None
    if with_materials and metadata.get("Origin") == "EXTERNAL" and metadata.get("KeySpec") == "SYMMETRIC_DEFAULT":
        # Only DescribeKey takes an alias.
        rotations, unread = read_if_possible(lambda: kms.list_key_materials(metadata["Arn"]))
    if any("ROTATION" in str(entry.get("KeyMaterialState")) for entry in rotations or ()):
        # If it cannot be read, RotateKeyOnDemand is safe: during a rotation, KMS treats a second request like the
        # first.
        started, rotation_unread = read_if_possible(lambda: kms.rotation_started(metadata["Arn"]))
    facts = KeyFacts.from_kms(metadata, rotations, unread, now, started)
    return KeyReading(facts._replace(rotation_unread=rotation_unread), now, metadata)


def read_if_possible(read: t.Callable[[], _Value]) -> tuple[_Value | None, str | None]:
    """The result of *read*; or None and the reason why it cannot be read, as a clause.

    :raises KmsError: an error that is not specific to this reading, such as expired credentials.
    """
    try:
        return read(), None
    except KmsError as error:
        if not error.unreadable:
            raise
        return None, error.clause
