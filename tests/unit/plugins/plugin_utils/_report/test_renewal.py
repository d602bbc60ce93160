# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys a renewal leaves in danger, from what ``kms_key_material_info`` tells of them."""

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
        # The key does not need it.
        (key(CURRENT, material("next", "PENDING_ROTATION", SOON)), None),
        # A key that is not symmetric, and one of which the list could not be read.
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
    assert [(one["place"], one["why"]) for one in found] == ([(1, why)] if why else [])
    assert [one["sentence"] for one in found] == ([f"alias/a ({ARN}) is not renewed: {why}."] if why else [])


def region(name: str, *materials: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What is told of a key in another Region."""
    entry = key(*materials, **more)
    told = ("key_state", "import_state", "valid_to", "days_left", "materials", "unread")
    return {"region": name, "arn": ARN.replace("here", name), **{field: entry[field] for field in told}}


def in_two_regions(own: dict[str, Any], there: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A primary key with a replica key; its own Region is among them, and is told of once."""
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


def task(*previous: str | None, replicas: bool = False, **own: Any) -> dict[str, Any]:
    """:param previous: what the entries say of their IDs."""
    older = [{"key_material_id": one} if one else {} for one in previous]
    return {"key_id": "id", "own": own, "previous": older, "replicas": replicas}


OLDER_DUE = key(CURRENT, OLDER_SOON)
REPLICA_DUE = in_two_regions(key(CURRENT, OLDER), region("r", CURRENT_SOON, OLDER))
BOTH_DUE = in_two_regions(key(CURRENT, OLDER), region("r", CURRENT, OLDER_SOON))
NAMED_REPLICA = {**REPLICA_DUE, "multi_region_key_type": "REPLICA", "primary_region": "r"}
GIVE_OLDER = "key material old in previous_key_materials"
NAME_PRIMARY = f"replicas: true, with its primary key {ARN.replace('here', 'r')} as key_id"


@pytest.mark.parametrize(
    ("entry", "given", "due", "add"),
    [
        (key(CURRENT_SOON), task(), True, []),
        (OLDER_DUE, task(), False, [GIVE_OLDER]),
        # Which key material a file is, nobody knows before it is opened.
        (OLDER_DUE, task(None), True, []),
        (OLDER_DUE, task("old"), True, []),
        (OLDER_DUE, task("oldest"), False, [GIVE_OLDER]),
        (OLDER_DUE, task("oldest", None), True, []),
        (key(CURRENT_SOON, OLDER_SOON), task(), True, [GIVE_OLDER]),
        (key(CURRENT_SOON, {**OLDER, **MISSING}), task(), True, [GIVE_OLDER]),
        (REPLICA_DUE, task(), False, ["replicas: true"]),
        (REPLICA_DUE, task(None), False, ["replicas: true"]),
        (REPLICA_DUE, task(replicas=True), True, []),
        (BOTH_DUE, task(), False, [GIVE_OLDER, "replicas: true"]),
        (BOTH_DUE, task(replicas=True), False, [GIVE_OLDER]),
        (BOTH_DUE, task(None), False, ["replicas: true"]),
        (BOTH_DUE, task(None, replicas=True), True, []),
        (NAMED_REPLICA, task(), False, [NAME_PRIMARY]),
        # What is said of the replica key's own material needs no more.
        ({**NAMED_REPLICA, "materials": [CURRENT_SOON], "regions": []}, task(), True, []),
        # A list that cannot be read: what is due may be any of them.
        (key(materials=None, days_left=4, valid_to=SOON[0]), task(), True, []),
        # Nothing that an entry could say would help.
        (key(unread={"key": "denied"}), task(), True, []),
        (in_two_regions(key(CURRENT), region("r", unread={"key": "denied"})), task(), False, []),
        (in_two_regions(key(CURRENT), region("r", unread={"key": "denied"})), task(replicas=True), True, []),
        (key(import_state=None, origin="AWS_KMS"), task(), False, []),
        (key(CURRENT_SOON, key_state="PendingDeletion"), task(), False, []),
    ],
)
def test_what_an_entry_renews_and_what_it_lacks(
    entry: dict[str, Any], given: dict[str, Any], due: bool, add: list[str]
) -> None:
    (found,) = not_renewed([entry], 30, [given])
    assert (found["due"], found["add"]) == (due, add)
    assert found["sentence"].endswith(f". Add to its entry: {', '.join(add)}." if add else f"{found['why']}.")


def test_each_key_has_its_own_entry() -> None:
    found = not_renewed([OLDER_DUE, key(CURRENT), OLDER_DUE], 30, [task("old"), task(), task()])
    assert [(one["place"], one["due"], one["add"]) for one in found] == [(0, True, []), (2, False, [GIVE_OLDER])]


@pytest.mark.parametrize(
    ("entry", "given", "why"),
    [
        (
            key(CURRENT),
            task(replicas=True),
            "it is a single-Region key, so its entry must not have replicas: true",
        ),
        (
            {**NAMED_REPLICA, "regions": []},
            task(replicas=True),
            f"it is a replica key, and replicas: true is for its primary key, {ARN.replace('here', 'r')}",
        ),
        (
            key(materials=None, key_spec="HMAC_256"),
            task(None),
            "it is a HMAC_256 key, so its entry must not have previous_key_materials: it has no others",
        ),
    ],
)
def test_what_would_be_refused_later_is_said_on_the_first_day(
    entry: dict[str, Any], given: dict[str, Any], why: str
) -> None:
    (found,) = not_renewed([entry], 30, [given])
    assert (found["why"], found["due"], found["add"]) == (why, False, [])


def previous(name: str | None, match: str = "same") -> dict[str, Any]:
    return {"key_material_id": name, "material_match": match}


@pytest.mark.parametrize(
    ("told", "add"),
    [
        # It was tried, and why it failed is said there.
        ({}, []),
        ({"previous_key_materials": [previous("old")]}, []),
        ({"previous_key_materials": [previous("oldest")]}, [GIVE_OLDER]),
        ({"previous_key_materials": [previous(None, "unknown")]}, []),
        ({"previous_key_materials": [previous(None, "different")]}, [GIVE_OLDER]),
    ],
)
def test_a_result_tells_which_key_materials_were_given(told: dict[str, Any], add: list[str]) -> None:
    (found,) = not_renewed([OLDER_DUE], 30, [task(None)], [{"place": 0, **told}])
    assert found["add"] == add


NOW = "2027-01-01T00:00:00+00:00"


def shown(current: str | None, **older: str | None) -> dict[str, Any]:
    """The side of a diff; None for key material that is missing."""
    return {**end(current), "other_key_materials": {name: end(one) for name, one in older.items()}}


def end(valid_to: str | None) -> dict[str, Any]:
    return {"expiration_model": "KEY_MATERIAL_EXPIRES" if valid_to else None, "valid_to": valid_to}


def of_run(place: int, after: dict[str, Any], there: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    diffs = [{"after_header": ARN, "after": after}]
    if there:
        diffs.append({"after_header": ARN.replace("here", "r"), "after": there})
    return {"place": place, "diff": diffs if there else diffs[0], **more}


@pytest.mark.parametrize(
    ("entry", "given", "foretold", "why"),
    [
        (key(CURRENT_SOON), task(), of_run(1, shown(LATER[0])), None),
        (key(**MISSING), task(), of_run(1, end(LATER[0])), None),
        (key(materials=None, days_left=4, valid_to=SOON[0]), task(), of_run(1, end(LATER[0])), None),
        (key(CURRENT_SOON), task(), {"place": 1, "failed": True}, f"key material new (CURRENT) expires on {SOON[0]}"),
        (key(CURRENT_SOON), task(), of_run(0, shown(LATER[0])), f"key material new (CURRENT) expires on {SOON[0]}"),
        (
            key(CURRENT_SOON, OLDER_SOON),
            task(),
            of_run(1, shown(LATER[0], old=SOON[0])),
            f"key material old (NON_CURRENT) expires on {SOON[0]}",
        ),
        (OLDER_DUE, task("old"), of_run(1, shown(LATER[0], old=LATER[0])), None),
        # Renewed to what is soon, too.
        (
            OLDER_DUE,
            task("old"),
            of_run(1, shown(LATER[0], old="2027-01-20T00:00:00+00:00")),
            "key material old (NON_CURRENT) expires on 2027-01-20T00:00:00+00:00",
        ),
        (
            key({**CURRENT, **MISSING}, {**OLDER, **MISSING}),
            task(),
            of_run(1, shown(LATER[0], old=None), failed=True),
            "key material old (NON_CURRENT) is missing",
        ),
        (BOTH_DUE, task("old", replicas=True), of_run(1, shown(LATER[0]), shown(LATER[0], old=LATER[0])), None),
        (
            BOTH_DUE,
            task("old", replicas=True),
            of_run(1, shown(LATER[0]), shown(LATER[0], old=SOON[0])),
            f"in r key material old (NON_CURRENT) expires on {SOON[0]}",
        ),
    ],
)
def test_what_check_mode_foretells_counts_as_done(
    entry: dict[str, Any], given: dict[str, Any], foretold: dict[str, Any], why: str | None
) -> None:
    keys, tasks = [key(CURRENT), entry], [task(), given]
    found = not_renewed(keys, 30, tasks, [foretold], NOW)
    assert [one["why"] for one in found] == ([why] if why else [])
    # A run that is none shows what is.
    assert len(not_renewed(keys, 30, tasks, [foretold])) == 1


TWO_DUE = key(CURRENT, OLDER_SOON, material("oldest", "NON_CURRENT", SOON))
LABELLED_DUE = key(CURRENT, {**OLDER_SOON, "label": "cloudkeys.aws/v1:00"})
ENCRYPTED_DUE = key(CURRENT, {**OLDER_SOON, "label": "cloudkeys.aws/v1c:00"})
NOT_IDENTIFIED = previous(None, "unknown")


@pytest.mark.parametrize(
    ("entry", "given", "told", "left"),
    [
        (OLDER_DUE, task(None), [NOT_IDENTIFIED], 0),
        (TWO_DUE, task(None), [NOT_IDENTIFIED], 2),
        (TWO_DUE, task(None, None), [NOT_IDENTIFIED, NOT_IDENTIFIED], 0),
        # It has a label, and that of nothing given.
        (LABELLED_DUE, task(None), [NOT_IDENTIFIED], 1),
        # It is that of a ciphertext, and what was in that nobody knows.
        (ENCRYPTED_DUE, task(None), [NOT_IDENTIFIED], 0),
        # Not imported, so KMS tells nothing.
        (OLDER_DUE, task(None, on_unknown_material="accept"), [NOT_IDENTIFIED], 1),
        (BOTH_DUE, task(None, replicas=True), [NOT_IDENTIFIED], 0),
        (BOTH_DUE, task(None), [NOT_IDENTIFIED], 1),
    ],
)
def test_in_check_mode_kms_has_not_said_yet_which_ones_are_given(
    entry: dict[str, Any], given: dict[str, Any], told: list[dict[str, Any]], left: int
) -> None:
    results = [of_run(0, shown(LATER[0]), previous_key_materials=told)]
    found = not_renewed([entry], 30, [given], results, NOW)
    assert sum(one["why"].count("expires on") for one in found) == left
    undecided = [{"place": 0, "failed": True, "previous_key_materials": told}]
    assert len(not_renewed([entry], 30, [given], undecided, NOW)) == 1


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
    with pytest.raises(AnsibleFilterError, match="kms_key_material_info"):
        not_renewed(wrong, 30)
