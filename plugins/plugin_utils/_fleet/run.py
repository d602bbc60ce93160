# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A run over a fleet of keys: read all of them, report problems of the whole fleet, carry out the required steps."""

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

# The number of keys that one visit reads: some seconds of KMS's quota for ListKeyRotations, 100 per second.
_LOOKED_AT = 500
# How many seconds one visit downloads. Progress is displayed between visits.
_SECONDS_OF_A_WAVE = 8


@dataclass(frozen=True)
class FailureLimits:
    """Limits for the effects of failures.

    :ivar failures_allowed: how many keys may fail before no other key begins; None for all.
    :ivar canary: the keys that go first, by their places; or the number of due keys that go first.
    """

    failures_allowed: int | None = None
    canary: Collection[int] | int = ()


@dataclass
class FleetOutcome:
    """:ivar surveyed: the results of the survey, by the places of the keys.
    :ivar records: of the keys that were begun.
    :ivar not_begun: the places of the keys that were due but were not begun.
    :ivar stopped: the reason: a canary key failed, or too many keys did.
    """

    surveyed: list[Surveyed]
    records: dict[int, KeyRecord] = field(default_factory=dict)
    not_begun: Sequence[int] = ()
    stopped: Stopped | None = None
    warnings: list[str] = field(default_factory=list)

    def of(self, place: int) -> KeyRecord:
        """The final knowledge about a key."""
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
    """:param quotas: requests per second that KMS accepts, by operation.
    :param tell: receives the decision about each key.
    :raises Refusal: two entries are for the same key; nothing was written.
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
        # Only failures before the first change are known.
        begun = admission.admit({}, ())
        outcome.not_begun = [] if begun else [key.place for key in due]
        outcome.stopped = admission.stopped
        return outcome
    for warning in outcome.warnings:
        # The result also contains them, but only after everything is done.
        progress.say(f"Before any change: {warning}")
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
        progress.tell("Checked", len(surveyed), len(keys), failed)
    return surveyed


def _can_be_spread(key: FleetKey) -> bool:
    """Whether ``spread`` would change the expiration of its key material, and is not set."""
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
