# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles, through the playbooks that are called by their full names. A second run changes nothing."""

from __future__ import annotations

import base64
import csv
import html.parser
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from behaviour.emulator import Emulator
from behaviour.external_key import ExternalKey
from behaviour.materials import SYMMETRIC, new_material

from .in_process import run_one
from .leaks import find, in_folder
from .playbooks import Project, Run
from .test_external_key import kms as an_account

kms = an_account


@pytest.fixture
def project(project: Project, kms: Any) -> Project:
    """In the account of its own that *kms* has."""
    project.environment["AWS_ACCESS_KEY_ID"] = kms._request_signer._credentials.access_key
    return project


def call(project: Project, playbook: str, variables: dict[str, Any], *arguments: str) -> Run:
    (project.folder / "variables.yml").write_text(yaml.safe_dump(variables), "utf-8")
    return project.command(["ansible-playbook", playbook, "-e", "@variables.yml", "--diff", *arguments])


def changes(run: Run) -> list[str]:
    """The tasks, by their names; a loop counts once."""
    return [task["task"] for task in run.tasks if task["outcome"] == "ok" and task["result"].get("changed")]


PAYMENTS = {
    "imported_key_alias": "alias/payments",
    "imported_key_description": "For payments",
    "imported_key_tags": {"owner": "treasury"},
    "imported_key_key_material_format": "raw",
    "imported_key_valid_for": "60d",
    "imported_key_renew_before": "20d",
}


@pytest.mark.every_core
def test_provision_key(project: Project, kms: Any) -> None:
    (project.folder / "payments.key").write_bytes(new_material(SYMMETRIC))
    wanted = {**PAYMENTS, "imported_key_key_material_src": str(project.folder / "payments.key")}
    foretold = call(project, "cloudkeys.aws.provision_key", wanted, "--check").ok()
    assert changes(foretold) == ["Have the key"]
    assert kms.list_keys()["Keys"] == []
    first = call(project, "cloudkeys.aws.provision_key", wanted).ok()
    assert len(changes(first)) == 2
    metadata = kms.describe_key(KeyId="alias/payments")["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Description"]) == ("Enabled", "For payments")
    assert changes(call(project, "cloudkeys.aws.provision_key", wanted).ok()) == []
    assert call(project, "cloudkeys.aws.provision_key", wanted, "--check").ok().changed[-1] is False
    disabled = call(project, "cloudkeys.aws.provision_key", {**wanted, "imported_key_enabled": False}).ok()
    assert disabled.results[-1]["actions"] == ["disable"]
    again = call(project, "cloudkeys.aws.provision_key", {**wanted, "imported_key_enabled": False}).ok()
    assert changes(again) == []


def test_a_key_without_material(project: Project, kms: Any) -> None:
    wanted = {"imported_key_alias": "signing", "imported_key_key_spec": "RSA_2048"}
    wanted["imported_key_policy"] = json.dumps({"Version": "2012-10-17", "Statement": []})
    refused = call(project, "cloudkeys.aws.provision_key", wanted).failed()
    assert "Declare key_usage" in refused.results[-1]["msg"]
    wanted["imported_key_key_usage"] = "SIGN_VERIFY"
    assert len(changes(call(project, "cloudkeys.aws.provision_key", wanted).ok())) == 1
    assert changes(call(project, "cloudkeys.aws.provision_key", wanted).ok()) == []
    assert kms.describe_key(KeyId="alias/signing")["KeyMetadata"]["KeyState"] == "PendingImport"


