# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Carries the conversations of some keys to the target: what all of them ask for at one time is one visit."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Sequence

from .._material.converge import Answer, Conversation, Outcome, Request

__all__ = ("hold",)

# Values that have an option of their own beside the rest of a request, because no_log hides them.
_SECRET = ("encrypted_key_material", "import_token", "mac")


def hold(
    conversations: Sequence[Conversation], visit: Callable[[list[dict[str, t.Any]]], Sequence[Answer]]
) -> list[Outcome]:
    """Holds the conversations to their ends.

    :param visit: carries entries of the module's option ``controller.keys`` to the target; returns an answer to each.
    """
    outcomes: dict[int, Outcome] = {}
    pending: dict[int, Request] = {}

    def advance(index: int, answer: Answer | None) -> None:
        try:
            # The first thing sent to a generator that has just been made must be None.
            pending[index] = conversations[index].send(t.cast(Answer, answer))
        except StopIteration as end:
            pending.pop(index, None)
            outcomes[index] = end.value

    for index in range(len(conversations)):
        advance(index, None)
    while pending:
        asked = sorted(pending)
        answers = visit([_entry(pending[index]) for index in asked])
        for index, answer in zip(asked, answers, strict=True):
            advance(index, answer)
    return [outcomes[index] for index in range(len(conversations))]


def _entry(request: Request) -> dict[str, t.Any]:
    own = ("visit", "key_id", *_SECRET)
    entry = {name: request[name] for name in own if request.get(name) is not None}
    entry["request"] = {name: value for name, value in request.items() if name not in own}
    return entry
