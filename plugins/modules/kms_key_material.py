#!/usr/bin/python
# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_key_material
version_added: 0.1.0
short_description: Import key material into an AWS KMS key and keep it imported
description:
  - Imports key material that was generated outside AWS ("bring your own key") into a KMS key with the origin
    C(EXTERNAL). Later runs check the origin, state, and expiration of the key and verify, where KMS allows it, that the
    key holds this exact key material. If everything is as declared, nothing changes.
  - The key material is read, compared, and encrypted on the controller, in the memory of one process. Only ciphertext
    under a wrapping public key, the label (O(key_material_label)) and, for an HMAC key, a MAC leave the controller.
  - B(Anyone who controls the wrapping public key can read your key material.) KMS does not sign wrapping keys, so a
    substituted key cannot be detected. Unless O(wrapping_key_trust=target), the task fails before it encrypts anything
    if it does not run on the controller against an AWS endpoint for KMS; see
    R(the guide, ansible_collections.cloudkeys.aws.docsite.guide_who_can_read).
  - RV(material_match_by) reports how the key material was verified. KMS proves the match for RSA, ECC, and HMAC keys.
    For symmetric encryption keys, the label is compared. Anyone who can import key material can copy a label, so it is
    not a proof.
  - A rotated symmetric encryption key requires all of its key materials (O(previous_key_materials)). The task fails if
    one that it does not give is missing or expires within O(renew_before). It warns if one expires before the given
    key material.
options:
  key_id:
    description:
      - The KMS key, as a key ID, key ARN, alias name (C(alias/...)), or alias ARN. An ARN also sets the Region; a
        different O(region) is refused.
      - Use an alias only if you trust everyone with C(kms:UpdateAlias), who choose its key, as much as those who can
        import key material.
    type: str
    required: true
    aliases: [key_arn]
  state:
    description:
      - V(present) - the key has the given key material.
      - V(absent) - the key has no current key material. The KMS key is kept. B(Everything that uses the key stops
        working immediately), until the same key material is imported again.
      - V(absent) requires the plaintext key material, as proof that you hold a copy, because KMS cannot return it. To
        delete several, also give O(previous_key_materials). Key material is deleted only if RV(material_match) is
        V(same). If the match is unknown, KMS compares it by a reimport, which fails if the key is disabled or pending
        deletion. O(force=true) requires no proof.
      - To delete other key material than the current one, use O(key_material_id) or O(all_materials). The whole key is
        unusable without any one of its key materials, except staged key material.
    type: str
    choices: [present, absent]
    default: present
  enabled:
    description:
      - Whether the key is enabled. If omitted, it is not changed.
      - An import enables the key. If the key is disabled and an import is required, the task fails unless this option
        is set. With V(false), the key is disabled again, but usable for a moment.
    type: bool
  force:
    description:
      - Reimport the key material and O(previous_key_materials) even if no import is required. KMS compares each with
        its first import. The task still fails if the key is known to hold different key material.
      - With O(state=absent), delete key material without proof that you hold a copy. Any given key material is still
        compared.
      - With V(true), the task is not idempotent.
    type: bool
    default: false
  on_unknown_material:
    description:
      - What to do if the key holds key material and the match is unknown. V(fail) is the default for plaintext key
        material, and V(accept) for key material encrypted elsewhere. There are exceptions; see
        R(the guide, ansible_collections.cloudkeys.aws.docsite.guide_who_can_read). Ignored with O(state=absent).
      - V(fail) - fail.
      - V(accept) - accept the key material with a warning.
      - V(reimport) - import the given key material again. KMS compares it and refuses different key material. Use it
        once to adopt a symmetric encryption key that was imported by other means. This is the default for
        O(previous_key_materials), and for plaintext key material with O(on_different_material=stage) or V(rotate).
    type: str
    choices: [accept, fail, reimport]
  replicas:
    description:
      - Whether to manage the key material of a multi-Region primary key in its replica keys also. The task imports into
        the primary key, then into all replica keys concurrently, and then rotates the primary key if required. Each
        Region has its own wrapping public key, import token, and expiration. With O(state=absent), the key material is
        deleted in every Region.
      - Requires plaintext key material, because an import token is for one key in one Region.
      - If a Region fails, the task completes the other Regions and fails. It rotates only if no Region fails.
      - With V(false), the task manages only the key in O(key_id). A replica key is given by its own ARN. It accepts new
        key material only after its primary key, and no description or rotation.
    type: bool
    default: false
  key_material_id:
    description:
      - With O(state=absent), the ID of the key material to delete instead of the current one, from
        RV(kms_key.materials). Give its copy in O(key_material_src) or O(previous_key_materials).
      - Deleting older key material makes the whole key unusable. Deleting staged key material does not; if KMS is
        rotating the key to it, this requires O(force=true).
    type: str
  all_materials:
    description:
      - With O(state=absent), delete all key materials of the key, the current one last. Mutually exclusive with
        O(key_material_id).
    type: bool
    default: false
  key_material_description:
    description:
      - Your text in the description of the key material (KeyMaterialDescription) of a symmetric encryption key, at most
        256 characters together with the label that follows it. If omitted, the text is not changed.
      - To change the text, the task reimports the same key material. KMS cannot remove a description, so an empty text
        is refused with O(key_material_label=false) if a description exists.
    type: str
  key_material_label:
    description:
      - Whether an import adds a label to the description of the key material of a symmetric encryption key. Later runs
        recognize the key material by this label.
      - The label contains a fingerprint of plaintext key material, or a digest of key material encrypted elsewhere.
        Anyone who can call ListKeyRotations or read CloudTrail can read it, and use a fingerprint to check guesses. Set
        V(false) for key material that could be guessed.
    type: bool
    default: true
  wait:
    description:
      - Whether to wait for a key that is C(Creating) or C(Updating), and until KMS reports the imported or deleted key
        material and the key state, which takes seconds, in rare cases minutes. With V(false), the task ends when KMS
        has accepted the last request.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long to wait for each of these, in seconds, at least 1. If the time expires after KMS accepted a change, the
        task fails and the change remains; run the task again. For a rotation, see O(rotation_timeout).
    type: int
    default: 300