@pytest.mark.every_core
def test_a_secret_value_is_nowhere(project: Project, kms: Any) -> None:
    content = new_material(SYMMETRIC)
    looked_up = project.folder / "looked-up"
    looked_up.write_bytes(base64.b64encode(content))
    wanted = {**PAYMENTS, "imported_key_key_material": f"{{{{ lookup('ansible.builtin.file', '{looked_up}') }}}}"}
    loud = {"ANSIBLE_DEBUG": "1", "ANSIBLE_VERBOSITY": "5", "ANSIBLE_KEEP_REMOTE_FILES": "True"}
    (project.folder / "variables.yml").write_text(yaml.safe_dump(wanted), "utf-8")
    run = project.command(
        ["ansible-playbook", "cloudkeys.aws.provision_key", "-e", "@variables.yml", "--diff"], loud
    ).ok()
    assert kms.describe_key(KeyId="alias/payments")["KeyMetadata"]["KeyState"] == "Enabled"
    assert find(content, run.output.encode()) == []
    assert in_folder(content, project.folder, {looked_up}) == []


def with_days(kms: Any, emulator: Emulator, alias: str, days: float, content: bytes | None = None) -> ExternalKey:
    key = ExternalKey.create(kms)
    kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=key.id)
    run_one(kms, key, content or new_material(SYMMETRIC), valid_to=(emulator.now() + timedelta(days=days)).isoformat())
    return key


@pytest.mark.every_core
def test_renew_expiring(project: Project, kms: Any, emulator: Emulator) -> None:
    declared = []
    for alias, days in (("soon", 5), ("later", 50), ("lost", 5)):
        content = new_material(SYMMETRIC)
        path = project.folder / f"{alias}.key"
        path.write_bytes(content)
        key = with_days(kms, emulator, alias, days, content)
        if alias == "lost":
            key.lose_material()
        declared.append({"key_id": f"alias/{alias}", "key_material_src": str(path), "key_material_format": "raw"})
    forgotten = with_days(kms, emulator, "forgotten", 7.5)
    variables: dict[str, Any] = {"renew_expiring_keys": declared}

    def renewed(run: Run) -> list[str]:
        (task,) = [result for result in run.results if result.get("results") and "kms_key" in str(result)]
        return [one["item"]["key_id"] for one in task["results"] if one.get("changed")]

    foretold = call(project, "cloudkeys.aws.renew_expiring", variables, "--check").ok()
    first = call(project, "cloudkeys.aws.renew_expiring", variables).ok()
    assert renewed(foretold) == renewed(first) == ["alias/soon", "alias/lost"]
    assert f"alias/forgotten ({forgotten.arn}) is not in renew_expiring_keys and has 7 days left." in first.output
    for alias in ("soon", "lost"):
        shown = kms.describe_key(KeyId=f"alias/{alias}")["KeyMetadata"]
        assert timedelta(days=89) < shown["ValidTo"] - emulator.now() <= timedelta(days=90)
    second = call(project, "cloudkeys.aws.renew_expiring", variables).ok()
    assert changes(second) == [], second.output
    refused = call(project, "cloudkeys.aws.renew_expiring", {"renew_expiring_keys": [{"key_id": "x"}]}).failed()
    assert "list of dictionaries" in refused.results[-1]["msg"]


HOSTILE = "{{ 1234567 * 7 }} <script>alert(1)</script> | ` =x"


@pytest.fixture
def accounts(kms: Any, emulator: Emulator) -> str:
    """Keys in two Regions: an inventory for both."""
    account = kms._request_signer._credentials.access_key
    elsewhere = emulator.client("eu-west-1", account)
    with_days(kms, emulator, "payments", 3.5)
    with_days(kms, emulator, "ledger", 20.5)
    # Half a day more than what the report is to say: a test takes some seconds.
    end = emulator.now() + timedelta(days=299.5)
    run_one(elsewhere, ExternalKey.create(elsewhere), new_material(SYMMETRIC), valid_to=end.isoformat())
    elsewhere.create_key(
        Origin="EXTERNAL", Description=HOSTILE, Tags=[{"TagKey": "=cmd", "TagValue": "@{{ 1234567 * 7 }}"}]
    )
    hosts = {
        "virginia": {"expiry_report_region": "us-east-1"},
        "ireland": {"expiry_report_region": "eu-west-1"},
    }
    return yaml.safe_dump({"all": {"hosts": hosts}})


