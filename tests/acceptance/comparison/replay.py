# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repeats the calls of a record with the emulator, at the same distances of time."""

from __future__ import annotations

import json
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
from .matching import RUN, Bindings, Unknown, differences
from .requests import Requests, inner, metadata_of

DIFFERENCE, LATE, SKIPPED = "difference", "late", "skipped"
READS = frozenset(
    {
        "DescribeKey",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "GetPublicKey",
        "ListAliases",
        "ListKeyRotations",
        "ListKeys",
        "ListResourceTags",
    }
)
_CHANGES_NOTHING = READS | {
    "Decrypt",
    "Encrypt",
    "GenerateMac",
    "GetParametersForImport",
    "Sign",
    "Verify",
    "VerifyMac",
}
# Not of the key or the request, but of the moment. Whether KMS has done it is not known of all.
_OF_THE_MOMENT = (
    "DependencyTimeoutException",
    "InternalFailure",
    "KMSInternalException",
    "ServiceUnavailable",
    "ThrottlingException",
)
_NOT_FOUND = "NotFoundException"
# What KMS may answer while a change does not show everywhere.
_STALE = ("DisabledException", "KMSInvalidStateException", _NOT_FOUND)
# Seconds. AWS documents "typically less than a few seconds", and rarely minutes.
_CONSISTENT_AFTER = 300
# What these change shows in the account-wide lists, whose subject has no name.
_CHANGES_LISTS = ("CreateAlias", "CreateKey", "DeleteAlias", "ReplicateKey")
_LISTS_OF_ACCOUNT = {"ListKeys": "Keys", "ListAliases": "Aliases"}

Answer = dict[str, Any]
_MISSING: Answer = {}
"""In the place of the answer about a key that does not exist yet."""


@dataclass(frozen=True)
class Finding:
    """:ivar kind: ``DIFFERENCE``; ``LATE``, an answer that shows the state before a change; or ``SKIPPED``."""

    kind: str
    line: int
    call: Call
    text: str


@dataclass
class _Before:
    """How the emulator answered the recorded reads of a key before a change."""

    at: float
    answers: dict[str, Answer]


class Replay:
    """:param process: an emulator that nothing else uses."""

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
                self._reads[_subject(call)][_signature(call)] = call
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
            # The record may be from a KMS that answers in a form that was never seen, or from an enemy.
            return [(DIFFERENCE, f"the call cannot be repeated, because its form is unknown ({type(error).__name__})")]

    def _compared(self, call: Call, later: Sequence[Call]) -> list[tuple[str, str]]:
        code = _code(call)
        if code in _OF_THE_MOMENT or "class" in call.get("error", {}):
            return [(SKIPPED, f"{code or call['error']['class']} is of the moment")]
        if "Marker" in call["request"]:
            return [(SKIPPED, "a further page of a list")]
        changes = call["operation"] not in _CHANGES_NOTHING
        if code in _STALE and call["operation"] not in READS and _succeeds(call, later):
            return [(LATE, f"{code}, and the same request succeeds later")]
        try:
            if changes:
                self._look(call)
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
        """Whether the recorded answer is none that the key has now, and is one that it had before a change."""
        signature = _signature(call)
        if not _all_differences(call, actual, self._bindings.copy()):
            return False
        recent = [one for one in self._before[_subject(call)] if call["at"] - one.at <= _CONSISTENT_AFTER]
        former = [one.answers[signature] for one in recent if signature in one.answers]
        if _code(call) == _NOT_FOUND and any(one is _MISSING or _code(one) == _NOT_FOUND for one in former):
            # The messages differ: for a moment, an alias may name a key that is not found.
            return True
        return any(not _all_differences(call, one, self._bindings.copy()) for one in former)

    def _look(self, change: Call) -> None:
        """Make the recorded reads of a key before it changes, to recognize stale answers later."""
        lists = {""} if change["operation"] in _CHANGES_LISTS else set()
        for subject in _concerned(change) | lists:
            answers = {}
            for signature, read in self._reads[subject].items():
                try:
                    answers[signature] = self._send(read, self._requests.make(read))
                except Unknown:
                    # The change creates it.
                    answers[signature] = _MISSING
            self._before[subject].append(_Before(change["at"], answers))

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


def _code(answered: Call | Answer) -> str | None:
    """The code of an error, of a recorded call or an answer."""
    code = inner(answered, "error", "code")
    return code if isinstance(code, str) else None


