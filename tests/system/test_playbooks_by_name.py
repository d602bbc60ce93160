# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles, run with the playbooks by their full names. A second run changes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_der_private_key,
)
from support.materials import SYMMETRIC, new_material

from .playbooks import Project, call, changes

HAVE = ["Create or update the key and import its key material"]
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
    assert changes(foretold) == HAVE
    assert kms.list_keys()["Keys"] == []
    first = call(project, "cloudkeys.aws.provision_key", wanted).ok()
    assert changes(first) == HAVE
    metadata = kms.describe_key(KeyId="alias/payments")["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Description"]) == ("Enabled", "For payments")
    assert changes(call(project, "cloudkeys.aws.provision_key", wanted).ok()) == []
    disabled = call(project, "cloudkeys.aws.provision_key", {**wanted, "imported_key_enabled": False}).ok()
    assert disabled.results[-1]["kms_keys"][0]["actions"] == ["disable"]
    again = call(project, "cloudkeys.aws.provision_key", {**wanted, "imported_key_enabled": False}).ok()
    assert changes(again) == []


def test_a_key_without_material(project: Project, kms: Any) -> None:
    wanted = {"imported_key_alias": "signing", "imported_key_key_spec": "RSA_2048"}
    wanted["imported_key_policy"] = json.dumps({"Version": "2012-10-17", "Statement": []})
    refused = call(project, "cloudkeys.aws.provision_key", wanted).failed()
    assert "Set key_usage" in refused.results[-1]["msg"]
    wanted["imported_key_key_usage"] = "SIGN_VERIFY"
    assert changes(call(project, "cloudkeys.aws.provision_key", wanted).ok()) == HAVE
    assert kms.describe_key(KeyId="alias/signing")["KeyMetadata"]["KeyState"] == "PendingImport"


def test_relative_files_begin_in_the_current_folder(project: Project, kms: Any) -> None:
    (project.folder / "keys").mkdir()
    content = new_material("ECC_NIST_P256")
    pem = load_der_private_key(content, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"correct horse")
    )
    (project.folder / "keys" / "signing.pem").write_bytes(pem)
    (project.folder / "passphrase").write_bytes(b"correct horse\n")
    wanted = {
        "imported_key_alias": "alias/signing",
        "imported_key_key_spec": "ECC_NIST_P256",
        "imported_key_key_usage": "SIGN_VERIFY",
        "imported_key_key_material_src": "keys/signing.pem",
        "imported_key_key_material_passphrase_src": "passphrase",
        "imported_key_expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }
    call(project, "cloudkeys.aws.provision_key", wanted).ok()
    assert kms.describe_key(KeyId="alias/signing")["KeyMetadata"]["KeyState"] == "Enabled"


def test_no_file_is_left_in_the_collection() -> None:
    """A report without a folder is written to the current folder, not to the playbook's folder."""
    collection = Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]) / "ansible_collections" / "cloudkeys" / "aws"
    assert not (collection / "playbooks" / "expiry-report").exists()
