# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several runs of the role expiry_report, check mode, and the paths of its files."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from support.emulator import Emulator
from support.in_process import with_days

from .playbooks import Project, call
from .test_expiry_report import project_result

TWO_HOSTS = {"first": {"cloudkeys_region": "eu-west-1"}, "second": {"cloudkeys_region": "us-east-1"}}
INCLUDE = {"name": "Report", "ansible.builtin.include_role": {"name": "cloudkeys.aws.expiry_report"}}
FAIL = {"name": "Break", "ansible.builtin.fail": {"msg": "broken"}, "when": "inventory_hostname == 'second'"}


def play(*tasks: dict[str, Any]) -> dict[str, Any]:
    where = {"group/cloudkeys.aws.aws": {"region": "{{ cloudkeys_region }}"}}
    return {
        "hosts": "all",
        "connection": "local",
        "gather_facts": False,
        "module_defaults": where,
        "tasks": list(tasks),
    }


@pytest.mark.every_core
@pytest.mark.parametrize("way", ["failed before", "left out"])
def test_a_host_that_an_earlier_run_read_is_not_read(project: Project, kms: Any, emulator: Emulator, way: str) -> None:
    """The role runs twice, and the second time without a host. The report must not use its first result."""
    with_days(kms, emulator, "payments", 300)
    (project.folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": TWO_HOSTS}}), "utf-8")
    without = {**INCLUDE, "when": "inventory_hostname == 'first'"}
    plays = [play(INCLUDE), play(FAIL, INCLUDE)] if way == "failed before" else [play(INCLUDE, without)]
    run = project.run_text(yaml.safe_dump(plays), "-i", "inventory.yml").failed()
    assert "second could not be read: there is no result; it was not reached." in run.results[-1]["msg"]
    report = json.loads((project.folder / "expiry-report" / "expiry-report.json").read_text("utf-8"))
    assert report["assessment"]["level"] == "incomplete"
    assert report["keys"] == []


def test_a_run_that_stops_leaves_no_result_of_an_earlier_run(project: Project, kms: Any, emulator: Emulator) -> None:
    with_days(kms, emulator, "payments", 300)
    stopped = {**INCLUDE, "vars": {"expiry_report_folder": "{{ playbook_dir }}/report.yml/out"}}
    told = {"name": "Show", "ansible.builtin.debug": {"msg": "result: {{ expiry_report_result }}"}}
    (project.folder / "report.yml").write_text("", "utf-8")
    tasks: list[dict[str, Any]] = [INCLUDE, {"name": "Try", "block": [stopped], "rescue": [told]}]
    here = {**play(*tasks), "hosts": "localhost", "module_defaults": {}}
    assert project.run_text(yaml.safe_dump([here])).ok().results[-1]["msg"] == "result: {}"


def test_check_mode_names_no_file_that_it_did_not_write(project: Project, kms: Any, emulator: Emulator) -> None:
    with_days(kms, emulator, "payments", 3)
    run = call(project, "cloudkeys.aws.expiry_report", {"expiry_report_fail_within_days": 7}, "--check").failed()
    assert run.results[-1]["msg"].endswith("3 days left). No file was written in check mode.")
    assert project_result(run)["files"] == {}
    assert not (project.folder / "expiry-report").exists()


def test_a_folder_of_others_keeps_its_mode(project: Project, kms: Any, emulator: Emulator) -> None:
    """A link in the place of a file is replaced, and the file that it leads to is not changed."""
    with_days(kms, emulator, "payments", 300)
    shared, other = project.folder / "shared", project.folder / "other"
    shared.mkdir()
    shared.chmod(0o1777)
    other.write_text("unchanged", "utf-8")
    other.chmod(0o600)
    (shared / "expiry-report.json").symlink_to(other)
    call(project, "cloudkeys.aws.expiry_report", {"expiry_report_folder": str(shared)}).ok()
    assert shared.stat().st_mode & 0o7777 == 0o1777
    assert (other.read_text("utf-8"), other.stat().st_mode & 0o777) == ("unchanged", 0o600)
    assert not (shared / "expiry-report.json").is_symlink()
    missing = project.folder / "a" / "b"
    call(project, "cloudkeys.aws.expiry_report", {"expiry_report_folder": str(missing)}).ok()
    assert [path.stat().st_mode & 0o777 for path in (missing, missing.parent)] == [0o750, 0o750]


def test_a_folder_in_the_place_of_a_file_is_refused(project: Project, kms: Any, emulator: Emulator) -> None:
    with_days(kms, emulator, "payments", 300)
    (project.folder / "expiry-report" / "expiry-report.html").mkdir(parents=True)
    refused = call(project, "cloudkeys.aws.expiry_report", {}).failed().results[-1]["msg"]
    assert "expiry-report.html: a folder is in the place of a file of the report." in refused
    assert not (project.folder / "expiry-report" / "expiry-report.json").exists()


@pytest.mark.parametrize("name", ["warn_within_days", "fail_within_days"])
def test_a_limit_that_no_key_can_fall_below_is_refused(project: Project, name: str) -> None:
    wanted = {f"expiry_report_{name}": {"warn_within_days": 0, "fail_within_days": -1}[name]}
    refused = call(project, "cloudkeys.aws.expiry_report", wanted).failed()
    assert "are whole numbers of days, at least 1 and 0" in refused.results[-1]["msg"]
