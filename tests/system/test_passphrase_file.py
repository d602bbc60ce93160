# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A passphrase from a file, in one playbook: no task requires no_log, and each failure names the file."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from support.external_key import ExternalKey
from support.in_process import NEVER
from support.materials import new_material

from .on_time import emulator_on_time
from .playbooks import Project, Task, material

emulator = emulator_on_time
SPEC = "ECC_NIST_P256"
PASSPHRASE = b"correct horse battery staple"
WRONG = b"incorrect horse battery staple"


def _reading(key: ExternalKey, passphrase: str, **options: Any) -> Task:
    given = {"key_material_src": "signing.pem", "key_material_passphrase_src": passphrase, **options, **NEVER}
    return {**material(key_id=key.arn, **given), "ignore_errors": True}


def _wrapping(bundle: dict[str, Any], **options: Any) -> Task:
    wrap = {"parameters_bundle": bundle, "dest": "signing.wrapped.json", "key_material_src": "signing.pem", **options}
    return {"cloudkeys.aws.kms_wrapped_key_material": wrap, "ignore_errors": True}


def test_both_modules_read_a_passphrase_from_a_file(project: Project, kms: Any) -> None:
    loaded = load_der_private_key(new_material(SPEC), None)
    encryption = BestAvailableEncryption(PASSPHRASE)
    project.write("signing.pem", loaded.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    project.write("plain.der", loaded.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    files = {"right": PASSPHRASE, "unix": PASSPHRASE + b"\n", "windows": PASSPHRASE + b"\r\n"}
    for name, content in {**files, "wrong": WRONG, "empty": b"\n", "long": b"x" * 1025}.items():
        project.write(name, content)
    project.write("nothing", b"")
    key = ExternalKey.create(kms, SPEC, "SIGN_VERIFY")
    exported = {"bundles": [{"key_id": key.arn}], "return_bundles": True}
    (exported_bundle,) = project.run({"cloudkeys.aws.kms_import_parameters": exported}).ok().only["bundles"]
    bundle = exported_bundle["bundle"]

    twice = _reading(key, "right", key_material_passphrase="{{ lookup('file', 'right') }}")
    absent = material(key_id=key.arn, key_material_passphrase_src="right", state="absent")
    handed_out = {"key_material_src": None, "wrapping_public_key_dest": "wrapping.pem"}
    refused = [
        ("signing.pem could not be decrypted: the passphrase in the file wrong is wrong", _reading(key, "wrong")),
        ("passphrase in the file empty is empty", _reading(key, "empty")),
        ("key_material_passphrase_src is empty", _reading(key, "")),
        ("key_material_src is empty", _reading(key, "right", key_material_src="")),
        ("The file nothing (key_material_src) is empty", _reading(key, "right", key_material_src="nothing")),
        ("passphrase in the file long has more than 1024 bytes", _reading(key, "long")),
        ("The file nowhere was not found", _reading(key, "nowhere")),
        ("a passphrase in the file right. Remove", _reading(key, "right", key_material_src="plain.der")),
        (None, {**twice, "no_log": True}),
        ("key_material_passphrase_src requires an encrypted private key", {**absent, "ignore_errors": True}),
        ("the passphrase in the file wrong is wrong, or", _wrapping(bundle, key_material_passphrase_src="wrong")),
        (
            "key_material_passphrase_src requires an encrypted private key",
            _wrapping(bundle, key_material_passphrase_src="right", **handed_out),
        ),
    ]
    taken = [_reading(key, name) for name in files] + [_wrapping(bundle, key_material_passphrase_src="unix")]
    run = project.run(*(task for _told, task in refused), *taken).ok()

    for (told, _task), entry in zip(refused, run.tasks, strict=False):
        assert entry["outcome"] == "failed", entry
        assert told is None or told in entry["result"]["msg"], entry
    assert [result["changed"] for result in run.results[len(refused) :]] == [True, False, False, True]
    assert key.state == "Enabled"
    assert "horse" not in run.output
