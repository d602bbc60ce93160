# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook renew_expiring renews expiring key material, and fails if a key remains at risk."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import yaml
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import run_one, with_days
from support.materials import SYMMETRIC, new_material

from .playbooks import Project, Run, call, changes

RENEW = "Renew the key material"
FAILING = "Fail for each key that is not renewed in every Region"


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
    (result,) = [task["result"] for task in run.tasks if task["task"] == RENEW]
    return [entry["name"] for entry in result["kms_keys"] if entry["changed"]]


def unrenewed(run: Run) -> list[str]:
    """The sentences that the run ended with, for keys that the task itself does not fail for."""
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
    assert "alias/lost: import" in first.output
    assert f"alias/forgotten ({forgotten.arn}) is not in renew_expiring_keys: key material" in first.output
    for alias in ("soon", "lost"):
        shown = kms.describe_key(KeyId=f"alias/{alias}")["KeyMetadata"]
        assert timedelta(days=89) < shown["ValidTo"] - emulator.now() <= timedelta(days=90)
    second = renew(project, *declared).ok()
    assert changes(second) == [], second.output


def give_older(project: Project, *contents: bytes, **more: Any) -> dict[str, Any]:
    """What an entry says of the older key materials."""
    names = [f"older-{place}.key" for place in range(len(contents))]
    for name, content in zip(names, contents, strict=True):
        (project.folder / name).write_bytes(content)
    older = [{"key_material_src": name, "key_material_format": "raw", **more} for name in names]
    return {"previous_key_materials": older}


def ends(key: ExternalKey, emulator: Emulator) -> dict[str, int]:
    """Whole days that each key material has left in this Region."""
    return {one["KeyMaterialId"]: (one["ValidTo"] - emulator.now()).days for one in key.history()}


WRITING = {"GetParametersForImport", "ImportKeyMaterial"}


def written(emulator: Emulator, run: Callable[[], Run]) -> tuple[Run, list[tuple[str, str]]]:
    """What a run asked KMS for that changes a key: the operation, and the Region."""
    before = len(emulator.control.calls())
    done = run()
    calls = emulator.control.calls()[before:]
    return done, [(one["operation"], one["region"]) for one in calls if one["operation"] in WRITING]


def family(kms: Any, emulator: Emulator, current: bytes, older: bytes, days: int) -> tuple[ExternalKey, ExternalKey]:
    """A rotated multi-Region key with all its key materials in two Regions. It is due in the other one alone."""
    key = with_days(kms, emulator, "payments", 80, older, MultiRegion=True)
    replica = emulator.replicate(key, "eu-west-1")
    options: dict[str, Any] = {"replicas": True, "valid_for": "80d", "renew_before": "1d"}
    run_one(kms, key, older, **options)
    emulator.control.rotation(0.01)
    run_one(kms, key, current, previous=[older], on_different_material="rotate", **options)
    end = (emulator.now() + timedelta(days=days, hours=12)).isoformat()
    run_one(replica.kms, replica, current, previous=[older], valid_to=end)
    return key, replica


@pytest.mark.every_core
def test_what_the_task_is_not_for_is_no_success(project: Project, kms: Any, emulator: Emulator) -> None:
    """A replica key is not renewed with an entry for the primary key alone. Others in the list go on."""
    current, older, other = (new_material(SYMMETRIC) for _number in range(3))
    key, replica = family(kms, emulator, current, older, 5)
    with_days(kms, emulator, "other", 5, other)
    alone = declare(project, "alias/payments", current)
    run = renew(project, alone, declare(project, "alias/other", other), check=True)
    assert renewed(run) == ["alias/other"]
    (sentence,) = unrenewed(run)
    assert sentence.startswith(f"alias/payments ({key.arn}) is not renewed: in eu-west-1 key material")
    for name in ends(replica, emulator):
        end = replica.entry(name)["ValidTo"].date().isoformat()
        assert f"in eu-west-1 key material {name} (" in sentence
        assert f") expires on {end}T" in sentence
    add = [f"key material {replica.history()[0]['KeyMaterialId']} in previous_key_materials", "replicas: true"]
    assert sentence.endswith(f". Add to its entry: {', '.join(add)}.")
    whole = {**alone, "replicas": True, **give_older(project, older, valid_for="200d", renew_before="30d")}
    before = replica.history()
    foretold, nothing = written(emulator, lambda: renew(project, whole, check=True).ok())
    assert (replica.history(), nothing, renewed(foretold)) == (before, [], ["alias/payments"])
    done, imports = written(emulator, lambda: renew(project, whole).ok())
    assert renewed(done) == ["alias/payments"]
    assert {region for _operation, region in imports} == {"eu-west-1"}
    assert sorted(ends(replica, emulator).values()) == [89, 199]


