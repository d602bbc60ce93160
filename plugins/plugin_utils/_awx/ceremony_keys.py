# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The keys of ceremonies in AWX, whose key material is encrypted on a machine without a network. Pure.

The encrypted bundles and the check codes that people read aloud are fields of a credential. An approval cannot prompt
for values, and the survey of a workflow is answered before the ceremony starts.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .accounts import NAME, Account, hosts_of
from .keys import field_name
from .values import Json, braces, is_list

__all__ = ("CeremonyKey", "read_ceremony_keys")

_EXPIRATION = ("expiration_model", "valid_to", "valid_for", "renew_before")
_KNOWN = ("name", "key_id", "on_different_material", *_EXPIRATION)


@dataclass(frozen=True)
class CeremonyKey:
    """One key.

    :ivar hosts: the names of the accounts that have the key.
    :ivar name: the name of its bundles.
    :ivar options: an entry of ``ceremony_keys``.
    """

    hosts: frozenset[str]
    name: str
    options: Json

    @property
    def bundle_field(self) -> str:
        return f"wrapped_{field_name(self.name)}"

    @property
    def code_field(self) -> str:
        return f"check_code_{field_name(self.name)}"


def read_ceremony_keys(given: t.Any, accounts: Sequence[Account]) -> tuple[tuple[CeremonyKey, ...], list[str]]:
    """Return the keys, and a sentence for each fault."""
    if not is_list(given):
        return (), ["awx_setup_ceremony_keys must be a list of dictionaries with name and key_id."]
    keys: list[CeremonyKey] = []
    faults: list[str] = []
    for place, entry in enumerate(given):
        where = f"awx_setup_ceremony_keys[{place}]"
        wrong = list(_faults(entry, where))
        if wrong:
            faults += wrong
            continue
        hosts, unknown = hosts_of(accounts, entry.get("accounts"), where)
        options = {name: value for name, value in entry.items() if name != "accounts"}
        key = CeremonyKey(hosts, entry["name"], options)
        first = next((other.name for other in keys if other.bundle_field == key.bundle_field), None)
        if unknown:
            faults += unknown
        elif first:
            faults.append(f"{where}: {key.name} and {first} would share a field of the credential. Rename one of them.")
        else:
            # Without the credential, the variable is empty, and the playbook uses the bundle in ceremony_folder.
            bundle = braces(f"cloudkeys_file_{key.bundle_field} | default('')")
            keys.append(CeremonyKey(hosts, key.name, {**options, "wrapped_bundle_src": bundle}))
    return tuple(keys), faults


def _faults(entry: t.Any, where: str) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        yield f"{where} must be a dictionary with name and key_id."
        return
    unknown = sorted(str(name) for name in entry if name not in (*_KNOWN, "accounts"))
    if unknown:
        yield f"{where} has unknown options: {', '.join(unknown)}. Use {', '.join((*_KNOWN, 'accounts'))}."
    missing = [name for name in ("name", "key_id") if not isinstance(entry.get(name), str) or not entry[name].strip()]
    if missing:
        yield f"{where} has no {' and no '.join(missing)}."
    elif not NAME.fullmatch(entry["name"]) or not field_name(entry["name"]):
        yield f"{where}: name must consist of letters, digits, dots, underscores and hyphens, such as payments."
