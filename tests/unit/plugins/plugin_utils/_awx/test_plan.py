# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The complete plan for AWX: names, references between objects, and one report of all faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.plan import DEFAULTS, make_plan

from .settings import settings

ROLE = Path(__file__).resolve().parents[5] / "roles" / "awx_setup"


def refused(**changed: Any) -> str:
    with pytest.raises(Refusal) as error:
        make_plan(settings(**changed))
    assert error.value.sentence.endswith("No request was sent to AWX.")
    return error.value.sentence


def plan_or_sentence(keys: list[dict[str, Any]]) -> dict[str, Any] | str:
    try:
        return make_plan(settings(keys=keys))
    except Refusal as error:
        return error.sentence


def test_every_name_begins_with_the_prefix() -> None:
    plan = make_plan(settings(prefix="prod keys"))
    named = [
        one
        for kind in ("credential_types", "credentials", "job_templates", "workflows", "schedules")
        for one in plan[kind]
    ]
    assert named
    assert all(one["name"].startswith("prod keys: ") for one in named)
    assert plan["inventory"]["name"] == "prod keys: accounts"
    assert (plan["project"], plan["execution_environment"]) == ("prod keys", "prod keys")
    assert "cloudkeys: " not in str(plan)


def test_what_a_job_needs_is_there() -> None:
    plan = make_plan(settings())
    credentials = {one["name"] for one in plan["credentials"]}
    for template in plan["job_templates"]:
        assert set(template["credentials"]) <= credentials
        assert len(set(template["credentials"])) == len(template["credentials"])
    templates = {one["name"] for one in plan["job_templates"]}
    used = {node["job_template"] for one in plan["workflows"] for node in one["nodes"] if "job_template" in node}
    assert used | {one["job_template"] for one in plan["schedules"]} <= templates


def test_every_file_that_a_job_reads_comes_from_a_credential() -> None:
    plan = make_plan(settings())
    injected = {name for one in plan["credential_types"] for name in one["injectors"].get("extra_vars", {})}
    for name in ("cloudkeys_file_key_payments", "cloudkeys_file_passphrase_releases", "cloudkeys_file_key_canary"):
        assert name in injected
        assert name in str(plan["inventory"])


@pytest.mark.parametrize(
    ("changed", "vault"),
    [
        ({}, True),
        ({"keys": [{"alias": "a"}]}, False),
        ({"keys": [{"alias": "a"}], "vault_id": "prod"}, True),
        ({"keys": [{"alias": "a", "key_material_src": "a.key", "has_passphrase": True}]}, True),
        ({"keys": [{"alias": "a", "previous_key_materials": [{"key_material_src": "b.key"}]}]}, True),
    ],
)
def test_the_vault_credential(changed: dict[str, Any], vault: bool) -> None:
    plan = make_plan(settings(canary_keys=[], **changed))
    assert ("cloudkeys: Vault" in [one["name"] for one in plan["credentials"]]) is vault
    assert ("cloudkeys: Vault" in [one["name"] for one in plan["fields"]]) is vault


def test_what_is_not_needed_is_named() -> None:
    plan = make_plan(settings(keys=[], canary_keys=[], ceremony_keys=[], report_time="never"))
    assert "cloudkeys: Renew" in plan["not_needed"]["job_templates"]
    assert plan["not_needed"]["workflows"] == ["cloudkeys: Renew after approval", "cloudkeys: Ceremony"]
    assert plan["not_needed"]["schedules"] == ["cloudkeys: Renew every night", "cloudkeys: Report every night"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"accounts": []}, "awx_setup_accounts must be a list"),
        ({"keys": "payments"}, "awx_setup_keys must be a list"),
        ({"prefix": "a: b"}, "awx_setup_prefix must be"),
        ({"prefix": "a,b"}, "awx_setup_prefix must be"),
        ({"prefix": "1"}, "awx_setup_prefix must be"),
        ({"project": "mine"}, "either awx_setup_project_url"),
        ({"project_url": ""}, "either awx_setup_project_url"),
        ({"execution_environment_image": None}, "either awx_setup_execution_environment_image"),
        ({"valid_for": "long"}, "awx_setup_valid_for must be"),
        ({"renew_within_days": 0}, "awx_setup_renew_within_days must be"),
        ({"fail_within_days": "1.5"}, "awx_setup_fail_within_days must be"),
        ({"fail_within_days": True}, "awx_setup_fail_within_days must be"),
        ({"renewal_time": "2am"}, "awx_setup_renewal_time must be"),
        ({"renewal_time": 150}, "awx_setup_renewal_time must be"),
        ({"timezone": "Europe Berlin"}, "awx_setup_timezone must be"),
        ({"approval_timeout": 0}, "awx_setup_approval_timeout must be"),
        ({"organization": "Security, Platform"}, "awx_setup_organization must be"),
        ({"job_slices": 0}, "awx_setup_job_slices must be"),
        ({"notification_templates": "mail"}, "awx_setup_notification_templates must be"),
        ({"aws_credential": "AWS"}, "does not combine it with a profile"),
        ({"keys": [{"alias": "a", "credential": "AWS accounts"}]}, "cannot have the title AWS accounts"),
        ({"keys": [{"alias": "a", "credential": "vault"}]}, "cannot have the title vault"),
        ({"keys": [{"alias": "canary"}]}, "would share the field key_canary"),
    ],
)
def test_what_is_refused(changed: dict[str, Any], said: str) -> None:
    assert said in refused(**changed)


def test_all_faults_are_told_at_once() -> None:
    said = refused(keys=[{}, {"alias": "x", "misspelt": 1}], ceremony_keys=[{}], valid_for="?", timezone="?")
    for part in ("keys[0]", "misspelt", "ceremony_keys[0]", "valid_for", "timezone"):
        assert part in said


def test_what_is_empty_is_not_given() -> None:
    assert make_plan(settings(valid_for="", renewal_time=None, vault_id="")) == make_plan(settings())


def test_the_defaults_are_those_of_the_role() -> None:
    role = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text("utf-8"))
    options = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text("utf-8"))["argument_specs"]["main"][
        "options"
    ]
    for name, value in DEFAULTS.items():
        assert role[f"awx_setup_{name}"] == value
    for name, option in options.items():
        assert option.get("default") == role.get(name), name


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "alias": st.sampled_from(["a", "alias/a", "a-b", "a_b", "", "alias/" + "z" * 70]),
                "name": st.sampled_from(["a", "A", "ä", "", "tower", "none"]),
                "key_spec": st.sampled_from(["SYMMETRIC_DEFAULT", "HMAC_512", "RSA_2048", "ML_DSA_44"]),
                "has_passphrase": st.booleans(),
                "credential": st.sampled_from(["key material", "more", "Vault", "x,y"]),
                "key_material_src": st.just("keys/a.key"),
                "accounts": st.lists(st.sampled_from(["treasury", "retail", "nowhere"]), max_size=2),
                "key_material": st.just("never"),
            },
        ),
        max_size=4,
    )
)
def test_any_list_is_a_plan_or_a_sentence(keys: list[dict[str, Any]]) -> None:
    plan = plan_or_sentence(keys)
    if isinstance(plan, str):
        assert "never" not in plan.replace("never sees", "")
        return
    fields = [field["id"] for one in plan["credential_types"] for field in one["inputs"]["fields"]]
    assert len(set(fields)) == len(fields)
    assert all(field.isidentifier() for field in fields)