notes:
  - The next run completes an interrupted run, including a rotation. No rotation is started twice.
  - Check mode makes the same decisions and changes nothing. If only KMS can determine the match, RV(actions) contains
    V(reimport). If KMS then refuses the key material as different, the run stages and rotates as
    O(on_different_material) declares.
  - KMS allows one GetParametersForImport request per second in an account and Region. The task calls it only if an
    import is required, and never in check mode. It retries throttled requests.
  - "IAM: the last example is a least-privilege policy. Without C(kms:ListKeyRotations), C(kms:VerifyMac), or
    C(kms:GetPublicKey), the match is V(unknown); see O(on_unknown_material). Additional permissions are
    C(kms:DisableKey) and C(kms:EnableKey) for O(enabled), C(kms:DeleteImportedKeyMaterial) for O(state=absent), and
    C(kms:RotateKeyOnDemand) and C(kms:GetKeyRotationStatus), which detects a rotation in progress, for a rotation. With
    O(replicas=true), every Region requires the same permissions; C(kms:RotateKeyOnDemand) only the primary key."
requirements:
  - python >= 3.9 on the target, python >= 3.10 on the controller
  - botocore >= 1.38.31 and boto3 >= 1.38.31, on the target
  - cryptography >= 38.0.4, on the controller
seealso:
  - ref: ansible_collections.cloudkeys.aws.docsite.guide_who_can_read
    description: Who can read the key material, and what a match proves.
  - ref: ansible_collections.cloudkeys.aws.docsite.guide_rotation
    description: Renew, rotate, or replace, and the requirements of a rotated key.
  - module: cloudkeys.aws.kms_external_key
  - module: cloudkeys.aws.kms_imported_keys
  - module: cloudkeys.aws.kms_key_material_info
  - module: cloudkeys.aws.kms_wrapped_key_material
  - module: amazon.aws.kms_key
    description: Creates keys with key material from AWS; manages aliases, grants, and tags.
  - name: Importing key material for AWS KMS keys
    description: The procedure in the AWS KMS Developer Guide.
    link: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
  - name: ImportKeyMaterial
    description: The operation in the AWS KMS API Reference.
    link: https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
  - name: Rotate AWS KMS keys
    description: On-demand rotation and its price in the AWS KMS Developer Guide.
    link: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
