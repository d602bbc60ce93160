# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options for the wrapping key."""

    DOCUMENTATION = r"""
options:
  wrapping_algorithm:
    description:
      - The algorithm that encrypts the key material for the import.
      - If omitted, it is V(RSAES_OAEP_SHA_256) for symmetric encryption keys and HMAC keys, and
        V(RSA_AES_KEY_WRAP_SHA_256) for RSA and ECC keys. In China Regions, it is V(RSAES_OAEP_SHA_256) for ECC keys
        also. SHA-1 is used only if set explicitly.
    type: str
    choices: [RSAES_OAEP_SHA_256, RSAES_OAEP_SHA_1, RSA_AES_KEY_WRAP_SHA_256, RSA_AES_KEY_WRAP_SHA_1]
  wrapping_key_spec:
    description: The key spec of the wrapping key. The number is its size in bits.
    type: str
    choices: [RSA_2048, RSA_3072, RSA_4096]
    default: RSA_4096
  wrapping_key_trust:
    description:
      - The parties that are allowed to control the wrapping public key. They can read the key material.
      - V(kms_direct) - only KMS. The task must use the connection C(local), for example with C(delegate_to=localhost),
        and an AWS endpoint for KMS with a verified certificate, without a proxy that terminates TLS. An endpoint on
        loopback, such as an emulator, is allowed with a warning.
      - V(target) - also the target and the endpoint that it uses. Set it only if they may read the key material.
    type: str
    choices: [kms_direct, target]
    default: kms_direct
"""
