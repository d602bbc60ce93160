#!/usr/bin/python
# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_key_material_info
version_added: 0.1.0
short_description: Report the key material of AWS KMS keys and its expiration
description:
  - Returns the key state, key materials, expirations, days left, and remaining rotations of given KMS keys, or of every
    KMS key with imported key material (origin C(EXTERNAL)) in an account and Region.
  - Changes nothing. It returns what KMS reports. To verify that a key holds the correct key material, use
    M(cloudkeys.aws.kms_key_material), for example in check mode.
  - Keys are read concurrently. Properties that cannot be read are null, with the reason in RV(kms_keys[].unread).
options:
  key_ids:
    description:
      - The keys, of any origin, as key IDs, key ARNs, alias names (with the prefix C(alias/)) or alias ARNs. They are
        returned in this order.
      - ARNs also set the Region; a different O(region), or ARNs of several Regions, are refused.
      - A key that does not exist fails the task, unless O(allow_missing=true). A key that exists but cannot be
        described does not.
      - If omitted, all keys with the origin C(EXTERNAL) are returned, and keys that cannot be described and could have
        this origin. The key that expires next comes first.
    type: list
    elements: str
  allow_missing:
    description:
      - Whether keys in O(key_ids) can be missing. Missing keys are returned with RV(kms_keys[].exists=false).
    type: bool
    default: false
  alias_patterns:
    description:
      - Return only keys with an alias that matches one of these patterns. C(*) matches any characters, C(?) one
        character, and C([...]) one of several characters. The prefix C(alias/) is optional.
    type: list
    elements: str
    default: []
  tags:
    description:
      - Return only keys with all of these tags. Null matches any value.
    type: dict
    default: {}
  include_tags:
    description:
      - Whether to return the tags of each key, which requires one more request per key. Always true with O(tags).
    type: bool
    default: false
  include_replicas:
    description:
      - Whether to read multi-Region keys in all of their Regions and return RV(kms_keys[].regions) and
        RV(kms_keys[].regions_imported). Each Region has its own copies of the key materials, with their own
        expirations.
      - A Region that cannot be read does not fail the task. It is listed in RV(kms_keys[].unread).
    type: bool
    default: false
  key_states:
    description:
      - Return only keys in one of these key states, for example V(PendingImport).
    type: list
    elements: str
    choices: [Creating, Enabled, Disabled, PendingDeletion, PendingImport, PendingReplicaDeletion, Updating]
    default: []
  key_specs:
    description:
      - Return only keys with one of these key specs, for example V(SYMMETRIC_DEFAULT).
    type: list
    elements: str
    default: []
  days_left_below:
    description:
      - Return only keys with fewer days left than this, and keys that lack key material. With O(include_replicas), a
        key is returned if this applies to one of its Regions.
    type: int
notes:
  - Filters do not exclude a key if the filtered property is unknown.
  - KMS allows 100 ListKeyRotations requests per second in an account and Region. Reading 1,000 symmetric encryption
    keys takes at least 10 seconds.
  - "IAM: the last example is a least-privilege policy. C(kms:ListKeys) and C(kms:ListAliases) require the resource
    C(*). C(kms:ListResourceTags) is required only for tags. O(include_replicas) requires the other permissions in the
    other Regions also."
requirements:
  - python >= 3.9
  - botocore >= 1.38.31 and boto3 >= 1.38.31
seealso:
  - module: cloudkeys.aws.kms_key_material
  - module: cloudkeys.aws.kms_external_key
  - module: amazon.aws.kms_key_info
    description: Returns policies and grants of keys of any origin, but not their key materials.
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
    details: The module changes nothing.
"""

EXAMPLES = r"""
- name: Read all keys with imported key material
  cloudkeys.aws.kms_key_material_info:
    region: eu-central-1
  register: all

- name: Find keys that expire within 30 days or lack key material
  cloudkeys.aws.kms_key_material_info:
    days_left_below: 30
    region: eu-central-1
  register: soon

