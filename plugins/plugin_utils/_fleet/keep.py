# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Bring one key of a fleet into its declared state: the key, its replica keys, and the key material of all of them.

KMS requires this order, because it replicates a key only after its import. Each step does what the module for one key
does, and begins by reading the key. So the next run completes an interrupted one.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ...module_utils._errors import Refusal, explain_fault
from ...module_utils._kms.identifiers import arn_in_region, name_some
from ...module_utils._messages import EnsuredKey, EnsureKey, Failure, Look, Seen
from .._controller.conversations import Answers, Conversation, Unanswered, concluded, unanswered
from .._material.apply import explain_lost
from .._material.converge import converge
from .._material.declaration import Declaration
from .._material.one_key import OneKey
from .._material.outcome import Outcome
from .fleet_key import FleetKey

__all__ = ("KeyRecord", "keep")


@dataclass
class KeyRecord:
    """The knowledge about one key, which is updated during the conversation, so that it is always accurate.

    :ivar ensured: the answers of ``kms_external_key``, in their order; *outcomes* those of ``kms_key_material``.
    :ivar key: the subject of the last outcome.
    :ivar foreseen: the predicted actions of ``kms_external_key``, as far as a survey knew them.
    :ivar arn: of the key, if a survey has read it. Its alias may later name another user's key.
    :ivar unconfirmed: the actions that KMS may or may not have performed, because the answer was lost.
    :ivar notes: warnings of this conversation.
    """

    foreseen: t.Sequence[str] = ()
    arn: str | None = None
    unconfirmed: list[str] = field(default_factory=list)
    ensured: list[EnsuredKey] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    key: OneKey | None = None
    notes: list[str] = field(default_factory=list)
    failure: Failure | None = None
    lost: t.Mapping[str, t.Any] | None = None

    @property
    def failures(self) -> list[Failure]:
        """Each failure once, in their order."""
        regions = [one for outcome in self.outcomes for one in (outcome, *(outcome.replicas or ()))]
        found = [self.failure, *(one.failure for one in self.ensured), *(one.failure for one in regions)]
        return list({one.sentence: one for one in found if one is not None}.values())


def keep(key: FleetKey, record: KeyRecord) -> Conversation[KeyRecord]:
    """The conversation for one key. It always returns *record*, so that the result of the other keys is reported."""
    try:
        return (yield from concluded(_keep(key, record), record))
    except Exception as error:
        record.failure = Failure(
            f"{explain_fault(error, f'{key.name}: the task')} Run the task again; it checks the current state first."
        )
        return record


def _keep(key: FleetKey, record: KeyRecord) -> Conversation[None]:
    material, options = _of_known_key(key.material, record), key.options
    if options is None:
        if material is not None:
            yield from _keep_material(material, record)
        return
    ensured, seen = yield from _ensure_key(key, record, material)
    if material is None and ensured.waiting:
        record.notes.append(ensured.waiting)
    if material is None or (ensured.failure is not None and not ensured.replicas_failed):
        return
    if ensured.foretold and "cancel_key_deletion" in ensured.result.actions:
        record.notes.append(
            f"{key.name} is pending deletion. The changes to its key material are unknown until the deletion is"
            " canceled."
        )
        return
    _refuse_undeclared_expiration(key, material, ensured)
    if ensured.seen is None and ensured.arn is not None:
        material = replace(material, key=ensured.arn)
    if ensured.lacking_regions and ensured.foretold:
        # The key does not exist yet, or has no key material yet, so nothing more can be read.
        wanted = replace(material.wanted, replicas=material.wanted.replicas and ensured.seen is None)
        outcome = yield from _keep_material(replace(material, wanted=wanted), record, seen)
        if outcome.failure is None:
            record.ensured.append(_with_replicas(ensured))
        return
    if ensured.lacking_regions:
        # A Disabled key cannot be replicated, so disabling must also wait.
        wanted = replace(material.wanted, replicas=False, enabled=None)
        outcome = yield from _keep_material(replace(material, wanted=wanted), record, seen)
        if outcome.failure is not None:
            return
        record.foreseen = ["replicate_key"] * len(ensured.lacking_regions)
        ensured, seen = yield from _ensure_key(key, record, None)
        if ensured.arn is None or (ensured.failure is not None and not ensured.replicas_failed):
            return
    # Continue even if a replica key failed: the key material of the others must not expire in the meantime.
    yield from _keep_material(material, record, seen)


