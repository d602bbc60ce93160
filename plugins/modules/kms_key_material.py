#!/usr/bin/python
# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_key_material
version_added: 0.1.0
short_description: Put key material into an AWS KMS key and keep it there
description:
  - Imports key material that was made outside AWS ("bring your own key") into a KMS key with the origin C(EXTERNAL),
    and from then on checks the key's origin and state, compares the expiration, and proves where it can that KMS
    holds this very material. When everything is as declared, it changes nothing.
  - The key material is read, compared and encrypted on the controller, in the memory of one process. What goes to the
    target and to KMS is encrypted under a wrapping public key of KMS. Nothing derived from symmetric key material
    leaves the controller but that ciphertext and the fingerprint of O(key_material_label).
  - B(Whoever chooses the wrapping public key can read the key material), and KMS signs nothing, so a wrapping public
    key that somebody put in the place of KMS's own cannot be detected, neither at once nor later. Therefore the task
    fails before it encrypts anything unless it runs on the controller (C(delegate_to=localhost), connection
    C(local)) against KMS's own endpoint over verified HTTPS; see O(wrapping_key_trust). An endpoint on loopback,
    such as an emulator, is allowed with a warning, unless the requests for it go over a proxy (C(HTTP_PROXY)).
  - Python cannot wipe memory. The key material stays in the memory of the worker process until that ends with the
    task.
  - How it is known that KMS holds the given key material depends on the key, and the result says which it was. For RSA
    and ECC keys the public keys are compared. For HMAC keys KMS verifies a MAC over a random message. KMS gives no
    proof for a symmetric encryption key; there the label in the description of the key material is compared
    (O(key_material_label)). A label is not a proof, since anyone who may import key material can copy it.
  - A symmetric encryption key can be rotated to other key material (O(on_different_material)), and needs all that it
    ever had. What the task gives in O(previous_key_materials) it keeps like the current one. It fails while another one
    is missing, because the key is not usable then, or when another one expires within O(renew_before). It warns of one
    that expires before the given one.
