# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook renew_expiring: what is due is renewed, and a run that leaves a key in danger is not green."""

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
    assert f"alias/forgotten ({forgotten.arn}) is not in renew_expiring_keys: key material" in first.output
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
        assert sentence.endswith(f". Add to its entry: key material {older} in previous_key_materials.")
    renew(project, entry, renew_expiring_days=4).ok()


def test_older_key_material_that_is_missing_is_no_success(project: Project, kms: Any, emulator: Emulator) -> None:
    content = new_material(SYMMETRIC)
    key, older = rotated(kms, emulator, "payments", 50, content)
    key.lose_material(older)
    entry = declare(project, "alias/payments", content, on_unknown_material="accept")
    for check in (True, False):
        (sentence,) = unrenewed(renew(project, entry, check=check))
        assert f"key material {older} (NON_CURRENT) is missing" in sentence


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


@pytest.mark.parametrize("labelled", [pytest.param(True, marks=pytest.mark.every_core), False])
def test_older_key_material_that_is_given_is_renewed(
    project: Project, kms: Any, emulator: Emulator, labelled: bool
) -> None:
    """Also where only KMS can tell which of the key's materials it is."""
    content, first = new_material(SYMMETRIC), new_material(SYMMETRIC)
    if labelled:
        key = with_days(kms, emulator, "payments", 5, first)
        run_one(kms, key, content, valid_for="80d", renew_before="1d", on_different_material="stage")
    else:
        key = ExternalKey.create(kms)
        kms.create_alias(AliasName="alias/payments", TargetKeyId=key.id)
        key.put(first, emulator.now() + timedelta(days=5, hours=12))
        key.stage(content, emulator.now() + timedelta(days=80))
    older = key.current_id
    emulator.rotate(key)
    accept = {} if labelled else {"on_unknown_material": "reimport"}
    entry = declare(project, "alias/payments", content, **accept, **give_older(project, first, valid_for="200d"))
    before = key.history()
    foretold, nothing = written(emulator, lambda: renew(project, entry, check=True).ok())
    assert (key.history(), nothing, renewed(foretold)) == (before, [], ["alias/payments"])
    assert renewed(renew(project, entry).ok()) == ["alias/payments"]
    left = ends(key, emulator)
    assert 198 <= left[older] <= 200
    assert 78 <= left[key.current_id] <= 90
    again, nothing = written(emulator, lambda: renew(project, entry).ok())
    assert (changes(again), nothing) == ([], [])


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


def test_a_replica_key_is_renewed_with_its_primary_key(project: Project, kms: Any, emulator: Emulator) -> None:
    """And not with an entry for the primary key alone. Others in the list go on."""
    current, older, other = (new_material(SYMMETRIC) for _number in range(3))
    key, replica = family(kms, emulator, current, older, 5)
    with_days(kms, emulator, "other", 5, other)
    alone = declare(project, "alias/payments", current)
    for check in (True, False):
        run = renew(project, alone, declare(project, "alias/other", other), check=check)
        assert renewed(run) == ["alias/other"]
        (sentence,) = unrenewed(run)
        assert sentence.startswith(f"alias/payments ({key.arn}) is not renewed: in eu-west-1 key material")
        for name in ends(replica, emulator):
            end = replica.entry(name)["ValidTo"].date().isoformat()
            assert f"in eu-west-1 key material {name} (" in sentence
            assert f") expires on {end}T" in sentence
        add = [f"key material {replica.history()[0]['KeyMaterialId']} in previous_key_materials", "replicas: true"]
        assert sentence.endswith(f". Add to its entry: {', '.join(add)}.")
    whole = {**alone, "replicas": True, **give_older(project, older)}
    before = replica.history()
    foretold, nothing = written(emulator, lambda: renew(project, whole, check=True).ok())
    assert (replica.history(), nothing, renewed(foretold)) == (before, [], ["alias/payments"])
    done, imports = written(emulator, lambda: renew(project, whole).ok())
    assert renewed(done) == ["alias/payments"]
    assert {region for _operation, region in imports} == {"eu-west-1"}
    assert all(88 <= days <= 90 for days in ends(replica, emulator).values())
    again, nothing = written(emulator, lambda: renew(project, whole).ok())
    assert (changes(again), nothing) == ([], [])


def test_a_region_that_cannot_be_read_is_no_success(project: Project, kms: Any, emulator: Emulator) -> None:
    current, older = new_material(SYMMETRIC), new_material(SYMMETRIC)
    key, replica = family(kms, emulator, current, older, 60)
    entry = {**declare(project, "alias/payments", current, replicas=True), **give_older(project, older)}
    renew(project, entry).ok()
    emulator.control.denied([{"operation": "DescribeKey", "key": replica.arn}])
    (sentence,) = unrenewed(renew(project, entry))
    assert sentence.startswith(f"alias/payments ({key.arn}) is not renewed: in eu-west-1 it cannot be described")
    assert "Add to its entry" not in sentence


def test_other_key_material_than_the_one_that_is_due(project: Project, kms: Any, emulator: Emulator) -> None:
    """The file is that of another older key material: what KMS needs is named, and what is given is renewed."""
    contents = [new_material(SYMMETRIC) for _number in range(3)]
    key = with_days(kms, emulator, "payments", 5, contents[2])
    end = (emulator.now() + timedelta(days=6)).isoformat()
    for content in (contents[1], contents[0]):
        run_one(kms, key, content, valid_to=end, on_different_material="stage")
        emulator.rotate(key)
    oldest, given, _current = (one["KeyMaterialId"] for one in key.history())
    entry = {**declare(project, "alias/payments", contents[0]), **give_older(project, contents[1])}
    for check in (True, False):
        (sentence,) = unrenewed(renew(project, entry, check=check))
        assert given not in sentence
        assert sentence.endswith(f". Add to its entry: key material {oldest} in previous_key_materials.")
    assert sorted(days > 80 for days in ends(key, emulator).values()) == [False, True, True]


def test_what_would_be_refused_when_it_is_due_is_refused_now(project: Project, kms: Any, emulator: Emulator) -> None:
    content = new_material(SYMMETRIC)
    key = with_days(kms, emulator, "payments", 300, content)
    (sentence,) = unrenewed(renew(project, declare(project, "alias/payments", content, replicas=True)))
    assert sentence.startswith(f"alias/payments ({key.arn}) is not renewed: it is a single-Region key")


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
    named = sorted(told.partition(" ")[0] for told in refused)
    assert named == ["renew_expiring_keys"] * 2 + ["renew_expiring_keys[0]"] * 3, refused


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
    assert "renew_expiring_keys[0] has key_material_passphrase, which nobody reads" in run.results[-1]["msg"]
    assert "key_material_passphrase_src" in run.results[-1]["msg"]
    assert secret not in run.output
    assert secret not in (project.folder / "record.jsonl").read_text("utf-8")


def test_days_that_are_no_number_are_refused(project: Project) -> None:
    """They would count as 0, and no key would be due before it is too late."""
    run = renew_hosts(project, "renew_expiring_days", ["30d", "", None, 0, -1])
    refused = [task["result"]["msg"] for task in run.tasks if task["outcome"] == "failed"]
    assert all(told.startswith("renew_expiring_days must be a whole number of days") for told in refused), refused
