#!/usr/bin/python
# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_key_proof
version_added: 0.1.0
short_description: Have an AWS KMS key make something that only this key can have made, and verify it later
description:
  - Uses a KMS key on a random message. A key for encryption encrypts and decrypts it, a key for signatures signs and
    verifies it, an HMAC key makes and verifies a MAC. What was made is returned as RV(proof).
  - Given that again as O(proof), for example after key material was deleted and imported again, it has the key decrypt
    or verify it first, and fails when the key is not the key that it was.
  - Of a key for key agreement only the public key is read and compared, because KMS's answer to DeriveSharedSecret is
    a secret.
  - It changes nothing of the key. The role R(recovery_drill, ansible_collections.cloudkeys.aws.recovery_drill_role)
    is built on it.
options:
  key_id:
    description:
      - The KMS key, by key ID, key ARN, alias name (C(alias/...)) or alias ARN. It must be Enabled.
      - With an ARN the Region is taken from it, and O(region) need not be given; another O(region) fails.
    type: str
    required: true
    aliases: [key_arn]
  proof:
    description:
      - What an earlier task returned as RV(proof), to be verified. When omitted, there is nothing to compare with, and
        the task only shows that the key works.
    type: dict
    suboptions:
      kind:
        description: What it is.
        type: str
        required: true
        choices: [ciphertext, signature, mac, public_key]
      algorithm:
        description: The algorithm, by KMS's name. None for V(public_key).
        type: str
      random_message:
        description: The message that was encrypted or signed, base64. Empty for V(public_key).
        type: str
        required: true
      content:
        description: The ciphertext, signature, MAC or public key, base64.
        type: str
        required: true
notes:
  - The message is random and says nothing, and neither does what is made of it. Nothing else that is derived from the
    key material is in the result.
  - A symmetric encryption key that was rotated encrypts with its current key material only, so a new proof tells
    nothing about the older ones. A proof from before the rotation does.
  - "IAM: the actions C(kms:DescribeKey) and, by the key usage, C(kms:Encrypt) and C(kms:Decrypt), C(kms:Sign) and
    C(kms:Verify), C(kms:GenerateMac) and C(kms:VerifyMac), or C(kms:GetPublicKey)."
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
    details: It has no action plugin.
  check_mode:
    details: It changes nothing, so it does the same in check mode.
  diff_mode:
    support: none
  idempotent:
    details: The message is another one in every run.
"""

EXAMPLES = r"""
- name: Have the canary key encrypt something
  cloudkeys.aws.kms_key_proof:
    key_id: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
  register: before

- name: After whatever was done in between, it is still the same key
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
  description: Whether a O(proof) was given, and so verified. What is not verified fails.
  returned: success
  type: bool
  sample: true
proof:
  description: A new one, which the key has made and verified.
  returned: success
  type: dict
  contains:
    kind:
      description: What it is.
      type: str
      sample: ciphertext
    algorithm:
      description: The algorithm, by KMS's name. Null for a public key.
      type: str
      sample: SYMMETRIC_DEFAULT
    random_message:
      description: The random message, base64. Empty for a public key.
      type: str
    content:
      description: The ciphertext, signature, MAC or public key (SubjectPublicKeyInfo, DER), base64.
      type: str
key_material_id:
  description: The ID of the key material that decrypted the new proof. Null where KMS does not tell.
  returned: success
  type: str
answered_at:
  description: KMS's time at the end, in ISO 8601.
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
