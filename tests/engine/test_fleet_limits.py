# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The effect of failures on other keys: the canary, ``max_failures``, denied actions, and lost visits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fleet import CHANGES, LASTS, Entry, Fleet, FleetRun, calls, denied, foretold, losing, now, settled
from support.in_process import NEVER, visits, with_days
from support.materials import SYMMETRIC, new_material

from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Failure, Request, Seen

from .declared_regions import FAR, HOME, NEAR, arn_in

GONE = Failure("Failed to connect to the host via ssh.")


class Listed:
    """Keys that wait for their key material, and the entries for them."""

    def __init__(self, fleet: Fleet, number: int, spec: str = SYMMETRIC) -> None:
        self.keys = [ExternalKey.create(fleet.client, spec) for _number in range(number)]
        self.entries: list[Entry] = [
            {"key_id": key.arn, "key_material_src": fleet.file(new_material(spec))} for key in self.keys
        ]
        self._fleet = fleet

    def spoil(self, *places: int) -> None:
        """What the run sees before anything is written."""
        for place in places:
            self.entries[place]["key_material_src"] = self._fleet.file(new_material(SYMMETRIC)[1:])

    def states(self) -> str:
        """A letter for each key: Enabled, or PendingImport."""
        return "".join(key.state[0] for key in self.keys)


def deny_imports(emulator: Emulator, keys: Sequence[ExternalKey]) -> None:
    """What the run sees when it imports."""
    emulator.control.denied([denied("ImportKeyMaterial", key) for key in keys])


def not_started(told: FleetRun) -> str:
    return "".join("-" if entry["started"] else "n" for entry in told.entries)


@pytest.mark.parametrize(
    ("max_failures", "begun"), [(None, True), ("2", True), ("50%", True), ("1", False), ("49%", False), ("0", False)]
)
def test_failures_that_are_seen_before_anything_is_written(
    fleet: Fleet, emulator: Emulator, max_failures: str | None, begun: bool
) -> None:
    listed = Listed(fleet, 4)
    listed.spoil(1, 3)
    since = now(emulator)
    told = foretold(fleet, emulator, *listed.entries, max_failures=max_failures, **NEVER)
    assert listed.states() == ("EPEP" if begun else "PPPP")
    assert not_started(told) == ("----" if begun else "n-n-")
    assert told.result["summary"]["not_started"] == (0 if begun else 2)
    assert told.result["msg"].startswith(
        "2 of 4 keys failed. kms_keys"
        if begun
        else "2 of 4 keys failed. This exceeds max_failures, so 2 keys were not started. "
    ) or told.result["msg"].startswith("2 of 4 keys failed. arn:" if begun else "-"), told.result["msg"]
    if not begun:
        assert calls(emulator, since, CHANGES) == []
        assert not told.result["changed"]


