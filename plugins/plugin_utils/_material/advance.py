# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The next step of a key and its replica keys, in KMS's order: the primary key, its replica keys, the rotation.

AWS KMS API Reference, ImportKeyMaterial: new key material is imported into the primary key, then into every replica
key. Only then is the primary key rotated.
"""

from __future__ import annotations

import typing as t

from ...module_utils._errors import CloudKeysError
from ...module_utils._messages import Look, Seen
from .._controller.conversations import Conversation, Waiting, ask_all
from .carry_out import carry_out, rotate
from .one_key import OneKey

__all__ = ("advance",)

Advance = t.Literal["finished", "again", "moved"]


def advance(key: OneKey, replicas: t.Sequence[OneKey]) -> Conversation[Advance]:
    """:raises CloudKeysError: the rotation has not ended in time, or could not be awaited."""
    if key.due_before_rotation:
        return (yield from _carry_out_first(key, replicas))
    if any(one.due_before_rotation for one in replicas):
        # Imported here because every task compiles its imports again, and most keys have no replica keys.
        from .replicas import carry_out_replicas

        return (yield from carry_out_replicas(replicas))
    lacking = [one.facts.region for one in replicas if one.outcome.failure is not None]
    if lacking:
        raise CloudKeysError(
            f"{key.facts.arn} was not rotated, because its replica keys in {', '.join(lacking)} are not ready for it."
        )
    progress = yield from rotate(key)
    if progress == "failed":
        return "finished"
    if progress == "moved":
        return "moved"
    if key.declaration.rotation_timeout is None:
        key.outcome.warn(
            f"{key.facts.arn}: KMS takes minutes to rotate a key, but the task does not wait for it (wait: false)."
        )
        key.finished = True
        return "finished"
    yield from _await_rotation(key, replicas, key.declaration.rotation_timeout)
    return "again"


def _carry_out_first(key: OneKey, replicas: t.Sequence[OneKey]) -> Conversation[Advance]:
    progress = yield from carry_out(key)
    if progress == "failed":
        key.finished = True
        # The replica keys' own steps are still possible.
        return "again" if any(one.undecided or one.due_before_rotation for one in replicas) else "finished"
    if progress == "done" and not replicas and not (key.plan.changes_current or key.plan.identifies):
        key.outcome.conclude(key.plan)
        return "finished"
    return "moved" if progress == "moved" else "again"


def _await_rotation(key: OneKey, replicas: t.Sequence[OneKey], timeout: int) -> Conversation[None]:
    """Wait for the rotation. Observed rotations took 28 to 460 seconds."""
    staged = key.facts.staged_material
    everyone = (key, *replicas)
    looks = [Look(one.facts.arn, one.declaration.region) for one in everyone]
    waiting = Waiting(timeout)
    while staged is not None:
        seen = yield from ask_all(looks, Seen)
        for one, shown in zip(everyone, seen, strict=True):
            one.outcome.facts = shown.facts
        behind = [one.facts.region for one in seen if one.facts.current_key_material_id != staged.key_material_id]
        if not behind:
            return
        if waiting.over:
            raise CloudKeysError(
                f"{key.facts.arn}: KMS accepted the rotation to {staged.key_material_id}, but after {timeout} s"
                f" {', '.join(behind)} does not report it as the current key material. The rotation continues. Run"
                " the task again, which checks the current state first, or set a longer rotation_timeout."
            )
        why = f"Waiting for KMS to rotate {key.facts.arn} ({waiting.waited:.0f} s of at most {timeout} s)."
        yield from waiting.pause(why)