options:
  key_id:
    description:
      - The KMS key, by key ID, key ARN, alias name (C(alias/...)) or alias ARN.
      - A key ARN pins the key, its account and its Region. An alias names the key that anyone who may call
        C(kms:UpdateAlias) chooses; use one only where you trust these people as much as those who may import key
        material.
      - With an ARN the Region is taken from it, and O(region) need not be given; another O(region) fails.
    type: str
    required: true
    aliases: [key_arn]
  state:
    description:
      - V(present) - the key carries the given key material.
      - V(absent) - the key carries no current key material. The KMS key itself stays. B(Everything that uses the key
        stops working at once), until the same key material is imported again.
      - KMS cannot give key material back, so V(absent) needs the plaintext key material (O(key_material_src) or
        O(key_material); for several, O(previous_key_materials), too) as proof that you hold a copy, or O(force=true).
        Key material is deleted only when RV(material_match) is V(same). Where the match is unknown, KMS compares first.
        It imports the given key material once more with the same expiration, which changes nothing and which KMS
        refuses for any other key material. While the key is disabled or pending deletion KMS cannot compare, and the
        task fails.
      - O(key_material_id) and O(all_materials) say what else than the current key material is deleted. The whole key is
        unusable without any one of them, except one that is staged.
    type: str
    choices: [present, absent]
    default: present
  enabled:
    description:
      - Whether the key is enabled. When omitted, it is left alone.
      - An import enables a key. So when the key is disabled and an import is due, the task fails unless this is
        declared. With V(false) it first calls DisableKey, to make sure that it may, then imports, then disables the
        key again. Between these two the key is usable for a moment.
    type: bool
  force:
    description:
      - Import the key material again although nothing calls for it, and that of O(previous_key_materials), too. KMS
        then compares each with what was imported first. Still fails when the key is known to hold other key material.
      - With O(state=absent), delete key material without proof that you hold a copy of it. Key material that is given
        is compared all the same.
      - With V(true) the task is not idempotent.
    type: bool
    default: false
  on_unknown_material:
    description:
      - What to do when the key holds key material and nothing tells whether it is the given one. This is so when it
        was imported by other means, when the key material is given encrypted and no label of this ciphertext is found,
        and where a proof cannot be read.
      - V(fail) - fail. This is the default for plaintext key material.
      - V(accept) - take it for the given one, with a warning. This is the default for key material that was encrypted
        elsewhere, unless O(on_different_material) is V(stage) or V(rotate).
      - V(reimport) - import the given key material, naming the key material ID. KMS compares the two and refuses any
        other. Run a task once with it to adopt a symmetric encryption key whose key material was imported by other
        means. Where no label can be written, every run imports again.
      - When it is omitted, KMS compares the entries of O(previous_key_materials), and the plaintext key material of a
        task with O(on_different_material=stage) or V(rotate). Those are V(reimport).
      - When it is omitted, and the next run could not recognize the plaintext key material of a symmetric encryption
        key, the import is refused. This is so with O(key_material_label=false), without C(kms:ListKeyRotations), and
        for a replica key whose primary key has no label.
      - KMS cannot compare the key material of a disabled HMAC key without enabling it. There only an explicit V(fail)
        fails; otherwise the task warns and imports nothing.
      - Has no meaning with O(state=absent).
    type: str
    choices: [accept, fail, reimport]
  replicas:
    description:
      - Whether the task is for the replica keys of a multi-Region key, too. O(key_id) names the primary key. KMS copies
        no key material, so the task imports into the primary key, then into every replica key at the same time, each
        with its own wrapping public key, import token and expiration. Then it rotates the primary key, if a rotation is
        due.
      - Needs plaintext key material, since an import token is for one key in one Region.
      - A Region that fails fails the task, and the other Regions are done all the same. A rotation waits for all of
        them. RV(kms_keys) tells how each Region is.
      - With O(state=absent) the key material is deleted in every Region.
      - With V(false) the task is for the key that O(key_id) names alone. A replica key is named by its own ARN then. It
        takes no new key material before its primary key, no description, and is never rotated itself.
    type: bool
    default: false
  key_material_id:
    description:
      - With O(state=absent), the key material of a symmetric encryption key to delete, by its ID, instead of the
        current one. O(key_material_src) or an entry of O(previous_key_materials) gives the copy. It is 64 hex digits;
        RV(kms_key.materials) shows it. One that the key does not have fails.
      - Without an older key material the whole key is unusable. One that is staged is removed without harm.
      - While KMS rotates the key to it, one that is staged is not deleted without O(force=true).
    type: str
  all_materials:
    description:
      - With O(state=absent), delete every key material of the key, the current one last. Excludes O(key_material_id).
    type: bool
    default: false
  key_material_description:
    description:
      - Your own text for the description of the key material (KeyMaterialDescription), for symmetric encryption
        keys. The label follows it; both have at most 256 characters together. When omitted, the present text is kept.
      - When it differs from what KMS shows, the same key material is imported again, which sets it. KMS cannot remove a
        description, so an empty text is refused with O(key_material_label=false) where there is one.
    type: str
  key_material_label:
    description:
      - Whether to write a label at the end of the description of the key material of a symmetric encryption key, when
        the key material is imported. Later runs recognize the key material by it.
      - For plaintext key material it is C(cloudkeys.aws/v1:) and 32 hex digits, a fingerprint, HKDF-SHA256 (RFC 5869)
        of the key material with the key ID as context. For key material that was encrypted elsewhere it is
        C(cloudkeys.aws/v1c:) and the first 32 hex digits of the ciphertext's SHA-256. That says which file was
        imported, and nothing about the key material in it.
      - Anyone who may call ListKeyRotations or read CloudTrail sees the label. A fingerprint tells nothing about random
        key material, but lets guesses be checked; set this to V(false) for key material that could be guessed.
    type: bool
    default: true
  wait:
    description:
      - Wait until KMS shows the change. KMS is eventually consistent; that takes seconds, in rare cases minutes.
      - Also how long to wait for a key that is C(Creating) or C(Updating).
    type: bool
    default: true
  wait_timeout:
    description:
      - How long to wait, in seconds.
    type: int
    default: 300
