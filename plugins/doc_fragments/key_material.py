# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options for plaintext key material."""

    DOCUMENTATION = r"""
options:
  key_material_src:
    description:
      - A file on the controller that contains the plaintext key material, at most 64 KiB. It is searched for like the
        source file of M(ansible.builtin.copy). A link to a file is followed. A FIFO, device, or folder is refused.
      - A file encrypted with Ansible Vault, including binary content, is decrypted in memory only. The task does not
        require C(no_log).
    type: path
  key_material:
    description:
      - The plaintext key material as base64 text, for example from the lookup plugin of a secret manager. Requires
        C(no_log=true) on the task, because callback plugins receive the arguments of tasks.
    type: str
  key_material_format:
    description:
      - The format of the key material. O(key_material) is always decoded from base64 first.
      - V(auto) - PEM and DER are recognized by their content. Binary content of exactly the length that the key spec
        requires is raw key material. The task fails, and names the change to make, for text that could be hex or
        base64, a single repeated byte, and a newline after the key.
      - V(raw) - the bytes are the key material, including a newline at the end.
      - V(base64), V(hex) - raw key material encoded in base64 (RFC 4648, section 4), or in hex with or without colons.
        White space is ignored. Hex declared as base64 and double encoding are refused.
      - V(pem), V(der) - a private key in PKCS#8 (RFC 5208, RFC 5958), SEC 1 (RFC 5915) or PKCS#1 (RFC 8017).
        Unencrypted PKCS#8 version 1, the format that KMS documents, is imported byte for byte, and others are
        re-encoded to it. Keep using the same file, because KMS compares a reimport with the first import.
      - With V(raw), V(base64), and V(hex), an HMAC key can be longer than its key spec indicates, up to 128 bytes.
    type: str
    choices: [auto, raw, base64, hex, pem, der]
    default: auto
  key_material_passphrase_src:
    description:
      - A file on the controller that contains the passphrase of an encrypted private key, of 1 to 1024 bytes. One
        newline at its end is ignored. The file is searched for, and decrypted, like O(key_material_src).
      - Mutually exclusive with O(key_material_passphrase).
    type: path
  key_material_passphrase:
    description:
      - The passphrase as text, encoded as UTF-8. Requires C(no_log=true) on the task.
    type: str
"""
