#!/usr/bin/python
# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_key_material_info
version_added: 0.1.0
short_description: Tell what key material AWS KMS keys have, and how long
description:
  - Looks at given KMS keys, or at every KMS key with imported key material (origin C(EXTERNAL)) of an account and
    Region, and returns for each its state, its key materials, when they expire and how many days are left, and how
    many rotations.
  - Changes nothing. It shows what KMS says; whether KMS holds the right key material is for
    M(cloudkeys.aws.kms_key_material) to prove, in check mode for example.
  - Keys are read concurrently. What may not be read of a key is null, RV(kms_keys[].unread) says why, and the rest is
    returned all the same.
options:
  key_ids:
    description:
      - The keys, by key ID, key ARN, alias name (with its prefix C(alias/)) or alias ARN, of any origin. They are
        returned in this order.
      - With ARNs the Region is taken from them, and O(region) need not be given; another O(region) fails, and so do
        ARNs of several Regions.
      - A key that does not exist fails, unless O(allow_missing=true). A key that exists and may not be described does
        not.
      - When omitted, every key with the origin C(EXTERNAL), and every key that may not be described and so might be
        one; the key that expires next comes first.
    type: list
    elements: str
  allow_missing:
    description:
      - Whether keys of O(key_ids) may be missing. They are then returned with RV(kms_keys[].exists=false).
    type: bool
    default: false
  alias_patterns:
    description:
      - Only keys with an alias that matches one of these, where C(*) stands for any characters, C(?) for one, and
        C([...]) for one of several. The prefix C(alias/) may be left out.
    type: list
    elements: str
    default: []
  tags:
    description:
      - Only keys with all of these tags. Null for a value means any value.
    type: dict
    default: {}
  include_tags:
    description:
      - Return the tags of each key, which takes one more request for each. Always done with O(tags).
    type: bool
    default: false
  include_replicas:
    description:
      - Look at multi-Region keys in all of their Regions, which are the Region of the primary key and those of its
        replicas, and return RV(kms_keys[].regions) and RV(kms_keys[].regions_imported).
      - Each Region has its own copies of the key materials, with expirations of their own. Without this option, nothing
        is known of the other Regions.
      - A Region that cannot be read does not fail. It is in RV(kms_keys[].unread).
    type: bool
    default: false
  key_states:
    description:
      - Only keys in one of these key states, for example V(PendingImport).
    type: list
    elements: str
    choices: [Creating, Enabled, Disabled, PendingDeletion, PendingImport, PendingReplicaDeletion, Updating]
    default: []
  key_specs:
    description:
      - Only keys with one of these key specs, for example V(SYMMETRIC_DEFAULT).
    type: list
    elements: str
    default: []
  days_left_below:
    description:
      - Only keys of which less than so many days are left, and keys that lack key material already. With
        O(include_replicas), a key counts when this is so in one of its Regions.
    type: int
notes:
  - What is not known does not exclude a key, whatever the filter, since it might be the one that matters.
  - KMS allows 100 ListKeyRotations requests a second for an account and Region; 1,000 symmetric encryption keys take
    ten seconds for that reason alone.
  - "IAM: the last of the examples is a policy of least privilege. C(kms:ListKeys) and C(kms:ListAliases) need the
    resource C(*). C(kms:ListResourceTags) is needed where tags are. O(include_replicas) needs the other actions in
    the other Regions, too."
requirements:
  - python >= 3.9
  - botocore >= 1.38.31 and boto3 >= 1.38.31
seealso:
  - module: cloudkeys.aws.kms_key_material
  - module: cloudkeys.aws.kms_external_key
  - module: amazon.aws.kms_key_info
    description: Keys of any origin, with their policies and grants, and without their key materials.
  - name: DescribeKey
    description: The operation in the AWS KMS API Reference.
    link: https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
  - name: ListKeyRotations
    description: The operation in the AWS KMS API Reference.
    link: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html
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
    details: []
  diff_mode:
    support: N/A
    details: It changes nothing.
"""

EXAMPLES = r"""
- name: Every key with imported key material
  cloudkeys.aws.kms_key_material_info:
    region: eu-central-1
  register: all

- name: What expires within a month, or is gone
  cloudkeys.aws.kms_key_material_info:
    days_left_below: 30
    region: eu-central-1
  register: soon

- name: Say so
  ansible.builtin.debug:
    msg: "{{ item.aliases[0] | default(item.key_id) }}: {{ item.days_left | default('no', true) }} days left"
  loop: "{{ soon.kms_keys }}"
  loop_control:
    label: "{{ item.key_id }}"

- name: The keys of the treasury, with their tags
  cloudkeys.aws.kms_key_material_info:
    alias_patterns: [payments, ledger-*]
    tags:
      owner: treasury
    region: eu-central-1

- name: One key
  cloudkeys.aws.kms_key_material_info:
    key_ids: [alias/payments]
    region: eu-central-1
  register: payments

- name: A multi-Region key, in all of its Regions
  cloudkeys.aws.kms_key_material_info:
    key_ids: [alias/payments]
    include_replicas: true
    region: eu-central-1
  register: everywhere