class Page(html.parser.HTMLParser):
    """What a browser would make of a page: its elements and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.every_core
def test_expiry_report(project: Project, accounts: str) -> None:
    (project.folder / "inventory.yml").write_text(accounts, "utf-8")
    wanted: dict[str, Any] = {"expiry_report_include_tags": True}
    where = ["-i", "inventory.yml"]
    assert len(changes(call(project, "cloudkeys.aws.expiry_report", wanted, *where).ok())) == 2
    folder = project.folder / "expiry-report"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"expiry-report.{end}" for end in ("csv", "html", "json", "md")
    ]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o640}
    second = call(project, "cloudkeys.aws.expiry_report", wanted, *where).ok()
    assert changes(second) == [], second.output

    report = json.loads((folder / "expiry-report.json").read_text("utf-8"))
    assert [(key["status"], key["days_left"], key["source"]) for key in report["keys"]] == [
        ("missing", None, "ireland"),
        ("soon", 3, "virginia"),
        ("soon", 20, "virginia"),
        ("later", 299, "ireland"),
    ]
    assert report["keys"][0]["description"] == HOSTILE
    assert "label" not in (folder / "expiry-report.json").read_text("utf-8")

    with (folder / "expiry-report.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["name"] for line in lines[1:3]] == ["payments", "ledger"]
    assert lines[0]["tags"].startswith("'=cmd")

    page = Page((folder / "expiry-report.html").read_text("utf-8"))
    assert HOSTILE in page.text
    assert not {tag for tag, _attributes in page.elements} & {"script", "link", "img", "iframe", "object"}
    assert not [one for _tag, one in page.elements if {"src", "href", "onclick"} & set(one)]
    markdown = (folder / "expiry-report.md").read_text("utf-8")
    assert "| payments | less than 30 days | 3 |" in markdown

    fail = {**wanted, "expiry_report_fail_within_days": 7}
    failed = call(project, "cloudkeys.aws.expiry_report", fail, *where).failed()
    assert "lacks key material" in failed.results[-1]["msg"]
    assert "has 3 days left" in failed.results[-1]["msg"]
    assert json.loads((folder / "expiry-report.json").read_text("utf-8"))["summary"]["critical"] == 1
    # Nobody's text was taken for a template.
    everything = "".join(path.read_text("utf-8") for path in folder.iterdir()) + second.output + failed.output
    assert str(1234567 * 7) not in everything


def test_an_account_that_cannot_be_read(project: Project, emulator: Emulator, accounts: str) -> None:
    (project.folder / "inventory.yml").write_text(accounts, "utf-8")
    folder = project.folder / "out"
    emulator.control.faults([{"operation": "ListKeys", "error": "AccessDeniedException", "times": 1}])
    wanted = {"expiry_report_folder": str(folder), "expiry_report_formats": ["json", "html"]}
    failed = call(project, "cloudkeys.aws.expiry_report", wanted, "-i", "inventory.yml").failed()
    report = json.loads((folder / "expiry-report.json").read_text("utf-8"))
    (unread,) = [source for source in report["sources"] if source["error"]]
    assert "kms:ListKeys" in unread["error"]
    assert f"{unread['name']} could not be read" in failed.results[-1]["msg"]
    assert report["keys"]
    assert "Not read" in (folder / "expiry-report.html").read_text("utf-8")


def test_nothing_to_report(project: Project) -> None:
    folder = project.folder / "out"
    wanted = {"expiry_report_folder": str(folder), "expiry_report_region": "ap-south-1"}
    call(project, "cloudkeys.aws.expiry_report", wanted).ok()
    assert "There is no key" in (folder / "expiry-report.html").read_text("utf-8")
    assert "There is no key" in (folder / "expiry-report.md").read_text("utf-8")
    assert json.loads((folder / "expiry-report.json").read_text("utf-8"))["keys"] == []


def test_no_file_is_left_in_the_collection() -> None:
    """A report without a folder goes where Ansible was started, and never beside the playbook."""
    collection = Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]) / "ansible_collections" / "cloudkeys" / "aws"
    assert not (collection / "playbooks" / "expiry-report").exists()
