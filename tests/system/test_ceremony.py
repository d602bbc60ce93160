# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key ceremony: three machines exchange only bundles, and the second one has no network."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.emulator import Emulator

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.contents import ImportParameters, WrappedKeyMaterial

from .ceremonies import FORMATS, Ceremony, codes_of, keys_of, one_key
from .leaks import find, in_folder
from .on_time import emulator_on_time
from .playbooks import Run

emulator = emulator_on_time


@pytest.mark.every_core
def test_from_the_office_to_the_table_and_back(ceremony: Ceremony) -> None:
    codes = ceremony.export_and_wrap()
    first = ceremony.run(ceremony.importer, "import", codes).ok()
    assert "changed=1" in first.output
    assert [key.state for key in ceremony.keys.values()] == ["Enabled"] * len(FORMATS)
    second = ceremony.run(ceremony.importer, "import", codes).ok()
    assert "changed=0" in second.output
    by = [result["material_match_by"] for result in keys_of(second)]
    assert by == ["label", "mac", "public_key", "public_key"]
    # Not by a label: KMS takes the same bytes again, and no others.
    for name, key in ceremony.keys.items():
        key.put(ceremony.materials[name])


@pytest.mark.parametrize("ceremony", [["SYMMETRIC_DEFAULT", *FORMATS]], indirect=True, ids=["5 keys"])
def test_many_keys(ceremony: Ceremony, emulator: Emulator) -> None:
    """The export respects the quota of one request a second, and the import can be repeated."""
    emulator.control.quotas({"GetParametersForImport": 1})
    codes = ceremony.export()
    asked = [call for call in emulator.control.calls() if call["operation"] == "GetParametersForImport"]
    ours = [call for call in asked if call["key"] in {key.arn for key in ceremony.keys.values()}]
    assert [call["status"] for call in ours] == [200] * 5, "none was throttled"
    ceremony.carry("parameters", ceremony.exporter, ceremony.custodian)
    wrapped = ceremony.wrap(codes)
    ceremony.carry("wrapped", ceremony.custodian, ceremony.importer)
    assert "changed=1" in ceremony.run(ceremony.importer, "import", wrapped).ok().output
    second = ceremony.run(ceremony.importer, "import", wrapped).ok()
    assert "changed=0" in second.output
    assert [result["material_match"] for result in keys_of(second)] == ["same"] * 5
    assert {key.state for key in ceremony.keys.values()} == {"Enabled"}


def test_the_key_material_stays_at_the_table(ceremony: Ceremony, tmp_path: Path) -> None:
    codes = ceremony.export()
    ceremony.carry("parameters", ceremony.exporter, ceremony.custodian)
    loud = {"ANSIBLE_DEBUG": "1", "ANSIBLE_VERBOSITY": "5"}
    ceremony.custodian.environment.update(loud)
    run = ceremony.run(ceremony.custodian, "wrap", codes).ok()
    ceremony.carry("wrapped", ceremony.custodian, ceremony.importer)
    ceremony.importer.environment.update(loud)
    output = run.output + ceremony.run(ceremony.importer, "import", codes_of(run)).ok().output
    known = {ceremony.custodian.folder / f"{name}.key" for name in ceremony.keys}
    assert all(path.is_file() for path in known)
    for name, key in ceremony.keys.items():
        if key.spec in ("SYMMETRIC_DEFAULT", "HMAC_256"):
            assert not find(ceremony.materials[name], output.encode())
            assert not in_folder(ceremony.materials[name], tmp_path, known)


def test_there_is_no_network_at_the_table(ceremony: Ceremony, emulator: Emulator) -> None:
    """The other tests rely on it."""
    for line in ("import boto3", "import botocore.session", f"import urllib.request as u; u.urlopen({emulator.url!r})"):
        failed = ceremony.custodian.command(["python", "-c", line])
        assert failed.code == 1, failed.output
        assert "No module named" in failed.output or "Network is unreachable" in failed.output
    listed = ceremony.custodian.command(["ansible-galaxy", "collection", "list"]).ok().output
    assert "cloudkeys.aws" in listed
    assert "amazon.aws" not in listed


@one_key
@pytest.mark.parametrize("step", ["wrap", "import"])
def test_no_step_without_a_code(ceremony: Ceremony, step: str) -> None:
    codes = ceremony.export_and_wrap()
    project = ceremony.custodian if step == "wrap" else ceremony.importer
    for without in (None, {"another": codes["key-0"]}, {"key-0": ""}):
        refused = ceremony.run(project, step, without)
        assert refused.code == 2
        assert "has no check code for key-0" in refused.output
    assert ceremony.keys["key-0"].state == "PendingImport"


@one_key
@pytest.mark.parametrize("step", ["wrap", "import"])
def test_a_file_that_was_put_in_the_place_of_another(ceremony: Ceremony, step: str) -> None:
    """The file is intact and for the right key. Only the check code detects it."""
    codes = ceremony.export()
    ceremony.carry("parameters", ceremony.exporter, ceremony.custodian)
    wrapped = ceremony.wrap(codes)
    kind = "parameters" if step == "wrap" else "wrapped"
    project = ceremony.custodian if step == "wrap" else ceremony.importer
    ceremony.carry("wrapped", ceremony.custodian, ceremony.importer)
    path = project.folder / "bundles" / f"key-0.{kind}.json"
    reader = ImportParameters if step == "wrap" else WrappedKeyMaterial
    genuine = reader.from_content(path.read_bytes(), "It")
    other = replace(genuine, import_token=genuine.import_token + b"x")
    path.write_bytes(other.content)
    refused = ceremony.run(project, step, codes if step == "wrap" else wrapped)
    assert refused.code == 2
    assert "does not match expected_check_code" in refused.output
    assert f"for the key {ceremony.keys['key-0'].arn}" in refused.output
    assert other.check_code not in refused.output, "it would be typed in the place of the right one"
    assert ceremony.keys["key-0"].state == "PendingImport"


