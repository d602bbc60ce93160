# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role expiry_report: one report, which succeeds only if every source was read."""

from __future__ import annotations

import csv
import json
import os
import pwd
from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import run_one, with_days
from support.materials import SYMMETRIC, new_material

from .html_page import Page
from .playbooks import Project, Run, call, changes

DESCRIPTION = "safe 2: envelope 7"
HOSTILE = "{{ 1234567 * 7 }} <script>alert(1)</script> | ` =x"


@pytest.fixture
def accounts(kms: Any, emulator: Emulator, account: str) -> str:
    """Keys in two Regions: an inventory for both."""
    elsewhere = emulator.client("eu-west-1", account)
    with_days(kms, emulator, "payments", 3)
    with_days(kms, emulator, "ledger", 20)
    # Half a day more than what the report is to say: a test takes some seconds.
    end = emulator.now() + timedelta(days=299.5)
    run_one(elsewhere, ExternalKey.create(elsewhere), new_material(SYMMETRIC), valid_to=end.isoformat())
    elsewhere.create_key(
        Origin="EXTERNAL", Description=HOSTILE, Tags=[{"TagKey": "=cmd", "TagValue": "@{{ 1234567 * 7 }}"}]
    )
    hosts = {
        "virginia": {"cloudkeys_region": "us-east-1"},
        "ireland": {"cloudkeys_region": "eu-west-1"},
    }
    return yaml.safe_dump({"all": {"hosts": hosts}})


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
    # A report says when it was made, to the second, and so is written at each run.
    second = call(project, "cloudkeys.aws.expiry_report", wanted, *where).ok()
    assert set(changes(second)) <= {"Write the files"}

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
    assert [tag for tag, _attributes in page.elements].count("script") == 1
    assert not {tag for tag, _attributes in page.elements} & {"link", "img", "iframe", "object"}
    assert not [one for _tag, one in page.elements if {"src", "style", "onclick"} & set(one)]
    assert {str(one["href"])[0] for _tag, one in page.elements if "href" in one} == {"#"}
    markdown = (folder / "expiry-report.md").read_text("utf-8")
    assert "| payments | soon | 3 |" in markdown
    agree(report, lines, page, markdown)

    fail = {**wanted, "expiry_report_fail_within_days": 7}
    failed = call(project, "cloudkeys.aws.expiry_report", fail, *where).failed()
    result = project_result(failed)
    assert "1 key lacks key material: " in failed.results[-1]["msg"]
    assert "us-east-1, 3 days left)" in failed.results[-1]["msg"]
    report = json.loads((folder / "expiry-report.json").read_text("utf-8"))
    assert report["summary"]["critical"] == 1
    # Before it fails, it hands this on to later jobs, once for all hosts.
    (handed,) = [one["result"]["ansible_stats"] for one in failed.tasks if "ansible_stats" in one["result"]]
    assert (handed["per_host"], handed["aggregate"]) == (False, False)
    assert handed["data"] == {
        "cloudkeys_expiry_report": {
            "format_version": 1,
            "as_of": report["as_of"],
            "assessment": "alarm",
            "keys": 4,
            "summary": report["summary"],
            "hosts_read": 2,
            "hosts_not_read": 0,
            "soonest_expiry": report["keys"][1]["expires_at"],
            "warn_within_days": 30,
            "fail_within_days": 7,
            "failures": report["failures"],
        }
    }
    # The role's own plays have the same, and where the files are.
    files = {name: str(folder / f"expiry-report.{'md' if name == 'markdown' else name}") for name in FORMATS}
    assert result == {**handed["data"]["cloudkeys_expiry_report"], "unread_hosts": [], "files": files}
    # No text of another user was rendered as a template.
    everything = "".join(path.read_text("utf-8") for path in folder.iterdir()) + second.output + failed.output
    assert str(1234567 * 7) not in everything


FORMATS = ("json", "csv", "markdown", "html")


def project_result(run: Run) -> dict[str, Any]:
    """The fact that the role sets."""
    (task,) = [one["result"] for one in run.tasks if one["task"].endswith("Set the result of the role")]
    result: dict[str, Any] = task["ansible_facts"]["expiry_report_result"]
    return result


