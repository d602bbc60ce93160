# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repeat the calls of a record with the emulator, at the same intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from kms_emulator.process import EmulatorProcess
from support.emulator import Emulator

from ..pseudonyms import ACCOUNT
from ..record import Call
from .calls import (
    CONSISTENT_AFTER,
    NOT_FOUND,
    READS,
    Answer,
    account_wide_list,
    changes_account_wide_lists,
    changes_nothing,
    comparable_parts,
    concerned,
    error_code,
    is_stale_refusal,
    own_entries,
    reason_to_skip,
    signature,
    subject,
)
from .matching import Bindings, Unknown, differences
from .requests import Requests
from .rotations import rotation_seconds

DIFFERENCE, LATE, SKIPPED = "difference", "late", "skipped"
_MISSING: Answer = {}
"""Instead of an answer about a key that does not exist yet."""


@dataclass(frozen=True)
class Finding:
    """:ivar kind: ``DIFFERENCE``; ``LATE``, an answer that shows the state before a change; or ``SKIPPED``."""

    kind: str
    line: int
    call: Call
    text: str


@dataclass
class _Before:
    """The emulator's answers to the recorded reads of a key before a change.

    :ivar at: the time of the change, in seconds since the start of the record.
    :ivar answers: by the signature of the read.
    """

    at: float
    answers: dict[str, Answer]


class Replay:
    """:param process: an emulator that no other test uses at the same time."""

    def __init__(self, process: EmulatorProcess) -> None:
        self._emulator = Emulator(process.url)
        self._emulator.control.stop_clock()
        self._start = self._emulator.now()
        self._elapsed = 0.0
        self._bindings = Bindings()
        self._requests = Requests(self._bindings, self._now)
        self._before: dict[str, list[_Before]] = defaultdict(list)
        self._reads: dict[str, dict[str, Call]] = defaultdict(dict)

    def run(self, calls: Sequence[Call]) -> list[Finding]:
        for call in calls:
            if call["operation"] in READS and "Marker" not in call["request"]:
                self._reads[subject(call)][signature(call)] = call
        findings: list[Finding] = []
        for place, call in enumerate(calls):
            self._advance(call["at"])
            # The head of the record is its first line.
            findings += [Finding(kind, place + 2, call, text) for kind, text in self._repeat(call, calls[place + 1 :])]
        return findings

    def _repeat(self, call: Call, later: Sequence[Call]) -> list[tuple[str, str]]:
        if call["operation"] not in self._emulator.client(call["region"], ACCOUNT).meta.service_model.operation_names:
            return [(SKIPPED, "this version of botocore does not have the operation")]
        try:
            return self._compared(call, later)
        except BotoCoreError as error:
            return [(SKIPPED, f"this version of botocore does not make the request ({type(error).__name__})")]
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # The record can be from a later KMS with new forms of answers, or from an attacker.
            return [(DIFFERENCE, f"the call cannot be repeated, because its form is unknown ({type(error).__name__})")]

    def _compared(self, call: Call, later: Sequence[Call]) -> list[tuple[str, str]]:
        if reason := reason_to_skip(call):
            return [(SKIPPED, reason)]
        if is_stale_refusal(call, later):
            return [(LATE, f"{error_code(call)}, and the same request succeeds later")]
        try:
            if not changes_nothing(call):
                self._read_before(call)
            if call["operation"] == "RotateKeyOnDemand":
                self._emulator.control.rotation(rotation_seconds(call, later))
            actual = self._send(call, self._requests.make(call))
        except Unknown as unknown:
            return [(SKIPPED, f"no earlier answer shows {unknown}")]
        if call["operation"] in READS and self._is_late(call, actual):
            return [(LATE, "the answer is from before a change")]
        found = _all_differences(call, actual, self._bindings)
        if "answer" in call and "answer" in actual:
            self._requests.remember(call, actual["answer"])
        return [(DIFFERENCE, text) for text in found]

    def _is_late(self, call: Call, actual: Answer) -> bool:
        """Return whether the recorded answer differs from the present one, and agrees with one from before a change."""
        if not _all_differences(call, actual, self._bindings.copy()):
            return False
        recent = [one for one in self._before[subject(call)] if call["at"] - one.at <= CONSISTENT_AFTER]
        former = [one.answers[signature(call)] for one in recent if signature(call) in one.answers]
        if error_code(call) == NOT_FOUND and any(one is _MISSING or error_code(one) == NOT_FOUND for one in former):
            # The messages differ: for a moment, an alias may name a key that is not found.
            return True
        return any(not _all_differences(call, one, self._bindings.copy()) for one in former)

    def _read_before(self, change: Call) -> None:
        """Send the recorded reads of a key before it changes, to recognize late answers afterwards."""
        lists = {""} if changes_account_wide_lists(change) else set()
        for name in concerned(change) | lists:
            answers = {}
            for signed, read in self._reads[name].items():
                try:
                    answers[signed] = self._send(read, self._requests.make(read))
                except Unknown:
                    # The change creates the key.
                    answers[signed] = _MISSING
            self._before[name].append(_Before(change["at"], answers))

    def _send(self, call: Call, request: dict[str, Any]) -> Answer:
        method = getattr(self._emulator.client(call["region"], ACCOUNT), xform_name(call["operation"]))
        try:
            answer = method(**request)
        except ClientError as error:
            told = error.response["Error"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            return {"status": status, "error": {"code": told["Code"], "message": told.get("Message", "")}}
        status = answer.pop("ResponseMetadata")["HTTPStatusCode"]
        return {"status": status, "answer": answer}

    def _now(self) -> datetime:
        return self._start.astimezone(UTC) + timedelta(seconds=self._elapsed)

    def _advance(self, at: float) -> None:
        if at > self._elapsed:
            self._emulator.control.advance(at - self._elapsed)
            self._elapsed = at


def _all_differences(call: Call, actual: Answer, bindings: Bindings) -> list[str]:
    found = list(differences(*comparable_parts(call, actual), bindings))
    member = account_wide_list(call)
    if member is None or found or "answer" not in call or "answer" not in actual:
        return found
    own = own_entries(member, actual)
    # KMS can list entries that only the emulator lists here on another page, or later.
    return [
        f"answer.{member}[] has {entry!r:.300} in the record, and the emulator does not list it"
        for entry in call["answer"][member]
        if all(any(differences(entry, other, bindings.copy(), member)) for other in own)
    ]
