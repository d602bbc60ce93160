# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations


class ModuleDocFragment:
    """Where key material comes from that was encrypted elsewhere."""

    DOCUMENTATION = r"""
options:
  encrypted_key_material_src:
    description:
      - A file on the controller with key material that was encrypted elsewhere, C(EncryptedKeyMaterial.bin) of the
        AWS guide. Needs O(import_token_src) or O(import_token), from the same download as the wrapping public key.
      - For a symmetric encryption key the same two files are recognized on the next run, by the digest of the
        ciphertext in the label; see O(cloudkeys.aws.kms_key_material#module:key_material_label). For other keys the
        match is V(unknown) until KMS imports it.
    type: path
  encrypted_key_material:
    description:
      - The same as base64 text. The task must have C(no_log=true).
    type: str
  import_token_src:
    description:
      - A file on the controller with the import token, C(ImportToken.bin) of the AWS guide. It is valid for 24
        hours, for one key in one Region.
    type: path
  import_token:
    description:
      - The same as base64 text. The task must have C(no_log=true).
    type: str
  wrapped_bundle_src:
    description:
      - A file on the controller with a wrapped bundle, which M(cloudkeys.aws.kms_wrapped_key_material) made of key
        material that is elsewhere. It holds the encrypted key material and the import token.
      - The task fails when it is for another key or Region than O(key_id), damaged, or expired and an import is due.
      - What a bundle says of itself is a claim. For an RSA, ECC or HMAC key KMS is asked after the import whether it
        holds the key material with this public key, or that makes this MAC; if it does not, the task fails, and the key
        must not be used. For a symmetric encryption key KMS cannot tell. There only O(expected_check_code) protects.
    type: path
  wrapped_bundle:
    description:
      - The same as a value, what RV(cloudkeys.aws.kms_wrapped_key_material#module:bundle) holds. The task must have
        C(no_log=true).
    type: raw
  expected_check_code:
    description:
      - The check code of the wrapped bundle, as whoever made it reads it aloud,
        RV(cloudkeys.aws.kms_wrapped_key_material#module:check_code). Any other bundle is refused. Without it,
        anyone who can replace the file can put other key material into a key that has none yet, and an import warns.
      - Case, spaces and hyphens do not count.
    type: str
"""