author:
  - The cloudkeys.aws authors (@cloudkeys)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - cloudkeys.aws.account
  - cloudkeys.aws.key_material
  - cloudkeys.aws.encrypted_key_material
  - cloudkeys.aws.expiration
  - cloudkeys.aws.rotation
  - cloudkeys.aws.wrapping
  - cloudkeys.aws.attributes
"""

EXAMPLES = r"""
- name: Preview the first import, as with ansible-playbook --check --diff
  cloudkeys.aws.kms_key_material:
    key_id: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    key_material_src: payments.key
    valid_for: 90d
    renew_before: 30d
  check_mode: true
  diff: true

- name: Import the payments key material, and renew it when less than 30 days are left
  cloudkeys.aws.kms_key_material:
    key_id: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    key_material_src: payments.key
    valid_for: 90d
    renew_before: 30d

- name: Import an HMAC key from a file that ansible-vault has encrypted
  cloudkeys.aws.kms_key_material:
    key_id: alias/webhooks # key spec HMAC_256
    key_material_src: webhooks.key.vault
    key_material_format: raw
    expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE
    region: eu-central-1

- name: Import a private key for signing from an encrypted PEM file
  cloudkeys.aws.kms_key_material:
    key_id: alias/release-signing
    key_material_src: release-signing.pem
    key_material_passphrase_src: release-signing.passphrase
    expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE
    region: eu-central-1

- name: Import key material from a secret manager
  cloudkeys.aws.kms_key_material:
    key_id: alias/ledger
    key_material: "{{ lookup('ansible.builtin.pipe', 'vault kv get -field=base64 secret/ledger-key') }}"
    expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE
    region: eu-central-1
  no_log: true

- name: Adopt a key whose key material was imported by other means
  cloudkeys.aws.kms_key_material:
    key_id: alias/invoices
    key_material_src: invoices.key
    on_unknown_material: reimport # once; later runs recognize the key material by its label
    region: eu-central-1

- name: Import the key material of all keys in a list
  cloudkeys.aws.kms_imported_keys:
    kms_keys_src: keys.csv
    valid_for: 90d
    renew_before: 30d
    region: eu-central-1

- name: Use the AWS account of the inventory host, and no other
  module_defaults:
    group/cloudkeys.aws.aws:
      profile: "{{ cloudkeys_profile }}"
      region: "{{ cloudkeys_region }}"
    group/cloudkeys.aws.kms:
      expected_account_id: "{{ cloudkeys_account_id }}"
  block:
    - name: Import the backup key material
      cloudkeys.aws.kms_key_material:
        key_id: alias/backup
        key_material_src: backup-{{ inventory_hostname }}.key
        valid_for: 90d
        renew_before: 30d

- name: Import the files of step 4 in the AWS guide, which were encrypted elsewhere
  cloudkeys.aws.kms_key_material:
    key_id: 0987dcba-09fe-87dc-65ba-ab0987654321
    encrypted_key_material_src: EncryptedKeyMaterial.bin
    import_token_src: ImportToken.bin
    valid_to: "2027-09-17T12:00:00-08:00"
    region: eu-central-1

- name: Import key material that was encrypted on a machine without a network
  cloudkeys.aws.kms_key_material:
    key_id: alias/vault
    wrapped_bundle_src: stick/vault.wrapped.json
    expected_check_code: "{{ vault_check_code }}"
    valid_for: 90d
    renew_before: 30d
    region: eu-central-1

- name: Rotate the archive key to this year's key material, in every Region
  cloudkeys.aws.kms_key_material:
    key_id: alias/archive
    key_material_src: archive-2027.key
    valid_for: 90d
    renew_before: 30d
    on_different_material: rotate # stage imports the key material and does not rotate
    previous_key_materials:
      - key_material_src: archive-2026.key
      - key_material_src: archive-2025.key
        valid_to: "2027-03-01T00:00:00Z"
    replicas: true
    region: eu-central-1

