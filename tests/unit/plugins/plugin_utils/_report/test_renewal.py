# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys a renewal leaves in danger, from what ``kms_key_material_info`` tells of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.cloudkeys.aws.plugins.filter.not_renewed import not_renewed

SOON, LATER = ("2027-01-05T00:00:00+00:00", 4), ("2027-06-01T00:00:00+00:00", 150)


def material(name: str, state: str, end: tuple[str, int] | None, import_state: str = "IMPORTED") -> dict[str, Any]:
    valid_to, days_left = end or (None, None)
    return {
        "key_material_id": name,
        "state": state,
        "import_state": import_state,
        "valid_to": valid_to,
        "days_left": days_left,
    }


def key(*materials: dict[str, Any], **more: Any) -> dict[str, Any]:
    entry = material("", "", LATER)
    own = {"key_id": "id", "arn": "arn", "aliases": ["alias/a"], "origin": "EXTERNAL", "unread": {}}
    state = {"key_state": "Enabled", "deletion_date": None, "regions": None}
    return {**entry, **own, **state, "materials": list(materials), **more}


CURRENT, OLDER = material("new", "CURRENT", LATER), material("old", "NON_CURRENT", LATER)
MISSING = {"import_state": "PENDING_IMPORT", "days_left": None, "valid_to": None}


@pytest.mark.parametrize(
    ("entry", "why", "why_foretold"),
    [
        (key(CURRENT, OLDER), None, None),
        (key(material("new", "CURRENT", None)), None, None),
        (key(material("new", "CURRENT", SOON)), f"key material new (CURRENT) expires on {SOON[0]}", None),
        (key({**CURRENT, **MISSING}), "key material new (CURRENT) is missing", None),
        (key(CURRENT, {**OLDER, **MISSING}), *["key material old (NON_CURRENT) is missing"] * 2),
        (
            key(material("new", "CURRENT", SOON), material("old", "NON_CURRENT", SOON)),
            f"key material new (CURRENT) expires on {SOON[0]}, key material old (NON_CURRENT) expires on {SOON[0]}",
            f"key material old (NON_CURRENT) expires on {SOON[0]}",
        ),
        # The key does not need it.
        (key(CURRENT, material("next", "PENDING_ROTATION", SOON)), None, None),
        # A key that is not symmetric, and one of which the list could not be read.
        (key(materials=None), None, None),
        (key(materials=None, days_left=4, valid_to=SOON[0]), f"its key material expires on {SOON[0]}", None),
        (key(materials=None, **MISSING), "its key material is missing", None),
        # Never imported.
        (key(**MISSING), "its key material is missing", None),
        (
            key(import_state=None, origin="AWS_KMS"),
            *["its origin is AWS_KMS, so it takes no imported key material"] * 2,
        ),
        (
            key(CURRENT, key_state="PendingDeletion", deletion_date=LATER[0]),
            *[f"KMS will delete the key, on {LATER[0]}, and imports nothing until then"] * 2,
        ),
        (
            key(CURRENT, key_state="PendingReplicaDeletion"),
            *["KMS will delete the key, and imports nothing until then"] * 2,
        ),
        (key(unread={"key": "denied"}), *["it cannot be described (denied)"] * 2),
    ],
)
def test_what_is_not_renewed(entry: dict[str, Any], why: str | None, why_foretold: str | None) -> None:
    for foretold, words in (([], why), ([1], why_foretold)):
        found = not_renewed([key(CURRENT), entry], 30, foretold)
        assert [one["sentence"] for one in found] == ([f"alias/a (arn) is not renewed: {words}."] if words else [])


def region(name: str, *materials: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What is told of a key in another Region."""
    entry = key(*materials, **more)
    told = ("key_state", "import_state", "valid_to", "days_left", "materials", "unread")
    return {"region": name, "arn": f"arn-{name}", **{field: entry[field] for field in told}}


@pytest.mark.parametrize(
    ("there", "why"),
    [
        (region("r", CURRENT, OLDER), None),
        (region("r", {**CURRENT, **MISSING}, OLDER), "in r key material new (CURRENT) is missing"),
        (region("r", materials=None, **MISSING), "in r its key material is missing"),
        (region("r", material("new", "CURRENT", SOON)), f"in r key material new (CURRENT) expires on {SOON[0]}"),
        (region("r", unread={"key": "denied"}), "in r it cannot be described (denied)"),
        (
            region("r", CURRENT, key_state="PendingDeletion"),
            "in r KMS will delete the key, and imports nothing until then",
        ),
        (region("r", CURRENT, material("next", "PENDING_ROTATION", SOON)), None),
    ],
)
def test_other_regions_count_where_they_were_read(there: dict[str, Any], why: str | None) -> None:
    # Its own Region is among them, and is told of once.
    own = {**region("here", CURRENT), "arn": "arn"}
    for foretold in ([], [0]):
        found = not_renewed([key(CURRENT, regions=[own, there])], 30, foretold)
        assert [one["sentence"] for one in found] == ([f"alias/a (arn) is not renewed: {why}."] if why else [])


def test_the_last_day_counts() -> None:
    entry = key(material("new", "CURRENT", ("2027-01-31T00:00:00+00:00", 30)))
    assert not_renewed([entry], 30) == []
    assert len(not_renewed([entry], 31)) == 1


def test_a_key_without_an_alias_or_an_arn_has_a_name() -> None:
    (found,) = not_renewed([key(aliases=None, arn=None, **MISSING)], 1)
    assert found == {"key_id": "id", "arn": None, "sentence": "id is not renewed: its key material is missing."}


@pytest.mark.parametrize("wrong", [None, "text", [1], [{}], {"kms_keys": []}])
def test_other_input_is_refused_in_words(wrong: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="kms_key_material_info"):
        not_renewed(wrong, 30)