- name: Display them
  ansible.builtin.debug:
    msg: "{{ item.aliases[0] | default(item.key_id) }}: {{ item.days_left | default('no', true) }} days left"
  loop: "{{ soon.kms_keys }}"
  loop_control:
    label: "{{ item.key_id }}"

- name: Read the keys of the treasury, with their tags
  cloudkeys.aws.kms_key_material_info:
    alias_patterns: [payments, ledger-*]
    tags:
      owner: treasury
    region: eu-central-1

- name: Read one key
  cloudkeys.aws.kms_key_material_info:
    key_ids: [alias/payments]
    region: eu-central-1
  register: payments

- name: Read a multi-Region key in all of its Regions
  cloudkeys.aws.kms_key_material_info:
    key_ids: [alias/payments]
    include_replicas: true
    region: eu-central-1
  register: everywhere

- name: Display the Regions that lack key material
  ansible.builtin.debug:
    msg: "{{ item.region }}: {{ item.key_state | default('not read', true) }}"
  loop: "{{ everywhere.kms_keys[0].regions | default([], true) | rejectattr('import_state', 'eq', 'IMPORTED') }}"
  loop_control:
    label: "{{ item.arn }}"

- name: Stop if any property of the key could not be read
  ansible.builtin.assert:
    that: payments.kms_keys[0].unread == {}

