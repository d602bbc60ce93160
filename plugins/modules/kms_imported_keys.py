#!/usr/bin/python
# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_imported_keys
version_added: 0.1.0
short_description: Manage many AWS KMS keys and their imported key material in one task
description:
  - Manages a list of keys as M(cloudkeys.aws.kms_external_key) and M(cloudkeys.aws.kms_key_material) manage one key. It
    creates missing keys, keeps the alias, description, tags, and key policy of each key, and imports and renews its key
    material, in all Regions of the key. For one key, use the role P(cloudkeys.aws.imported_key#role).
  - The list is in the task (O(kms_keys)), or in a YAML or CSV file (O(kms_keys_src)). Options of the task apply to
    every key. Options of an entry apply to its key and take precedence.
  - B(All errors in the list itself are reported together, before the first KMS request), with the entry and, for a
    file, the line. The task then reads all keys. An error that is found now, such as key material of a wrong length or
    a missing expiration, fails only its key. The first key is changed after all keys were read.
  - The keys are processed concurrently within the request quotas of KMS. If a key fails, the task continues with the
    others and fails at the end; see O(max_failures) and O(canary).
  - If every key is as declared, nothing changes. The next run completes an interrupted run.
  - B(The list contains files and no secret values), because lists are displayed, stored, and passed on. For a value
    from the lookup plugin of a secret manager, use M(cloudkeys.aws.kms_key_material) with C(no_log=true) on the task.
  - The task deletes nothing. A key that is removed from the list is not changed, but its key material is no longer
    renewed and expires. To delete a key or its key material, use the modules for one key.
  - B(Anyone who controls the wrapping public key can read your key material); see O(wrapping_key_trust). The key
    material of all keys in the list stays in the memory of the worker process until the task ends; see
    R(the guide, ansible_collections.cloudkeys.aws.docsite.guide_who_can_read).
options:
  kms_keys:
    description:
      - The keys. Each entry identifies a key by O(kms_keys[].alias) or O(kms_keys[].key_id). Two entries for the same
        key are refused, as is an empty list.
      - An option that an entry omits has the value of the task. Null means omitted, except that it is refused for
        O(kms_keys[].expected_check_code).
      - An entry without key material manages only the key and requires an alias.
      - Mutually exclusive with O(kms_keys_src).
    type: list
    elements: dict
    suboptions:
      alias:
        description:
          - The alias of the key, with or without the prefix C(alias/). If it does not exist, the key is created.
        type: str
        aliases: [key_alias]
      key_id:
        description:
          - The key ID or key ARN of an existing key. An entry that manages only key material can also use an alias name
            or alias ARN. An ARN also sets the Region.
          - With O(kms_keys[].alias), the alias is created if it does not exist, and is never moved.
        type: str
        aliases: [key_arn]
      region:
        description: The Region of this key, in place of O(region).
        type: str
        aliases: [aws_region]
      key_spec:
        description: See O(key_spec).
        type: str
        choices:
          - SYMMETRIC_DEFAULT
          - HMAC_224
          - HMAC_256
          - HMAC_384
          - HMAC_512
          - RSA_2048
          - RSA_3072
          - RSA_4096
          - ECC_NIST_P256
          - ECC_NIST_P384
          - ECC_NIST_P521
          - ECC_SECG_P256K1
          - ECC_NIST_EDWARDS25519
      key_usage:
        description: See O(key_usage).
        type: str
        choices: [ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT]
      multi_region:
        description: See O(multi_region).
        type: bool
      replica_regions:
        description: See O(replica_regions). Replaces the value of the task.
        type: list
        elements: str
      description:
        description: See O(description).
        type: str
      policy:
        description: See O(policy).
        type: json
      bypass_policy_lockout_safety_check:
        description: See O(bypass_policy_lockout_safety_check).
        type: bool
      tags:
        description: Tags of this key. They are added to O(tags) and override tags with the same name.
        type: dict
        aliases: [resource_tags]
      purge_tags:
        description: See O(purge_tags).
        type: bool
      enabled:
        description: See O(enabled).
        type: bool
      key_material_src:
        description:
          - A file on the controller that contains the plaintext key material; see
            O(cloudkeys.aws.kms_key_material#module:key_material_src).
          - A relative path in a O(kms_keys_src) file starts at the folder of that file.
        type: path
      key_material_passphrase_src:
        description:
          - A file on the controller that contains the passphrase of an encrypted private key; see
            O(cloudkeys.aws.kms_key_material#module:key_material_passphrase_src).
        type: path
      key_material_format:
        description: See O(key_material_format).
        type: str
        choices: [auto, raw, base64, hex, pem, der]
      key_material_description:
        description: See O(key_material_description).
        type: str
      key_material_label:
        description: See O(key_material_label).
        type: bool
      encrypted_key_material_src:
        description:
          - A file on the controller that contains encrypted key material; see
            O(cloudkeys.aws.kms_key_material#module:encrypted_key_material_src). Requires
            O(kms_keys[].import_token_src).
        type: path
      import_token_src:
        description: A file on the controller that contains its import token.
        type: path
      wrapped_bundle_src:
        description:
          - A file on the controller that contains a wrapped bundle; see
            O(cloudkeys.aws.kms_key_material#module:wrapped_bundle_src).
        type: path
      expected_check_code:
        description:
          - The check code of the wrapped bundle; see O(cloudkeys.aws.kms_key_material#module:expected_check_code).
            Null, or an empty CSV cell next to a bundle, is refused, so that an oversight does not disable the
            comparison.
        type: str
      expiration_model:
        description:
          - See O(expiration_model). If an entry sets this or O(kms_keys[].valid_to), all expiration options of the task
            are ignored for it.
        type: str
        choices: [KEY_MATERIAL_EXPIRES, KEY_MATERIAL_DOES_NOT_EXPIRE]
      valid_to:
        description: See O(valid_to).
        type: str
      valid_for:
        description:
          - See O(valid_for). An entry can set this or O(kms_keys[].renew_before) and use the other from the task.
            O(valid_to) and O(expiration_model) of the task are then ignored.
        type: str
      renew_before:
        description: See O(renew_before).
        type: str
      on_unknown_material:
        description: See O(on_unknown_material).
        type: str
        choices: [accept, fail, reimport]
      on_different_material:
        description: See O(on_different_material).
        type: str
        choices: [fail, stage, rotate]
      rotation_timeout:
        description: See O(rotation_timeout).
        type: int
      previous_key_materials:
        description:
          - The older key materials of a rotated symmetric encryption key, the newest first; see
            O(cloudkeys.aws.kms_key_material#module:previous_key_materials). Only files. Not available in CSV.
        type: list
        elements: dict
        suboptions:
          key_material_src:
            description: See O(kms_keys[].key_material_src).
            type: path
          key_material_format:
            description:
              - See O(key_material_format). The values of the task and the entry apply only to the current key material.
            type: str
            choices: [auto, raw, base64, hex, pem, der]
            default: auto
          key_material_passphrase_src:
            description: Not used for symmetric key material.
            type: path
          encrypted_key_material_src:
            description: See O(kms_keys[].encrypted_key_material_src).
            type: path
          import_token_src:
            description: The import token of this entry.
            type: path
          wrapped_bundle_src:
            description: See O(kms_keys[].wrapped_bundle_src).
            type: path
          expected_check_code:
            description: The check code of this bundle.
            type: str
          key_material_id:
            description: The key material ID, 64 hex digits, for an entry without a label.
            type: str
          expiration_model:
            description: See O(expiration_model). Without an expiration, the one of the entry applies.
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
      replicas:
        description: See O(replicas).
        type: bool
      force:
        description: See O(force).
        type: bool
      wrapping_algorithm:
        description: See O(wrapping_algorithm).
        type: str
        choices: [RSAES_OAEP_SHA_256, RSAES_OAEP_SHA_1, RSA_AES_KEY_WRAP_SHA_256, RSA_AES_KEY_WRAP_SHA_1]
      wrapping_key_spec:
        description: See O(wrapping_key_spec).
        type: str
        choices: [RSA_2048, RSA_3072, RSA_4096]
      wrapping_key_trust:
        description: See O(wrapping_key_trust).
        type: str
        choices: [kms_direct, target]
      wait:
        description: See O(wait).
        type: bool
      wait_timeout:
        description: See O(wait_timeout).
        type: int
  kms_keys_src:
    description:
      - A file on the controller that contains the list, in UTF-8 with or without a byte order mark. Its name ends in
        C(.yml), C(.yaml), or C(.csv). It is searched for like the source file of M(ansible.builtin.copy). A file
        encrypted with Ansible Vault is decrypted in memory only.
      - The file contains no templates and no defaults for its keys. Use the options of the task.
      - B(YAML) - the list, or a dictionary with the list as C(kms_keys). Entries have the options of O(kms_keys).
        Values are used as written, so V(0123) is text and not a number. Anchors, aliases, and merge keys (C(<<)) are
        allowed. Tags such as C(!vault), and duplicate names, are refused.
      - B(CSV) (RFC 4180) - the first line contains option names, and each other line is a key. The delimiter is a comma
        or a semicolon. An empty cell is an omitted option. Blank lines are ignored. A line with a different number of
        cells than the first line is refused.
      - In CSV, O(kms_keys[].tags) is a cell such as V(owner=treasury env=prod), or one column for each tag, such as
        C(tags.owner). O(kms_keys[].replica_regions) contains Regions separated by spaces, and O(kms_keys[].policy)
        contains JSON. O(kms_keys[].previous_key_materials) requires YAML.
      - Mutually exclusive with O(kms_keys).
    type: path
  folder:
    description:
      - The folder on the controller at which relative paths in O(kms_keys), and O(kms_keys_src) itself, start. Paths in
        a O(kms_keys_src) file always start at the folder of that file.
      - If omitted, files are searched for like files of a role or playbook.
    type: path
  max_failures:
    description:
      - The number of keys that can fail, or a percentage of all keys in the list, such as V(10%), rounded down. If more
        keys fail, no other key is started. Keys in progress are completed. With V(0), the first failure stops the run.
      - If omitted, every key is processed.
    type: str
  canary:
    description:
      - The keys to process first. The other keys are started only if all of them succeed.
      - A list of O(kms_keys[].alias) or O(kms_keys[].key_id) values, or a number of keys, for the first keys that
        require a change.
    type: raw
  spread:
    description:
      - Whether key material expires at different times, so that not all keys require renewal on the same day. For keys
        with O(valid_for) and O(renew_before).
      - Each import shortens O(valid_for) by the position of the entry in the list. The expirations are distributed over
        a period of O(renew_before), and at most half of the difference between the two options.
    type: bool
    default: false
  quotas:
    description:
      - The request quotas of your account in each Region, in requests per second, by KMS operation, such as
        C(GetParametersForImport) and C(ImportKeyMaterial). Operations that you omit have the default quotas of AWS. Set
        a higher value if AWS has raised a quota, or a lower one to leave capacity for other callers.
      - C(GetParametersForImport), with a default of one per second, limits the speed of first imports and renewals.
    type: dict
  key_spec:
    description:
      - The key spec of a new key. If omitted, it is V(SYMMETRIC_DEFAULT). An existing key with a different key spec
        fails, because KMS cannot change it.
    type: str
    choices:
      - SYMMETRIC_DEFAULT
      - HMAC_224
      - HMAC_256
      - HMAC_384
      - HMAC_512
      - RSA_2048
      - RSA_3072
      - RSA_4096
      - ECC_NIST_P256
      - ECC_NIST_P384
      - ECC_NIST_P521
      - ECC_SECG_P256K1
      - ECC_NIST_EDWARDS25519
  key_usage:
    description:
      - The key usage of a new key. If omitted, it is the only key usage of the key spec; see
        O(cloudkeys.aws.kms_external_key#module:key_usage).
    type: str
    choices: [ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT]
  multi_region:
    description:
      - Whether a new key is a multi-Region primary key. If omitted, it is a single-Region key.
    type: bool
  replica_regions:
    description:
      - The Regions in which the key has replica keys; see O(cloudkeys.aws.kms_external_key#module:replica_regions).
        They are created, and their key material imported, after the import into the primary key.
      - Requires O(multi_region=true), unless the entry has O(kms_keys[].key_id).
    type: list
    elements: str
  description:
    description:
      - The description of the key, at most 8192 characters. Do not include secrets, because CloudTrail logs it.
    type: str
  policy:
    description:
      - The key policy, a JSON document of at most 32 KiB. If omitted, a new key has the default key policy of KMS.
    type: json
  bypass_policy_lockout_safety_check:
    description:
      - Whether KMS accepts a key policy that prevents the caller from changing it again. B(Only AWS Support can then
        make the key manageable again.) Used only if a key policy is set.
    type: bool
    default: false
  enabled:
    description:
      - Whether the key is enabled. If omitted, it is not changed, and a disabled key that requires an import fails,
        because an import enables it.
    type: bool
  key_material_format:
    description:
      - The format of the key material; see O(cloudkeys.aws.kms_key_material#module:key_material_format).
    type: str
    choices: [auto, raw, base64, hex, pem, der]
    default: auto
  key_material_description:
    description:
      - Your text in the description of the key material of symmetric encryption keys; see
        O(cloudkeys.aws.kms_key_material#module:key_material_description).
    type: str
  key_material_label:
    description:
      - Whether an import adds a label, by which later runs recognize the key material, to the description of the key
        material of symmetric encryption keys; see O(cloudkeys.aws.kms_key_material#module:key_material_label).
    type: bool
    default: true
  on_unknown_material:
    description:
      - What to do if the key holds key material and the match is unknown; see
        O(cloudkeys.aws.kms_key_material#module:on_unknown_material).
    type: str
    choices: [accept, fail, reimport]
  on_different_material:
    description:
      - What to do if the key is known to hold different key material; see
        O(cloudkeys.aws.kms_key_material#module:on_different_material). V(stage) and V(rotate) are for symmetric
        encryption keys. Consider setting them in entries instead of for all keys.
    type: str
    choices: [fail, stage, rotate]
    default: fail
  rotation_timeout:
    description:
      - How long to wait until KMS has rotated a key, in seconds, at least 1. Other keys are processed meanwhile. If the
        time expires, the key fails while KMS continues the rotation; run the task again.
    type: int
    default: 900
  replicas:
    description:
      - Whether the key material is imported into all replica keys of the key also, including ones that
        O(replica_regions) does not list. If omitted, this is the case if O(replica_regions) lists any. Requires
        plaintext key material.
    type: bool
  force:
    description:
      - Reimport the key material even if no import is required. With V(true), the task is not idempotent.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait for keys that are C(Creating) or C(Updating), and until KMS reports the changes to each key and
        its key material, which takes seconds, in rare cases minutes.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long to wait for each of these for one key, in seconds, at least 1. If the time expires, the key fails and
        changes that KMS accepted remain; run the task again.
    type: int
    default: 300
notes:
  - Run the task on the controller (C(delegate_to=localhost), connection C(local)). It displays its progress every few
    seconds, and with C(-v) the decision for each key.
  - Check mode reads every key and makes the same decisions. It makes no changes and no C(GetParametersForImport)
    requests. A key that would be created has no RV(kms_keys[].arn) and no RV(kms_keys[].kms_key).
  - The task warns of keys that have the same key material, and of a day on which many of the newly imported keys
    expire.
  - If the results of very many keys exceed the limit of AWX, the results of unchanged keys are shortened first; see
    RV(kms_keys_shortened).
  - "IAM: the last example is a least-privilege policy. M(cloudkeys.aws.kms_external_key) and
    M(cloudkeys.aws.kms_key_material) explain the permissions. Creating multi-Region keys also requires
    C(iam:CreateServiceLinkedRole)."
requirements:
  - python >= 3.9 on the target, python >= 3.10 on the controller
  - botocore >= 1.38.31 and boto3 >= 1.38.31, on the target
  - cryptography >= 38.0.4, on the controller
seealso:
  - module: cloudkeys.aws.kms_external_key
  - module: cloudkeys.aws.kms_key_material
  - module: cloudkeys.aws.kms_key_material_info
  - ref: ansible_collections.cloudkeys.aws.docsite.guide_fleet
    description: Many keys in one task.
  - ref: ansible_collections.cloudkeys.aws.docsite.guide_renewal
    description: Renewing key material before it expires.
  - name: Request quotas
    description: The requests per second of each operation, in the AWS KMS Developer Guide.
    link: https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
author:
  - The cloudkeys.aws authors (@cloudkeys)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - cloudkeys.aws.account
  - cloudkeys.aws.expiration
  - cloudkeys.aws.wrapping
  - cloudkeys.aws.attributes
"""

EXAMPLES = r"""
- name: Manage the keys of the payments platform
  cloudkeys.aws.kms_imported_keys:
    key_material_format: raw
    valid_for: 90d
    renew_before: 30d
    kms_keys:
      - alias: alias/payments
        key_material_src: payments.key
        tags:
          owner: treasury
      - key_id: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
        key_material_src: ledger.key
        valid_for: 180d
    region: eu-central-1

- name: Preview the changes to each key
  cloudkeys.aws.kms_imported_keys:
    kms_keys_src: keys.yml
    valid_for: 90d
    renew_before: 30d
    region: eu-central-1
  check_mode: true
  register: preview

- name: Manage the keys in a spreadsheet, two keys first, and stop if more than 5% fail
  cloudkeys.aws.kms_imported_keys:
    kms_keys_src: keys.csv
    valid_for: 90d
    renew_before: 30d
    spread: true
    canary: [alias/canary, alias/staging]
    max_failures: 5%
    region: eu-central-1
  register: kept

- name: Display the earliest expiration
  ansible.builtin.debug:
    msg: "{{ kept.summary.soonest_expiry }}"

- name: Create a YAML list
  ansible.builtin.copy:
    dest: keys.yml
    content: |
      - alias: alias/payments
        key_material_src: payments.key
        description: Encrypts payment files
        tags: {owner: treasury}

      - alias: alias/ledger
        key_material_src: ledger-2027.key
        on_different_material: rotate
        previous_key_materials:
          - key_material_src: ledger-2026.key
        multi_region: true
        replica_regions: [eu-west-1, eu-north-1]

      - alias: alias/release-signing
        key_spec: ECC_NIST_P256
        key_usage: SIGN_VERIFY
        key_material_src: release-signing.pem
        key_material_passphrase_src: release-signing.passphrase
        expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE

      - key_id: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
        wrapped_bundle_src: stick/vault.wrapped.json
        expected_check_code: 4TQX-WM2C-VZ6N-H3RA-OJ7K
        valid_to: 2027-09-17T12:00:00-08:00
    mode: "0644"

- name: Create a CSV list
  ansible.builtin.copy:
    dest: keys.csv
    content: |
      alias,region,key_material_src,key_spec,description,multi_region,replica_regions,tags.owner,tags.env
      alias/canary,,canary.key,,"Canary, no data",,,platform,prod
      alias/staging,,staging.key,,,,,platform,staging
      alias/payments,,payments.key,,Encrypts payment files,true,eu-west-1 eu-north-1,treasury,prod
      alias/tokens,us-east-1,tokens.key,HMAC_256,,,,treasury,prod
    mode: "0644"

- name: Define a least-privilege IAM policy for these keys
  ansible.builtin.set_fact:
    imported_keys_policy:
      Version: "2012-10-17"
      Statement:
        - Sid: CreateKeysForImportedMaterial
          Effect: Allow
          Action: kms:CreateKey
          Resource: "*"
          Condition:
            StringEquals:
              kms:KeyOrigin: EXTERNAL
        - Sid: FindKeys
          Effect: Allow
          Action:
            - kms:ListAliases
            - kms:ListKeys
          Resource: "*"
        - Sid: ManageKeys
          Effect: Allow
          Action:
            - kms:CancelKeyDeletion # to cancel a deletion
            - kms:CreateAlias # also on the alias
            - kms:DescribeKey
            - kms:DisableKey # for enabled
            - kms:EnableKey # for enabled
            - kms:GetKeyPolicy # for policy
            - kms:GetKeyRotationStatus # for on_different_material
            - kms:GetPublicKey # for RSA and ECC keys
            - kms:ListKeyRotations # for symmetric encryption keys
            - kms:ListResourceTags
            - kms:PutKeyPolicy # for policy
            - kms:ReplicateKey # for replica_regions
            - kms:RotateKeyOnDemand # for on_different_material
            - kms:TagResource # also for CreateKey
            - kms:UntagResource
            - kms:UpdateKeyDescription # for description
            - kms:VerifyMac # for HMAC keys
          Resource:
            # For replica_regions and entries in other Regions, also in those Regions.
            - arn:aws:kms:eu-central-1:111122223333:key/*
            - arn:aws:kms:eu-central-1:111122223333:alias/*
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
kms_keys:
  description:
    - The results for the keys, in the order of the list. In check mode, the expected results.
  returned: when the list has no errors and no two entries are the same key
  type: list
  elements: dict
  contains:
    name:
      description: The key as given in its entry, the key ID or key ARN, otherwise the alias with the prefix C(alias/).
      type: str
      sample: alias/payments
    region:
      description: The Region of the key. Null if it is the one of the task and the key could not be read.
      type: str
      sample: eu-central-1
    arn:
      description: The key ARN. Null if the key does not exist or could not be read.
      type: str
      sample: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    changed:
      description: Whether anything changed or, in check mode, would change.
      type: bool
      sample: true
    failed:
      description: Whether the key is not as declared in any of its Regions.
      type: bool
      sample: false
    started:
      description:
        - Whether the key was processed. V(false) if the run stopped before, because of O(max_failures) or O(canary),
          and required changes to this key were not made.
      type: bool
      sample: true
    msg:
      description: The reason why the key failed. Otherwise null.
      type: str
      sample: null
    actions:
      description:
        - The actions that were performed or, in check mode, would be performed, in order; see
          RV(cloudkeys.aws.kms_external_key#module:actions) for actions on the key, and
          RV(cloudkeys.aws.kms_key_material#module:actions) for actions on its key material.
      type: list
      elements: str
      sample: [create_key, create_alias, untag_resource, import]
    valid_to:
      description:
        - The earliest expiration of the key's key materials, in ISO 8601, UTC. In check mode, the expected expiration.
          Null if none expires or it is unknown.
      type: str
      sample: "2027-02-26T16:05:00+00:00"
    kms_key:
      description:
        - The key as KMS reports it at the end of the task; see RV(cloudkeys.aws.kms_key_material#module:kms_key). If
          the entry also manages the key, it includes the C(description) and C(tags) of
          RV(cloudkeys.aws.kms_external_key#module:kms_key).
      returned: when the key exists and could be read
      type: dict
    material_match:
      description: See RV(cloudkeys.aws.kms_key_material#module:material_match).
      returned: when the entry contains key material and the key exists
      type: str
      sample: same
    material_match_by:
      description: See RV(cloudkeys.aws.kms_key_material#module:material_match_by).
      returned: when the entry contains key material and the key exists
      type: str
      sample: kms_import
    material_match_reason:
      description: See RV(cloudkeys.aws.kms_key_material#module:material_match_reason).
      returned: when the entry contains key material and the key exists
      type: str
      sample: null
    previous_key_materials:
      description: See RV(cloudkeys.aws.kms_key_material#module:previous_key_materials).
      returned: when the entry contains them and the key could be described
      type: list
      elements: dict
    import:
      description: See RV(cloudkeys.aws.kms_key_material#module:import).
      returned: when the key material was imported
      type: dict
    previous_imports:
      description: See RV(cloudkeys.aws.kms_key_material#module:previous_imports).
      returned: when any of them was imported
      type: list
      elements: dict
    regions:
      description:
        - The results for the key material in every Region of a multi-Region key, the primary key first; see
          RV(cloudkeys.aws.kms_key_material#module:kms_keys).
      returned: when the key material is also imported into replica keys
      type: list
      elements: dict
    replicas:
      description: The replica keys; see RV(cloudkeys.aws.kms_external_key#module:replicas).
      returned: when O(replica_regions) lists any Regions for this key
      type: list
      elements: dict
    actions_unconfirmed:
      description:
        - The actions in RV(kms_keys[].actions) whose result is unknown, because the answer was lost.
          RV(kms_keys[].changed) is then V(true). The next run checks the key first.
      returned: when the result of any action is unknown
      type: list
      elements: str
      sample: [import]
    kms_error:
      description: The KMS error; see RV(cloudkeys.aws.kms_key_material#module:kms_error).
      returned: when KMS refused a request
      type: dict
summary:
  description:
    - The numbers of keys. Each key is counted as changed, unchanged, failed, or not started. A key that was changed
      before it failed is counted as failed.
  returned: when the list has no errors and no two entries are the same key
  type: dict
  contains:
    total:
      description: All keys in the list.
      type: int
      sample: 120
    changed:
      description: Keys that were changed or, in check mode, would be changed.
      type: int
      sample: 7
    unchanged:
      description: Keys that are as declared.
      type: int
      sample: 112
    failed:
      description: Keys that are not as declared.
      type: int
      sample: 1
    not_started:
      description: Keys that were not processed.
      type: int
      sample: 0
    soonest_expiry:
      description: The earliest of RV(kms_keys[].valid_to). Null if no key material expires.
      type: str
      sample: "2026-12-27T16:05:00+00:00"
kms_keys_shortened:
  description:
    - Whether RV(kms_keys) was shortened, because AWX drops results that are too long. Entries of unchanged keys, and
      then of others, contain only RV(kms_keys[].name), RV(kms_keys[].region), RV(kms_keys[].arn),
      RV(kms_keys[].changed), RV(kms_keys[].failed), RV(kms_keys[].started), RV(kms_keys[].actions),
      RV(kms_keys[].msg), and RV(kms_keys[].valid_to).
  returned: when it was shortened
  type: bool
  sample: true
kms_keys_left_out:
  description:
    - The number of entries that are not in RV(kms_keys), because even shortened entries of all keys would be too long.
      Unchanged keys are omitted first, and RV(kms_keys[].msg) is truncated after 300 characters. RV(summary) counts all
      keys.
  returned: when any entry is omitted
  type: int
  sample: 3000
diff:
  description:
    - The C(before) and C(after) of each changed key, and of its key material in each Region; see
      RV(cloudkeys.aws.kms_key_material#module:diff). Diffs that exceed the size limit of the result are omitted.
  returned: when anything changed or, in check mode, would change
  type: list
  elements: dict
  sample:
    - before_header: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
      after_header: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
      before: {key_state: PendingImport, expiration_model: null, valid_to: null}
      after: {key_state: Enabled, expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE, valid_to: null}
"""

from ansible_collections.cloudkeys.aws.plugins.module_utils._fleet.options import IMPORTED_KEYS
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.aws_module import make_module


def main() -> None:
    lists = ("kms_keys", "kms_keys_src")
    module = make_module(IMPORTED_KEYS, supports_check_mode=True, mutually_exclusive=[lists], required_one_of=[lists])
    module.fail_json(
        msg="This module requires its action plugin, which runs on the controller. Call it as"
        " cloudkeys.aws.kms_imported_keys from a task or with ansible -m, not through another action."
    )


if __name__ == "__main__":
    main()
