# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a task with many keys reports the outcome for each key, and is short enough to be displayed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import Expiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.plan import Plan
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Failure, Step
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.fleet_key import FleetKey
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.keep import KeyRecord
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.result import to_result
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.run import FleetOutcome
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet.survey import Surveyed
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.outcome import Outcome

from ...module_utils.keys import CURRENT, IMPORTED, LABEL, NOW

# In characters. AWX drops larger events of a task.
LONGEST = 700_000
MANY = 10_000
LOST = IMPORTED._replace(key_state="PendingImport", materials=(Material(CURRENT, "CURRENT", "PENDING_IMPORT", LABEL),))
PLAN = Plan(LOST, NOW, (Step("import", expiration=Expiration(None), key_material_id=CURRENT),))


def _key(place: int) -> FleetKey:
    arn = IMPORTED.arn.replace("1234567890ab", f"{place:012d}")
    return FleetKey(place, f"keys.csv, line {place + 2}", arn, "eu-central-1", None, None)


def _record(status: str, place: int) -> KeyRecord:
    facts = IMPORTED._replace(arn=_key(place).name)
    outcome = Outcome(facts=facts, before=PLAN.before)
    if status == "changed":
        outcome.done, outcome.after = ["import"], PLAN.after
        outcome.imported = {"request_id": "1234", "wrapping_public_key_sha256": "0" * 64}
    if status == "failed":
        outcome.failure = Failure(f"{facts.arn}: denied, for the reason of line {place}.", {"code": "AccessDenied"})
    outcome.warn(f"{facts.arn}: something to know of line {place}. " + "And more of it. " * 20)
    return KeyRecord(outcomes=[outcome])


def _result(statuses: Sequence[str]) -> dict[str, Any]:
    surveyed = [
        Surveyed(
            _record("unchanged" if status in ("changed", "not_started") else status, place), due=status != "unchanged"
        )
        for place, status in enumerate(statuses)
    ]
    records = {place: _record(status, place) for place, status in enumerate(statuses) if status == "changed"}
    not_begun = [place for place, status in enumerate(statuses) if status == "not_started"]
    stopped: Any = "failures" if not_begun else None
    return to_result(
        [_key(place) for place in range(len(statuses))], FleetOutcome(surveyed, records, not_begun, stopped)
    )


def _status(entry: Mapping[str, Any]) -> str:
    if entry["failed"]:
        return "failed"
    return ("changed" if entry["changed"] else "unchanged") if entry["started"] else "not_started"


