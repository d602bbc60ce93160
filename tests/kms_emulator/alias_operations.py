# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Aliases. moto's own implementation searches all keys for each alias, and lists all aliases at once."""

from __future__ import annotations

import re

from moto.kms.utils import RESERVED_ALIASE_TARGET_KEY_IDS

from .errors import Refused, invalid
from .key_operations import paged
from .operations import Answer, Call, operation

MOST_ALIASES = 50
"""The quota of aliases per key (Developer Guide, "Resource quotas")."""
_NAME = re.compile(r"alias/[a-zA-Z0-9/_-]+")


@operation("CreateAlias")
def create_alias(call: Call) -> Answer:
    key, aliases = call.key("TargetKeyId"), call.kms.aliases
    if len(key.aliases) >= MOST_ALIASES:
        raise Refused("LimitExceededException", f"{key.arn} has {MOST_ALIASES} aliases.")
    name = _own_name(call)
    if name in aliases:
        raise Refused("AlreadyExistsException", f"An alias with the name {call.kms.arn(name)} already exists")
    call.kms.point(name, key)
    return {}


@operation("UpdateAlias")
def update_alias(call: Call) -> Answer:
    key = call.key("TargetKeyId")
    call.kms.point(_existing_name(call), key)
    return {}


@operation("DeleteAlias")
def delete_alias(call: Call) -> Answer:
    name = _existing_name(call)
    call.kms.aliases.pop(name).aliases.pop(name)
    return {}


@operation("ListAliases")
def list_aliases(call: Call) -> Answer:
    if "KeyId" in call.request:
        key = call.key()
        targets = [(name, key.id) for name in key.aliases]
    else:
        targets = [(name, key.id) for name, key in call.kms.aliases.items()]
        # AWS lists its own aliases before a service has created the key that they refer to.
        targets += [target for target in RESERVED_ALIASE_TARGET_KEY_IDS.items() if target[0] not in call.kms.aliases]
    page = paged(targets, "Aliases", call.request, default=50)
    return page | {
        "Aliases": [
            {"AliasName": name, "AliasArn": call.kms.arn(name), "TargetKeyId": key_id}
            for name, key_id in page["Aliases"]
        ]
    }


def _own_name(call: Call) -> str:
    """The alias name of the request, which must not be reserved for AWS."""
    name: str = call.request["AliasName"]
    if name.startswith("alias/aws/"):
        raise Refused("NotAuthorizedException")
    if not name.startswith("alias/"):
        raise invalid("Invalid identifier")
    if not _NAME.fullmatch(name):
        raise invalid(
            f"1 validation error detected: Value '{name}' at 'aliasName' failed to satisfy constraint: Member must"
            " satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$"
        )
    return name


def _existing_name(call: Call) -> str:
    name = _own_name(call)
    if name not in call.kms.aliases:
        raise Refused("NotFoundException", f"Alias {call.kms.arn(name)} is not found.")
    return name
