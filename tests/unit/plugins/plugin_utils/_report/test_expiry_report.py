# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report from the module's entries: no key is missing, and the most urgent key is first."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.filter.expiry_report import expiry_report, expiry_report_csv
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts
from ansible_collections.cloudkeys.aws.plugins.module_utils._report.entry import (
    Filters,
    Reading,
    describe,
    selected,
    soonest_first,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.expiry_report import STATUSES
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.table import COLUMNS, to_csv
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.text import visible

from ...module_utils.keys import NOW, keys

METADATA = {
    "KeyId": "x", "Arn": "arn:aws:kms:eu-west-1:111122223333:key/x", "Origin": "EXTERNAL", "KeyState": "PendingImport",
}  # fmt: skip
WITH_A_DAY = ("critical", "soon", "attention", "later")
anything = st.text(max_size=20)
names = st.lists(st.text("abcXYZ/_-19", min_size=1, max_size=9), max_size=3, unique=True)


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    if draw(st.integers(0, 9)) == 0:
        name = f"arn:aws:kms:eu-west-1:111122223333:key/{draw(st.uuids())}"
        return Reading(name, unread={"key": "denied"}, exists=draw(st.sampled_from([None, False])))
    facts: KeyFacts = draw(keys())
    return Reading(
        facts.arn,
        facts,
        description=draw(anything),
        aliases=draw(st.one_of(st.none(), names.map(lambda these: tuple(f"alias/{one}" for one in these)))),
        tags=draw(st.one_of(st.none(), st.dictionaries(anything, anything, max_size=2))),
        unread={},
    )


def result(*entries: dict[str, Any]) -> dict[str, Any]:
    # The form in which the target returns it.
    came: dict[str, Any] = json.loads(
        json.dumps({"kms_keys": list(entries), "read_at": NOW.isoformat(), "alias_pattern_matches": {}})
    )
    return came


@given(st.lists(readings(), max_size=5), st.integers(1, 100), st.one_of(st.none(), st.integers(1, 100)))
def test_every_key_is_in_the_report(shown: list[Reading], warn: int, fail: int | None) -> None:
    entries = [{**describe(one, NOW), "arn": f"arn:aws:kms:r:1:key/{number}"} for number, one in enumerate(shown)]
    report = expiry_report({"here": result(*entries)}, "Title", warn, fail)
    assert sorted(key["arn"] for key in report["keys"]) == sorted(entry["arn"] for entry in entries)
    assert sum(report["summary"].values()) == len(entries)
    ranks = [STATUSES.index(key["status"]) for key in report["keys"]]
    assert ranks == sorted(ranks)
    for key in report["keys"]:
        if key["status"] == "critical":
            assert fail is not None
            assert key["days_left"] < fail
        if key["status"] == "soon":
            assert key["days_left"] < warn
        if key["status"] == "later":
            assert key["days_left"] >= max(warn, fail or 0)
        if key["days_left"] is not None:
            left = datetime.fromisoformat(key["expires_at"]) - NOW
            assert timedelta(days=key["days_left"]) <= left < timedelta(days=key["days_left"] + 1)
    alarming = sum(report["summary"][status] for status in ("missing", "absent", "critical", "unknown"))
    assert bool(report["failures"]) is bool(fail and (alarming or not shown))
    with_a_day = [key for key in report["keys"] if key["expires_at"] and key["status"] in WITH_A_DAY]
    assert sum(week["keys"] for week in report["weeks"]) == len(with_a_day)
    assert sum(group["keys"] for group in report["groups"]) == len(entries)
    json.dumps(report)


@given(st.lists(readings(), max_size=4))
def test_csv_can_be_read_back(shown: list[Reading]) -> None:
    report = expiry_report({"here": result(*(describe(one, NOW) for one in shown))})
    lines = list(csv.reader(io.StringIO(to_csv(report), newline="")))
    assert lines[0] == list(COLUMNS)
    assert len(lines) == 1 + len(report["keys"])
    for line, key in zip(lines[1:], report["keys"], strict=True):
        assert len(line) == len(COLUMNS)
        description = line[COLUMNS.index("description")]
        assert description.replace("'", "") == visible(key["description"] or "").replace("'", "")
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in line)
        parts = [part.strip().strip('"') for cell in line for part in re.split("[;\t\r\n]", cell)]
        assert not any(part.startswith(("=", "+", "-", "@")) for part in parts)


@given(st.lists(readings(), min_size=1, max_size=6), st.integers(0, 365))
def test_what_is_not_known_is_never_filtered_out(shown: list[Reading], days: int) -> None:
    filters = Filters(("alias/nothing*",), {"no": "tag"}, ("Enabled",), ("RSA_2048",), days)
    for reading in shown:
        entry = describe(reading, NOW)
        if reading.facts is None:
            assert selected(entry, filters)
        assert selected(entry, Filters())
        urgent = entry["import_state"] != "IMPORTED" or (entry["days_left"] is not None and entry["days_left"] < days)
        assert selected(entry, Filters(days_left_below=days)) is urgent
    entries = [describe(reading, NOW) for reading in shown]
    ordered = sorted(entries, key=soonest_first)
    imported = [entry["import_state"] == "IMPORTED" for entry in ordered]
    assert imported == sorted(imported)


