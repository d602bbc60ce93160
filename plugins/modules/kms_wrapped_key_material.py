# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This is a virtual module that is entirely implemented server side: by the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_wrapped_key_material
version_added: 0.1.0
short_description: Encrypt key material for AWS KMS on a machine that has no network
description:
  - Takes the import parameters that M(cloudkeys.aws.kms_import_parameters) wrote for a KMS key, and key material that
    never leaves this machine, and writes a wrapped bundle, the encrypted key material with its import token, which
    M(cloudkeys.aws.kms_key_material) imports elsewhere.
  - Everything is done on the controller, in the memory of one process. It needs no AWS library, no network, no
    credentials and no target.
  - The wrapped bundle also says what KMS can confirm after the import. For an RSA or ECC key that is the public key,
    for an HMAC key a random message and its MAC. For a symmetric key it is nothing, because KMS shows nothing of such a
    key.
  - Every run encrypts again and writes another wrapped bundle, with another check code. One that is there is never
    kept, whatever it says of its content, because anyone who can write into the folder could have made it, with key
    material of their own.
  - "B(Anyone who can put another bundle in the place of the import parameters can read the key material), and anyone
    who can replace the wrapped bundle can put in other key material, since everybody can encrypt under a public key.
    Digests in the files show damage, not tampering. What prevents it is the check code of each, read aloud between two
    people; set O(expected_check_code)."
