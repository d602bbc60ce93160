# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Bring one key into its declared state: read, match, decide, carry out; and read again.

Every round begins with the present state in KMS. So the next run completes an interrupted run in the same way.
"""

from __future__ import annotations

from ...module_utils._errors import CloudKeysError
from .._controller.conversations import Conversation, concluded
from .one_key import OneKey
from .outcome import Outcome

__all__ = ("converge",)

# How often the key may change during the task before it gives up, and the maximum number of rounds: calling KMS,
# importing, staging and rotating, in every Region, each of them twice.
MOVES, ROUNDS = 4, 20


def converge(key: OneKey) -> Conversation[Outcome]:
    """The conversation for one key and its replica keys. It returns the outcome and raises nothing of its own."""
    return (yield from concluded(_converge(key), key.outcome))


def _converge(key: OneKey) -> Conversation[None]:
    replicas: list[OneKey] = []
    moved = 0
    for _round in range(ROUNDS):
        yield from key.look()
        if key.declaration.wanted.replicas:
            # Imported here because every task compiles its imports again, and most keys have no replica keys.
            from .replicas import look_at_replicas

            replicas = yield from look_at_replicas(key, replicas)
        if not key.finished:
            yield from key.match()
            key.decide()
        # KMS's answer about a given key material in one Region also applies to the others.
        waiting = key.asks and not key.declaration.check_mode
        if not waiting and key.facts.replica_regions and (replicas or key.plan.begins_rotation):
            from .replicas import decide_replicas

            yield from decide_replicas(key, replicas)
        due = [one for one in (key, *replicas) if one.due]
        if key.declaration.check_mode or not due:
            for one in (key, *replicas):
                one.conclude()
            return
        # Imported here for the same reason: most tasks change nothing.
        from .advance import advance

        progress = yield from advance(key, replicas)
        if progress == "finished":
            return
        moved += progress == "moved"
        if moved == MOVES:
            break
    raise CloudKeysError(
        f"{key.declaration.key} kept changing during the task: another process is changing the key at the same time."
        " Run the task again when that process has ended."
    )
