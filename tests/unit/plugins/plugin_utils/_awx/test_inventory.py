# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declared keys of each account."""

from __future__ import annotations

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.inventory import make_inventory
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.keys import KeyEntry, read_keys

from .settings import ACCOUNTS


def keys(*entries: dict[str, object]) -> tuple[KeyEntry, ...]:
    read, faults = read_keys(list(entries), ACCOUNTS)
    assert faults == []
    return read


def test_what_is_wanted_everywhere_stands_once() -> None:
    made = make_inventory(ACCOUNTS, keys({"alias": "a"}), (), ())
    assert [one["alias"] for one in made["variables"]["provision_fleet_kms_keys"]] == ["alias/a"]
    assert [host["variables"] for host in made["hosts"]] == [account.variables() for account in ACCOUNTS]
    assert made["variables"]["ansible_connection"] == "local"


def test_a_key_of_one_account_is_wanted_there_alone() -> None:
    made = make_inventory(ACCOUNTS, keys({"alias": "a"}, {"alias": "b", "accounts": ["retail"]}), (), ())
    treasury, retail = (host["variables"] for host in made["hosts"])
    assert [one["alias"] for one in treasury["provision_fleet_kms_keys"]] == ["alias/a"]
    assert [one["key_id"] for one in retail["renew_expiring_keys"]] == ["alias/a", "alias/b"]
    assert "provision_fleet_kms_keys" not in made["variables"]


def test_an_account_without_keys_has_no_list() -> None:
    made = make_inventory(ACCOUNTS, keys({"alias": "a", "accounts": ["retail"]}), (), ())
    treasury, retail = (host["variables"] for host in made["hosts"])
    assert "renew_expiring_keys" in retail
    assert "renew_expiring_keys" not in {**treasury, **made["variables"]}


def test_what_does_not_expire_is_not_renewed_and_what_is_not_symmetric_not_rotated() -> None:
    never = {"alias": "a", "expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    variables = make_inventory(ACCOUNTS, keys(never, {"alias": "b", "key_spec": "HMAC_256"}), (), ())["variables"]
    assert [one["key_id"] for one in variables["renew_expiring_keys"]] == ["alias/b"]
    assert [one["alias"] for one in variables["cloudkeys_rotation_keys"]] == ["alias/a"]
