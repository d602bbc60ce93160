#!/usr/bin/python
# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_imported_keys
version_added: 0.1.0
short_description: Keep many AWS KMS keys with their imported key material, in one task
description:
  - Does for every key of a list what M(cloudkeys.aws.kms_external_key) and M(cloudkeys.aws.kms_key_material) do for one
    of them. It creates the key when it is missing, keeps its alias, description, tags and key policy, imports the key
    material and renews it, and does so in all Regions of the key. For one key it is the role
    P(cloudkeys.aws.imported_key#role).
  - The list is in the task (O(kms_keys)), or in a YAML or CSV file (O(kms_keys_src)). What the task says beside it is
    for every key, and what an entry says is for its key alone.
  - B(Every fault that the list itself shows is told at once, before KMS is asked for anything), with the entry, and in
    a file with the line. Then the task looks at all keys. What only this shows, such as key material of a wrong length
    or an expiration that nobody declares, is the failure of that key. Only after that the task changes the first key.
  - The keys are worked on together, at the pace of KMS's request quotas. A key that fails leaves the others alone, and
    the task fails at the end; see O(max_failures) and O(canary).
  - When every key is as declared, the task changes nothing. A run that is cut off anywhere is finished by the next one.
  - B(The list takes no secret values, only files with them.) A list is shown, kept and sent on. A value of a secret
    manager's lookup is for M(cloudkeys.aws.kms_key_material), in a task with C(no_log=true).
  - A list deletes nothing. A key that is no longer in it is left as it is; its key material is not renewed any more,
    and expires. To take a key or its key material out of KMS, use the modules for one key.
  - As with M(cloudkeys.aws.kms_key_material), the key material is read, compared and encrypted on the controller, and
    B(whoever chooses the wrapping public key can read the key material); see O(wrapping_key_trust). Python cannot wipe
    memory. The key material of all keys of the list stays in the memory of the worker process until that ends with the
    task.
options:
  kms_keys:
    description:
      - The keys. Each entry names one by O(kms_keys[].alias) or O(kms_keys[].key_id).
      - An entry omits what the task says for every key. An option that is null is an omission, but for
        O(kms_keys[].expected_check_code), where it is refused.
      - Two entries for one key are refused, however they name it.
      - An entry without key material needs an alias. It is for the key alone.
      - An empty list is refused.
      - Excludes O(kms_keys_src).
    type: list
    elements: dict
    suboptions:
      alias:
        description:
          - The alias of the key, with or without its prefix C(alias/). It finds the key, and the key is created when
            the alias does not exist.
        type: str
        aliases: [key_alias]
      key_id:
        description:
          - The key ID or key ARN of a key that exists; for one whose entry is about its key material alone, also an
            alias name or alias ARN. With O(kms_keys[].alias) beside it, the alias is created where it does not exist,
            and never moved.
          - With an ARN the Region is taken from it.
        type: str
        aliases: [key_arn]
      region:
        description: The Region of this key, instead of O(region).
        type: str
        aliases: [aws_region]
      key_spec:
        description: As O(key_spec).
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
        description: As O(key_usage).
        type: str
        choices: [ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT]
      multi_region:
        description: As O(multi_region).
        type: bool
      replica_regions:
        description: As O(replica_regions). Takes the place of the task's, and is not added to it.
        type: list
        elements: str
      description:
        description: The description of the key, at most 8192 characters. Not the place for secrets.
        type: str
      policy:
        description: As O(policy).
        type: json
      bypass_policy_lockout_safety_check:
        description: As O(bypass_policy_lockout_safety_check).
        type: bool
      tags:
        description: Tags of this key. They are added to O(tags), and prevail over tags there that have the same name.
        type: dict
        aliases: [resource_tags]
      purge_tags:
        description: As O(purge_tags).
        type: bool
      enabled:
        description: As O(enabled).
        type: bool
      key_material_src:
        description:
          - A file on the controller with the key material in plain, as
            O(cloudkeys.aws.kms_key_material#module:key_material_src). A file encrypted with Ansible Vault is decrypted
            in memory only.
          - A relative path in a file of O(kms_keys_src) begins in the folder of that file.
        type: path
      key_material_passphrase_src:
        description:
          - A file on the controller with the passphrase of an encrypted private key, as
            O(cloudkeys.aws.kms_key_material#module:key_material_passphrase_src).
        type: path
      key_material_format:
        description: As O(key_material_format).
        type: str
        choices: [auto, raw, base64, hex, pem, der]
      key_material_description:
        description: As O(key_material_description).
        type: str
      key_material_label:
        description: As O(key_material_label).
        type: bool
      encrypted_key_material_src:
        description:
          - A file on the controller with key material that was encrypted elsewhere, as
            O(cloudkeys.aws.kms_key_material#module:encrypted_key_material_src). Requires
            O(kms_keys[].import_token_src).
        type: path
      import_token_src:
        description: The import token of O(kms_keys[].encrypted_key_material_src).
        type: path
      wrapped_bundle_src:
        description:
          - A bundle of M(cloudkeys.aws.kms_wrapped_key_material), as
            O(cloudkeys.aws.kms_key_material#module:wrapped_bundle_src).
        type: path
      expected_check_code:
        description:
          - The check code of the wrapped bundle, as O(cloudkeys.aws.kms_key_material#module:expected_check_code).
          - When it is null, or in a CSV file an empty cell beside a bundle, it is refused. An oversight is not to turn
            the comparison off.
        type: str
      expiration_model:
        description:
          - As O(expiration_model). An entry that gives this or O(kms_keys[].valid_to) says all about its expiration
            itself, and nothing that the task says about expirations is for it.
        type: str
        choices: [KEY_MATERIAL_EXPIRES, KEY_MATERIAL_DOES_NOT_EXPIRE]
      valid_to:
        description: As O(valid_to).
        type: str
      valid_for:
        description:
          - As O(valid_for). An entry that gives this alone keeps the task's O(renew_before), and the other way round.
            The task's O(valid_to) and O(expiration_model) are not for it then.
        type: str
      renew_before:
        description: As O(renew_before).
        type: str
      on_unknown_material:
        description: As O(on_unknown_material).
        type: str
        choices: [accept, fail, reimport]
      on_different_material:
        description: As O(on_different_material).
        type: str
        choices: [fail, stage, rotate]
      rotation_timeout:
        description: As O(rotation_timeout).
        type: int
      previous_key_materials:
        description:
          - The older key materials of a symmetric encryption key that was rotated, the newest first, as
            O(cloudkeys.aws.kms_key_material#module:previous_key_materials). Also files only. A CSV file has no place
            for them.
        type: list
        elements: dict
        suboptions:
          key_material_src:
            description: As O(kms_keys[].key_material_src).
            type: path
          key_material_format:
            description:
              - As O(key_material_format). What the task and the entry say is for the current key material alone.
            type: str
            choices: [auto, raw, base64, hex, pem, der]
            default: auto
          key_material_passphrase_src:
            description: As O(kms_keys[].key_material_passphrase_src). Symmetric key material has none.
            type: path
          encrypted_key_material_src:
            description: As O(kms_keys[].encrypted_key_material_src), with an import token of its own.
            type: path
          import_token_src:
            description: As O(kms_keys[].import_token_src).
            type: path
          wrapped_bundle_src:
            description: As O(kms_keys[].wrapped_bundle_src).
            type: path
          expected_check_code:
            description: As O(kms_keys[].expected_check_code), of this bundle.
            type: str
          key_material_id:
            description: The key material ID that KMS gave, 64 hex digits, where no label tells which this is.
            type: str
          expiration_model:
            description: As O(expiration_model). When none is declared here, that of the entry is meant.
            type: str
            choices: [KEY_MATERIAL_EXPIRES, KEY_MATERIAL_DOES_NOT_EXPIRE]
          valid_to:
            description: As O(valid_to).
            type: str
          valid_for:
            description: As O(valid_for). Requires O(kms_keys[].previous_key_materials[].renew_before).
            type: str
          renew_before:
            description: As O(renew_before).
            type: str
      replicas:
        description: As O(replicas).
        type: bool
      force:
        description: As O(force).
        type: bool
      wrapping_algorithm:
        description: As O(wrapping_algorithm).
        type: str
        choices: [RSAES_OAEP_SHA_256, RSAES_OAEP_SHA_1, RSA_AES_KEY_WRAP_SHA_256, RSA_AES_KEY_WRAP_SHA_1]
      wrapping_key_spec:
        description: As O(wrapping_key_spec).
        type: str
        choices: [RSA_2048, RSA_3072, RSA_4096]
      wrapping_key_trust:
        description: As O(wrapping_key_trust).
        type: str
        choices: [kms_direct, target]
      wait:
        description: As O(wait).
        type: bool
      wait_timeout:
        description: As O(wait_timeout).
        type: int
  kms_keys_src:
    description:
      - A file on the controller with the list, found in the way in which M(ansible.builtin.copy) finds its
        O(ansible.builtin.copy#module:src). Its name ends in C(.yml) or C(.yaml) for YAML, in C(.csv) for CSV. UTF-8,
        with a byte order mark or without. A file encrypted with Ansible Vault is decrypted in memory only.
      - Nothing in the file is a template, and it has no defaults for its keys. These are options of the task.
      - Relative paths in it begin in the folder of the file.
      - B(YAML) - the list, or a dictionary with the list as C(kms_keys). An entry has the options of O(kms_keys).
        Values are taken as they are written, so that V(0123) is the text and not a number. Anchors, aliases and merge
        keys (C(<<)) may be used; tags such as C(!vault) and a name that occurs twice are refused.
      - B(CSV) (RFC 4180) - the first line names the options, and each line after it is a key. The delimiter is a comma,
        or a semicolon, as spreadsheets write it where the comma is for decimals. An empty cell is an option that is
        omitted. Blank lines are skipped. A line with more or fewer cells than the first one is refused.
      - In CSV, O(kms_keys[].tags) is a cell such as V(owner=treasury env=prod), or each tag has a column such as
        C(tags.owner). O(kms_keys[].replica_regions) is a cell with Regions separated by spaces. O(kms_keys[].policy) is
        a cell with JSON. O(kms_keys[].previous_key_materials) needs YAML.
      - Excludes O(kms_keys).
    type: path
  folder:
    description:
      - The folder on the controller in which relative paths of the task begin, those in O(kms_keys) and that of
        O(kms_keys_src). Paths in the file of O(kms_keys_src) begin in the folder of that file all the same.
      - When omitted, files are found like the files of a role or playbook.
    type: path
  max_failures:
    description:
      - How many keys may fail. When more have failed, no other key is begun. The keys that are under way are finished.
      - A number of keys, or a percentage of all keys of the list, such as V(10%), rounded down. With V(0) the first
        failure is one too many. When omitted, every key has its turn.
    type: str
  canary:
    description:
      - The keys that go first. The others follow only when all of these have succeeded. When one of them fails, no
        other key is begun.
      - A list of names, which are the O(kms_keys[].alias) or the O(kms_keys[].key_id) of entries. Or a number of keys,
        for the first ones of those where anything is due.
    type: raw
  spread:
    description:
      - Have key material expire at different times, so that not all keys are due for renewal on one day. For keys with
        O(valid_for) and O(renew_before).
      - Each import lets the key material live somewhat shorter than O(valid_for), by the place of its entry in the
        list. The keys expire over a time as long as O(renew_before), and at most half of what is between the two.
    type: bool
    default: false
  quotas:
    description:
      - How many requests a second KMS takes of an account in a Region, by operation, such as
        C(GetParametersForImport) and C(ImportKeyMaterial), where that is not AWS's default. Give more where AWS has
        raised a quota, or less, to leave some of it to others.
      - First imports and renewals go at the pace of C(GetParametersForImport), of which AWS allows one a second.
    type: dict
  key_spec:
    description:
      - The key spec of a key that is created. When omitted, it is V(SYMMETRIC_DEFAULT). A key that exists with another
        one fails, since KMS cannot change it.
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
      - What the key is for. When omitted, it follows from the key spec where that leaves no choice; as
        O(cloudkeys.aws.kms_external_key#module:key_usage).
    type: str
    choices: [ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT]
  multi_region:
    description:
      - Whether a key that is created is a multi-Region primary key. When omitted, it is not.
    type: bool
  replica_regions:
    description:
      - The Regions in which the key has replica keys, as O(cloudkeys.aws.kms_external_key#module:replica_regions). They
        are created once the primary key has its key material, and get it, too.
      - Requires O(multi_region=true), unless the key is named by O(kms_keys[].key_id).
    type: list
    elements: str
  description:
    description:
      - The description of the key, at most 8192 characters. Not the place for secrets; CloudTrail shows it.
    type: str
  policy:
    description:
      - The key policy, a JSON document of at most 32 KiB. When omitted, a new key gets KMS's default key policy.
    type: json
  bypass_policy_lockout_safety_check:
    description:
      - Have KMS take a key policy under which the caller could not change the key policy again. B(Nobody but AWS
        support can then manage the key.) Only acts when a key policy is set.
    type: bool
    default: false
  enabled:
    description:
      - Whether the key is enabled. When omitted, it is left alone, and a key that is disabled fails when an import is
        due, which would enable it.
    type: bool
  key_material_format:
    description:
      - How to read the key material, as O(cloudkeys.aws.kms_key_material#module:key_material_format).
    type: str
    choices: [auto, raw, base64, hex, pem, der]
    default: auto
  key_material_description:
    description:
      - Your own text for the description of the key material, for symmetric encryption keys, as
        O(cloudkeys.aws.kms_key_material#module:key_material_description).
    type: str
  key_material_label:
    description:
      - Whether to write a label at the end of the description of the key material of symmetric encryption keys, by
        which later runs recognize the key material, as
        O(cloudkeys.aws.kms_key_material#module:key_material_label).
    type: bool
    default: true
  on_unknown_material:
    description:
      - What to do when the key holds key material and nothing tells whether it is the given one, as
        O(cloudkeys.aws.kms_key_material#module:on_unknown_material).
    type: str
    choices: [accept, fail, reimport]
  on_different_material:
    description:
      - What to do when the key is known to hold other key material, as
        O(cloudkeys.aws.kms_key_material#module:on_different_material). V(stage) and V(rotate) are for symmetric
        encryption keys. Consider them for single entries rather than for all keys.
    type: str
    choices: [fail, stage, rotate]
    default: fail
  rotation_timeout:
    description:
      - How long to wait until KMS has rotated a key, in seconds, at least 1. The other keys go on meanwhile.
    type: int
    default: 900
  replicas:
    description:
      - Whether the key material is imported into all replica keys of the key, too, those of O(replica_regions) and
        others. When omitted, it is when O(replica_regions) lists any. Needs plaintext key material.
    type: bool
  force:
    description:
      - Import the key material again although nothing calls for it. With V(true) the task is not idempotent.
    type: bool
    default: false
  wait:
    description:
      - Wait until KMS shows the changes. KMS is eventually consistent; that takes seconds, in rare cases minutes.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long to wait for one key, in seconds, at least 1.
    type: int
    default: 300
notes:
  - The controller needs the Python package C(cryptography); the target, often the same machine, needs C(boto3) and
    C(botocore).
  - Run it on the controller (C(delegate_to=localhost), connection C(local)). While it runs, it shows every few seconds
    how far it is. With C(-v) it says what it has decided about each key.
  - Check mode looks at every key and decides as a run would. It makes no request that changes anything, and none of
    C(GetParametersForImport). A key that would be created has no RV(kms_keys[].arn) and no
    RV(kms_keys[].kms_key) yet.
  - A warning names keys that have the same key material, and a day on which many of the keys that are imported now will
    expire.
  - Where the results of very many keys would be longer than AWX keeps, those of unchanged keys are shortened first; see
    RV(kms_keys_shortened).
  - "IAM: the last of the examples is a policy of least privilege. What each action is for, and what is not known
    without it, is said by M(cloudkeys.aws.kms_external_key) and M(cloudkeys.aws.kms_key_material). To create
    multi-Region keys, C(iam:CreateServiceLinkedRole) is needed, too."
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
    description: The AWS KMS Developer Guide on how many requests of each operation KMS takes in a second.
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
- name: Every key of the payments platform
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

- name: Look first, with what would be done for each key in the result
  cloudkeys.aws.kms_imported_keys:
    kms_keys_src: keys.yml
    valid_for: 90d
    renew_before: 30d
    region: eu-central-1
  check_mode: true
  register: foretold

- name: The list of a spreadsheet, two keys first, and no further when one in twenty fails
  cloudkeys.aws.kms_imported_keys:
    kms_keys_src: keys.csv
    valid_for: 90d
    renew_before: 30d
    spread: true
    canary: [alias/canary, alias/staging]
    max_failures: 5%
    region: eu-central-1
  register: kept

- name: When the next key material of these keys expires
  ansible.builtin.debug:
    msg: "{{ kept.summary.soonest_expiry }}"

- name: What such a YAML file looks like
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

- name: What such a CSV file looks like
  ansible.builtin.copy:
    dest: keys.csv
    content: |
      alias,region,key_material_src,key_spec,description,multi_region,replica_regions,tags.owner,tags.env
      alias/canary,,canary.key,,"Ours, to try",,,platform,prod
      alias/staging,,staging.key,,,,,platform,staging
      alias/payments,,payments.key,,Encrypts payment files,true,eu-west-1 eu-north-1,treasury,prod
      alias/tokens,us-east-1,tokens.key,HMAC_256,,,,treasury,prod
    mode: "0644"

- name: An IAM policy that is enough to have and keep these keys
  ansible.builtin.set_fact:
    imported_keys_policy:
      Version: "2012-10-17"
      Statement:
        - Sid: CreateNothingButKeysForImportedMaterial
          Effect: Allow
          Action: kms:CreateKey
          Resource: "*"
          Condition:
            StringEquals:
              kms:KeyOrigin: EXTERNAL
        - Sid: FindWhatWasCreated
          Effect: Allow
          Action:
            - kms:ListAliases
            - kms:ListKeys
          Resource: "*"
        - Sid: ManageTheKeys
          Effect: Allow
          Action:
            - kms:CancelKeyDeletion # when a deletion is to be cancelled
            - kms:CreateAlias # on the alias, too
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
            - kms:TagResource # CreateKey needs it, too
            - kms:UntagResource
            - kms:UpdateKeyDescription # for description
            - kms:VerifyMac # for HMAC keys
          Resource:
            # With replica_regions, and for entries of other Regions, also in those.
            - arn:aws:kms:eu-central-1:111122223333:key/*
            - arn:aws:kms:eu-central-1:111122223333:alias/*
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
kms_keys:
  description:
    - One entry for each key, in the order of the list. In check mode, as it would be.
  returned: when the list has no faults and no two entries are one key
  type: list
  elements: dict
  contains:
    name:
      description: The key as its entry names it, the key ID or key ARN, or else the alias with its prefix C(alias/).
      type: str
      sample: alias/payments
    region:
      description: The Region of the key, null where it is that of the task and the key could not be looked at.
      type: str
      sample: eu-central-1
    arn:
      description: The key ARN, null for a key that does not exist or could not be looked at.
      type: str
      sample: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    changed:
      description: Whether anything was done or, in check mode, would be.
      type: bool
      sample: true
    failed:
      description: Whether the key is not as declared, in any of its Regions.
      type: bool
      sample: false
    started:
      description:
        - Whether the run came to this key. V(false) where it stopped before, because of O(max_failures) or O(canary),
          so that what is due for this key was not done.
      type: bool
      sample: true
    msg:
      description: Why the key failed, in sentences; otherwise null.
      type: str
      sample: null
    actions:
      description:
        - What was done or, in check mode, would be done, in order. Those on the key are named as
          RV(cloudkeys.aws.kms_external_key#module:actions), those on its key material as
          RV(cloudkeys.aws.kms_key_material#module:actions).
      type: list
      elements: str
      sample: [create_key, create_alias, untag_resource, import]
    valid_to:
      description:
        - When the key material of the key expires next, in ISO 8601, UTC; in check mode, after what would be done. Null
          when it does not expire or is not known.
      type: str
      sample: "2027-02-26T16:05:00+00:00"
    kms_key:
      description:
        - The key as KMS shows it at the end of the task, as RV(cloudkeys.aws.kms_key_material#module:kms_key). Where
          the entry is for the key, too, also with the C(description) and C(tags) of
          RV(cloudkeys.aws.kms_external_key#module:kms_key).
      returned: when the key exists and could be looked at
      type: dict
    material_match:
      description: As RV(cloudkeys.aws.kms_key_material#module:material_match).
      returned: when the entry gives key material and the key exists
      type: str
      sample: same
    material_match_by:
      description: As RV(cloudkeys.aws.kms_key_material#module:material_match_by).
      returned: when the entry gives key material and the key exists
      type: str
      sample: kms_import
    material_match_reason:
      description: As RV(cloudkeys.aws.kms_key_material#module:material_match_reason).
      returned: when the entry gives key material and the key exists
      type: str
      sample: null
    previous_key_materials:
      description: As RV(cloudkeys.aws.kms_key_material#module:previous_key_materials).
      returned: when the entry gives them and the key could be described
      type: list
      elements: dict
    import:
      description: As RV(cloudkeys.aws.kms_key_material#module:import).
      returned: when the key material was imported
      type: dict
    previous_imports:
      description: As RV(cloudkeys.aws.kms_key_material#module:previous_imports).
      returned: when some of them were imported
      type: list
      elements: dict
    regions:
      description:
        - The key material in every Region of a multi-Region key, the primary key first, as
          RV(cloudkeys.aws.kms_key_material#module:kms_keys).
      returned: when the key material is for replica keys, too
      type: list
      elements: dict
    replicas:
      description: The replica keys, as RV(cloudkeys.aws.kms_external_key#module:replicas).
      returned: when O(replica_regions) lists any Regions for this key
      type: list
      elements: dict
    actions_unconfirmed:
      description:
        - Those of RV(kms_keys[].actions) of which nobody knows whether KMS has done them, because the answer was lost.
          RV(kms_keys[].changed) is then V(true). The next run looks first.
      returned: when there are some
      type: list
      elements: str
      sample: [import]
    kms_error:
      description: The error of KMS beside the sentence, as RV(cloudkeys.aws.kms_key_material#module:kms_error).
      returned: when KMS refused a request
      type: dict
summary:
  description:
    - How many keys there are of each kind. Each key is one of changed, unchanged, failed and not started; a key that
      was changed before it failed has failed.
  returned: when the list has no faults and no two entries are one key
  type: dict
  contains:
    total:
      description: The keys of the list.
      type: int
      sample: 120
    changed:
      description: Those that were or, in check mode, would be changed.
      type: int
      sample: 7
    unchanged:
      description: Those that are as declared.
      type: int
      sample: 112
    failed:
      description: Those that are not as declared.
      type: int
      sample: 1
    not_started:
      description: Those that the run did not come to.
      type: int
      sample: 0
    soonest_expiry:
      description: The earliest of RV(kms_keys[].valid_to), null when nothing expires.
      type: str
      sample: "2026-12-27T16:05:00+00:00"
kms_keys_shortened:
  description:
    - Whether RV(kms_keys) had to be shortened, because a result that is too long is dropped by AWX. Entries of
      unchanged keys, and then of others, have RV(kms_keys[].name), RV(kms_keys[].region), RV(kms_keys[].arn),
      RV(kms_keys[].changed), RV(kms_keys[].failed), RV(kms_keys[].started), RV(kms_keys[].actions),
      RV(kms_keys[].msg) and RV(kms_keys[].valid_to) only.
  returned: when it is so
  type: bool
  sample: true
kms_keys_left_out:
  description:
    - How many entries are not in RV(kms_keys), because even shortened entries of all keys would be too long. Unchanged
      keys are left out first, and RV(kms_keys[].msg) is cut after 300 characters. RV(summary) counts all of them.
  returned: when some are left out
  type: int
  sample: 3000
diff:
  description:
    - C(before) and C(after) of each key that changed, and of its key material in each Region, as
      RV(cloudkeys.aws.kms_key_material#module:diff); as many as a result has room for.
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
        msg="This module does nothing without its action plugin, which runs on the controller. Call it as"
        " cloudkeys.aws.kms_imported_keys from a task or with ansible -m, not through another action."
    )


if __name__ == "__main__":
    main()
