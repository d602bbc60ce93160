# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that are not renewed in a Region, from the results of ``kms_key_material_info`` and of a renewal."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.cloudkeys.aws.plugins.filter.not_renewed import not_renewed

ARN = "arn:aws:kms:here:111122223333:key/id"
SOON, LATER = ("2027-01-05T00:00:00+00:00", 4), ("2027-06-01T00:00:00+00:00", 150)


def material(name: str, state: str, end: tuple[str, int] | None, import_state: str = "IMPORTED") -> dict[str, Any]:
    valid_to, days_left = end or (None, None)
    return {
        "key_material_id": name,
        "state": state,
        "import_state": import_state,
        "valid_to": valid_to,
        "days_left": days_left,
        "label": None,
    }


def key(*materials: dict[str, Any], **more: Any) -> dict[str, Any]:
    entry = material("", "", LATER)
    own = {"key_id": "id", "arn": ARN, "aliases": ["alias/a"], "origin": "EXTERNAL", "unread": {}}
    state = {"key_state": "Enabled", "deletion_date": None, "regions": None, "key_spec": "SYMMETRIC_DEFAULT"}
    single = {"multi_region": False, "multi_region_key_type": None, "primary_region": None}
    return {**entry, **own, **state, **single, "materials": list(materials), **more}


CURRENT, OLDER = material("new", "CURRENT", LATER), material("old", "NON_CURRENT", LATER)
CURRENT_SOON, OLDER_SOON = material("new", "CURRENT", SOON), material("old", "NON_CURRENT", SOON)
MISSING = {"import_state": "PENDING_IMPORT", "days_left": None, "valid_to": None}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (key(CURRENT, OLDER), None),
        (key(material("new", "CURRENT", None)), None),
        (key(CURRENT_SOON), f"key material new (CURRENT) expires on {SOON[0]}"),
        (key({**CURRENT, **MISSING}), "key material new (CURRENT) is missing"),
        (key(CURRENT, {**OLDER, **MISSING}), "key material old (NON_CURRENT) is missing"),
        (
            key(CURRENT_SOON, OLDER_SOON),
            f"key material new (CURRENT) expires on {SOON[0]}, key material old (NON_CURRENT) expires on {SOON[0]}",
        ),
        # The key does not require this key material.
        (key(CURRENT, material("next", "PENDING_ROTATION", SOON)), None),
        # An asymmetric or HMAC key, and a key whose list of key materials could not be read.
        (key(materials=None), None),
        (key(materials=None, days_left=4, valid_to=SOON[0]), f"its key material expires on {SOON[0]}"),
        (key(materials=None, **MISSING), "its key material is missing"),
        # Never imported.
        (key(**MISSING), "its key material is missing"),
        (key(import_state=None, origin="AWS_KMS"), "its origin is AWS_KMS, so it takes no imported key material"),
        (
            key(CURRENT, key_state="PendingDeletion", deletion_date=LATER[0]),
            f"KMS will delete the key, on {LATER[0]}, and imports nothing until then",
        ),
        (
            key(CURRENT, key_state="PendingReplicaDeletion"),
            "KMS will delete the key, and imports nothing until then",
        ),
        (key(unread={"key": "denied"}), "it cannot be described (denied)"),
    ],
)
def test_what_is_not_renewed(entry: dict[str, Any], why: str | None) -> None:
    found = not_renewed([key(CURRENT), entry], 30)
    assert [(one["listed"], one["why"]) for one in found] == ([(False, why)] if why else [])
    assert [one["sentence"] for one in found] == ([f"alias/a ({ARN}) is not renewed: {why}."] if why else [])


