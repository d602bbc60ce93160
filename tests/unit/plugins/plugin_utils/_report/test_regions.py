# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Regions of a multi-Region key in a report, whether one task or several have read them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.filter.expiry_report import expiry_report
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts
from ansible_collections.cloudkeys.aws.plugins.module_utils._report.entry import Reading, describe
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._report.regions import in_other_regions, regions_of

from ...module_utils.keys import IMPORTED, NOW

PRIMARY, REPLICA = "eu-central-1", "eu-west-1"


def facts(region: str, key_id: str = "mrk-1", **more: Any) -> KeyFacts:
    return IMPORTED._replace(
        key_id=key_id,
        arn=f"arn:aws:kms:{region}:111122223333:key/{key_id}",
        region=region,
        multi_region=True,
        multi_region_key_type="PRIMARY" if region == PRIMARY else "REPLICA",
        primary_region=PRIMARY,
        replica_regions=(REPLICA,),
        **more,
    )


def entry(region: str, other: Reading | None = None, **more: Any) -> dict[str, Any]:
    """:param other: the other Region if it was also read."""
    own = facts(region, **more)
    aliases = (f"alias/{region}",)
    others = None if other is None else (other,)
    return describe(Reading(own.arn, own, exists=True, aliases=aliases, tags={"a": "b"}, others=others), NOW)


def along(region: str, **more: Any) -> Reading:
    return Reading(facts(region).arn, facts(region, **more), exists=True)


UNREAD = Reading(facts(REPLICA).arn, unread={"key": "denied"})
MISSING = {"key_state": "PendingImport", "expiration_model": None, "materials": None}


def told(*entries: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The rows of the report by Region. Each entry is from a different host."""
    result = {"read_at": NOW.isoformat(), "alias_pattern_matches": {}}
    sources = {str(number): {**result, "kms_keys": [one]} for number, one in enumerate(entries)}
    report = expiry_report(json.loads(json.dumps(sources)))
    rows = {row["region"]: row for row in report["keys"]}
    assert len(rows) == len(report["keys"])
    return rows


def test_a_region_that_was_read_along_has_a_row_of_its_own() -> None:
    rows = told(entry(PRIMARY, along(REPLICA, **MISSING)))
    assert {region: row["status"] for region, row in rows.items()} == {PRIMARY: "attention", REPLICA: "missing"}
    assert (rows[REPLICA]["name"], rows[REPLICA]["aliases"], rows[REPLICA]["tags"]) == (PRIMARY, [], None)
    assert {row["replica_import_state"] for row in rows.values()} == {"1 of 2 imported"}
    assert rows[PRIMARY]["regions"] == {PRIMARY: "IMPORTED", REPLICA: "PENDING_IMPORT"}


def test_what_hosts_have_read_is_put_together() -> None:
    rows = told(entry(PRIMARY), entry(REPLICA))
    assert {row["status"] for row in rows.values()} == {"never"}
    assert {row["replica_import_state"] for row in rows.values()} == {"2 of 2 imported"}
    assert rows[REPLICA]["name"] == REPLICA


@pytest.mark.parametrize("first", [0, 1])
def test_the_host_of_a_region_is_believed(first: int) -> None:
    """The host of the Region has read the aliases, and the other host has not."""
    entries = [entry(PRIMARY, along(REPLICA)), entry(REPLICA)]
    rows = told(entries[first], entries[1 - first])
    assert (rows[REPLICA]["name"], rows[REPLICA]["tags"]) == (REPLICA, {"a": "b"})


def test_who_sees_a_region_is_believed() -> None:
    unread = describe(UNREAD, NOW)
    assert told(unread, entry(PRIMARY, along(REPLICA)))[REPLICA]["status"] == "never"
    assert told(entry(PRIMARY, UNREAD), entry(REPLICA))[REPLICA]["status"] == "never"


def test_a_region_that_could_not_be_read_needs_attention() -> None:
    rows = told(entry(PRIMARY, UNREAD))
    assert {region: row["status"] for region, row in rows.items()} == {PRIMARY: "attention", REPLICA: "unknown"}
    assert rows[PRIMARY]["replica_import_state"] == "1 of 2 imported, 1 not known"
    assert rows[REPLICA]["unread"] == {"key": "denied"}


def test_a_region_that_was_not_read_needs_attention() -> None:
    (row,) = told(entry(PRIMARY)).values()
    assert (row["status"], row["warnings"]) == ("attention", [f"key material is not known in {REPLICA}"])
    (row,) = told(entry(REPLICA)).values()
    assert row["replica_import_state"] == "1 of 2 imported, 1 not known"


def test_keys_of_one_region_and_keys_without_imports_have_no_regions() -> None:
    single = describe(Reading(IMPORTED.arn, IMPORTED, exists=True), NOW)
    assert regions_of(single, {}) is None
    assert list(in_other_regions(single)) == []
    (row,) = told(entry(PRIMARY, origin="AWS_KMS")).values()
    assert (row["regions"], row["warnings"]) == (
        None,
        ["its origin is AWS_KMS, so it has no imported key material"],
    )
    assert regions_of(describe(UNREAD, NOW), {}) is None


def test_another_key_is_another_key() -> None:
    rows = told(entry(PRIMARY), entry(REPLICA, key_id="mrk-2"))
    assert {row["replica_import_state"] for row in rows.values()} == {"1 of 2 imported, 1 not known"}
