# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Job templates: the values that a user can set at launch, and the fixed values."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.job_templates import TITLES
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.plan import make_plan

from .settings import settings

PROJECT = Path(__file__).resolve().parents[5] / "docs" / "awx" / "project"
# A user who launches the job chooses an account, and enters durations and numbers of days.
LAUNCHERS = {
    "cloudkeys_check_codes",
    "cloudkeys_hosts",
    "cloudkeys_rotation_alias",
    "expiry_report_fail_within_days",
    "expiry_report_warn_within_days",
    "provision_fleet_max_failures",
    "renew_expiring_days",
    "renew_expiring_valid_for",
    "rotate_by_alias_alias",
    "rotate_by_alias_move",
}


def templates(**changed: Any) -> dict[str, dict[str, Any]]:
    return {one["title"]: one for one in make_plan(settings(**changed))["job_templates"]}


def questions(template: dict[str, Any]) -> list[dict[str, Any]]:
    return template["survey"]["spec"]


def test_all_of_them() -> None:
    assert list(templates()) == list(TITLES)


def test_a_launcher_cannot_say_whom_the_key_material_is_entrusted_to() -> None:
    asked = {question["variable"] for one in templates().values() for question in questions(one)}
    assert asked == LAUNCHERS
    assert not [name for name in asked if re.search("trust|endpoint|_src|folder|file|_keys$|account_id|region", name)]


def test_what_names_a_host_or_a_key_is_chosen_from_a_list() -> None:
    for template in templates().values():
        for question in questions(template):
            if re.search("hosts|alias", question["variable"]):
                assert question["type"] == "multiplechoice"
                assert question["choices"]


@pytest.mark.parametrize("title", ["Renew", "Report", "Ceremony export", "Ceremony import"])
def test_schedules_and_workflows_start_without_an_answer(title: str) -> None:
    assert not [question for question in questions(templates()[title]) if question["required"]]


def test_every_default_is_within_its_own_limits() -> None:
    for template in templates().values():
        for question in questions(template):
            default = question.get("default")
            if question["type"] == "integer":
                assert question["min"] <= default <= question["max"]
            elif question["type"] == "multiplechoice" and default is not None:
                assert default in question["choices"]
            elif default is not None:
                assert question["min"] <= len(default) <= question["max"]


def test_a_report_is_never_sliced_and_has_no_key_material() -> None:
    made = templates(job_slices=5)
    assert {title for title, one in made.items() if one["job_slice_count"] == 5} == {"Provision fleet", "Renew"}
    for title in ("Report", "Ceremony export"):
        assert made[title]["credentials"] == ["cloudkeys: AWS accounts"]
    assert "cloudkeys: key material" not in made["Ceremony import"]["credentials"]
    assert made["Ceremony import"]["credentials"][-1] == "cloudkeys: ceremony"


def test_what_has_nothing_to_do_is_not_there() -> None:
    assert list(templates(keys=[], canary_keys=[], ceremony_keys=[])) == ["Report"]
    assert "Rotate by alias" not in templates(keys=[{"alias": "a"}])
    assert "Rotate" not in templates(keys=[{"alias": "a", "key_spec": "HMAC_256"}])


def test_no_credential_of_accounts_where_another_one_is_given() -> None:
    accounts = [{"name": "one", "account_id": "444455556666", "region": "eu-central-1"}]
    own: dict[str, Any] = {"accounts": accounts, "keys": [{"alias": "a"}], "canary_keys": [], "ceremony_keys": []}
    made = templates(aws_credential="AWS production", **own)
    assert made["Report"]["credentials"] == ["AWS production"]


@pytest.mark.parametrize("title", TITLES)
def test_its_playbook_is_in_the_project(title: str) -> None:
    assert (PROJECT / templates()[title]["playbook"]).is_file()


def test_a_key_that_follows_another_has_what_its_entry_says() -> None:
    """The key policy matters most: KMS's default policy delegates all access control to IAM in the account."""
    (play,) = yaml.safe_load((PROJECT / "rotate_by_alias.yml").read_text("utf-8"))
    given = {name for name in play["vars"] if not name.startswith("cloudkeys_internal_")}
    assert given == {
        f"rotate_by_alias_{name}"
        for name in (
            "key_material_src", "key_material_passphrase_src", "key_material_format", "expiration_model", "valid_to",
            "valid_for", "renew_before", "policy", "tags", "description",
        )
    }  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
def test_a_template_has_no_variable_but_its_hosts(title: str) -> None:
    """A workflow passes its own variables to its jobs, and they would replace the variables of the template."""
    assert set(templates()[title]["extra_vars"]) <= {"cloudkeys_hosts"}


def test_the_inventory_says_what_a_launcher_may_say() -> None:
    plan = make_plan(settings())
    allowed = set(plan["inventory"]["variables"]["cloudkeys_internal_launchers"])
    assert allowed == LAUNCHERS | {
        "cloudkeys_expiry_report",
        "cloudkeys_recovery_drill",
        "cloudkeys_ceremony_parameters",
    }


def test_no_host_without_a_key_of_its_own() -> None:
    """The job would fail every night."""
    made = templates(keys=[{"alias": "a", "accounts": ["retail"]}, {"alias": "h", "key_spec": "HMAC_256"}])
    hosts = {title: made[title]["extra_vars"].get("cloudkeys_hosts") for title in made}
    assert hosts["Renew"] == hosts["Provision fleet"] == "retail,treasury"
    assert hosts["Rotate"] == '{{ {"alias/a": "retail"}[cloudkeys_rotation_alias] }}'
    assert hosts["Rotate by alias"] == '{{ {"alias/h": "retail,treasury"}[rotate_by_alias_alias] }}'
    assert hosts["Report"] is None
    only = templates(keys=[{"alias": "a", "accounts": ["retail"]}])
    assert only["Renew"]["extra_vars"]["cloudkeys_hosts"] == "retail"
