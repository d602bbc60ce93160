# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Whether two key policies are equivalent, however they are written. Pure.

KMS may return a key policy in another form than it was given: an account ID becomes an ARN, a list of one element loses
its brackets, and principals change their order. Two forms are equivalent if the IAM User Guide describes them as such,
in "Grammar of the IAM JSON policy language" and on the pages of the elements. All other differences count: setting a
policy unnecessarily does no harm, but not setting it does.

amazon.aws's ``compare_policies`` supports the accounts of the partition ``aws`` only, not those of China and GovCloud.
"""

from __future__ import annotations

import json
import re
import typing as t

__all__ = ("same_policy",)

Policy = t.Mapping[str, t.Any]

# "If you do not include a Version element, the version defaults to 2008-10-17".
_DEFAULT_VERSION = "2008-10-17"
_ACCOUNT = re.compile(r"[0-9]{12}\Z")


def same_policy(one: Policy, other: Policy, partition: str) -> bool:
    """Whether two key policies for a key in *partition*, such as ``aws-cn``, are equivalent."""
    return _policy(one, partition) == _policy(other, partition)


def _policy(policy: Policy, partition: str) -> t.Any:
    rest = {name: _exactly(value) for name, value in policy.items() if name not in ("Version", "Statement")}
    version = str(policy.get("Version", _DEFAULT_VERSION))
    # Statements are compared as a set, because order and repetition do not matter.
    statements = frozenset(_statement(one, partition) for one in _listed(policy.get("Statement", [])))
    return version, statements, frozenset(rest.items())


def _statement(statement: t.Any, partition: str) -> t.Any:
    if not isinstance(statement, dict):
        return _exactly(statement)
    written = {name: _element(name, value, partition) for name, value in statement.items()}
    # "Condition": {} imposes no condition.
    return frozenset(item for item in written.items() if item != ("Condition", frozenset()))


def _element(name: str, value: t.Any, partition: str) -> t.Any:
    if name in ("Principal", "NotPrincipal"):
        return _principals(value, partition)
    if name in ("Action", "NotAction"):
        # "The prefix and the action name are case insensitive."
        return frozenset(_text(action).lower() for action in _listed(value))
    if name in ("Resource", "NotResource"):
        return frozenset(map(_text, _listed(value)))
    if name == "Condition" and isinstance(value, dict):
        return _conditions(value)
    return _exactly(value)


def _principals(value: t.Any, partition: str) -> t.Any:
    # "Principal": "*" and "Principal": {"AWS": "*"} are equivalent.
    if value == "*":
        value = {"AWS": "*"}
    if not isinstance(value, dict):
        return _exactly(value)
    return frozenset(
        (kind, frozenset(_principal(kind, _text(one), partition) for one in _listed(named)))
        for kind, named in value.items()
    )


def _principal(kind: str, principal: str, partition: str) -> str:
    """Normalize an account to its ARN: "you can use the account ARN, or a shortened form ... the account ID"."""
    if kind == "AWS" and _ACCOUNT.match(principal):
        return f"arn:{partition}:iam::{principal}:root"
    return principal


def _conditions(conditions: t.Mapping[str, t.Any]) -> t.Any:
    written: set[tuple[t.Any, ...]] = set()
    for operator, tests in conditions.items():
        if not isinstance(tests, dict):
            written.add((operator, _exactly(tests)))
            continue
        for key, values in tests.items():
            # "Condition key names are not case-sensitive."
            written.add((operator, str(key).lower(), frozenset(map(_text, _listed(values)))))
    return frozenset(written)


def _listed(value: t.Any) -> list[t.Any]:
    """ "If the element takes an array but only one value is included, the brackets are optional." """
    return value if isinstance(value, list) else [value]


def _text(value: t.Any) -> str:
    """ "Quotation marks are optional for numeric and Boolean values." """
    if isinstance(value, str):
        return value
    return _exactly(value)


def _exactly(value: t.Any) -> str:
    return json.dumps(value, sort_keys=True)
