# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The keys of an account and Region that have no alias, among which are those that a run left half made."""

from __future__ import annotations

import threading
import typing as t

from .._key.facts import KeyFacts
from .._key.reading import read_if_possible, read_key
from .._kms.client import Kms
from .._kms.concurrency import concurrently

__all__ = ("KeysWithoutAlias",)


class KeysWithoutAlias:
    """They are read once, by the first that asks; many keys that are looked for at one time share the answers."""

    def __init__(self, kms: Kms) -> None:
        self._kms = kms
        self._lock = threading.Lock()
        self._facts: list[KeyFacts] | None = None
        self._tags: dict[str, tuple[dict[str, str] | None, str | None]] = {}

    def facts(self) -> list[KeyFacts]:
        """Of those that may be looked at. Another was not made by a run with the same permissions."""
        with self._lock:
            if self._facts is None:
                named = {entry.get("TargetKeyId") for entry in self._kms.list_aliases()}
                unnamed = [entry["KeyArn"] for entry in self._kms.list_keys() if entry["KeyId"] not in named]
                self._facts = [facts for facts in concurrently(self._describe, unnamed) if facts is not None]
            return self._facts

    def tags(self, arns: t.Iterable[str]) -> dict[str, tuple[dict[str, str] | None, str | None]]:
        """Of each of these keys the tags; or, in their place, why they cannot be read, as a clause."""
        with self._lock:
            unread = [arn for arn in arns if arn not in self._tags]
            answers = concurrently(lambda arn: read_if_possible(lambda: self._kms.list_resource_tags(arn)), unread)
            self._tags |= dict(zip(unread, answers))
            return {arn: self._tags[arn] for arn in arns}

    def _describe(self, arn: str) -> KeyFacts | None:
        reading, _unread = read_if_possible(lambda: read_key(self._kms, arn, with_materials=False))
        return None if reading is None else reading.facts
