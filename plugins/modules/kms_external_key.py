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
  - Creates and manages KMS keys with the origin C(EXTERNAL), which M(amazon.aws.kms_key) cannot create. Such a key is
    born without key material, in the key state C(PendingImport); M(cloudkeys.aws.kms_key_material) puts the key
    material into it.
  - An option that is omitted is left alone. What KMS cannot change, which is the key spec, the key usage, the origin
    and whether it is a multi-Region key, fails in words when it differs, and nothing is touched. A key of another
    origin behind the alias is never replaced.
  - For grants, use M(amazon.aws.kms_key) with the ID of the key. Always give it RV(kms_key.enabled) for its own
    O(amazon.aws.kms_key#module:enabled), which would otherwise try to enable the key.
options:
  alias:
    description:
      - The alias of the key, with or without its prefix C(alias/). It finds the key, and is created when it does not
        exist.
      - An alias that names another key than O(key_id) fails, unless O(move_alias) is set. With O(state=absent) an alias
        beside O(key_id) must exist.
    type: str
    aliases: [key_alias]
  move_alias:
    description:
      - Have O(alias) moved from the key that it names to O(key_id), which is needed for it (UpdateAlias). Whatever uses
        the alias uses that key from then on. This is how keys rotate that KMS cannot rotate (HMAC and asymmetric
        keys); the playbook C(cloudkeys.aws.rotate_by_alias) does all of it.
      - It fails, and nothing is touched, unless the key state of O(key_id) is C(Enabled), and the two keys have the
        same key usage and are of the same type (symmetric, asymmetric or HMAC). KMS demands the latter.
      - The move is made after all other changes of the key. The key that the alias named before stays as it is, with
        its key material, its other aliases and its grants. B(Key policy, tags and grants do not go with the alias.)
      - An alias that does not exist is created, unless O(move_alias_from) says that it did. An alias that names
        O(key_id) already is no change, whatever the key state is.
      - To move it back is the same task with the two keys exchanged.
    type: bool
    default: false
  move_alias_from:
    description:
      - The key ID or key ARN of the key that the alias is expected to name before it moves. When it names a third key,
        somebody else has moved it, and the task fails and touches nothing.
      - The module looks once more immediately before the request. KMS knows no condition for UpdateAlias, so that a
        move by somebody else between that look and the request is not seen.
    type: str
  remove_aliases:
    description:
      - Aliases that O(key_id), which is needed for it, is not to have (DeleteAlias), with or without their prefix
        C(alias/). One that does not exist is no change, and one that names another key fails the task before anything
        is touched.
      - They are removed after O(alias) has moved. With O(state=absent) they are removed before the deletion of the key
        is scheduled.
    type: list
    elements: str
    default: []
  key_id:
    description:
      - The key ID or key ARN of a key that exists. With an ARN the Region is taken from it, and O(region) need not be
        given; another O(region) fails.
      - Without O(alias) it only finds a key and never creates one.
    type: str
    aliases: [key_arn]
  state:
    description:
      - V(present) - the key exists as declared. A pending deletion is cancelled.
      - V(absent) - the deletion of the key is scheduled. Until the O(pending_window) has passed it can be cancelled,
        with O(state=present). After that B(everything that was encrypted under a symmetric key is lost), even if you
        hold a copy of the key material, since KMS binds ciphertexts to the key. Aliases stay until the key is deleted.
        A multi-Region primary key fails while it has replica keys that O(replica_regions) does not list.
    type: str
    choices: [present, absent]
    default: present
  key_spec:
    description:
      - The key spec. When omitted, a new key is V(SYMMETRIC_DEFAULT).
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
      - What the key is for. When omitted, it follows from the key spec, except for RSA keys (V(ENCRYPT_DECRYPT) or
        V(SIGN_VERIFY)) and keys on the curves of NIST (V(SIGN_VERIFY) or V(KEY_AGREEMENT)), where a new key needs it.
    type: str
    choices: [ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT]
  multi_region:
    description:
      - Whether a new key is a multi-Region primary key. When omitted, it is not.
    type: bool
  replica_regions:
    description:
      - The Regions in which this multi-Region primary key has replica keys. One that does not exist is created, and
        each is kept as declared by itself, with its own key policy, tags, description, alias and O(enabled), since KMS
        shares none of these between Regions. What is omitted is left alone there, too; a new replica key gets no tags,
        no description and KMS's default key policy then, and not those of the primary key.
      - B(KMS replicates a key only when it is Enabled), so its key material is imported first. While the key waits for
        its key material, a warning names the Regions without a replica key; the same task creates them after the
        import. A new replica key waits for the same key material, which must be imported in its own Region. The role
        P(cloudkeys.aws.imported_key#role) does all of this in its order.
      - A replica key in a Region that is not listed is left alone. To delete one, name it by its own ARN in O(key_id),
        with O(state=absent).
      - With O(state=absent), the deletion of the replica keys in these Regions is scheduled, and when that has
        succeeded in all of them, that of the primary key, which KMS deletes when the last replica key is gone
        (C(PendingReplicaDeletion)). A replica key in any other Region fails the task before anything is done.
      - The Regions are worked on at the same time. What fails in one of them leaves the others done; RV(replicas) tells
        about each, and the task fails at the end. An alias that names another key in a Region is such a failure.
      - KMS has one replica key of a key in a Region, with the key ID of the primary key. So a run that was cut off is
        finished by the next one. KMS itself refuses a Region of another partition.
    type: list
    elements: str
  description:
    description:
      - The description of the key, at most 8192 characters. Not the place for secrets; CloudTrail shows it.
    type: str
  policy:
    description:
      - The key policy, a JSON document of at most 32 KiB. Two ways to write the same policy are no difference, such as
        an account by its ID or by its ARN in the partition of the key (C(arn:aws-cn:iam::111122223333:root) in China),
        one value with or without brackets, and another order.
      - When omitted, a new key gets KMS's default key policy, which lets IAM policies of the account decide.
    type: json
  bypass_policy_lockout_safety_check:
    description:
      - Have KMS take a key policy under which the caller could not change the key policy again
        (BypassPolicyLockoutSafetyCheck). B(Nobody but AWS support can then manage the key.) Only acts when a key
        policy is set.
    type: bool
    default: false
  enabled:
    description:
      - Whether the key is enabled. When omitted, it is left alone; KMS leaves a key disabled when its deletion is
        cancelled.
      - KMS neither enables nor disables a key that waits for its key material, so then nothing is done. An import
        enables the key; declare O(cloudkeys.aws.kms_key_material#module:enabled=false) there, too.
    type: bool
  pending_window:
    description:
      - How long KMS waits before it deletes the key, in days, from 7 to 30. When omitted, KMS waits 30 days. A deletion
        that is already pending is left as it is.
    type: int
    aliases: [deletion_delay]
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
  - CreateKey has no idempotency token. A new key carries the tag C(cloudkeys.aws/created-for) until its alias exists,
    so that the next run finds the key when a run is cut off in between, instead of creating another. It then takes
    only a key with the origin C(EXTERNAL) and the declared properties, which never had key material and has no
    alias; several of them fail, and are listed. For the same reason a CreateKey request whose answer was lost is not
    repeated. Keys for which C(kms:ListResourceTags) is denied are taken for somebody else's; a warning names them.
  - When two runs create a key for the same alias at the same time, KMS gives the alias to one of the keys. Both runs
    then use that key. The other key is left over, and a warning names it, with the task that deletes it.
  - "In check mode, RV(kms_key) is the key as it would be, such as RV(kms_key.key_state=Disabled) for a key whose
    pending deletion would be cancelled; another task that looks at KMS still sees the deletion. A key that would be
    created has no ID and no ARN yet, so RV(kms_key) is missing, and its alias does not exist: a task that uses either
    of them fails in check mode. Give such a task the condition C(when: payments.kms_key is defined), as the role
    P(cloudkeys.aws.imported_key#role) does."
  - "IAM: the last of the examples is a policy of least privilege for everything that the module does."
  - For a multi-Region key the caller needs C(iam:CreateServiceLinkedRole), too. For O(replica_regions) it needs
    C(kms:ReplicateKey) on the primary key, whose condition key C(kms:ReplicaRegion) can limit the Regions, and in the
    Region of each replica key everything that it needs in that of the primary key, C(kms:CreateKey) included.
requirements:
  - python >= 3.9
  - botocore >= 1.38.31 and boto3 >= 1.38.31
seealso:
  - module: cloudkeys.aws.kms_key_material
  - module: cloudkeys.aws.kms_key_material_info
  - module: amazon.aws.kms_key
    description: Creates keys whose key material AWS makes; grants of any key.
  - name: Importing key material, step 1
    description: The AWS KMS Developer Guide on creating a key without key material.
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
- name: A key for payments, which waits for its key material
  cloudkeys.aws.kms_external_key:
    alias: alias/payments
    description: Encrypts payment files
    tags:
      owner: treasury
    region: eu-central-1
  register: payments

- name: The key material goes into it
  cloudkeys.aws.kms_key_material:
    key_id: "{{ payments.kms_key.arn }}"
    key_material_src: payments.key
    valid_for: 90d
    renew_before: 30d
  # In check mode there is no key yet where one would be created.
  when: payments.kms_key is defined

- name: A key that signs releases, under a key policy of its own
  cloudkeys.aws.kms_external_key:
    alias: release-signing
    key_spec: ECC_NIST_P256
    key_usage: SIGN_VERIFY
    policy:
      Version: "2012-10-17"
      Statement:
        - Sid: TheAccountAdministersIt
          Effect: Allow
          Principal:
            AWS: arn:aws:iam::111122223333:root
          Action: kms:*
          Resource: "*"
    region: eu-central-1

- name: A grant on the key
  amazon.aws.kms_key:
    key_id: "{{ payments.kms_key.arn }}"
    enabled: "{{ payments.kms_key.enabled }}"
    grants:
      - name: settlement
        grantee_principal: arn:aws:iam::111122223333:role/settlement
        operations: [Decrypt]
    region: eu-central-1
  when: payments.kms_key.enabled | default(false)

- name: A multi-Region key, which waits for its key material
  cloudkeys.aws.kms_external_key:
    alias: alias/ledger
    multi_region: true
    region: eu-central-1
  register: ledger

- name: KMS replicates it only when it has the key material
  cloudkeys.aws.kms_key_material:
    key_id: "{{ ledger.kms_key.arn }}"
    key_material_src: ledger.key
    valid_for: 90d
    renew_before: 30d
  when: ledger.kms_key is defined

- name: A replica key in each of two more Regions, with the same alias
  cloudkeys.aws.kms_external_key:
    alias: alias/ledger
    multi_region: true
    replica_regions: [eu-west-1, eu-north-1]
    region: eu-central-1

- name: The next key that signs releases
  cloudkeys.aws.kms_external_key:
    alias: alias/release-signing-2027
    key_spec: ECC_NIST_P256
    key_usage: SIGN_VERIFY
    region: eu-central-1
  register: next_signing

- name: It has its key material before anything uses it
  cloudkeys.aws.kms_key_material:
    key_id: "{{ next_signing.kms_key.arn }}"
    key_material_src: release-signing-2027.pem
    expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE
  when: next_signing.kms_key is defined

- name: From now on the alias names it
  cloudkeys.aws.kms_external_key:
    key_id: "{{ next_signing.kms_key.arn }}"
    alias: alias/release-signing
    move_alias: true
  when: next_signing.kms_key is defined

- name: The key is to go, in a month
  cloudkeys.aws.kms_external_key:
    alias: alias/payments
    state: absent
    pending_window: 30
    region: eu-central-1

- name: The deletion is cancelled, and the key usable again
  cloudkeys.aws.kms_external_key:
    alias: alias/payments
    enabled: true
    region: eu-central-1

- name: An IAM policy that is enough for all of this
  ansible.builtin.set_fact:
    external_key_policy:
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
            - kms:DeleteAlias # for remove_aliases; on the alias, too
            - kms:DescribeKey
            - kms:DisableKey # for enabled
            - kms:EnableKey # for enabled
            - kms:GetKeyPolicy # for policy
            - kms:ListResourceTags
            - kms:PutKeyPolicy # for policy
            - kms:ReplicateKey # for replica_regions
            - kms:ScheduleKeyDeletion # for state absent
            - kms:TagResource # CreateKey needs it, too
            - kms:UntagResource
            - kms:UpdateAlias # for move_alias; on the alias and both keys
            - kms:UpdateKeyDescription # for description
          Resource:
            # With replica_regions also in those Regions.
            - arn:aws:kms:eu-central-1:111122223333:key/*
            - arn:aws:kms:eu-central-1:111122223333:alias/*
"""

RETURN = r"""
actions:
  description:
    - The KMS operations that were carried out or, in check mode, would be, in order and in snake case. A key that an
      earlier run created and did not finish begins with V(create_alias).
    - With O(replica_regions), those on the primary key, and after them V(replicate_key) for each replica key that was
      created. What else was done to a replica key is in RV(replicas[].actions).
  returned: always
  type: list
  elements: str
  sample: [create_key, create_alias, untag_resource]
alias_moved_from:
  description:
    - The ARN of the key that O(alias) named before it moved. Keep it, to move the alias back and to decide when that
      key may go.
  returned: when the alias was moved or, in check mode, would be
  type: str
  sample: arn:aws:kms:eu-central-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321
kms_key:
  description:
    - The key as KMS shows it at the end of the task. In check mode, the key as KMS would show it then.
  returned: when the key exists, also in check mode; not for a key that check mode would create
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
      description: The origin of the key material.
      type: str
      sample: EXTERNAL
    key_manager:
      description: V(CUSTOMER), or V(AWS) for an AWS managed key.
      type: str
      sample: CUSTOMER
    key_state:
      description: The key state.
      type: str
      sample: PendingImport
    enabled:
      description: Whether the key state is V(Enabled).
      type: bool
      sample: false
    description:
      description: The description of the key.
      type: str
      sample: Encrypts payment files
    tags:
      description: The tags of the key, null when they were not read, because nothing depends on them.
      type: dict
      sample: {"owner": "treasury"}
    expiration_model:
      description: The expiration model, null while there is no key material.
      type: str
      sample: null
    valid_to:
      description: When key material of the key expires next, in ISO 8601, UTC; null when none does.
      type: str
      sample: null
    current_key_material_id:
      description: The ID of the current key material of a symmetric encryption key, null before the first import.
      type: str
      sample: null
    deletion_date:
      description:
        - When KMS will delete the key, if that is scheduled, in ISO 8601, UTC. Null in check mode where it would be
          scheduled.
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
replicas:
  description:
    - One entry for each Region of O(replica_regions), in their order. In check mode, as it would be then.
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
        - The ARN of the replica key, null where there is none. In check mode also that of a replica key that would be
          created; it has the key ID of the primary key.
      type: str
      sample: arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab
    key_state:
      description: The key state of the replica key, null where there is none.
      type: str
      sample: PendingImport
    changed:
      description: Whether anything was done in this Region or, in check mode, would be.
      type: bool
      sample: true
    actions:
      description: The KMS operations on this replica key, in order and in snake case.
      type: list
      elements: str
      sample: [replicate_key, create_alias]
    failure:
      description: Why the replica key is not as declared, in a sentence; null where it is, or waits for the import.
      type: str
      sample: null
kms_error:
  description:
    - The error of KMS that ended the task, beside the sentence in RV(ignore:msg).
  returned: when KMS refused a request
  type: dict
  contains:
    operation:
      description: The operation.
      type: str
      sample: CreateKey
    code:
      description: KMS's error code.
      type: str
      sample: AccessDeniedException
    message:
      description: KMS's own message, which may be empty.
      type: str
      sample: ""
    request_id:
      description: The request ID.
      type: str
      sample: 7a9c4f3c-6d9c-4d5e-8b0a-9d5b1f3a2c11
"""

# Not AnsibleAWSModule's: in amazon.aws 10.1 that causes a deprecation warning of ansible-core for each of ours.
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
