#!/usr/bin/python
# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_import_parameters
version_added: 0.1.0
short_description: Download wrapping public keys and import tokens from AWS KMS for offline key material
description:
  - Downloads the import parameters of a KMS key (GetParametersForImport), which are the wrapping public key and the
    import token, to a file on the controller. M(cloudkeys.aws.kms_wrapped_key_material) uses this bundle to encrypt key
    material on a machine without a network. M(cloudkeys.aws.kms_key_material) imports the result.
  - If the key material may be on the controller, use only M(cloudkeys.aws.kms_key_material).
  - Every run requests and writes new import parameters. An existing file is never reused, because anyone who can write
    to the folder could have created it with their own wrapping key. Earlier import parameters remain valid for their 24
    hours, but only the codes of the last run match the files.
  - "B(Anyone who can replace the bundle can read the key material.) It contains the wrapping public key, which KMS does
    not sign. The digests in a bundle detect damage, not tampering. To detect a substituted bundle, read
    RV(bundles[].check_code) aloud from one machine to the other, and set
    O(cloudkeys.aws.kms_wrapped_key_material#module:expected_check_code); see
    R(the guide, ansible_collections.cloudkeys.aws.docsite.guide_ceremony)."
attributes:
  idempotent:
    support: none
    details: Every run requests new import parameters, because a file cannot prove that its contents are from KMS.
options:
  bundles:
    description:
      - The keys and the files for each key. A key given by ARN is in the Region of its ARN, so that one task can use
        several Regions. Other keys are in the Region of the task. An O(region) that differs from an ARN is refused.
      - If a key fails, the bundles of the other keys are still written. The task then fails, and RV(bundles) contains
        the failed keys and reasons.
    type: list
    elements: dict
    required: true
    suboptions:
      key_id:
        description:
          - The KMS key, as a key ID, key ARN, alias name, or alias ARN. Its origin must be C(EXTERNAL).
        type: str
        required: true
        aliases: [key_arn]
      dest:
        description:
          - The bundle file on the controller, written atomically with the mode 0600. A relative path starts at the
            folder of the playbook. The folder must exist, except in check mode.
          - The bundle is canonical JSON, less than 64 KiB, and contains no key material.
          - An existing bundle is replaced. If the path is anything else, such as another file, a symbolic link, a FIFO,
            or a device, the key fails without a GetParametersForImport request, and nothing is written for it.
        type: path
      public_key_dest:
        description:
          - A file for the wrapping public key in binary, the C(PublicKey.bin) of the AWS guide. Requires
            O(bundles[].import_token_dest).
          - This file and the import token file have no check code. If you transfer them, compare the SHA-256 of this
            file with RV(bundles[].wrapping_public_key_sha256), or extract it from the bundle with
            O(cloudkeys.aws.kms_wrapped_key_material#module:wrapping_public_key_dest).
          - An existing file is replaced only if it contains an RSA public key, in DER or PEM, and nothing else.
            Otherwise, nothing is written for this key.
        type: path
      import_token_dest:
        description:
          - A file for the import token in binary, the C(ImportToken.bin) of the AWS guide. Requires
            O(bundles[].public_key_dest).
          - An existing file is replaced only if it contains the import token of the bundle in O(bundles[].dest), which
            is the only way to identify it. Otherwise, and without O(bundles[].dest), nothing is written for this key.
        type: path
  return_bundles:
    description:
      - Whether to return the bundles in RV(bundles[].bundle) also. Files are then optional.
    type: bool
    default: false
  quotas:
    description:
      - The request quotas of your account in each Region, in requests per second, by KMS operation. Operations that you
        omit have the default quotas of AWS.
      - Set a higher value if AWS has raised a quota, or a lower one to leave capacity for other callers. KMS throttles
        requests that exceed a quota; they are retried.
    type: dict
notes:
  - KMS allows one GetParametersForImport request per second in an account and Region; see O(quotas). For 20 keys in one
    Region, the task takes about 20 seconds. Regions are processed concurrently.
  - If KMS throttles requests because other callers use the quota, the task slows down and retries. It fails if KMS
    accepts no request for 15 minutes.
  - Check mode does not request import parameters.
  - "IAM: the required permissions are C(kms:DescribeKey) and C(kms:GetParametersForImport); see the last example."
requirements:
  - python >= 3.9 on the target, python >= 3.10 on the controller
  - botocore >= 1.38.31 and boto3 >= 1.38.31, on the target
seealso:
  - ref: ansible_collections.cloudkeys.aws.docsite.guide_ceremony
    description: A key ceremony across an air gap.
  - module: cloudkeys.aws.kms_wrapped_key_material
  - module: cloudkeys.aws.kms_key_material
  - name: GetParametersForImport
    description: The operation in the AWS KMS API Reference.
    link: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html
author:
  - The cloudkeys.aws authors (@cloudkeys)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - cloudkeys.aws.account
  - cloudkeys.aws.wrapping
  - cloudkeys.aws.attributes
"""

EXAMPLES = r"""
- name: Export import parameters for the ceremony
  cloudkeys.aws.kms_import_parameters:
    bundles:
      - key_id: alias/payments
        dest: stick/payments.parameters.json
      - key_id: alias/ledger
        dest: stick/ledger.parameters.json
    region: eu-central-1
  register: parameters

- name: Display the codes to read aloud
  ansible.builtin.debug:
    msg: "{{ item.key_id }} {{ item.check_code }}"
  loop: "{{ parameters.bundles }}"
  loop_control:
    label: "{{ item.key_id }}"

- name: Export the two files of the AWS guide for another tool
  cloudkeys.aws.kms_import_parameters:
    bundles:
      - key_id: alias/payments
        dest: stick/payments-for-the-tool.parameters.json
        public_key_dest: stick/PublicKey.bin
        import_token_dest: stick/ImportToken.bin
    region: eu-central-1
  register: for_the_tool

# PublicKey.bin has no check code. Anyone who can replace it can read the key material.
- name: Display the digest to compare with the SHA-256 of PublicKey.bin, before the other tool uses the file
  ansible.builtin.debug:
    msg: "{{ for_the_tool.bundles[0].wrapping_public_key_sha256 }}"

- name: Use a quota that AWS has raised to ten requests per second
  cloudkeys.aws.kms_import_parameters:
    bundles:
      - key_id: alias/payments
        dest: stick/payments-at-ten-a-second.parameters.json
    quotas:
      GetParametersForImport: 10
    region: eu-central-1

- name: Define a least-privilege IAM policy
  ansible.builtin.set_fact:
    import_parameters_policy:
      Version: "2012-10-17"
      Statement:
        - Sid: ReadKeys
          Effect: Allow
          Action: kms:DescribeKey
          Resource: arn:aws:kms:eu-central-1:111122223333:key/*
        - Sid: RequireStrongWrapping
          Effect: Allow
          Action: kms:GetParametersForImport
          Resource: arn:aws:kms:eu-central-1:111122223333:key/*
          Condition:
            StringEquals:
              kms:WrappingAlgorithm: [RSAES_OAEP_SHA_256, RSA_AES_KEY_WRAP_SHA_256]
              kms:WrappingKeySpec: RSA_4096
"""

RETURN = r"""
bundles:
  description:
    - The results for the entries of O(bundles), in the same order, also if the task fails.
  returned: unless the options of the task are refused
  type: list
  elements: dict
  contains:
    key_id:
      description: The key, as given in the task.
      type: str
      sample: alias/payments
    failed:
      description: V(true). No bundle was created for this key, or not all of its files were written.
      returned: when this key failed
      type: bool
      sample: true
    msg:
      description: The reason, and what to do.
      returned: when this key failed
      type: str
      sample: >-
        arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab has the origin AWS_KMS; key
        material can only be imported into a key with the origin EXTERNAL.
    kms_error:
      description: The KMS error, with the fields of RV(kms_error).
      returned: when KMS refused a request for this key
      type: dict
    key_arn:
      description: The key ARN. Null if the key could not be described.
      type: str
      sample: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    key_spec:
      description: The key spec.
      returned: when the key could be described
      type: str
      sample: SYMMETRIC_DEFAULT
    region:
      description: The Region of the key.
      returned: when the key could be described
      type: str
      sample: eu-central-1
    changed:
      description: Whether files were written or, in check mode, would be written.
      type: bool
      sample: true
    check_code:
      description:
        - The check code, the first 100 bits of the SHA-256 of the bundle file in base32 (RFC 4648), as five groups of
          four characters. Null in check mode, and if no bundle was created.
      type: str
      sample: K3ZQ-7DMV-2XNA-PLWE-5RTB
    wrapping_algorithm:
      description: The wrapping algorithm.
      returned: when key material can be imported into the key
      type: str
      sample: RSAES_OAEP_SHA_256
    wrapping_key_spec:
      description: The wrapping key spec.
      returned: when key material can be imported into the key
      type: str
      sample: RSA_4096
    wrapping_public_key_sha256:
      description: The SHA-256 of the wrapping public key (SubjectPublicKeyInfo, DER), in hex.
      returned: when KMS returned import parameters
      type: str
      sample: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
    parameters_valid_to:
      description: The expiration of the import token, in ISO 8601, UTC.
      returned: when KMS returned import parameters
      type: str
      sample: "2026-09-18T20:00:00+00:00"
    endpoint:
      description: The endpoint that returned the import parameters.
      returned: when KMS returned import parameters
      type: str
      sample: https://kms.eu-central-1.amazonaws.com
    connection:
      description:
        - The connection to the target that used the endpoint.
        - It ends in C(over the proxy URL) if a proxy could have answered in place of the endpoint.
      returned: when KMS returned import parameters
      type: str
      sample: local
    dest:
      description: The bundle file.
      returned: when the entry contains it
      type: str
      sample: /home/exporter/stick/payments.parameters.json
    public_key_dest:
      description: The wrapping public key file.
      returned: when the entry contains it
      type: str
      sample: /home/exporter/stick/PublicKey.bin
    import_token_dest:
      description: The import token file.
      returned: when the entry contains it
      type: str
      sample: /home/exporter/stick/ImportToken.bin
    bundle:
      description:
        - The bundle, for O(cloudkeys.aws.kms_wrapped_key_material#module:parameters_bundle).
      returned: when O(return_bundles=true) and KMS returned import parameters
      type: dict
kms_error:
  description:
    - The KMS error for the first key that failed, in addition to RV(ignore:msg). It has C(operation), C(code),
      C(message), which can be empty, and C(request_id).
  returned: when KMS refused a request for that key
  type: dict
  sample:
    operation: GetParametersForImport
    code: KMSInvalidStateException
    message: ""
    request_id: 7a9c4f3c-6d9c-4d5e-8b0a-9d5b1f3a2c11
"""

from ansible_collections.cloudkeys.aws.plugins.module_utils._bundle.options import IMPORT_PARAMETERS
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.aws_module import make_module


def main() -> None:
    module = make_module(IMPORT_PARAMETERS, supports_check_mode=True)
    module.fail_json(
        msg="This module requires its action plugin, which runs on the controller. Call it as"
        " cloudkeys.aws.kms_import_parameters from a task or with ansible -m, not through another action."
    )


if __name__ == "__main__":
    main()
