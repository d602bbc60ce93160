# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin: its requests to KMS in accounts and Regions, and the hosts that it creates from the answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support import inventories
from support.documentation import policy_actions
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fixtures import new_account
from support.inventories import SECRET, Fleet, Read, refused, write
from support.materials import SYMMETRIC
from support.reports import info

from ansible_collections.cloudkeys.aws.plugins.inventory import kms_keys
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import client_config
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._inventory.places import Reading

WHERE: dict[str, Any] = {"profiles": ["treasury", "ledger"], "regions": ["us-east-1", "eu-west-1"]}


aws, credentials, fleet = inventories.aws, inventories.credentials, inventories.fleet


def asked(emulator: Emulator) -> int:
    return len(emulator.control.calls())


def test_every_account_and_region(fleet: Fleet, tmp_path: Path) -> None:
    read = Read(write(tmp_path, **WHERE))
    hosts = {key: fleet.host(key) for key in fleet.keys}
    # The most urgent first: a play begins with them.
    assert read.hosts == [hosts[key] for key in ("empty", "today", "deleted", "soon", "later", "never")]
    groups = read.groups
    assert groups["kms_keys"] == sorted(hosts.values())
    assert (
        groups["days_left_under_90"]
        == groups["days_left_under_30"]
        == sorted(hosts[key] for key in ("empty", "today", "soon"))
    )
    assert groups["days_left_under_7"] == sorted(hosts[key] for key in ("empty", "today"))
    assert groups["material_missing"] == groups["state_pendingimport"] == [hosts["empty"]]
    assert groups["days_left_90_or_more"] == groups["key_spec_rsa_2048"] == [hosts["later"]]
    assert groups["days_left_unlimited"] == groups["key_spec_hmac_256"] == [hosts["never"]]
    assert groups["state_pendingdeletion"] == [hosts["deleted"]]
    assert groups["tag_owner_treasury"] == [hosts["soon"]]
    assert groups["region_us_east_1"] == sorted(hosts[key] for key in ("soon", "empty", "later"))
    assert groups[f"account_{fleet.accounts['treasury']}"] == sorted(hosts[key] for key in ("soon", "never"))


