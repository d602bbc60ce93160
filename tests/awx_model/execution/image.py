# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The execution environment's image."""

from __future__ import annotations

import os


def image(emulator_url: str) -> dict[str, str]:
    """Its environment: the collections of the test environment, and the emulator's address instead of AWS's."""
    return {
        "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
        "AWS_ENDPOINT_URL_KMS": emulator_url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
