# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The several key materials that a symmetric encryption key may have, one after the other."""

    DOCUMENTATION = r"""
options:
  on_different_material:
    description:
      - What to do when the key is known to hold other key material.
      - V(fail) - fail before anything is touched.
      - V(stage) - import the given key material beside the current one, as C(NEW_KEY_MATERIAL). The key goes on with
        the current one until a later task with V(rotate), in a change window for example. KMS stages one key material
        at a time.
      - V(rotate) - stage the given key material, call RotateKeyOnDemand, and wait until KMS shows it as the current
        one. The key keeps its ARN, encrypts with the new key material, and decrypts with all that it ever had.
        B(A rotation cannot be undone), and KMS rotates a key at most 25 times.
      - Key material that is staged already, or a rotation that is running, is gone on with, whatever began it.
      - For symmetric encryption keys only. KMS never replaces the key material of an HMAC, RSA or ECC key, and the
        task fails; the playbook C(cloudkeys.aws.rotate_by_alias) makes a new key and moves the alias to it.
      - With V(stage) and V(rotate), when nothing tells whether the key holds the given plaintext key material and
        O(on_unknown_material) is omitted, KMS is asked first. The task imports it as the current key material, and only
        when KMS refuses that, it is different.
      - Key material that was encrypted elsewhere, and whose label nothing carries, is staged, because KMS refuses to
        stage what the key already has. After a refusal KMS is asked whether it is the current one.
      - Has no meaning with O(state=absent).
    type: str
    choices: [fail, stage, rotate]
    default: fail
  rotation_timeout:
    description:
      - How long to wait until KMS has rotated the key, in seconds, at least 1. KMS takes minutes. When the time is
        over, the task fails, KMS goes on with the rotation, and the next run looks first.
      - The controller waits and looks now and then. Nothing waits on the target.
      - With O(wait=false) the task does not wait, and warns.
    type: int
    default: 900
  previous_key_materials:
    description:
      - The older key materials of a symmetric encryption key that was rotated, the newest first. Each is kept as
        declared, like the current one. It is imported again after a loss, and when its expiration is due to be renewed.
      - The key is unusable while any of its key materials is missing. Those that are missing are imported the oldest
        first and the current one last.
      - An entry is recognized by its label. Without one, KMS compares it with the key material that
        O(previous_key_materials[].key_material_id) names, or finds out which it is. That is an import, which also
        writes the label where one can be written.
      - Key material that the key never had fails the task. The current key material may stand here when a rotation to
        other key material is due; a staged one may not.
      - With O(state=absent), copies by which the task proves that it holds what is deleted.
    type: list
    elements: dict
    suboptions:
      key_material_src:
        description: As O(key_material_src).
        type: path
      key_material:
        description: As O(key_material).
        type: str
      key_material_format:
        description: As O(key_material_format).
        type: str
        choices: [auto, raw, base64, hex, pem, der]
        default: auto
      key_material_passphrase_src:
        description: As O(key_material_passphrase_src). Symmetric key material has none.
        type: path
      key_material_passphrase:
        description: As O(key_material_passphrase). Symmetric key material has none.
        type: str
      encrypted_key_material_src:
        description: As O(encrypted_key_material_src), with an import token of its own.
        type: path
      encrypted_key_material:
        description: As O(encrypted_key_material), with an import token of its own.
        type: str
      import_token_src:
        description: As O(import_token_src).
        type: path
      import_token:
        description: As O(import_token).
        type: str
      wrapped_bundle_src:
        description: As O(wrapped_bundle_src).
        type: path
      wrapped_bundle:
        description: As O(wrapped_bundle).
        type: raw
      expected_check_code:
        description: As O(expected_check_code), of this entry's bundle.
        type: str
      key_material_id:
        description:
          - The key material ID that KMS gave, 64 hex digits, where no label tells which key material this is.
            RV(kms_key.materials) and M(cloudkeys.aws.kms_key_material_info) show it. It is a claim; KMS checks it when
            the key material is imported.
        type: str
      expiration_model:
        description: As O(expiration_model). When an entry declares no expiration, that of the task is meant.
        type: str
        choices: [KEY_MATERIAL_EXPIRES, KEY_MATERIAL_DOES_NOT_EXPIRE]
      valid_to:
        description: As O(valid_to).
        type: str
      valid_for:
        description: As O(valid_for). Requires O(previous_key_materials[].renew_before).
        type: str
      renew_before:
        description: As O(renew_before).
        type: str
"""