def region(name: str, *materials: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The entry for a key in another Region."""
    entry = key(*materials, **more)
    told = ("key_state", "import_state", "valid_to", "days_left", "materials", "unread")
    return {"region": name, "arn": ARN.replace("here", name), **{field: entry[field] for field in told}}


def in_two_regions(own: dict[str, Any], there: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A primary key with a replica key. The list contains its own Region, which is reported once."""
    kind = {"multi_region": True, "multi_region_key_type": "PRIMARY", "primary_region": "here"}
    return {**own, **kind, "regions": [region("here", *own["materials"]), there], **more}


@pytest.mark.parametrize(
    ("there", "why"),
    [
        (region("r", CURRENT, OLDER), None),
        (region("r", {**CURRENT, **MISSING}, OLDER), "in r key material new (CURRENT) is missing"),
        (region("r", materials=None, **MISSING), "in r its key material is missing"),
        (region("r", CURRENT_SOON), f"in r key material new (CURRENT) expires on {SOON[0]}"),
        (region("r", unread={"key": "denied"}), "in r it cannot be described (denied)"),
        (
            region("r", CURRENT, key_state="PendingDeletion"),
            "in r KMS will delete the key, and imports nothing until then",
        ),
        (region("r", CURRENT, material("next", "PENDING_ROTATION", SOON)), None),
    ],
)
def test_other_regions_count_where_they_were_read(there: dict[str, Any], why: str | None) -> None:
    found = not_renewed([in_two_regions(key(CURRENT), there)], 30)
    assert [one["sentence"] for one in found] == ([f"alias/a ({ARN}) is not renewed: {why}."] if why else [])


def kept(*regions: str, older: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """An entry of the result of ``kms_imported_keys``.

    :param regions: the Regions of its replica keys that the task also keeps.
    """
    entry: dict[str, Any] = {"name": "alias/a", "arn": ARN, "failed": False}
    if regions:
        entry["regions"] = [{"kms_key": {"arn": ARN.replace("here", name)}} for name in ("here", *regions)]
    if older:
        entry["previous_key_materials"] = [{"key_material_id": name} for name in older]
    return {**entry, **more}


BOTH_DUE = in_two_regions(key(CURRENT_SOON), region("r", CURRENT, OLDER_SOON))
REPLICA_DUE = in_two_regions(key(CURRENT), region("r", CURRENT_SOON, OLDER))
NAMED_REPLICA = {**REPLICA_DUE, "multi_region_key_type": "REPLICA", "primary_region": "r"}
GIVE_OLDER = "key material old in previous_key_materials"
NAME_PRIMARY = f"replicas: true, with its primary key {ARN.replace('here', 'r')} as key_id"
CURRENT_IN_R, OLDER_IN_R = (
    f"in r key material {name} expires on {SOON[0]}" for name in ("new (CURRENT)", "old (NON_CURRENT)")
)


@pytest.mark.parametrize(
    ("entry", "own", "why", "add"),
    [
        # The task reports on the keys that it keeps, whether it renews them or not.
        (key(CURRENT_SOON, OLDER_SOON), kept(), None, []),
        (key(CURRENT_SOON), kept(failed=True), None, []),
        (BOTH_DUE, kept("r"), None, []),
        # A Region that the entry does not contain.
        (REPLICA_DUE, kept(), CURRENT_IN_R, ["replicas: true"]),
        (REPLICA_DUE, kept("s"), CURRENT_IN_R, ["replicas: true"]),
        (BOTH_DUE, kept(), OLDER_IN_R, [GIVE_OLDER, "replicas: true"]),
        (BOTH_DUE, kept(older=("old",)), OLDER_IN_R, ["replicas: true"]),
        (BOTH_DUE, kept(older=("oldest",)), OLDER_IN_R, [GIVE_OLDER, "replicas: true"]),
        (NAMED_REPLICA, kept(), CURRENT_IN_R, [NAME_PRIMARY]),
        # No change of the entry would help.
        (
            in_two_regions(key(CURRENT), region("r", unread={"key": "denied"})),
            kept(),
            "in r it cannot be described (denied)",
            [],
        ),
        # A key that could not be read is identified by its name. The reason is already reported.
        (key(unread={"key": "denied"}), kept(arn=None), None, []),
        (key(arn=None, key_id="other", aliases=[], unread={"key": "denied"}), kept(arn=None, name="other"), None, []),
    ],
)
def test_what_is_kept_and_where_it_is_not(
    entry: dict[str, Any], own: dict[str, Any], why: str | None, add: list[str]
) -> None:
    found = not_renewed([entry], 30, [own])
    assert [(one["listed"], one["why"], one["add"]) for one in found] == ([(True, why, add)] if why else [])
    advice = f" Add to its entry: {', '.join(add)}." if add else ""
    assert [one["sentence"] for one in found] == ([f"alias/a ({ARN}) is not renewed: {why}.{advice}"] if why else [])


def test_a_key_of_no_entry_is_another_one() -> None:
    other = key(CURRENT_SOON, arn=f"{ARN}-2", key_id="id-2", aliases=["alias/b"])
    (found,) = not_renewed([key(CURRENT_SOON), other], 30, [kept()])
    assert (found["name"], found["listed"], found["add"]) == (f"alias/b ({ARN}-2)", False, [])


def test_a_replica_key_of_an_entry_is_one_of_its_own() -> None:
    there = key(CURRENT_SOON, arn=ARN.replace("here", "r"), aliases=[])
    assert not_renewed([there], 30, [kept("r")]) == []


def test_the_last_day_counts() -> None:
    entry = key(material("new", "CURRENT", ("2027-01-31T00:00:00+00:00", 30)))
    assert not_renewed([entry], 30) == []
    assert len(not_renewed([entry], 31)) == 1


def test_a_key_without_an_alias_or_an_arn_has_a_name() -> None:
    (found,) = not_renewed([key(aliases=None, arn=None, **MISSING)], 1)
    assert found["arn"] is None
    assert found["sentence"] == "id is not renewed: its key material is missing."


@pytest.mark.parametrize("wrong", [None, "text", [1], [{}], {"kms_keys": []}])
def test_other_input_is_refused_in_words(wrong: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="not_renewed received arguments that do not match"):
        not_renewed(wrong, 30)
