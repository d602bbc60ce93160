# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kms_import_parameters`` and ``kms_wrapped_key_material`` as single tasks: results, existing files, and refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, new_material
from support.wrapping import wrap

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.material_label import ciphertext_label
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.contents import ImportParameters, WrappedKeyMaterial

from .bundle_tasks import EXPORT, MATERIAL, WRAP, asked, export, message
from .on_time import emulator_on_time
from .playbooks import SYSTEM, Project, Task

emulator = emulator_on_time


@pytest.fixture
def parameters(project: Project, key: ExternalKey) -> Path:
    path = project.folder / "parameters.json"
    project.run(export(key, path)).ok()
    return path


@pytest.fixture
def material(project: Project) -> str:
    return project.write("k", new_material(SYMMETRIC))


def wrapping(parameters: Path, **options: Any) -> Task:
    return {WRAP: {"parameters_bundle_src": str(parameters), **options}}


# kms_import_parameters


@pytest.mark.every_core
def test_every_run_asks_kms(project: Project, emulator: Emulator, key: ExternalKey) -> None:
    path = project.folder / "parameters.json"
    first = project.run(export(key, path)).ok().only
    assert (first["changed"], path.stat().st_mode & 0o777) == (True, 0o600)
    bundle = ImportParameters.from_content(path.read_bytes(), "It")
    assert (bundle.key_arn, bundle.key_spec, bundle.check_code) == (
        key.arn,
        SYMMETRIC,
        first["bundles"][0]["check_code"],
    )
    assert (bundle.endpoint, bundle.connection) == (emulator.url, "local")
    run = project.run(export(key, path)).ok()
    assert (run.changed, asked(emulator, key)) == ([True], 2)
    again = ImportParameters.from_content(path.read_bytes(), "It")
    assert run.only["bundles"][0]["check_code"] == again.check_code
    assert again.import_token != bundle.import_token
    assert bundle.check_code not in run.output, "the code of what is there is no outcome"


@pytest.mark.every_core
def test_the_quotas_of_the_account_are_an_option(project: Project, emulator: Emulator, key: ExternalKey) -> None:
    """The option may be a template, which returns numbers as text in some versions of Ansible."""
    emulator.control.quotas({"GetParametersForImport": 10})
    names = [f"{place}.json" for place in range(4)]
    task: Task = {
        EXPORT: {
            "bundles": [{"key_id": key.arn, "dest": str(project.folder / name)} for name in names],
            "quotas": {"GetParametersForImport": "{{ 5 * 2 }}", "DescribeKey": 100},
        }
    }
    project.run(task).ok()
    assert all((project.folder / name).is_file() for name in names)
    assert asked(emulator, key) >= len(names)


def test_quotas_that_cannot_be(project: Project, emulator: Emulator, key: ExternalKey) -> None:
    """tests/unit/plugins/module_utils/_kms/test_quotas.py tests the other values."""
    task = export(key, project.folder / "parameters.json", quotas={"GetParametersForImport": "ten"})
    assert "not 'ten'" in message(project.run(task))
    assert asked(emulator, key) == 0


def test_check_mode_asks_kms_for_nothing(project: Project, emulator: Emulator, key: ExternalKey) -> None:
    path = project.folder / "parameters.json"
    planned = project.run(export(key, path), check=True).ok()
    assert planned.changed == [True]
    assert planned.only["bundles"][0]["check_code"] is None
    assert f"+++ after: {path}" in planned.output
    assert (asked(emulator, key), path.exists()) == (0, False)
    missing = project.folder / "missing" / "parameters.json"
    assert project.run(export(key, missing), check=True).ok().changed == [True], "an earlier task may create its folder"
    project.run(export(key, path)).ok()
    content = path.read_bytes()
    again = project.run(export(key, path), check=True).ok()
    assert (again.changed, again.only["bundles"][0]["check_code"]) == ([True], None)
    assert path.read_bytes() == content


def test_neither_output_nor_diff_shows_the_token(project: Project, key: ExternalKey) -> None:
    path = project.folder / "parameters.json"
    run = project.run(export(key, path), variables={"ANSIBLE_VERBOSITY": "5"}).ok()
    values = json.loads(path.read_bytes())
    assert values["import_token"] not in run.output
    assert values["wrapping_public_key_sha256"] in run.output


def test_the_files_of_the_guide(project: Project, key: ExternalKey) -> None:
    """Step 2 of AWS's procedure. The output of OpenSSL is imported."""
    entry = {f"{name}_dest": str(project.folder / name) for name in ("public_key", "import_token")}
    task = export(key, project.folder / "parameters.json", entry=entry)
    tokens = set()
    for _turn in range(2):
        assert project.run(task).ok().changed == [True]
        bundle = ImportParameters.from_content((project.folder / "parameters.json").read_bytes(), "It")
        assert (project.folder / "public_key").read_bytes() == bundle.wrapping_public_key
        assert (project.folder / "import_token").read_bytes() == bundle.import_token
        tokens.add(bundle.import_token)
    assert len(tokens) == 2, "the second run replaced all three"
    encrypted = wrap(bundle.wrapping_algorithm, bundle.wrapping_public_key, new_material(SYMMETRIC))
    key.put_encrypted(encrypted, {"ImportToken": bundle.import_token})
    assert key.state == "Enabled"


