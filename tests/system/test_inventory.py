# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin in Ansible's programs: their output, plays on its hosts, and leaks."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from kms_emulator.process import start_emulator
from support.emulator import Emulator
from support.in_process import with_days
from support.inventories import HOSTILE, SECRET, Fleet, tagged, write

from ansible_collections.cloudkeys.aws.plugins.inventory.kms_keys import EXAMPLES

from .leaks import LOUD, find, in_folder
from .playbooks import Project, Run

WHERE: dict[str, Any] = {"profiles": ["treasury", "ledger"], "regions": ["us-east-1", "eu-west-1"]}
# What users are told to do, so that a run fails where an inventory does.
FAILING = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}

GRAPH = """\
@all:
  |--@ungrouped:
  |--@kms_keys:
  |  |--{empty}
  |  |--{today}
  |  |--{deleted}
  |  |--{soon}
  |  |--{later}
  |  |--{never}
  |--@state_enabled:
  |  |--{today}
  |  |--{soon}
  |  |--{later}
  |  |--{never}
  |--@state_pendingdeletion:
  |  |--{deleted}
  |--@state_pendingimport:
  |  |--{empty}
  |--@region_eu_west_1:
  |  |--{today}
  |  |--{deleted}
  |  |--{never}
  |--@region_us_east_1:
  |  |--{empty}
  |  |--{soon}
  |  |--{later}
  |--@account_{treasury}:
  |  |--{soon}
  |  |--{never}
  |--@account_{ledger}:
  |  |--{empty}
  |  |--{today}
  |  |--{deleted}
  |  |--{later}
  |--@key_spec_hmac_256:
  |  |--{never}
  |--@key_spec_rsa_2048:
  |  |--{later}
  |--@key_spec_symmetric_default:
  |  |--{empty}
  |  |--{today}
  |  |--{deleted}
  |  |--{soon}
  |--@days_left_under_90:
  |  |--@days_left_under_30:
  |  |  |--@days_left_under_7:
  |  |  |  |--@material_missing:
  |  |  |  |  |--{empty}
  |  |  |  |--{today}
  |  |  |--{soon}
  |--@days_left_90_or_more:
  |  |--{later}
  |--@days_left_unlimited:
  |  |--{never}
  |--@tag_owner_ledger:
  |  |--{empty}
  |--@tag_owner_treasury:
  |  |--{soon}
"""


