# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a new AWX: credential types, an organization, execution environments, a user."""

from __future__ import annotations

from typing import Any, Final

from .store import Store


def _field(name: str, label: str, *flags: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "label": label, "type": "string", **dict.fromkeys(flags, True), **more}


_STS: Final = (
    "Security Token Service (STS) is a web service that enables you to request temporary, limited-privilege credentials"
    " for AWS Identity and Access Management (IAM) users."
)
_VAULT_ID: Final = (
    "Specify an (optional) Vault ID. This is equivalent to specifying the --vault-id Ansible parameter for providing"
    " multiple Vault passwords.  Note: this feature only works in Ansible 2.4+."
)
_SSH: Final = [
    _field("username", "Username"),
    _field("password", "Password", "secret", "ask_at_runtime"),
    _field("ssh_key_data", "SSH Private Key", "secret", "multiline", format="ssh_private_key"),
    _field("ssh_public_key_data", "Signed SSH Certificate", "secret", "multiline"),
    _field("ssh_key_unlock", "Private Key Passphrase", "secret", "ask_at_runtime"),
    _field("become_method", "Privilege Escalation Method"),
    _field("become_username", "Privilege Escalation Username"),
    _field("become_password", "Privilege Escalation Password", "secret", "ask_at_runtime"),
]
_NAME_AND_KEY: Final = [
    _field("username", "Username"),
    _field("password", "Password", "secret"),
    _field("ssh_key_data", "SSH Private Key", "secret", "multiline", format="ssh_private_key"),
    _field("ssh_key_unlock", "Private Key Passphrase", "secret"),
]
#: Name, kind, namespace, fields, required fields. The order is AWX's, because recordings contain the IDs.
_TYPES: Final[list[tuple[str, str, str, list[dict[str, Any]], list[str]]]] = [
    ("Machine", "ssh", "ssh", _SSH, []),
    ("Source Control", "scm", "scm", _NAME_AND_KEY, []),
    (
        "Vault",
        "vault",
        "vault",
        [
            _field("vault_password", "Vault Password", "secret", "ask_at_runtime"),
            _field("vault_id", "Vault Identifier", format="vault_id", help_text=_VAULT_ID),
        ],
        ["vault_password"],
    ),
    ("Network", "net", "net", _NAME_AND_KEY, ["username"]),
    (
        "Amazon Web Services",
        "cloud",
        "aws",
        [
            _field("username", "Access Key"),
            _field("password", "Secret Key", "secret"),
            _field("security_token", "STS Token", "secret", help_text=_STS),
        ],
        ["username", "password"],
    ),
    (
        "Container Registry",
        "registry",
        "registry",
        [
            _field("host", "Authentication URL", default="quay.io"),
            _field("username", "Username"),
            _field("password", "Password or Token", "secret"),
            {"id": "verify_ssl", "label": "Verify SSL", "type": "boolean", "default": True},
        ],
        ["host"],
    ),
    (
        "Ansible Galaxy/Automation Hub API Token",
        "galaxy",
        "galaxy_api_token",
        [
            _field("url", "Galaxy Server URL"),
            _field("auth_url", "Auth Server URL"),
            _field("token", "API Token", "secret"),
        ],
        ["url"],
    ),
    ("GitHub Personal Access Token", "token", "github_token", [_field("token", "Token", "secret")], ["token"]),
]


def fill(store: Store) -> None:
    for name, kind, namespace, fields, required in _TYPES:
        inputs: dict[str, Any] = {"fields": fields, **({"required": required} if required else {})}
        values = {"name": name, "kind": kind, "inputs": inputs, "namespace": namespace, "managed": True}
        store.add("credential_types", values).created_by = None
    store.count_from("credential_types", 30)
    store.add("users", {"username": "admin", "is_superuser": True, "email": "admin@example.org"})
    for name, image in (
        ("AWX EE (latest)", "quay.io/ansible/awx-ee:latest"),
        ("Control Plane Execution Environment", "quay.io/ansible/awx-ee:latest"),
    ):
        environment = store.add("execution_environments", {"name": name, "image": image, "managed": "Plane" in name})
        environment.created_by = None
    for name in ("controlplane", "default"):
        store.add("instance_groups", {"name": name}).created_by = None
    organization = store.add(
        "organizations", {"name": "Default", "description": "The default organization for Ansible Automation Platform"}
    )
    galaxy = store.where("credential_types", namespace="galaxy_api_token")[0]
    credential = store.add("credentials", {"name": "Ansible Galaxy", "credential_type": galaxy.id, "managed": True})
    credential.private["inputs"] = {"url": "https://galaxy.ansible.com/"}
    organization.links["galaxy_credentials"] = [credential.id]