def agree(report: dict[str, Any], lines: list[dict[str, str]], page: Page, markdown: str) -> None:
    """The four files say the same of each key, and who made them, when, and of what."""
    for key, line in zip(report["keys"], lines, strict=True):
        end = key["expires_at"]
        assert (line["days_left"], line["expires_at"]) == (str(key["days_left"] or ""), end or "")
        assert (line["status"], line["source"], line["as_of"]) == (key["status"], key["source"], report["as_of"])
        if end is not None:
            shown = f"{end[:10]} {end[11:19]} UTC"
            left = datetime.fromisoformat(end) - datetime.fromisoformat(report["as_of"])
            assert key["days_left"] == left // timedelta(days=1)
            assert f"| {key['name']} | {key['status']} | {key['days_left']} | {shown} |" in markdown
            assert shown in page.text
    made = report["made_by"]
    assert (made["user"], made["controller"]) == (pwd.getpwuid(os.getuid()).pw_name, os.uname().nodename)
    for text in (page.text, markdown):
        assert f"cloudkeys.aws {made['collection']}, ansible-core {made['ansible_core']}" in text
        assert f"{made['user']} on {made['controller']}" in text
        for source in report["sources"]:
            assert source["name"] in text
            assert source["region"] in text
    assert {source["name"]: source["region"] for source in report["sources"]} == {
        "virginia": "us-east-1",
        "ireland": "eu-west-1",
    }


def test_a_report_says_what_it_is_limited_to_and_which_job_made_it(project: Project, kms: Any, emulator: Any) -> None:
    """AWX passes these variables to its jobs."""
    with_days(kms, emulator, "payments", 300)
    job = {"awx_job_id": 42, "awx_job_template_name": "Report", "awx_user_name": "admin"}
    wanted = {"expiry_report_alias_patterns": ["pay*"], "expiry_report_tags": {}, **job}
    call(project, "cloudkeys.aws.expiry_report", wanted).ok()
    made = read(project)
    assert made["made_by"]["job"] == {"id": "42", "template": "Report", "user": "admin", "workflow_id": None}
    (source,) = made["sources"]
    assert source["selection"] == {"alias_patterns": ["pay*"], "include_replicas": True}
    assert made["assessment"]["level"] == "good"
    for end in ("html", "md"):
        text = Page((project.folder / "expiry-report" / f"expiry-report.{end}").read_text("utf-8")).text
        assert "AWX job 42, Report, launched by admin" in text
        assert "pay" in text


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
    assert project_result(failed)["unread_hosts"] == [unread["name"]]
    assert "This report is incomplete" in (folder / "expiry-report.html").read_text("utf-8")
    assert "Not read" in (folder / "expiry-report.html").read_text("utf-8")


def test_nothing_to_report(project: Project) -> None:
    folder = project.folder / "out"
    wanted = {"expiry_report_folder": str(folder), "cloudkeys_region": "ap-south-1"}
    call(project, "cloudkeys.aws.expiry_report", wanted).ok()
    assert "There is no key" in (folder / "expiry-report.html").read_text("utf-8")
    assert "There is no key" in (folder / "expiry-report.md").read_text("utf-8")
    report = json.loads((folder / "expiry-report.json").read_text("utf-8"))
    assert report["keys"] == []
    assert report["assessment"]["level"] == "empty"


def test_rotated_and_replicated_keys(project: Project, kms: Any, emulator: Emulator) -> None:
    """One host reads the primary key, and the report contains all three of its Regions."""
    key = with_days(kms, emulator, "payments", 300, MultiRegion=True)
    whole, lacking = emulator.replicate(key, "eu-west-1"), emulator.replicate(key, "us-west-2")
    for material in (key.material, second := new_material(SYMMETRIC)):
        if material is second:
            key.stage(material, emulator.now() + timedelta(days=200.5), KeyMaterialDescription=DESCRIPTION)
            lacking.put(material)
        whole.put(material, emulator.now() + timedelta(days=20.5))
    before = emulator.now()
    emulator.rotate(key)
    staged = key.stage()
    told = report(project).failed()
    folder = project.folder / "expiry-report"

    rows = {entry["region"]: entry for entry in read(project)["keys"]}
    assert {region: row["status"] for region, row in rows.items()} == {
        "us-west-2": "missing",
        "eu-west-1": "soon",
        "us-east-1": "attention",
    }
    assert {row["name"] for row in rows.values()} == {"payments"}
    assert rows["us-east-1"]["warnings"] == [
        "key material is missing in us-west-2",
        "the key material that is to be rotated to is missing in eu-west-1, us-west-2",
    ]
    assert {row["replica_import_state"] for row in rows.values()} == {"2 of 3 imported"}
    assert {row["rotations_left"] for row in rows.values()} == {24}
    materials = rows["us-east-1"]["materials"]
    assert [(one["state"], one["replica_import_state"]) for one in materials] == [
        ("CURRENT", "3 of 3 imported"),
        ("PENDING_MULTI_REGION_IMPORT_AND_ROTATION", "1 of 3 imported"),
        ("NON_CURRENT", "2 of 3 imported"),
    ]
    assert materials[1]["key_material_id"] == staged
    assert (materials[0]["description"], materials[0]["rotation_type"]) == (DESCRIPTION, "ON_DEMAND")
    assert before.date().isoformat() <= materials[0]["rotated_at"][:10] <= emulator.now().date().isoformat()
    assert "1 key lacks key material: payments" in told.results[-1]["msg"]

    with (folder / "expiry-report.csv").open(newline="", encoding="utf-8") as file:
        lines = {line["region"]: line for line in csv.DictReader(file)}
    assert lines["us-east-1"]["regions"] == "eu-west-1=IMPORTED; us-east-1=IMPORTED; us-west-2=PENDING_IMPORT"
    assert (
        f"PENDING_MULTI_REGION_IMPORT_AND_ROTATION {staged} IMPORTED, 1 of 3 imported"
        in (lines["us-east-1"]["materials"])
    )
    page = Page((folder / "expiry-report.html").read_text("utf-8")).text
    markdown = (folder / "expiry-report.md").read_text("utf-8")
    for text in (page, markdown):
        assert "attention" in text
        assert "2 of 3 imported" in text
        assert "1 of 3 imported" in text
        assert "key material is missing in us-west-2" in text
        assert DESCRIPTION in text


