# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on the controller are found, read, and decrypted without a trace."""

from __future__ import annotations

import os
import pickle
import socket
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleFileNotFound
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.files import (
    LARGEST,
    destination,
    read_controller_file,
    read_if_there,
    read_neighbors,
    write_controller_file,
)

BINARY = bytes(range(256)) + os.urandom(32)


def action(folder: Path, password: bytes | None = None) -> Any:
    """The used parts of an action plugin: the file search, which Ansible tests itself, and a real loader."""
    loader = DataLoader()
    if password:
        loader.set_vault_secrets([("default", VaultSecret(password))])

    def find(_folder: str, name: str) -> str:
        if not (folder / name).exists():
            raise AnsibleFileNotFound(file_name=name)
        return str(folder / name)

    return SimpleNamespace(_find_needle=find, _loader=loader, _task=SimpleNamespace(check_mode=False))


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
    with pytest.raises(Refusal, match=told) as caught:
        read_controller_file(action(tmp_path, password), "k")
    assert str(tmp_path / "k") in str(caught.value)
    assert content[:40].decode("latin-1") not in str(caught.value)


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"no-such\.key was not found on the controller"):
        read_controller_file(action(tmp_path), "no-such.key")


@pytest.mark.parametrize(("name", "told"), [("no-such.key", True), ("/no/such.key", False)])
def test_where_a_file_was_looked_for(tmp_path: Path, name: str, told: bool) -> None:
    with pytest.raises(Refusal) as caught:
        read_controller_file(action(tmp_path), name)
    assert ("relative path" in str(caught.value)) is told


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


# Reading the FIFO would block forever.
NOT_REGULAR: list[tuple[str, Callable[[Path], object]]] = [
    ("a directory", Path.mkdir),
    ("a FIFO", os.mkfifo),
    ("a socket", _socket),
    ("a device", lambda path: path.symlink_to("/dev/zero")),
    ("a kernel file", lambda path: path.symlink_to("/proc/self/environ")),
    ("a kernel file", lambda path: path.symlink_to("/proc/self/cmdline")),
]


@pytest.mark.parametrize(("kind", "make"), NOT_REGULAR)
@pytest.mark.parametrize("linked", [True, False])
def test_what_is_not_a_regular_file_is_not_read(
    tmp_path: Path, kind: str, make: Callable[[Path], object], linked: bool
) -> None:
    make(tmp_path / "it")
    if linked:
        (tmp_path / "k").symlink_to("it")
    with pytest.raises(Refusal, match=f"it is {kind} on the controller"):
        read_controller_file(action(tmp_path), "k" if linked else "it")


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_a_descriptor_of_this_process_is_no_file(tmp_path: Path, name: str) -> None:
    """For example, /dev/stdin can lead to a regular file but is not the name of a regular file."""
    (tmp_path / "file").write_bytes(b"content")
    with (tmp_path / "file").open("rb") as file:
        (tmp_path / "k").symlink_to(name.format(file.fileno()))
        assert (tmp_path / "k").read_bytes() == b"content"
        with pytest.raises(Refusal, match="a kernel file"):
            read_controller_file(action(tmp_path), "k")


def test_links_to_a_regular_file_are_followed(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "file").write_bytes(b"content")
    (tmp_path / "deeper" / "link").symlink_to("file")
    (tmp_path / "k").symlink_to(tmp_path / "deeper" / "link")
    assert read_controller_file(action(tmp_path), "k") == b"content"
    (tmp_path / "round").symlink_to("round")
    with pytest.raises((Refusal, AnsibleFileNotFound)):
        read_controller_file(action(tmp_path), "round")


