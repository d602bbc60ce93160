# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook renew_expiring: what is due is renewed, and a run that leaves a key in danger is not green."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
import yaml
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import with_days
from support.materials import SYMMETRIC, new_material

from .playbooks import Project, Run, call, changes

FAILING = "Fail for each key that is not renewed"


def declare(project: Project, key_id: str, content: bytes, **more: Any) -> dict[str, Any]:
    """An entry of renew_expiring_keys, with a file in the current folder."""
    name = f"{key_id.rpartition('/')[2]}.key"
    (project.folder / name).write_bytes(content)
    return {"key_id": key_id, "key_material_src": name, "key_material_format": "raw", **more}


def renew(project: Project, *declared: dict[str, Any], check: bool = False, **variables: Any) -> Run:
    arguments = ["--check"] if check else []
    return call(
        project, "cloudkeys.aws.renew_expiring", {"renew_expiring_keys": list(declared), **variables}, *arguments
    )


def renewed(run: Run) -> list[str]:
    return [
        task["result"]["item"]["key_id"]
        for task in run.tasks
        if task["outcome"] == "item ok" and task["task"] == "Renew it" and task["result"].get("changed")
    ]


def unrenewed(run: Run) -> list[str]:
    """The sentences that the run ended with."""
    run.failed()
    return [task["result"]["msg"] for task in run.tasks if task["outcome"] == "item failed" and task["task"] == FAILING]


@pytest.mark.every_core
def test_renew_expiring(project: Project, kms: Any, emulator: Emulator) -> None:
    declared = []
    for alias, days in (("soon", 5), ("later", 50), ("lost", 5)):
        content = new_material(SYMMETRIC)
        key = with_days(kms, emulator, alias, days, content)
        if alias == "lost":
            key.lose_material()
        declared.append(declare(project, f"alias/{alias}", content))
    forgotten = with_days(kms, emulator, "forgotten", 7)
    foretold = renew(project, *declared, check=True).ok()
    first = renew(project, *declared).ok()
    assert renewed(foretold) == renewed(first) == ["alias/soon", "alias/lost"]
    assert f"alias/forgotten ({forgotten.arn}) is not in renew_expiring_keys and has 7 days left." in first.output
    for alias in ("soon", "lost"):
        shown = kms.describe_key(KeyId=f"alias/{alias}")["KeyMetadata"]
        assert timedelta(days=89) < shown["ValidTo"] - emulator.now() <= timedelta(days=90)
    second = renew(project, *declared).ok()
    assert changes(second) == [], second.output


def rotated(kms: Any, emulator: Emulator, alias: str, days: int, current: bytes) -> tuple[ExternalKey, str]:
    """A key whose current key material is good for long, and the ID of the older one, which is not."""
    key = with_days(kms, emulator, alias, days)
    older = key.current_id
    key.stage(current, valid_to=emulator.now() + timedelta(days=80))
    emulator.rotate(key)
    return key, older


def test_older_key_material_that_expires_is_no_success(project: Project, kms: Any, emulator: Emulator) -> None:
    content = new_material(SYMMETRIC)
    key, older = rotated(kms, emulator, "payments", 5, content)
    end = next(one["ValidTo"] for one in key.history() if one["KeyMaterialId"] == older)
    entry = declare(project, "alias/payments", content, on_unknown_material="accept")
    for check in (True, False):
        (sentence,) = unrenewed(renew(project, entry, check=check))
        assert sentence.startswith(f"alias/payments ({key.arn}) is not renewed: key material {older} (NON_CURRENT)")
        assert f"expires on {end.date().isoformat()}T" in sentence
    renew(project, entry, renew_expiring_days=4).ok()


def test_older_key_material_that_is_missing_is_no_success(project: Project, kms: Any, emulator: Emulator) -> None:
    content = new_material(SYMMETRIC)
    key, older = rotated(kms, emulator, "payments", 50, content)
    key.lose_material(older)
    entry = declare(project, "alias/payments", content, on_unknown_material="accept")
    for check in (True, False):
        (sentence,) = unrenewed(renew(project, entry, check=check))
        assert f"key material {older} (NON_CURRENT) is missing" in sentence


