#!/usr/bin/python
# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_import_parameters
version_added: 0.1.0
short_description: Fetch wrapping public keys and import tokens from AWS KMS, for key material that stays offline
description:
  - Writes what KMS's GetParametersForImport gives for a KMS key, the wrapping public key and the import token, to a
    file on the controller. With it, key material is encrypted on a machine that has no network, by
    M(cloudkeys.aws.kms_wrapped_key_material), and M(cloudkeys.aws.kms_key_material) imports the result.
  - Where the key material may be on the controller, none of this is needed; use M(cloudkeys.aws.kms_key_material)
    alone.
  - Every run asks KMS for new import parameters and writes them. A file that is there is never kept, because anyone who
    can write into the folder could have made it, with a wrapping key of their own. Import parameters that were handed
    out before stay valid for their 24 hours; but only the codes of the last run are those of the files.
  - "B(Anyone who can put another bundle in its place can read the key material): the wrapping public key in it is what
    key material is encrypted under, and KMS signs nothing. The digests in a bundle show damage, not tampering. What
    prevents it is RV(bundles[].check_code), read aloud between the two people at the two machines, and
    O(cloudkeys.aws.kms_wrapped_key_material#module:expected_check_code)."
attributes:
  idempotent:
    support: none
    details: Every run asks KMS for new import parameters, because no file can show that KMS gave what is in it.
options:
  bundles:
    description:
      - The keys, and the files for each. A key named by ARN is looked for in the Region of its ARN, so the keys of one
        task can be in several Regions; any other name is looked for in the Region of the task. O(region) is refused
        where an ARN is of another Region.
      - When one of the keys fails, the others get their bundles all the same. The task then fails at the end, and
        RV(bundles) says which of them failed and why.
    type: list
    elements: dict
    required: true
    suboptions:
      key_id:
        description:
          - The KMS key, by key ID, key ARN, alias name or alias ARN. Its origin must be C(EXTERNAL).
        type: str
        required: true
        aliases: [key_arn]
      dest:
        description:
          - The file on the controller that the bundle is written to, with the mode 0600, as a whole or not at all. A
            relative path begins at the folder of the playbook. The folder must exist.
          - The bundle is canonical JSON, less than 64 KiB; it holds no key material.
          - A file that is there is replaced when it is such a bundle. When it is anything else, a symbolic link, a FIFO
            or a device for example, KMS is not asked for this key's import parameters, and nothing is written for it.
          - In check mode the folder may be missing, because an earlier task of the play may create it.
        type: path
      public_key_dest:
        description:
          - A file for the wrapping public key alone, binary, the C(PublicKey.bin) of the AWS guide. Requires
            O(bundles[].import_token_dest).
          - This file and that of the import token have no check code. Where they travel, compare the SHA-256 of this
            one with RV(bundles[].wrapping_public_key_sha256), or have
            O(cloudkeys.aws.kms_wrapped_key_material#module:wrapping_public_key_dest) write it out of the bundle.
          - A file that is there is replaced when it holds an RSA public key, as DER or PEM, and nothing else. Otherwise
            nothing is written for this key.
        type: path
      import_token_dest:
        description:
          - A file for the import token alone, binary, the C(ImportToken.bin) of the AWS guide. Requires
            O(bundles[].public_key_dest).
          - A file that is there is replaced when it is the import token of the bundle in O(bundles[].dest), because
            nothing else tells what it is. Otherwise, and without O(bundles[].dest), nothing is written for this key.
        type: path
  return_bundles:
    description:
      - Whether to return the bundles as values, too, in RV(bundles[].bundle). With it, files need not be written.
    type: bool
    default: false
  quotas:
    description:
      - How many requests of an operation KMS takes a second, for your account and each Region, by the name of the KMS
        operation. Name those that are not AWS's defaults, which are those of the others.
      - Give more where AWS has raised a quota, and less to leave some of it to others. What is more than the quota is
        throttled by KMS, and then repeated.
    type: dict
notes:
  - KMS allows one GetParametersForImport request a second for an account and Region, unless AWS has raised that quota;
    see O(quotas). The task keeps to it, so 20 keys of one Region take some 20 seconds. Regions do not wait for each
    other.
  - Where others use the quota, too, KMS throttles requests. The task then slows down and repeats them, and fails only
    when KMS takes none of them for 15 minutes.
  - In check mode KMS is not asked for import parameters.
  - "IAM: C(kms:DescribeKey) and C(kms:GetParametersForImport), as in the last of the examples."
requirements:
  - python >= 3.9 on the target, python >= 3.10 on the controller
  - botocore >= 1.38.31 and boto3 >= 1.38.31, on the target
seealso:
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
- name: Import parameters for the ceremony
  cloudkeys.aws.kms_import_parameters:
    bundles:
      - key_id: alias/payments
        dest: stick/payments.parameters.json
      - key_id: alias/ledger
        dest: stick/ledger.parameters.json
    region: eu-central-1
  register: parameters

- name: The codes to read aloud
  ansible.builtin.debug:
    msg: "{{ item.key_id }} {{ item.check_code }}"
  loop: "{{ parameters.bundles }}"
  loop_control:
    label: "{{ item.key_id }}"

- name: The two files of the AWS guide, for a tool that wants these
  cloudkeys.aws.kms_import_parameters:
    bundles:
      - key_id: alias/payments
        dest: stick/payments-for-the-tool.parameters.json
        public_key_dest: stick/PublicKey.bin
        import_token_dest: stick/ImportToken.bin
    region: eu-central-1

- name: In an account whose quota AWS has raised to ten a second
  cloudkeys.aws.kms_import_parameters:
    bundles:
      - key_id: alias/payments
        dest: stick/payments-at-ten-a-second.parameters.json
    quotas:
      GetParametersForImport: 10
    region: eu-central-1

- name: An IAM policy that is enough
  ansible.builtin.set_fact:
    import_parameters_policy:
      Version: "2012-10-17"
      Statement:
        - Sid: LookAtTheKeys
          Effect: Allow
          Action: kms:DescribeKey
          Resource: arn:aws:kms:eu-central-1:111122223333:key/*
        - Sid: EncryptWellOrNotAtAll
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
    - One for each entry of O(bundles), in their order, also when the task fails.
  returned: unless the task's options are refused
  type: list
  elements: dict
  contains:
    key_id:
      description: The key, as the task names it.
      type: str
      sample: alias/payments
    failed:
      description: V(true). There is no bundle for this key, or not all of its files were written.
      returned: when this key failed
      type: bool
      sample: true
    msg:
      description: Why, and what to do.
      returned: when this key failed
      type: str
      sample: >-
        arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab has the origin AWS_KMS; key
        material can only be imported into a key with the origin EXTERNAL.
    kms_error:
      description: The error of KMS, with the fields of RV(kms_error).
      returned: when KMS refused a request for this key
      type: dict
    key_arn:
      description: The key ARN. Null when the key could not be described.
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
      description: Whether files were written, or in check mode would be.
      type: bool
      sample: true
    check_code:
      description:
        - The first 100 bits of the SHA-256 of the bundle's file in base32 (RFC 4648), five groups of four characters.
          Null in check mode, and when no bundle was made.
      type: str
      sample: K3ZQ-7DMV-2XNA-PLWE-5RTB
    wrapping_algorithm:
      description: The wrapping algorithm.
      returned: when the key takes key material
      type: str
      sample: RSAES_OAEP_SHA_256
    wrapping_key_spec:
      description: The wrapping key spec.
      returned: when the key takes key material
      type: str
      sample: RSA_4096
    wrapping_public_key_sha256:
      description: SHA-256 of the wrapping public key (SubjectPublicKeyInfo, DER), hex.
      returned: when KMS gave import parameters
      type: str
      sample: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
    parameters_valid_to:
      description: Until when KMS takes the import token, in ISO 8601, UTC.
      returned: when KMS gave import parameters
      type: str
      sample: "2026-09-18T20:00:00+00:00"
    endpoint:
      description: The endpoint that the import parameters came from.
      returned: when KMS gave import parameters
      type: str
      sample: https://kms.eu-central-1.amazonaws.com
    connection:
      description:
        - The connection to the target that talked to it.
        - It ends in C(over the proxy URL) where a proxy could have answered instead of the endpoint.
      returned: when KMS gave import parameters
      type: str
      sample: local
    dest:
      description: The file of the bundle.
      returned: when the entry names one
      type: str
      sample: /home/exporter/stick/payments.parameters.json
    public_key_dest:
      description: The file of the wrapping public key.
      returned: when the entry names one
      type: str
      sample: /home/exporter/stick/PublicKey.bin
    import_token_dest:
      description: The file of the import token.
      returned: when the entry names one
      type: str
      sample: /home/exporter/stick/ImportToken.bin
    bundle:
      description:
        - The bundle, for O(cloudkeys.aws.kms_wrapped_key_material#module:parameters_bundle).
      returned: when O(return_bundles=true) and KMS gave import parameters
      type: dict
kms_error:
  description:
    - The error of KMS for the first key that failed, beside the sentence in RV(ignore:msg).
  returned: when KMS refused a request for that key
  type: dict
  contains:
    operation:
      description: The operation.
      type: str
      sample: GetParametersForImport
    code:
      description: KMS's error code.
      type: str
      sample: KMSInvalidStateException
    message:
      description: KMS's own message, which may be empty.
      type: str
      sample: ""
    request_id:
      description: The request ID.
      type: str
      sample: 7a9c4f3c-6d9c-4d5e-8b0a-9d5b1f3a2c11
"""

from ansible_collections.cloudkeys.aws.plugins.module_utils._bundle.options import IMPORT_PARAMETERS
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.aws_module import make_module


def main() -> None:
    module = make_module(IMPORT_PARAMETERS, supports_check_mode=True)
    module.fail_json(
        msg="This module does nothing without its action plugin, which runs on the controller. Call it as"
        " cloudkeys.aws.kms_import_parameters from a task or with ansible -m, not through another action."
    )


if __name__ == "__main__":
    main()