def test_an_exchange_between_looking_and_opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A regular file is replaced by a FIFO before it is opened. The task does not block and does not read the FIFO."""
    (tmp_path / "k").write_bytes(b"content")
    really = os.open

    def exchanging(path: Any, flags: int, *more: Any) -> int:
        if Path(path) == tmp_path / "k":
            (tmp_path / "k").unlink()
            os.mkfifo(tmp_path / "k")
        return really(path, flags, *more)

    monkeypatch.setattr(os, "open", exchanging)
    with pytest.raises(Refusal, match="it is a FIFO"):
        read_controller_file(action(tmp_path), "k")


def test_a_huge_file_is_not_read_into_memory(tmp_path: Path) -> None:
    with (tmp_path / "k").open("wb") as file:
        file.truncate(1 << 40)
    tracemalloc.start()
    with pytest.raises(Refusal, match=f"more than {LARGEST} bytes"):
        read_controller_file(action(tmp_path), "k")
    assert tracemalloc.get_traced_memory()[1] < 20 * LARGEST
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("kind", "make"), [*NOT_REGULAR[:3], ("a symbolic link", lambda path: path.symlink_to("another"))]
)
def test_nothing_is_written_into_what_is_not_a_regular_file(
    tmp_path: Path, kind: str, make: Callable[[Path], object]
) -> None:
    (tmp_path / "another").write_bytes(b"content")
    path = tmp_path / "dest"
    make(path)
    for attempt in (
        lambda: destination(action(tmp_path), str(path), "dest"),
        lambda: read_if_there(path),
        lambda: write_controller_file(path, b"new", None),
    ):
        with pytest.raises(Refusal, match=f"is {kind} on the controller; it was not overwritten"):
            attempt()
    assert (tmp_path / "another").read_bytes() == b"content"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["another", "dest"], "no temporary file remains"


def test_a_link_that_leads_nowhere_is_no_destination(tmp_path: Path) -> None:
    (tmp_path / "dest").symlink_to("nowhere")
    with pytest.raises(Refusal, match="a symbolic link"):
        destination(action(tmp_path), str(tmp_path / "dest"), "dest")


def test_a_missing_folder(tmp_path: Path) -> None:
    """In check mode, an earlier task could create it in a real run."""
    path = tmp_path / "missing" / "dest"
    with pytest.raises(Refusal, match="does not exist on the controller"):
        destination(action(tmp_path), str(path), "dest")
    planned = action(tmp_path)
    planned._task.check_mode = True
    assert destination(planned, str(path), "dest") == path
    assert read_if_there(path) is None


@pytest.mark.parametrize("seen", [None, b"before"])
def test_what_was_changed_in_the_meantime_stays(tmp_path: Path, seen: bytes | None) -> None:
    path = tmp_path / "dest"
    path.write_bytes(b"an only copy")
    with pytest.raises(Refusal, match="changed by another process"):
        write_controller_file(path, b"new", seen)
    assert path.read_bytes() == b"an only copy"
    assert list(tmp_path.iterdir()) == [path]
    write_controller_file(path, b"new", b"an only copy")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)


def test_another_name_of_the_file_keeps_its_content(tmp_path: Path) -> None:
    """A hard link to another file is replaced. The other file is not changed."""
    (tmp_path / "elsewhere").write_bytes(b"before")
    (tmp_path / "dest").hardlink_to(tmp_path / "elsewhere")
    write_controller_file(tmp_path / "dest", b"new", b"before")
    assert (tmp_path / "elsewhere").read_bytes() == b"before"


def test_what_has_the_name_of_the_temporary_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary file is always a new file, never an existing file or the target of a link."""
    (tmp_path / "elsewhere").write_bytes(b"before")
    monkeypatch.setattr("secrets.token_hex", lambda _bytes: "guessed")
    (tmp_path / ".dest.guessed").hardlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refusal, match="File exists"):
        write_controller_file(tmp_path / "dest", b"new", None)
    assert (tmp_path / "elsewhere").read_bytes() == b"before"
    assert not (tmp_path / "dest").exists()


def test_the_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "it.json").write_bytes(b"it")
    (tmp_path / "other.json").write_bytes(b"other")
    (tmp_path / "other.txt").write_bytes(b"text")
    (tmp_path / "large.json").write_bytes(bytes(LARGEST + 1))
    (tmp_path / "link.json").symlink_to("other.txt")
    os.mkfifo(tmp_path / "fifo.json")
    assert read_neighbors(tmp_path / "it.json", "*.json") == {"other.json": b"other"}
    assert read_neighbors(tmp_path / "missing" / "it.json", "*.json") == {}
