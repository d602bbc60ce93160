# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report is good only if everything was read, at least one key was found, and no key requires attention."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.coverage import (
    describe_sources,
    group_keys,
    list_not_read,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.expiry_report import make_report
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.row import STATUSES

from ...module_utils.keys import IMPORTED, NOW, SYMMETRIC, keys
from .test_expiry_report import result
from .test_row import entry, material, primary, undated

MISSING = SYMMETRIC._replace(key_state="PendingImport", materials=())


def report(*entries: dict[str, Any], **more: dict[str, Any]) -> dict[str, Any]:
    numbered = [{**one, "arn": f"arn:aws:kms:r:1:key/{place}"} for place, one in enumerate(entries)]
    sources = {"here": result(*numbered), **more}
    return make_report(sources, title="Title", warn_within_days=30, fail_within_days=7)


def expiring(days: float) -> dict[str, Any]:
    end = material("c" * 64, "CURRENT", days)
    return entry(IMPORTED._replace(valid_to=end.valid_to, materials=(end,)))


GOOD = entry(IMPORTED)


@pytest.mark.parametrize(
    ("made", "level", "sentence"),
    [
        (report(GOOD), "good", "Every host was read. The key has the required key material"),
        (report(GOOD, expiring(40)), "good", "Every host was read. All 2 keys have the required key material"),
        (report(), "empty", "No key with imported key material was found."),
        (report(entry(IMPORTED._replace(key_state="PendingDeletion"))), "empty", "1 key is pending deletion."),
        (report(GOOD, expiring(20)), "attention", "1 key has 7 to 29 days left."),
        (report(expiring(3), expiring(2)), "alarm", "2 keys have fewer than 7 days left."),
        (report(entry(MISSING)), "alarm", "1 key lacks key material."),
        (report(GOOD, there={"msg": "Denied."}), "incomplete", "This report is incomplete: 1 of 2 hosts could not be"),
        (report(GOOD, entry(IMPORTED, key="denied")), "incomplete", "1 key could not be described."),
        (report(GOOD, undated(300)), "incomplete", "1 key has an unknown expiration."),
        (report(entry(IMPORTED._replace(origin="AWS_KMS"))), "attention", "1 key needs attention for another reason."),
        (report(entry(IMPORTED, aliases="denied")), "incomplete", "Some details of keys could not be read."),
    ],
)
def test_what_may_be_concluded(made: dict[str, Any], level: str, sentence: str) -> None:
    assert made["assessment"]["level"] == level
    assert made["assessment"]["sentences"][0].startswith(sentence)


def test_without_hosts_nothing_is_good() -> None:
    made = make_report({}, title="Title", warn_within_days=30, fail_within_days=None)
    assert (made["assessment"]["level"], made["as_of"]) == ("incomplete", None)


def test_a_region_that_was_not_read_is_a_gap() -> None:
    key = {**primary(), "primary_region": "eu-central-1", "replica_regions": ["eu-west-1"]}
    made = make_report({"here": result(key)}, title="Title", warn_within_days=30, fail_within_days=None)
    assert made["assessment"]["level"] == "incomplete"
    assert "1 key was not read in all of its Regions." in made["assessment"]["sentences"]


@given(st.lists(keys(), max_size=3), st.booleans(), st.booleans())
def test_good_means_that_all_was_read_and_is_well(facts: list[Any], denied: bool, unread: bool) -> None:
    entries = [entry(one, **({"key": "denied"} if denied else {})) for one in facts]
    made = report(*entries, **({"there": {"msg": "Denied."}} if unread else {}))
    well = {"later", "never", "deleting"}
    good = not unread and all(key["status"] in well for key in made["keys"])
    good = good and any(key["status"] != "deleting" for key in made["keys"])
    assert (made["assessment"]["level"] == "good") is good
    assert made["assessment"]["sentences"]


def test_the_same_gap_of_many_keys_is_one_entry() -> None:
    made = report(*[entry(IMPORTED, tags="denied") for _number in range(12)], there={"msg": "Expired."})
    everything, tags = made["not_read"]
    assert everything == {"what": "everything", "where": "there", "why": "Expired.", "keys": None}
    assert (tags["what"], tags["where"], tags["why"]) == ("tags", "here", "denied")
    assert tags["keys"].startswith("12: ")
    absent = [{"status": "absent", "unread": {"key": "no such key"}, "source": "here", "name": "x"}]
    assert list_not_read({}, absent) == []


def test_sources_name_what_they_were_limited_to() -> None:
    sources = {"here": {**result(GOOD), "region": "eu-central-1"}, "there": {"msg": "Denied."}}
    rows = make_report(sources, title="Title", warn_within_days=30, fail_within_days=None)["keys"]
    selections = {
        "here": {"tags": {"owner": None}, "key_ids": "", "alias_patterns": [], "include_replicas": False},
        "there": {"key_ids": []},
    }
    here, there = describe_sources(sources, {"there": "Denied."}, rows, selections)
    assert (here["accounts"], here["region"], here["keys"]) == (["111122223333"], "eu-central-1", 1)
    assert (here["selection"], here["read_at"]) == ({"tags": {"owner": None}}, NOW.isoformat())
    assert (there["region"], there["read_at"], there["error"]) == (None, None, "Denied.")
    assert there["selection"] == {"key_ids": []}, "no key was requested"
    assert describe_sources(sources, {}, rows, {})[0]["selection"] == {}


def test_a_limited_run_says_so() -> None:
    made = make_report({"here": result(GOOD)}, title="Title", warn_within_days=30, fail_within_days=None, limit="h*")
    assert made["limit"] == "h*"
    assert "Other hosts of the inventory are not in this report" in made["assessment"]["sentences"][-1]


def test_a_host_that_reads_the_account_of_another_host_is_named() -> None:
    """Its profile may be that of another host, and its own account was not read."""
    sources = {"here": result(GOOD), "there": result(GOOD), "empty": result()}
    made = make_report(sources, title="Title", warn_within_days=30, fail_within_days=None)
    assert [(one["keys"], one["keys_under_other_hosts"], one["accounts"]) for one in made["sources"]] == [
        (1, 0, ["111122223333"]),
        (0, 1, ["111122223333"]),
        (0, 0, []),
    ]
    assert made["assessment"]["sentences"][1:] == [
        "1 host read keys that another host also read.",
        "1 host has no keys in this report.",
    ]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(STATUSES)), max_size=30))
def test_groups_have_every_key_once(places: list[tuple[int, str]]) -> None:
    rows = [
        {"group": str(place), "account": str(place), "region": "r", "source": "here", "status": status}
        for place, status in places
    ]
    groups = group_keys(rows)
    assert len({group["name"] for group in groups}) == len(groups)
    assert sum(group["keys"] for group in groups) == len(rows)
    assert all(sum(group["summary"].values()) == group["keys"] for group in groups)
    assert [group["name"] for group in groups] == list(dict.fromkeys(row["group"] for row in rows))
