# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that end at some call to KMS."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Collection
from typing import Any

from support.external_key import ExternalKey
from support.fleet import Visit
from support.in_process import declaration, fresh_client, no_pause, visits

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import Runtime, converse
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.converge import converge
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.one_key import OneKey


class Cut(BaseException):
    """The process ends at this moment. As with a power failure, no code handles this."""


def cut(client: Any, moment: str, number: int) -> None:
    """End everything before or after the call of this number; the calls are counted from 1."""
    calls = itertools.count(1)

    def end(**_event: Any) -> None:
        if next(calls) == number:
            raise Cut

    # Before the request is sent, or after KMS has completed it and before the response arrives.
    client.meta.events.register({"before": "before-send.kms", "after": "after-call.kms"}[moment], end)


class Process:
    """One that dies when it has sent so many requests to KMS, over all Regions: no answer to the last one arrives.

    To KMS, and to whatever comes later, that is the same as to die before the next one is sent.

    :param counted: the operations that are counted; None for all.
    """

    def __init__(self, requests: int, counted: Collection[str] | None = None) -> None:
        self._left = requests
        self._counted = counted
        self._lock = threading.Lock()

    def visits(self, kms: Any) -> Visit:
        """Carries requests to KMS until it dies, by :class:`Cut`. What was on its way to other Regions at that moment
        arrives there.
        """
        return visits(self._client(kms), self._client)

    def run(self, kms: Any, key: ExternalKey, content: bytes | None, **options: Any) -> bool:
        """Whether the task finished."""
        visit = self.visits(kms)
        try:
            converse([converge(OneKey(declaration(key.arn, content, **options)))], Runtime(visit, no_pause))
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
            if not self._left:
                raise Cut
            if self._counted is None or event_name.rpartition(".")[2] in self._counted:
                self._left -= 1

    def _receive(self, **_event: Any) -> None:
        with self._lock:
            if not self._left:
                raise Cut
