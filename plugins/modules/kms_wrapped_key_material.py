# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module is documentation only. The action plugin of the same name implements it on the controller.

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_wrapped_key_material
version_added: 0.1.0
short_description: Encrypt key material for AWS KMS on a machine without a network
description:
  - Encrypts key material with the import parameters from M(cloudkeys.aws.kms_import_parameters) and writes a wrapped
    bundle, which contains the encrypted key material and its import token. M(cloudkeys.aws.kms_key_material) imports
    the bundle on another machine. The plaintext key material never leaves this machine.
  - The module runs on the controller, in the memory of one process. It requires no AWS library, network, credentials,
    or target.
  - The bundle also contains data for KMS to confirm after the import, the public key of an RSA or ECC key, or a random
    message and its MAC for an HMAC key. It contains none for a symmetric key, which KMS cannot confirm.
  - Every run encrypts again and writes a new bundle with a new check code. An existing bundle is never reused, because
    anyone who can write to the folder could have created it with their own key material.
  - "B(Anyone who can replace the import parameters can read the key material.) Anyone who can replace the wrapped
    bundle can import other key material, because anyone can encrypt under a public key. Digests in the files detect
    damage, not tampering. To detect substituted files, read both check codes aloud from one machine to the other, and
    set O(expected_check_code); see R(the guide, ansible_collections.cloudkeys.aws.docsite.guide_ceremony)."
