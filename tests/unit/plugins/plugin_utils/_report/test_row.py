# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One key of a report: it is reported as good only if it was read and is good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._report.entry import Reading, describe
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.row import Regions, make_row

from ...module_utils.keys import CURRENT, EARLIER, IMPORTED, LABEL, NOW, STAGED, SYMMETRIC

PENDING, EVERYWHERE = "PENDING_ROTATION", "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
TO_ROTATE_TO = "the key material that is to be rotated to is"


def material(name: str, state: str, days: float | None = None, **more: Any) -> Material:
    model = "KEY_MATERIAL_DOES_NOT_EXPIRE" if days is None else "KEY_MATERIAL_EXPIRES"
    end = None if days is None else NOW + timedelta(days)
    return Material(name, state, "IMPORTED", **{"expiration_model": model, "valid_to": end, **more})


def entry(facts: KeyFacts, **unread: str) -> dict[str, Any]:
    return describe(Reading(facts.arn, facts, exists=True, unread=unread), NOW)


def row(key: dict[str, Any], regions: Regions | None = None, **limits: Any) -> dict[str, Any]:
    return make_row(key, "here", regions, **{"now": NOW, "warn_within_days": 30, "fail_within_days": None, **limits})


@pytest.mark.parametrize(("seconds", "days"), [(-5, 0), (0, 0), (86_399, 0), (86_400, 1), (7 * 86_400 - 1, 6)])
def test_days_left_are_whole_days_from_the_time_of_the_report(seconds: int, days: int) -> None:
    end = NOW + timedelta(seconds=seconds)
    facts = IMPORTED._replace(valid_to=end, materials=(material(CURRENT, "CURRENT", seconds / 86_400),))
    # Its source was read some hours before another source.
    told = row({**entry(facts), "days_left": 99})
    assert (told["days_left"], told["expires_at"]) == (days, end.isoformat())
    assert told["materials"][0]["days_left"] == days
    assert row(entry(facts), now=NOW - timedelta(days=1))["days_left"] == max(0, (seconds + 86_400) // 86_400)


def rotated(times: int, *more: Material) -> KeyFacts:
    """A key with this number of rotations."""
    older = [material(f"{number:064}", "NON_CURRENT", rotation_type="ON_DEMAND") for number in range(1, times)]
    current = material(CURRENT, "CURRENT", rotation_type="ON_DEMAND" if times else None)
    return IMPORTED._replace(materials=(current, material(EARLIER, "NON_CURRENT"), *older, *more))


@pytest.mark.parametrize(
    ("times", "status", "warnings"),
    [
        (0, "never", []),
        (21, "never", []),
        (22, "attention", ["3 rotations left"]),
        (24, "attention", ["1 rotation left"]),
        (25, "attention", ["no rotation left"]),
    ],
)
def test_few_rotations_need_attention(times: int, status: str, warnings: list[str]) -> None:
    told = row(entry(rotated(times)))
    assert (told["status"], told["warnings"], told["rotations_left"]) == (status, warnings, 25 - times)


def test_a_key_with_a_staged_material() -> None:
    told = row(entry(rotated(0, material(STAGED, PENDING, 300))))
    assert (told["status"], told["warnings"], told["pending_rotation"]) == ("later", [], PENDING)
    told = row(entry(rotated(0, material(STAGED, PENDING, 3))))
    assert (told["status"], told["days_left"]) == ("soon", 3)
    assert row(entry(rotated(0, material(STAGED, PENDING, 3))), fail_within_days=7)["status"] == "critical"
    # It has expired, but KMS still returns it unchanged.
    assert row(entry(rotated(0, material(STAGED, PENDING, -3))))["status"] == "soon"
    assert row(entry(rotated(0)))["pending_rotation"] is None


def test_a_replica_without_the_staged_material() -> None:
    replica = rotated(0, Material(STAGED, EVERYWHERE, "PENDING_IMPORT"))._replace(multi_region_key_type="REPLICA")
    told = row(entry(replica))
    assert (told["status"], told["warnings"]) == ("attention", [f"{TO_ROTATE_TO} missing"])


def test_key_materials_that_could_not_be_listed() -> None:
    unlisted = IMPORTED._replace(materials=None)
    told = row(entry(unlisted, materials="denied"))
    assert (told["status"], told["materials"]) == ("attention", None)
    assert told["warnings"] == ["its key materials could not be listed"]
    # Asymmetric and HMAC keys have no list of key materials.
    assert row(entry(unlisted._replace(key_spec="HMAC_256")))["status"] == "never"


def undated(days: float | None = None) -> dict[str, Any]:
    """KMS returned an expiration model without a date, for the key or for one of its key materials."""
    current = material(CURRENT, "CURRENT", days)
    without = material(EARLIER, "NON_CURRENT", expiration_model="KEY_MATERIAL_EXPIRES")
    return entry(IMPORTED._replace(valid_to=current.valid_to, materials=(current, without)))


@pytest.mark.parametrize(
    ("key", "status"),
    [
        (
            entry(IMPORTED._replace(materials=None, key_spec="RSA_3072", expiration_model="KEY_MATERIAL_EXPIRES")),
            "unknown",
        ),
        (undated(), "unknown"),
        (undated(300), "unknown"),
        (undated(20), "soon"),
        (undated(3), "critical"),
    ],
    ids=["key", "material", "later", "soon", "critical"],
)
def test_an_expiration_without_a_date_is_not_a_key_that_does_not_expire(key: dict[str, Any], status: str) -> None:
    told = row(key, fail_within_days=7)
    assert told["status"] == status
    assert told["unread"] == {"expiration": "the key material expires, but KMS returned no date"}


def test_a_named_key_that_takes_no_imports_needs_attention() -> None:
    told = row(entry(KeyFacts.from_kms({"KeyId": "x", "Arn": IMPORTED.arn, "KeyState": "Enabled"})))
    assert (told["status"], told["import_state"]) == ("attention", None)
    assert told["warnings"] == ["its origin is AWS_KMS, so it has no imported key material"]


@pytest.mark.parametrize("status", ["missing", "soon", "deleting", "unknown"])
def test_attention_hides_nothing_worse(status: str) -> None:
    facts = {
        "missing": rotated(25)._replace(
            key_state="PendingImport", materials=(Material(CURRENT, "CURRENT", "PENDING_IMPORT"),)
        ),
        "soon": rotated(25, material(STAGED, PENDING, 3)),
        "deleting": rotated(25)._replace(key_state="PendingDeletion"),
        "unknown": rotated(25),
    }[status]
    key = entry(facts, **({"key": "denied"} if status == "unknown" else {}))
    assert row(key)["status"] == status


def primary(*materials: Material) -> dict[str, Any]:
    facts = IMPORTED._replace(multi_region=True, multi_region_key_type="PRIMARY")
    return entry(facts._replace(materials=(*(facts.materials or ()), *materials)))


def elsewhere(import_state: str, **states: str) -> dict[str, Any]:
    """A key in another Region, with these import states of key materials."""
    names = {"current": CURRENT, "staged": STAGED}
    materials = [{"key_material_id": names[name], "import_state": state} for name, state in states.items()]
    return {"import_state": import_state, "materials": materials}


IN, OUT = "IMPORTED", "PENDING_IMPORT"


@pytest.mark.parametrize(
    ("there", "status", "words", "warnings"),
    [
        ([elsewhere(IN), elsewhere(IN)], "never", "3 of 3 imported", []),
        ([elsewhere(OUT), elsewhere(IN)], "attention", "2 of 3 imported", ["key material is missing in r1"]),
        ([elsewhere(OUT), elsewhere(OUT)], "attention", "1 of 3 imported", ["key material is missing in r1, r2"]),
        (
            [elsewhere(OUT), None],
            "attention",
            "1 of 3 imported, 1 not known",
            ["key material is missing in r1", "key material is not known in r2"],
        ),
        (
            [None, None],
            "attention",
            "1 of 3 imported, 2 not known",
            ["key material is not known in r1, r2"],
        ),
    ],
)
def test_all_regions_of_a_primary_key(there: list[Any], status: str, words: str, warnings: list[str]) -> None:
    key = primary()
    told = row(key, {"r0": key, "r1": there[0], "r2": there[1]})
    assert (told["status"], told["replica_import_state"], told["warnings"]) == (status, words, warnings)
    assert list(told["regions"]) == ["r0", "r1", "r2"]


@pytest.mark.parametrize(
    ("there", "words", "warnings"),
    [
        ([elsewhere(IN, staged=IN), elsewhere(IN, staged=IN)], "3 of 3 imported", []),
        ([elsewhere(IN, staged=OUT), elsewhere(IN, staged=IN)], "2 of 3 imported", [f"{TO_ROTATE_TO} missing in r1"]),
        (
            # One Region's list is unknown, and the other Region's list does not contain the key material yet.
            [{**elsewhere(IN), "materials": None}, elsewhere(IN, current=IN)],
            "1 of 3 imported, 2 not known",
            [f"{TO_ROTATE_TO} not known in r1, r2"],
        ),
    ],
)
def test_all_regions_of_a_staged_material(there: list[Any], words: str, warnings: list[str]) -> None:
    key = primary(material(STAGED, EVERYWHERE))
    told = row(key, {"r0": key, "r1": there[0], "r2": there[1]})
    assert (told["materials"][1]["replica_import_state"], told["warnings"]) == (words, warnings)
    assert told["status"] == ("attention" if warnings else "never")


def test_one_region_alone_is_no_matter() -> None:
    key = primary()
    assert row(key, {"r0": key})["replica_import_state"] is None
    assert (row(key)["replica_import_state"], row(key)["regions"]) == (None, None)


def test_times_with_their_zone_and_no_labels() -> None:
    end = material(CURRENT, "CURRENT", 300, description=f"safe 2 {LABEL}", rotation_type="ON_DEMAND")
    facts = SYMMETRIC._replace(
        expiration_model=end.expiration_model,
        valid_to=end.valid_to,
        materials=(end._replace(rotation_date=NOW),),
        rotation_started=NOW,
    )
    told = row(entry(facts))
    assert told["rotation_started_at"] == NOW.isoformat()
    assert told["materials"] == [
        {
            "key_material_id": CURRENT,
            "state": "CURRENT",
            "import_state": "IMPORTED",
            "expires_at": (NOW + timedelta(300)).isoformat(),
            "days_left": 300,
            "rotated_at": NOW.isoformat(),
            "rotation_type": "ON_DEMAND",
            "description": "safe 2",
            "replica_import_state": None,
        }
    ]