def _import_task(ceremony: Ceremony, name: str = "key-0", bundle: str = "key-0", **more: Any) -> Run:
    task = {
        "cloudkeys.aws.kms_key_material": {
            "key_id": f"alias/{name}",
            "wrapped_bundle_src": str(ceremony.importer.folder / "bundles" / f"{bundle}.wrapped.json"),
            "expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            **more,
        }
    }
    return ceremony.importer.run(task)


@pytest.mark.parametrize("ceremony", [["SYMMETRIC_DEFAULT"] * 2], indirect=True, ids=["two keys"])
def test_files_that_changed_places(ceremony: Ceremony) -> None:
    ceremony.export_and_wrap()
    refused = _import_task(ceremony, "key-1", "key-0").failed().only
    assert f"is for the key {ceremony.keys['key-0'].arn}" in refused["msg"]
    assert f"alias/key-1 is {ceremony.keys['key-1'].arn}" in refused["msg"]
    assert refused["changed"] is False
    assert ceremony.keys["key-1"].state == "PendingImport"


@one_key
def test_late(ceremony: Ceremony) -> None:
    """The offline machine uses its own clock, and the import KMS's. A key that is as declared requires no bundle."""
    codes = ceremony.export_and_wrap()
    past = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    parameters = ceremony.custodian.folder / "bundles" / "key-0.parameters.json"
    bundle = ImportParameters.from_content(parameters.read_bytes(), "It")
    late = replace(bundle, parameters_valid_to=past)
    parameters.write_bytes(late.content)
    refused = ceremony.run(ceremony.custodian, "wrap", {"key-0": late.check_code})
    assert refused.code == 2
    assert "has expired: its import token was valid until" in refused.output
    soon = replace(bundle, parameters_valid_to=past + timedelta(minutes=31))
    parameters.write_bytes(soon.content)
    refused = ceremony.run(ceremony.custodian, "wrap", {"key-0": soon.check_code})
    assert "expires too soon" in refused.output

    wrapped = ceremony.importer.folder / "bundles" / "key-0.wrapped.json"
    genuine = wrapped.read_bytes()
    wrapped.write_bytes(replace(WrappedKeyMaterial.from_content(genuine, "It"), parameters_valid_to=past).content)
    message = _import_task(ceremony).failed().only["msg"]
    assert "has expired" in message
    assert "Start again with an export" in message
    assert ceremony.keys["key-0"].state == "PendingImport"
    late_bundle = wrapped.read_bytes()
    wrapped.write_bytes(genuine)
    ceremony.run(ceremony.importer, "import", codes).ok()
    wrapped.write_bytes(late_bundle)
    assert _import_task(ceremony).ok().changed == [False]


@one_key
def test_replayed_after_a_rotation(ceremony: Ceremony, emulator: Emulator) -> None:
    codes = ceremony.export_and_wrap()
    ceremony.run(ceremony.importer, "import", codes).ok()
    key = ceremony.keys["key-0"]
    key.stage()
    emulator.rotate(key)
    refused = ceremony.run(ceremony.importer, "import", codes)
    assert refused.code == 2
    assert "the given key material is an earlier key material of this key" in refused.output
    forced = _import_task(ceremony, force=True).failed().only
    assert forced["material_match"] == "different"


@one_key
def test_hsm_tool(ceremony: Ceremony) -> None:
    """OpenSSL replaces the HSM's tool. Only KMS can decrypt its output."""
    codes = ceremony.export()
    ceremony.carry("parameters", ceremony.exporter, ceremony.custodian)
    source = str(ceremony.custodian.folder / "bundles" / "key-0.parameters.json")
    hand_out = {
        "cloudkeys.aws.kms_wrapped_key_material": {
            "parameters_bundle_src": source,
            "expected_check_code": codes["key-0"],
            "wrapping_public_key_dest": str(ceremony.custodian.folder / "PublicKey.pem"),
        }
    }
    assert ceremony.custodian.run(hand_out).ok().only["wrapping_algorithm"] == "RSAES_OAEP_SHA_256"
    assert ceremony.custodian.run(hand_out).ok().changed == [False]
    padding = ("rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256")
    options = [part for option in padding for part in ("-pkeyopt", option)]
    ceremony.custodian.command(
        [
            "openssl",
            "pkeyutl",
            "-encrypt",
            "-pubin",
            "-inkey",
            "PublicKey.pem",
            "-in",
            "key-0.key",
            "-out",
            "made",
            *options,
        ]
    ).ok()
    listed = [{"name": "key-0", "key_id": "alias/key-0", "encrypted_key_material_src": "made"}]
    wrapped = codes_of(ceremony.run(ceremony.custodian, "wrap", codes, ceremony_keys=listed).ok())
    assert codes_of(ceremony.run(ceremony.custodian, "wrap", codes, ceremony_keys=listed).ok()) == wrapped
    ceremony.carry("wrapped", ceremony.custodian, ceremony.importer)
    imported = ceremony.run(ceremony.importer, "import", wrapped).ok()
    assert "key-0, Enabled, same" in imported.output, "KMS has taken it in this run"
    assert "key-0, Enabled, same" in ceremony.run(ceremony.importer, "import", wrapped).ok().output
    ceremony.keys["key-0"].put(ceremony.materials["key-0"])