options:
  parameters_bundle_src:
    description:
      - The file of the import parameters, on the controller, found in the way in which M(ansible.builtin.copy) finds
        its O(ansible.builtin.copy#module:src).
      - A regular file of at most 64 KiB, or a link to one. Anything else is not opened.
      - The task fails, and encrypts nothing, when the bundle is damaged or expired, or claims to be valid for more than
        24 hours, which is what KMS gives, and 10 minutes, by which this machine's clock may be behind.
    type: path
  parameters_bundle:
    description:
      - The same as a value, what RV(cloudkeys.aws.kms_import_parameters#module:bundles[].bundle) holds.
    type: raw
  expected_check_code:
    description:
      - The check code of the import parameters, as the person who exported them reads it aloud,
        RV(cloudkeys.aws.kms_import_parameters#module:bundles[].check_code). Any other bundle is refused; the message
        says what is different, and never shows the code of the file that was refused.
      - Case, spaces and hyphens do not count.
    type: str
  min_validity:
    description:
      - How long KMS must still take the import token, by this machine's clock, as whole numbers with the units V(d),
        V(h), V(m) and V(s). Less than V(24h).
    type: str
    default: 1h
  wrapping_key_trust:
    description:
      - Who may have chosen the wrapping public key, and so can read the key material. Judged by what the bundle says
        of the endpoint and the connection over which it came; the person who made the bundle wrote that, so it
        protects against mistakes.
      - V(kms_direct) - KMS alone, as O(cloudkeys.aws.kms_key_material#module:wrapping_key_trust) describes.
      - V(target) - the target and the endpoint that the bundle names, too.
    type: str
    choices: [kms_direct, target]
    default: kms_direct
  dest:
    description:
      - The file on the controller that the wrapped bundle is written to, with the mode 0600, as a whole or not at all.
        A relative path begins at the folder of the playbook. The folder must exist.
      - A file that is there is replaced when it is such a bundle. When it is anything else, a symbolic link, a FIFO or
        a device for example, nothing is written and the task fails.
    type: path
  return_bundle:
    description:
      - Whether to return the wrapped bundle as a value, too, in RV(bundle). With it, no file need be written.
    type: bool
    default: false
  wrapping_public_key_dest:
    description:
      - Stop before the encryption, and write the wrapping public key to this file on the controller, for the tool of an
        HSM that encrypts key material itself. PEM if the name ends in C(.pem), otherwise DER, the C(PublicKey.bin) of
        the AWS guide. A file that is there is replaced when it holds an RSA public key and nothing else; otherwise the
        task fails.
      - RV(wrapping_algorithm) says how to encrypt. Give what the tool makes as O(encrypted_key_material_src), with the
        same import parameters.
    type: path
  encrypted_key_material_src:
    description:
      - A file on the controller with key material that another tool encrypted under the wrapping public key of these
        import parameters. Its length is checked. Nothing else can be, and the wrapped bundle will not tell whether
        KMS holds this key material.
    type: path
  encrypted_key_material:
    description:
      - The same as base64 text. The task must have C(no_log=true).
    type: str
notes:
  - Python cannot wipe memory. The key material stays in the memory of the worker process until that ends with the task.
requirements:
  - python >= 3.10 on the controller
  - cryptography >= 38.0.4, on the controller
seealso:
  - module: cloudkeys.aws.kms_import_parameters
  - module: cloudkeys.aws.kms_key_material
  - name: Encrypt the key material
    description: The step of AWS's procedure that this replaces.
    link: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
author:
  - The cloudkeys.aws authors (@cloudkeys)
extends_documentation_fragment:
  - cloudkeys.aws.key_material
  - cloudkeys.aws.offline
"""

EXAMPLES = r"""
- name: Encrypt the payments key's material, at the table
  cloudkeys.aws.kms_wrapped_key_material:
    parameters_bundle_src: stick/payments.parameters.json
    expected_check_code: "{{ payments_check_code }}"
    key_material_src: payments.key
    dest: stick/payments.wrapped.json
  register: wrapped

- name: The code to read aloud
  ansible.builtin.debug:
    var: wrapped.check_code

- name: Have an HSM encrypt it, which needs the wrapping public key
  cloudkeys.aws.kms_wrapped_key_material:
    parameters_bundle_src: stick/ledger.parameters.json
    expected_check_code: "{{ ledger_check_code }}"
    wrapping_public_key_dest: PublicKey.pem

- name: Take in what the HSM's tool made
  cloudkeys.aws.kms_wrapped_key_material:
    parameters_bundle_src: stick/ledger.parameters.json
    expected_check_code: "{{ ledger_check_code }}"
    encrypted_key_material_src: EncryptedKeyMaterial.bin
    dest: stick/ledger.wrapped.json
"""

RETURN = r"""
check_code:
  description:
    - The first 100 bits of the SHA-256 of the wrapped bundle's file in base32 (RFC 4648), five groups of four
      characters, for O(cloudkeys.aws.kms_key_material#module:expected_check_code). Null in check mode.
  returned: when a bundle is wrapped
  type: str
  sample: 4TQX-WM2C-VZ6N-H3RA-OJ7K
parameters_check_code:
  description: The check code of the import parameters that were given.
  returned: success
  type: str
  sample: K3ZQ-7DMV-2XNA-PLWE-5RTB
key_arn:
  description: The key that the bundle is for.
  returned: success
  type: str
  sample: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
key_id:
  description: Its key ID.
  returned: success
  type: str
  sample: 1234abcd-12ab-34cd-56ef-1234567890ab
key_spec:
  description: Its key spec.
  returned: success
  type: str
  sample: SYMMETRIC_DEFAULT
region:
  description: Its Region.
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
  description: SHA-256 of the wrapping public key (SubjectPublicKeyInfo, DER), hex.
  returned: success
  type: str
  sample: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
parameters_valid_to:
  description: Until when KMS takes the import token, and so the bundle, in ISO 8601, UTC.
  returned: success
  type: str
  sample: "2026-09-18T20:00:00+00:00"
endpoint:
  description: The endpoint that the import parameters came from, as the bundle says.
  returned: success
  type: str
  sample: https://kms.eu-central-1.amazonaws.com
connection:
  description: The connection to the target that talked to it, as the bundle says.
  returned: success
  type: str
  sample: local
key_material_label:
  description:
    - The label that the import writes into the description of the key material of a symmetric encryption key, the start
      of the ciphertext's SHA-256; see O(cloudkeys.aws.kms_key_material#module:key_material_label). Null for other keys.
  returned: when a bundle is wrapped, not in check mode
  type: str
  sample: cloudkeys.aws/v1c:9f86d081884c7d659a2feaa0c55ad015
dest:
  description: The file of the wrapped bundle.
  returned: when a bundle is wrapped
  type: str
  sample: /home/custodian/stick/payments.wrapped.json
wrapping_public_key_dest:
  description: The file of the wrapping public key.
  returned: when O(wrapping_public_key_dest) is given
  type: str
  sample: /home/custodian/PublicKey.pem
bundle:
  description:
    - The wrapped bundle, for O(cloudkeys.aws.kms_key_material#module:wrapped_bundle).
  returned: when O(return_bundle=true)
  type: dict
"""
