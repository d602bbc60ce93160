# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules the deletion of every key that acceptance runs have created, and of no other key.

Tags can be copied. A key belongs to a run if it has the run's tag and description, was created on the day of the run,
and has the origin EXTERNAL. Keys are created with both, in one request. Other keys are only read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from .folder import RUN

TAG = "cloudkeys:acceptance"
DAYS = 7
PENDING = ("PendingDeletion", "PendingReplicaDeletion")
# Errors by which KMS's eventual consistency, or a key that is being created or updated, shows.
_PASSING = ("NotFoundException", "KMSInvalidStateException")
_PAUSES = (1, 2, 4, 8, 15, 30, 60, 60, 60)
# Seconds between two lists of keys, while one is being created whose ARN is not known.
_UNTIL_LISTED = (5, 10, 15, 30)


def description(run: str) -> str:
    """The description of the keys of a run."""
    return f"Created by acceptance run {run} of cloudkeys.aws"


def alias_prefix(run: str) -> str:
    return f"alias/cloudkeys-acceptance-{run}-"


@dataclass
class Outcome:
    """What a clean-up did.

    :ivar scheduled: ARNs of keys whose deletion it scheduled; *pending* of those where it was scheduled before.
    :ivar failed: sentences about keys of runs that could not be cleaned up.
    :ivar unread: how many keys have tags that these credentials may not read.
    :ivar others: sentences about keys that have the tag and that no run created.
    :ivar related: ARNs of the other keys of multi-Region keys, which may be in Regions that were not cleaned up.
    """

    scheduled: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    unread: int = 0
    others: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        self.scheduled += other.scheduled
        self.pending += other.pending
        self.aliases += other.aliases
        self.failed += other.failed
        self.unread += other.unread
        self.others += other.others
        self.related += other.related


@dataclass(frozen=True)
class Leftover:
    """A key of a run.

    :ivar created: when KMS created it; None if it is not known.
    """

    arn: str
    run: str
    state: str
    created: datetime | None = None


def run_of(tags: Iterable[Mapping[str, str]]) -> str | None:
    """The run that created the key with these tags; None if no run did."""
    values = [tag["TagValue"] for tag in tags if tag["TagKey"] == TAG]
    return next((value for value in values if RUN.fullmatch(value)), None)