@pytest.mark.parametrize(("option", "dest"), [("public_key", None), ("import_token", "parameters.json")])
def test_an_unrecognized_file_is_not_overwritten(
    project: Project, emulator: Emulator, key: ExternalKey, option: str, dest: str | None
) -> None:
    """The file may be key material, because of a mistake in the task."""
    entry = {f"{name}_dest": str(project.folder / name) for name in ("public_key", "import_token")}
    material = new_material(SYMMETRIC)
    (project.folder / option).write_bytes(material)
    task = export(key, project.folder / dest if dest else None, entry=entry)
    what = {"public_key": "an RSA public key alone", "import_token": "the import token of the bundle in dest"}[option]
    assert f"{option} already exists and is not {what}" in message(project.run(task))
    assert (project.folder / option).read_bytes() == material
    assert asked(emulator, key) == 0
    (project.folder / option).unlink()
    assert project.run(task).ok().changed == [True]


def test_a_public_key_is_not_written_over_key_material(project: Project, parameters: Path, material: str) -> None:
    path = project.files / material
    content = path.read_bytes()
    assert "is not an RSA public key alone" in message(
        project.run(wrapping(parameters, wrapping_public_key_dest=str(path)))
    )
    assert path.read_bytes() == content
    for name in ("PublicKey.pem", "PublicKey.bin"):
        task = wrapping(parameters, wrapping_public_key_dest=str(project.folder / name))
        assert [project.run(task).ok().changed for _turn in range(2)] == [[True], [False]]


@pytest.mark.every_core
def test_everything_by_value(project: Project, key: ExternalKey, material: str) -> None:
    """The tasks write no file. The conversions of a bundle by templates have no effect."""
    tasks = [
        {**export(key, return_bundles=True), "register": "exported"},
        {
            WRAP: {
                "parameters_bundle": "{{ exported.bundles[0].bundle }}",
                "expected_check_code": "{{ exported.bundles[0].check_code }}",
                "key_material_src": material,
                "return_bundle": True,
            },
            "register": "wrapped",
        },
        {
            MATERIAL: {
                "key_id": key.arn,
                "wrapped_bundle": "{{ wrapped.bundle }}",
                "expected_check_code": "{{ wrapped.check_code }}",
                "expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            },
            "no_log": True,
        },
    ]
    # Nothing is on any disk, so nothing but the key itself has changed.
    assert project.run(*tasks).ok().changed[1] is False
    assert key.state == "Enabled"
    del tasks[2]["no_log"]
    assert "Add no_log: true" in message(project.run(*tasks))


EXPORT_MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"bundles": [{"key_id": "k"}]}, "Set dest, or return_bundles: true"),
    ({"bundles": [{"key_id": "k", "public_key_dest": "p"}]}, "require each other"),
    ({"bundles": [{"key_id": "k", "dest": "a"}, {"key_id": "l", "dest": "a"}]}, "Two files would be written"),
    ({"bundles": [{"key_id": "k", "dest": "nowhere/a"}]}, "does not exist on the controller"),
    ({"bundles": [{"key_id": "k", "dest": "files"}]}, "is a directory on the controller"),
    ({"bundles": [{"dest": "a"}]}, "missing required arguments: key_id"),
    ({"bundles": [{"key_id": "k", "dest": "a"}], "min_validity": "2h"}, "Unsupported option: min_validity"),
    ({"bundles": [{"key_id": "k", "dest": "a"}], "minimum": 1}, "Unsupported option: minimum"),
    (
        {"bundles": [{"key_id": "arn:aws:kms:eu-west-1:111122223333:key/k", "dest": "a"}], "region": "us-east-1"},
        "is in Region eu-west-1, but region is us-east-1",
    ),
]


def test_exports_that_cannot_be_meant(project: Project) -> None:
    assert project.files.is_dir()
    run = project.run(*[{EXPORT: options, "ignore_errors": True} for options, _sentence in EXPORT_MISTAKES]).ok()
    assert [task["outcome"] for task in run.tasks] == ["failed"] * len(EXPORT_MISTAKES)
    for (options, sentence), result in zip(EXPORT_MISTAKES, run.results, strict=True):
        assert sentence in result["msg"], options