def _of_known_key(material: Declaration | None, record: KeyRecord) -> Declaration | None:
    return material if material is None or record.arn is None else replace(material, key=record.arn)


def _refuse_undeclared_expiration(key: FleetKey, material: Declaration, ensured: EnsuredKey) -> None:
    """:raises Refusal: a replica key would be created, and the expiration of its key material is not declared."""
    wanted = material.wanted
    new = [one.region for one in ensured.result.replicas if "replicate_key" in one.actions]
    if ensured.foretold and new and wanted.replicas and not wanted.expiration.declared:
        raise Refusal(
            f"{key.name}: the key material must be imported into the new replica key in {name_some(new)}, but its"
            " expiration is not declared. Nothing was changed. Set valid_to, or valid_for with renew_before, or"
            " expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE."
        )


def _ensure_key(
    key: FleetKey, record: KeyRecord, material: Declaration | None
) -> Conversation[tuple[EnsuredKey, Seen | None]]:
    """:param material: its first request is sent in the same visit, for a key that is already as declared.
    :returns: the answer, and the answer to that request, if it is usable.
    :raises Unanswered: the state of the key is unknown.
    """
    request = EnsureKey(key.name, key.region, key.options or {}, key.check_mode, record.arn)
    # Together with a change, it would be answered too early, and with unused import parameters.
    look = None if material is None or record.foreseen else _first_question(material)
    answer, *looked = yield (request,) if look is None else (request, look)
    if not isinstance(answer, EnsuredKey):
        raise _without_answer(key, record, unanswered(answer))
    record.ensured.append(answer)
    if answer.seen is not None:
        return answer, answer.seen
    seen = looked[0] if looked else None
    same = isinstance(seen, Seen) and seen.facts.arn == answer.arn and not answer.result.changed
    return answer, seen if same and isinstance(seen, Seen) else None


def _without_answer(key: FleetKey, record: KeyRecord, error: Unanswered) -> Unanswered:
    if error.result is None:
        return error
    record.unconfirmed += record.foreseen
    return Unanswered(explain_lost(key.name, record.unconfirmed, error), error.result)


def _with_replicas(ensured: EnsuredKey) -> EnsuredKey:
    """The predicted answer of ``kms_external_key`` after the import into the primary key, with new replica keys."""
    lacking = ensured.lacking_regions
    replicas = [
        one._replace(
            changed=True,
            actions=("replicate_key",),
            key_state="PendingImport",
            arn=arn_in_region(ensured.arn, one.region) if ensured.arn else one.arn,
        )
        if one.region in lacking
        else one
        for one in ensured.result.replicas
    ]
    actions = ("replicate_key",) * len(lacking)
    return ensured._replace(
        result=ensured.result._replace(changed=True, actions=actions, replicas=tuple(replicas), diffs=())
    )


def _first_question(material: Declaration) -> Look | None:
    conversation = converge(OneKey(material))
    (asked,) = conversation.send(t.cast(Answers, None))
    conversation.close()
    return asked if isinstance(asked, Look) else None


def _keep_material(material: Declaration, record: KeyRecord, seen: Seen | None = None) -> Conversation[Outcome]:
    """:param seen: the answer to its first request, if that was already sent."""
    key = record.key = OneKey(material)
    record.outcomes.append(key.outcome)
    conversation = converge(key)
    asked = conversation.send(t.cast(Answers, None))
    answers: Answers = (seen,) if seen is not None else (yield asked)
    while True:
        try:
            asked = conversation.send(answers)
        except StopIteration:
            return key.outcome
        answers = yield asked
