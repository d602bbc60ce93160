# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Files on the controller: read into memory and nowhere else, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from ansible.errors import AnsibleActionFail, AnsibleError, AnsibleFileNotFound
from ansible.parsing.vault import is_encrypted
from ansible.plugins.action import ActionBase

__all__ = ("LARGEST", "destination", "read_controller_file", "read_if_there", "write_controller_file")

LARGEST = 64 * 1024
"""In bytes. Key material is far below; what is larger is another file, and need not fill the memory."""
# Ansible Vault writes two hex digits for each byte of a text that is itself hex, in lines of 80.
_LARGEST_ENCRYPTED = 4 * LARGEST + LARGEST // 10 + 4096


def read_controller_file(action: ActionBase, src: str) -> bytes:
    """The bytes of a file, found as the copy action finds its src; what Ansible Vault encrypted is decrypted.

    The loader's get_real_file would leave the plaintext in a temporary file.

    :raises AnsibleActionFail: a sentence that names the file and shows nothing of its content.
    """
    try:
        path = action._find_needle("files", src)
    except AnsibleFileNotFound:
        raise AnsibleActionFail(
            f"The file {src} was not found on the controller. A relative path is looked for in files/ of the role,"
            " beside the task's file and beside the playbook."
        ) from None
    try:
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST_ENCRYPTED + 1)
    except OSError as error:
        raise AnsibleActionFail(f"The file {path} cannot be read on the controller: {error.strerror}.") from None
    if is_encrypted(data[:_LARGEST_ENCRYPTED]):
        data = _decrypt(action, path, data)
    if len(data) > LARGEST:
        raise AnsibleActionFail(
            f"The file {path} has more than {LARGEST} bytes, and what this task reads is smaller. It is another file."
        )
    return data


def destination(action: ActionBase, dest: str, option: str) -> Path:
    """Where *dest* is on the controller: like fetch, a relative path begins at the folder of the playbook.

    :raises AnsibleActionFail: there is no such folder, or a folder is in the place of the file.
    """
    path = Path(action._loader.path_dwim(dest))
    if path.is_dir():
        raise AnsibleActionFail(f"{option}, {path}, is a folder on the controller. Name a file in it.")
    if not path.parent.is_dir():
        raise AnsibleActionFail(f"The folder of {option}, {path.parent}, does not exist on the controller. Create it.")
    return path


def read_if_there(path: Path) -> bytes | None:
    """At most a little more than LARGEST, which is enough to see that it is not what was written here.

    :raises AnsibleActionFail: it is there and cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AnsibleActionFail(f"The file {path} cannot be read on the controller: {error.strerror}.") from None


def write_controller_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """The file is there as a whole or, whatever happens, as it was before; it never has another *mode*.

    :raises AnsibleActionFail: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise AnsibleActionFail(f"The file {path} cannot be written on the controller: {error.strerror}.") from None


def _decrypt(action: ActionBase, path: str, data: bytes) -> bytes:
    vault = action._loader._vault
    if not vault.secrets:
        raise AnsibleActionFail(
            f"The file {path} is encrypted with Ansible Vault, and this run was given no vault password. Give one, for"
            " example with --vault-password-file."
        )
    try:
        return bytes(vault.decrypt(data))
    except AnsibleError:
        raise AnsibleActionFail(
            f"The file {path} is encrypted with Ansible Vault, and none of the vault passwords of this run opens it."
        ) from None