options:
  parameters_bundle_src:
    description:
      - The file on the controller that contains the import parameters. It is searched for like the source file of
        M(ansible.builtin.copy).
      - It must be a regular file of at most 64 KiB, or a link to one. Other files are not opened.
      - The task fails before it encrypts anything if the bundle is damaged or expired, or claims to be valid for more
        than 24 hours and 10 minutes. KMS issues import parameters for 24 hours; the rest allows for a slow clock on
        this machine.
    type: path
  parameters_bundle:
    description:
      - The import parameters as a value, RV(cloudkeys.aws.kms_import_parameters#module:bundles[].bundle).
    type: raw
  expected_check_code:
    description:
      - The check code of the import parameters, RV(cloudkeys.aws.kms_import_parameters#module:bundles[].check_code), as
        read aloud by the person who exported them. Case, spaces, and hyphens are ignored.
      - Any other bundle is refused. The message states the difference but never contains the code of the refused file.
    type: str
  min_validity:
    description:
      - The minimum remaining validity of the import token, by the clock of this machine. Use whole numbers with the
        units V(d), V(h), V(m), and V(s), less than V(24h).
    type: str
    default: 1h
  wrapping_key_trust:
    description:
      - The parties that are allowed to have controlled the wrapping public key. They can read the key material. The
        bundle contains the endpoint and connection that it came from. The person who created it wrote these values, so
        this option protects only against mistakes.
      - V(kms_direct) - only KMS; see O(cloudkeys.aws.kms_key_material#module:wrapping_key_trust).
      - V(target) - also the target and the endpoint in the bundle.
    type: str
    choices: [kms_direct, target]
    default: kms_direct
  dest:
    description:
      - The wrapped bundle file on the controller, written atomically with the mode 0600. A relative path starts at the
        folder of the playbook. The folder must exist.
      - An existing wrapped bundle is replaced. If the path is anything else, such as another file, a symbolic link, a
        FIFO, or a device, the task fails and writes nothing.
    type: path
  return_bundle:
    description:
      - Whether to return the wrapped bundle in RV(bundle) also. O(dest) is then optional.
    type: bool
    default: false
  wrapping_public_key_dest:
    description:
      - Write the wrapping public key to this file on the controller, for an HSM that encrypts the key material, and
        encrypt nothing. The format is PEM if the name ends in C(.pem), otherwise DER, the C(PublicKey.bin) of the AWS
        guide. An existing file is replaced if it contains only an RSA public key. Otherwise, the task fails.
      - Encrypt with RV(wrapping_algorithm). Pass the result as O(encrypted_key_material_src), with the same import
        parameters.
    type: path
  encrypted_key_material_src:
    description:
      - A file on the controller that contains key material, encrypted by another tool under the wrapping public key of
        these import parameters. Only its length can be checked. The wrapped bundle cannot have KMS confirm the key
        material.
    type: path
  encrypted_key_material:
    description:
      - The encrypted key material as base64 text. Requires C(no_log=true) on the task.
    type: str
notes:
  - Python cannot wipe memory. The key material stays in the memory of the worker process until the task ends.
requirements:
  - python >= 3.10 on the controller
  - cryptography >= 38.0.4, on the controller
seealso:
  - ref: ansible_collections.cloudkeys.aws.docsite.guide_ceremony
    description: A key ceremony across an air gap.
  - module: cloudkeys.aws.kms_import_parameters
  - module: cloudkeys.aws.kms_key_material
  - name: Encrypt the key material
    description: The step of the AWS procedure that this module replaces.
    link: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
author:
  - The cloudkeys.aws authors (@cloudkeys)
extends_documentation_fragment:
  - cloudkeys.aws.key_material
  - cloudkeys.aws.offline
"""

EXAMPLES = r"""
- name: Encrypt the payments key material
  cloudkeys.aws.kms_wrapped_key_material:
    parameters_bundle_src: stick/payments.parameters.json
    expected_check_code: "{{ payments_check_code }}"
    key_material_src: payments.key
    dest: stick/payments.wrapped.json
  register: wrapped

- name: Display the code to read aloud
  ansible.builtin.debug:
    var: wrapped.check_code

- name: Write the wrapping public key for an HSM
  cloudkeys.aws.kms_wrapped_key_material:
    parameters_bundle_src: stick/ledger.parameters.json
    expected_check_code: "{{ ledger_check_code }}"
    wrapping_public_key_dest: PublicKey.pem

- name: Create a bundle from key material that the HSM encrypted
  cloudkeys.aws.kms_wrapped_key_material:
    parameters_bundle_src: stick/ledger.parameters.json
    expected_check_code: "{{ ledger_check_code }}"
    encrypted_key_material_src: EncryptedKeyMaterial.bin
    dest: stick/ledger.wrapped.json
"""

RETURN = r"""
check_code:
  description:
    - The check code, the first 100 bits of the SHA-256 of the wrapped bundle file in base32 (RFC 4648), as five groups
      of four characters, for O(cloudkeys.aws.kms_key_material#module:expected_check_code). Null in check mode.
  returned: when a bundle is wrapped
  type: str
  sample: 4TQX-WM2C-VZ6N-H3RA-OJ7K
parameters_check_code:
  description: The check code of the given import parameters.
  returned: success
  type: str
  sample: K3ZQ-7DMV-2XNA-PLWE-5RTB
key_arn:
  description: The key ARN.
  returned: success
  type: str
  sample: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
key_id:
  description: The key ID.
  returned: success
  type: str
  sample: 1234abcd-12ab-34cd-56ef-1234567890ab
key_spec:
  description: The key spec.
  returned: success
  type: str
  sample: SYMMETRIC_DEFAULT
region:
  description: The Region of the key.
  returned: success
  type: str
  sample: eu-central-1
wrapping_algorithm:
  description: The wrapping algorithm.
  returned: success
  type: str
  sample: RSAES_OAEP_SHA_256
wrapping_key_spec:
  description: The wrapping key spec.
  returned: success
  type: str
  sample: RSA_4096
wrapping_public_key_sha256:
  description: The SHA-256 of the wrapping public key (SubjectPublicKeyInfo, DER), in hex.
  returned: success
  type: str
  sample: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
parameters_valid_to:
  description: The expiration of the import token and the bundle, in ISO 8601, UTC.
  returned: success
  type: str
  sample: "2026-09-18T20:00:00+00:00"
endpoint:
  description: The endpoint that returned the import parameters, according to the bundle.
  returned: success
  type: str
  sample: https://kms.eu-central-1.amazonaws.com
connection:
  description: The connection to the target that used the endpoint, according to the bundle.
  returned: success
  type: str
  sample: local
key_material_label:
  description:
    - The label that the import adds to the description of the key material of a symmetric encryption key, from the
      SHA-256 of the ciphertext; see O(cloudkeys.aws.kms_key_material#module:key_material_label). Null for other keys.
  returned: when a bundle is wrapped, not in check mode
  type: str
  sample: cloudkeys.aws/v1c:9f86d081884c7d659a2feaa0c55ad015
dest:
  description: The wrapped bundle file.
  returned: when a bundle is wrapped
  type: str
  sample: /home/custodian/stick/payments.wrapped.json
wrapping_public_key_dest:
  description: The wrapping public key file.
  returned: when O(wrapping_public_key_dest) is set
  type: str
  sample: /home/custodian/PublicKey.pem
bundle:
  description:
    - The wrapped bundle, for O(cloudkeys.aws.kms_key_material#module:wrapped_bundle).
  returned: when O(return_bundle=true)
  type: dict
"""