notes:
  - The controller needs the Python package C(cryptography); the target, often the same machine, needs C(boto3) and
    C(botocore).
  - A run that is cut off anywhere is finished by the next one, a rotation included. No rotation is begun twice.
  - Check mode decides as a run would and makes no request that changes anything. What only KMS can tell, it foretells
    as RV(actions) V(reimport), the import by which KMS would be asked. When KMS says then that the key material is
    different, and O(on_different_material) says so, the run stages and rotates.
  - KMS allows one GetParametersForImport request a second for an account and Region. The task calls it only when an
    import is due, never in check mode, and waits and retries when KMS throttles.
  - "IAM: the last of the examples is a policy of least privilege. Without C(kms:ListKeyRotations), C(kms:VerifyMac) or
    C(kms:GetPublicKey) the match is V(unknown), and O(on_unknown_material) says what follows. C(kms:DisableKey) and
    C(kms:EnableKey) are needed where O(enabled) is declared, C(kms:DeleteImportedKeyMaterial) for O(state=absent)."
  - "IAM, for what a rotation needs beside that: C(kms:RotateKeyOnDemand), and C(kms:GetKeyRotationStatus), by which a
    run sees a rotation that is running. With O(replicas=true) every Region needs what the primary key's needs, but
    C(kms:RotateKeyOnDemand) is for the primary key alone."
requirements:
  - python >= 3.9 on the target, python >= 3.10 on the controller
  - botocore >= 1.38.31 and boto3 >= 1.38.31, on the target
  - cryptography >= 38.0.4, on the controller
seealso:
  - module: cloudkeys.aws.kms_external_key
  - module: cloudkeys.aws.kms_import_parameters
  - module: cloudkeys.aws.kms_wrapped_key_material
  - ref: ansible_collections.cloudkeys.aws.docsite.guide_rotation
    description: Rotate, replace or renew, and what a rotated key needs.
  - module: amazon.aws.kms_key_info
  - module: amazon.aws.kms_key
    description: Creates keys whose key material AWS makes; aliases, grants and tags of any key.
  - name: Importing key material for AWS KMS keys
    description: The AWS KMS Developer Guide on the procedure that this module carries out.
    link: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
  - name: ImportKeyMaterial
    description: The operation in the AWS KMS API Reference.
    link: https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
  - name: Rotate AWS KMS keys
    description: The AWS KMS Developer Guide on rotation on demand, and on what it costs.
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
- name: The payments key carries its material until September
  cloudkeys.aws.kms_key_material:
    key_id: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    key_material_src: payments.key
    valid_to: "2027-09-17T12:00:00-08:00"

- name: The same key, renewed every night when less than a month is left of a quarter of a year
  cloudkeys.aws.kms_key_material:
    key_id: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    key_material_src: payments.key
    valid_for: 90d
    renew_before: 30d

- name: Step 4 of the AWS guide, with files that were made elsewhere
  cloudkeys.aws.kms_key_material:
    key_id: 0987dcba-09fe-87dc-65ba-ab0987654321
    encrypted_key_material_src: EncryptedKeyMaterial.bin
    import_token_src: ImportToken.bin
    expiration_model: KEY_MATERIAL_EXPIRES
    valid_to: 2027-09-17T12:00:00-08:00
    region: eu-central-1

- name: A private key in an encrypted PEM file, for signing
  cloudkeys.aws.kms_key_material:
    key_id: alias/release-signing
    key_material_src: release-signing.pem
    key_material_passphrase_src: release-signing.passphrase
    expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE
    region: eu-central-1

- name: Key material from a secret manager
  cloudkeys.aws.kms_key_material:
    key_id: alias/ledger
    key_material: "{{ lookup('ansible.builtin.env', 'LEDGER_KEY_BASE64') }}"
    expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE
    region: eu-central-1
  no_log: true

