# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts in the settings, and the refused settings."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.accounts import Account, hosts_of, read_accounts

ONE = {"name": "treasury", "account_id": "044455556666", "region": "eu-central-1"}


def test_a_host_for_each() -> None:
    accounts, faults = read_accounts([ONE, {**ONE, "name": "ireland", "region": "eu-west-1", "profile": "prod"}])
    assert faults == []
    assert accounts[0].variables() == {"cloudkeys_account_id": "044455556666", "cloudkeys_region": "eu-central-1"}
    assert accounts[1].variables()["cloudkeys_profile"] == "prod"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "must be a list"),
        ([], "must be a list"),
        ("treasury", "must be a list"),
        (["treasury"], "[0] must be a dictionary"),
        ([{}], "has no name and no account_id and no region"),
        ([{**ONE, "account": "1"}], "has unknown options: account. Use name"),
        ([{**ONE, "name": "two words"}], "name must consist of"),
        ([{**ONE, "name": "all"}], "which Ansible reserves"),
        ([{**ONE, "name": "-x"}], "name must consist of"),
        ([{**ONE, "name": "12"}], "name must consist of"),
        ([{**ONE, "account_id": 44455556666}], "12 digits in quotes"),
        ([{**ONE, "account_id": "4445"}], "12 digits in quotes"),
        ([{**ONE, "region": "Frankfurt"}], "region must be"),
        ([{**ONE, "profile": ""}], "profile must be"),
        ([ONE, {**ONE, "region": "eu-west-1"}], "another entry also has the name treasury"),
        ([ONE, {**ONE, "name": "Treasury", "region": "eu-west-1"}], "another entry also has the name Treasury"),
        ([ONE, {**ONE, "name": "again"}], "is the same account and Region as treasury"),
    ],
)
def test_what_is_no_list_of_accounts(given: Any, said: str) -> None:
    _accounts, faults = read_accounts(given)
    assert any(said in fault for fault in faults), faults


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1", "eu-isoe-west-1", "ap-southeast-7"])
def test_regions_of_every_partition(region: str) -> None:
    assert read_accounts([{**ONE, "region": region}])[1] == []


def test_the_accounts_of_an_entry() -> None:
    accounts = (Account("a", "1" * 12, "eu-west-1"), Account("b", "2" * 12, "eu-west-1"))
    assert hosts_of(accounts, None, "here") == (frozenset("ab"), [])
    assert hosts_of(accounts, ["b"], "here") == (frozenset("b"), [])
    assert hosts_of(accounts, ["c", "b"], "here")[1] == [
        "here: accounts names c, which awx_setup_accounts does not list."
    ]
    for wrong in ("b", [], [1], {}):
        assert "must be a list of names" in hosts_of(accounts, wrong, "here")[1][0]
