# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Options for key material that was encrypted elsewhere."""

    DOCUMENTATION = r"""
options:
  encrypted_key_material_src:
    description:
      - A file on the controller that contains encrypted key material, the C(EncryptedKeyMaterial.bin) of the AWS guide.
        Requires O(import_token_src) or O(import_token) from the same download as the wrapping public key.
      - The next run recognizes the same file only for a symmetric encryption key, by its label. For other keys, the
        match is V(unknown) until KMS imports it.
    type: path
  encrypted_key_material:
    description: The encrypted key material as base64 text. Requires C(no_log=true) on the task.
    type: str
  import_token_src:
    description:
      - A file on the controller that contains the import token, the C(ImportToken.bin) of the AWS guide. It is valid
        for 24 hours, for one key in one Region.
    type: path
  import_token:
    description: The import token as base64 text. Requires C(no_log=true) on the task.
    type: str
  wrapped_bundle_src:
    description:
      - A file on the controller that contains a wrapped bundle of M(cloudkeys.aws.kms_wrapped_key_material), with the
        encrypted key material and its import token. The task fails if the bundle is damaged or for another key or
        Region, and if an import is required after the bundle has expired.
      - KMS confirms the public key or MAC in the bundle after the import of an RSA, ECC, or HMAC key. If it does not,
        the task fails, and you must not use the key. Only O(expected_check_code) protects symmetric key material.
    type: path
  wrapped_bundle:
    description:
      - The wrapped bundle as a value, RV(cloudkeys.aws.kms_wrapped_key_material#module:bundle). Requires
        C(no_log=true) on the task.
    type: raw
  expected_check_code:
    description:
      - The check code of the wrapped bundle, as read aloud by the person who made it. Case, spaces, and hyphens are
        ignored. Any other bundle is refused, and its code is not displayed.
      - If omitted, an import warns, because anyone who can replace the file can import other key material into a key
        that has none yet.
    type: str
"""
