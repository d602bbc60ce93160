# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Files on the controller: only regular files, read into memory, and written completely or not at all.

Anyone who can write to a directory that a task uses can create a FIFO, a device or a link there. Reading a FIFO may
never end, opening a device can have side effects, and writing through a link changes a file elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from ansible.errors import AnsibleError, AnsibleFileNotFound
from ansible.parsing.vault import is_encrypted
from ansible.plugins.action import ActionBase

from ...module_utils._errors import Refusal

__all__ = (
    "LARGEST",
    "destination",
    "destination_path",
    "find_controller_file",
    "read_controller_file",
    "read_if_there",
    "read_neighbors",
    "refuse_destination",
    "write_controller_file",
)

LARGEST = 64 * 1024
"""In bytes. Key material is much smaller. A larger file is another file, and must not fill the memory."""
# Kernel file systems, whose files look like regular ones; standard input is a link through one of them.
_VIEWS = ("/proc", "/sys")
_LINKS = 40
_NEIGHBOURS = 1000
_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a symbolic link",
}


def _encrypted(largest: int) -> int:
    """The size after encryption: Ansible Vault writes two hex digits for each byte of a hex text, in lines of 80."""
    return 4 * largest + largest // 10 + 4096


class _NotRegularError(Exception):
    """The kind of a file that is not regular, in a few words."""


def find_controller_file(action: ActionBase, src: str) -> Path:
    """The path of a file, found as the copy action finds its src.

    :raises Refusal: it does not exist.
    """
    try:
        return Path(action._find_needle("files", src))
    except AnsibleFileNotFound:
        sought = " A relative path is searched in files/ of the role, next to the task file and next to the playbook."
        absolute = src.startswith(("/", "~"))
        raise Refusal(
            f"The file {src} was not found on the controller. Correct the path." + ("" if absolute else sought)
        ) from None


def read_controller_file(action: ActionBase, src: str, largest: int = LARGEST) -> bytes:
    """The content of a file, found as the copy action finds its src, and decrypted if Ansible Vault encrypted it.

    A symbolic link to a regular file is followed, because configuration and secret managers use such links. The
    loader's get_real_file is not used, because it would leave the plaintext in a temporary file.

    :param largest: the maximum size of the file, in bytes.
    :raises Refusal: the message names the file and contains nothing of its content.
    """
    path = find_controller_file(action, src)
    try:
        data = _read_regular(path, _encrypted(largest))
    except _NotRegularError as error:
        raise Refusal(
            f"The file {path} was not read: it is {error} on the controller, not a regular file. Name a regular"
            " file, or a link to one."
        ) from None
    except OSError as error:
        raise Refusal(
            f"The file {path} cannot be read on the controller: {error.strerror}. Correct its permissions, or name"
            " another file."
        ) from None
    if is_encrypted(data[: _encrypted(largest)]):
        data = _decrypt(action, path, data)
    if len(data) > largest:
        raise Refusal(
            f"The file {path} has more than {largest} bytes, which is more than this task can use. Check that it"
            " is the intended file."
        )
    return data


def destination(action: ActionBase, dest: str, option: str) -> Path:
    """The path of *dest* on the controller, verified to be writable as a file.

    :raises Refusal: no file can be written there; see :func:`refuse_destination`.
    """
    path = destination_path(action, dest)
    refuse_destination(path, option, check_mode=bool(action._task.check_mode))
    return path


def destination_path(action: ActionBase, dest: str) -> Path:
    """The path of *dest* on the controller. As with fetch, a relative path starts at the directory of the playbook."""
    return Path(action._loader.path_dwim(dest))


def refuse_destination(path: Path, option: str, *, check_mode: bool) -> None:
    """Check a destination before anything is done for it.

    In check mode, its directory may be missing: an earlier task of the play may create it.

    :raises Refusal: the directory does not exist, or the path exists and is not a regular file.
    """
    _refuse_not_replaceable(path, option)
    if not path.parent.is_dir() and not check_mode:
        raise Refusal(f"The directory of {option}, {path.parent}, does not exist on the controller. Create it.")


