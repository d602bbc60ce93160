# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options for key materials that a symmetric encryption key has in succession."""

    DOCUMENTATION = r"""
options:
  on_different_material:
    description:
      - What to do if a symmetric encryption key is known to hold different key material. For an HMAC, RSA, or ECC key,
        the task always fails; use the playbook C(cloudkeys.aws.rotate_by_alias). Ignored with O(state=absent).
      - V(fail) - fail before anything is changed.
      - V(stage) - import the key material next to the current key material, which the key keeps using until a task with
        V(rotate) runs. KMS stages one key material at a time.
      - V(rotate) - stage the key material, rotate the key on demand, and wait until KMS reports the key material as
        current. The key decrypts with all of its key materials. B(A rotation cannot be undone), and KMS rotates a key
        at most 25 times.
      - A run continues with key material that is already staged, and with a rotation in progress. If the match is
        unknown, KMS determines it. Plaintext key material is first reimported as the current one if
        O(on_unknown_material) is omitted. Encrypted key material is staged, which KMS refuses if the key already has
        it.
    type: str
    choices: [fail, stage, rotate]
    default: fail
  rotation_timeout:
    description:
      - How long the controller waits until KMS has rotated the key, in seconds, at least 1. KMS takes minutes. If the
        time expires, the task fails while KMS continues the rotation; run the task again. With O(wait=false), the task
        warns instead of waiting.
    type: int
    default: 900
  previous_key_materials:
    description:
      - The older key materials of a rotated symmetric encryption key, the newest first. They are imported and renewed
        like the current one, the oldest first. The key is unusable while any of its key materials is missing.
      - An entry is recognized by its label. Otherwise, KMS determines its key material by an import, which also writes
        the label if possible. The task fails if the key never had this key material, if it is staged, or if it is the
        current one and no rotation is required.
      - With O(state=absent), the copies that prove that you hold the key material to be deleted.
    type: list
    elements: dict
    suboptions:
      key_material_src:
        description: See O(key_material_src).
        type: path
      key_material:
        description: See O(key_material).
        type: str
      key_material_format:
        description: See O(key_material_format).
        type: str
        choices: [auto, raw, base64, hex, pem, der]
        default: auto
      key_material_passphrase_src:
        description: Not used for symmetric key material.
        type: path
      key_material_passphrase:
        description: Not used for symmetric key material.
        type: str
      encrypted_key_material_src:
        description: See O(encrypted_key_material_src).
        type: path
      encrypted_key_material:
        description: See O(encrypted_key_material).
        type: str
      import_token_src:
        description: The import token of this entry.
        type: path
      import_token:
        description: The import token of this entry.
        type: str
      wrapped_bundle_src:
        description: See O(wrapped_bundle_src).
        type: path
      wrapped_bundle:
        description: See O(wrapped_bundle).
        type: raw
      expected_check_code:
        description: The check code of this entry's bundle.
        type: str
      key_material_id:
        description:
          - The key material ID from M(cloudkeys.aws.kms_key_material_info), for an entry without a label. KMS verifies
            it by an import.
        type: str
      expiration_model:
        description: See O(expiration_model). Without an expiration, the one of the task.
        type: str
        choices: [KEY_MATERIAL_EXPIRES, KEY_MATERIAL_DOES_NOT_EXPIRE]
      valid_to:
        description: See O(valid_to).
        type: str
      valid_for:
        description: See O(valid_for).
        type: str
      renew_before:
        description: See O(renew_before).
        type: str
"""
