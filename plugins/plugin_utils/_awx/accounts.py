# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""AWS accounts and Regions. Each is a host of the inventory in AWX. Pure."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .values import is_list

__all__ = ("NAME", "Account", "hosts_of", "read_accounts")

NAME = re.compile(r"(?!\d+$)[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""A host name that requires no quoting in a host pattern, and that the modules of awx.awx do not mistake for an ID."""

_RESERVED = ("all", "ungrouped", "localhost")
_ACCOUNT_ID = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z0-9]+)+-\d")
_KNOWN = ("name", "account_id", "region", "profile")


@dataclass(frozen=True)
class Account:
    """One account in one Region.

    :ivar name: the name of the host.
    :ivar profile: the profile of the injected AWS configuration, or None for the default profile.
    """

    name: str
    account_id: str
    region: str
    profile: str | None = None

    def variables(self) -> dict[str, str]:
        """Return the variables of the host, which every playbook of the collection reads."""
        variables = {"cloudkeys_account_id": self.account_id, "cloudkeys_region": self.region}
        return variables if self.profile is None else {**variables, "cloudkeys_profile": self.profile}


def read_accounts(given: t.Any) -> tuple[tuple[Account, ...], list[str]]:
    """Return the accounts, and a sentence for each fault."""
    if not is_list(given) or not given:
        return (), ["awx_setup_accounts must be a list of dictionaries with name, account_id and region."]
    faults = [fault for place, entry in enumerate(given) for fault in _faults(entry, f"awx_setup_accounts[{place}]")]
    if faults:
        return (), faults
    accounts = tuple(Account(**{name: str(value) for name, value in entry.items()}) for entry in given)
    names: dict[str, int] = {}
    places: dict[tuple[str, str], int] = {}
    for place, account in enumerate(accounts):
        where = f"awx_setup_accounts[{place}]"
        if names.setdefault(account.name.lower(), place) != place:
            faults.append(f"{where}: another entry also has the name {account.name}.")
        elif (first := places.setdefault((account.account_id, account.region), place)) != place:
            faults.append(f"{where} is the same account and Region as {accounts[first].name}. Remove one of the two.")
    return accounts, faults


def _faults(entry: t.Any, where: str) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        yield f"{where} must be a dictionary with name, account_id and region."
        return
    unknown = sorted(str(name) for name in entry if name not in _KNOWN)
    if unknown:
        yield f"{where} has unknown options: {', '.join(unknown)}. Use {', '.join(_KNOWN)}."
    missing = [name for name in _KNOWN[:3] if not entry.get(name)]
    if missing:
        yield f"{where} has no {' and no '.join(missing)}."
    name, account_id, region = (entry.get(known) for known in _KNOWN[:3])
    if name in _RESERVED:
        yield f"{where}: name must not be {name}, which Ansible reserves."
    elif name and not (isinstance(name, str) and NAME.fullmatch(name)):
        yield f"{where}: name must consist of letters, digits, dots, underscores and hyphens, and must not be a number."
    if account_id and not (isinstance(account_id, str) and _ACCOUNT_ID.fullmatch(account_id)):
        yield f'{where}: account_id must be 12 digits in quotes, such as "111122223333".'
    if region and not (isinstance(region, str) and _REGION.fullmatch(region)):
        yield f"{where}: region must be an AWS Region, such as eu-central-1."
    if "profile" in entry and not (isinstance(entry["profile"], str) and entry["profile"]):
        yield f"{where}: profile must be the name of a profile. Omit it for the default profile."


def hosts_of(accounts: Sequence[Account], wanted: t.Any, where: str) -> tuple[frozenset[str], list[str]]:
    """Return the names of the accounts to which an entry applies, and the faults.

    :param wanted: the ``accounts`` of the entry, or None for all accounts.
    """
    every = frozenset(account.name for account in accounts)
    if wanted is None:
        return every, []
    if not is_list(wanted) or not wanted or not all(isinstance(name, str) for name in wanted):
        return frozenset(), [f"{where}: accounts must be a list of names of awx_setup_accounts."]
    unknown = sorted(set(wanted) - every)
    if unknown:
        return frozenset(), [f"{where}: accounts names {', '.join(unknown)}, which awx_setup_accounts does not list."]
    return frozenset(wanted), []
