# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Step 4 of AWS's guide, with files that were made outside of this collection."""

from __future__ import annotations

from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.materials import new_material
from support.wrapping import wrap

from .playbooks import Project

PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Step 4
      cloudkeys.aws.kms_key_material:
        key_id: {key_id}
        encrypted_key_material_src: EncryptedKeyMaterial.bin
        import_token_src: ImportToken.bin
        expiration_model: KEY_MATERIAL_EXPIRES
        valid_to: {valid_to}
"""
# The same time in different notations: YAML's own timestamp, text, and UTC.
TIMES = (
    "{year}-09-17T12:00:00-08:00",
    '"{year}-09-17T12:00:00-08:00"',
    "{year}-09-17 20:00:00Z",
    "{year}-09-17T20:00:00",
)


def _download(project: Project, key: ExternalKey) -> bytes:
    """Steps 2 and 3: the parameters, and the encrypted material, as files. Returns the material."""
    content = new_material(key.spec)
    parameters = key.parameters()
    project.write("EncryptedKeyMaterial.bin", wrap(parameters["algorithm"], parameters["PublicKey"], content))
    project.write("ImportToken.bin", parameters["ImportToken"])
    return content


def _year(emulator: Emulator) -> int:
    """A year whose 17th of September is in the future, and less than 365 days away."""
    now = emulator.now()
    return now.year if (now.month, now.day) < (9, 17) else now.year + 1


@pytest.mark.every_core
def test_changed_and_then_not(project: Project, kms: Any, emulator: Emulator) -> None:
    key = ExternalKey.create(kms)
    _download(project, key)
    year = _year(emulator)
    playbook = PLAYBOOK.format(key_id=key.id, valid_to=TIMES[0].format(year=year))
    foretold = project.run_text(playbook, check=True).ok()
    assert key.state == "PendingImport"
    first = project.run_text(playbook).ok()
    assert first.changed == foretold.changed == [True]
    assert first.only["diff"] == foretold.only["diff"]
    assert first.only["actions"] == ["import"]
    assert first.only["kms_key"]["valid_to"] == f"{year}-09-17T20:00:00+00:00"
    assert first.only["import"]["key_material_id"] == key.current_id
    for line in ('-    "key_state": "PendingImport"', '+    "key_state": "Enabled"', f"{year}-09-17T20:00:00+00:00"):
        assert line in first.output
    second = project.run_text(playbook).ok()
    assert second.changed == [False]
    assert (second.only["material_match"], second.only["material_match_by"]) == ("same", "label")
    assert "WARNING" not in second.output


def test_the_same_time_however_it_is_written(project: Project, kms: Any, emulator: Emulator) -> None:
    key = ExternalKey.create(kms)
    _download(project, key)
    year = _year(emulator)
    playbook = "".join(PLAYBOOK.format(key_id=key.id, valid_to=time.format(year=year)) for time in TIMES)
    foretold = project.run_text(playbook, check=True).ok()
    expirations = [result["diff"]["after"]["valid_to"] for result in foretold.results]
    assert expirations == [f"{year}-09-17T20:00:00+00:00"] * len(TIMES)


def test_another_keys_token(project: Project, kms: Any, emulator: Emulator) -> None:
    key, other = ExternalKey.create(kms), ExternalKey.create(kms)
    _download(project, other)
    playbook = PLAYBOOK.format(key_id=key.arn, valid_to=f"{_year(emulator)}-09-17T12:00:00-08:00")
    result = project.run_text(playbook).failed().only
    assert result["kms_error"]["code"] == "InvalidImportTokenException"
    assert key.arn in result["msg"]
    assert "import token" in result["msg"]
    assert not result["changed"]


def test_an_expired_token(project: Project, kms: Any, emulator: Emulator) -> None:
    key = ExternalKey.create(kms)
    _download(project, key)
    emulator.advance(hours=25)
    playbook = PLAYBOOK.format(key_id=key.arn, valid_to=f"{_year(emulator)}-09-17T12:00:00-08:00")
    result = project.run_text(playbook).failed().only
    assert result["kms_error"]["code"] == "ExpiredImportTokenException"
    assert "24 hours" in result["msg"]


def test_files_that_hold_text(project: Project, kms: Any) -> None:
    key = ExternalKey.create(kms)
    _download(project, key)
    project.write("ImportToken.bin", b"AQECAHhg\n")
    playbook = PLAYBOOK.format(key_id=key.arn, valid_to="2027-09-17T12:00:00-08:00")
    result = project.run_text(playbook).failed().only
    assert "decode it" in result["msg"]
    assert key.state == "PendingImport"
