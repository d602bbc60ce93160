# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Matches by the labels of a symmetric key's key materials."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.match import (
    located,
    match_label,
    match_previous,
    unrecognized,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import GivenMaterial

from ..keys import CIPHERTEXT_LABEL, CURRENT, EARLIER, LABEL, OTHER_LABEL, STAGED, SYMMETRIC

MINE, OTHERS = LABEL, f"payments {OTHER_LABEL}"
STATES = {CURRENT: "CURRENT", EARLIER: "NON_CURRENT", STAGED: "PENDING_ROTATION"}


def key(labels: dict[str, str | None] | None, unread: str | None = None) -> KeyFacts:
    listed = labels and tuple(Material(name, STATES[name], "IMPORTED", label) for name, label in labels.items())
    return SYMMETRIC._replace(
        current_key_material_id=CURRENT if labels else None,
        materials=() if labels == {} else listed or None,
        materials_unread=unread,
    )


@pytest.mark.parametrize(
    ("labels", "verdict", "by", "told"),
    [
        ({CURRENT: MINE}, "same", "label", ""),
        ({CURRENT: f"payments {MINE}"}, "same", "label", ""),
        ({CURRENT: MINE, EARLIER: OTHERS}, "same", "label", ""),
        ({CURRENT: OTHERS}, "different", "label", "label of another"),
        ({CURRENT: OTHERS, EARLIER: MINE}, "different", "label", "earlier key material"),
        ({CURRENT: None, EARLIER: MINE}, "different", "label", "earlier key material"),
        ({CURRENT: OTHERS, STAGED: MINE}, "different", "label", "waiting for a rotation"),
        ({CURRENT: None}, "unknown", "none", "has no label"),
        ({CURRENT: "payments"}, "unknown", "none", "has no label"),
        ({CURRENT: CIPHERTEXT_LABEL}, "unknown", "none", "identifies only the imported ciphertext"),
        ({}, "unknown", "none", "no key material has been imported"),
    ],
)
def test_what_the_labels_tell(labels: dict[str, str | None], verdict: str, by: str, told: str) -> None:
    match = match_label(key(labels), MINE)
    assert (match.verdict, match.by) == (verdict, by)
    assert told in match.reason


@pytest.mark.parametrize(
    ("labels", "verdict", "told"),
    [
        ({CURRENT: CIPHERTEXT_LABEL}, "same", ""),
        ({CURRENT: f"payments {CIPHERTEXT_LABEL}"}, "same", ""),
        ({CURRENT: MINE}, "unknown", "cannot be compared with a ciphertext"),
        ({CURRENT: CIPHERTEXT_LABEL[:-1] + "0"}, "unknown", "from another ciphertext"),
        ({CURRENT: None}, "unknown", "has no label"),
        ({CURRENT: MINE, EARLIER: CIPHERTEXT_LABEL}, "different", "earlier key material"),
    ],
)
def test_what_the_label_of_a_ciphertext_tells(labels: dict[str, str | None], verdict: str, told: str) -> None:
    match = match_label(key(labels), CIPHERTEXT_LABEL)
    assert match.verdict == verdict
    assert told in match.reason


def test_labels_that_could_not_be_read() -> None:
    match = match_label(key(None, "kms:ListKeyRotations is denied"), MINE)
    assert (match.verdict, match.reason) == ("unknown", "kms:ListKeyRotations is denied")


def test_one_label_on_two_materials() -> None:
    with pytest.raises(Refusal, match="CloudTrail") as caught:
        match_label(key({CURRENT: MINE, EARLIER: MINE}), MINE)
    assert CURRENT in str(caught.value)
    assert EARLIER in str(caught.value)


def previous(label: str | None = MINE, key_material_id: str | None = None) -> GivenMaterial:
    return GivenMaterial(1, label=label, key_material_id=key_material_id)


@pytest.mark.parametrize(
    ("labels", "named", "verdict", "found", "told"),
    [
        ({CURRENT: OTHERS, EARLIER: MINE}, None, "same", EARLIER, ""),
        ({CURRENT: OTHERS, EARLIER: MINE}, EARLIER, "same", EARLIER, ""),
        # If the task's own key material is also the current one, the plan refuses this one.
        ({CURRENT: MINE, EARLIER: OTHERS}, None, "same", CURRENT, ""),
        ({CURRENT: OTHERS, EARLIER: MINE}, CURRENT, "different", EARLIER, "has the label of"),
        ({CURRENT: OTHERS, EARLIER: OTHERS[:-1] + "1"}, None, "different", None, "every key material"),
        ({CURRENT: OTHERS}, EARLIER, "different", None, "has no key material"),
        ({CURRENT: None, EARLIER: OTHERS}, EARLIER, "different", None, "label of another"),
        # Only an import determines it.
        ({CURRENT: OTHERS, EARLIER: None}, None, "unknown", None, "no label to compare"),
        ({CURRENT: OTHERS, EARLIER: None}, EARLIER, "unknown", EARLIER, "has no label"),
        ({CURRENT: OTHERS, EARLIER: CIPHERTEXT_LABEL}, EARLIER, "unknown", EARLIER, "encrypted elsewhere"),
    ],
)
def test_which_of_them_an_older_one_is(
    labels: dict[str, str | None], named: str | None, verdict: str, found: str | None, told: str
) -> None:
    match = match_previous(key(labels), previous(key_material_id=named))
    assert (match.verdict, match.key_material_id) == (verdict, found)
    assert told in match.reason


def test_an_older_one_on_two_materials() -> None:
    with pytest.raises(Refusal, match="CloudTrail"):
        match_previous(key({CURRENT: MINE, EARLIER: MINE}), previous())


@pytest.mark.parametrize("facts", [key(None, "kms:ListKeyRotations is denied"), key(None)])
def test_an_older_one_of_a_key_whose_list_cannot_be_read(facts: KeyFacts) -> None:
    match = match_previous(facts, previous())
    assert match.verdict == "unknown"
    assert match.reason


@pytest.mark.parametrize(
    ("name", "verdict", "told"),
    [
        (CURRENT, "same", ""),
        (EARLIER, "different", "an earlier key material of this key"),
        (STAGED, "different", "staged and waiting for a rotation"),
    ],
)
def test_where_what_is_given_was_found(name: str, verdict: str, told: str) -> None:
    facts = key({CURRENT: None, EARLIER: None, STAGED: None})
    found = facts.material(name)
    assert found is not None
    match = located(facts, found, "kms_import")
    assert (match.verdict, match.by, match.key_material_id) == (verdict, "kms_import", name)
    assert told in match.reason


def test_which_of_them_may_still_be_it() -> None:
    facts = key({CURRENT: OTHERS, EARLIER: None, STAGED: CIPHERTEXT_LABEL})
    assert {one.key_material_id for one in unrecognized(facts, MINE)} == {EARLIER, STAGED}
    assert unrecognized(key({}), MINE) == []
