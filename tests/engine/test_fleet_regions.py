# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of a list in several Regions, and their replica keys."""

from __future__ import annotations

from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fleet import LASTS, NEW, Fleet, exists, foretold
from support.in_process import NEVER
from support.materials import SAMPLES, SYMMETRIC, new_material

from .declared_regions import FAR, HOME, NEAR, REGIONS


def test_keys_by_arn_in_several_regions(fleet: Fleet, emulator: Emulator, account: str) -> None:
    found = [
        ExternalKey.create(emulator.client(region, account), spec)
        for region, spec in zip(REGIONS, SAMPLES, strict=False)
    ]
    entries = [{"key_id": key.arn, "key_material_src": fleet.file(new_material(key.spec))} for key in found]
    done = foretold(fleet, emulator, *entries, **NEVER).ok()
    assert done.each("region") == list(REGIONS)
    assert done.each("actions") == [["import"]] * 3
    assert [key.state for key in found] == ["Enabled"] * 3


def test_aliases_in_several_regions(fleet: Fleet, emulator: Emulator, account: str) -> None:
    """Each Region has an alias with this name, for a separate key."""
    entries = [
        {"alias": "payments", "region": region, "key_material_src": fleet.file(new_material(SYMMETRIC))}
        for region in REGIONS
    ]
    done = foretold(fleet, emulator, *entries, **NEVER).ok()
    assert [arn.split(":")[3] for arn in done.each("arn")] == list(REGIONS)
    assert all(exists(emulator.client(region, account), "alias/payments") for region in REGIONS)


@pytest.mark.usefixtures("pauses_of_the_emulator")
@pytest.mark.parametrize("spec", [SYMMETRIC, "HMAC_256"])
def test_new_keys_in_every_region(home: Fleet, emulator: Emulator, account: str, spec: str) -> None:
    entry = {
        "alias": "payments",
        "key_spec": spec,
        "multi_region": True,
        "replica_regions": [NEAR, FAR],
        "key_material_src": home.file(new_material(spec)),
        "description": "one",
    }
    done = foretold(home, emulator, entry, **LASTS).ok()
    (entry_told,) = done.entries
    assert entry_told["actions"] == [*NEW, "import", "replicate_key", "replicate_key"]
    assert [one["region"] for one in entry_told["replicas"]] == [NEAR, FAR]
    assert [one["kms_key"]["region"] for one in entry_told["regions"]] == [HOME, NEAR, FAR]
    shown = [emulator.client(region, account).describe_key(KeyId="alias/payments")["KeyMetadata"] for region in REGIONS]
    assert [one["KeyState"] for one in shown] == ["Enabled"] * 3
    assert {one["KeyId"] for one in shown} == {shown[0]["KeyId"]}
    assert [one["Description"] for one in shown] == ["one"] * 3


@pytest.mark.usefixtures("pauses_of_the_emulator")
@pytest.mark.parametrize("spec", [SYMMETRIC, "HMAC_256"])
def test_a_region_added_later(home: Fleet, emulator: Emulator, account: str, spec: str) -> None:
    entry: dict[str, Any] = {
        "alias": "payments",
        "key_spec": spec,
        "multi_region": True,
        "key_material_src": home.file(new_material(spec)),
    }
    home.run({**entry, "replica_regions": [NEAR]}, **NEVER).ok()
    entry["replica_regions"] = [NEAR, FAR]
    done = foretold(home, emulator, entry, **NEVER).ok()
    assert done.each("actions") == [["replicate_key"]]
    assert emulator.client(FAR, account).describe_key(KeyId="alias/payments")["KeyMetadata"]["KeyState"] == "Enabled"


@pytest.mark.usefixtures("pauses_of_the_emulator")
def test_a_region_added_later_needs_an_expiration(home: Fleet, emulator: Emulator, account: str) -> None:
    """The task does not create a replica key if it cannot import its key material."""
    entry: dict[str, Any] = {
        "alias": "payments", "multi_region": True, "key_material_src": home.file(new_material(SYMMETRIC)),
    }  # fmt: skip
    home.run(entry, **NEVER).ok()
    entry["replica_regions"] = [NEAR]
    told = foretold(home, emulator, entry)
    assert "its expiration is not declared" in told.entries[0]["msg"]
    assert not exists(emulator.client(NEAR, account), "alias/payments")
    foretold(home, emulator, entry, **NEVER).ok()


@pytest.mark.usefixtures("pauses_of_the_emulator")
def test_a_primary_key_that_waits_for_its_key_material(home: Fleet, emulator: Emulator, account: str) -> None:
    """The state after an interrupted run. The replica keys follow the import, and check mode predicts them."""
    entry = {"alias": "payments", "multi_region": True, "replica_regions": [NEAR]}
    home.run(entry).ok()
    entry["key_material_src"] = home.file(new_material(SYMMETRIC))
    done = foretold(home, emulator, entry, **NEVER).ok()
    assert done.each("actions") == [["import", "replicate_key"]]
    assert emulator.client(NEAR, account).describe_key(KeyId="alias/payments")["KeyMetadata"]["KeyState"] == "Enabled"


@pytest.mark.usefixtures("pauses_of_the_emulator")
def test_replica_keys_without_replica_regions(home: Fleet, emulator: Emulator) -> None:
    """The existing replica keys are found with the ARN of their primary key."""
    key = ExternalKey.imported(home.client, MultiRegion=True)
    replica = emulator.replicate(key, NEAR)
    done = foretold(
        home, emulator, {"key_id": key.arn, "replicas": True, "key_material_src": home.file(key.material)},
        on_unknown_material="reimport", **NEVER,
    ).ok()  # fmt: skip
    assert [one["kms_key"]["region"] for one in done.entries[0]["regions"]] == [HOME, NEAR]
    assert (key.state, replica.state) == ("Enabled", "Enabled")
