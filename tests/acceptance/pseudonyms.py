# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a journal fit for publication: numbers, in the order of first appearance, replace the identifiers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

ACCOUNT = "111122223333"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_KEY_ID = re.compile(rf"mrk-[0-9a-f]{{32}}|{UUID}")
# Case is ignored where an identifier may be printed in capitals.
_TEXT = re.compile(
    rf"""
    (?P<url>(?i:https?)://[^\s"',]+)
    | (?P<principal>arn:aws[a-z-]*:(?:iam|sts)::[0-9]{{12}}:(?!root\b)[^\s"]*[^\s"',.:;)])
    | (?P<arn>arn:aws[a-z-]*:(?!kms:|iam::[0-9]{{12}}:root\b)[^\s"]*[^\s"',.:;)])
    | (?P<key>(?i:mrk-[0-9a-f]{{32}}|{UUID}))
    | (?P<material>\b(?i:[0-9a-f]{{64}})\b)
    | (?P<label>(?<=cloudkeys\.aws/v1:)[0-9a-f]{{32}}|(?<=cloudkeys\.aws/v1c:)[0-9a-f]{{32}})
    | (?P<alias>alias/(?!aws/|cloudkeys-acceptance-<run>-)[A-Za-z0-9/_-]+)
    | (?P<account>[0-9]{{12,}})
    | (?P<unique>\bA(?:BIA|CCA|GPA|IDA|IPA|KIA|NPA|NVA|ROA|SCA|SIA|PKA)[A-Z0-9]{{12,}}\b)
    | (?P<mail>[^\s"'@<>(]++@[^\s"'@<>)]*[^\s"'@<>).,:;])
    | (?P<resource>\b(?:vpce|vpc|o|r|ou|p|i|eni|subnet|sg)-[0-9a-z][0-9a-z-]{{3,}}\b)
    | (?P<host>\b[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}\b)
    | (?P<opaque>(?<![A-Za-z0-9+/_-])(?!key/|alias/)[A-Za-z0-9+/_-]{{40,}}={{0,2}}|[A-Za-z0-9+/]{{40,}}={{0,2}})
    """,
    re.VERBOSE,
)
# The tags that a run creates: its own, and the one of a key whose creation is not complete.
_OWN_TAGS = ("cloudkeys:", "cloudkeys.aws")


class Pseudonyms:
    """:param run: the ID of the run, which its aliases and tags contain.
    :param account: the account number of the run.
    """

    def __init__(self, run: str, account: str) -> None:
        self._run, self._account = run, account
        self._numbers: dict[tuple[str, str], int] = {("account", account): 0}

    def number(self, kind: str, value: str) -> int:
        """Return 1 for the first value of a kind, and 2 for the next. The account of the run is 0."""
        known = sum(one == kind for one, _value in self._numbers)
        return self._numbers.setdefault((kind, value), known + (kind != "account"))

    def text(self, text: str) -> str:
        shown = _TEXT.sub(self._replacement, text.replace(self._run, "<run>"))
        # Also where the number is a part of a longer one.
        return shown.replace(self._account, ACCOUNT)

    def _replacement(self, match: re.Match[str]) -> str:
        kind, value = str(match.lastgroup), match[0]
        if kind == "url":
            # AWS's own messages may link to the denied request in the console.
            return "<url>"
        number = self.number(kind, value)
        if kind == "account" and number == 0:
            return ACCOUNT
        return f"<{'multi-Region key' if value.startswith('mrk-') else kind} {number}>"

    def value(self, value: Any, at: float, *, request: bool) -> Any:
        """:param at: the time of the call, in seconds since 1970. Dates in requests become their distance from it.
        :param request: whether the value is part of a request.
        """
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(one, at, request=request) for one in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {"bytes", "digest"}:
            return {"bytes": value["bytes"], "number": self.number("bytes", value["digest"])}
        if set(value) == {"time"}:
            return self._time(value["time"], at, request=request)
        return {name: self.value(one, at, request=request) for name, one in value.items()}

    def _time(self, moment: str, at: float, *, request: bool) -> dict[str, Any]:
        if request or ("date", moment) in self._numbers:
            date: dict[str, Any] = {"date": self.number("date", moment)}
            if request:
                date["seconds_later"] = round(datetime.fromisoformat(moment).timestamp() - at)
            return date
        return {"time": "milliseconds" if "." in moment else "seconds"}


def created_keys(journal: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the metadata of the keys that the run created."""
    answers = [call.get("answer") or {} for call in journal if call["operation"] in ("CreateKey", "ReplicateKey")]
    found = [answer.get("KeyMetadata") or answer.get("ReplicaKeyMetadata") for answer in answers]
    return [metadata for metadata in found if metadata]


def concerns_run(call: Mapping[str, Any], own: set[str], run: str) -> bool:
    """Return whether a call concerns only keys of the run. Calls about other keys of the account are not published."""
    for name in ("KeyId", "TargetKeyId", "AliasName"):
        given = call["request"].get(name)
        if given is None:
            continue
        key = _KEY_ID.search(given)
        if not (run in given if key is None else key[0] in own):
            return False
    return True


def without_others(call: Mapping[str, Any], own: set[str], run: str) -> dict[str, Any]:
    """Return the call with only the run's keys, aliases, and tags in lists.

    An organization may add tags of its own to new keys, and another user may add an alias.
    """
    answer = call.get("answer")
    if answer is None or call["operation"] not in ("ListKeys", "ListAliases", "ListResourceTags"):
        return dict(call)
    kept = dict(answer)
    if "Keys" in kept:
        kept["Keys"] = [key for key in kept["Keys"] if key["KeyId"] in own]
    if "Aliases" in kept:
        kept["Aliases"] = [alias for alias in kept["Aliases"] if run in alias["AliasName"]]
    if "Tags" in kept:
        kept["Tags"] = [tag for tag in kept["Tags"] if tag["TagKey"].startswith(_OWN_TAGS)]
    return {**call, "answer": kept}