def test_a_host_knows_what_the_module_tells_and_how_to_reach_its_key(
    fleet: Fleet, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.control.stop_clock()
    read = Read(write(tmp_path, **WHERE))
    for profile, account in fleet.accounts.items():
        for region in WHERE["regions"]:
            for entry in info(emulator.client(region, account), include_tags=True):
                host = next(name for name in read.hosts if read.variables(name)["kms_key"]["arn"] == entry["arn"])
                variables = read.variables(host)
                assert variables["kms_key"] == entry
                assert variables["kms_key_account_id"] == account
                assert variables["kms_key_read_at"] == emulator.now().isoformat()
                assert (variables["cloudkeys_region"], variables["cloudkeys_profile"]) == (region, profile)
                assert variables["ansible_connection"] == "local"
                assert variables["ansible_python_interpreter"] == "{{ ansible_playbook_python }}"
    emulator.control.run_clock()


@pytest.mark.usefixtures("credentials")
def test_the_account_and_region_of_the_environment(
    kms: Any, account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ExternalKey.create(kms, Tags=[{"TagKey": "owner", "TagValue": "treasury"}])
    read = Read(write(tmp_path, default_groups=[]))
    name = f"{key.id}.us-east-1.{account}"
    assert read.groups == {"kms_keys": [name]}
    assert "cloudkeys_profile" not in read.variables(name)
    composed = Read(write(tmp_path, hostname_suffixes=[], compose={"cloudkeys_account_id": "kms_key_account_id"}))
    assert composed.hosts == [key.id]
    assert composed.variables(key.id)["cloudkeys_account_id"] == account
    assert Read(write(tmp_path, hostnames=["tag:owner"], hostname_suffixes=["region"])).hosts == ["treasury.us-east-1"]
    assert Read(write(tmp_path, region="eu-west-1")).hosts == []
    monkeypatch.delenv("AWS_REGION")
    said = refused(write(tmp_path))
    assert said.startswith(
        "The keys of the Region could not be read. No AWS Region is set. Set regions or AWS_REGION, or one"
    )


def test_a_profile_may_name_its_region(fleet: Fleet, aws: Path, tmp_path: Path) -> None:
    (aws / "config").write_text("[profile ledger]\nregion = us-east-1\n", "utf-8")
    assert sorted(Read(write(tmp_path, profiles=["ledger"])).hosts) == sorted(
        [fleet.host("empty"), fleet.host("later")]
    )
    assert sorted(Read(write(tmp_path, profile="ledger")).hosts) == sorted([fleet.host("empty"), fleet.host("later")])
    said = refused(write(tmp_path, profiles=["ledger", "treasury"]))
    assert said.startswith(
        "The keys of the Region of the profile treasury could not be read. No AWS Region is set: the profile treasury"
        " does not set one, or does not exist. Set regions"
    )


def test_places_of_one_account_share_its_quotas(aws: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """KMS counts requests by account and Region. An account that the configuration does not say may be any of them."""
    (aws / "config").write_text(
        "[profile admin]\nrole_arn = arn:aws:iam::444455556666:role/Admin\nsource_profile = static\n"
        "[profile reader]\nrole_arn = arn:aws:iam::444455556666:role/Reader\nsource_profile = static\n"
        "[profile center]\nsso_account_id = 444455556666\nsso_role_name = Reader\n"
        "sso_start_url = https://sso.example.com\nsso_region = us-east-1\n"
        "[profile ledger]\nrole_arn = arn:aws:iam::777788889999:role/Reader\nsource_profile = static\n"
        f"[profile static]\naws_access_key_id = 111122223333\naws_secret_access_key = {SECRET}\n"
        f"[profile other]\naws_access_key_id = 111122223333\naws_secret_access_key = {SECRET}\n",
        "utf-8",
    )
    reached: list[Any] = []

    def read_nothing(places: Sequence[Any], _filters: Any) -> Reading:
        reached.extend(places)
        return Reading([], [])

    monkeypatch.setattr(kms_keys, "read_places", read_nothing)
    profiles = ["admin", "reader", "center", "ledger", "static", "other"]
    Read(write(tmp_path, profiles=profiles, regions=["us-east-1", "eu-west-1"]))
    shared: dict[int, set[str]] = {}
    for place, kms in reached:
        shared.setdefault(id(kms._traffic), set()).add(place.profile)
    assert sorted(map(sorted, shared.values())) == [["admin", "center", "reader"], ["ledger"], ["other", "static"]]


def test_options_are_templates(fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHOSE", "treasury")
    monkeypatch.setenv("WHERE", "eu-west-1")
    profiles, regions = (["{{ lookup('ansible.builtin.env', '" + name + "') }}"] for name in ("WHOSE", "WHERE"))
    assert Read(write(tmp_path, profiles=profiles, regions=regions)).hosts == [fleet.host("never")]


def test_it_asks_for_no_more_than_the_module(fleet: Fleet, emulator: Emulator, tmp_path: Path) -> None:
    before = asked(emulator)
    assert len(Read(write(tmp_path, **WHERE)).hosts) == len(fleet.keys)
    calls = emulator.control.calls()[before:]
    assert {call["operation"] for call in calls} <= policy_actions("kms_key_material_info")
    assert {call["region"] for call in calls} == set(WHERE["regions"])


def test_filters(fleet: Fleet, emulator: Emulator, tmp_path: Path) -> None:
    before = asked(emulator)
    read = Read(write(tmp_path, **WHERE, alias_patterns=["team/*"]))
    assert read.hosts == [fleet.host("later")]
    described = [call for call in emulator.control.calls()[before:] if call["operation"] == "DescribeKey"]
    assert len(described) == 1
    assert Read(write(tmp_path, **WHERE, tags={"owner": None, "none": None})).hosts == []
    assert Read(write(tmp_path, **WHERE, tags={"owner": "ledger"})).hosts == [fleet.host("empty")]


def test_two_profiles_of_one_account(fleet: Fleet, aws: Path, tmp_path: Path) -> None:
    again = fleet.credentials().replace("[treasury]", "[again]")
    (aws / "credentials").write_text(f"{fleet.credentials()}\n{again.partition('[ledger]')[0]}", "utf-8")
    read = Read(write(tmp_path, profiles=["again", "treasury"], regions=["us-east-1"]))
    assert read.hosts == [fleet.host("soon")]
    assert read.variables(fleet.host("soon"))["cloudkeys_profile"] == "again"


@pytest.mark.usefixtures("credentials")
def test_a_multi_region_key_is_a_host_in_each_of_its_regions(
    emulator: Emulator, kms: Any, account: str, tmp_path: Path
) -> None:
    primary = ExternalKey.imported(kms, SYMMETRIC, MultiRegion=True)
    replica = emulator.replicate(primary)
    path = write(tmp_path, regions=["us-east-1", "us-west-2"])
    read = Read(path)
    assert read.hosts == [f"{primary.id}.us-west-2.{account}", f"{primary.id}.us-east-1.{account}"]
    assert read.variables(read.hosts[0])["kms_key"]["arn"] == replica.arn
    said = refused(write(tmp_path, regions=["us-east-1", "us-west-2"], hostname_suffixes=[]))
    assert said.startswith(f"Several keys would have the host name {primary.id}: ")


@pytest.mark.usefixtures("fleet")
def test_what_cannot_be_asked_fails_by_name(emulator: Emulator, tmp_path: Path) -> None:
    emulator.control.denied(["ListKeys"])
    said = refused(write(tmp_path, **{**WHERE, "regions": ["us-east-1"]}))
    assert said.startswith(
        "The keys of Region us-east-1 of the profile treasury could not be read. The keys of the account: KMS denied"
        " ListKeys. An IAM policy must allow kms:ListKeys in Region us-east-1 for the resource *."
    )
    assert "The keys of Region us-east-1 of the profile ledger could not be read." in said
    assert said.endswith("To create the inventory without these keys, set strict_permissions: false.")


def test_what_cannot_be_asked_may_be_left_out(fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warned: list[str] = []
    monkeypatch.setattr(kms_keys.InventoryModule, "warn", lambda _self, text: warned.append(text))
    cached: dict[str, Any] = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
    }
    path = write(tmp_path, profiles=["missing", "ledger"], regions=["us-east-1"], strict_permissions=False, **cached)
    for _again in range(2):
        # Nothing of it is cached: the second time would not warn.
        read = Read(path)
        read.plugin.update_cache_if_changed()
        assert sorted(read.hosts) == sorted([fleet.host("empty"), fleet.host("later")])
        (text,) = warned
        warned.clear()
        assert text.startswith(
            "The keys of Region us-east-1 of the profile missing could not be read. Couldn't connect to"
        )
        assert text.endswith(
            "The config profile (missing) could not be found. The inventory does not contain these keys."
        )


@pytest.mark.usefixtures("credentials")
def test_an_endpoint_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the pauses between attempts.
    monkeypatch.setattr(kms_keys, "client_config", partial(client_config, 1))
    said = refused(write(tmp_path, endpoint_url="http://127.0.0.1:1"))
    assert said.startswith(
        "The keys of Region us-east-1 could not be read. The aliases of the account: the KMS endpoint"
    )
    assert 'Could not connect to the endpoint URL: "http://127.0.0.1:1/". To create the inventory' in said


@pytest.mark.usefixtures("credentials")
def test_what_is_denied_of_a_key_is_unknown(kms: Any, emulator: Emulator, account: str, tmp_path: Path) -> None:
    hidden, untagged = ExternalKey.imported(kms), ExternalKey.imported(kms)
    emulator.control.denied(
        [{"operation": "DescribeKey", "key": hidden.id}, {"operation": "ListResourceTags", "key": untagged.id}]
    )
    read = Read(write(tmp_path))
    name, other = (f"{key.id}.us-east-1.{account}" for key in (hidden, untagged))
    assert read.variables(name)["kms_key"]["unread"] == {"key": "kms:DescribeKey is denied"}
    assert read.variables(name)["cloudkeys_region"] == "us-east-1"
    assert read.variables(other)["kms_key"]["unread"] == {"tags": "kms:ListResourceTags is denied"}
    for group in ("state_unknown", "key_spec_unknown", "days_left_unknown"):
        assert read.groups[group] == [name]
    assert read.groups["days_left_unlimited"] == [other]


@pytest.mark.usefixtures("fleet")
def test_the_cache_holds_facts_and_is_used_for_the_same_question(emulator: Emulator, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    cached: dict[str, Any] = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(folder),
    }

    def read(cache: bool = True, **options: Any) -> tuple[Read, int]:
        before = asked(emulator)
        done = Read(write(tmp_path, **cached, **{**WHERE, **options}), cache=cache)
        done.plugin.update_cache_if_changed()
        return done, asked(emulator) - before

    first, calls = read()
    assert calls > 0
    second, calls = read()
    assert calls == 0
    assert (second.hosts, second.groups) == (first.hosts, first.groups)
    assert all(second.variables(host) == first.variables(host) for host in first.hosts)
    (file,) = folder.iterdir()
    text = file.read_text("utf-8")
    assert set(json.loads(text)) <= {"asked", "keys", "__payload__"}
    assert SECRET not in text
    # What is named differently needs no other facts; what is asked for differently does.
    assert read(hostname_suffixes=["profile"])[1] == 0
    third, calls = read(profiles=["treasury"])
    assert calls > 0
    assert len(third.hosts) == 2
    assert read(profiles=["treasury"])[1] == 0
    assert read(profiles=["treasury"], endpoint_url=f"{emulator.url}/")[1] > 0
    assert read(profiles=["treasury"])[1] > 0
    # --flush-cache, and meta: refresh_inventory
    assert read(cache=False, profiles=["treasury"])[1] > 0


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"profles": ["treasury"]}, "Unknown option: profles. See ansible-doc -t inventory cloudkeys.aws.kms_keys."),
        ({"profiles": ["treasury"]}, "profiles and access_key are mutually exclusive, because both select accounts."),
        ({"regions": ["eu central 1"]}, "eu central 1 is not a valid AWS Region name."),
        (
            {"hostnames": ["name"]},
            "hostnames contains name, which is not supported. Use alias, key_id, or tag: followed by the name of a"
            " tag.",
        ),
        ({"hostname_suffixes": ["name"]}, "hostname_suffixes"),
        ({"default_groups": ["name"]}, "default_groups"),
    ],
    ids=["unknown option", "two accounts", "Region", "name", "suffix", "groups"],
)
def test_what_is_refused(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    assert said in refused(write(tmp_path, **options))


@pytest.mark.usefixtures("credentials")
def test_options_of_amazon_aws_go_by_all_of_their_names(tmp_path: Path) -> None:
    own = new_account()
    path = write(tmp_path, aws_access_key=own, aws_secret_key=SECRET, aws_region="eu-west-1")
    assert Read(path).hosts == []


@pytest.mark.usefixtures("credentials")
def test_an_old_botocore(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.__version__", "1.38.30")
    assert "botocore on the controller is older than 1.38.31" in refused(write(tmp_path))


@pytest.mark.parametrize("name", ["kms_keys.yml", "fleet.kms_keys.yaml"])
def test_names_of_files(name: str, tmp_path: Path) -> None:
    plugin = kms_keys.InventoryModule()
    assert plugin.verify_file(str(write(tmp_path, name)))
    assert not plugin.verify_file(str(write(tmp_path, "keys.yml")))


@pytest.mark.usefixtures("credentials")
def test_keys_that_vanish_between_the_list_and_the_look_are_no_hosts(
    kms: Any, emulator: Emulator, tmp_path: Path
) -> None:
    key = ExternalKey.create(kms)
    emulator.control.faults([{"operation": "DescribeKey", "error": "NotFoundException", "times": 1}])
    read = Read(write(tmp_path))
    assert read.hosts == []
    assert key.id in Read(write(tmp_path)).hosts[0]
