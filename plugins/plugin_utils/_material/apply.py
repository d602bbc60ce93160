# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Have the target carry out a decision, and wait until KMS, which is eventually consistent, reports the new state."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ...module_utils._errors import CloudKeysError
from ...module_utils._key.facts import IMPORTED, KeyFacts
from ...module_utils._key.snapshot import OTHERS, cannot_come_about, differences, snapshot
from ...module_utils._material.plan import explain_missing
from ...module_utils._messages import Applied, Apply, Failure, Watch, Watched
from .._controller.conversations import Conversation, Unanswered, ask
from .look import LONGEST_WAIT
from .outcome import Outcome

__all__ = ("apply", "explain_lost")


def apply(
    request: Apply, wait_timeout: int | None, outcome: Outcome, summaries: Sequence[Mapping[str, t.Any]] = ()
) -> Conversation[Applied]:
    """:param wait_timeout: seconds until KMS must report it; None not to wait.
    :param summaries: how the key material was encrypted, for each step that imports.
    :raises CloudKeysError: KMS did not report it in time, or the target was lost.
    """
    wait = None if wait_timeout is None else min(LONGEST_WAIT, wait_timeout)
    try:
        applied = yield from ask(request._replace(wait=wait), Applied)
    except Unanswered as error:
        if error.result is None:
            raise
        outcome.unconfirmed += [step.action for step in request.steps if not step.proof]
        raise Unanswered(explain_lost(request.key, outcome.unconfirmed, error), error.result) from None
    outcome.record(applied, request.steps, summaries)
    request = request._replace(after=_with_staged(request, applied))
    shown = applied.shown and not differences(snapshot(applied.facts), request.after)
    if wait_timeout is not None and not (applied.failure or applied.changed or shown):
        yield from _watch(request, wait_timeout, wait or 0, outcome)
    return applied


def _with_staged(request: Apply, applied: Applied) -> Mapping[str, t.Any]:
    """The state that KMS is to report, including new key material with the ID that KMS has just assigned."""
    staged = {
        imported.key_material_id: {"import_state": IMPORTED}
        for step, imported in applied.taken(request.steps)
        if step.action == "stage"
    }
    return {**request.after, OTHERS: {**request.after.get(OTHERS, {}), **staged}} if staged else request.after


def explain_lost(key: str, actions: Sequence[str], error: Unanswered) -> Failure:
    """:param actions: the actions of the visit. If there are none, nothing can have been done."""
    if not actions:
        return error.failure
    return Failure(
        f"{key}: the connection to the target was lost during {' and '.join(actions)}, so KMS may or may not have"
        f" performed it. Run the task again; it checks the current state first. {error.sentence}"
    )


def _watch(request: Apply, wait_timeout: int, waited: int, outcome: Outcome) -> Conversation[None]:
    """:param waited: seconds so far."""
    while True:
        facts = outcome.facts
        if facts is not None and cannot_come_about(facts, request.after):
            raise CloudKeysError(explain_missing(facts, facts.other_missing_materials))
        if waited >= wait_timeout:
            raise CloudKeysError(_explain_not_shown(facts, request, wait_timeout))
        wait = min(LONGEST_WAIT, wait_timeout - waited)
        watched = yield from ask(Watch(request.key, request.region, request.after, wait), Watched)
        outcome.facts = watched.facts
        waited += wait
        if watched.shown:
            return


def _explain_not_shown(facts: KeyFacts | None, request: Apply, wait_timeout: int) -> str:
    shown = ", ".join(differences(snapshot(facts), request.after)) if facts is not None else "nothing"
    if facts is not None and facts.materials_unread and facts.current_key_material_id:
        return (
            f"{request.key}: KMS accepted the change, but after {wait_timeout} s DescribeKey reports {shown}."
            " DescribeKey reports the earliest expiration of all key materials of a key, and PendingImport while any"
            f" of them is missing. The list of key materials could not be read ({facts.materials_unread}). Repeating"
            " the import would not help. Allow the task to read the list (kms:ListKeyRotations)."
        )
    return (
        f"{request.key}: KMS accepted the change, but after {wait_timeout} s it still reports {shown}. This takes"
        " seconds, in rare cases minutes. Run the task again, which checks the current state first, or set a longer"
        " wait_timeout."
    )
