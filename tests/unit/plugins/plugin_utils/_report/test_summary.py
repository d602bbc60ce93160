# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary that jobs pass on is small, unencrypted, and contains no text that a template engine evaluates."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.filter.expiry_report import expiry_report_summary
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts
from ansible_collections.cloudkeys.aws.plugins.module_utils._report.entry import Reading, describe
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.expiry_report import STATUSES, make_report
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.summary import summarize

from ...module_utils.keys import NOW, keys

SECRET = "safe 2: envelope 7"
BIGGEST = 8_000


def report(sources: dict[str, dict[str, Any]], fail: int | None = 7) -> dict[str, Any]:
    return make_report(sources, title="Title", warn_within_days=30, fail_within_days=fail)


def result(facts: list[KeyFacts], alias: str = "alias/payments") -> dict[str, Any]:
    read = [
        Reading(one.arn, one, description=SECRET, aliases=(f"{alias}-{place}",), tags={SECRET: SECRET}, unread={})
        for place, one in enumerate(facts)
    ]
    entries = [{**describe(one, NOW), "arn": f"arn:aws:kms:r:1:key/{place}"} for place, one in enumerate(read)]
    shown = {"kms_keys": entries, "read_at": NOW.isoformat(), "alias_pattern_matches": {}}
    whole: dict[str, Any] = json.loads(json.dumps(shown))
    return whole


@given(st.lists(keys(), max_size=4), st.one_of(st.none(), st.integers(1, 99)))
def test_it_counts_what_the_report_has(facts: list[KeyFacts], fail: int | None) -> None:
    whole = report({"here": result(facts), "there": {"msg": "AccessDenied."}}, fail)
    summary = summarize(whole)
    assert list(summary["summary"]) == list(STATUSES)
    assert sum(summary["summary"].values()) == summary["keys"] == len(facts)
    assert (summary["hosts_read"], summary["hosts_not_read"]) == (1, 1)
    assert summary["as_of"] == NOW.isoformat()
    assert summary["assessment"] != "good"
    ends = [key["expires_at"] for key in whole["keys"] if key["expires_at"]]
    assert summary["soonest_expiry"] == min(ends, default=None)
    assert summary["failures"][0] == "there could not be read: AccessDenied."
    assert len(summary["failures"]) == len(whole["failures"])
    assert SECRET not in json.dumps(summary)


@given(keys())
def test_a_few_kilobytes_of_three_thousand_keys(facts: KeyFacts) -> None:
    """Each key has the longest possible alias, and each of many accounts has its own error."""
    hosts = {f"host-{place}": {"msg": f"{place} " + "é" * 500} for place in range(30)}
    whole = report({"here": result([facts] * 30, f"alias/{'x' * 240}"), **hosts})
    summary = summarize({**whole, "keys": whole["keys"] * 100})
    assert summary["keys"] == 3000
    assert len(json.dumps(summary, ensure_ascii=False).encode()) < BIGGEST
    assert all(len(sentence) <= 300 for sentence in summary["failures"])
    many = summarize({**whole, "failures": [f"{number}." for number in range(30)]})
    assert many["failures"][-1] == "There are 18 more, see the report."


@given(st.text(st.sampled_from("{%#}a \n\x1b\u2028"), max_size=400))
def test_no_text_of_it_is_a_template(text: str) -> None:
    (sentence,) = summarize(report({"here": {"msg": text}}))["failures"]
    assert not any(start in sentence for start in ("{{", "{%", "{#", "\n", "\x1b", "\u2028"))


def test_what_is_no_report() -> None:
    with pytest.raises(AnsibleFilterError, match="It takes what"):
        expiry_report_summary({})
    assert expiry_report_summary(report({}))["soonest_expiry"] is None
