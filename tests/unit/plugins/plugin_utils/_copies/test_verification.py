# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof for each copy."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._copies.verification import summarize

from .test_drill import ARN, copy, key, material

KEYS = [key(copy("old"))]


def match(
    verdict: str, by: str = "none", key_material_id: str | None = None, reason: str | None = None
) -> dict[str, Any]:
    return {
        "material_match": verdict,
        "material_match_by": by,
        "material_match_reason": reason,
        "key_material_id": key_material_id,
    }


def result(own: dict[str, Any], *previous: dict[str, Any], **more: Any) -> dict[str, Any]:
    shown = {
        "key_spec": "SYMMETRIC_DEFAULT",
        "key_state": "Enabled",
        "current_key_material_id": "b",
        "materials": [material("b", "CURRENT"), material("a")],
    }
    return {**own, "previous_key_materials": list(previous), "kms_key": shown, **more}


def verdicts(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["verdict"], one["by"]) for one in told["copies"]]


def verify(*results: dict[str, Any], reimport: bool = False, allow_unknown: bool = False) -> dict[str, Any]:
    return summarize(KEYS, results, reimport=reimport, allow_unknown=allow_unknown)


BY_LABEL = result(match("same", "label"), match("same", "label", "a"))


def test_a_label_is_said_to_be_a_note() -> None:
    told = verify(BY_LABEL)
    assert told["failures"] == []
    assert told["summary"] == {"same": 2, "different": 0, "missing": 0, "unknown": 0}
    assert "anyone who may import key material can copy a label" in told["copies"][0]["sentence"]
    assert [one["file"] for one in told["copies"]] == ["now", "old"]


def test_where_kms_was_to_compare_a_label_is_nothing() -> None:
    told = verify(BY_LABEL, reimport=True)
    assert verdicts(told) == [("unknown", "none")] * 2
    assert len(told["failures"]) == 2
    proven = verify(result(match("same", "kms_import"), match("same", "kms_import", "a")), reimport=True)
    assert verdicts(proven) == [("same", "kms_import")] * 2
    assert proven["failures"] == []


@pytest.mark.parametrize("allow_unknown", [False, True])
def test_a_different_copy_fails_always(allow_unknown: bool) -> None:
    wrong = result(match("same", "label"), match("different", "label", reason="another"), failed=True, msg="no")
    told = verify(wrong, allow_unknown=allow_unknown)
    assert told["failures"] == [f"{ARN}, old: different: another"]


def test_an_unknown_copy_fails_unless_it_is_allowed() -> None:
    unlabeled = result(match("same", "label"), match("unknown", key_material_id="a", reason="no label"))
    assert verify(unlabeled)["failures"] == [f"{ARN}, old: unknown: no label"]
    assert verify(unlabeled, allow_unknown=True)["failures"] == []


def test_nothing_proven_is_no_success() -> None:
    nothing = result(match("unknown"), match("unknown"))
    (failure,) = verify(nothing, allow_unknown=True)["failures"]
    assert failure.startswith("Nothing was proven")


def test_what_kms_has_lost_is_missing_whatever_its_label_says() -> None:
    lost = result(match("same", "label"), match("same", "label", "a"), failed=True, msg="not usable")
    lost["kms_key"]["materials"][1]["import_state"] = "PENDING_IMPORT"
    told = verify(lost, allow_unknown=True)
    assert verdicts(told) == [("same", "label"), ("missing", "none")]
    assert told["failures"] == [f"{ARN}, old: missing: KMS currently does not hold this key material"]


def test_key_material_without_a_copy_is_unknown() -> None:
    told = summarize([key()], [result(match("same", "label"))], reimport=False, allow_unknown=False)
    assert told["copies"][1]["file"] is None
    assert told["failures"] == [f"{ARN}, key material a (NON_CURRENT): no copy of it is given."]
    assert summarize([key()], [result(match("same", "label"))], reimport=False, allow_unknown=True)["failures"] == []


def test_a_key_that_could_not_be_asked() -> None:
    told = verify({"failed": True, "msg": "KMS denies DescribeKey."})
    assert verdicts(told) == [("unknown", "none")] * 2
    assert told["failures"] == [f"{ARN}, {name}: unknown: KMS denies DescribeKey." for name in ("now", "old")]


def test_a_task_that_failed_for_another_reason_is_no_success() -> None:
    failed = {**BY_LABEL, "failed": True, "msg": "The endpoint is no KMS."}
    assert verify(failed)["failures"] == [f"{ARN}: The endpoint is no KMS."]


def test_where_the_key_materials_cannot_be_listed_there_may_be_some_without_a_copy() -> None:
    shown = {
        "key_spec": "SYMMETRIC_DEFAULT",
        "key_state": "Enabled",
        "current_key_material_id": "b",
        "materials": None,
        "materials_unread": "AccessDeniedException",
    }
    known = {**match("same", "kms_import"), "kms_key": shown}
    told = summarize([key()], [known], reimport=True, allow_unknown=False)
    assert verdicts(told) == [("same", "kms_import"), ("unknown", "none")]
    assert told["failures"] == [f"{ARN}, its other key materials: they could not be listed: AccessDeniedException."]
    assert summarize([key()], [known], reimport=True, allow_unknown=True)["failures"] == []
    # A key with another key spec has one key material and no list.
    mac = {**match("same", "mac"), "kms_key": {**shown, "key_spec": "HMAC_256", "materials_unread": None}}
    assert verdicts(summarize([key()], [mac], reimport=False, allow_unknown=False)) == [("same", "mac")]
