# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The target's side of the conversations: answer many requests of the controller at a time."""

from __future__ import annotations

import typing as t

from .._errors import Refusal
from .._kms.client import Kms
from .._kms.concurrency import WORKERS, concurrently
from .._kms.traffic import PatienceExceeded
from .._material.answer import answer as answer_about_material
from .._messages import Answer, EnsuredKey, EnsureKey, Failed, Failure, Postponed, Request, may_download

__all__ = ("Clients", "KeyHandler", "MakeKeyHandler", "answer_all")

# By the Region in requests; or the reason why a Region is unusable, which is then the answer.
Clients = t.Mapping[t.Optional[str], t.Union[Kms, Refusal]]


class KeyHandler(t.Protocol):
    """The handler of EnsureKey. It is not imported here, because a task for key material alone would compile it
    unnecessarily.
    """

    def ensure(self, kms: Kms, request: EnsureKey) -> EnsuredKey: ...


MakeKeyHandler = t.Callable[[Clients], KeyHandler]


def answer_all(clients: Clients, requests: t.Sequence[Request], of_keys: MakeKeyHandler | None = None) -> list[Answer]:
    """Answer all requests at the same time. Requests with a low quota wait for their turn, by :class:`.Traffic`.

    :param of_keys: makes the handler of EnsureKey; None if there is no such request.
    """
    # Waiting requests must not occupy workers that could do other work in the meantime.
    workers = WORKERS + sum(map(may_download, requests))
    handler = None if of_keys is None else of_keys(clients)
    return concurrently(lambda request: _answer(clients[request.region], request, handler), requests, workers)


def _answer(kms: Kms | Refusal, request: Request, of_keys: KeyHandler | None) -> Answer:
    """The answer to one request; a failure is also an answer."""
    if isinstance(kms, Refusal):
        return Failed(Failure.of(kms))
    try:
        if of_keys is not None and isinstance(request, EnsureKey):
            return of_keys.ensure(kms, request)
        return answer_about_material(kms, request)
    except PatienceExceeded as error:
        # Nothing was changed, so the same request can be sent again.
        return Postponed(Failure.of(error))
    except Exception as error:
        return Failed(Failure.of(error))