MIXTURES: dict[str, Sequence[str]] = {
    "nothing to do": ["unchanged"] * MANY,
    "all changed": ["changed"] * MANY,
    "all failed": ["failed"] * MANY,
    "some of each": (["unchanged"] * 96 + ["changed", "changed", "failed", "not_started"]) * (MANY // 100),
    "half not started": ["failed"] + ["changed"] * (MANY // 2 - 1) + ["not_started"] * (MANY // 2),
}


@pytest.mark.parametrize("mixture", MIXTURES)
def test_ten_thousand_keys_are_no_event_that_is_dropped(mixture: str) -> None:
    statuses = MIXTURES[mixture]
    result = _result(statuses)
    assert len(json.dumps(result)) < LONGEST
    assert result["kms_keys_shortened"] is True
    assert ("diff" in result) == ("changed" in statuses)
    assert len(result["kms_keys"]) + result.get("kms_keys_left_out", 0) == MANY
    names = [_key(place).name for place in range(MANY)]
    told = [names.index(entry["name"]) for entry in result["kms_keys"]]
    assert told == sorted(told), "the keys are in the order of the list"
    for place, entry in zip(told, result["kms_keys"], strict=True):
        assert _status(entry) == statuses[place]
    # The result omits details of lower importance first.
    kept = {statuses[place] for place in told}
    left_out = {statuses[place] for place in set(range(MANY)) - set(told)}
    order = ["failed", "not_started", "changed", "unchanged"]
    assert max(map(order.index, kept)) <= min(map(order.index, left_out), default=99)
    assert result["summary"]["total"] == MANY
    assert {name: result["summary"][name] for name in order} == {name: statuses.count(name) for name in order}


def test_what_did_not_change_is_shortened_first() -> None:
    statuses = (["unchanged"] * 9 + ["changed"]) * 60
    entries = _result(statuses)["kms_keys"]
    assert len(entries) == len(statuses), "no key is omitted"
    assert {("kms_key" in entry) for entry in entries if entry["changed"]} == {True}
    assert {("kms_key" in entry) for entry in entries if not entry["changed"]} == {False}


def test_few_keys_are_told_in_full() -> None:
    result = _result(["unchanged", "changed", "failed"])
    assert "kms_keys_shortened" not in result
    assert all("kms_key" in entry and "material_match" in entry for entry in result["kms_keys"])
    assert [diff["before_header"] for diff in result["diff"]] == [_key(1).name]


def test_reasons_are_quoted_once_and_not_all_of_them() -> None:
    msg = _result(["failed"] * 100)["msg"]
    assert msg.startswith("100 of 100 keys failed. ")
    assert msg.count("denied, for the reason") == 5
    assert msg.endswith("The other reasons are in kms_keys.")


def test_one_reason_of_many_keys_is_said_once() -> None:
    kept = [KeyRecord(failure=Failure("The target was not reached.")) for _key in range(100)]
    result = to_result([_key(place) for place in range(100)], FleetOutcome([Surveyed(one) for one in kept]))
    assert result["msg"].count("The target was not reached.") == 1
    assert _key(0).name in result["msg"]
    assert len(result["msg"]) < 2000


def test_a_list_of_one_key_fails_with_the_reason_of_that_key() -> None:
    key = _key(0)
    told = to_result([key], FleetOutcome([Surveyed(KeyRecord(failure=Failure("It was not reached.")))]))
    assert told["msg"] == f"{key.name}: It was not reached."


def test_warnings_are_counted() -> None:
    warnings = _result(["unchanged"] * 60)["warnings"]
    assert (len(warnings), warnings[-1]) == (51, "And 10 more warnings.")


def test_what_was_not_started_says_so() -> None:
    result = _result(["failed", "not_started", "not_started", "unchanged"])
    assert [entry["started"] for entry in result["kms_keys"]] == [True, False, False, True]
    assert "This exceeds max_failures, so 2 keys were not started." in result["msg"]
    assert (result["failed"], result["changed"]) == (True, False)
    assert "so 1 key was not started." in _result(["failed", "not_started"])["msg"]


def test_the_soonest_expiry() -> None:
    ends = ["2027-05-01T00:00:00+00:00", None, "2027-03-01T00:00:00+00:00"]
    surveyed = []
    for place, end in enumerate(ends):
        record = _record("unchanged", place)
        record.outcomes[0].after = {"valid_to": end}
        surveyed.append(Surveyed(record))
    result = to_result([_key(place) for place in range(3)], FleetOutcome(surveyed))
    assert result["summary"]["soonest_expiry"] == ends[2]
    assert [entry["valid_to"] for entry in result["kms_keys"]] == ends


def test_the_words_of_others_may_be_of_any_length() -> None:
    """The message names as many keys as possible. The message of each key is shortened at its end."""
    kept = [KeyRecord(failure=Failure(f"{place}: {'lost ' * 4000}")) for place in range(MANY)]
    for one in kept:
        one.notes.append(f"{one.failures[0].sentence} (a warning)")
    result = to_result([_key(place) for place in range(MANY)], FleetOutcome([Surveyed(one) for one in kept]))
    assert len(json.dumps(result)) < LONGEST
    assert len(result["kms_keys"]) > 500
    assert all(entry["msg"].startswith(f"{place}: lost") for place, entry in enumerate(result["kms_keys"]))
