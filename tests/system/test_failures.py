# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures around a task: options, network, quotas, permissions, and libraries."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from support.external_key import ExternalKey
from support.in_process import NEVER, run_one
from support.materials import SYMMETRIC, new_material

from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Apply, Step
from ansible_collections.cloudkeys.aws.plugins.module_utils._requests.wire import request_to_json

from .playbooks import MODULE, Project, Task, material

ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({}, "missing required arguments: key_id"),
    ({"key_id": ARN}, "gives no key material"),
    ({"key_id": " ", "state": "absent", "force": True}, "key_id is empty"),
    ({"key_id": ARN, "key_material_src": "k", "import_token_src": "k"}, "both as plaintext"),
    ({"key_id": ARN, "import_token_src": "k"}, "requires encrypted_key_material"),
    ({"key_id": ARN, "encrypted_key_material_src": "k"}, "requires import_token"),
    ({"key_id": ARN, "key_material_src": "no-such-file"}, "no-such-file was not found"),
    ({"key_id": ARN, "key_material_src": "k", "valid_to": "2027-09-17"}, "date without a time"),
    ({"key_id": ARN, "key_material_src": "k", "valid_for": "90d"}, "requires renew_before"),
    ({"key_id": ARN, "key_material_src": "k", "state": "gone"}, "value of state must be one of"),
    ({"key_id": ARN, "key_material_src": "k", "wait_timeout": 0}, "at least 1 (in seconds)"),
    ({"key_id": ARN, "key_material_src": "k", "region": "eu-west-1"}, "is in Region us-east-1"),
    (
        {"key_id": ARN, "key_material_src": "k", "key_materal_format": "raw"},
        "Unsupported option: key_materal_format",
    ),
    ({"key_id": ARN, "key_material_src": "k", "controller": {"keys": []}}, "Unsupported option: controller"),
    ({"key_id": ARN, "key_material_src": "k", **NEVER}, "KMS found no such key"),
]


def test_options_that_cannot_be_right(project: Project) -> None:
    project.write("k", b"\x80" * 31 + b"\x81")
    run = project.run(*[{MODULE: options, "ignore_errors": True} for options, _told in MISTAKES]).ok()
    assert [task["outcome"] for task in run.tasks] == ["failed"] * len(MISTAKES)
    for (options, told), result in zip(MISTAKES, run.results, strict=True):
        assert told in result["msg"], options
        assert not result.get("changed")


@pytest.mark.every_core
def test_a_controller_without_amazon_aws(project: Project) -> None:
    """Where the collection has an action or inventory plugin, it reports what to install. Ansible loads these plugins
    before the task starts, and an import that fails there ends the whole run."""
    listed = os.environ["ANSIBLE_COLLECTIONS_PATH"].split(os.pathsep)
    ours = next(path for root in listed if (path := Path(root) / "ansible_collections" / "cloudkeys").is_dir())
    root = project.folder / "collections" / "ansible_collections"
    root.mkdir(parents=True)
    (root / "cloudkeys").symlink_to(ours.resolve())
    alone = {"ANSIBLE_COLLECTIONS_PATH": str(root.parent)}
    project.write("k", new_material(SYMMETRIC))
    for task in (
        {MODULE: {"key_id": ARN, "key_material_src": "k", **NEVER}},
        {"cloudkeys.aws.kms_imported_keys": {"kms_keys": [{"alias": "payments", "key_material_src": "k", **NEVER}]}},
        {"cloudkeys.aws.kms_import_parameters": {"bundles": [{"key_id": ARN, "dest": "p.json"}]}},
    ):
        failed = project.run(task, variables=alone)
        assert failed.code == 2, failed.output
        assert "Install it with ansible-galaxy collection install amazon.aws." in failed.results[0]["msg"]
    (project.folder / "all.kms_keys.yml").write_text("plugin: cloudkeys.aws.kms_keys\nregions: [us-east-1]\n", "utf-8")
    listing = project.command(["ansible-inventory", "-i", "all.kms_keys.yml", "--list"], alone)
    assert "Install it with ansible-galaxy collection" in " ".join(listing.output.split())