- name: Define a least-privilege IAM policy
  ansible.builtin.set_fact:
    key_material_info_policy:
      Version: "2012-10-17"
      Statement:
        - Sid: ListKeys
          Effect: Allow
          Action:
            - kms:ListAliases
            - kms:ListKeys
          Resource: "*"
        - Sid: ReadKeys
          Effect: Allow
          Action:
            - kms:DescribeKey
            - kms:GetKeyRotationStatus # for keys with staged key material
            - kms:ListKeyRotations # for symmetric encryption keys
            - kms:ListResourceTags # for tags
          # For include_replicas, also the keys in the other Regions.
          Resource: arn:aws:kms:eu-central-1:111122223333:key/*
"""

RETURN = r"""
region:
  description: The Region of the keys.
  returned: success, and when a key is missing
  type: str
  sample: eu-central-1
missing_key_ids:
  description: The keys in O(key_ids) that do not exist in this account and Region.
  returned: success, and when a key is missing
  type: list
  elements: str
  sample: []
alias_pattern_matches:
  description:
    - The number of keys with a matching alias for each of O(alias_patterns), regardless of the other filters. Null if
      the aliases of a key could not be read.
  returned: success
  type: dict
  sample: {"payments": 1, "ledger-*": 0}
read_at:
  description:
    - The time from which RV(kms_keys[].days_left) is counted, by the clock of KMS, in ISO 8601, UTC.
  returned: success
  type: str
  sample: "2026-11-24T12:00:00+00:00"
kms_keys:
  description:
    - The keys. All times are in ISO 8601, UTC.
  returned: success
  type: list
  elements: dict
  contains:
    key_id:
      description: The key ID.
      type: str
      sample: 1234abcd-12ab-34cd-56ef-1234567890ab
    arn:
      description: The key ARN.
      type: str
      sample: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    exists:
      description: Whether the key exists. Null if this is unknown, because the key cannot be described.
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
      description: The tags of the key. Null if they were not requested.
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
      description: The creation date of the key.
      type: str
      sample: "2026-09-17T20:00:00+00:00"
    deletion_date:
      description: The date of a scheduled key deletion.
      type: str
      sample: null
    import_state:
      description:
        - V(IMPORTED) if KMS holds all key materials that the key requires. V(PENDING_IMPORT) if one is missing.
      type: str
      sample: IMPORTED
    expiration_model:
      description: The expiration model. Null if the key has no key material.
      type: str
      sample: KEY_MATERIAL_EXPIRES
    valid_to:
      description: The earliest expiration of the key materials that the key requires. Null if none expires.
      type: str
      sample: "2027-09-17T20:00:00+00:00"
    days_left:
      description:
        - The whole days until the earliest expiration of all key materials of the key, including staged key material.
          V(0) on the last day. Null if none expires.
      type: int
      sample: 297
    rotations_left:
      description:
        - The number of remaining rotations of a symmetric encryption key. KMS allows 25 rotations per key, a limit that
          cannot be raised.
      type: int
      sample: 25
    current_key_material_id:
      description: The ID of the current key material of a symmetric encryption key. Null before the first import.
      type: str
      sample: 96083e4fb6dbc41d77578a213a6b6669c044dd4c143e96755396d2bf11fd6068
    materials:
      description:
        - The key materials of a symmetric encryption key, the current one first. Null for other keys, and if the list
          could not be read.
      type: list
      elements: dict
      contains:
        key_material_id:
          description: The key material ID.
          type: str
        description:
          description: The description, excluding the label.
          type: str
        label:
          description: The label of M(cloudkeys.aws.kms_key_material). Null if it has none.
          type: str
        state:
          description: V(CURRENT), V(NON_CURRENT), V(PENDING_ROTATION), or V(PENDING_MULTI_REGION_IMPORT_AND_ROTATION).
          type: str
        import_state:
          description: V(IMPORTED) or V(PENDING_IMPORT).
          type: str
        expiration_model:
          description: The expiration model.
          type: str
        valid_to:
          description: The expiration.
          type: str
        days_left:
          description: The whole days until the expiration.
          type: int
        rotation_date:
          description:
            - The time of the rotation to this key material. Null for the first, and before its rotation.
          type: str
        rotation_type:
          description: V(ON_DEMAND). Null for the first key material, and before its rotation.
          type: str
        regions_imported:
          description:
            - The number of Regions of a multi-Region key that hold this key material. Null for a single-Region key,
              without O(include_replicas), and if this is unknown for a Region.
          type: int
    multi_region:
      description: Whether the key is a multi-Region key.
      type: bool
      sample: false
    multi_region_key_type:
      description: V(PRIMARY) or V(REPLICA). Null for a single-Region key.
      type: str
      sample: null
    primary_region:
      description: The Region of the primary key. Null for a single-Region key.
      type: str
      sample: null
    replica_regions:
      description: The Regions of all replica keys of the multi-Region key.
      type: list
      elements: str
      sample: []
    rotation_started:
      description:
        - The start of a rotation in progress. Null if none is known.
      type: str
      sample: null
    regions:
      description:
        - The Regions of a multi-Region key, including the one of this key, the primary key first. Null for a
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
          description: Whether the key exists in this Region. Null if this is unknown.
          type: bool
        multi_region_key_type:
          description: V(PRIMARY) or V(REPLICA).
          type: str
        key_state:
          description: The key state in this Region. Null, like the following fields, if it could not be read.
          type: str
        import_state:
          description:
            - V(IMPORTED) if KMS holds all key materials that the key requires in this Region. V(PENDING_IMPORT) if one
              is missing.
          type: str
        expiration_model:
          description: The expiration model in this Region.
          type: str
        valid_to:
          description: The earliest expiration of the key materials that the key requires in this Region.
          type: str
        days_left:
          description: The whole days until the earliest expiration of all key materials in this Region.
          type: int
        materials:
          description: The key materials in this Region; see RV(kms_keys[].materials).
          type: list
          elements: dict
        unread:
          description: The properties that could not be read, V(key), V(materials), or V(rotation), with the reasons.
          type: dict
      sample: null
    regions_imported:
      description:
        - The number of RV(kms_keys[].regions) that hold all key materials that the key requires. Null for a
          single-Region key, without O(include_replicas), and if this is unknown for a Region.
      type: int
      sample: null
    unread:
      description:
        - The properties that could not be read, V(key), V(materials), V(rotation), V(aliases), V(tags), or V(regions),
          with the reasons. With V(key), only the given name of the key is known. V(rotation) is whether a rotation is
          in progress. V(regions) lists the Regions in which a property could not be read.
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
    # no_log is set because Ansible warns about options whose names resemble secrets.
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
    """Return the result.

    :param in_region: returns KMS in another Region, with the connection options of the task.
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
    entries, now = describe_selected(readings, filters, kms.now)
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