- name: Name the Regions that lack key material
  ansible.builtin.debug:
    msg: "{{ item.region }}: {{ item.key_state | default('not read', true) }}"
  loop: "{{ everywhere.kms_keys[0].regions | default([], true) | rejectattr('import_state', 'eq', 'IMPORTED') }}"
  loop_control:
    label: "{{ item.arn }}"

- name: Stop when it could not be read in full
  ansible.builtin.assert:
    that: payments.kms_keys[0].unread == {}

- name: An IAM policy that is enough for this
  ansible.builtin.set_fact:
    key_material_info_policy:
      Version: "2012-10-17"
      Statement:
        - Sid: ListThem
          Effect: Allow
          Action:
            - kms:ListAliases
            - kms:ListKeys
          Resource: "*"
        - Sid: LookAtThem
          Effect: Allow
          Action:
            - kms:DescribeKey
            - kms:GetKeyRotationStatus # for keys with a key material that waits for its rotation
            - kms:ListKeyRotations # for symmetric encryption keys
            - kms:ListResourceTags # for tags
          # With include_replicas, the keys of the other Regions, too.
          Resource: arn:aws:kms:eu-central-1:111122223333:key/*
"""

RETURN = r"""
region:
  description: The Region that was looked at.
  returned: success, and when a key is missing
  type: str
  sample: eu-central-1
missing_key_ids:
  description: Those of O(key_ids) that KMS does not know in this Region and account.
  returned: success, and when a key is missing
  type: list
  elements: str
  sample: []
alias_pattern_matches:
  description:
    - How many keys have an alias that matches, for each of O(alias_patterns); the other filters do not count here.
      Null when the aliases of a key could not be read.
  returned: success
  type: dict
  sample: {"payments": 1, "ledger-*": 0}
read_at:
  description:
    - The time that RV(kms_keys[].days_left) counts from, by KMS's own clock, in ISO 8601, UTC.
  returned: success
  type: str
  sample: "2026-11-24T12:00:00+00:00"
kms_keys:
  description:
    - The keys.
  returned: success
  type: list
  elements: dict
  contains:
    key_id:
      description: The key ID, without Region and account.
      type: str
      sample: 1234abcd-12ab-34cd-56ef-1234567890ab
    arn:
      description: The key ARN.
      type: str
      sample: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    exists:
      description: Whether KMS knows the key; null when nobody can tell, because the key may not be described.
      type: bool
      sample: true
    region:
      description: The Region of the key.
      type: str
      sample: eu-central-1
    aliases:
      description: The aliases of the key.
      type: list
      elements: str
      sample: [alias/payments]
    description:
      description: The description of the key.
      type: str
      sample: Encrypts payment files
    tags:
      description: The tags of the key, null when they were not asked for.
      type: dict
      sample: {"owner": "treasury"}
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
      sample: Enabled
    enabled:
      description: Whether the key state is V(Enabled).
      type: bool
      sample: true
    creation_date:
      description: When the key was created, in ISO 8601, UTC.
      type: str
      sample: "2026-09-17T20:00:00+00:00"
    deletion_date:
      description: When KMS will delete the key, if that is scheduled, in ISO 8601, UTC.
      type: str
      sample: null
    import_state:
      description:
        - V(IMPORTED) when KMS holds every key material that the key needs, V(PENDING_IMPORT) when one is missing.
      type: str
      sample: IMPORTED
    expiration_model:
      description: The expiration model, null while there is no key material.
      type: str
      sample: KEY_MATERIAL_EXPIRES
    valid_to:
      description: When key material that the key needs expires next, in ISO 8601, UTC; null when none does.
      type: str
      sample: "2027-09-17T20:00:00+00:00"
    days_left:
      description:
        - Whole days until the first of all key materials of the key expires, one that waits for its rotation included.
          V(0) on the last day, null when none expires.
      type: int
      sample: 297
    rotations_left:
      description:
        - How often the key material of a symmetric encryption key can still be rotated. KMS allows 25 rotations for a
          key, and does not raise that.
      type: int
      sample: 25
    current_key_material_id:
      description: The ID of the current key material of a symmetric encryption key, null before the first import.
      type: str
      sample: 96083e4fb6dbc41d77578a213a6b6669c044dd4c143e96755396d2bf11fd6068
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
        description:
          description: The description, without the label.
          type: str
        label:
          description: The label of M(cloudkeys.aws.kms_key_material), null when it has none.
          type: str
        state:
          description: V(CURRENT), V(NON_CURRENT), V(PENDING_ROTATION) or V(PENDING_MULTI_REGION_IMPORT_AND_ROTATION).
          type: str
        import_state:
          description: V(IMPORTED) or V(PENDING_IMPORT).
          type: str
        expiration_model:
          description: The expiration model of this key material.
          type: str
        valid_to:
          description: When this key material expires, in ISO 8601, UTC.
          type: str
        days_left:
          description: Whole days until this key material expires.
          type: int
        rotation_date:
          description:
            - When a rotation made this the current key material, in ISO 8601, UTC. Null for the first one, and before
              its rotation.
          type: str
        rotation_type:
          description: V(ON_DEMAND), or null before a rotation and for the first key material.
          type: str
        regions_imported:
          description:
            - In how many Regions of a multi-Region key KMS holds this key material. Null for a single-Region key,
              without O(include_replicas), and when that of a Region is not known.
          type: int
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
        - When a rotation began that has not ended yet, in ISO 8601, UTC. Null when none is known to run.
      type: str
      sample: null
    regions:
      description:
        - What each Region of a multi-Region key has, the primary key first, the Region of this key included. Null for a
          single-Region key, and without O(include_replicas).
      type: list
      elements: dict
      contains:
        region:
          description: The Region.
          type: str
        arn:
          description: The key ARN in this Region.
          type: str
        exists:
          description: Whether KMS knows the key in this Region; null when nobody can tell.
          type: bool
        multi_region_key_type:
          description: V(PRIMARY) or V(REPLICA).
          type: str
        key_state:
          description: The key state in this Region, null when it could not be read, as all of the following.
          type: str
        import_state:
          description:
            - V(IMPORTED) when KMS holds every key material that the key needs in this Region, V(PENDING_IMPORT) when
              one is missing.
          type: str
        expiration_model:
          description: The expiration model in this Region.
          type: str
        valid_to:
          description: When key material that the key needs expires next in this Region, in ISO 8601, UTC.
          type: str
        days_left:
          description: Whole days until the first of all key materials expires in this Region.
          type: int
        materials:
          description: The key materials, as in RV(kms_keys[].materials), in the states of this Region.
          type: list
          elements: dict
        unread:
          description: What could not be read in this Region, V(key), V(materials) or V(rotation), and why.
          type: dict
      sample: null
    regions_imported:
      description:
        - In how many of RV(kms_keys[].regions) KMS holds every key material that the key needs. Null when that of a
          Region is not known, for a single-Region key, and without O(include_replicas).
      type: int
      sample: null
    unread:
      description:
        - What could not be read of the key, V(key), V(materials), V(rotation), V(aliases), V(tags) or V(regions), and
          why. With V(key), nothing else is known but its name. V(rotation) is whether a rotation runs. V(regions) names
          the Regions in which something could not be read.
      type: dict
      sample: {"materials": "kms:ListKeyRotations is denied"}
"""

import typing as t

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import format_time
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.aws_module import (
    fail,
    make_kms,
    make_module,
    region_of_keys,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import Kms
from ansible_collections.cloudkeys.aws.plugins.module_utils._report.entry import (
    Filters,
    count_matches,
    explain_missing,
    missing,
    soonest_first,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._report.survey import (
    describe_selected,
    read_every_key,
    read_keys,
    with_other_regions,
)

KEY_STATES = (
    "Creating",
    "Enabled",
    "Disabled",
    "PendingDeletion",
    "PendingImport",
    "PendingReplicaDeletion",
    "Updating",
)
ARGUMENT_SPEC: dict[str, t.Any] = {
    # Identifiers, whatever their names suggest to no_log's guess.
    "key_ids": {"type": "list", "elements": "str", "no_log": False},
    "allow_missing": {"type": "bool", "default": False},
    "alias_patterns": {"type": "list", "elements": "str", "default": []},
    "tags": {"type": "dict", "default": {}},
    "include_tags": {"type": "bool", "default": False},
    "include_replicas": {"type": "bool", "default": False},
    "key_states": {"type": "list", "elements": "str", "choices": list(KEY_STATES), "default": []},
    "key_specs": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "days_left_below": {"type": "int"},
}


def main() -> None:
    module = make_module(ARGUMENT_SPEC, supports_check_mode=True)
    try:
        region = region_of_keys(module, module.params["key_ids"] or (), "key_ids")
        result = tell(make_kms(module, region), module.params, lambda other: make_kms(module, other))
    except CloudKeysError as error:
        fail(module, error)
    module.exit_json(changed=False, **result)


def tell(kms: Kms, options: t.Mapping[str, t.Any], in_region: t.Callable[[str], Kms]) -> dict[str, t.Any]:
    """The result.

    :param in_region: KMS in another Region, as the same task reaches it.
    :raises CloudKeysError: a sentence; :raises KmsError: the same.
    """
    filters = Filters.from_options(options)
    with_tags = bool(options["include_tags"] or filters.tags)
    if options["key_ids"] is not None:
        readings = read_keys(kms, options["key_ids"], with_tags)
    else:
        readings = read_every_key(kms, with_tags, filters)
    absent = missing(readings)
    if absent and not options["allow_missing"]:
        raise CloudKeysError(explain_missing(absent, kms.region), missing_key_ids=absent, region=kms.region)
    if options["include_replicas"]:
        readings = with_other_regions(readings, in_region)
    entries, now = describe_selected(readings, filters)
    if options["key_ids"] is None:
        entries.sort(key=soonest_first)
    return {
        "kms_keys": entries,
        "read_at": format_time(now),
        "region": kms.region,
        "missing_key_ids": absent,
        "alias_pattern_matches": count_matches(readings, filters),
    }


if __name__ == "__main__":
    main()
