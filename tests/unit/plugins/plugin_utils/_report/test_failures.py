# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of a failure are short for any number of keys."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.failures import failures


def row(status: str, number: int = 0, **more: Any) -> dict[str, Any]:
    place = {"account": "111122223333", "region": "eu-west-1", "arn": "arn", "source": "here", "unread": {}}
    return {"status": status, "name": f"key-{number:02}", "days_left": 3, **place, **more}


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ([row("missing")], "1 key lacks key material: key-00 (111122223333, eu-west-1)."),
        ([row("absent", arn=None)], "1 key does not exist: key-00 (here)."),
        ([row("critical")], "1 key has fewer than 7 days left: key-00 (111122223333, eu-west-1, 3 days left)."),
        (
            [row("unknown"), row("unknown", 1, arn=None)],
            "2 keys cannot be described, so their key material is unknown: key-00 (111122223333, eu-west-1), key-01"
            " (here).",
        ),
        (
            [row("unknown", unread={"expiration": "no date"})],
            "1 key has an unknown expiration: key-00 (111122223333, eu-west-1).",
        ),
    ],
)
def test_a_sentence_for_each_reason(keys: list[dict[str, Any]], sentence: str) -> None:
    assert failures({}, keys, {}, 7) == [sentence]
    assert failures({}, keys, {}, None) == []


@pytest.mark.parametrize("status", ["soon", "attention", "later", "never", "deleting"])
def test_other_keys_fail_nothing(status: str) -> None:
    assert failures({}, [row(status)], {"key-*": 1, "unknown-*": None}, 7) == []


def test_of_many_keys_ten_are_named() -> None:
    (sentence,) = failures({}, [row("missing", number) for number in range(66)], {}, 7)
    assert sentence.startswith("66 keys lack key material: key-00 (")
    assert sentence.endswith("and 56 more, see the report.")


def test_nothing_to_look_at_and_nothing_read() -> None:
    assert failures({}, [], {}, 7)[0].startswith("There is no key")
    assert failures({"here": "Denied."}, [], {}, None) == ["here could not be read: Denied."]
    assert failures({}, [row("later")], {"ledger-*": 0}, 7) == ["1 alias pattern matches no key: ledger-*."]
