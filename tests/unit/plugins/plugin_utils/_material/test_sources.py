# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key material from files and values: empty input or another encoding is refused and never read as key material."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.offline_wrapping import wrap_offline
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._material.sources import read_sources

from .._controller.test_files import action
from ..bundles import material, parameters

MATERIAL = bytes(range(200, 232))
TEXT = base64.b64encode(MATERIAL).decode()


def refused(folder: Path, options: dict[str, Any], secrets: dict[str, Any]) -> str:
    with pytest.raises(Refusal) as caught:
        read_sources(action(folder), options, secrets)
    return caught.value.sentence


def test_nothing(tmp_path: Path) -> None:
    sources = read_sources(action(tmp_path), {}, {})
    assert (sources.kind, sources.key_material("SYMMETRIC_DEFAULT", "eu-central-1")) == ("none", None)


def test_plaintext(tmp_path: Path) -> None:
    (tmp_path / "k").write_bytes(MATERIAL)
    for options, secrets in (({"key_material_src": "k"}, {}), ({}, {"key_material": TEXT})):
        sources = read_sources(action(tmp_path), options, secrets)
        read = sources.key_material("SYMMETRIC_DEFAULT", "eu-central-1")
        assert read is not None
        assert (sources.kind, read.data) == ("given", MATERIAL)
        assert str(MATERIAL) not in repr(sources)


def test_the_format_is_that_of_its_own_options(tmp_path: Path) -> None:
    """Each of a task's key materials has its own format."""
    (tmp_path / "k").write_bytes(MATERIAL.hex().encode() + b"\n")
    sources = read_sources(action(tmp_path), {"key_material_src": "k", "key_material_format": "hex"}, {})
    read = sources.key_material("SYMMETRIC_DEFAULT", "eu-central-1")
    assert read is not None
    assert (read.data, sources.origin) == (MATERIAL, "k")


def test_encrypted_elsewhere(tmp_path: Path) -> None:
    ciphertext, token = os.urandom(256), os.urandom(300)
    (tmp_path / "c").write_bytes(ciphertext)
    sources = read_sources(
        action(tmp_path), {"encrypted_key_material_src": "c"}, {"import_token": base64.b64encode(token).decode()}
    )
    assert (sources.kind, sources.encrypted_key_material, sources.import_token) == ("wrapped", ciphertext, token)


@pytest.mark.parametrize("code", [None, "the right one"])
def test_a_bundle(tmp_path: Path, code: str | None) -> None:
    bundle = wrap_offline(parameters(), material("SYMMETRIC_DEFAULT"))
    (tmp_path / "b").write_bytes(bundle.content)
    options = {"wrapped_bundle_src": "b", **({"expected_check_code": bundle.check_code} if code else {})}
    for given, secrets in ((options, {}), ({**options, "wrapped_bundle_src": None}, {"wrapped_bundle": bundle.value})):
        sources = read_sources(action(tmp_path), given, secrets)
        assert (sources.kind, sources.bundle, sources.check_code_compared) == ("wrapped", bundle, code is not None)
        assert (sources.encrypted_key_material, sources.import_token) == (
            bundle.encrypted_key_material,
            bundle.import_token,
        )


def test_a_passphrase(tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(b"correct horse\n")
    for options, secrets in (
        ({"key_material_passphrase_src": "p"}, {}),
        ({}, {"key_material_passphrase": "correct horse"}),
    ):
        passphrase = read_sources(action(tmp_path), options, secrets).passphrase
        assert passphrase is not None
        assert passphrase.content == b"correct horse"


@pytest.mark.parametrize("value", ["0123456789abcdef" * 4, "0123456789ABCDEF" * 8 + "\n", ":".join(["0123"] * 16)])
def test_hex_is_not_decoded_as_base64(tmp_path: Path, value: str) -> None:
    """It would result in 48 bytes instead of 32, which is a valid length for an HMAC key."""
    said = refused(tmp_path, {}, {"key_material": value})
    assert "The value of key_material is hex, but must be base64" in said
    assert value[:16] not in said


@pytest.mark.parametrize("name", ["key_material", "encrypted_key_material", "import_token"])
def test_a_value_that_is_no_base64(tmp_path: Path, name: str) -> None:
    said = refused(tmp_path, {}, {name: "-----BEGIN PRIVATE KEY-----"})
    assert f"The value of {name} is not base64" in said
    assert "BEGIN" not in said


@pytest.mark.parametrize("name", ["encrypted_key_material", "import_token"])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "is empty"), (bytes(6145), "has 6145 bytes, but KMS accepts at most 6144"), (b"AQID" * 90, "is text")],
)
def test_what_kms_would_not_take(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / "f").write_bytes(content)
    assert sentence in refused(tmp_path, {f"{name}_src": "f"}, {})
    if content:
        assert sentence in refused(tmp_path, {}, {name: base64.b64encode(content).decode()})
