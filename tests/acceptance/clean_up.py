# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules the deletion of every key that acceptance runs have created, and of no other key.

A key belongs to a run if it has the run's tag. Keys are created with the tag, in the same request. Nothing is called
for a key without it, except to read its tags.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

TAG = "cloudkeys:acceptance"
DAYS = 7
_RUN = re.compile(r"[0-9]{8}-[0-9a-f]{8}")
_PENDING = ("PendingDeletion", "PendingReplicaDeletion")
# Errors by which KMS's eventual consistency, or a key that is being created or updated, shows.
_PASSING = ("NotFoundException", "KMSInvalidStateException")
_PAUSES = (1, 2, 4, 8, 15, 30, 60, 60, 60)


@dataclass
class Outcome:
    """What a clean-up did.

    :ivar scheduled: ARNs of keys whose deletion it scheduled; *pending* of those where it was scheduled before.
    :ivar failed: sentences about keys of runs that could not be cleaned up.
    :ivar unread: how many keys have tags that these credentials may not read.
    """

    scheduled: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    unread: int = 0

    def add(self, other: Outcome) -> None:
        self.scheduled += other.scheduled
        self.pending += other.pending
        self.aliases += other.aliases
        self.failed += other.failed
        self.unread += other.unread


def run_of(tags: Iterable[Mapping[str, str]]) -> str | None:
    """The run that created the key with these tags; None if no run did."""
    values = [tag["TagValue"] for tag in tags if tag["TagKey"] == TAG]
    return next((value for value in values if _RUN.fullmatch(value)), None)


class CleanUp:
    """:param run: the one run whose keys are cleaned up; None for every run."""

    def __init__(self, run: str | None = None, wait: Callable[[float], None] = time.sleep) -> None:
        self._run = run
        self._wait = wait

    def region(self, kms: Any, region: str, known: Sequence[str] = ()) -> Outcome:
        """:param known: ARNs of keys that ListKeys may not show yet. They need the tag like any other."""
        outcome = Outcome()
        try:
            pages = kms.get_paginator("list_keys").paginate()
            listed = [key["KeyArn"] for page in pages for key in page["Keys"]]
        except (ClientError, BotoCoreError) as error:
            outcome.failed.append(
                f"The keys in {region} could not be listed ({_short(error)}). List them and try again."
            )
            listed = []
        for arn in dict.fromkeys((*known, *listed)):
            self._key(kms, arn, arn in known, outcome)
        return outcome

    def _key(self, kms: Any, arn: str, known: bool, outcome: Outcome) -> None:
        try:
            run = run_of(self._tags(kms, arn, known))
        except (ClientError, BotoCoreError) as error:
            if _code(error) == "NotFoundException" and not known:
                return
            outcome.unread += 1
            if known:
                outcome.failed.append(f"{arn}: its tags could not be read ({_short(error)}).")
            return
        if run is None or (self._run is not None and run != self._run):
            return
        try:
            self._schedule(kms, arn, outcome)
        except (ClientError, BotoCoreError) as error:
            outcome.failed.append(f"{arn}: its deletion could not be scheduled ({_short(error)}). It costs money.")
        try:
            self._remove_aliases(kms, arn, outcome)
        except (ClientError, BotoCoreError) as error:
            outcome.failed.append(
                f"{arn}: an alias could not be deleted ({_short(error)}). It disappears with the key."
            )

    def _tags(self, kms: Any, arn: str, known: bool) -> list[dict[str, str]]:
        def read() -> list[dict[str, str]]:
            pages = kms.get_paginator("list_resource_tags").paginate(KeyId=arn)
            return [tag for page in pages for tag in page["Tags"]]

        return self._until_consistent(read) if known else read()

    def _schedule(self, kms: Any, arn: str, outcome: Outcome) -> None:
        def schedule() -> bool:
            state = kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"]
            if state not in _PENDING:
                kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=DAYS)
            return state in _PENDING

        (outcome.pending if self._until_consistent(schedule) else outcome.scheduled).append(arn)

    def _remove_aliases(self, kms: Any, arn: str, outcome: Outcome) -> None:
        pages = kms.get_paginator("list_aliases").paginate(KeyId=arn)
        for alias in [alias["AliasName"] for page in pages for alias in page["Aliases"]]:
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


def _code(error: Exception) -> str:
    response = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", ""))


def _short(error: Exception) -> str:
    return _code(error) or type(error).__name__
