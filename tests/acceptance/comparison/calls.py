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


def inner(value: Any, *names: str) -> Any:
    """Return a field of a field. None if it does not exist, or if a field has another form."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def error_code(call_or_answer: Call | Answer) -> str | None:
    code = inner(call_or_answer, "error", "code")
    return code if isinstance(code, str) else None


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


def key_metadata(call: Call | Answer) -> Any:
    """Return the key that an answer describes. None if it describes none. A record can contain any form."""
    return inner(call, "answer", "KeyMetadata") or inner(call, "answer", "ReplicaKeyMetadata")


def last_part(text: str) -> str:
    """Return the ID of a key from its ARN, or the name of an alias without its prefix."""
    return text.rpartition("/")[2]


def comparable_parts(call: Call, actual: Answer) -> tuple[Answer, Answer]:
    """Return the parts of the recorded and of the actual answer that are compared."""
    recorded: Answer = {name: call[name] for name in ("status", "answer", "error") if name in call}
    if call["operation"] == "GetParametersForImport" and "answer" in recorded:
        # KMS may return the same wrapping public key twice, or another one.
        size = inner(recorded, "answer", "PublicKey", "bytes")
        if size is not None:
            recorded["answer"] = {**recorded["answer"], "PublicKey": {"bytes": size}}
    member = account_wide_list(call)
    if member is None or "answer" not in recorded or "answer" not in actual:
        return recorded, actual
    # The record has only the run's own entries, in no particular order.
    names = sorted(set().union(*(entry.keys() for entry in recorded["answer"][member])))
    shown = sorted(set().union(*(entry.keys() for entry in own_entries(member, actual)))) if names else []
    whole = [isinstance(one["answer"].get("Truncated"), bool) for one in (recorded, actual)]
    return (
        {"status": call["status"], "fields": names, "truncated": whole[0]},
        {"status": actual["status"], "fields": shown, "truncated": whole[1]},
    )


def account_wide_list(call: Call) -> str | None:
    """Return the field of the answer that lists the keys or aliases of the account. None for other calls."""
    return None if "KeyId" in call["request"] else _LISTS_OF_ACCOUNT.get(call["operation"])


def own_entries(member: str, actual: Answer) -> list[dict[str, Any]]:
    """Return the entries of an account-wide list that a replay created."""
    return [entry for entry in actual["answer"][member] if member == "Keys" or RUN in entry["AliasName"]]


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
    arn = inner(key_metadata(change), "Arn")
    named += [arn] if isinstance(arn, str) else []
    return {last_part(str(name)) for name in named if name}


def changes_account_wide_lists(change: Call) -> bool:
    return change["operation"] in ("CreateAlias", "CreateKey", "DeleteAlias", "ReplicateKey")


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
