#!/usr/bin/python
# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_external_key
version_added: 0.1.0
short_description: Manage an AWS KMS key for imported key material
description:
  - Creates and manages KMS keys with the origin C(EXTERNAL), which M(amazon.aws.kms_key) cannot create. A new key has
    no key material and is in the key state C(PendingImport). M(cloudkeys.aws.kms_key_material) imports its key
    material.
  - Properties whose options are omitted are not changed. The task fails before any change if the key spec, key usage,
    origin, or multi-Region property differs, because KMS cannot change them. If the alias points to a key with another
    origin, that key is never replaced.
  - For grants, use M(amazon.aws.kms_key) with the key ID. Always set its O(amazon.aws.kms_key#module:enabled) to
    RV(kms_key.enabled). Otherwise, it tries to enable the key.
options:
  alias:
    description:
      - The alias of the key, with or without the prefix C(alias/). The module finds the key by its alias, and creates
        the alias if it does not exist.
      - The task fails if the alias points to another key than O(key_id), unless O(move_alias) is set. With
        O(state=absent) and O(key_id), the alias must exist.
    type: str
    aliases: [key_alias]
  move_alias:
    description:
      - Whether to move O(alias) to O(key_id), which is required (UpdateAlias). Applications that use the alias then use
        that key. This rotates HMAC and asymmetric keys, which KMS cannot rotate; see the playbook
        C(cloudkeys.aws.rotate_by_alias).
      - Both keys must have the same key usage and type (symmetric, asymmetric, or HMAC), as KMS requires, and the key
        in O(key_id) must be C(Enabled). Otherwise, the task fails before any change.
      - The alias is moved after all other changes. The key that it pointed to keeps its key material, other aliases,
        and grants. B(The key policy, tags, and grants are not moved.) To move the alias back, exchange the two keys.
      - If the alias does not exist, it is created, unless O(move_alias_from) is set. If it already points to O(key_id),
        nothing changes, whatever the key state is.
    type: bool
    default: false
  move_alias_from:
    description:
      - The key ID or key ARN of the key that the alias is expected to point to. If the alias points to a third key, the
        task fails before any change.
      - The module checks this again immediately before UpdateAlias. KMS does not support a condition for this
        operation, so a move by another caller after this check is not detected.
    type: str
  remove_aliases:
    description:
      - Aliases to delete from O(key_id), which is required (DeleteAlias), with or without the prefix C(alias/). An
        alias that does not exist is ignored. An alias of another key fails the task before any change.
      - They are deleted after O(alias) has moved. With O(state=absent), they are deleted before the key deletion is
        scheduled.
    type: list
    elements: str
    default: []
  key_id:
    description:
      - The key ID or key ARN of an existing key. An ARN also sets the Region; a different O(region) is refused.
      - Without O(alias), no key is created.
    type: str
    aliases: [key_arn]
  state:
    description:
      - V(present) - the key exists as declared. A scheduled deletion is canceled.
      - V(absent) - the deletion of the key is scheduled. V(present) can cancel it until O(pending_window) has passed.
        After that, B(all data encrypted under a symmetric key is lost), even if you hold a copy of the key material,
        because KMS binds ciphertexts to the key. Aliases remain until the key is deleted. For a multi-Region primary
        key, the task fails if replica keys exist that O(replica_regions) does not list.
    type: str
    choices: [present, absent]
    default: present
  key_spec:
    description: The key spec. If omitted, a new key is V(SYMMETRIC_DEFAULT).
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
      - The key usage. If omitted, a new key has the only key usage of its key spec. It is required for a new RSA key
        (V(ENCRYPT_DECRYPT) or V(SIGN_VERIFY)) and for a new key on a NIST curve (V(SIGN_VERIFY) or V(KEY_AGREEMENT)).
    type: str
    choices: [ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT]
  multi_region:
    description: Whether a new key is a multi-Region primary key. If omitted, it is a single-Region key.
    type: bool
  replica_regions:
    description:
      - The Regions in which the multi-Region primary key has replica keys. Missing replica keys are created. Each has
        the declared key policy, tags, description, alias, and O(enabled), which KMS does not share between Regions. If
        they are omitted, an existing replica key is not changed. A new one has no tags, no description, and the default
        key policy of KMS, and not the ones of the primary key.
      - B(KMS replicates only keys that are Enabled), so import the key material of the primary key first. Until then, a
        warning lists the Regions without a replica key. Run the task again after the import. Then import the same key
        material into each replica key. The role P(cloudkeys.aws.imported_key#role) performs these steps in order.
      - Replica keys in other Regions are not changed. To delete one, set O(key_id) to its ARN and O(state=absent).
      - With O(state=absent), the deletion of the replica keys in these Regions is scheduled. If this succeeds in all of
        them, the deletion of the primary key is scheduled, which KMS deletes after the last replica key
        (C(PendingReplicaDeletion)). A replica key in another Region fails the task before any change.
      - The Regions are processed concurrently. If one fails, for example because the alias points to another key, the
        others are completed and the task fails. RV(replicas) has the result of each.
      - The next run completes an interrupted run, because KMS allows one replica key per Region, with the key ID of the
        primary key. KMS refuses Regions of another partition.
    type: list
    elements: str
  description:
    description:
      - The description of the key, at most 8192 characters. Do not include secrets, because CloudTrail logs it.
    type: str
  policy:
    description:
      - The key policy, a JSON document of at most 32 KiB. If omitted, a new key has the default key policy of KMS,
        which enables IAM policies of the account.
      - Equivalent policies are not a difference, for example an account ID and its ARN in the partition of the key
        (C(arn:aws-cn:iam::111122223333:root) in China), a value and a list of one value, or a different order.
    type: json
  bypass_policy_lockout_safety_check:
    description:
      - Whether KMS accepts a key policy that prevents the caller from changing it again
        (BypassPolicyLockoutSafetyCheck). B(Only AWS Support can then make the key manageable again.) Used only if a key
        policy is set.
    type: bool
    default: false
  enabled:
    description:
      - Whether the key is enabled. If omitted, it is not changed. After KMS cancels a deletion, the key is disabled.
      - Ignored for a key that waits for its key material, which KMS neither enables nor disables. An import enables the
        key; also set O(cloudkeys.aws.kms_key_material#module:enabled=false).
    type: bool
  pending_window:
    description:
      - The waiting period before KMS deletes the key, in days, from 7 to 30. If omitted, it is 30 days. The date of a
        scheduled deletion is not changed.
    type: int
    aliases: [deletion_delay]
  wait:
    description:
      - Whether to wait for a key that is C(Creating) or C(Updating), and until KMS reports the key, its alias, and its
        properties as changed, which takes seconds, in rare cases minutes.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long to wait for each of these, in seconds. If the time expires, the task fails. Changes that KMS accepted
        remain; run the task again.
    type: int
    default: 300
notes:
  - CreateKey has no idempotency token. A new key has the tag C(cloudkeys.aws/created-for) until its alias exists, by
    which the next run finds the key of an interrupted run. It reuses only a key with the origin C(EXTERNAL) and the
    declared properties that never had key material and has no alias. If several match, the task fails and lists them. A
    CreateKey request whose answer was lost is not repeated. Keys for which C(kms:ListResourceTags) is denied are not
    reused; a warning lists them.
  - If two runs create a key for the same alias at the same time, both use the key to which KMS assigns the alias. A
    warning names the unused key and the task that deletes it.
  - "In check mode, RV(kms_key) is the expected key, for example with RV(kms_key.key_state=Disabled) if its deletion
    would be canceled. Other tasks still find the unchanged key. RV(kms_key) is not returned for a key that would be
    created, so give tasks that use it the condition C(when: payments.kms_key is defined)."
  - "IAM: the last example is a least-privilege policy for all features of the module."
  - A multi-Region key also requires C(iam:CreateServiceLinkedRole). O(replica_regions) requires C(kms:ReplicateKey) on
    the primary key, which the condition key C(kms:ReplicaRegion) can restrict, and all permissions, including
    C(kms:CreateKey), in every Region.
requirements:
  - python >= 3.9
  - botocore >= 1.38.31 and boto3 >= 1.38.31
seealso:
  - module: cloudkeys.aws.kms_key_material
  - module: cloudkeys.aws.kms_key_material_info
  - module: amazon.aws.kms_key
    description: Creates keys with key material from AWS; manages grants of any key.
  - name: Importing key material, step 1
    description: Creating a key without key material, in the AWS KMS Developer Guide.
    link: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-create-cmk.html
  - name: CreateKey
    description: The operation in the AWS KMS API Reference.
    link: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
author:
  - The cloudkeys.aws authors (@cloudkeys)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - cloudkeys.aws.account
  - amazon.aws.tags
  - cloudkeys.aws.attributes
attributes:
  async:
    support: full
    details: []
"""

EXAMPLES = r"""
- name: Create the payments key without key material
  cloudkeys.aws.kms_external_key:
    alias: alias/payments
    description: Encrypts payment files
    tags:
      owner: treasury
    region: eu-central-1
  register: payments

- name: Import its key material
  cloudkeys.aws.kms_key_material:
    key_id: "{{ payments.kms_key.arn }}"
    key_material_src: payments.key
    valid_for: 90d
    renew_before: 30d
  # In check mode, a key that would be created does not exist.
  when: payments.kms_key is defined

- name: Create a signing key with its own key policy
  cloudkeys.aws.kms_external_key:
    alias: release-signing
    key_spec: ECC_NIST_P256
    key_usage: SIGN_VERIFY
    policy:
      Version: "2012-10-17"
      Statement:
        - Sid: EnableIamPolicies
          Effect: Allow
          Principal:
            AWS: arn:aws:iam::111122223333:root
          Action: kms:*
          Resource: "*"
    region: eu-central-1

- name: Create a grant on the payments key
  amazon.aws.kms_key:
    key_id: "{{ payments.kms_key.arn }}"
    enabled: "{{ payments.kms_key.enabled }}"
    grants:
      - name: settlement
        grantee_principal: arn:aws:iam::111122223333:role/settlement
        operations: [Decrypt]
    region: eu-central-1
  when: payments.kms_key.enabled | default(false)

- name: Create a multi-Region key without key material
  cloudkeys.aws.kms_external_key:
    alias: alias/ledger
    multi_region: true
    region: eu-central-1
  register: ledger

- name: Import its key material, which KMS requires for replication
  cloudkeys.aws.kms_key_material:
    key_id: "{{ ledger.kms_key.arn }}"
    key_material_src: ledger.key
    valid_for: 90d
    renew_before: 30d
  when: ledger.kms_key is defined

- name: Create replica keys with the same alias in two Regions
  cloudkeys.aws.kms_external_key:
    alias: alias/ledger
    multi_region: true
    replica_regions: [eu-west-1, eu-north-1]
    region: eu-central-1

- name: Create the next signing key
  cloudkeys.aws.kms_external_key:
    alias: alias/release-signing-2027
    key_spec: ECC_NIST_P256
    key_usage: SIGN_VERIFY
    region: eu-central-1
  register: next_signing

- name: Import the key material of the next signing key
  cloudkeys.aws.kms_key_material:
    key_id: "{{ next_signing.kms_key.arn }}"
    key_material_src: release-signing-2027.pem
    expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE
  when: next_signing.kms_key is defined

- name: Move the alias to the next signing key
  cloudkeys.aws.kms_external_key:
    key_id: "{{ next_signing.kms_key.arn }}"
    alias: alias/release-signing
    move_alias: true
  when: next_signing.kms_key is defined

- name: Schedule the deletion of the payments key
  cloudkeys.aws.kms_external_key:
    alias: alias/payments
    state: absent
    pending_window: 30
    region: eu-central-1

- name: Cancel the deletion and enable the key
  cloudkeys.aws.kms_external_key:
    alias: alias/payments
    enabled: true
    region: eu-central-1

- name: Define a least-privilege IAM policy for these tasks
  ansible.builtin.set_fact:
    external_key_policy:
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
            - kms:DeleteAlias # for remove_aliases; also on the alias
            - kms:DescribeKey
            - kms:DisableKey # for enabled
            - kms:EnableKey # for enabled
            - kms:GetKeyPolicy # for policy
            - kms:ListResourceTags
            - kms:PutKeyPolicy # for policy
            - kms:ReplicateKey # for replica_regions
            - kms:ScheduleKeyDeletion # for state absent
            - kms:TagResource # also for CreateKey
            - kms:UntagResource
            - kms:UpdateAlias # for move_alias; on the alias and both keys
            - kms:UpdateKeyDescription # for description
          Resource:
            # For replica_regions, also in those Regions.
            - arn:aws:kms:eu-central-1:111122223333:key/*
            - arn:aws:kms:eu-central-1:111122223333:alias/*
"""

RETURN = r"""
actions:
  description:
    - The KMS operations that were performed or, in check mode, would be performed, in order and in snake case. For a
      key from an interrupted run, they begin with V(create_alias).
    - With O(replica_regions), the operations on the primary key, followed by V(replicate_key) for each new replica key.
      RV(replicas[].actions) lists the other operations on replica keys.
  returned: always
  type: list
  elements: str
  sample: [create_key, create_alias, untag_resource]
alias_moved_from:
  description:
    - The ARN of the key that O(alias) pointed to before. Save it to move the alias back, and to delete that key later.
  returned: when the alias was moved or, in check mode, would be moved
  type: str
  sample: arn:aws:kms:eu-central-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321
kms_key:
  description:
    - The key as KMS reports it at the end of the task. In check mode, the expected key. All times are in ISO 8601, UTC.
    - It also has C(key_spec), C(key_usage), C(origin), C(key_manager), C(expiration_model), C(valid_to),
      C(current_key_material_id), C(multi_region), C(multi_region_key_type), C(primary_region), and C(replica_regions)
      as in RV(cloudkeys.aws.kms_key_material_info#module:kms_keys).
  returned: when the key exists, also in check mode; not for a key that check mode would create
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
      sample: PendingImport
    enabled:
      description: Whether the key state is V(Enabled).
      type: bool
    description:
      description: The description of the key.
      type: str
    tags:
      description: The tags of the key. Null if they were not read, because the task does not depend on them.
      type: dict
      sample: {"owner": "treasury"}
    deletion_date:
      description: The date of a scheduled key deletion. Null in check mode if the deletion would be scheduled.
      type: str
replicas:
  description:
    - The results for the Regions in O(replica_regions), in the same order. In check mode, the expected results.
  returned: when O(replica_regions) lists any Regions, unless the primary key itself failed
  type: list
  elements: dict
  contains:
    region:
      description: The Region.
      type: str
      sample: eu-west-1
    arn:
      description:
        - The ARN of the replica key, also of one that check mode would create. Null if it does not exist.
      type: str
      sample: arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab
    key_state:
      description: The key state of the replica key. Null if it does not exist.
      type: str
      sample: PendingImport
    changed:
      description: Whether anything changed in this Region or, in check mode, would change.
      type: bool
    actions:
      description: The KMS operations on this replica key, in order and in snake case.
      type: list
      elements: str
      sample: [replicate_key, create_alias]
    failure:
      description: The reason if the replica key is not as declared. Null if it is, or waits for the import.
      type: str
kms_error:
  description:
    - The KMS error that ended the task, in addition to RV(ignore:msg). It has C(operation), C(code), C(message), which
      can be empty, and C(request_id).
  returned: when KMS refused a request
  type: dict
  sample:
    operation: CreateKey
    code: AccessDeniedException
    message: ""
    request_id: 7a9c4f3c-6d9c-4d5e-8b0a-9d5b1f3a2c11
"""

# In amazon.aws 10.1, AnsibleAWSModule.warn causes a deprecation warning of ansible-core for each warning.
from ansible.module_utils.common.warnings import warn

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError, Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.apply import declared_key
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.declaration import declared
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.options import EXTERNAL_KEY
from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.replicas import refuse_regions
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.account import refuse_named_key
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.aws_module import (
    fail,
    make_kms,
    make_module,
    region_of_keys,
)


def main() -> None:
    module = make_module(EXTERNAL_KEY, supports_check_mode=True, required_one_of=[("alias", "key_id")])
    options = module.params
    try:
        wanted = declared(options)
        refuse_named_key(options["move_alias_from"], options["expected_account_id"], "move_alias_from")
        kms = make_kms(module, region_of_keys(module, [options["key_id"]] if options["key_id"] else []))
        refuse_regions(wanted, kms.region)
        elsewhere = {region: make_kms(module, region) for region in wanted.replica_regions}
    except Refusal as refusal:
        fail(module, refusal)
    key = declared_key(kms, elsewhere, wanted, options, check_mode=module.check_mode)
    failure = None
    try:
        key.present() if options["state"] == "present" else key.absent()
    except CloudKeysError as error:
        failure = error
    for warning in (*key.warnings, key.waiting):
        if warning:
            warn(warning)
    if failure is not None:
        fail(module, failure, **key.to_result())
    module.exit_json(**key.to_result())


if __name__ == "__main__":
    main()
