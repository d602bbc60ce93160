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
      - V(auto) - PEM and DER are recognised by their content, and binary content of exactly the length that the key
        spec names is raw, whatever its last byte is. Text that might be hex or base64, one byte repeated, and a newline
        after the key are not guessed at; the task fails and names what to change.
      - V(raw) - the bytes are the key material, whatever they look like, a newline at the end included.
      - V(base64), V(hex) - text that encodes raw key material, in base64 (RFC 4648, section 4) or in hex, with colons
        or without. White space is skipped. Hex that is said to be base64, and what was encoded twice, is refused.
      - With V(raw), V(base64) and V(hex) an HMAC key may be longer than its key spec says, up to 128 bytes.
      - V(pem), V(der) - a private key, as PKCS#8 (RFC 5208, and RFC 5958 for its second version), or in the traditional
        forms SEC 1 (RFC 5915) and PKCS#1 (RFC 8017).
      - Unencrypted PKCS#8 of the first version, the one that the documentation of KMS names, is imported byte for byte.
        Other forms are re-encoded as it first; so is the second version, which some libraries write for Ed25519 keys
        with the public key beside the private one. KMS compares a re-import with what was imported first, so keep using
        the file that you used first.
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
