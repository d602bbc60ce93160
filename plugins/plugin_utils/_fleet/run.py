# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A run over a fleet of keys: looks at all of them, says what only shows then, and carries out what is due."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .._controller.conversations import (
    Conversation,
    Runtime,
    converse,
    converse_as_admitted,
    downloads_in_a_wave,
)
from .admission import Admission, Stopped
from .fleet_key import FleetKey
from .keep import KeyRecord, keep
from .progress import Progress
from .survey import Surveyed, claims, survey
from .whole_fleet import refuse_same_key, warn_of_bunched_expirations, warn_of_same_material

__all__ = ("FailureLimits", "FleetOutcome", "keep_fleet")

# Keys that are looked at by one visit: some seconds of KMS's quota for ListKeyRotations, 100 a second.
_LOOKED_AT = 500
# Seconds for which one visit downloads. Progress is told between visits.
_SECONDS_OF_A_WAVE = 8


@dataclass(frozen=True)
class FailureLimits:
    """How far what goes wrong may spread.

    :ivar failures_allowed: how many keys may fail before no other is begun; None for all.
    :ivar canary: which go first, by their places; or how many of those that are due.
    """

    failures_allowed: int | None = None
    canary: Collection[int] | int = ()


@dataclass
class FleetOutcome:
    """:ivar surveyed: what the first look told, by the places of the keys.
    :ivar records: of those that were begun.
    :ivar not_begun: the places of those that were due, and were not begun.
    :ivar stopped: why: one of the canary failed, or too many did.
    """

    surveyed: list[Surveyed]
    records: dict[int, KeyRecord] = field(default_factory=dict)
    not_begun: Sequence[int] = ()
    stopped: Stopped | None = None
    warnings: list[str] = field(default_factory=list)

    def of(self, place: int) -> KeyRecord:
        """What is known of a key in the end."""
        return self.records.get(place) or self.surveyed[place].record


def keep_fleet(
    keys: Sequence[FleetKey],
    runtime: Runtime,
    *,
    limits: FailureLimits,
    progress: Progress,
    quotas: Mapping[str, float],
    tell: Callable[[FleetKey, Surveyed], None],
    check_mode: bool,
) -> FleetOutcome:
    """:param quotas: requests a second that KMS takes, by operation.
    :param tell: is told of each key what is due.
    :raises Refusal: two entries are one key; nothing was written.
    """
    outcome = FleetOutcome(_survey(keys, runtime, progress))
    surveyed = outcome.surveyed
    for key, one in zip(keys, surveyed, strict=True):
        tell(key, one)
    refuse_same_key([(key.where, claims(key, one)) for key, one in zip(keys, surveyed, strict=True)])
    outcome.warnings += warn_of_same_material(
        [(key.where, one.material) for key, one in zip(keys, surveyed, strict=True)]
    )
    outcome.warnings += warn_of_bunched_expirations(
        one.ends for key, one in zip(keys, surveyed, strict=True) if _can_be_spread(key)
    )
    due = [key for key, one in zip(keys, surveyed, strict=True) if one.due]
    if not due:
        return outcome
    failed_before = {place for place, one in enumerate(surveyed) if one.record.failures and not one.due}
    canary = _canary(limits.canary, [key.place for key in due])
    wave = downloads_in_a_wave(quotas, _SECONDS_OF_A_WAVE)
    admission = Admission(
        [key.region for key in due],
        wave=wave,
        canary={position for position, key in enumerate(due) if key.place in canary},
        failures_allowed=limits.failures_allowed,
        failed_before=len(failed_before),
        canary_failed=bool(failed_before & canary),
    )
    if check_mode:
        # Of what fails, only that is known which fails before anything is written.
        begun = admission.admit({}, ())
        outcome.not_begun = [] if begun else [key.place for key in due]
        outcome.stopped = admission.stopped
        return outcome
    for warning in outcome.warnings:
        # The result has them, too, but that comes when everything is done.
        progress.say(f"Before anything is written: {warning}")
    known = [surveyed[key.place] for key in due]
    conversations = [
        keep(key, KeyRecord(foreseen=one.of_key, arn=one.arn)) for key, one in zip(due, known, strict=True)
    ]
    ended = _carry_out(conversations, replace(runtime, downloads=wave), admission, progress)
    outcome.records = {due[position].place: record for position, record in ended.items()}
    outcome.not_begun = [key.place for key in due if key.place not in outcome.records]
    outcome.stopped = admission.stopped
    return outcome


def _survey(keys: Sequence[FleetKey], runtime: Runtime, progress: Progress) -> list[Surveyed]:
    salt = secrets.token_bytes(32)
    surveyed: list[Surveyed] = []
    progress.begin()
    for start in range(0, len(keys), _LOOKED_AT):
        conversations = [survey(key, salt) for key in keys[start : start + _LOOKED_AT]]
        surveyed += converse(conversations, runtime)
        failed = sum(bool(one.record.failures) for one in surveyed)
        progress.tell("Looked at", len(surveyed), len(keys), failed)
    return surveyed


def _can_be_spread(key: FleetKey) -> bool:
    """Whether ``spread`` would move the end of its key material, and has not done so."""
    expiration = None if key.material is None else key.material.wanted.expiration
    return expiration is not None and expiration.valid_for is not None and not expiration.earlier


def _canary(declared: Collection[int] | int, due: Sequence[int]) -> frozenset[int]:
    return frozenset(due[:declared] if isinstance(declared, int) else declared)


def _carry_out(
    conversations: Sequence[Conversation[KeyRecord]], runtime: Runtime, admission: Admission, progress: Progress
) -> dict[int, KeyRecord]:
    failed: dict[int, bool] = {}
    progress.begin()

    def admit(ended: Mapping[int, KeyRecord], going_on: Collection[int]) -> Iterable[int]:
        for position in list(ended)[len(failed) :]:
            failed[position] = bool(ended[position].failures)
        progress.tell("Done", len(failed), len(conversations), sum(failed.values()))
        return admission.admit(failed, going_on)

    return converse_as_admitted(conversations, runtime, admit)
