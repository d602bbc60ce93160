# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each host is an account with an assumed role: with profiles of the AWS configuration, and with amazon.aws."""

from __future__ import annotations

import json
import secrets
from typing import Any

import yaml
from support.emulator import Emulator
from support.fixtures import new_account
from support.materials import SYMMETRIC, new_material

from .leaks import find
from .playbooks import Project, Run

PROFILE = "[profile {name}]\nrole_arn = arn:aws:iam::{account}:role/KeyImporter\nsource_profile = operations\n"
SOURCE = "[profile operations]\naws_access_key_id = {account}\naws_secret_access_key = {secret}\n"
# What every session token of moto begins with.
SESSION_TOKEN = "FQoGZXIvYXdzE"

KEY = {"cloudkeys.aws.kms_external_key": {"alias": "payments", "key_spec": "SYMMETRIC_DEFAULT"}}
MATERIAL = {
    "cloudkeys.aws.kms_key_material": {
        "key_id": "alias/payments",
        "key_material_src": "payments.key",
        "key_material_format": "raw",
        "expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }
}
REGION = {"region": "{{ cloudkeys_region }}"}
EXPECTED = {"expected_account_id": "{{ cloudkeys_account_id }}"}
CREDENTIALS = {name: f"{{{{ assumed.sts_creds.{name} }}}}" for name in ("access_key", "secret_key", "session_token")}


def play(name: str, *tasks: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    return {
        "name": name,
        "hosts": "all",
        "connection": "local",
        "gather_facts": False,
        "module_defaults": {
            "group/cloudkeys.aws.aws": {**REGION, "profile": "{{ cloudkeys_profile }}"},
            "group/cloudkeys.aws.kms": EXPECTED,
        },
        "tasks": list(tasks),
        **keywords,
    }


def assume_by_amazon_aws() -> list[dict[str, Any]]:
    """The role is of the account that the host stands for; the last task means another one."""
    role = "arn:aws:iam::{{ cloudkeys_account_id }}:role/KeyImporter"
    return [
        {
            "name": "Assume",
            "amazon.aws.sts_assume_role": {
                "profile": "operations",
                "role_arn": role,
                "role_session_name": "{{ inventory_hostname }}",
            },
            "register": "assumed",
            "no_log": True,
        },
        {
            "name": "For the test alone",
            "ansible.builtin.copy": {"content": "{{ assumed.sts_creds }}", "dest": "{{ inventory_hostname }}.json"},
            "no_log": True,
        },
        {
            "name": "With the credentials of the role",
            "module_defaults": {
                "group/cloudkeys.aws.aws": {**REGION, **CREDENTIALS},
                "group/cloudkeys.aws.kms": EXPECTED,
            },
            "block": [
                {"name": "Right", **MATERIAL, "register": "right"},
                *(
                    {"name": f"Wrong {place}", **task, "vars": {"cloudkeys_account_id": "444455556666"}}
                    | {"ignore_errors": True}
                    for place, task in enumerate((KEY, MATERIAL))
                ),
            ],
        },
    ]


def hosts(accounts: dict[str, str]) -> dict[str, Any]:
    """Each in a Region of its own, which tells in the emulator's log who asked."""
    variables = {
        "treasury": ("treasury", "treasury", "us-east-1"),
        "retail": ("retail", "retail", "eu-west-1"),
        "mistaken": ("retail", "treasury", "ap-south-1"),
    }
    return {
        host: {"cloudkeys_profile": profile, "cloudkeys_account_id": accounts[meant], "cloudkeys_region": region}
        for host, (profile, meant, region) in variables.items()
    }


def outcomes(ran: Run, task: str) -> list[tuple[str, bool]]:
    return sorted((one["outcome"], bool(one["result"].get("changed"))) for one in ran.tasks if one["task"] == task)


def test_roles_of_accounts(project: Project, emulator: Emulator) -> None:
    """With profiles: forks and throttle, then serial. With amazon.aws: its credentials as options of the tasks."""
    accounts = {name: new_account() for name in ("operations", "treasury", "retail")}
    secret = secrets.token_urlsafe(30)
    (project.home / ".aws").mkdir()
    profiles = [PROFILE.format(name=name, account=accounts[name]) for name in ("treasury", "retail")]
    config = "\n".join([*profiles, SOURCE.format(account=accounts["operations"], secret=secret)])
    (project.home / ".aws" / "config").write_text(config, "utf-8")
    project.environment |= {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_ENDPOINT_URL_STS": emulator.url}
    (project.folder / "payments.key").write_bytes(material := new_material(SYMMETRIC))
    (project.folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts(accounts)}}), "utf-8")
    before = len(emulator.control.calls())
    ran = project.run_text(
        yaml.safe_dump(
            [
                play("By profile", {"name": "Key", **KEY, "throttle": 1}, {"name": "Import", **MATERIAL}),
                play("In turn", {"name": "Again", **MATERIAL}, serial=1, hosts="all:!mistaken"),
                play("By amazon.aws", *assume_by_amazon_aws(), hosts="all:!mistaken"),
            ],
            sort_keys=False,
        ),
        *("-i", "inventory.yml", "--forks", "3", "-vvv"),
    ).failed()
    calls = emulator.control.calls()[before:]

    assert outcomes(ran, "Key") == [("failed", False), ("ok", True), ("ok", True)]
    assert outcomes(ran, "Import") == [("ok", True)] * 2
    assert outcomes(ran, "Again") == outcomes(ran, "Right") == [("ok", False)] * 2
    said = [one["result"]["msg"] for one in ran.tasks if one["outcome"] == "failed"]
    role = f"arn:aws:sts::{accounts['retail']}:assumed-role/KeyImporter/"
    assert said[0].startswith(f"The credentials belong to account {accounts['retail']} ({role}")
    assert f"expected_account_id is {accounts['treasury']}." in said[0]
    assert len(said) == 1 + 2 * 2
    assert all("but expected_account_id is 444455556666. No request was sent to KMS" in one for one in said[1:])

    assert {call["operation"] for call in calls if call["region"] == "ap-south-1"} <= {
        "AssumeRole",
        "GetCallerIdentity",
    }
    imports = [(call["account"], call["region"]) for call in calls if call["operation"] == "ImportKeyMaterial"]
    assert sorted(imports) == sorted([(accounts["treasury"], "us-east-1"), (accounts["retail"], "eu-west-1")])
    assert {call["operation"] for call in calls if call["account"] == accounts["operations"]} == {"AssumeRole"}

    given = [json.loads((project.folder / f"{host}.json").read_text("utf-8")) for host in ("treasury", "retail")]
    hidden = [secret, *(one[name] for one in given for name in ("secret_key", "session_token"))]
    assert all(one["session_token"].startswith(SESSION_TOKEN) for one in given)
    for one in hidden:
        assert find(one.encode(), ran.output.encode()) == []
    assert SESSION_TOKEN not in ran.output
    assert find(material, ran.output.encode()) == []
