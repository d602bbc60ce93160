# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both sides of ``kms_imported_keys`` in this process, without Ansible."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.quotas import QUOTAS
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Answer, Request
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import Lost, Runtime
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.declaration import declare_fleet
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.fleet_key import FleetKey
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.limits import failures_allowed, read_canary
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.progress import Progress
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.result import decision_in_words, to_result
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.run import FailureLimits, FleetOutcome, keep_fleet
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._key_list.entries import read_entries
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._key_list.given import of_task

from .declared_keys import WRITES
from .emulator import Emulator
from .in_process import no_pause, visits

NEW = ["create_key", "create_alias", "untag_resource"]
LASTS: dict[str, Any] = {"valid_for": "90d", "renew_before": "30d"}
Entry = dict[str, Any]
Visit = Callable[[Sequence[Request]], Sequence[Answer | Lost]]

CHANGES = WRITES | {
    "DeleteImportedKeyMaterial", "GetParametersForImport", "ImportKeyMaterial", "RotateKeyOnDemand", "UpdateAlias",
}  # fmt: skip
"""Operations that change something or are part of a change. None may be called before all keys have been read."""


@dataclass
class FleetRun:
    """The result of a task.

    :ivar result: as Ansible returns it.
    :ivar decisions: the lines of ``-v``.
    """

    result: dict[str, Any]
    decisions: list[str]
    outcome: FleetOutcome

    @property
    def entries(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.result["kms_keys"]
        return entries

    def of(self, name: str) -> dict[str, Any]:
        (entry,) = (one for one in self.entries if one["name"] == name)
        return entry

    def each(self, field_name: str) -> list[Any]:
        return [entry[field_name] for entry in self.entries]

    def ok(self) -> FleetRun:
        assert not self.result.get("failed"), self.result["msg"]
        return self


@dataclass
class Fleet:
    """Lists of keys, their files, and the tasks for them.

    :ivar client: a client of the task's Region, which is set in the environment, not in the task.
    :ivar task: the options that every task sets for all keys.
    """

    client: Any
    folder: Path
    task: dict[str, Any] = field(default_factory=lambda: {"wrapping_key_spec": "RSA_3072"})
    _numbers: Any = field(default_factory=itertools.count)

    def file(self, content: bytes) -> str:
        """Create a file with this content, and return its name."""
        name = f"{next(self._numbers)}.key"
        (self.folder / name).write_bytes(content)
        return name

    def declare(
        self, entries: Collection[Entry], *, check_mode: bool = False, spread: bool = False, **task: Any
    ) -> tuple[list[FleetKey], Any]:
        """:raises Refusal: the declarations contain an error."""
        listed = of_task(list(entries))
        read = read_entries(listed, {**self.task, **task})
        finder: Any = SimpleNamespace(_find_needle=lambda _folder, src: src)
        keys = declare_fleet(finder, read, listed.name, folder=self.folder, spread=spread, check_mode=check_mode)
        return keys, read

    def run(
        self,
        *entries: Entry,
        check_mode: bool = False,
        visit: Visit | None = None,
        max_failures: str | None = None,
        canary: Any = None,
        **task: Any,
    ) -> FleetRun:
        """:param visit: sends requests to KMS, as :func:`visits` does.
        :param task: options for every key, and ``spread``.
        :raises Refusal: nothing was changed.
        """
        keys, read = self.declare(entries, check_mode=check_mode, **task)
        decisions: list[str] = []
        outcome = keep_fleet(
            keys,
            Runtime(visit or visits(self.client), no_pause),
            limits=FailureLimits(failures_allowed(max_failures, len(keys)), read_canary(canary, read)),
            progress=Progress(decisions.append, lambda: 0.0),
            quotas=QUOTAS,
            tell=lambda key, surveyed: decisions.append(decision_in_words(key, surveyed)),
            check_mode=check_mode,
        )
        return FleetRun(to_result(keys, outcome), decisions, outcome)


def calls(emulator: Emulator, since: int, among: Collection[str] | None = None) -> list[str]:
    """The operations that KMS has received since then."""
    told = (call["operation"] for call in emulator.control.calls()[since:])
    return [operation for operation in told if among is None or operation in among]


def now(emulator: Emulator) -> int:
    """The current number of calls, for *since*."""
    return len(emulator.control.calls())


def foretold(fleet: Fleet, emulator: Emulator, *entries: Entry, **options: Any) -> FleetRun:
    """Run in check mode, which must not change anything; apply, with the predicted result; and run again, unchanged."""
    since = now(emulator)
    before = fleet.run(*entries, check_mode=True, **options)
    assert calls(emulator, since, CHANGES) == [], "check mode changed something"
    done = fleet.run(*entries, **options)
    for one, other in zip(before.entries, done.entries, strict=True):
        for name in ("name", "region", "actions", "changed", "started"):
            assert one[name] == other[name], f"{one['name']}: {name}"
        assert _within_an_hour(one["valid_to"], other["valid_to"]), one["name"]
    summaries = [dict(told.result["summary"], soonest_expiry=None) for told in (before, done)]
    assert summaries[0] == summaries[1]
    assert _timeless(before.result.get("msg")) == _timeless(done.result.get("msg"))
    if not done.result.get("failed"):
        settled(fleet, emulator, *entries, **options)
    return done


def settled(fleet: Fleet, emulator: Emulator, *entries: Entry, **options: Any) -> FleetRun:
    """Check that a further run changes nothing."""
    since = now(emulator)
    again = fleet.run(*entries, **options).ok()
    assert calls(emulator, since, CHANGES) == [], "a second run changed something"
    assert not again.result["changed"]
    assert not any(again.each("actions"))
    assert "diff" not in again.result
    return again


def _within_an_hour(one: str | None, other: str | None) -> bool:
    """Whether two times are close: time passes between check mode and the run, more so on a busy machine."""
    if one is None or other is None:
        return one == other
    return abs(datetime.fromisoformat(one) - datetime.fromisoformat(other)) <= timedelta(hours=1)


def _timeless(sentence: str | None) -> str:
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:+]+", "...", sentence or "")


def losing(visit: Visit, number: int, failure: Any, *, done: bool = False) -> Visit:
    """A visit function that loses the target at the visit with this number, counted from 1.

    :param done: whether the requests of this visit are carried out first.
    """
    count = itertools.count(1)

    def carry(requests: Sequence[Request]) -> Sequence[Answer | Lost]:
        if next(count) != number:
            return visit(requests)
        if done:
            visit(requests)
        return [Lost(failure, {"unreachable": True, "msg": failure.sentence}) for _request in requests]

    return carry


def denied(operation: str, key: Any) -> dict[str, str]:
    """An entry for ``control.denied`` that applies to this key only."""
    return {"operation": operation, "key": key.id}


def exists(client: Any, alias: str) -> bool:
    with suppress(client.exceptions.NotFoundException):
        client.describe_key(KeyId=alias)
        return True
    return False


def aliases(client: Any) -> Mapping[str, str]:
    """The customer's aliases, and the IDs of their keys."""
    answer = client.list_aliases(Limit=100)
    return {
        one["AliasName"]: one["TargetKeyId"]
        for one in answer["Aliases"]
        if not one["AliasName"].startswith("alias/aws/")
    }
