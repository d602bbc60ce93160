# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a recovery drill."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._copies.drill import make_turns
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._copies.drill_report import make_report

from .test_drill import ARN, END, copy, key, material, result, shown

BEGAN, GONE, BACK, ENDED = (f"2026-11-25T12:00:{second:02}+00:00" for second in (0, 10, 17, 30))
KEYS = [key(copy("old"))]
TURNS = make_turns(KEYS, [shown()], [result("a")])[1]
SAME = {"material_match": "same", "material_match_by": "kms_import"}
IMPORTED = [{**SAME, "previous_key_materials": [{**SAME, "key_material_id": "a"}]}]


def step() -> dict[str, Any]:
    return {"proof": "ciphertext", "deleted_at": GONE, "restored_at": BACK}


def at_the_end(**more: Any) -> dict[str, Any]:
    return shown(key_spec="SYMMETRIC_DEFAULT", **more)


def report(**told: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "looked": [at_the_end()],
        "imported": IMPORTED,
        "turns": TURNS,
        "done": [step(), step()],
        "by": {"user": "ops"},
        "started_at": BEGAN,
        "ended_at": ENDED,
    }
    return make_report(KEYS, **{**settings, **told})


def outcomes(told: dict[str, Any]) -> list[str]:
    return [one["outcome"] for one in told["keys"][0]["copies"]]


def test_every_copy_worked() -> None:
    told = report()
    assert (told["outcome"], told["failures"], told["seconds"]) == ("passed", [], 30)
    assert told["run_by"] == {"user": "ops"}
    (of_key,) = told["keys"]
    assert (of_key["key_arn"], of_key["key_state"], of_key["missing"], of_key["go_on"]) == (ARN, "Enabled", [], None)
    assert [one["file"] for one in of_key["copies"]] == ["now", "old"]
    assert of_key["copies"][1] == {
        "file": "old",
        "key_material_id": "a",
        "compared": "same",
        "compared_by": "kms_import",
        "outcome": "worked",
        "proof": "ciphertext",
        "deleted_at": GONE,
        "restored_at": BACK,
        "seconds_unusable": 7,
    }


def test_a_restore_that_failed_says_what_is_missing_and_how_to_go_on() -> None:
    lacking = at_the_end(
        key_state="PendingImport",
        import_state="PENDING_IMPORT",
        materials=[
            material("b", "CURRENT"),
            material("a", import_state="PENDING_IMPORT", expiration_model=None, valid_to=None),
        ],
    )
    told = report(looked=[lacking], done=[step()], failure="Restore it: KMS said no.")
    assert (told["outcome"], outcomes(told)) == ("failed", ["worked", "failed"])
    (of_key,) = told["keys"]
    (missing,) = of_key["missing"]
    assert missing == {
        "key_material_id": "a",
        "file": "old",
        "expiration_model": "KEY_MATERIAL_EXPIRES",
        "valid_to": END,
    }
    go_on, failure = told["failures"]
    assert failure == "Restore it: KMS said no."
    assert go_on == of_key["go_on"]
    assert go_on.startswith(
        f"{ARN} is PendingImport and unusable. It lacks key material a (its copy is old; it had the"
    )
    assert f"it had the expiration {END}" in go_on
    assert "run the drill again" in go_on


def test_a_key_with_one_key_material_that_is_missing() -> None:
    keys = [key()]
    turns = make_turns(keys, [shown(materials=None, current_key_material_id=None)], [{}])[1]
    gone = at_the_end(key_state="PendingImport", import_state="PENDING_IMPORT", materials=None)
    told = make_report(keys, looked=[gone], turns=turns, failure="no", started_at=BEGAN, ended_at=ENDED)
    assert "It lacks its key material (its copy is now; it had the expiration" in told["failures"][0]


def test_a_copy_that_kms_refused_before_anything_was_deleted() -> None:
    wrong = {"material_match": "different", "material_match_by": "kms_import", "key_material_id": "a"}
    refused = [{**SAME, "previous_key_materials": [wrong], "failed": True, "msg": "KMS refuses it."}]
    told = report(imported=refused, turns=[], done=[], failure="Compare: One or more items failed")
    assert outcomes(told) == ["not drilled", "failed"]
    assert told["failures"] == ["KMS refuses it."]


def test_what_was_not_drilled_is_no_success() -> None:
    told = report(done=[step()])
    assert (told["outcome"], told["failures"]) == ("failed", ["Not every copy was drilled."])


def test_a_key_that_cannot_be_looked_at_in_the_end() -> None:
    told = report(looked=[], ended_at=None)
    assert told["outcome"] == "failed"
    assert "it is unknown whether it is usable" in told["failures"][0]
    assert told["seconds"] is None