@pytest.fixture
def fleet(project: Project, emulator: Emulator) -> Fleet:
    """Its accounts are profiles, and the environment has no credentials."""
    made = Fleet.make(emulator)
    (project.home / ".aws").mkdir()
    (project.home / ".aws" / "credentials").write_text(made.credentials(), "utf-8")
    project.environment |= {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_REGION": ""}
    return made


def inventory(project: Project, *arguments: str, **variables: str) -> Run:
    return project.command(["ansible-inventory", *arguments], {**FAILING, **variables})


def listed(project: Project, *arguments: str, **variables: str) -> dict[str, Any]:
    """What ``--list`` writes. What it prints may have warnings in it."""
    path = project.folder / "list.json"
    inventory(project, *arguments, "--list", "--output", str(path), **variables).ok()
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


@pytest.mark.every_core
def test_the_graph_of_a_fleet(project: Project, fleet: Fleet) -> None:
    write(project.folder, **WHERE)
    run = inventory(project, "-i", "kms_keys.yml", "--graph").ok()
    assert run.output == GRAPH.format(**fleet.accounts, **{key: fleet.host(key) for key in fleet.keys})


TOLD, SHOWN = "See what the host tells", "See what the module tells"
PLAY = """
- hosts: all
  gather_facts: false
  module_defaults:
    group/cloudkeys.aws.aws: >-
      {{ {'region': cloudkeys_region | default(none), 'profile': cloudkeys_profile | default(none)}
         | dict2items | selectattr('value') | items2dict }}
  tasks:
    - name: See what the host tells
      ansible.builtin.debug:
        msg:
          host: "{{ inventory_hostname }}"
          entry: "{{ kms_key }}"
          tag: "{{ kms_key.tags.note | default('') }}"
          composed: "{{ composed | default('') }}"
          python: "{{ ansible_python_interpreter == ansible_playbook_python }}"
          groups: "{{ group_names }}"
          short: "{{ inventory_hostname_short }}"
    - name: See what the module tells
      cloudkeys.aws.kms_key_material_info:
        key_ids: ["{{ kms_key.arn }}"]
        include_tags: true
    - name: Use text from AWS
      ansible.builtin.debug:
        msg: "{{ item }}"
      loop: "{{ [kms_key.description, kms_key.tags | dict2items, composed | default('')] }}"
"""


@pytest.mark.every_core
def test_plays_on_keys_whose_tags_are_templates(project: Project, fleet: Fleet, emulator: Emulator) -> None:
    """By the plugin itself; and by what it wrote, as a controller such as AWX keeps it and gives it to Ansible."""
    emulator.control.stop_clock()
    key = tagged(fleet.keys["soon"], note=HOSTILE, **{"{{ undefined }}": "{% raw %}"})
    key.kms.update_key_description(KeyId=key.id, Description=HOSTILE)
    write(
        project.folder,
        **WHERE,
        compose={"composed": "kms_key.description ~ kms_key.tags.note | default('')"},
        groups={"hostile": "'lookup' in kms_key.description"},
        keyed_groups=[{"key": "kms_key.description", "prefix": "described"}],
    )
    kept = listed(project, "-i", "kms_keys.yml")
    script = project.folder / "kept.sh"
    script.write_text("#!/bin/sh\ncat list.json\n", "utf-8")
    script.chmod(0o700)
    assert set(kept["hostile"]["hosts"]) == {fleet.host("soon")}
    for source in ("kms_keys.yml", "./kept.sh"):
        run = project.run_text(PLAY, "-i", source, variables=FAILING).ok()
        told = {task["result"]["msg"]["host"]: task["result"]["msg"] for task in run.tasks if task["task"] == TOLD}
        shown = [task["result"]["kms_keys"][0] for task in run.tasks if task["task"] == SHOWN]
        assert set(told) == {fleet.host(name) for name in fleet.keys}
        assert {one["entry"]["arn"]: one["entry"] for one in told.values()} == {one["arn"]: one for one in shown}
        assert all(one["python"] for one in told.values())
        hostile = told[fleet.host("soon")]
        assert hostile["entry"]["description"] == HOSTILE
        assert hostile["composed"] == HOSTILE * 2
        assert hostile["entry"]["tags"] == {"owner": "treasury", "note": HOSTILE, "{{ undefined }}": "{% raw %}"}
        assert hostile["tag"] == HOSTILE
        assert "hostile" in hostile["groups"]
        assert [group for group in hostile["groups"] if group.startswith("described_")]
        assert hostile["short"] == "payments"
        assert not (project.folder / "pwned").exists()
    emulator.control.run_clock()


@pytest.mark.parametrize("given", ["by profiles", "in the file"])
def test_no_credentials_are_shown_or_cached(project: Project, fleet: Fleet, given: str) -> None:
    where: dict[str, Any] = WHERE
    if given == "in the file":
        where = {"regions": ["us-east-1"], "access_key": fleet.accounts["treasury"], "secret_key": SECRET}
    cached: dict[str, Any] = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": "cache"}
    path = write(project.folder, **where, **cached)
    run = inventory(project, "-i", "kms_keys.yml", "--list", "-vvv", **LOUD).ok()
    assert fleet.host("soon") in run.output
    assert find(SECRET.encode(), run.output.encode()) == []
    assert list((project.folder / "cache").iterdir())
    known = {project.home / ".aws" / "credentials", *([path] if given == "in the file" else [])}
    assert in_folder(SECRET.encode(), project.folder, known) == []


ACCOUNTS = {"treasury": "444455556666", "ledger": "777788889999", "archive": "123456789012"}


@pytest.mark.every_core
def test_the_examples(project: Project) -> None:
    """The examples are used unchanged, in files with the names from their comments."""
    (project.home / ".aws").mkdir()
    default = Fleet({"default": ACCOUNTS["treasury"]}, {}).credentials()
    (project.home / ".aws" / "credentials").write_text(f"{Fleet(ACCOUNTS, {}).credentials()}\n{default}", "utf-8")
    project.environment |= {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_REGION": "eu-central-1"}
    named = re.findall(r"^# (?:The smallest )?(\S+\.yml):.*?^---\n(.*?)(?=^# |\Z)", EXAMPLES, re.MULTILINE | re.DOTALL)
    for name, text in named:
        (project.folder / name).write_text(text, "utf-8")
    inventories = ("kms_keys.yml", "fleet.kms_keys.yml", "owners.kms_keys.yml")
    assert [name for name, _text in named] == [*inventories, "renew.yml"]
    with start_emulator() as process:
        emulator = Emulator(process.url)
        project.endpoint = process.url
        eu, us, ledger = (
            emulator.client(region, ACCOUNTS[name])
            for region, name in (("eu-central-1", "treasury"), ("us-east-1", "treasury"), ("eu-central-1", "ledger"))
        )
        due = [tagged(with_days(client, emulator, "payments", 20), owner="treasury") for client in (eu, us)]
        later = tagged(with_days(us, emulator, "books", 40), owner="treasury")
        others = tagged(with_days(ledger, emulator, "payments", 20), owner="ledger")
        not_meant = tagged(with_days(eu, emulator, "drafts", 20), owner="treasury")
        not_meant.stage()
        emulator.rotate(not_meant)
        shown = listed(project, *(word for name in inventories for word in ("-i", name)))
        own = f"eu-central-1.{ACCOUNTS['treasury']}"
        assert sorted(shown["kms_keys"]["hosts"]) == sorted(
            [
                *(f"payments.{region}.treasury" for region in ("eu-central-1", "us-east-1")),
                *(f"drafts.{suffix}" for suffix in ("eu-central-1.treasury", own)),
                f"payments.{own}",
                "books.us-east-1.treasury",
                "payments.eu-central-1.ledger",
            ]
        )
        assert sorted(shown["owner_treasury"]["hosts"]) == [f"drafts.{own}", f"payments.{own}"]
        assert shown["rotated"]["hosts"] == [f"drafts.{own}"]
        assert "expires" in shown["_meta"]["hostvars"][f"payments.{own}"]
        for key, region in zip(due, ("eu-central-1", "us-east-1"), strict=True):
            project.write(f"payments.{region}.treasury.key", key.material)
        arguments = ["-i", "fleet.kms_keys.yml", "renew.yml", "--limit", "payments.*"]
        run = project.command(["ansible-playbook", *arguments], FAILING).ok()
        assert run.changed == [True, True]
        days = [(key.describe()["ValidTo"] - emulator.now()).days for key in (*due, later, others)]
        assert set(days[:2]) <= {89, 90}
        assert days[2:] == [40, 20]
