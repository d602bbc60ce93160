#!/usr/bin/python
# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_key_proof
version_added: 0.1.0
short_description: Create and verify a proof that an AWS KMS key is still the same key
description:
  - Uses a KMS key on a random message. An encryption key encrypts and decrypts it, a signing key signs and verifies it,
    and an HMAC key generates and verifies a MAC. The ciphertext, signature, or MAC is returned as RV(proof).
  - If the result of an earlier run is given as O(proof), for example after key material was deleted and imported again,
    the key first decrypts or verifies it. The task fails if the key is not the same key.
  - For a key agreement key, only the public key is read and compared, because the result of DeriveSharedSecret is
    secret.
  - The key is not changed. The role R(recovery_drill, ansible_collections.cloudkeys.aws.recovery_drill_role) uses this
    module.
options:
  key_id:
    description:
      - The KMS key, as a key ID, key ARN, alias name (C(alias/...)), or alias ARN. It must be C(Enabled). An ARN also
        sets the Region; a different O(region) is refused.
    type: str
    required: true
    aliases: [key_arn]
  proof:
    description:
      - The proof to verify, RV(proof) of an earlier task. If omitted, the task only verifies that the key works.
    type: dict
    suboptions:
      kind:
        description: The kind of proof.
        type: str
        required: true
        choices: [ciphertext, signature, mac, public_key]
      algorithm:
        description: The KMS name of the algorithm. Null for V(public_key).
        type: str
      random_message:
        description: The random message, in base64. Empty for V(public_key).
        type: str
        required: true
      content:
        description: The ciphertext, signature, MAC, or public key, in base64.
        type: str
        required: true
notes:
  - The message is random. The result contains nothing else that is derived from the key material.
  - A rotated symmetric encryption key encrypts only with its current key material. A new proof does not cover the older
    key materials. Use a proof from before the rotation.
  - "IAM: the required permissions are C(kms:DescribeKey) and, depending on the key usage, C(kms:Encrypt) and
    C(kms:Decrypt), C(kms:Sign) and C(kms:Verify), C(kms:GenerateMac) and C(kms:VerifyMac), or C(kms:GetPublicKey)."
requirements:
  - python >= 3.9
  - botocore >= 1.38.31 and boto3 >= 1.38.31
seealso:
  - module: cloudkeys.aws.kms_key_material
  - module: cloudkeys.aws.kms_key_material_info
author:
  - The cloudkeys.aws authors (@cloudkeys)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - cloudkeys.aws.account
  - cloudkeys.aws.attributes
attributes:
  async:
    support: full
    details: The module has no action plugin.
  check_mode:
    details: The module changes nothing. Check mode makes no difference.
  diff_mode:
    support: none
  idempotent:
    details: Every run uses a new random message.
"""

EXAMPLES = r"""
- name: Create a proof with the canary key
  cloudkeys.aws.kms_key_proof:
    key_id: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
  register: before

- name: Verify that it is still the same key
  cloudkeys.aws.kms_key_proof:
    key_id: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    proof: "{{ before.proof }}"
"""

RETURN = r"""
key_arn:
  description: The key ARN.
  returned: success
  type: str
  sample: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
verified:
  description: Whether a O(proof) was given and verified. A O(proof) that is not verified fails the task.
  returned: success
  type: bool
  sample: true
proof:
  description: A new proof that the key has created and verified.
  returned: success
  type: dict
  contains:
    kind:
      description: The kind of proof.
      type: str
      sample: ciphertext
    algorithm:
      description: The KMS name of the algorithm. Null for a public key.
      type: str
      sample: SYMMETRIC_DEFAULT
    random_message:
      description: The random message, in base64. Empty for a public key.
      type: str
    content:
      description: The ciphertext, signature, MAC, or public key (SubjectPublicKeyInfo, DER), in base64.
      type: str
key_material_id:
  description: The ID of the key material that decrypted the new proof. Null if KMS does not return it.
  returned: success
  type: str
answered_at:
  description: The time of KMS at the end, in ISO 8601.
  returned: success
  type: str
  sample: "2026-11-25T12:00:00+00:00"
"""

import base64
import typing as t

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import format_time
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.aws_module import (
    fail,
    make_kms,
    make_module,
    region_of_keys,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._proof.round_trip import proof_from_options, prove
from ansible_collections.cloudkeys.aws.plugins.module_utils._proof.scheme import KINDS

_PROOF: dict[str, dict[str, t.Any]] = {
    "kind": {"type": "str", "required": True, "choices": list(KINDS)},
    "algorithm": {"type": "str"},
    "random_message": {"type": "str", "required": True},
    "content": {"type": "str", "required": True},
}
ARGUMENT_SPEC: dict[str, dict[str, t.Any]] = {
    "key_id": {"type": "str", "required": True, "aliases": ["key_arn"], "no_log": False},
    "proof": {"type": "dict", "options": _PROOF},
}


def main() -> None:
    module = make_module(ARGUMENT_SPEC, supports_check_mode=True)
    try:
        kms = make_kms(module, region_of_keys(module, [module.params["key_id"]]))
        given = module.params["proof"]
        earlier = None if given is None else proof_from_options(given)
        arn, proof = prove(kms, module.params["key_id"], earlier)
    except CloudKeysError as error:
        fail(module, error)
    module.exit_json(
        changed=False,
        key_arn=arn,
        verified=earlier is not None,
        proof={
            "kind": proof.kind,
            "algorithm": proof.algorithm,
            "random_message": base64.b64encode(proof.message).decode(),
            "content": base64.b64encode(proof.content).decode(),
        },
        key_material_id=proof.key_material_id,
        answered_at=None if proof.at is None else format_time(proof.at),
    )


if __name__ == "__main__":
    main()