def read_if_there(path: Path) -> bytes | None:
    """The content of an existing destination: at most a little more than LARGEST, which no file of ours has.

    :raises Refusal: it exists and cannot be read, or is not a regular file; links are not followed.
    """
    try:
        return _read_regular(path, LARGEST + 1, follow=False)
    except FileNotFoundError:
        return None
    except _NotRegularError as error:
        raise Refusal(_not_replaceable(path, "The destination", str(error))) from None
    except OSError as error:
        raise Refusal(
            f"The file {path} cannot be read on the controller: {error.strerror}. Correct its permissions, or choose"
            " another path."
        ) from None


def read_neighbors(path: Path, pattern: str) -> dict[str, bytes]:
    """The small regular files next to *path* whose names match, by name. Unreadable files are omitted."""
    found: dict[str, bytes] = {}
    with contextlib.suppress(OSError):
        for other in sorted(path.parent.glob(pattern))[:_NEIGHBOURS]:
            with contextlib.suppress(OSError, _NotRegularError):
                if other.name != path.name and other.lstat().st_size <= LARGEST:
                    found[other.name] = _read_regular(other, LARGEST, follow=False)
    return found


def write_controller_file(path: Path, content: bytes, seen: bytes | None, mode: int = 0o600) -> None:
    """Write a file completely, or leave it as it was if anything fails; it never has another *mode*.

    Renaming replaces a name and never writes through a link.

    :param seen: the content that was there when replacing it was allowed; None for no file.
    :raises Refusal: it cannot be written, or its content has changed.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _refuse_changed(path, seen)
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Refusal(
            f"The file {path} cannot be written on the controller: {error.strerror}. Correct the cause, or choose"
            " another path."
        ) from None


def _refuse_changed(path: Path, seen: bytes | None) -> None:
    if read_if_there(path) != seen:
        raise Refusal(
            f"{path} was changed by another process while this task ran; it was not overwritten. Find out which"
            " process writes there, then run the task again."
        )


def _read_regular(path: Path, most: int, *, follow: bool = True) -> bytes:
    """Read at most *most* bytes, and one more, of a regular file.

    The kind of the file is checked before it is opened, because opening a device can have side effects, and again after
    that, because the file may have been replaced in between. Opening does not wait for the other end of a FIFO.

    :raises _NotRegularError: it is something else.
    """
    _refuse_kind(path.stat() if follow else path.lstat())
    if follow:
        _refuse_views(path)
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    with os.fdopen(os.open(path, flags), "rb") as file:
        opened = os.fstat(file.fileno())
        _refuse_kind(opened)
        if opened.st_dev in _devices_of_views():
            raise _NotRegularError("a kernel file")
        return file.read(most + 1)


def _refuse_kind(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _NotRegularError(_KINDS.get(stat.S_IFMT(found.st_mode), "a special file"))


def _refuse_views(path: Path) -> None:
    """Follow the links: /dev/stdin leads through /proc to the process's standard input."""
    views = _devices_of_views()
    for _link in range(_LINKS):
        if path.lstat().st_dev in views:
            raise _NotRegularError("a kernel file")
        if not path.is_symlink():
            return
        path = path.parent / path.readlink()


def _devices_of_views() -> set[int]:
    return {view.stat().st_dev for view in map(Path, _VIEWS) if view.is_mount()}


def _refuse_not_replaceable(path: Path, option: str) -> None:
    try:
        _refuse_kind(path.lstat())
    except (FileNotFoundError, NotADirectoryError):
        return
    except _NotRegularError as error:
        raise Refusal(_not_replaceable(path, option, str(error))) from None
    except OSError as error:
        raise Refusal(
            f"{option}, {path}, cannot be checked: {error.strerror}. Correct the cause, or choose another path."
        ) from None


def _not_replaceable(path: Path, option: str, kind: str) -> str:
    advice = "Name a file in this directory." if kind == "a folder" else "Remove it, or choose another path."
    return f"{option}, {path}, is {kind} on the controller; it was not overwritten. {advice}"


def _decrypt(action: ActionBase, path: Path, data: bytes) -> bytes:
    vault = action._loader._vault
    if not vault.secrets:
        raise Refusal(
            f"The file {path} is encrypted with Ansible Vault, but this run has no vault password. Provide one, for"
            " example with --vault-password-file."
        )
    try:
        return bytes(vault.decrypt(data))
    except AnsibleError:
        raise Refusal(
            f"The file {path} is encrypted with Ansible Vault, but none of the vault passwords of this run"
            " decrypts it. Provide the right password."
        ) from None