def foreign(metadata: Mapping[str, Any], run: str) -> str | None:
    """Why a key with the tag of a run is not a key of this run. None: it is one."""
    if metadata.get("Origin") != "EXTERNAL" or metadata.get("KeyManager") != "CUSTOMER":
        return "its key material is not imported"
    try:
        day = datetime.strptime(run[:8], "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return "the run has no date"
    # A run may begin before midnight, and the clock of its machine may differ a little.
    if not day - timedelta(hours=1) <= metadata["CreationDate"] < day + timedelta(days=2):
        return "it was not created on the day of the run"
    return None if metadata.get("Description") == description(run) else "it has another description"


class CleanUp:
    """:param run: the one run whose keys are cleaned up; None for every run.
    :param spared: runs whose keys are not changed, because they are in progress.
    """

    def __init__(
        self, run: str | None = None, wait: Callable[[float], None] = time.sleep, spared: Iterable[str] = ()
    ) -> None:
        self._run, self._spared = run, frozenset(spared)
        self._wait = wait

    def region(self, kms: Any, region: str, known: Sequence[str] = (), creating: int = 0) -> Outcome:
        """Find the keys in a Region, and schedule their deletion.

        :param known: ARNs of keys that ListKeys may not show yet. They need the tag like any other.
        :param creating: how many requests for a key had no answer. KMS may still create these keys.
        """
        outcome = Outcome()
        handled = set[str]()
        pauses = iter(_UNTIL_LISTED)
        while True:
            for leftover in self.find(kms, region, outcome, known, handled):
                creating -= leftover.arn not in known
                self.schedule(kms, leftover, outcome)
            if creating <= 0 or (pause := next(pauses, None)) is None:
                break
            self._wait(pause)
        if creating > 0:
            outcome.failed.append(
                f"{region}: {creating} requests for a key had no answer, and KMS does not list these keys. It may have"
                " created them. Run --clean-up in ten minutes."
            )
        return outcome

    def find(
        self, kms: Any, region: str, outcome: Outcome, known: Sequence[str] = (), handled: set[str] | None = None
    ) -> list[Leftover]:
        """The keys of runs in a Region. No key is changed.

        :param handled: ARNs that are skipped. Those that are read are added.
        """
        seen = set[str]() if handled is None else handled
        try:
            pages = kms.get_paginator("list_keys").paginate()
            listed = [key["KeyArn"] for page in pages for key in page["Keys"]]
        except Exception as error:
            said = f"The keys in {region} could not be listed ({_short(error)}). List them and try again."
            if said not in outcome.failed:
                outcome.failed.append(said)
            listed = []
        arns = [arn for arn in dict.fromkeys((*known, *listed)) if arn not in seen]
        seen.update(arns)
        found = (self._leftover(kms, arn, arn in known, outcome) for arn in arns)
        return [leftover for leftover in found if leftover is not None]

    def schedule(self, kms: Any, leftover: Leftover, outcome: Outcome) -> None:
        arn = leftover.arn
        try:
            self._schedule(kms, arn, outcome)
        except Exception as error:
            outcome.failed.append(f"{arn}: its deletion could not be scheduled ({_short(error)}). It costs money.")
        try:
            self._remove_aliases(kms, leftover, outcome)
        except Exception as error:
            outcome.failed.append(
                f"{arn}: an alias could not be deleted ({_short(error)}). It disappears with the key."
            )

    def _leftover(self, kms: Any, arn: str, known: bool, outcome: Outcome) -> Leftover | None:
        try:
            run = self._until_tagged(kms, arn) if known else run_of(_tags(kms, arn))
        except Exception as error:
            if _code(error) == "NotFoundException" and not known:
                return None
            outcome.unread += 1
            if known:
                outcome.failed.append(f"{arn}: its tags could not be read ({_short(error)}). It costs money.")
            return None
        if known and run != self._run:
            outcome.failed.append(
                f"{arn}: this run created it, and its tag {TAG} was changed. It was not cleaned up. Find out who"
                " uses it, and schedule its deletion yourself. It costs money."
            )
            return None
        if run is None or run in self._spared or (self._run is not None and run != self._run):
            return None
        if known:
            return Leftover(arn, run, "")
        try:
            metadata = self._until_consistent(lambda: kms.describe_key(KeyId=arn))["KeyMetadata"]
        except Exception as error:
            outcome.failed.append(f"{arn}: it could not be described ({_short(error)}). It may cost money.")
            return None
        if why := foreign(metadata, run):
            outcome.others.append(f"{arn} has the tag of run {run}, but {why}. It was not changed.")
            return None
        return Leftover(arn, run, metadata["KeyState"], metadata["CreationDate"])

    def _until_tagged(self, kms: Any, arn: str) -> str | None:
        """KMS may show a new key before its tags."""
        for pause in _PAUSES:
            run = run_of(self._until_consistent(lambda: _tags(kms, arn)))
            if run is not None:
                return run
            self._wait(pause)
        return run_of(_tags(kms, arn))

    def _schedule(self, kms: Any, arn: str, outcome: Outcome) -> None:
        def schedule() -> bool:
            metadata = kms.describe_key(KeyId=arn)["KeyMetadata"]
            if metadata["KeyState"] not in PENDING:
                kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=DAYS)
            several = metadata.get("MultiRegionConfiguration") or {}
            outcome.related += [
                one["Arn"] for one in (several.get("PrimaryKey"), *several.get("ReplicaKeys", ())) if one
            ]
            return metadata["KeyState"] in PENDING

        (outcome.pending if self._until_consistent(schedule) else outcome.scheduled).append(arn)

    def _remove_aliases(self, kms: Any, leftover: Leftover, outcome: Outcome) -> None:
        """An alias with another name is someone else's. It disappears with the key."""
        pages = kms.get_paginator("list_aliases").paginate(KeyId=leftover.arn)
        for alias in [alias["AliasName"] for page in pages for alias in page["Aliases"]]:
            if alias.startswith(alias_prefix(leftover.run)):
                kms.delete_alias(AliasName=alias)
                outcome.aliases.append(alias)

    def _until_consistent(self, call: Callable[[], Any]) -> Any:
        for pause in _PAUSES:
            try:
                return call()
            except ClientError as error:
                if _code(error) not in _PASSING:
                    raise
            self._wait(pause)
        return call()


def check_related(outcome: Outcome, kms_in: Callable[[str], Any]) -> None:
    """Add the keys of multi-Region keys that are in Regions that were not named, and that still cost money."""
    for arn in sorted({*outcome.related} - {*outcome.scheduled, *outcome.pending}):
        region = arn.split(":")[3]
        try:
            state = kms_in(region).describe_key(KeyId=arn)["KeyMetadata"]["KeyState"]
        except Exception as error:
            if _code(error) == "NotFoundException":
                continue
            state = f"not known ({_short(error)})"
        if state not in PENDING and not any(sentence.startswith(arn) for sentence in outcome.failed):
            outcome.failed.append(
                f"{arn}: it belongs to a multi-Region key of a run, and its state is {state}. It costs money. Run"
                f" --clean-up with --also-region {region}."
            )


def _tags(kms: Any, arn: str) -> list[dict[str, str]]:
    pages = kms.get_paginator("list_resource_tags").paginate(KeyId=arn)
    return [tag for page in pages for tag in page["Tags"]]


def _code(error: Exception) -> str:
    response = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", ""))


def _short(error: Exception) -> str:
    return _code(error) or type(error).__name__