def test_a_key_without_a_copy_of_one_material() -> None:
    facts = KeyFacts.from_kms(
        {
            "KeyId": "id",
            "Arn": "arn:aws:kms:eu-west-1:111122223333:key/id",
            "Origin": "EXTERNAL",
            "KeyState": "PendingImport",
            "CurrentKeyMaterialId": "b",
            "ExpirationModel": "KEY_MATERIAL_EXPIRES",
            "ValidTo": datetime(2027, 2, 1, tzinfo=UTC),
        },
        [
            {"KeyMaterialId": "a", "KeyMaterialState": "NON_CURRENT", "ImportState": "PENDING_IMPORT"},
            {
                "KeyMaterialId": "b",
                "KeyMaterialState": "CURRENT",
                "RotationType": "ON_DEMAND",
                "ImportState": "IMPORTED",
                "ExpirationModel": "KEY_MATERIAL_EXPIRES",
                "ValidTo": datetime(2027, 2, 1, tzinfo=UTC),
            },
        ],
    )
    entry = describe(Reading("id", facts), NOW)
    assert (entry["import_state"], entry["rotations_left"], entry["days_left"]) == ("PENDING_IMPORT", 24, 31)


@pytest.mark.parametrize(("warn", "fail"), [(0, None), (-1, 7), (30, -1)])
def test_a_limit_that_no_key_can_fall_below_is_refused(warn: int, fail: int | None) -> None:
    with pytest.raises(AnsibleFilterError, match="at least 1 and 0 days"):
        expiry_report({"here": result()}, "Title", warn, fail)


def test_sources_that_failed() -> None:
    report = expiry_report({"a": {"failed": True, "msg": "denied"}, "b": {}, "c": result()})
    assert [source["error"] for source in report["sources"]] == [
        "denied",
        "there is no result; it was not reached.",
        None,
    ]
    assert len(report["failures"]) == 2
    assert report["as_of"] == NOW.isoformat()


def test_the_host_that_sees_a_key_is_believed() -> None:
    seen = describe(Reading("arn", KeyFacts.from_kms(METADATA), exists=True), NOW)
    denied = describe(Reading(METADATA["Arn"], unread={"key": "denied"}), NOW)
    for sources in ({"a": result(seen), "b": result(denied)}, {"b": result(denied), "a": result(seen)}):
        (key,) = expiry_report(sources)["keys"]
        assert (key["source"], key["status"]) == ("a", "missing")


@pytest.mark.parametrize(
    ("numbers", "alarms"), [((0, 0), 1), ((0, 2), 0), ((1, 1), 0), ((0, None), 0), ((None, 0), 0), ((0,), 1)]
)
def test_a_pattern_is_idle_when_it_matches_nowhere(numbers: tuple[int | None, ...], alarms: int) -> None:
    key = describe(Reading("arn", KeyFacts.from_kms(METADATA), exists=True), NOW)
    sources = {
        str(place): {**result(key), "alias_pattern_matches": {"pay*": number}} for place, number in enumerate(numbers)
    }
    told = expiry_report(sources, fail_within_days=1)["failures"]
    assert len([sentence for sentence in told if sentence == "1 alias pattern matches no key: pay*."]) == alarms


def test_of_many_accounts_that_were_not_read_ten_are_named() -> None:
    told = expiry_report({f"host-{number}": {"msg": f"Denied to {number}."} for number in range(12)})["failures"]
    assert told[0] == "host-0 could not be read: Denied to 0."
    assert told[10:] == ["2 more could not be read, see the report."]


def test_the_same_key_from_two_hosts_is_one_key() -> None:
    entry = describe(Reading("arn:aws:kms:eu-west-1:111122223333:key/x", unread={"key": "denied"}), NOW)
    report = expiry_report({"a": result(entry), "b": result(entry)})
    assert [key["source"] for key in report["keys"]] == ["a"]
    assert [source["keys"] for source in report["sources"]] == [1, 0]


@pytest.mark.parametrize("wrong", [[], "text", {"a": 1}, {"a": {"kms_keys": [{}], "read_at": "2027-01-01"}}])
def test_other_input_is_refused_in_words(wrong: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="kms_key_material_info"):
        expiry_report(wrong)
    with pytest.raises(AnsibleFilterError, match="expiry_report"):
        expiry_report_csv(wrong)


def test_what_ails_many_accounts_is_said_once() -> None:
    told = expiry_report({f"host-{number}": {"msg": "Denied"} for number in (1, 2)})["failures"]
    assert told == ["host-1, host-2 could not be read: Denied."]
    (sentence,) = expiry_report({f"host-{number:02}": {"msg": "Denied"} for number in range(12)})["failures"]
    assert sentence.startswith("host-00, host-01, ")
    assert sentence.endswith("host-09, and 2 more could not be read: Denied.")


def test_many_keys_are_a_short_sentence() -> None:
    arns = [f"arn:aws:kms:eu-west-1:111122223333:key/{number:02}" for number in range(66)]
    entries = [describe(Reading(arn, KeyFacts.from_kms({**METADATA, "Arn": arn}), exists=True), NOW) for arn in arns]
    end = (NOW + timedelta(days=3.5)).isoformat()
    entries[0] |= {"import_state": "IMPORTED", "valid_to": end, "aliases": ["alias/payments"]}
    lacking, expiring = expiry_report({"here": result(*entries)}, fail_within_days=7)["failures"]
    assert lacking.startswith("65 keys lack key material: ")
    assert lacking.endswith(", and 55 more, see the report.")
    assert lacking.count("eu-west-1") == 10
    assert expiring == "1 key has fewer than 7 days left: payments (111122223333, eu-west-1, 3 days left)."
    assert expiry_report({"here": result(*entries)})["failures"] == [], "no alarm was requested"


def test_an_alarm_that_watches_nothing_is_no_alarm() -> None:
    (sentence,) = expiry_report({"here": result()}, fail_within_days=7)["failures"]
    assert sentence.startswith("There is no key")
    assert expiry_report({"here": result()})["failures"] == []