def _comparable(call: Call, actual: Answer) -> tuple[Answer, Answer]:
    """The parts of both that are compared."""
    recorded: Answer = {name: call[name] for name in ("status", "answer", "error") if name in call}
    if call["operation"] == "GetParametersForImport" and "answer" in recorded:
        # KMS may give the same wrapping public key twice, or another one.
        size = inner(recorded, "answer", "PublicKey", "bytes")
        if size is not None:
            recorded["answer"] = {**recorded["answer"], "PublicKey": {"bytes": size}}
    member = _account_wide(call)
    if member is None or "answer" not in recorded or "answer" not in actual:
        return recorded, actual
    # The record has only the run's own entries, in the order of KMS, which is none.
    names = sorted(set().union(*(entry.keys() for entry in recorded["answer"][member])))
    shown = sorted(set().union(*(entry.keys() for entry in _own(member, actual)))) if names else []
    whole = [isinstance(one["answer"].get("Truncated"), bool) for one in (recorded, actual)]
    return (
        {"status": call["status"], "fields": names, "truncated": whole[0]},
        {"status": actual["status"], "fields": shown, "truncated": whole[1]},
    )


def _account_wide(call: Call) -> str | None:
    """The member of an answer that lists keys or aliases of the account."""
    return None if "KeyId" in call["request"] else _LISTS_OF_ACCOUNT.get(call["operation"])


def _own(member: str, actual: Answer) -> list[dict[str, Any]]:
    return [entry for entry in actual["answer"][member] if member == "Keys" or RUN in entry["AliasName"]]


def _all_differences(call: Call, actual: Answer, bindings: Bindings) -> list[str]:
    found = list(differences(*_comparable(call, actual), bindings))
    member = _account_wide(call)
    if member is None or found or "answer" not in call or "answer" not in actual:
        return found
    own = _own(member, actual)
    # Entries that only the emulator lists may be on another page of KMS, or may not show yet.
    return [
        f"answer.{member}[] has {entry!r:.300} in the record, and the emulator does not list it"
        for entry in call["answer"][member]
        if all(any(differences(entry, other, bindings.copy(), member)) for other in own)
    ]


def rotation_seconds(rotation: Call, later: Sequence[Call]) -> float:
    """How long a rotation took: between the last answer that shows it running, and the next that shows its end.

    An answer from before the rotation shows none either. It says nothing if a later one shows that the rotation runs.
    """
    reads: list[Call] = []
    for call in later:
        if _subject(call) == _subject(rotation) and "answer" in call:
            if call["operation"] == "RotateKeyOnDemand":
                break
            reads.append(call)
    former = _former_material(reads)
    running, end = rotation["at"], None
    for call in reads:
        ended = _shows_end(call, former)
        if ended is False:
            running, end = call["at"], None
        elif ended and end is None:
            end = call["at"]
    return max(running - rotation["at"], 0.0) + 1 if end is None else max((running + end) / 2 - rotation["at"], 0.0)


def _former_material(reads: Sequence[Call]) -> dict[str, str]:
    """The key material that a rotation replaced, by the Region, where the answers show that it was replaced."""
    shown: dict[str, list[str]] = defaultdict(list)
    for call in reads:
        current = inner(call, "answer", "KeyMetadata", "CurrentKeyMaterialId")
        if isinstance(current, str):
            shown[call["region"]].append(current)
    return {region: materials[0] for region, materials in shown.items() if len(set(materials)) > 1}


def _shows_end(read: Call, former: dict[str, str]) -> bool | None:
    """Whether an answer shows that a rotation has ended. None: it does not tell."""
    answer = read["answer"]
    if read["operation"] == "GetKeyRotationStatus":
        return "OnDemandRotationStartDate" not in answer
    if read["operation"] == "ListKeyRotations":
        rotations = inner(answer, "Rotations")
        if not isinstance(rotations, list):
            return None
        return not any("PENDING" in str(inner(one, "KeyMaterialState")) for one in rotations)
    if read["operation"] == "DescribeKey" and read["region"] in former:
        return bool(inner(answer, "KeyMetadata", "CurrentKeyMaterialId") != former[read["region"]])
    return None


def _subject(call: Call) -> str:
    """The key, alias or list that a read is about; replica keys are about the same as their primary key."""
    request = call["request"]
    named = str(request.get("KeyId") or request.get("AliasName") or "")
    return named.rpartition("/")[2]


def _concerned(change: Call) -> set[str]:
    """The key and the alias that a change concerns."""
    request = change["request"]
    named = [request.get(name, "") for name in ("KeyId", "TargetKeyId", "AliasName")]
    subjects = {str(name).rpartition("/")[2] for name in named if name}
    arn = inner(metadata_of(change), "Arn")
    return subjects | ({arn.rpartition("/")[2]} if isinstance(arn, str) else set())


def _signature(call: Call) -> str:
    return json.dumps([call["region"], call["operation"], call["request"]], sort_keys=True)


def _succeeds(call: Call, later: Sequence[Call]) -> bool:
    """Whether the same is done soon after, before anything else is done with the key."""
    for other in later:
        if other["at"] - call["at"] > _CONSISTENT_AFTER:
            return False
        same_key = other["region"] == call["region"] and _concerned(other) & _concerned(call)
        if not same_key or other["operation"] in _CHANGES_NOTHING - {call["operation"]}:
            continue
        if other["operation"] != call["operation"]:
            return False
        if "answer" in other:
            return True
    return False
