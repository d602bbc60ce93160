# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The messages of :mod:`.._messages` as JSON, their form between the controller and the target."""

from __future__ import annotations

import typing as t

from .._json import from_json, to_json
from .._messages import (
    SECRET_LISTS,
    SECRETS,
    Answer,
    Applied,
    Apply,
    EnsuredKey,
    EnsureKey,
    Failed,
    GetParameters,
    GivenParameters,
    Look,
    MacVerdict,
    Postponed,
    Request,
    Seen,
    VerifyMac,
    Watch,
    Watched,
)

__all__ = (
    "ANSWERS", "AnswerKind", "REQUESTS", "RequestKind",
    "answer_from_json", "answer_to_json", "request_from_json", "request_to_json",
)  # fmt: skip

RequestKind = t.Literal["look", "parameters", "verify_mac", "apply", "watch", "ensure_key"]
AnswerKind = t.Literal[
    "seen", "given_parameters", "mac_verdict", "applied", "watched", "ensured_key", "postponed", "failed"
]  # fmt: skip

REQUESTS: dict[RequestKind, type[t.Any]] = {
    "look": Look,
    "parameters": GetParameters,
    "verify_mac": VerifyMac,
    "apply": Apply,
    "watch": Watch,
    "ensure_key": EnsureKey,
}
ANSWERS: dict[AnswerKind, type[t.Any]] = {
    "seen": Seen,
    "given_parameters": GivenParameters,
    "mac_verdict": MacVerdict,
    "applied": Applied,
    "watched": Watched,
    "ensured_key": EnsuredKey,
    "postponed": Postponed,
    "failed": Failed,
}
_KINDS: dict[type[t.Any], str] = {kind: name for kinds in (REQUESTS, ANSWERS) for name, kind in kinds.items()}


def request_to_json(request: Request) -> dict[str, t.Any]:
    """An entry of the module's option ``requests``: its ``kind``, its ``body``, and the secrets as separate fields."""
    body = to_json(request)
    secrets = {name: body.pop(name) for name in SECRETS if name in body}
    return {
        "kind": _KINDS[type(request)],
        "body": body,
        **{name: value for name, value in secrets.items() if value is not None},
    }


def request_from_json(entry: t.Mapping[str, t.Any]) -> Request:
    """:raises KeyError: a field is missing. :raises ValueError: bytes or a time cannot be read."""
    missing: dict[str, t.Any] = {name: [] if name in SECRET_LISTS else None for name in SECRETS}
    secrets = {name: missing[name] if entry.get(name) is None else entry[name] for name in SECRETS}
    return from_json(REQUESTS[entry["kind"]], {**secrets, **entry["body"]})


def answer_to_json(answer: Answer) -> dict[str, t.Any]:
    """An entry of the module's result ``answers``."""
    return {"kind": _KINDS[type(answer)], **to_json(answer)}


def answer_from_json(entry: t.Mapping[str, t.Any]) -> Answer:
    """:raises KeyError: a field is missing. :raises ValueError: bytes or a time cannot be read."""
    return from_json(ANSWERS[entry["kind"]], entry)
