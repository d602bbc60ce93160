# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook verify_copies changes no key, and fails if no key material was proven."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.in_process import NEVER, run_one
from support.materials import SYMMETRIC, new_material, other_material

from .leaks import LOUD
from .playbooks import Project, Run, call

READS = {"DescribeKey", "ListKeyRotations", "GetKeyRotationStatus", "GetPublicKey", "VerifyMac"}
COMPARES = {*READS, "GetParametersForImport", "ImportKeyMaterial"}


def declare(project: Project, key: ExternalKey, *contents: bytes, **more: Any) -> dict[str, Any]:
    """An entry of verify_copies_keys, with the copies in the current folder."""
    copies = []
    for place, content in enumerate(contents):
        name = f"{key.id}-{place}"
        (project.folder / name).write_bytes(content)
        raw = key.spec == SYMMETRIC or key.spec.startswith("HMAC")
        copies.append({"key_material_src": name, "key_material_format": "raw" if raw else "der"})
    previous = {"previous_key_materials": copies[1:]} if len(copies) > 1 else {}
    return {"key_arn": key.arn, **copies[0], **previous, **more}


def verify(project: Project, *declared: dict[str, Any], arguments: tuple[str, ...] = (), **variables: Any) -> Run:
    return call(project, "cloudkeys.aws.verify_copies", {"verify_copies_keys": list(declared), **variables}, *arguments)


def said(run: Run) -> list[str]:
    """The sentence for each copy."""
    (task,) = [one for one in run.tasks if one["task"] == "Display how each copy was verified"]
    sentences: list[str] = task["result"]["msg"]
    return sentences


def rotated(kms: Any, emulator: Emulator, contents: list[bytes]) -> ExternalKey:
    """With two key materials, of which the older one expires, and without labels."""
    key = ExternalKey.create(kms)
    key.put(contents[1], emulator.now() + timedelta(days=50))
    key.stage(contents[0])
    emulator.rotate(key)
    return key


@pytest.mark.every_core
def test_each_kind_of_key_by_its_own_proof(project: Project, kms: Any, emulator: Emulator) -> None:
    keys = {}
    for spec in ("ECC_NIST_P256", "HMAC_256", SYMMETRIC):
        keys[spec] = ExternalKey.create(kms, spec)
        keys[spec].material = new_material(spec)
        run_one(kms, keys[spec], keys[spec].material, **NEVER)
    kms.create_alias(AliasName="alias/ledger", TargetKeyId=keys["HMAC_256"].id)
    declared = [declare(project, key, key.material) for key in keys.values()]
    declared[1] = {**declared[1], "key_id": "alias/ledger"}
    del declared[1]["key_arn"]
    calls = len(emulator.control.calls())
    for arguments in ((), ("--check",)):
        run = verify(project, *declared, arguments=arguments).ok()
        public_key, mac, label = said(run)
        assert "same: the public key in KMS matches the copy" in public_key
        assert mac == f"alias/ledger, {declared[1]['key_material_src']}: same: KMS verified a MAC made with the copy."
        assert "anyone who may import key material can copy a label" in label
        assert not any(run.changed)
    assert {one["operation"] for one in emulator.control.calls()[calls:]} <= READS


@pytest.mark.every_core
def test_on_request_kms_compares_the_bytes_and_nothing_is_changed(
    project: Project, kms: Any, emulator: Emulator
) -> None:
    contents = [new_material(SYMMETRIC) for _number in range(2)]
    key = rotated(kms, emulator, contents)
    ids = [entry["KeyMaterialId"] for entry in key.history()]
    declared = declare(project, key, *contents)
    declared["previous_key_materials"][0]["key_material_id"] = ids[0]
    before, calls = key.history(), len(emulator.control.calls())
    foretold = verify(project, declared, arguments=("--check",), verify_copies_reimport=True).failed()
    assert "has no label" in foretold.results[-1]["msg"], "check mode has no import to learn from"
    assert {one["operation"] for one in emulator.control.calls()[calls:]} <= READS
    run = verify(project, declared, verify_copies_reimport=True).ok()
    assert [sentence.partition(": ")[2] for sentence in said(run)] == ["same: KMS compared the bytes."] * 2
    assert key.history() == before
    assert {one["operation"] for one in emulator.control.calls()[calls:]} <= COMPARES


@pytest.mark.parametrize("reimport", [False, True])
def test_one_of_several_older_copies_is_wrong(project: Project, kms: Any, emulator: Emulator, reimport: bool) -> None:
    contents = [new_material(SYMMETRIC) for _number in range(2)]
    key = rotated(kms, emulator, contents)
    ends = {"previous": [{"content": contents[1], "key_material_id": key.history()[0]["KeyMaterialId"]}]}
    run_one(kms, key, contents[0], on_unknown_material="reimport", **ends)
    before = key.history()
    declared = declare(project, key, contents[0], other_material(SYMMETRIC))
    run = verify(project, declared, verify_copies_reimport=reimport, verify_copies_allow_unknown=True).failed()
    wrong = declared["previous_key_materials"][0]["key_material_src"]
    assert f"{key.arn}, {wrong}: different" in run.results[-1]["msg"]
    assert key.history() == before


def test_what_is_unknown_or_lost_is_no_success(project: Project, kms: Any) -> None:
    """One key has key material that was imported by other means. The other one has lost its key material."""
    unlabeled = ExternalKey.imported(kms)
    lost = ExternalKey.create(kms)
    content = new_material(SYMMETRIC)
    run_one(kms, lost, content, **NEVER)
    lost.lose_material()
    unknown = declare(project, unlabeled, unlabeled.material)
    run = verify(project, unknown, declare(project, lost, content)).failed()
    message = run.results[-1]["msg"]
    assert f"{unknown['key_material_src']}: unknown" in message
    assert f"{lost.id}-0: missing" in message
    nothing = verify(project, unknown, verify_copies_allow_unknown=True).failed()
    assert nothing.results[-1]["msg"].startswith("Nothing was proven")


def test_a_key_that_cannot_be_asked_hides_no_other(project: Project, kms: Any, emulator: Emulator) -> None:
    good, denied = (ExternalKey.create(kms, "HMAC_256") for _number in range(2))
    for key in (good, denied):
        key.put(new_material("HMAC_256"))
    emulator.control.denied([{"operation": "DescribeKey", "key": denied.id}])
    declared = [declare(project, key, key.material) for key in (denied, good)]
    run = verify(project, *declared).failed()
    assert "KMS denied DescribeKey" in run.results[-1]["msg"]
    assert any("KMS verified a MAC" in sentence for sentence in said(run))
    verify(project, *declared, verify_copies_allow_unknown=True).ok()


@pytest.mark.every_core
def test_what_is_not_known_is_refused_without_its_value(project: Project, kms: Any) -> None:
    key = ExternalKey.imported(kms)
    project.environment |= LOUD
    secret = os.urandom(24).hex()
    run = verify(project, declare(project, key, key.material, key_material=secret)).failed()
    assert "has unsupported options: key_material" in run.results[-1]["msg"]
    assert "Secret values are not accepted. Name a file instead." in run.results[-1]["msg"]
    assert secret not in run.output
    assert secret not in (project.folder / "record.jsonl").read_text("utf-8")
    unknown = verify(project, declare(project, key, key.material), verify_copies_key=[]).failed()
    assert "The role verify_copies has no verify_copies_key." in unknown.results[-1]["msg"]