def test_every_key_that_is_not_renewed_is_told_and_the_others_are_renewed(
    project: Project, kms: Any, emulator: Emulator
) -> None:
    good, current = new_material(SYMMETRIC), new_material(SYMMETRIC)
    with_days(kms, emulator, "good", 5, good)
    with_days(kms, emulator, "other", 5)
    single = with_days(kms, emulator, "single", 300, good)
    rotated = with_days(kms, emulator, "rotated", 5)
    older = rotated.current_id
    rotated.stage(current, valid_to=emulator.now() + timedelta(days=80))
    emulator.rotate(rotated)
    forgotten = with_days(kms, emulator, "forgotten", 5)
    declared = [
        declare(project, "alias/gone", good),
        declare(project, "alias/other", new_material(SYMMETRIC)),
        declare(project, "alias/single", good, replicas=True),
        declare(project, "alias/rotated", current, on_unknown_material="accept"),
        declare(project, "alias/good", good),
    ]
    for check in (True, False):
        run = renew(project, *declared, check=check)
        assert renewed(run) == ["alias/good"]
        assert unrenewed(run) == [], "what the task says is not said again"
        (result,) = [task["result"] for task in run.tasks if task["task"] == RENEW]
        told = {entry["name"]: entry["msg"] for entry in result["kms_keys"] if entry["failed"]}
        assert list(told) == ["alias/gone", "alias/other", "alias/single", "alias/rotated"]
        assert f"{single.arn} is a single-Region key" in told["alias/single"]
        assert f"expires within renew_before: {older} (" in told["alias/rotated"]
        assert f"alias/forgotten ({forgotten.arn}) is not in renew_expiring_keys" in run.output


def test_arns_say_where_else_to_look(project: Project, emulator: Emulator, account: str) -> None:
    """The Region of the environment has no effect."""
    content = new_material(SYMMETRIC)
    clients = [emulator.client(region, account) for region in ("us-east-1", "eu-north-1")]
    keys = [with_days(kms, emulator, "payments", 5, content) for kms in clients]
    forgotten = [with_days(kms, emulator, "forgotten", 5) for kms in clients]
    project.environment["AWS_REGION"] = "eu-west-1"
    run = renew(project, *(declare(project, key.arn, content) for key in keys)).ok()
    assert renewed(run) == [key.arn for key in keys]
    for key in forgotten:
        assert f"({key.arn}) is not in renew_expiring_keys" in run.output


def renew_hosts(project: Project, variable: str, values: list[Any]) -> Run:
    """One run for many values: those of a host each."""
    hosts = {f"host-{number}": {variable: value} for number, value in enumerate(values)}
    (project.folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), "utf-8")
    run = call(project, "cloudkeys.aws.renew_expiring", {}, "-i", "inventory.yml").failed()
    assert [task["outcome"] for task in run.tasks].count("failed") == len(values)
    return run


def test_what_is_no_list_of_keys_is_refused(project: Project, emulator: Emulator) -> None:
    copy = {"key_material_src": "x"}
    wrong = {
        "must be a list": "a text",
        "kms_keys[0]: The entry must be a dictionary": ["a text"],
        "kms_keys[0] (x): The entry gives no key material": [{"key_id": "x"}],
        "kms_keys[0]: The entry names no key": [copy],
        "An entry of renew_expiring_keys has alias.": [{"alias": "x", **copy}],
        "has expiration_model, valid_to.": [{"valid_to": "x"}, {"expiration_model": "x"}],
    }
    before = len(emulator.control.calls())
    run = renew_hosts(project, "renew_expiring_keys", list(wrong.values()))
    assert len(emulator.control.calls()) == before
    refused = [task["result"]["msg"] for task in run.tasks if task["outcome"] == "failed"]
    for told in wrong:
        assert [message for message in refused if told in message], (told, *refused)


@pytest.mark.every_core
def test_an_unknown_entry_is_refused_without_its_value(project: Project, kms: Any, emulator: Emulator) -> None:
    """The entry is refused on the first day, when no key is due, and at any verbosity."""
    content = new_material(SYMMETRIC)
    with_days(kms, emulator, "payments", 300, content)
    secret = os.urandom(24).hex()
    entry = declare(project, "alias/payments", content, key_material_passphrase=secret)
    loud = {"ANSIBLE_DEBUG": "1", "ANSIBLE_VERBOSITY": "5"}
    project.environment |= loud
    run = renew(project, entry).failed()
    (told,) = [task["result"]["msg"] for task in run.tasks if task["outcome"] == "failed"]
    assert "kms_keys[0] (alias/payments): key_material_passphrase is a secret value" in told
    assert "key_material_passphrase_src" in told
    assert secret not in run.output
    assert secret not in (project.folder / "record.jsonl").read_text("utf-8")


def test_days_that_are_no_number_are_refused(project: Project) -> None:
    """They would count as 0, and no key would be due before it is too late."""
    run = renew_hosts(project, "renew_expiring_days", ["30d", " ", None, 0, -1])
    refused = [task["result"]["msg"] for task in run.tasks if task["outcome"] == "failed"]
    assert all(told.startswith("renew_expiring_days must be a whole number of days") for told in refused), refused
