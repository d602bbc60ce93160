# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a soak test, from KMS, the log of calls, and the files that the runs have left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from support.emulator import Emulator
from system import leaks

from .campaign import IMPORT, REFUSED_TOKENS, Soak
from .fleet import Fleet

Reason = Literal["its answer was lost", "it was visible late", "the playbook was killed"]
# The number of secrets that are searched for in all encodings and parts. Their common prefix is always searched for.
_SAMPLE = 5


@dataclass(frozen=True)
class Repeated:
    """A repeated import of a key.

    :ivar reason: why the client could not know about the earlier import; None if the log does not explain it.
    """

    key: str
    reason: Reason | None


def repeated_imports(calls: Sequence[dict[str, Any]], kills: Sequence[int]) -> list[Repeated]:
    """:param kills: the indexes in *calls* at which the client was killed. Pure."""
    done: dict[str, list[int]] = defaultdict(list)
    for place, call in enumerate(calls):
        if (call["operation"], call["status"]) == (IMPORT, 200):
            done[call["key"]].append(place)
    return [
        Repeated(key, _reason(calls[before]["fault"], any(before < kill <= again for kill in kills)))
        for key, places in done.items()
        for before, again in pairwise(places)
    ]


def _reason(fault: str | None, killed: bool) -> Reason | None:
    if fault == "dropped":
        return "its answer was lost"
    if fault == "stale":
        return "it was visible late"
    return "the playbook was killed" if killed else None


def wrong_keys(emulator: Emulator, account: str, fleet: Fleet) -> list[str]:
    return [fault for key in fleet.keys for fault in key.faults(emulator.client(key.region, account))]


def leaked(folder: Path, fleet: Fleet) -> list[str]:
    """The files in the folder that contain a secret, except the user's own files."""
    known = {folder / "files" / f"{key.id}.key" for key in fleet.keys}
    secrets = [fleet.marker, *(key.secret for key in fleet.keys[:: max(1, len(fleet.keys) // _SAMPLE)])]
    return [place for secret in secrets for place in leaks.in_folder(secret, folder, known)]


def faults_met(soak: Soak) -> Counter[str]:
    return Counter(call["fault"] for call in soak.calls if call["fault"])


def unfinished(soak: Soak) -> list[str]:
    """The runs that did not end as expected."""
    *_killed, last, again = soak.runs
    found = []
    if last.code and not given_up(soak):
        found.append(f"the last run with faults ended with {last.code}:\n{last.output[-3000:]}")
    if again.code:
        found.append(f"a run without faults ended with {again.code}:\n{again.output[-3000:]}")
    found += [f"{key} was left to the run without faults" for key in again.imports if key not in given_up(soak)]
    return found


def given_up(soak: Soak) -> list[str]:
    """The keys that a run may leave for the next one, because KMS has refused two consecutive import tokens of theirs.
    To the task, this does not look like a temporary fault.
    """
    *_killed, last, _again = soak.runs
    refused = Counter(call["key"] for call in last.calls if call["fault"] in REFUSED_TOKENS)
    return [key for key, times in refused.items() if times > 1 and key not in last.imports]