- name: Key material that was encrypted on a machine without a network
  cloudkeys.aws.kms_key_material:
    key_id: alias/vault
    wrapped_bundle_src: stick/vault.wrapped.json
    expected_check_code: "{{ vault_check_code }}"
    valid_for: 90d
    renew_before: 30d
    region: eu-central-1

- name: Take the key material out of KMS; every use of the key fails from now on
  cloudkeys.aws.kms_key_material:
    key_id: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    key_material_src: payments.key
    state: absent

- name: From today the archive key encrypts with this year's material, in every Region
  cloudkeys.aws.kms_key_material:
    key_id: alias/archive
    key_material_src: archive-2027.key
    valid_for: 90d
    renew_before: 30d
    on_different_material: rotate
    previous_key_materials:
      - key_material_src: archive-2026.key
      - key_material_src: archive-2025.key
        valid_to: "2027-03-01T00:00:00Z"
    replicas: true
    region: eu-central-1

- name: Stage new key material; the key goes on with the current one
  cloudkeys.aws.kms_key_material:
    key_id: alias/settlement
    key_material_src: settlement-2027.key
    expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE
    on_different_material: stage
    region: eu-central-1

- name: In the change window, rotate to it
  cloudkeys.aws.kms_key_material:
    key_id: alias/settlement
    key_material_src: settlement-2027.key
    expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE
    on_different_material: rotate
    region: eu-central-1

- name: Take every key material of a key out of KMS, in every Region
  cloudkeys.aws.kms_key_material:
    key_id: alias/archive
    key_material_src: archive-2027.key
    previous_key_materials:
      - key_material_src: archive-2026.key
      - key_material_src: archive-2025.key
    all_materials: true
    replicas: true
    state: absent
    region: eu-central-1

