# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three accounts and two Regions, only with module_defaults: every role and playbook uses the right one.

The environment names a fourth account and a third Region. Nothing may happen there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from support.declared_keys import keys
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fixtures import new_account
from support.in_process import with_days
from support.materials import SYMMETRIC, new_material

from .playbooks import Project, Run

# Of no other test: what was called in a Region is asked for in the end.
WRONG_REGION = "sa-east-1"
NAMES = ("cloudkeys_region", "cloudkeys_profile", "cloudkeys_account_id")
INI = "[{section}]\naws_access_key_id = {account}\naws_secret_access_key = not-a-secret\n"


@dataclass
class Place:
    """An account and Region, with the inventory host that stands for it."""

    host: str
    account: str
    profile: str
    region: str
    kms: Any

    def variables(self, region: str, profile: str, account: str) -> dict[str, str]:
        return {region: self.region, profile: self.profile, account: self.account}


@pytest.fixture
def places(project: Project, emulator: Emulator) -> Iterator[list[Place]]:
    names = ("default", "first", "second", "third")
    accounts = {name: new_account() for name in names}
    (project.home / ".aws").mkdir()
    sections = [INI.format(section=name, account=account) for name, account in accounts.items()]
    (project.home / ".aws" / "credentials").write_text("\n".join(sections), "utf-8")
    # A profile and an access key at once are refused by amazon.aws: so here the wrong account is the default profile.
    project.environment |= {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_REGION": WRONG_REGION}
    yield [
        Place(f"{profile}-{region}", accounts[profile], profile, region, emulator.client(region, accounts[profile]))
        for profile, region in (
            ("first", "us-east-1"),
            ("first", "eu-west-1"),
            ("second", "eu-west-1"),
            ("third", "us-east-1"),
        )
    ]
    assert {call["region"] for call in emulator.control.calls()} & {WRONG_REGION} == set()
    for region in ("us-east-1", "eu-west-1"):
        assert keys(emulator.client(region, accounts["default"])) == []


def two_of(places: list[Place]) -> list[Place]:
    """Of two accounts, and in two Regions: enough where another test has all of them for the same code."""
    return places[::2]


def inventory(project: Project, places: list[Place], *names: str) -> list[str]:
    """:param names: of the variables for the Region, the profile and the account."""
    hosts = {place.host: place.variables(*names) for place in places}
    (project.folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), "utf-8")
    return ["-i", "inventory.yml"]


def as_a_role(project: Project, places: list[Place], role: str, variables: dict[str, Any]) -> Run:
    """In a user's own play, with its own names for the differences between the hosts."""
    play = {
        "hosts": "all",
        "connection": "local",
        "gather_facts": False,
        "module_defaults": {
            "group/cloudkeys.aws.aws": {
                "region": "{{ where }}",
                "profile": "{{ whose }}",
                "expected_account_id": "{{ meant }}",
            }
        },
        "roles": [{"role": f"cloudkeys.aws.{role}", **variables}],
    }
    return project.run_text(yaml.safe_dump([play]), *inventory(project, places, "where", "whose", "meant")).ok()


def by_name(project: Project, places: list[Place], playbook: str, variables: dict[str, Any]) -> Run:
    (project.folder / "variables.yml").write_text(yaml.safe_dump(variables), "utf-8")
    where = inventory(project, places, *NAMES)
    return project.command(["ansible-playbook", f"cloudkeys.aws.{playbook}", "-e", "@variables.yml", *where]).ok()