@pytest.mark.parametrize(
    ("max_failures", "states"), [(None, "PPPPE"), ("4", "PPPPE"), ("0", "PPPPP"), ("100%", "PPPPE")]
)
def test_failures_while_it_is_carried_out(
    fleet: Fleet, emulator: Emulator, max_failures: str | None, states: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task starts few keys at a time. Of five keys, the last one starts after some have failed."""
    from ansible_collections.cloudkeys.aws.plugins.plugin_utils._fleet import run

    monkeypatch.setattr(run, "downloads_in_a_wave", lambda *_quotas: 1)
    listed = Listed(fleet, 5)
    deny_imports(emulator, listed.keys[:4])
    told = fleet.run(*listed.entries, max_failures=max_failures, **NEVER)
    assert listed.states() == states
    assert told.result["failed"]
    untouched = {entry["name"] for entry in told.entries if not entry["started"]}
    assert bool(untouched) == (states[4] == "P")
    imported = {
        call["key"]
        for call in emulator.control.calls()
        if call["operation"] in ("ImportKeyMaterial", "GetParametersForImport")
    }
    assert not untouched & imported
    assert all("kms:ImportKeyMaterial" in entry["msg"] for entry in told.entries if entry["failed"])
    if untouched:
        assert f"so {len(untouched)} keys were not started" in told.result["msg"]
        assert told.result["summary"]["not_started"] == len(untouched)
    emulator.control.denied([])
    fleet.run(*listed.entries, max_failures=max_failures, **NEVER).ok()
    assert listed.states() == "EEEEE"
    settled(fleet, emulator, *listed.entries, **NEVER)


def test_the_last_key_may_fail_without_a_word_of_others(fleet: Fleet, emulator: Emulator) -> None:
    """All other keys were started."""
    listed = Listed(fleet, 2)
    deny_imports(emulator, listed.keys)
    told = fleet.run(*listed.entries, max_failures="0", **NEVER)
    assert told.result["summary"]["failed"] == 2
    assert "not started" not in told.result["msg"]


CANARIES: dict[str, Any] = {"by name": lambda listed: [listed.keys[2].arn], "by number": lambda _listed: 1}


@pytest.mark.parametrize("way", CANARIES)
def test_a_canary_that_works_goes_first_and_alone(fleet: Fleet, emulator: Emulator, way: str) -> None:
    listed = Listed(fleet, 4)
    first = 2 if way == "by name" else 0
    since = now(emulator)
    foretold(fleet, emulator, *listed.entries, canary=CANARIES[way](listed), **NEVER).ok()
    imports = [call["key"] for call in emulator.control.calls()[since:] if call["operation"] == "ImportKeyMaterial"]
    touched = [call["key"] for call in emulator.control.calls()[since:] if call["operation"] in CHANGES]
    assert touched[:2] == [listed.keys[first].arn] * 2, "its import comes before the parameters of any other"
    assert imports[0] == listed.keys[first].arn
    assert listed.states() == "EEEE"


@pytest.mark.parametrize("way", CANARIES)
def test_a_canary_that_fails_while_it_is_carried_out(fleet: Fleet, emulator: Emulator, way: str) -> None:
    listed = Listed(fleet, 4)
    first = 2 if way == "by name" else 0
    deny_imports(emulator, [listed.keys[first]])
    since = now(emulator)
    told = fleet.run(*listed.entries, canary=CANARIES[way](listed), **NEVER)
    assert not_started(told) == "".join("-" if place == first else "n" for place in range(4))
    assert told.result["msg"].startswith("1 of 4 keys failed. The canary failed, so 3 keys were not started. ")
    changed = {call["key"] for call in emulator.control.calls()[since:] if call["operation"] in CHANGES}
    assert changed == {listed.keys[first].arn}
    assert listed.states() == "PPPP"


def test_a_canary_that_fails_when_it_is_looked_at(fleet: Fleet, emulator: Emulator) -> None:
    listed = Listed(fleet, 4)
    listed.spoil(2)
    since = now(emulator)
    told = foretold(fleet, emulator, *listed.entries, canary=CANARIES["by name"](listed), **NEVER)
    assert not_started(told) == "nn-n"
    assert told.result["msg"].startswith("1 of 4 keys failed. The canary failed, so 3 keys were not started. ")
    assert calls(emulator, since, CHANGES) == []


def test_a_canary_by_number_is_one_of_those_that_are_due(fleet: Fleet, emulator: Emulator) -> None:
    """A key that could not be read does not count as one."""
    listed = Listed(fleet, 3)
    listed.spoil(0)
    told = foretold(fleet, emulator, *listed.entries, canary=1, **NEVER)
    assert (not_started(told), listed.states()) == ("---", "PEE")


def test_a_canary_with_nothing_to_do(fleet: Fleet, emulator: Emulator) -> None:
    listed = Listed(fleet, 3)
    fleet.run(listed.entries[1], **NEVER).ok()
    foretold(fleet, emulator, *listed.entries, canary=[listed.keys[1].arn], **NEVER).ok()
    assert listed.states() == "EEE"


DENIED = {
    "DescribeKey": "",
    "ListKeyRotations": "",
    "GetParametersForImport": "kms:GetParametersForImport",
    "ImportKeyMaterial": "kms:ImportKeyMaterial",
}


@pytest.mark.parametrize("operation", DENIED)
def test_a_denied_action_is_one_key_s_own(fleet: Fleet, emulator: Emulator, operation: str) -> None:
    listed = Listed(fleet, 3)
    emulator.control.denied([denied(operation, listed.keys[1])])
    told = fleet.run(*listed.entries, **NEVER)
    assert (listed.keys[0].state, listed.keys[2].state) == ("Enabled", "Enabled")
    if operation == "ListKeyRotations":
        return
    assert told.each("failed") == [False, True, False]
    assert f"kms:{operation}" in told.entries[1]["msg"]
    assert told.entries[1]["kms_error"]["operation"] == operation
    emulator.control.denied([])
    fleet.run(*listed.entries, **NEVER).ok()
    assert listed.states() == "EEE"


@pytest.mark.parametrize("operation", ["CreateKey", "CreateAlias", "TagResource", "UntagResource", "ListAliases"])
def test_a_denied_action_of_new_keys(fleet: Fleet, kms: Any, emulator: Emulator, operation: str) -> None:
    """The other keys are finished. The message lists the changes to this key, and the next run continues with it."""
    listed = Listed(fleet, 2)
    new = {"alias": "new", "tags": {"a": "1"}, "key_material_src": fleet.file(new_material(SYMMETRIC))}
    emulator.control.denied([operation])
    told = fleet.run(*listed.entries, new, **NEVER)
    assert listed.states() == "EE"
    emulator.control.denied([])
    if not told.of("alias/new")["failed"]:
        assert operation == "TagResource"
        return
    assert f"kms:{operation}" in told.of("alias/new")["msg"]
    fleet.run(*listed.entries, new, **NEVER).ok()
    assert len(kms.list_keys()["Keys"]) == 3
    settled(fleet, emulator, *listed.entries, new, **NEVER)


@pytest.mark.parametrize("done", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_lost_visit(fleet: Fleet, kms: Any, emulator: Emulator, number: int, done: bool) -> None:
    """Known results are reported, others are reported as unknown, and the next run finishes the work."""
    listed = Listed(fleet, 2)
    new = {"alias": "new", "key_material_src": fleet.file(new_material(SYMMETRIC))}
    entries = [*listed.entries, new]
    told = fleet.run(*entries, visit=losing(visits(kms), number, GONE, done=done), **NEVER)
    assert told.result["failed"]
    assert GONE.sentence in told.result["msg"]
    changed = listed.states() != "PP" or bool(kms.list_keys()["Keys"][2:])
    assert told.result["changed"] or not changed, "what may have been done is not said to be unchanged"
    if number == 2:
        assert told.of("alias/new")["actions_unconfirmed"] == ["create_key", "create_alias", "untag_resource"]
        assert "KMS may or may not have performed it" in told.of("alias/new")["msg"]
        assert [entry["changed"] for entry in told.entries[:2]] == [False, False], "they were looked at"
    again = fleet.run(*entries, **NEVER).ok()
    assert again.result["summary"]["failed"] == 0
    assert listed.states() == "EE"
    assert len(kms.list_keys()["Keys"]) == 3
    settled(fleet, emulator, *entries, **NEVER)


@pytest.mark.usefixtures("pauses_of_the_emulator")
@pytest.mark.parametrize("operation", ["DescribeKey", "ImportKeyMaterial"])
def test_a_replica_key_that_fails_leaves_the_others_to_be_renewed(
    emulator: Emulator, account: str, tmp_path: Path, operation: str
) -> None:
    """The failure occurs before the first change, or during the changes."""
    home = Fleet(emulator.client(HOME, account), tmp_path)
    key = with_days(home.client, emulator, "payments", 10, new_material("HMAC_256"), spec="HMAC_256", MultiRegion=True)
    replicas = [emulator.replicate(key, region) for region in (NEAR, FAR)]
    emulator.control.denied([{"operation": operation, "key": arn_in(NEAR, key)}])
    entry = {"key_id": key.arn, "replicas": True, "key_material_src": home.file(key.material)}
    seen_before = operation == "DescribeKey"
    told = foretold(home, emulator, entry, **LASTS) if seen_before else home.run(entry, **LASTS)
    assert told.result["failed"]
    assert f"kms:{operation}" in told.result["msg"]
    assert told.each("actions") == [["reimport"]]
    assert [key.state, replicas[1].state] == ["Enabled", "Enabled"]
    left = datetime.fromisoformat(str(told.entries[0]["valid_to"])) - emulator.now()
    assert left > timedelta(days=89)


def test_an_answer_that_makes_no_sense_is_one_key_s_own(fleet: Fleet, kms: Any) -> None:
    """For any exception, the changes to the other keys are reported."""
    carry = visits(kms)
    nothing: Any = None

    def visit(requests: Sequence[Request]) -> Sequence[Any]:
        return [
            answer._replace(facts=nothing) if isinstance(answer, Seen) and request.key == odd.arn else answer
            for request, answer in zip(requests, carry(requests), strict=True)
        ]

    listed = Listed(fleet, 2)
    odd = listed.keys[1]
    told = fleet.run(*listed.entries, visit=visit, **NEVER)
    assert told.each("failed") == [False, True]
    assert told.each("changed") == [True, False]
    assert f"{odd.arn}: the task failed with AttributeError in " in told.result["msg"]
    assert listed.states() == "EP"
