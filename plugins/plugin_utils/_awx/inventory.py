# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The inventory in AWX: a host for each account and Region, and which keys are wanted where. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .accounts import Account
from .canary_keys import CanaryKey
from .ceremony_keys import CeremonyKey
from .keys import KeyEntry
from .values import Json, braces

__all__ = ("make_inventory",)

# The modules run in the container of the job.
_CONNECTION = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}


def make_inventory(
    accounts: Sequence[Account],
    keys: Sequence[KeyEntry],
    canaries: Sequence[CanaryKey],
    ceremonies: Sequence[CeremonyKey],
    variables: Json | None = None,
) -> Json:
    """Plan the inventory.

    :param variables: additional variables for all hosts.
    :returns: the ``variables`` of the inventory, and its ``hosts`` with their variables. A list that is the same for
        all hosts is a variable of the inventory.
    """
    lists = {account.name: _lists(account.name, keys, canaries, ceremonies) for account in accounts}
    first = next(iter(lists.values()))
    shared = {name: value for name, value in first.items() if all(own.get(name) == value for own in lists.values())}
    hosts = [
        {
            "name": account.name,
            "variables": {
                **account.variables(),
                **{name: value for name, value in lists[account.name].items() if name not in shared},
            },
        }
        for account in accounts
    ]
    return {"variables": {**_CONNECTION, **(variables or {}), **shared}, "hosts": hosts}


def _lists(
    host: str, keys: Sequence[KeyEntry], canaries: Sequence[CanaryKey], ceremonies: Sequence[CeremonyKey]
) -> Json:
    """Return the lists of a host that the playbooks read, without empty lists."""
    here = [key for key in keys if host in key.hosts]
    lists = {
        "provision_fleet_kms_keys": [key.provisioned() for key in here if key.alias],
        "cloudkeys_rotation_keys": [key.provisioned() for key in here if key.alias and key.symmetric],
        "renew_expiring_keys": [key.renewed() for key in here if key.renews],
        "recovery_drill_keys": [canary.options for canary in canaries if host in canary.hosts],
        "ceremony_keys": [key.options for key in ceremonies if host in key.hosts],
    }
    # The check codes in the credential. Only the job template for the import has it.
    codes = {key.name: braces(f"cloudkeys_{key.code_field} | default('')") for key in ceremonies if host in key.hosts}
    return {name: entries for name, entries in {**lists, "cloudkeys_typed_codes": codes}.items() if entries}
