# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a template or launch asks of its credentials: how many there may be of a type, and which passwords they lack."""

from __future__ import annotations

from typing import Any, Final

from .store import Item, Store

#: The kinds of credentials that a job template can have.
RUNNABLE: Final = ("ssh", "vault", "cloud", "net", "kubernetes")
#: By the field of a credential that says ``ASK``, the password that a launch has to give.
ASKED: Final = {
    "password": "ssh_password",
    "become_password": "become_password",
    "ssh_key_unlock": "ssh_key_unlock",
    "vault_password": "vault_password",
}


def unique_hash(store: Store, credential: Item) -> tuple[Any, str]:
    """What no two credentials of a template have alike, and how AWX calls it."""
    kind = store.get("credential_types", credential["credential_type"])
    vault = credential.private["inputs"].get("vault_id") if kind["kind"] == "vault" else None
    return (kind.id, vault or None), f"{kind['name']} (id={vault})" if vault else kind["name"]


def needed_passwords(store: Store, credentials: list[Item]) -> list[str]:
    """Of which passwords a credential says ``ASK``."""
    needed = []
    for credential in credentials:
        if store.get("credential_types", credential["credential_type"])["kind"] in ("ssh", "vault"):
            inputs = credential.private["inputs"]
            needed += [asked_password(field, inputs) for field in ASKED if inputs.get(field) == "ASK"]
    return needed


def asked_password(field: str, inputs: dict[str, Any]) -> str:
    """The name of the password that a launch gives for a field; the name for a vault contains its ID."""
    vault = inputs.get("vault_id") if field == "vault_password" else None
    return f"{ASKED[field]}.{vault}" if vault else ASKED[field]
