# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Where key material in plain comes from."""

    DOCUMENTATION = r"""
options:
  key_material_src:
    description:
      - A file on the controller with the key material in plain, found in the way in which M(ansible.builtin.copy)
        finds its O(ansible.builtin.copy#module:src), in C(files/) of a role for example. At most 64 KiB.
        A link to a regular file is followed; a FIFO, a device or a folder is refused.
      - A file encrypted with Ansible Vault, binary content included, is decrypted in memory only.
      - Needs no C(no_log) on the task.
    type: path
  key_material:
    description:
      - The key material as base64 text, for lookups of secret managers. Give the base64 of what a file would hold.
      - The task must have C(no_log=true), because callbacks receive the arguments of tasks.
    type: str
  key_material_format:
    description:
      - How to read the key material. The bytes of O(key_material) are first decoded from base64 in any case.
      - V(auto) - PEM and DER are recognised by their content, and binary content of a length that the key spec
        allows is raw. Text that might be hex or base64, text that is one byte repeated or ends with a newline, is
        not guessed at; the task fails and names the value to set.
      - V(raw) - the bytes are the key material, whatever they look like. For an HMAC key this also allows lengths
        other than that of the key spec, up to 128 bytes.
      - V(base64), V(hex) - text that encodes raw key material.
      - V(pem), V(der) - a private key, as PKCS#8 (RFC 5958), or in the traditional forms SEC 1 (RFC 5915) and PKCS#1
        (RFC 8017).
      - Unencrypted PKCS#8 is imported byte for byte. Other forms are re-encoded as PKCS#8 first. KMS compares a
        re-import with what was imported first, so keep using the file that you used first.
    type: str
    choices: [auto, raw, base64, hex, pem, der]
    default: auto
  key_material_passphrase_src:
    description:
      - A file on the controller with the passphrase of an encrypted private key, found as O(key_material_src) is.
        A file that is encrypted with Ansible Vault is decrypted in memory only.
      - One newline at the end of the file is not part of the passphrase; every other byte is. At most 1024 bytes, and
        at least one.
      - Needs no C(no_log) on the task.
      - Only with O(key_material_src) or O(key_material), and not together with O(key_material_passphrase).
    type: path
  key_material_passphrase:
    description:
      - The passphrase of an encrypted private key, as a value, for lookups of secret managers. Encoded as UTF-8; at
        most 1024 bytes.
      - The task must have C(no_log=true), because callbacks receive the arguments of tasks. With
        O(key_material_passphrase_src) it needs none.
    type: str
"""
