# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The keys of an account and Region that have no alias. A run may have left one of them incomplete."""

from __future__ import annotations

import threading
import typing as t

from .._key.facts import KeyFacts
from .._key.reading import read_if_possible, read_key
from .._kms.client import Kms
from .._kms.concurrency import concurrently

__all__ = ("KeysWithoutAlias",)


class KeysWithoutAlias:
    """Keys that are read once, at the first request, and shared by all searches of a visit."""

    def __init__(self, kms: Kms) -> None:
        self._kms = kms
        self._lock = threading.Lock()
        self._facts: list[KeyFacts] | None = None
        self._tags: dict[str, tuple[dict[str, str] | None, str | None]] = {}

    def facts(self) -> list[KeyFacts]:
        """The keys that can be described. Any other key was not created by a run with the same permissions."""
        with self._lock:
            if self._facts is None:
                named = {entry.get("TargetKeyId") for entry in self._kms.list_aliases()}
                unnamed = [entry["KeyArn"] for entry in self._kms.list_keys() if entry["KeyId"] not in named]
                self._facts = [facts for facts in concurrently(self._describe, unnamed) if facts is not None]
            return self._facts

    def tags(self, arns: t.Iterable[str]) -> dict[str, tuple[dict[str, str] | None, str | None]]:
        """The tags of each key; or the reason why they could not be read, as a clause."""
        with self._lock:
            unread = [arn for arn in arns if arn not in self._tags]
            answers = concurrently(lambda arn: read_if_possible(lambda: self._kms.list_resource_tags(arn)), unread)
            self._tags |= dict(zip(unread, answers))
            return {arn: self._tags[arn] for arn in arns}

    def _describe(self, arn: str) -> KeyFacts | None:
        reading, _unread = read_if_possible(lambda: read_key(self._kms, arn, with_materials=False))
        return None if reading is None else reading.facts
