# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The credential types for AWX, and the empty credentials that people fill in. Pure.

For inputs and injectors, see
https://docs.ansible.com/automation-controller/latest/html/userguide/credential_types.html. The fields of a type in use
cannot be changed, so new keys can have a separate credential.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Sequence

from .ceremony_keys import CeremonyKey
from .keys import Field
from .values import Json, braces

__all__ = ("ACCOUNTS", "CEREMONY", "accounts_type", "ceremony_type", "key_material_types")

ACCOUNTS = "AWS accounts"
CEREMONY = "ceremony"

_SECRET = {"type": "string", "secret": True, "multiline": True}


def key_material_types(fields: Sequence[Field]) -> Iterator[Json]:
    """Yield one type for each title, in the order of the first field of each title."""
    for title in dict.fromkeys(one.credential for one in fields):
        own = [one for one in fields if one.credential == title]
        yield _type(
            title,
            "Key material for AWS KMS. Each field becomes a temporary file during a job.",
            [_field(one.id, one.label, one.help_text) for one in own],
            {
                "file": {f"template.{one.id}": braces(one.id) for one in own},
                "extra_vars": {f"cloudkeys_file_{one.id}": _path(one.id) for one in own},
            },
        )


def accounts_type() -> Json:
    """Return a type for several accounts.

    The AWX type for AWS has one account, and a job template accepts only one credential of a type.
    """
    files = {"config": "AWS_CONFIG_FILE", "credentials": "AWS_SHARED_CREDENTIALS_FILE"}
    return _type(
        ACCOUNTS,
        "AWS configuration for jobs, with the profiles of the hosts. Each field becomes a temporary file during a job.",
        [
            _field("config", "AWS configuration", "Content of ~/.aws/config, with a profile for each account."),
            _field("credentials", "AWS credentials", "Content of ~/.aws/credentials."),
        ],
        {
            "file": {f"template.{name}": braces(name) for name in files},
            # The paths of the files, not their contents, because AWX displays the environment of a job.
            "env": {variable: _path(name) for name, variable in files.items()},
        },
    )


def ceremony_type(keys: Sequence[CeremonyKey]) -> Json:
    fields: list[Json] = []
    for key in keys:
        bundle = f"Content of {key.name}.wrapped.json."
        fields.append(_field(key.bundle_field, f"Encrypted bundle of {key.name}", bundle))
        fields.append(
            {
                "id": key.code_field,
                "label": f"Check code of {key.name}",
                "type": "string",
                "help_text": "As read to you by the person who encrypted the key material.",
            }
        )
    return _type(
        CEREMONY,
        "Encrypted bundles and check codes from the offline machine.",
        fields,
        {
            # A check code covers every byte. A bundle is one line without a newline, which a browser or editor may add.
            "file": {f"template.{key.bundle_field}": braces(f"{key.bundle_field} | trim") for key in keys},
            "extra_vars": {
                **{f"cloudkeys_file_{key.bundle_field}": _path(key.bundle_field) for key in keys},
                **{f"cloudkeys_{key.code_field}": braces(f"{key.code_field} | default('') | trim") for key in keys},
            },
        },
    )


def _type(title: str, description: str, fields: list[Json], injectors: Json) -> Json:
    return {"title": title, "description": description, "inputs": {"fields": fields}, "injectors": injectors}


def _field(field_id: str, label: str, help_text: str) -> dict[str, t.Any]:
    return {"id": field_id, "label": label, **_SECRET, **({"help_text": help_text} if help_text else {})}


def _path(field_id: str) -> str:
    return braces(f"tower.filename.{field_id}")
