# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The next step of a key and its replica keys, in the order of KMS: the primary key, its replica keys, the rotation.

AWS KMS API Reference, ImportKeyMaterial: new key material goes into the primary key, then into every replica key, and
only then the primary key is rotated.
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
        # Not above: what a task imports is compiled anew in every task, and most keys have no replica keys.
        from .replicas import carry_out_replicas

        return (yield from carry_out_replicas(replicas))
    lacking = [one.facts.region for one in replicas if one.outcome.failure is not None]
    if lacking:
        raise CloudKeysError(
            f"{key.facts.arn} is not rotated, since its replica keys in {', '.join(lacking)} are not ready for it."
        )
    progress = yield from rotate(key)
    if progress == "failed":
        return "finished"
    if progress == "moved":
        return "moved"
    if key.declaration.rotation_timeout is None:
        key.outcome.warn(
            f"{key.facts.arn}: KMS takes minutes to rotate a key, and the task does not wait for it (wait: false)."
        )
        key.finished = True
        return "finished"
    yield from _await_rotation(key, replicas, key.declaration.rotation_timeout)
    return "again"


def _carry_out_first(key: OneKey, replicas: t.Sequence[OneKey]) -> Conversation[Advance]:
    progress = yield from carry_out(key)
    if progress == "failed":
        key.finished = True
        # Their own part can be done all the same.
        return "again" if any(one.undecided or one.due_before_rotation for one in replicas) else "finished"
    if progress == "done" and not replicas and not (key.plan.changes_current or key.plan.identifies):
        key.outcome.conclude(key.plan)
        return "finished"
    return "moved" if progress == "moved" else "again"


def _await_rotation(key: OneKey, replicas: t.Sequence[OneKey], timeout: int) -> Conversation[None]:
    """Rotations took 28 to 460 seconds where they were seen."""
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
                f"{key.facts.arn}: KMS accepted the rotation to {staged.key_material_id}, and after {timeout} s"
                f" {', '.join(behind)} does not show it as the current key material. KMS goes on with it; run again,"
                " which looks first, or set a longer rotation_timeout."
            )
        why = f"Waiting for KMS to rotate {key.facts.arn} ({waiting.waited:.0f} s of at most {timeout} s)."
        yield from waiting.pause(why)
