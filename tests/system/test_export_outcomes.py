# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kms_import_parameters`` for several keys: the failure of one key does not fail the others."""

from __future__ import annotations

from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.contents import ImportParameters

from .bundle_tasks import EXPORT, asked, export, message
from .on_time import emulator_on_time
from .playbooks import Project

emulator = emulator_on_time


@pytest.mark.parametrize("check", [True, False])
def test_what_is_wrong_with_one_key_is_that_keys_outcome(
    project: Project, kms: Any, emulator: Emulator, check: bool
) -> None:
    """The other keys get their bundles in every Region."""
    elsewhere = emulator.client("eu-west-1", kms._request_signer._credentials.access_key)
    good = [ExternalKey.create(kms), ExternalKey.create(elsewhere)]
    taken = ExternalKey.create(kms)
    (project.folder / "3.json").write_bytes(b"notes")
    wrong = {
        kms.create_key()["KeyMetadata"]["Arn"]: "has the origin AWS_KMS",
        "alias/missing": "alias/missing",
        taken.arn: "it was not overwritten",
    }
    names = [good[0].arn, *wrong, good[1].arn]
    bundles = [{"key_id": name, "dest": f"{number}.json"} for number, name in enumerate(names)]
    run = project.run({EXPORT: {"bundles": bundles}}, check=check).failed()
    entries = run.only["bundles"]
    assert [entry["key_id"] for entry in entries] == names
    assert [entry.get("failed", False) for entry in entries] == [False, True, True, True, False]
    assert [entry["changed"] for entry in entries] == [True, False, False, False, True]
    for sentence, entry in zip(wrong.values(), entries[1:], strict=False):
        assert sentence in entry["msg"]
    assert f"No import parameters for 3 of 5 keys: {', '.join(wrong)}. " in run.only["msg"]
    assert "has the origin AWS_KMS" in run.only["msg"]
    assert "kms_error" not in run.only, "it is that of the first, which KMS did not refuse"
    assert entries[2]["kms_error"]["code"] == "NotFoundException"
    assert [asked(emulator, key) for key in (*good, taken)] == [0 if check else 1] * 2 + [0]
    assert (project.folder / "3.json").read_bytes() == b"notes"
    assert [(project.folder / f"{number}.json").exists() for number in (0, 4)] == [not check] * 2


def test_a_key_without_a_region_is_that_keys_outcome(project: Project, key: ExternalKey) -> None:
    """An impossible Region, or a missing one, does not concern the other keys."""
    elsewhere = key.arn.replace("us-east-1", "us east 1")
    wrong = {"alias/other": "No AWS Region is set. Set region", elsewhere: "us east 1 is not a valid AWS Region name"}
    bundles = [{"key_id": name, "dest": f"{number}.json"} for number, name in enumerate([*wrong, key.arn])]
    run = project.run({EXPORT: {"bundles": bundles}}, variables={"AWS_REGION": ""}).failed().only
    assert [entry.get("failed", False) for entry in run["bundles"]] == [True, True, False]
    for sentence, entry in zip(wrong.values(), run["bundles"], strict=False):
        assert sentence in entry["msg"]
    assert "kms_requests" not in run["msg"]


def test_a_target_that_cannot_be_asked(project: Project, key: ExternalKey) -> None:
    """Each entry has the error, and the message contains it once."""
    there = {**export(key, project.folder / "it.json"), "vars": {"ansible_python_interpreter": "/no/such/python"}}
    there[EXPORT]["bundles"].append({"key_id": "alias/other", "dest": str(project.folder / "other.json")})
    failed = project.run(there).failed().only
    assert f"No import parameters for 2 of 2 keys: {key.arn}, alias/other. " in failed["msg"]
    assert [entry["failed"] for entry in failed["bundles"]] == [True, True]
    assert not list(project.folder.glob("*.json"))


def test_an_answer_that_ansible_has_masked(project: Project, key: ExternalKey) -> None:
    """Every RSA public key contains these letters in base64. A masked public key is not written."""
    path = project.folder / "it.json"
    masking = export(key, path, access_key=project.account, secret_key="MII")
    assert "is incomplete" in message(project.run(masking))
    assert not path.exists()


def test_a_key_that_kms_refuses_does_not_keep_the_others_from_theirs(
    project: Project, kms: Any, emulator: Emulator
) -> None:
    """The next run exports all keys and replaces the files of the first run."""
    keys = [ExternalKey.create(kms) for _turn in range(3)]
    paths = [project.folder / f"{number}.json" for number in range(3)]
    bundles = [{"key_id": key.arn, "dest": str(path)} for key, path in zip(keys, paths, strict=True)]
    emulator.control.faults([{"operation": "GetParametersForImport", "error": "AccessDeniedException", "times": 1}])
    run = project.run({EXPORT: {"bundles": bundles}}).failed()
    assert run.only["kms_error"]["code"] == run.only["bundles"][0]["kms_error"]["code"] == "AccessDeniedException"
    assert keys[0].arn in run.only["msg"]
    assert [path.exists() for path in paths] == [False, True, True]
    assert [diff["after_header"] for diff in run.only["diff"]] == [str(path) for path in paths[1:]]
    for path in paths[1:]:
        bundle = ImportParameters.from_content(path.read_bytes(), "It").value
        assert str(bundle["import_token"]) not in run.output, "in no result, as when nothing fails"
    rest = project.run({EXPORT: {"bundles": bundles}}).ok().only
    assert [entry["changed"] for entry in rest["bundles"]] == [True, True, True]