def test_a_target_that_could_give_a_key_of_its_own(project: Project, emulator: Emulator, key: ExternalKey) -> None:
    """If the target is trusted, the bundle records its origin, and the wrapping task must trust it again."""
    elsewhere = {"ANSIBLE_CONNECTION_PLUGINS": str(SYSTEM / "connection_plugins")}
    path = project.folder / "parameters.json"
    there = {**export(key, path), "vars": {"ansible_connection": "elsewhere"}}
    assert "connection elsewhere" in message(project.run(there, variables=elsewhere))
    assert (asked(emulator, key), path.exists()) == (0, False)
    there[EXPORT]["wrapping_key_trust"] = "target"
    project.run(there, variables=elsewhere).ok()
    name = project.write("k", new_material(SYMMETRIC))
    task = wrapping(path, key_material_src=name, dest=str(project.folder / "wrapped.json"))
    assert "connection elsewhere" in message(project.run(task))
    assert not (project.folder / "wrapped.json").exists()
    task[WRAP]["wrapping_key_trust"] = "target"
    project.run(task).ok()


# kms_wrapped_key_material


def test_every_run_encrypts_again(project: Project, parameters: Path, material: str) -> None:
    path = project.folder / "wrapped.json"
    task = wrapping(parameters, key_material_src=material, dest=str(path))
    planned = project.run(task, check=True).ok()
    assert (planned.changed, path.exists(), planned.only["check_code"]) == ([True], False, None)
    made = project.run(task).ok().only
    assert (made["changed"], path.stat().st_mode & 0o777) == (True, 0o600)
    bundle = WrappedKeyMaterial.from_content(path.read_bytes(), "It")
    assert made["check_code"] == bundle.check_code
    assert made["key_material_label"] == ciphertext_label(bundle.encrypted_key_material)
    planned = project.run(task, check=True).ok()
    assert (planned.changed, planned.only["check_code"], path.read_bytes()) == ([True], None, bundle.content)
    run = project.run(task).ok()
    other = WrappedKeyMaterial.from_content(path.read_bytes(), "It")
    assert (run.changed, run.only["check_code"]) == ([True], other.check_code)
    assert other.encrypted_key_material != bundle.encrypted_key_material
    assert bundle.check_code not in run.output


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({}, "The task gives no key material"),
    ({"key_material_src": "k"}, "Set dest, or return_bundle: true"),
    ({"key_material_src": "k", "wrapping_public_key_dest": "p"}, "are mutually exclusive"),
    ({"key_material_src": "k", "encrypted_key_material_src": "e"}, "are mutually exclusive"),
    ({"key_material_src": "k", "parameters_bundle": "{}", "dest": "d"}, "are mutually exclusive"),
    ({"key_material_src": "k", "dest": "d", "region": "us-east-1"}, "Unsupported option: region"),
    ({"key_material_src": "k", "dest": "d", "import_token": "t"}, "Unsupported option: import_token"),
    ({"key_material_src": "k", "dest": "d", "expected_check_code": "ABCD"}, "is not a check code"),
    ({"key_material_src": "k", "dest": "d", "expected_check_code": None}, "expected_check_code is null"),
    ({"key_material_src": "k", "dest": "d", "min_validity": "25h"}, "for only 24 hours"),
    ({"key_material_src": "missing", "dest": "d"}, "was not found on the controller"),
    ({"key_material_src": "short", "dest": "d"}, "The key material in short"),
    ({"key_material_src": "k", "dest": "files/k"}, "it was not overwritten"),
    ({"encrypted_key_material_src": "k", "dest": "d"}, "has 32 bytes, but RSAES_OAEP_SHA_256"),
    ({"key_material": "aaaa", "dest": "d"}, "Add no_log: true"),
]


def test_wraps_that_cannot_be_meant(project: Project, parameters: Path, material: str) -> None:
    project.write("short", b"\xfe" * 31)
    before = (project.files / material).read_bytes()
    tasks = [{**wrapping(parameters, **options), "ignore_errors": True} for options, _sentence in MISTAKES]
    run = project.run(*tasks).ok()
    assert [task["outcome"] for task in run.tasks] == ["failed"] * len(MISTAKES)
    for (options, sentence), result in zip(MISTAKES, run.results, strict=True):
        assert sentence in result["msg"], options
    assert (project.files / material).read_bytes() == before
    assert not (project.folder / "d").exists()


def test_parameters_for_another_kind_of_key(project: Project, kms: Any, material: str) -> None:
    path = project.folder / "parameters.json"
    project.run(export(ExternalKey.create(kms, "ECC_NIST_P256", "SIGN_VERIFY"), path)).ok()
    refused = message(project.run(wrapping(path, key_material_src=material, dest=str(project.folder / "d"))))
    assert "The key material in k" in refused


def test_the_wrong_bundle_for_the_task(project: Project, key: ExternalKey, parameters: Path, material: str) -> None:
    task = {MATERIAL: {"key_id": key.arn, "wrapped_bundle_src": str(parameters), "valid_to": "2099-01-01T00:00:00Z"}}
    assert "a bundle of format cloudkeys.aws/wrapped-key-material/v1 is required" in message(project.run(task))
    (project.folder / "text").write_bytes(b"a text")
    refused = message(project.run(wrapping(project.folder / "text", key_material_src=material, dest="d")))
    assert "is not a bundle of this collection" in refused
