# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The description that an import sends: the label of this collection, and the user's text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.material_label import (
    MAXIMUM_DESCRIPTION,
    split_description,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.import_description import (
    import_description,
    refuse_unrecognizable,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import GivenMaterial, Wanted

from ..keys import CURRENT, EARLIER, LABEL, OTHER_LABEL, SYMMETRIC, declarations, keys

UNREAD = SYMMETRIC._replace(materials_unread="kms:ListKeyRotations is denied")
REPLICA: dict[str, Any] = {"multi_region_key_type": "REPLICA", "primary_region": "us-east-1"}


def described(text: str | None, **values: Any) -> KeyFacts:
    return SYMMETRIC._replace(materials=(Material(CURRENT, "CURRENT", "IMPORTED", text),), **values)


def described_by(key: KeyFacts, wanted: Wanted, warnings: list[str]) -> str | None:
    """The description that is sent for the task's own key material."""
    return import_description(key, wanted, wanted.own, key.description_of(None), warnings)


def refuse(key: KeyFacts, wanted: Wanted, sent: str | None) -> None:
    refuse_unrecognizable(key, wanted, wanted.own, key.description_of(None), sent)


@pytest.mark.parametrize(
    ("present", "options", "sent"),
    [
        # The label is added to text that is not declared, and replaces an earlier label.
        (None, {"material_label": LABEL}, LABEL),
        ("payments", {"material_label": LABEL}, f"payments {LABEL}"),
        (f"payments {OTHER_LABEL}", {"material_label": LABEL}, f"payments {LABEL}"),
        (f"payments {LABEL}", {"material_label": LABEL}, None),
        # Declared text replaces only the text.
        (f"payments {LABEL}", {"description": "ledger"}, f"ledger {LABEL}"),
        (f"payments {LABEL}", {"description": ""}, LABEL),
        (f"payments {LABEL}", {"description": " payments "}, None),
        # Without a label, an existing description is removed only if text is declared.
        (f"payments {LABEL}", {"label": False}, None),
        (f"payments {LABEL}", {"label": False, "description": "payments"}, "payments"),
    ],
)
def test_what_is_sent(present: str | None, options: dict[str, Any], sent: str | None) -> None:
    warnings: list[str] = []
    assert described_by(described(present), Wanted(**options), warnings) == sent
    assert warnings == []


@given(key=keys(), wanted=declarations())
def test_after_kms_accepts_a_description_none_is_left_to_send(key: KeyFacts, wanted: Wanted) -> None:
    try:
        sent = described_by(key, wanted, [])
    except Refusal:
        return
    if sent is None:
        return
    assert key.symmetric
    assert 1 <= len(sent) <= MAXIMUM_DESCRIPTION
    assert wanted.description is None or split_description(sent)[0] == wanted.description
    assert described_by(described(sent), wanted, []) is None


def test_text_that_leaves_no_room_is_not_shortened() -> None:
    room = MAXIMUM_DESCRIPTION - len(LABEL) - 1
    fitting, long = "x" * room, "x" * (room + 1)
    warnings: list[str] = []
    assert described_by(described(fitting), Wanted(material_label=LABEL), warnings) == f"{fitting} {LABEL}"
    assert warnings == []
    assert described_by(described(long), Wanted(material_label=LABEL), warnings) is None
    assert "no room for it" in warnings[0]


@pytest.mark.parametrize(("key", "reason"), [(UNREAD, "could not be read"), (described(None, **REPLICA), "us-east-1")])
def test_a_description_that_this_task_must_not_write(key: KeyFacts, reason: str) -> None:
    warnings: list[str] = []
    assert described_by(key, Wanted(material_label=LABEL), warnings) is None
    assert warnings == [], "no label was requested"
    assert described_by(key, Wanted(description="ledger"), warnings) is None
    assert reason in warnings[0]


def test_kms_cannot_remove_a_description() -> None:
    with pytest.raises(Refusal, match="cannot remove a description"):
        described_by(described("payments"), Wanted(description="", label=False), [])


def test_other_keys_have_none() -> None:
    key = SYMMETRIC._replace(key_spec="HMAC_256", key_usage="GENERATE_VERIFY_MAC")
    assert described_by(key, Wanted(material_label=None), []) is None
    with pytest.raises(Refusal, match="Remove key_material_description"):
        described_by(key, Wanted(description="payments"), [])


@pytest.mark.parametrize(
    ("key", "options", "sent", "remedy"),
    [
        (UNREAD, {}, None, "Allow the task to read it"),
        (described(None), {"label": False}, None, "Set key_material_label: true"),
        (described(None, **REPLICA), {}, None, "Import into the primary key first"),
        (described("x" * 250), {}, None, "Set a shorter key_material_description"),
        (described(OTHER_LABEL), {"label": False}, "payments", "Set key_material_label: true"),
    ],
)
def test_an_import_that_no_later_run_could_recognize(
    key: KeyFacts, options: dict[str, Any], sent: str | None, remedy: str
) -> None:
    with pytest.raises(Refusal, match=remedy) as refused:
        refuse(key, Wanted(material_label=LABEL, **options), sent)
    assert "nothing was imported" in str(refused.value)
    # A task that declares how to handle unknown key material is allowed.
    refuse(key, Wanted(material_label=LABEL, on_unknown_material="reimport", **options), sent)
    refuse(key, Wanted(material_label=LABEL, material="wrapped", **options), sent)


@pytest.mark.parametrize(("present", "sent"), [(None, LABEL), (f"payments {LABEL}", None)])
def test_an_import_that_later_runs_recognize(present: str | None, sent: str | None) -> None:
    refuse(described(present), Wanted(material_label=LABEL), sent)


@pytest.mark.parametrize(
    ("present", "sent"), [(None, OTHER_LABEL), ("ledger", f"ledger {OTHER_LABEL}"), (f"ledger {OTHER_LABEL}", None)]
)
def test_an_older_one_has_its_own_label_and_keeps_its_text(present: str | None, sent: str | None) -> None:
    """key_material_description applies only to the task's own key material."""
    older = Material(EARLIER, "NON_CURRENT", "IMPORTED", present)
    key = described(f"payments {LABEL}")
    key = key._replace(materials=(*(key.materials or ()), older))
    wanted = Wanted(material_label=LABEL, description="payments")
    given_older = GivenMaterial(1, label=OTHER_LABEL)
    warnings: list[str] = []
    assert import_description(key, wanted, given_older, key.description_of(EARLIER), warnings) == sent
    assert warnings == []
    with pytest.raises(Refusal, match=r"whether KMS holds previous_key_materials\[0\]"):
        refuse_unrecognizable(key, Wanted(label=False), given_older, None, None)
