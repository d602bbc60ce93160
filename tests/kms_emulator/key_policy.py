# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key policies as KMS returns them: equivalent to the given policy, but written differently.

Known differences: an account ID becomes the ARN of the account's root user (IAM User Guide, "AWS JSON policy elements:
Principal"). A list with one element becomes this element (IAM User Guide, "Grammar of the IAM JSON policy language",
and the comparison in HashiCorp's awspolicyequivalence). Principals are returned in any order (aws/aws-cli, issue 9456);
here in reverse order. The layout is that of the captures (stackd, multi_region.json, ReplicaPolicy). Other changes,
such as a deleted user's unique ID, are not emulated.
"""

from __future__ import annotations

import fnmatch
import json
import re
from typing import Any

from .errors import Refused

_ACCOUNT = re.compile(r"\d{12}")


def as_kms_writes(policy: str, partition: str) -> str:
    """:raises Refused: the text is not a policy document."""
    try:
        document = json.loads(policy)
    except ValueError:
        raise Refused("MalformedPolicyDocumentException", "The policy is not JSON.") from None
    if not isinstance(document, dict) or not isinstance(document.get("Statement"), (dict, list)):
        raise Refused("MalformedPolicyDocumentException", "The policy has no statements.")
    given = document["Statement"]
    statements = [_statement(one, partition) for one in (given if isinstance(given, list) else [given])]
    return _laid_out({**document, "Statement": statements}, "")


def denied_actions(policy: str) -> tuple[str, ...]:
    """The actions that a key policy denies everyone, as they are written, with wildcards.

    Other statements are not evaluated: none that depends on who asks, or on a condition.
    """
    statements = json.loads(policy)["Statement"]
    actions: list[str] = []
    for statement in statements if isinstance(statements, list) else [statements]:
        everyone = statement.get("Principal") in ("*", {"AWS": "*"})
        if statement["Effect"] == "Deny" and everyone and "Condition" not in statement:
            given = statement.get("Action", [])
            actions += [given] if isinstance(given, str) else given
    return tuple(actions)


def denies(actions: tuple[str, ...], operation: str) -> bool:
    """:param actions: of :func:`denied_actions`."""
    return any(fnmatch.fnmatchcase(f"kms:{operation}".lower(), action.lower()) for action in actions)


def _statement(statement: Any, partition: str) -> Any:
    if not isinstance(statement, dict):
        raise Refused("MalformedPolicyDocumentException", "A statement of the policy is no object.")
    written = {name: _without_needless_brackets(value) for name, value in statement.items()}
    for name in ("Principal", "NotPrincipal"):
        if isinstance(statement.get(name), dict):
            written[name] = {kind: _principals(value, partition) for kind, value in statement[name].items()}
    return written


def _without_needless_brackets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_needless_brackets(inner) for name, inner in value.items()}
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _principals(value: Any, partition: str) -> Any:
    principals = [
        f"arn:{partition}:iam::{one}:root" if _ACCOUNT.fullmatch(str(one)) else one
        for one in (value if isinstance(value, list) else [value])
    ]
    return _without_needless_brackets(principals[::-1])


def _laid_out(value: Any, indent: str) -> str:
    """Write objects on several lines, lists on one line, and a space on both sides of a colon."""
    if isinstance(value, dict) and value:
        inner = indent + "  "
        lines = [f"{inner}{json.dumps(name)} : {_laid_out(one, inner)}" for name, one in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list) and value:
        return f"[ {', '.join(_laid_out(one, indent) for one in value)} ]"
    return json.dumps(value)