- name: Delete the imported key material, after which every use of the key fails
  cloudkeys.aws.kms_key_material:
    key_id: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    key_material_src: payments.key
    state: absent

- name: Define a least-privilege IAM policy for importing and renewing key material
  ansible.builtin.set_fact:
    key_material_policy:
      Version: "2012-10-17"
      Statement:
        - Sid: ReadKeys
          Effect: Allow
          Action:
            - kms:DescribeKey
            - kms:ListKeyRotations # for symmetric encryption keys
            - kms:VerifyMac # for HMAC keys
            - kms:GetPublicKey # for RSA and ECC keys
          Resource: arn:aws:kms:eu-central-1:111122223333:key/*
        - Sid: RequireStrongWrapping
          Effect: Allow
          Action: kms:GetParametersForImport
          Resource: arn:aws:kms:eu-central-1:111122223333:key/*
          Condition:
            StringEquals:
              kms:WrappingAlgorithm: [RSAES_OAEP_SHA_256, RSA_AES_KEY_WRAP_SHA_256]
              kms:WrappingKeySpec: RSA_4096
        - Sid: RequireExpiration
          Effect: Allow
          Action: kms:ImportKeyMaterial
          Resource: arn:aws:kms:eu-central-1:111122223333:key/*
          Condition:
            StringEquals:
              kms:ExpirationModel: KEY_MATERIAL_EXPIRES
"""

RETURN = r"""
actions:
  description:
    - The actions that were performed or, in check mode, would be performed, in order. V(import) is the first import, or
      an import after a loss. V(reimport) imports existing key material again. V(stage) imports new key material next to
      the current one, and V(rotate) rotates to it. The others are V(delete), V(enable), and V(disable).
    - With O(replicas=true), the actions on the primary key; see RV(kms_keys) for every Region.
  returned: always
  type: list
  elements: str
  sample: [import]
material_match:
  description:
    - Whether the given key material is the current key material of the key, V(same), V(different), or V(unknown). It is
      also V(different) while the given key material is staged.
  returned: always
  type: str
  sample: same
material_match_by:
  description:
    - How the match was determined. V(public_key) and V(mac) are proofs by KMS in this run. V(kms_import) means that KMS
      accepted or refused these exact bytes in this run. V(label) means that the description contains the label of the
      given key material. V(none) if unknown.
  returned: always
  type: str
  sample: label
material_match_reason:
  description: The reason if the match is V(unknown) or V(different). Null if V(same).
  returned: always
  type: str
  sample: the current key material 96083e4f has no label of this collection
previous_key_materials:
  description:
    - The matches of the entries of O(previous_key_materials), in the same order. Each has RV(ignore:key_material_id)
      (null if unknown), RV(material_match), RV(material_match_by), and RV(material_match_reason). V(different) means
      that the entry is not key material of the key.
  returned: when O(previous_key_materials) is given and the key could be described
  type: list
  elements: dict
kms_key:
  description:
    - The key as KMS reports it at the end of the task. All times are in ISO 8601, UTC.
    - It also has C(key_spec), C(key_usage), C(origin), C(key_manager), C(deletion_date), C(multi_region),
      C(multi_region_key_type), C(primary_region), and C(replica_regions) as in
      RV(cloudkeys.aws.kms_key_material_info#module:kms_keys).
  returned: when the key could be described
  type: dict
  contains:
    key_id:
      description: The key ID.
      type: str
      sample: 1234abcd-12ab-34cd-56ef-1234567890ab
    arn:
      description: The key ARN.
      type: str
      sample: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    region:
      description: The Region of the key.
      type: str
      sample: eu-central-1
    key_state:
      description: The key state.
      type: str
      sample: Enabled
    enabled:
      description: Whether the key state is V(Enabled).
      type: bool
    expiration_model:
      description: The expiration model. Null if the key has no key material.
      type: str
      sample: KEY_MATERIAL_EXPIRES
    valid_to:
      description: The earliest expiration of the key's key materials. Null if none expires.
      type: str
      sample: "2027-09-17T20:00:00+00:00"
    current_key_material_id:
      description: The ID of the current key material of a symmetric encryption key. Null before the first import.
      type: str
      sample: 96083e4fb6dbc41d77578a213a6b6669c044dd4c143e96755396d2bf11fd6068
    rotation_started:
      description: The start of a rotation in progress. Null if none is known, or without C(kms:GetKeyRotationStatus).
      type: str
    materials:
      description:
        - The key materials of a symmetric encryption key, the current one first. Each has C(key_material_id), C(state),
          C(import_state), C(expiration_model), C(valid_to), C(rotation_date), and C(rotation_type) as in
          RV(cloudkeys.aws.kms_key_material_info#module:kms_keys[].materials), and a C(description) that includes the
          label. Null for other keys, and if the list could not be read.
      type: list
      elements: dict
    materials_unread:
      description: The reason why the list of key materials could not be read. Otherwise null.
      type: str
import:
  description: The import of the current or staged key material.
  returned: when it was imported
  type: dict
  contains:
    request_id:
      description: The ID of the ImportKeyMaterial request, as in CloudTrail.
      type: str
      sample: 7a9c4f3c-6d9c-4d5e-8b0a-9d5b1f3a2c11
    key_material_id:
      description: The key material ID from KMS, for symmetric encryption keys.
      type: str
    wrapping_algorithm:
      description:
        - The wrapping algorithm. Not returned, like the following fields, with O(encrypted_key_material_src).
      type: str
      sample: RSAES_OAEP_SHA_256
    wrapping_key_spec:
      description: The wrapping key spec.
      type: str
      sample: RSA_4096
    wrapping_public_key_sha256:
      description: The SHA-256 of the wrapping public key (SubjectPublicKeyInfo, DER), in hex.
      type: str
    parameters_valid_to:
      description: The expiration of the import token.
      type: str
      sample: "2026-09-18T20:00:00+00:00"
previous_imports:
  description: The imports of O(previous_key_materials), in order, with the fields of RV(import).
  returned: when any of them was imported
  type: list
  elements: dict
kms_keys:
  description:
    - The results for every Region, the primary key first. Each has RV(ignore:failed), RV(ignore:msg) (null if it did
      not fail), RV(ignore:changed) and, where applicable, RV(actions), RV(kms_key), RV(material_match),
      RV(material_match_by), RV(material_match_reason), RV(previous_key_materials), RV(import), RV(previous_imports),
      RV(actions_unconfirmed), and RV(kms_error).
    - The return values of the task are the ones of the primary key, except that RV(ignore:changed), RV(ignore:failed),
      and RV(ignore:msg) include every Region.
  returned: with O(replicas=true), when O(key_id) is a primary key
  type: list
  elements: dict
diff:
  description:
    - The C(before) and C(after) of the key. C(other_key_materials) contains the key materials of a symmetric encryption
      key other than the current one, by their IDs; in check mode, one without an ID is C(new key material). With
      O(replicas=true), a list with one diff for each Region.
  returned: when a decision was made
  type: raw
  sample:
    before: {key_state: PendingImport, expiration_model: null, valid_to: null}
    after: {key_state: Enabled, expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE, valid_to: null}
actions_unconfirmed:
  description:
    - The actions whose result is unknown, because the connection to the target or to KMS was lost before the answer.
      RV(ignore:changed) is then V(true). Run the task again; it checks the key first.
  returned: when the result of any action is unknown
  type: list
  elements: str
  sample: [import]
kms_error:
  description:
    - The KMS error that ended the task, in addition to RV(ignore:msg). It has C(operation), C(code), C(message), which
      can be empty, and C(request_id).
  returned: when KMS refused a request
  type: dict
  sample:
    operation: ImportKeyMaterial
    code: ExpiredImportTokenException
    message: ""
    request_id: 7a9c4f3c-6d9c-4d5e-8b0a-9d5b1f3a2c11
"""

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.aws_module import make_module
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.options import KEY_MATERIAL


def main() -> None:
    module = make_module(KEY_MATERIAL, supports_check_mode=True)
    module.fail_json(
        msg="This module requires its action plugin, which runs on the controller. Call it as"
        " cloudkeys.aws.kms_key_material from a task or with ansible -m, not through another action."
    )


if __name__ == "__main__":
    main()