- name: An IAM policy that is enough to keep the material of these keys as declared
  ansible.builtin.set_fact:
    key_material_policy:
      Version: "2012-10-17"
      Statement:
        - Sid: LookAtTheKeys
          Effect: Allow
          Action:
            - kms:DescribeKey
            - kms:ListKeyRotations # for symmetric encryption keys
            - kms:VerifyMac # for HMAC keys
            - kms:GetPublicKey # for RSA and ECC keys
          Resource: arn:aws:kms:eu-central-1:111122223333:key/*
        - Sid: EncryptWellOrNotAtAll
          Effect: Allow
          Action: kms:GetParametersForImport
          Resource: arn:aws:kms:eu-central-1:111122223333:key/*
          Condition:
            StringEquals:
              kms:WrappingAlgorithm: [RSAES_OAEP_SHA_256, RSA_AES_KEY_WRAP_SHA_256]
              kms:WrappingKeySpec: RSA_4096
        - Sid: ImportWhatExpires
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
    - What was done or, in check mode, would be done, in order. V(import) is the first import and every import after a
      loss; V(reimport) one over key material that is there. V(stage) is an import of new key material beside the
      current one, V(rotate) the rotation to it. V(delete), V(enable) and V(disable) are the others.
    - With O(replicas=true) those of the primary key; RV(kms_keys) has those of every Region.
  returned: always
  type: list
  elements: str
  sample: [import]
material_match:
  description:
    - Whether KMS holds the given key material as the current one, V(same), V(different) or V(unknown).
    - It is V(different) while the given one is staged, which is no failure with O(on_different_material=stage).
  returned: always
  type: str
  sample: same
material_match_by:
  description:
    - How that is known. V(public_key) and V(mac) are proofs by KMS at this moment; V(kms_import) says that KMS took,
      or refused, exactly these bytes in this run; V(label) says that the description of the key material carries the
      label of what was given, which anyone who may import key material can copy; V(none).
  returned: always
  type: str
  sample: label
material_match_reason:
  description:
    - Why the match is V(unknown), or what is V(different). Null when it is V(same).
  returned: always
  type: str
  sample: the current key material 96083e4f has no label of this collection
previous_key_materials:
  description:
    - Which key material of the key each entry of O(previous_key_materials) is, in their order.
  returned: when O(previous_key_materials) is given and the key could be described
  type: list
  elements: dict
  contains:
    key_material_id:
      description: The key material ID, null where it is not known.
      type: str
      sample: 0f5c2b7e3d1a49684c5e6f708192a3b4c5d6e7f80912a3b4c5d6e7f8091a2b3c
    material_match:
      description: V(same) for a key material of the key, V(different) for none of them, or V(unknown).
      type: str
      sample: same
    material_match_by:
      description: V(label), V(kms_import) or V(none), as RV(material_match_by).
      type: str
      sample: label
    material_match_reason:
      description: Why it is not V(same), otherwise null.
      type: str
      sample: null
kms_key:
  description:
    - The key as KMS shows it at the end of the task.
  returned: when the key could be described
  type: dict
  contains:
    key_id:
      description: The key ID, without Region and account.
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
    key_spec:
      description: The key spec.
      type: str
      sample: SYMMETRIC_DEFAULT
    key_usage:
      description: The key usage.
      type: str
      sample: ENCRYPT_DECRYPT
    origin:
      description: The origin of the key material, V(EXTERNAL) for imported key material.
      type: str
      sample: EXTERNAL
    key_manager:
      description: V(CUSTOMER), or V(AWS) for an AWS managed key.
      type: str
      sample: CUSTOMER
    key_state:
      description: The key state.
      type: str
      sample: Enabled
    enabled:
      description: Whether the key state is V(Enabled).
      type: bool
      sample: true
    expiration_model:
      description: The expiration model, null while there is no key material.
      type: str
      sample: KEY_MATERIAL_EXPIRES
    valid_to:
      description:
        - When key material of the key expires next, in ISO 8601, UTC. Null while there is none, or when it does not
          expire.
      type: str
      sample: "2027-09-17T20:00:00+00:00"
    current_key_material_id:
      description: The ID of the current key material of a symmetric encryption key, null before the first import.
      type: str
      sample: 96083e4fb6dbc41d77578a213a6b6669c044dd4c143e96755396d2bf11fd6068
    deletion_date:
      description: When KMS will delete the key, if that is scheduled.
      type: str
      sample: null
    multi_region:
      description: Whether this is a multi-Region key.
      type: bool
      sample: false
    multi_region_key_type:
      description: V(PRIMARY) or V(REPLICA), null for a single-Region key.
      type: str
      sample: null
    primary_region:
      description: The Region of the primary key, null for a single-Region key.
      type: str
      sample: null
    replica_regions:
      description: The Regions of the replica keys, of the primary key and of its replicas alike.
      type: list
      elements: str
      sample: []
    rotation_started:
      description:
        - When a rotation began that has not ended yet, in ISO 8601, UTC. Null when none is known to run; without
          C(kms:GetKeyRotationStatus) that cannot be known.
      type: str
      sample: null
    materials:
      description:
        - Every key material of a symmetric encryption key, the current one first. Null for other keys, and where the
          list could not be read.
      type: list
      elements: dict
      contains:
        key_material_id:
          description: The key material ID.
          type: str
        state:
          description: V(CURRENT), V(NON_CURRENT), V(PENDING_ROTATION) or V(PENDING_MULTI_REGION_IMPORT_AND_ROTATION).
          type: str
        import_state:
          description: V(IMPORTED) or V(PENDING_IMPORT).
          type: str
        description:
          description: The description, with the label.
          type: str
        expiration_model:
          description: The expiration model of this key material.
          type: str
        valid_to:
          description: When this key material expires.
          type: str
        rotation_date:
          description:
            - When a rotation made this the current key material, in ISO 8601, UTC. Null for the first one, and before
              its rotation.
          type: str
        rotation_type:
          description: V(ON_DEMAND), or null before a rotation and for the first key material.
          type: str
    materials_unread:
      description: Why the list of key materials could not be read, otherwise null.
      type: str
      sample: null
import:
  description:
    - What was imported of the task's own key material.
  returned: when it was imported
  type: dict
  contains:
    request_id:
      description: The ID of the ImportKeyMaterial request, as CloudTrail shows it.
      type: str
      sample: 7a9c4f3c-6d9c-4d5e-8b0a-9d5b1f3a2c11
    key_material_id:
      description: The key material ID that KMS gave, for symmetric encryption keys.
      type: str
      sample: 96083e4fb6dbc41d77578a213a6b6669c044dd4c143e96755396d2bf11fd6068
    wrapping_algorithm:
      description:
        - The wrapping algorithm. Absent, with what follows, for O(encrypted_key_material_src).
      type: str
      sample: RSAES_OAEP_SHA_256
    wrapping_key_spec:
      description: The wrapping key spec.
      type: str
      sample: RSA_4096
    wrapping_public_key_sha256:
      description: SHA-256 of the wrapping public key (SubjectPublicKeyInfo, DER), hex.
      type: str
      sample: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
    parameters_valid_to:
      description: When the import token expires.
      type: str
      sample: "2026-09-18T20:00:00+00:00"
previous_imports:
  description:
    - What was imported of O(previous_key_materials), in the order of the imports, in the fields of RV(import).
  returned: when some of them were imported
  type: list
  elements: dict
kms_keys:
  description:
    - The result in every Region, the primary key first. Each entry has RV(ignore:failed) and RV(ignore:msg), which is
      null when it has not failed, and of the fields of the task RV(ignore:changed), RV(actions), RV(kms_key),
      RV(material_match), RV(material_match_by), RV(material_match_reason), RV(previous_key_materials), RV(import),
      RV(previous_imports), RV(actions_unconfirmed) and RV(kms_error), where the task would have them. The Region is
      RV(kms_key.region).
    - The task's own fields are those of the primary key, but RV(ignore:changed) and RV(ignore:failed) are true when
      they are in any Region, and RV(ignore:msg) has every failure.
  returned: with O(replicas=true), when O(key_id) names a primary key
  type: list
  elements: dict
diff:
  description:
    - C(before) and C(after) of the key, with its ARN as their headers. With O(replicas=true) a list of these, one for
      each Region. Of a symmetric encryption key C(other_key_materials) has the key materials beside the current one, by
      their IDs. In check mode new key material, which has no ID yet, is called C(new key material).
  returned: when a decision was made
  type: raw
  sample:
    before_header: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    after_header: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    before: {key_state: PendingImport, expiration_model: null, valid_to: null}
    after: {key_state: Enabled, expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE, valid_to: null}
actions_unconfirmed:
  description:
    - Actions of which nobody knows whether KMS has carried them out, because the target or the network was lost before
      the answer came. RV(ignore:changed) is V(true) then. Run again, which looks first.
  returned: when there are some
  type: list
  elements: str
  sample: [import]
kms_error:
  description:
    - The error of KMS that ended the task, beside the sentence in RV(ignore:msg).
  returned: when KMS refused a request
  type: dict
  contains:
    operation:
      description: The operation.
      type: str
      sample: ImportKeyMaterial
    code:
      description: KMS's error code.
      type: str
      sample: ExpiredImportTokenException
    message:
      description: KMS's own message, which may be empty.
      type: str
      sample: ""
    request_id:
      description: The request ID.
      type: str
      sample: 7a9c4f3c-6d9c-4d5e-8b0a-9d5b1f3a2c11
"""

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.aws_module import make_module
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.options import KEY_MATERIAL


def main() -> None:
    module = make_module(KEY_MATERIAL, supports_check_mode=True)
    module.fail_json(
        msg="This module does nothing without its action plugin, which runs on the controller. Call it as"
        " cloudkeys.aws.kms_key_material from a task or with ansible -m, not through another action."
    )


if __name__ == "__main__":
    main()
