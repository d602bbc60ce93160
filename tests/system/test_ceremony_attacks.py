# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An attacker can write into the folder of a ceremony before each step, and knows everything but the key material."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from support.materials import new_material
from support.wrapping import wrap

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.contents import ImportParameters, WrappedKeyMaterial
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.file import sha256

from .ceremonies import Ceremony, one_key
from .on_time import emulator_on_time
from .playbooks import Project

emulator = emulator_on_time
WRAP, MATERIAL = (f"cloudkeys.aws.{name}" for name in ("kms_wrapped_key_material", "kms_key_material"))


def bundle_file(project: Project, kind: str, name: str = "key-0") -> Path:
    folder = project.folder / "bundles"
    folder.mkdir(exist_ok=True)
    return folder / f"{name}.{kind}.json"


def parameters_in(path: Path) -> ImportParameters:
    return ImportParameters.from_content(path.read_bytes(), "It")


@cache
def own_wrapping_key() -> bytes:
    """Of the attacker; SubjectPublicKeyInfo, DER."""
    key = rsa.generate_private_key(65537, 4096).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def with_own_wrapping_key(genuine: ImportParameters, **changed: Any) -> ImportParameters:
    own = own_wrapping_key()
    return replace(genuine, wrapping_public_key=own, wrapping_public_key_sha256=sha256(own), **changed)


@one_key
@pytest.mark.parametrize("hours", [1, 24 * 365])
def test_import_parameters_planted_before_the_export(ceremony: Ceremony, hours: int) -> None:
    """They contain a wrapping public key of the attacker, and are still valid. The parameters from KMS replace them."""
    ceremony.export()
    path = bundle_file(ceremony.exporter, "parameters")
    valid_to = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=hours)
    planted = with_own_wrapping_key(parameters_in(path), parameters_valid_to=valid_to)
    path.write_bytes(planted.content)
    run = ceremony.run(ceremony.exporter, "export").ok()
    assert planted.check_code not in run.output
    made = parameters_in(path)
    assert made.wrapping_public_key != own_wrapping_key()
    assert f"key-0: {made.check_code}" in run.output
    assert made.parameters_valid_to - datetime.now(UTC) <= timedelta(hours=24, minutes=1)


@pytest.mark.parametrize(
    "ceremony",
    [["SYMMETRIC_DEFAULT", "HMAC_256", "ECC_NIST_P256", "RSA_2048"]],
    indirect=True,
    ids=[""],
)
def test_wrapped_key_material_planted_before_the_wrap(ceremony: Ceremony) -> None:
    """The attacker's ciphertext with the MAC or public key of the right key material."""
    codes = ceremony.export()
    ceremony.carry("parameters", ceremony.exporter, ceremony.custodian)
    ceremony.wrap(codes)
    planted = {}
    for name, key in ceremony.keys.items():
        path = bundle_file(ceremony.custodian, "wrapped", name)
        genuine = WrappedKeyMaterial.from_content(path.read_bytes(), "It")
        parameters = parameters_in(bundle_file(ceremony.custodian, "parameters", name))
        theirs = wrap(parameters.wrapping_algorithm, parameters.wrapping_public_key, new_material(key.spec))
        planted[name] = replace(genuine, encrypted_key_material=theirs)
        path.write_bytes(planted[name].content)
    run = ceremony.run(ceremony.custodian, "wrap", codes).ok()
    for name, bundle in planted.items():
        assert bundle.check_code not in run.output
        assert bundle_file(ceremony.custodian, "wrapped", name).read_bytes() != bundle.content
    ceremony.carry("wrapped", ceremony.custodian, ceremony.importer)
    codes = dict(line.split(": ") for line in run.results[-1]["msg"])
    ceremony.run(ceremony.importer, "import", codes).ok()
    for name, key in ceremony.keys.items():
        key.put(ceremony.materials[name])


@one_key
def test_wrapped_key_material_planted_before_the_import(ceremony: Ceremony) -> None:
    codes = ceremony.export_and_wrap()
    path = bundle_file(ceremony.importer, "wrapped")
    genuine = WrappedKeyMaterial.from_content(path.read_bytes(), "It")
    parameters = parameters_in(bundle_file(ceremony.exporter, "parameters"))
    theirs = wrap(parameters.wrapping_algorithm, parameters.wrapping_public_key, new_material("SYMMETRIC_DEFAULT"))
    planted = replace(genuine, encrypted_key_material=theirs)
    path.write_bytes(planted.content)
    (path.parent / "aside.json").write_bytes(genuine.content)
    refused = ceremony.run(ceremony.importer, "import", codes)
    assert refused.code == 2
    assert planted.check_code not in refused.output
    assert "The expected code belongs to aside.json in the same directory" in refused.results[-1]["results"][0]["msg"]
    assert ceremony.keys["key-0"].state == "PendingImport"


