# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes by another user to the keys of a list during a run, and entries that refer to the same key."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from support.declared_keys import keys, tags
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fleet import CHANGES, LASTS, Entry, Fleet, calls, now, settled
from support.in_process import NEVER, patient_client, run_one, visits, with_days
from support.materials import SYMMETRIC, new_material

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.traffic import PatienceExceeded, Traffic

from .declared_regions import NEAR


def meanwhile(client: Any, number: int, act: Callable[[], Any]) -> Any:
    """Visits. Another user acts after the visit with this number, counted from 1."""
    visit, count = visits(client), itertools.count(1)

    def carry(requests: Sequence[Any]) -> Any:
        answers = visit(requests)
        if next(count) == number:
            act()
        return answers

    return carry


def moved(client: Any, key: ExternalKey) -> Callable[[], Any]:
    return lambda: client.update_alias(AliasName="alias/payments", TargetKeyId=key.id)


@pytest.mark.parametrize("of_key", [{}, {"tags": {"a": "1"}}], ids=["material", "tags, too"])
def test_an_alias_that_is_moved_after_the_look(fleet: Fleet, kms: Any, emulator: Emulator, of_key: Entry) -> None:
    """The other key belongs to another entry. It gets neither the key material nor another setting of this entry."""
    own = with_days(kms, emulator, "payments", 10)
    other = ExternalKey.create(kms)
    meant = new_material(SYMMETRIC)
    entries: list[Entry] = [
        {"alias": "payments", "key_material_src": fleet.file(own.material), **of_key},
        {"key_id": other.arn, "key_material_src": fleet.file(meant)},
    ]
    told = fleet.run(*entries, visit=meanwhile(kms, 1, moved(kms, other)), **LASTS)
    assert told.each("failed") == [True, False]
    assert (
        f"alias/payments pointed to {own.arn} when this task first read it, but now points to {other.arn}"
        in (told.entries[0]["msg"])
    )
    assert tags(kms, other.arn) == {}
    assert run_one(kms, other, meant)["material_match"] == "same"


def test_an_alias_that_is_deleted_after_the_look(fleet: Fleet, kms: Any, emulator: Emulator) -> None:
    """The task does not create a second key."""
    own = with_days(kms, emulator, "payments", 10)
    entry = {"alias": "payments", "key_material_src": fleet.file(own.material)}
    told = fleet.run(entry, visit=meanwhile(kms, 1, lambda: kms.delete_alias(AliasName="alias/payments")), **LASTS)
    assert "but now points to no key" in told.entries[0]["msg"]
    assert keys(kms) == [own.arn]


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("named", ["alias", "key_id"])
def test_an_alias_that_is_moved_at_any_moment_of_a_rotation(
    fleet: Fleet, kms: Any, emulator: Emulator, number: int, named: str
) -> None:
    """The other key is not changed, regardless of the result for this key."""
    emulator.control.rotation(0.01)
    own = with_days(kms, emulator, "payments", 80)
    other = ExternalKey.create(kms)
    entry = {
        named: "alias/payments",
        "key_material_src": fleet.file(new_material(SYMMETRIC)),
        "on_different_material": "rotate",
        "previous_key_materials": [{"key_material_src": fleet.file(own.material)}],
    }
    since = now(emulator)
    fleet.run(entry, visit=meanwhile(kms, number, moved(kms, other)), **LASTS)
    touched = [call for call in emulator.control.calls()[since:] if call["operation"] in CHANGES]
    assert other.arn not in {call["key"] for call in touched}
    assert other.state == "PendingImport"


def test_two_entries_for_an_alias_that_is_to_be_created(fleet: Fleet, kms: Any, emulator: Emulator) -> None:
    """The Region of one of them is that of the task, which only the target knows."""
    own = kms.meta.region_name
    fleet.client = SimpleNamespace(meta=SimpleNamespace(region_name=None))
    entries = [
        {"alias": "payments", "key_material_src": fleet.file(new_material(SYMMETRIC)), **region}
        for region in ({}, {"region": own})
    ]
    since = now(emulator)
    for check_mode in (True, False):
        with pytest.raises(Refusal, match=f"refer to the same key, alias/payments in Region {own}"):
            fleet.run(*entries, check_mode=check_mode, visit=visits(kms), **NEVER)
    assert calls(emulator, since, CHANGES) == []


@pytest.mark.usefixtures("pauses_of_the_emulator")
@pytest.mark.parametrize("there", [True, False], ids=["there", "new"])
def test_a_replica_key_by_an_entry_of_its_own(home: Fleet, emulator: Emulator, account: str, there: bool) -> None:
    content = home.file(new_material(SYMMETRIC))
    primary: Entry = {
        "alias": "payments", "multi_region": True, "replica_regions": [NEAR], "key_material_src": content,
    }  # fmt: skip
    replica: Entry = {"alias": "payments", "region": NEAR, "description": "other", "key_material_src": content}
    if there:
        home.run(primary, **NEVER).ok()
        near = emulator.client(NEAR, account).describe_key(KeyId="alias/payments")["KeyMetadata"]["Arn"]
        replica = {"key_id": near, "key_material_src": content, "valid_to": "2198-01-01T00:00:00Z"}
    since = now(emulator)
    with pytest.raises(Refusal, match="refer to the same key"):
        home.run(primary, replica, **NEVER)
    assert calls(emulator, since, CHANGES) == []
    if there:
        # Its key material may have an entry of its own where the other one is not for it.
        settled(home, emulator, {**primary, "replicas": False}, {**replica, "valid_to": None}, **NEVER)


@pytest.mark.usefixtures("pauses_of_the_emulator")
def test_a_look_at_a_replica_key_that_is_postponed(
    home: Fleet, emulator: Emulator, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is read again, and no key fails."""
    entry: Entry = {"alias": "payments", "multi_region": True, "replica_regions": [NEAR], "tags": {"a": "1"}}
    entry["key_material_src"] = home.file(new_material(SYMMETRIC))
    home.run(entry, **NEVER).ok()
    send, postponed = Traffic.send, iter([True])

    def send_in_time(self: Traffic, operation: str, key: str, region: str, *request: Any, **how: Any) -> Any:
        if operation == "ListResourceTags" and region == NEAR and next(postponed, False):
            raise PatienceExceeded(operation, key, region)
        return send(self, operation, key, region, *request, **how)

    monkeypatch.setattr(Traffic, "send", send_in_time)
    patient = visits(
        patient_client(home.client),
        lambda client, region: patient_client(emulator.client(region or client.meta.region_name, account)),
    )
    assert not home.run(entry, visit=patient, **NEVER).ok().result["changed"]
    assert next(postponed, None) is None
