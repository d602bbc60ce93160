# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How key material is encrypted for the import, and who may read it."""

    DOCUMENTATION = r"""
options:
  wrapping_algorithm:
    description:
      - How the key material is encrypted for the import.
      - When omitted, V(RSAES_OAEP_SHA_256) for symmetric and HMAC keys, and V(RSA_AES_KEY_WRAP_SHA_256) for RSA and
        ECC keys; in the China Regions V(RSAES_OAEP_SHA_256) for ECC keys, too. SHA-1 is used only when it is named.
    type: str
    choices: [RSAES_OAEP_SHA_256, RSAES_OAEP_SHA_1, RSA_AES_KEY_WRAP_SHA_256, RSA_AES_KEY_WRAP_SHA_1]
  wrapping_key_spec:
    description:
      - The size of the wrapping key, in bits.
    type: str
    choices: [RSA_2048, RSA_3072, RSA_4096]
    default: RSA_4096
  wrapping_key_trust:
    description:
      - Who may choose the wrapping public key, and so read the key material.
      - V(kms_direct) - KMS alone. The task must run over the connection C(local), and the endpoint that the client
        really uses, whatever set it, must be one of AWS's own for KMS, with its certificate verified against the
        default list of authorities. A proxy may pass that TLS connection on (C(CONNECT)); over a proxy without TLS,
        or one that ends it (C(proxy_use_forwarding_for_https)), anyone on the way could answer instead of KMS.
      - V(target) - the target that the task runs on and the endpoint that it talks to, too. Set it only when they
        may read the key material.
    type: str
    choices: [kms_direct, target]
    default: kms_direct
"""