@one_key
def test_a_validity_that_kms_does_not_give(ceremony: Ceremony) -> None:
    """The check codes are not compared."""
    ceremony.export_and_wrap()
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=25)
    exported = bundle_file(ceremony.custodian, "parameters")
    exported.write_bytes(with_own_wrapping_key(parameters_in(exported), parameters_valid_to=later).content)
    task = {
        WRAP: {
            "parameters_bundle_src": str(exported),
            "key_material_src": str(ceremony.custodian.folder / "key-0.key"),
            "dest": str(exported.with_name("other.json")),
        }
    }
    assert "KMS grants 24 hours" in ceremony.custodian.run(task).failed().only["msg"]
    assert not exported.with_name("other.json").exists()

    wrapped = bundle_file(ceremony.importer, "wrapped")
    genuine = WrappedKeyMaterial.from_content(wrapped.read_bytes(), "It")
    wrapped.write_bytes(replace(genuine, parameters_valid_to=later).content)
    task = {
        MATERIAL: {
            "key_id": "alias/key-0",
            "wrapped_bundle_src": str(wrapped),
            "expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        }
    }
    assert "KMS grants 24 hours" in ceremony.importer.run(task).failed().only["msg"]
    assert ceremony.keys["key-0"].state == "PendingImport"


def _socket(path: Path) -> None:
    # The address of a socket is short, and pytest's folders are not.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 36)


PLANTED: dict[str, Callable[[Path], object]] = {
    "FIFO": os.mkfifo,
    "socket": _socket,
    "folder": Path.mkdir,
    "link to a secret": lambda path: path.symlink_to("../secret"),
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "link to nowhere": lambda path: path.symlink_to("nowhere"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "environment of the process": lambda path: path.symlink_to("/proc/self/environ"),
    "huge file": _huge,
    "other JSON": lambda path: path.write_bytes(b'{"format": "a secret of another user"}'),
}
SECRET = b"root:a secret of another user:/bin/sh\n"


def _listing(folder: Path) -> list[tuple[str, int, int]]:
    return sorted((path.name, path.lstat().st_mode, path.lstat().st_size) for path in folder.iterdir())


@pytest.mark.parametrize("ceremony", [["SYMMETRIC_DEFAULT"] * len(PLANTED)], indirect=True, ids=[""])
@pytest.mark.parametrize(
    ("step", "kind"),
    [("export", "parameters"), ("wrap", "parameters"), ("wrap", "wrapped"), ("import", "wrapped")],
)
def test_what_is_no_file_of_the_ceremony(ceremony: Ceremony, step: str, kind: str) -> None:
    """Such files are not read, written, displayed, or waited for."""
    project = {"export": ceremony.exporter, "wrap": ceremony.custodian, "import": ceremony.importer}[step]
    codes = dict.fromkeys(ceremony.keys, "A2BC-3DEF-GHI4-JKL5-MNO6")
    if step == "wrap":
        codes = ceremony.export()
        ceremony.carry("parameters", ceremony.exporter, ceremony.custodian)
    (project.folder / "secret").write_bytes(SECRET)
    for name, make in zip(ceremony.keys, PLANTED.values(), strict=True):
        path = bundle_file(project, kind, name)
        path.unlink(missing_ok=True)
        make(path)
    before = _listing(project.folder / "bundles")
    if step == "export":
        # All its keys are one task, which fails with the first of them; so one by one, and not each of them.
        runs = [ceremony.run(project, step, ceremony_keys=[entry]) for entry in ceremony.listed()[::3]]
    else:
        runs = [ceremony.run(project, step, codes)]
    if step != "export":
        assert [item["failed"] for item in runs[0].results[-1]["results"]] == [True] * len(PLANTED)
    for run in runs:
        assert run.code == 2, run.output
        assert "a secret" not in run.output
        assert "Traceback" not in run.output
    assert (project.folder / "secret").read_bytes() == SECRET
    assert _listing(project.folder / "bundles") == before
    assert {key.state for key in ceremony.keys.values()} == {"PendingImport"}


@one_key
def test_a_link_in_the_place_of_the_folder(ceremony: Ceremony) -> None:
    elsewhere = ceremony.exporter.folder / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (ceremony.exporter.folder / "bundles").symlink_to(elsewhere)
    assert ceremony.run(ceremony.exporter, "export").code == 2
    assert (list(elsewhere.iterdir()), elsewhere.stat().st_mode & 0o777) == ([], 0o755)