def test_a_profile_of_another_account(project: Project, emulator: Emulator, places: list[Place]) -> None:
    """The profiles of two hosts are swapped. Neither account gets their keys. The other hosts get their keys."""
    first, other = places[0], places[2]
    first.profile, other.profile = other.profile, first.profile
    (project.folder / "variables.yml").write_text(yaml.safe_dump({"imported_key_alias": "alias/payments"}), "utf-8")
    where = inventory(project, places, *NAMES)
    ran = project.command(["ansible-playbook", "cloudkeys.aws.provision_key", "-e", "@variables.yml", *where]).failed()
    said = [task["result"]["msg"] for task in ran.tasks if task["outcome"] == "failed"]
    assert sorted(said) == sorted(
        f"alias/payments: The credentials belong to account {whose.account}"
        f" (arn:aws:iam::{whose.account}:user/Delegated), but expected_account_id is {meant.account}. No request was"
        " sent to KMS. Check profile, or access_key, session_token and their role; or correct expected_account_id."
        for whose, meant in ((first, other), (other, first))
    )
    assert [len(keys(place.kms)) for place in places] == [0, 1, 0, 1]
    assert keys(emulator.client(first.region, other.account)) == []


@pytest.mark.every_core
def test_an_account_id_that_is_none(project: Project, places: list[Place]) -> None:
    """An empty variable or a missing digit does not match any account. Null counts as undefined."""
    values = {"": "is empty", 1402433619: "is 1402433619", None: ""}
    hosts = {
        place.host: {**place.variables(*NAMES), "cloudkeys_account_id": value}
        for place, value in zip(places, values, strict=False)
    }
    (project.folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), "utf-8")
    command = ["ansible-playbook", "cloudkeys.aws.provision_key", "-i", "inventory.yml"]
    ran = project.command([*command, "-e", "imported_key_alias=alias/payments"]).failed()
    said = {task["result"]["msg"].partition(", but")[0] for task in ran.tasks if task["outcome"] == "failed"}
    assert said == {f"expected_account_id {shown}" for shown in values.values() if shown}
    assert [len(keys(place.kms)) for place in places] == [0, 0, 1, 0]


