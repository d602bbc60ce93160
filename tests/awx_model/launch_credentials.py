# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for the credentials of a template or launch: how many per type, and which passwords are missing."""

from __future__ import annotations

from typing import Any, Final

from .store import Item, Store

#: The kinds of credentials that a job template can have.
RUNNABLE: Final = ("ssh", "vault", "cloud", "net", "kubernetes")
#: The password that a launch has to provide, by the credential field that contains ``ASK``.
ASKED: Final = {
    "password": "ssh_password",
    "become_password": "become_password",
    "ssh_key_unlock": "ssh_key_unlock",
    "vault_password": "vault_password",
}


def unique_hash(store: Store, credential: Item) -> tuple[Any, str]:
    """The value that must be unique among a template's credentials, and AWX's name for it."""
    kind = store.get("credential_types", credential["credential_type"])
    vault = credential.private["inputs"].get("vault_id") if kind["kind"] == "vault" else None
    return (kind.id, vault or None), f"{kind['name']} (id={vault})" if vault else kind["name"]


def needed_passwords(store: Store, credentials: list[Item]) -> list[str]:
    """The passwords that the credentials mark with ``ASK``."""
    needed = []
    for credential in credentials:
        if store.get("credential_types", credential["credential_type"])["kind"] in ("ssh", "vault"):
            inputs = credential.private["inputs"]
            needed += [asked_password(field, inputs) for field in ASKED if inputs.get(field) == "ASK"]
    return needed


def asked_password(field: str, inputs: dict[str, Any]) -> str:
    """The name under which a launch provides the password of a field. For a vault it contains the vault ID."""
    vault = inputs.get("vault_id") if field == "vault_password" else None
    return f"{ASKED[field]}.{vault}" if vault else ASKED[field]