def test_one_bad_key_does_not_keep_the_others_from_being_renewed(
    project: Project, kms: Any, emulator: Emulator
) -> None:
    good = new_material(SYMMETRIC)
    with_days(kms, emulator, "good", 5, good)
    other = with_days(kms, emulator, "other", 5)
    forgotten = with_days(kms, emulator, "forgotten", 5)
    run = renew(
        project,
        declare(project, "alias/gone", good),
        declare(project, "alias/other", new_material(SYMMETRIC)),
        declare(project, "alias/good", good),
    )
    assert renewed(run) == ["alias/good"]
    gone, different = unrenewed(run)
    assert gone.startswith("alias/gone is not renewed: it cannot be described")
    assert "NotFoundException" in gone
    end = other.describe()["ValidTo"].isoformat()[:10]
    assert different.startswith(f"alias/other ({other.arn}) is not renewed: key material {other.current_id} (CURRENT)")
    assert f"expires on {end}" in different
    assert f"alias/forgotten ({forgotten.arn}) is not in renew_expiring_keys" in run.output


def test_a_denied_list_does_not_hide_what_is_not_renewed(project: Project, kms: Any, emulator: Emulator) -> None:
    with_days(kms, emulator, "payments", 5)
    emulator.control.denied(["ListKeys"])
    (sentence,) = unrenewed(renew(project, declare(project, "alias/payments", new_material(SYMMETRIC))))
    assert "alias/payments" in sentence


def test_a_key_that_may_not_be_described_is_no_success(project: Project, kms: Any, emulator: Emulator) -> None:
    content = new_material(SYMMETRIC)
    key = with_days(kms, emulator, "payments", 5, content)
    emulator.control.denied(["DescribeKey"])
    (sentence,) = unrenewed(renew(project, declare(project, key.arn, content)))
    assert "kms:DescribeKey is denied" in sentence


def test_arns_say_where_else_to_look(project: Project, kms: Any, emulator: Emulator) -> None:
    """And not the Region that the environment happens to name."""
    content = new_material(SYMMETRIC)
    key = with_days(kms, emulator, "payments", 5, content)
    forgotten = with_days(kms, emulator, "forgotten", 5)
    project.environment["AWS_REGION"] = "eu-west-1"
    run = renew(project, declare(project, key.arn, content)).ok()
    assert renewed(run) == [key.arn]
    assert f"({forgotten.arn}) is not in renew_expiring_keys" in run.output


def renew_hosts(project: Project, variable: str, values: list[Any]) -> Run:
    """One run for many values: those of a host each."""
    hosts = {f"host-{number}": {variable: value} for number, value in enumerate(values)}
    (project.folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), "utf-8")
    run = call(project, "cloudkeys.aws.renew_expiring", {}, "-i", "inventory.yml").failed()
    assert [task["outcome"] for task in run.tasks].count("failed") == len(values)
    return run


def test_what_is_no_list_of_keys_is_refused(project: Project) -> None:
    wrong = [
        "a text",
        {"key_id": "x", "key_material_src": "y"},
        ["a text"],
        [{"key_id": "x"}],
        [{"key_material_src": "x"}],
    ]
    run = renew_hosts(project, "renew_expiring_keys", wrong)
    refused = [task["result"]["msg"] for task in run.tasks if task["outcome"] == "failed"]
    assert all("must be a list of dictionaries" in message for message in refused), refused


@pytest.mark.every_core
def test_an_unknown_entry_is_refused_without_its_value(project: Project, kms: Any, emulator: Emulator) -> None:
    """On the first day, when nothing is due, and in whatever way it is looked at."""
    content = new_material(SYMMETRIC)
    with_days(kms, emulator, "payments", 300, content)
    secret = os.urandom(24).hex()
    entry = declare(project, "alias/payments", content, key_material_passphrase=secret)
    loud = {"ANSIBLE_DEBUG": "1", "ANSIBLE_VERBOSITY": "5"}
    project.environment |= loud
    run = renew(project, entry).failed()
    assert "have key_material_passphrase, which nobody reads" in run.results[-1]["msg"]
    assert "key_material_passphrase_src" in run.results[-1]["msg"]
    assert secret not in run.output
    assert secret not in (project.folder / "record.jsonl").read_text("utf-8")


def test_days_that_are_no_number_are_refused(project: Project) -> None:
    """They would count as 0, and no key would be due before it is too late."""
    run = renew_hosts(project, "renew_expiring_days", ["30d", "", None, 0, -1])
    refused = [task["result"]["msg"] for task in run.tasks if task["outcome"] == "failed"]
    assert all(told.startswith("renew_expiring_days must be a whole number of days") for told in refused), refused