@pytest.mark.every_core
@pytest.mark.parametrize(("module", "check_mode"), [("kms_requests", False), ("kms_key_requests", True)])
def test_the_internal_modules_are_not_for_tasks(project: Project, kms: Any, module: str, check_mode: bool) -> None:
    key = ExternalKey.create(kms)
    run_one(kms, key, new_material(SYMMETRIC), **NEVER)
    request = {**request_to_json(Apply(key.arn, None, None, (Step("delete"),), {}, None)), "mac": "c2VjcmV0"}
    run = project.run({f"cloudkeys.aws.{module}": {"requests": [request]}, "check_mode": check_mode}).failed()
    assert f"{module} is internal" in run.only["msg"]
    assert request["mac"] not in run.output
    assert key.state == "Enabled"


@pytest.mark.every_core
def test_other_keywords_of_tasks(project: Project, kms: Any) -> None:
    """loop, delegate_to, module_defaults of the group, register."""
    keys = [ExternalKey.create(kms).arn for _number in range(2)]
    source = project.write("k", new_material(SYMMETRIC))
    task: Task = {
        "name": "Two keys",
        MODULE: {"key_id": "{{ item }}", "key_material_src": source, **NEVER},
        "loop": keys,
        "delegate_to": "localhost",
        "module_defaults": {"group/cloudkeys.aws.aws": {"region": "us-east-1", "validate_certs": True}},
    }
    project.run(task).ok()
    assert project.run(task).ok().results[-1]["changed"] is False
    refused = project.run({**material(key_id=keys[0], key_material_src=source), "async": 10, "poll": 1}).failed()
    assert "async" in refused.output


def test_a_file_of_a_role(project: Project, kms: Any) -> None:
    role = project.folder / "roles" / "payments"
    (role / "files").mkdir(parents=True)
    (role / "tasks").mkdir()
    (role / "files" / "payments.key").write_bytes(new_material(SYMMETRIC))
    key = ExternalKey.create(kms)
    (role / "tasks" / "main.yml").write_text(
        f"- {MODULE}:\n    key_id: {key.id}\n    key_material_src: payments.key\n"
        "    expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE\n",
        "utf-8",
    )
    project.run_text("- hosts: localhost\n  gather_facts: false\n  roles: [payments]\n").ok()
    assert key.state == "Enabled"


def _python_without(folder: Path, package: str) -> dict[str, str]:
    """A path on which importing the package fails, before the path on which it would be found."""
    (folder / "without" / package).mkdir(parents=True)
    text = f"raise ImportError('no {package} here', name='{package}')\n"
    (folder / "without" / package / "__init__.py").write_text(text, "utf-8")
    return {"PYTHONPATH": str(folder / "without")}


@pytest.mark.every_core
def test_without_cryptography_on_the_controller(project: Project, kms: Any) -> None:
    key = ExternalKey.create(kms)
    task = material(key_id=key.arn, key_material_src=project.write("k", new_material(SYMMETRIC)), **NEVER)
    result = project.run(task, variables=_python_without(project.folder, "cryptography")).failed().only
    assert "controller's Python" in result["msg"]
    assert "pip install" in result["msg"]
    assert key.state == "PendingImport"


@pytest.mark.every_core
def test_without_boto3_on_the_target(project: Project, kms: Any) -> None:
    key = ExternalKey.create(kms)
    task = material(key_id=key.arn, key_material_src=project.write("k", new_material(SYMMETRIC)), **NEVER)
    result = project.run(task, variables=_python_without(project.folder, "boto3")).failed().only
    assert "boto3" in result["msg"]


def test_an_old_botocore_on_the_target(project: Project, kms: Any) -> None:
    key = ExternalKey.create(kms)
    (project.folder / "old").mkdir()
    text = "import botocore\nbotocore.__version__ = '1.37.0'\n"
    (project.folder / "old" / "sitecustomize.py").write_text(text, "utf-8")
    task = material(key_id=key.arn, key_material_src=project.write("k", new_material(SYMMETRIC)), **NEVER)
    result = project.run(task, variables={"PYTHONPATH": str(project.folder / "old")}).failed().only
    assert "botocore 1.37.0" in result["msg"]
    assert "1.38.31" in result["msg"]


def test_an_endpoint_without_a_server(project: Project) -> None:
    """Port 9 (discard) of this machine has no server, or one without HTTP."""
    task = material(key_id=ARN, key_material_src=project.write("k", new_material(SYMMETRIC)), **NEVER)
    config = {"retries": {"total_max_attempts": 1}}
    options = {**task[MODULE], "endpoint_url": "http://127.0.0.1:9", "aws_config": config}
    result = project.run({**task, MODULE: options}).failed().only
    assert "network" in result["msg"]
