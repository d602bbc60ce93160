# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the role awx_setup, as a user would write them."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.accounts import Account

TREASURY = Account("treasury", "444455556666", "eu-central-1", "treasury")
RETAIL = Account("retail", "777788889999", "eu-central-1", "retail")
ACCOUNTS = (TREASURY, RETAIL)
CANARY = "arn:aws:kms:eu-central-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def settings(**changed: Any) -> dict[str, Any]:
    """Two accounts with one key of each kind."""
    return {
        "accounts": [
            {"name": one.name, "account_id": one.account_id, "region": one.region, "profile": one.profile}
            for one in ACCOUNTS
        ],
        "keys": [
            {"alias": "alias/payments"},
            {"alias": "webhooks", "key_spec": "HMAC_256", "accounts": ["retail"]},
            {"alias": "alias/archive", "key_material_src": "keys/archive.key"},
            {"alias": "alias/releases", "key_spec": "ECC_NIST_P256", "has_passphrase": True},
        ],
        "canary_keys": [{"key_arn": CANARY, "name": "canary"}],
        "ceremony_keys": [{"name": "ledger", "key_id": "alias/ledger", "accounts": ["treasury"]}],
        "execution_environment_image": "registry.example.com/cloudkeys:1.0",
        "project_url": "https://git.example.com/cloudkeys.git",
        **changed,
    }
