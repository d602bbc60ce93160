# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that end at some call to KMS."""

from __future__ import annotations

import itertools
import threading
from typing import Any

from support.external_key import ExternalKey
from support.in_process import declaration, fresh_client, no_pause, visits

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import converse
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.converge import converge


class Cut(BaseException):
    """The process is gone at this moment. No code handles it, as none handles a power failure."""


def cut(client: Any, moment: str, number: int) -> None:
    """End everything before or after the call of this number; the calls are counted from 1."""
    calls = itertools.count(1)

    def end(**_event: Any) -> None:
        if next(calls) == number:
            raise Cut

    # Before it is sent, or when KMS has done it and the answer is not known yet.
    client.meta.events.register({"before": "before-send.kms", "after": "after-call.kms"}[moment], end)


EVERY_REQUEST: frozenset[str] = frozenset()
# What is not merely read. Between two of these a process that dies leaves the same key behind, wherever it dies.
CHANGES = frozenset(
    {
        "GetParametersForImport", "ImportKeyMaterial", "RotateKeyOnDemand", "DeleteImportedKeyMaterial",
        "EnableKey", "DisableKey",
    }
)  # fmt: skip


class Process:
    """One that dies before a request to KMS is sent, or after KMS has met it and before the answer is there.

    :param at: the operations that count; none of them for all.
    :param moment: ``before`` or ``after``.
    :param number: of the request among those that count, over all Regions, from 1.
    """

    def __init__(self, at: frozenset[str], moment: str, number: int) -> None:
        self._at = at
        self._moment = moment
        self._number = number
        self._sent = 0
        self._dead = False
        self._lock = threading.Lock()

    def run(self, kms: Any, key: ExternalKey, content: bytes | None, **options: Any) -> bool:
        """Whether the task came to its end. What was on its way to other Regions at that moment arrives there."""
        visit = visits(self._client(kms), self._client)
        try:
            converse([converge(declaration(key.arn, content, **options))], visit, no_pause)
        except Cut:
            return False
        return True

    def _client(self, client: Any, region: str | None = None) -> Any:
        mine = fresh_client(client, region)
        mine.meta.events.register("before-send.kms", self._send)
        mine.meta.events.register("after-call.kms", self._receive)
        return mine

    def _send(self, event_name: str, **_event: Any) -> None:
        with self._lock:
            if self._counts(event_name):
                self._sent += 1
                self._dead = self._dead or (self._moment == "before" and self._sent == self._number)
            if self._dead:
                raise Cut

    def _receive(self, event_name: str, **_event: Any) -> None:
        with self._lock:
            if self._counts(event_name) and self._moment == "after" and self._sent >= self._number:
                self._dead = True
            if self._dead:
                raise Cut

    def _counts(self, event_name: str) -> bool:
        return not self._at or event_name.rpartition(".")[2] in self._at
