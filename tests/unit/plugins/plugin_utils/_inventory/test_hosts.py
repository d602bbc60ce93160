# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host name of a key, and its variables in a play."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._inventory.hosts import (
    FoundKey,
    Naming,
    host_variables,
    name_hosts,
    without_repetition,
)

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER_ID = "0987dcba-09fe-87dc-65ba-ab0987654321"
READ_AT = "2026-11-24T12:00:00+00:00"
HERE, THERE = "eu-central-1", "us-east-1"
ACCOUNT = "111122223333"


def found(
    *aliases: str,
    key_id: str = KEY_ID,
    region: str = HERE,
    account: str = ACCOUNT,
    profile: str | None = None,
    **entry: Any,
) -> FoundKey:
    arn = f"arn:aws:kms:{region}:{account}:key/{key_id}"
    shown = {"arn": arn, "key_id": key_id, "aliases": sorted(f"alias/{one}" for one in aliases), "tags": {}, **entry}
    return FoundKey({"unread": {}, **shown}, profile, READ_AT)


def named(*keys: FoundKey, **naming: Any) -> list[str]:
    return name_hosts(keys, Naming(**naming))


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (found("payments"), "payments"),
        (found("payments", "ledger"), "ledger"),
        (found("team/payments"), "team_payments"),
        (found("-payments-"), "_payments-"),
        (found(), KEY_ID),
        (found(aliases=None), KEY_ID),
        (found(aliases=["alias/{{ 7 * 7 }}\n[all]!&~:,é."]), "___7___7_____all________"),
    ],
    ids=["alias", "first alias", "slash", "hyphen", "no alias", "unread aliases", "no alias of KMS"],
)
def test_the_ordinary_name(key: FoundKey, name: str) -> None:
    assert named(key) == [f"{name}.{HERE}.{ACCOUNT}"]


@pytest.mark.parametrize(
    ("preferences", "name"),
    [
        (("key_id",), KEY_ID),
        (("tag:Name", "alias"), "Main_key"),
        (("tag:nothing", "alias"), "payments"),
        (("tag:empty", "tag:nothing"), KEY_ID),
        ((), KEY_ID),
    ],
    ids=["key_id", "tag", "no such tag", "empty tag", "nothing preferred"],
)
def test_names_by_preference(preferences: tuple[str, ...], name: str) -> None:
    key = found("payments", tags={"Name": "Main key", "empty": ""})
    assert named(key, preferences=preferences, suffixes=()) == [name]
    unread = found("payments", tags=None)
    assert named(unread, preferences=("tag:Name", "alias"), suffixes=()) == ["payments"]


@pytest.mark.parametrize(
    ("suffixes", "names"),
    [
        ((), ["payments", "payments"]),
        (("region",), ["payments.eu-central-1", "payments.eu-central-1"]),
        (("region", "profile"), ["payments.eu-central-1.the_treasury", "payments.eu-central-1"]),
        (("account_id",), ["payments.111122223333", "payments.111122223333"]),
    ],
    ids=["none", "region", "profile", "account"],
)
def test_suffixes(suffixes: tuple[str, ...], names: list[str]) -> None:
    keys = (found("payments", profile="the treasury"), found("payments"))
    assert [named(key, suffixes=suffixes)[0] for key in keys] == names


def test_one_alias_in_several_accounts_and_regions() -> None:
    keys = [found("payments", region=region, account=account) for region in (HERE, THERE) for account in ("1", "2")]
    assert named(*keys) == [
        "payments.eu-central-1.1",
        "payments.eu-central-1.2",
        "payments.us-east-1.1",
        "payments.us-east-1.2",
    ]


def test_what_would_be_one_name_has_its_key_id() -> None:
    slash, underscore, other = found("a/b"), found("a_b", key_id=OTHER_ID), found("c")
    assert named(slash, underscore, other) == [
        f"a_b_{KEY_ID}.{HERE}.{ACCOUNT}",
        f"a_b_{OTHER_ID}.{HERE}.{ACCOUNT}",
        f"c.{HERE}.{ACCOUNT}",
    ]


@pytest.mark.parametrize("alias", ["all", "localhost", "ungrouped"])
def test_a_name_with_a_meaning_of_its_own_has_its_key_id(alias: str) -> None:
    assert named(found(alias), suffixes=()) == [f"{alias}_{KEY_ID}"]
    assert named(found(alias)) == [f"{alias}.{HERE}.{ACCOUNT}"]


def test_the_regions_of_a_multi_region_key_without_suffixes_are_refused() -> None:
    """They share the key ID. With one host, a play would use the variables of one Region for another Region."""
    keys = [found("payments", region=region) for region in (HERE, THERE)]
    with pytest.raises(
        Refusal, match=r"would have the host name payments_1234.*eu-central-1.*us-east-1.*hostname_suffixes"
    ):
        named(*keys, suffixes=())


@given(
    st.lists(
        st.tuples(
            st.text(max_size=6), st.sampled_from([HERE, THERE]), st.sampled_from(["1", "2"]), st.uuids().map(str)
        ),
        max_size=6,
        unique_by=lambda one: one[3],
    )
)
def test_every_key_has_a_name_of_its_own(keys: list[tuple[str, str, str, str]]) -> None:
    """This applies to any aliases that an endpoint returns."""
    names = named(*(found(alias, region=region, account=account, key_id=key) for alias, region, account, key in keys))
    assert len(set(names)) == len(keys)
    for name in names:
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*\.[a-z0-9-]+\.[12]", name)


@pytest.mark.parametrize("preference", ["", "aliases", "tag:", "tag", "{{ alias }}"])
def test_a_preference_that_there_is_not_is_refused(preference: str) -> None:
    with pytest.raises(Refusal, match="hostnames contains"):
        Naming.from_options(["alias", preference], ["region"])


def test_preferences_that_there_are() -> None:
    assert Naming.from_options(["tag:Name", "alias", "key_id"], []) == Naming(("tag:Name", "alias", "key_id"), ())


def test_a_key_that_two_profiles_show_is_there_once() -> None:
    denied = {"key": "kms:DescribeKey is denied"}
    first, second, third = (found("a", profile=name, unread=why) for name, why in [("1", denied), ("2", {}), ("3", {})])
    other = found("a", region=THERE, profile="3")
    assert without_repetition([first, other, second, third]) == [second, other]
    assert without_repetition([second, third]) == [second]
    assert without_repetition([first, first._replace(profile="4")]) == [first]


def test_variables() -> None:
    key = found("payments", profile="treasury")
    assert host_variables(key) == {
        "kms_key": key.entry,
        "kms_key_account_id": ACCOUNT,
        "kms_key_read_at": READ_AT,
        "cloudkeys_region": HERE,
        "cloudkeys_profile": "treasury",
    }
    assert "cloudkeys_profile" not in host_variables(found("payments"))