def test_a_region_that_may_not_be_read_is_no_good_news(project: Project, kms: Any, emulator: Emulator) -> None:
    key = with_days(kms, emulator, "payments", 300, MultiRegion=True)
    replica = emulator.replicate(key)
    replica.put(key.material)
    report(project).ok()
    assert read(project)["summary"]["later"] == read(project)["summary"]["never"] == 1
    report(project, expiry_report_include_replicas=False).ok()
    (row,) = read(project)["keys"]
    assert (row["status"], row["warnings"]) == ("attention", ["key material is not known in us-west-2"])
    emulator.control.denied([{"operation": "DescribeKey", "key": replica.arn}])
    (sentence,) = failures(project, report(project))
    assert sentence.startswith("1 key cannot be described")
    markdown = (project.folder / "expiry-report" / "expiry-report.md").read_text("utf-8")
    assert "| key not read: kms:DescribeKey is denied |" in markdown
    assert [row["status"] for row in read(project)["keys"]] == ["unknown", "attention"]


def test_hosts_for_the_regions_of_a_key(project: Project, kms: Any, emulator: Emulator) -> None:
    """The report combines the reads of all hosts, and no Region is read twice."""
    key = with_days(kms, emulator, "payments", 300, MultiRegion=True)
    emulator.replicate(key, "eu-west-1").put(key.material)
    (project.folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": TWO_HOSTS}}), "utf-8")
    for include, calls in ((False, 2), (True, 4)):
        before = len(described(emulator, key))
        wanted = {"expiry_report_include_replicas": include, **ALARM}
        call(project, "cloudkeys.aws.expiry_report", wanted, "-i", "inventory.yml").ok()
        assert len(described(emulator, key)) - before == calls
        assert {row["region"]: row["status"] for row in read(project)["keys"]} == {
            "us-east-1": "later",
            "eu-west-1": "never",
        }
        assert {row["replica_import_state"] for row in read(project)["keys"]} == {"2 of 2 imported"}


def described(emulator: Emulator, key: ExternalKey) -> list[dict[str, Any]]:
    calls = emulator.control.calls()
    return [one for one in calls if one["operation"] == "DescribeKey" and key.id in str(one["key"])]


ALARM = {"expiry_report_fail_within_days": 7}


def report(project: Project, **variables: Any) -> Run:
    return call(project, "cloudkeys.aws.expiry_report", {**ALARM, **variables})


def failures(project: Project, run: Run) -> list[str]:
    """The sentences of the report, which are the failure's, too, and are nowhere else."""
    message = run.failed().results[-1]["msg"]
    told: list[str] = read(project)["failures"]
    assert message.startswith(" ".join(told))
    for earlier in run.results[:-1]:
        # The diff of the report's own files has them, too.
        assert not [sentence for sentence in told if sentence in str(earlier.get("msg"))]
    return told


def read(project: Project) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((project.folder / "expiry-report" / "expiry-report.json").read_text("utf-8"))
    return content


def test_a_key_that_may_not_be_described_is_an_alarm(project: Project, kms: Any, emulator: Emulator) -> None:
    key = with_days(kms, emulator, "payments", 300)
    report(project).ok()
    emulator.control.denied(["DescribeKey"])
    (sentence,) = failures(project, report(project))
    account = key.arn.split(":")[4]
    unknown = "1 key cannot be described, so its key material is unknown"
    assert sentence == f"{unknown}: payments ({account}, us-east-1)."
    assert read(project)["summary"]["unknown"] == 1


def test_a_named_key_that_does_not_exist_is_an_alarm(project: Project, kms: Any, emulator: Emulator) -> None:
    key = with_days(kms, emulator, "payments", 300)
    named = ["alias/payments", "alias/ledger"]
    (sentence,) = failures(project, report(project, expiry_report_key_ids=named))
    assert sentence == "1 key does not exist: alias/ledger (localhost)."
    assert [entry["status"] for entry in read(project)["keys"]] == ["absent", "later"]
    assert "does not exist" in (project.folder / "expiry-report" / "expiry-report.html").read_text("utf-8")
    report(project, expiry_report_key_ids=[key.arn]).ok()


def test_an_alias_pattern_that_matches_nothing_is_an_alarm(project: Project, kms: Any, emulator: Emulator) -> None:
    with_days(kms, emulator, "payments", 300)
    kms.create_alias(AliasName="alias/made-by-kms", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    report(project, expiry_report_alias_patterns=["pay*", "payments"]).ok()
    patterns = ["pay*", "ledger-*", "made-by-kms"]
    (sentence,) = failures(project, report(project, expiry_report_alias_patterns=patterns))
    assert sentence == "2 alias patterns match no key: ledger-*, made-by-kms."
    for end in ("html", "md"):
        page = (project.folder / "expiry-report" / f"expiry-report.{end}").read_text("utf-8")
        assert "Not found" in page
        assert {"html": "ledger-*", "md": r"ledger-\*"}[end] in page


@pytest.mark.parametrize("variables", [{"expiry_report_tags": {"owner": None}}, {"expiry_report_key_ids": []}])
def test_an_alarm_that_watches_nothing_is_no_alarm(project: Project, variables: dict[str, Any]) -> None:
    (sentence,) = failures(project, report(project, **variables))
    assert sentence.startswith("There is no key")


TWO_HOSTS = {"first": {"cloudkeys_region": "eu-west-1"}, "second": {"cloudkeys_region": "us-east-1"}}


def test_hosts_do_not_hide_an_alarm_of_each_other(project: Project, kms: Any, emulator: Emulator) -> None:
    """The first host writes the one report, so the settings of another host would have no effect."""
    with_days(kms, emulator, "payments", 3)
    hosts = {"first": TWO_HOSTS["first"], "second": {**TWO_HOSTS["second"], **ALARM}}
    (project.folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), "utf-8")
    refused = call(project, "cloudkeys.aws.expiry_report", {}, "-i", "inventory.yml").failed()
    assert refused.results[-1]["msg"].startswith(
        "expiry_report_fail_within_days: the hosts of this play have different"
    )
    hosts["first"] = {**TWO_HOSTS["first"], **ALARM}
    (project.folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), "utf-8")
    alarm = call(project, "cloudkeys.aws.expiry_report", {}, "-i", "inventory.yml").failed()
    assert alarm.results[-1]["msg"].startswith("1 key has fewer than 7 days left")


def test_a_condition_that_skips_the_first_host_is_no_success(project: Project, kms: Any, emulator: Emulator) -> None:
    with_days(kms, emulator, "payments", 3)
    (project.folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": TWO_HOSTS}}), "utf-8")
    role = {"role": "cloudkeys.aws.expiry_report", "when": "inventory_hostname == 'second'", **ALARM}
    play = {"hosts": "all", "connection": "local", "gather_facts": False, "roles": [role]}
    run = project.run_text(yaml.safe_dump([play]), "-i", "inventory.yml").failed()
    assert run.results[-1]["msg"].startswith("No report was written.")
    assert not (project.folder / "expiry-report").exists()


def test_a_misspelt_variable_is_no_missing_alarm(project: Project, kms: Any, emulator: Emulator) -> None:
    with_days(kms, emulator, "payments", 3)
    run = call(project, "cloudkeys.aws.expiry_report", {"expiry_report_fail_within_day": 7}).failed()
    assert run.results[-1]["msg"].startswith("The role expiry_report has no expiry_report_fail_within_day.")
