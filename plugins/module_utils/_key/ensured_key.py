# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The results of ``kms_external_key``, for the key and each of its replica keys."""

from __future__ import annotations

import typing as t

__all__ = ("EnsuredKeyResult", "EnsuredReplica", "KeyDiff")


class KeyDiff(t.NamedTuple):
    """The changes in one Region: an entry of the result's ``diff``."""

    before_header: str
    after_header: str
    before: t.Mapping[str, t.Any]
    after: t.Mapping[str, t.Any]


class EnsuredReplica(t.NamedTuple):
    """An entry of ``replicas`` of ``kms_external_key``."""

    region: str
    arn: str | None
    key_state: str | None
    changed: bool
    actions: tuple[str, ...]
    failure: str | None


class EnsuredKeyResult(t.NamedTuple):
    """The result of ``kms_external_key``.

    :ivar arn: of the key; None if the key does not exist, for example before it is created.
    :ivar kms_key: the other facts about the key.
    """

    changed: bool
    actions: tuple[str, ...]
    arn: str | None = None
    kms_key: t.Mapping[str, t.Any] = {}
    diffs: tuple[KeyDiff, ...] = ()
    replicas: tuple[EnsuredReplica, ...] = ()
