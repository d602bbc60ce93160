# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The versions that the code checks and the documentation names. galaxy.yml and the requirement files agree with
them.
"""

from __future__ import annotations

__all__ = (
    "COLLECTION_NAME",
    "COLLECTION_VERSION",
    "MINIMUM_BOTOCORE_VERSION",
    "MINIMUM_CRYPTOGRAPHY_VERSION",
    "NO_AMAZON_AWS",
)

COLLECTION_NAME = "cloudkeys.aws"
COLLECTION_VERSION = "0.1.0"
# The first with ImportType, KeyMaterialId and KeyMaterialDescription of ImportKeyMaterial (2025-06-05).
MINIMUM_BOTOCORE_VERSION = "1.38.31"
# The oldest tested version; it is in Debian 12.
MINIMUM_CRYPTOGRAPHY_VERSION = "38.0.4"
NO_AMAZON_AWS = (
    "The collection amazon.aws is not installed on the controller. Install it with ansible-galaxy collection install"
    " amazon.aws."
)
