# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on the controller: found, read and decrypted without leaving a trace."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail, AnsibleFileNotFound
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller_files import LARGEST, read_controller_file

BINARY = bytes(range(256)) + os.urandom(32)


def action(folder: Path, password: bytes | None = None) -> Any:
    """What the function uses of an action plugin: the search, which Ansible tests itself, and a real loader."""
    loader = DataLoader()
    if password:
        loader.set_vault_secrets([("default", VaultSecret(password))])

    def find(_folder: str, name: str) -> str:
        if not (folder / name).exists():
            raise AnsibleFileNotFound(file_name=name)
        return str(folder / name)

    return SimpleNamespace(_find_needle=find, _loader=loader)


def vaulted(content: bytes, password: bytes = b"the password") -> bytes:
    encrypted: bytes = VaultLib().encrypt(content, VaultSecret(password))
    return encrypted


@pytest.mark.parametrize(
    "content", [BINARY, b"text\n", b"", b"x" * LARGEST], ids=["binary", "text", "empty", "largest"]
)
@pytest.mark.parametrize("in_vault", [True, False])
def test_every_byte_arrives(tmp_path: Path, content: bytes, in_vault: bool) -> None:
    (tmp_path / "k").write_bytes(vaulted(content) if in_vault else content)
    assert read_controller_file(action(tmp_path, b"the password"), "k") == content


def test_the_plaintext_is_in_no_cache_and_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    (tmp_path / "k").write_bytes(vaulted(BINARY))
    plugin = action(tmp_path, b"the password")
    assert read_controller_file(plugin, "k") == BINARY
    assert not list(temporary.iterdir())
    loader = plugin._loader
    kept = {name: value for name, value in vars(loader).items() if name != "_vault"}
    assert BINARY not in pickle.dumps(kept)
    assert repr(BINARY)[2:60] not in repr(kept)


@pytest.mark.parametrize(
    ("content", "password", "told"),
    [
        (vaulted(BINARY), None, "--vault-password-file"),
        (vaulted(BINARY), b"another", "none of the vault passwords"),
        (vaulted(BINARY)[:200], b"the password", "none of the vault passwords"),
        (b"x" * (LARGEST + 1), None, f"more than {LARGEST} bytes"),
        (vaulted(b"x" * (LARGEST + 1)), b"the password", f"more than {LARGEST} bytes"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, content: bytes, password: bytes | None, told: str) -> None:
    (tmp_path / "k").write_bytes(content)
    with pytest.raises(AnsibleActionFail, match=told) as caught:
        read_controller_file(action(tmp_path, password), "k")
    assert str(tmp_path / "k") in str(caught.value)
    assert content[:40].decode("latin-1") not in str(caught.value)


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AnsibleActionFail, match=r"no-such\.key was not found on the controller"):
        read_controller_file(action(tmp_path), "no-such.key")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "k").mkdir()
    with pytest.raises(AnsibleActionFail, match="cannot be read"):
        read_controller_file(action(tmp_path), "k")
