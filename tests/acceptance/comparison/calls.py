# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded calls: what they concern, and which parts of their answers can be compared. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..record import Call
from .matching import RUN

Answer = dict[str, Any]

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
# Errors of the service at that moment. KMS may have carried out the request nevertheless.
_OF_THE_MOMENT = (
    "DependencyTimeoutException",
    "InternalFailure",
    "KMSInternalException",
    "ServiceUnavailable",
    "ThrottlingException",
)
NOT_FOUND = "NotFoundException"
# Errors that KMS may return until a change is visible everywhere.
_STALE = ("DisabledException", "KMSInvalidStateException", NOT_FOUND)
CONSISTENT_AFTER = 300
"""Seconds. AWS documents "typically less than a few seconds", and rarely minutes."""
_LISTS_OF_ACCOUNT = {"ListKeys": "Keys", "ListAliases": "Aliases"}


def error_code(call_or_answer: Call | Answer) -> str | None:
    return (call_or_answer.get("error") or {}).get("code")


def changes_nothing(call: Call) -> bool:
    return call["operation"] in _CHANGES_NOTHING


def reason_to_skip(call: Call) -> str:
    """Return why the call cannot be repeated. An empty text means that it can."""
    code = error_code(call)
    if code in _OF_THE_MOMENT or "class" in call.get("error", {}):
        return f"{code or call['error']['class']} is of the moment"
    return "a further page of a list" if "Marker" in call["request"] else ""


def is_stale_refusal(call: Call, later: Sequence[Call]) -> bool:
    """Return whether KMS refused a request only until an earlier change was visible everywhere.

    :param later: the calls after it.
    """
    return error_code(call) in _STALE and call["operation"] not in READS and _succeeds_later(call, later)


def key_metadata(call: Call) -> dict[str, Any] | None:
    """Return the key that an answer describes. None if it describes none."""
    answer = call.get("answer") or {}
    return answer.get("KeyMetadata") or answer.get("ReplicaKeyMetadata")


def last_part(text: str) -> str:
    """Return the ID of a key from its ARN, or the name of an alias without its prefix."""
    return text.rpartition("/")[2]


def comparable_parts(call: Call, actual: Answer) -> tuple[Answer, Answer]:
    """Return the parts of the recorded and of the actual answer that are compared."""
    recorded: Answer = {name: call[name] for name in ("status", "answer", "error") if name in call}
    if call["operation"] == "GetParametersForImport" and "answer" in recorded:
        # KMS may return the same wrapping public key twice, or another one.
        size = {"bytes": recorded["answer"]["PublicKey"]["bytes"]}
        recorded["answer"] = {**recorded["answer"], "PublicKey": size}
    member = _LISTS_OF_ACCOUNT.get(call["operation"])
    if member is None or "KeyId" in call["request"] or "answer" not in recorded or "answer" not in actual:
        return recorded, actual
    # The record has only the run's own entries, in no particular order, so only the names of their fields are compared.
    entries = actual["answer"][member]
    own = [entry for entry in entries if member == "Keys" or RUN in entry["AliasName"]]
    names = sorted(set().union(*(entry.keys() for entry in recorded["answer"][member])))
    shown = sorted(set().union(*(entry.keys() for entry in own))) if names else []
    return {"status": call["status"], "fields": names}, {"status": actual["status"], "fields": shown}


def subject(call: Call) -> str:
    """Return the ID of the key, or the alias, in a request. It is empty for lists of the account.

    A replica key has the same ID as its primary key.
    """
    request = call["request"]
    return last_part(str(request.get("KeyId") or request.get("AliasName") or ""))


def concerned(change: Call) -> set[str]:
    """Return the IDs of the keys, and the aliases, that a change concerns."""
    request = change["request"]
    named = [request.get(name, "") for name in ("KeyId", "TargetKeyId", "AliasName")]
    metadata = key_metadata(change)
    named += [metadata["Arn"]] if metadata else []
    return {last_part(str(name)) for name in named if name}


def signature(call: Call) -> str:
    """Return a text that is equal for equal requests in one Region."""
    return json.dumps([call["region"], call["operation"], call["request"]], sort_keys=True)


def _succeeds_later(call: Call, later: Sequence[Call]) -> bool:
    """Return whether the same operation succeeds soon, before another operation changes the key."""
    for other in later:
        if other["at"] - call["at"] > CONSISTENT_AFTER:
            return False
        same_key = other["region"] == call["region"] and concerned(other) & concerned(call)
        if not same_key or other["operation"] in _CHANGES_NOTHING - {call["operation"]}:
            continue
        if other["operation"] != call["operation"]:
            return False
        if "answer" in other:
            return True
    return False
