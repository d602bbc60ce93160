# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys that a drill is allowed to change, and its turns, one for each key material."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._copies.drill import (
    find_faults,
    make_imports,
    make_turns,
    read_notes,
)

ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
END = "2027-01-01T00:00:00+00:00"
NEVER = {"expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE", "valid_to": None}
EXPIRES = {"expiration_model": "KEY_MATERIAL_EXPIRES", "valid_to": END}


def copy(name: str, **options: Any) -> dict[str, Any]:
    return {"name": name, "options": {"key_material_src": f"/custody/{name}", **options}}


def key(*previous: dict[str, Any], **own: Any) -> dict[str, Any]:
    return {"key_id": ARN, "own": copy("now", **own), "previous": list(previous)}


def material(key_material_id: str, state: str = "NON_CURRENT", **more: Any) -> dict[str, Any]:
    return {"key_material_id": key_material_id, "state": state, "import_state": "IMPORTED", **NEVER, **more}


def shown(**more: Any) -> dict[str, Any]:
    """The result of kms_key_material_info for a canary key with two key materials."""
    return {
        "arn": ARN,
        "unread": {},
        "tags": {"cloudkeys.aws/canary": "true"},
        "origin": "EXTERNAL",
        "key_state": "Enabled",
        "import_state": "IMPORTED",
        "current_key_material_id": "b",
        "materials": [material("b", "CURRENT"), material("a", **EXPIRES)],
        **EXPIRES,
        **more,
    }


def result(*ids: str | None) -> dict[str, Any]:
    return {"previous_key_materials": [{"key_material_id": one} for one in ids]}


def test_a_canary() -> None:
    assert find_faults([key()], [shown()]) == []
    assert find_faults([key()], [shown(key_state="PendingImport", import_state="PENDING_IMPORT")]) == []


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        ({"tags": {}}, "is not a canary key: its tag cloudkeys.aws/canary is missing"),
        ({"tags": None}, "is not a canary key"),
        ({"tags": {"cloudkeys.aws/canary": "True"}}, "has the value 'True', but must be 'true'"),
        ({"tags": {"cloudkeys.aws/canary": "false"}}, "has the value 'false'"),
        ({"tags": None, "unread": {"tags": "kms:ListResourceTags is denied"}}, "kms:ListResourceTags is denied"),
        ({"unread": {"key": "kms:DescribeKey is denied"}}, "could not be described: kms:DescribeKey is denied"),
        ({"unread": {"materials": "kms:ListKeyRotations is denied"}}, "kms:ListKeyRotations is denied"),
        ({"arn": ARN.replace("1234", "4321")}, "KMS answered for another key"),
        ({"origin": "AWS_KMS"}, "has the origin AWS_KMS"),
        ({"key_state": "Disabled"}, "is Disabled"),
        ({"key_state": "PendingDeletion"}, "is PendingDeletion"),
        ({"materials": []}, "never had key material"),
        ({"materials": [material("b", "CURRENT"), material("c", "PENDING_ROTATION")]}, "c is staged for a rotation"),
    ],
)
def test_what_is_no_canary(seen: dict[str, Any], told: str) -> None:
    (fault,) = find_faults([key()], [shown(**seen)])
    assert told in fault
    assert fault.startswith(ARN)


def test_each_key_material_has_its_turn_and_keeps_its_expiration() -> None:
    faults, (first, second) = make_turns([key(copy("old"))], [shown()], [result("a")])
    assert faults == []
    assert [(one["file"], one["key_material_id"], one["ends_key"]) for one in (first, second)] == [
        ("now", "b", False),
        ("old", "a", True),
    ]
    assert second["source"] == {"key_material_src": "/custody/old"}
    for turn in (first, second):
        own, (older,) = turn["restore"]["own"], turn["restore"]["previous"]
        assert own == {"key_material_src": "/custody/now", "expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
        assert older == {"key_material_src": "/custody/old", "key_material_id": "a", **EXPIRES}


def test_what_is_declared_is_kept() -> None:
    _faults, (turn, _second) = make_turns([key(copy("old"), valid_for="90d")], [shown()], [result("a")])
    assert turn["restore"]["own"] == {"key_material_src": "/custody/now", "valid_for": "90d"}
    assert turn["restore"]["previous"] == [{"key_material_src": "/custody/old", "key_material_id": "a"}]
    _faults, (turn, _second) = make_turns([key(copy("old", valid_to=END))], [shown()], [result("a")])
    assert turn["restore"]["previous"][0]["valid_to"] == END
    assert turn["restore"]["own"]["expiration_model"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"


def test_key_material_without_a_copy() -> None:
    (fault,), _turns = make_turns([key()], [shown()], [{}])
    assert fault == f"{ARN} requires key material of which no copy is given: a. Give it in previous_key_materials."


def test_what_only_kms_can_tell_has_no_turn_in_check_mode() -> None:
    faults, (turn,) = make_turns([key(copy("old"))], [shown()], [result(None)])
    assert faults == []
    assert (turn["file"], turn["ends_key"]) == ("now", True)


def test_a_key_with_one_key_material_that_has_no_id() -> None:
    faults, (turn,) = make_turns([key()], [shown(materials=None, current_key_material_id=None)], [{}])
    assert faults == []
    assert turn["key_material_id"] is None
    assert turn["restore"]["own"] == {"key_material_src": "/custody/now", **EXPIRES}


def test_what_a_drill_left_is_restored_as_it_was() -> None:
    keys = [key(copy("old"))]
    _faults, (turn, _second) = make_turns(keys, [shown()], [result("a")])
    faults, notes = read_notes([json.dumps(turn["notes"])], keys)
    assert faults == []
    lacking = shown(key_state="PendingImport", import_state="PENDING_IMPORT")
    (imports,) = make_imports(keys, [lacking], notes)
    assert imports["own"]["expiration_model"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    assert imports["previous"][0]["valid_to"] == END
    (untouched,) = make_imports(keys, [shown()], notes)
    assert untouched["own"] == {"key_material_src": "/custody/now"}


def test_notes_that_do_not_know_every_copy_are_not_used() -> None:
    """A copy that is not in the notes would get the expiration of the current key material."""
    noted = {ARN: {"now": NEVER}}
    lacking = shown(key_state="PendingImport", import_state="PENDING_IMPORT")
    (imports,) = make_imports([key(copy("another"))], [lacking], noted)
    assert imports["own"] == {"key_material_src": "/custody/now"}
    (declared,) = make_imports([key(copy("another", valid_for="9d"))], [lacking], noted)
    assert declared["own"]["expiration_model"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"


def test_notes_of_other_keys_are_left_alone() -> None:
    text = json.dumps({"key_arn": "another", "copies": []})
    assert read_notes([text], [key()]) == ([], {})


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"key_arn": "x", "copies": [{}]}', "1"])
def test_notes_that_cannot_be_read(text: str) -> None:
    (fault,), notes = read_notes([text], [key()])
    assert "cannot be read. Remove that file" in fault
    assert notes == {}