@pytest.mark.parametrize("way", [pytest.param(as_a_role, marks=pytest.mark.every_core), by_name])
def test_imported_key(project: Project, places: list[Place], way: Any) -> None:
    places = places if way is as_a_role else two_of(places)
    path = project.folder / "payments.key"
    path.write_bytes(new_material(SYMMETRIC))
    wanted = {
        "imported_key_alias": "alias/payments",
        "imported_key_key_material_src": str(path),
        "imported_key_key_material_format": "raw",
        "imported_key_expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }
    way(project, places, "imported_key" if way is as_a_role else "provision_key", wanted)
    for place in places:
        assert len(keys(place.kms)) == 1, place.host
        shown = place.kms.describe_key(KeyId="alias/payments")["KeyMetadata"]
        assert (shown["KeyState"], place.region in shown["Arn"]) == ("Enabled", True), place.host


@pytest.mark.parametrize("way", [as_a_role, by_name])
def test_expiry_report(project: Project, emulator: Emulator, places: list[Place], way: Any) -> None:
    places = places if way is by_name else two_of(places)
    for number, place in enumerate(places):
        with_days(place.kms, emulator, "payments", 10 * (number + 1))
    way(project, places, "expiry_report", {"expiry_report_folder": str(project.folder / "out")})
    report = json.loads((project.folder / "out" / "expiry-report.json").read_text("utf-8"))
    assert {key["source"]: (key["days_left"], key["region"]) for key in report["keys"]} == {
        place.host: (10 * (number + 1), place.region) for number, place in enumerate(places)
    }


def test_renew_expiring(project: Project, emulator: Emulator, places: list[Place]) -> None:
    content = new_material(SYMMETRIC)
    (project.folder / "payments.key").write_bytes(content)
    places = two_of(places)
    for place in places:
        with_days(place.kms, emulator, "payments", 3, content)
    declared = {"key_id": "alias/payments", "key_material_src": "payments.key", "key_material_format": "raw"}
    by_name(project, places, "renew_expiring", {"renew_expiring_keys": [declared]})
    for place in places:
        shown = place.kms.describe_key(KeyId="alias/payments")["KeyMetadata"]
        assert (shown["ValidTo"] - emulator.now()).days in (89, 90), place.host


def test_rotate_by_alias(project: Project, places: list[Place]) -> None:
    (project.folder / "new.key").write_bytes(new_material("HMAC_256"))
    places = two_of(places)
    old = {place.host: ExternalKey.imported(place.kms, "HMAC_256") for place in places}
    for place in places:
        place.kms.create_alias(AliasName="alias/payments", TargetKeyId=old[place.host].id)
    variables = {"rotate_by_alias_alias": "payments", "rotate_by_alias_key_material_src": "new.key"}
    by_name(
        project,
        places,
        "rotate_by_alias",
        {**variables, "rotate_by_alias_valid_for": "90d", "rotate_by_alias_renew_before": "30d"},
    )
    for place in places:
        shown = place.kms.describe_key(KeyId="alias/payments")["KeyMetadata"]
        assert (shown["KeyState"], shown["Arn"] != old[place.host].arn) == ("Enabled", True), place.host


def test_variables_of_hosts_and_groups_count(project: Project, emulator: Emulator, places: list[Place]) -> None:
    """The variables of a play would override them."""
    place = places[0]
    content = new_material(SYMMETRIC)
    (project.folder / "payments.key").write_bytes(content)
    with_days(place.kms, emulator, "payments", 50, content)
    own = {
        **place.variables(*NAMES),
        "renew_expiring_days": 60,
        "renew_expiring_valid_for": "100d",
        "renew_expiring_keys": [
            {"key_id": "alias/payments", "key_material_src": "payments.key", "key_material_format": "raw"}
        ],
    }
    (project.folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": {place.host: own}}}), "utf-8")
    project.command(["ansible-playbook", "cloudkeys.aws.renew_expiring", "-i", "inventory.yml"]).ok()
    shown = place.kms.describe_key(KeyId="alias/payments")["KeyMetadata"]
    assert (shown["ValidTo"] - emulator.now()).days in (99, 100)


@pytest.mark.parametrize(
    ("playbook", "variables"),
    [
        ("provision_key", {"imported_key_alias": "alias/payments", "imported_key_region": "eu-west-1"}),
        ("provision_key", {"imported_key_alias": "alias/payments", "imported_key_aws_profile": "second"}),
        ("expiry_report", {"expiry_report_region": "eu-west-1"}),
        ("provision_fleet", {"provision_fleet_file": "keys.csv", "provision_fleet_region": "eu-west-1"}),
        ("renew_expiring", {"renew_expiring_keys": [], "renew_expiring_region": "eu-west-1"}),
        ("rotate_by_alias", {"rotate_by_alias_alias": "payments", "rotate_by_alias_region": "eu-west-1"}),
    ],
)
def test_a_region_variable_that_is_not_used_is_refused(
    project: Project, playbook: str, variables: dict[str, Any]
) -> None:
    """The key would be created or searched in another Region."""
    (project.folder / "variables.yml").write_text(yaml.safe_dump(variables), "utf-8")
    refused = project.command(["ansible-playbook", f"cloudkeys.aws.{playbook}", "-e", "@variables.yml"]).failed()
    assert list(variables)[-1] in refused.results[-1]["msg"]
    said = " ".join(refused.results[-1]["msg"].split())
    assert "cloudkeys_region and cloudkeys_profile" in said or "cloudkeys_region, cloudkeys_profile and" in said


@pytest.mark.parametrize(
    "playbook",
    [
        "provision_key",
        "provision_fleet",
        "expiry_report",
        "renew_expiring",
        "rotate_by_alias",
        "ceremony_export",
        "ceremony_import",
    ],
)
def test_a_misspelt_variable_of_all_playbooks_is_refused(project: Project, playbook: str) -> None:
    """The variable should choose the account or the Region. Without it, those of the environment would apply."""
    (project.folder / "variables.yml").write_text(yaml.safe_dump({"cloudkeys_aws_profile": "treasury"}), "utf-8")
    refused = project.command(["ansible-playbook", f"cloudkeys.aws.{playbook}", "-e", "@variables.yml"]).failed()
    assert refused.results[-1]["msg"].startswith("Unknown variables: cloudkeys_aws_profile. ")
