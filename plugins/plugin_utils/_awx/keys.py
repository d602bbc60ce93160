# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The keys that jobs of AWX work on, and the fields of credentials that have their key material. Pure.

An entry without a file of its own has its key material in a field of a credential. AWX writes the field to a file for
as long as a job lasts, and ``cloudkeys_file_...`` is the variable with its path. Nothing here sees key material.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...module_utils._fleet.options import KEY
from ...module_utils._material.options import PREVIOUS, SECRETS
from .._key_list.given import all_names
from .accounts import Account, hosts_of
from .values import Json, braces, is_list

__all__ = (
    "DEFAULT_CREDENTIAL", "FILES", "Field", "KeyEntry", "field_name", "is_path_of_field", "path_of",
    "read_keys", "same_fields",
)  # fmt: skip

DEFAULT_CREDENTIAL = "key material"
FILES = ("key_material_src", "key_material_passphrase_src")
"""Options with the files of plaintext key material, and of what opens it."""

_OWN = ("name", "accounts", "credential", "has_passphrase")
_SOURCES = ("key_material_src", "encrypted_key_material_src", "wrapped_bundle_src")
_NAME = re.compile(r"[a-z0-9_]{1,60}")
_TITLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,60}")
_ARN = re.compile(r"arn:[\w-]+:kms:(?P<region>[\w-]+):(?P<account>\d{12}):key/[\w-]+")
# A renewal imports the same key material again. What makes a key, or gives it other key material, has no place in it.
_RENEWED = (
    "region", *_SOURCES, "key_material_passphrase_src", "key_material_format", "key_material_label",
    "key_material_description", "import_token_src", "expected_check_code", "valid_for", "on_unknown_material",
    "wrapping_key_trust", "wrapping_algorithm", "wrapping_key_spec",
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field of a credential.

    :ivar id: of the field, which the variable with the path of its file is named by.
    :ivar label: what people see above it.
    :ivar credential: the title of the credential that has it.
    """

    id: str
    label: str
    credential: str
    help_text: str = ""


@dataclass(frozen=True)
class KeyEntry:
    """One key.

    :ivar hosts: the names of the accounts in which it is wanted.
    :ivar options: those of an entry of ``kms_imported_keys``, with the paths of its files.
    :ivar alias: with its prefix; None for a key that is named by its key ID or ARN.
    :ivar fields: in which people put its key material, and that of its older key materials.
    """

    hosts: frozenset[str]
    options: Json
    alias: str | None
    key_spec: str
    fields: tuple[Field, ...] = field(default=())

    @property
    def symmetric(self) -> bool:
        """Whether KMS rotates it under the same ARN."""
        return self.key_spec == "SYMMETRIC_DEFAULT"

    @property
    def renews(self) -> bool:
        """Whether its expiration is renewed, and not a date, or none."""
        return not {"expiration_model", "valid_to"} & set(self.options)

    def provisioned(self) -> Json:
        # Only a symmetric key can be rotated, and "rotate" for all keys is not meant for the others.
        fixed = {} if self.symmetric else {"on_different_material": "fail"}
        named = {} if self.alias is None else {"alias": self.alias}
        return {**fixed, **self.options, **named}

    def renewed(self) -> Json:
        options = {name: self.options[name] for name in _RENEWED if name in self.options}
        options["key_id"] = self.alias or self.options["key_id"]
        if PREVIOUS in self.options:
            options[PREVIOUS] = self.options[PREVIOUS]
        if self.options.get("replicas", bool(self.options.get("replica_regions"))):
            options["replicas"] = True
        return options


def path_of(field_id: str) -> str:
    """The template of the path of the file that a field is in while a job lasts."""
    return braces(f"cloudkeys_file_{field_id}")


def is_path_of_field(path: str) -> bool:
    return path.startswith("{{ cloudkeys_file_")


def field_name(text: str) -> str:
    """*text* as the name of a field: what is no letter, digit or underscore becomes an underscore."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def read_keys(given: t.Any, accounts: Sequence[Account]) -> tuple[tuple[KeyEntry, ...], list[str]]:
    """The keys, and a sentence for each fault. No sentence has a value that may be secret."""
    if not is_list(given):
        return (), ["awx_setup_keys must be a list of dictionaries, each with an alias."]
    keys, faults = [], []
    for place, entry in enumerate(given):
        reading = _Reading(entry, f"awx_setup_keys[{place}]", accounts)
        key = reading.read()
        faults += reading.faults
        if key is not None:
            keys.append(key)
    return tuple(keys), faults


class _Reading:
    """Reads one entry, and collects its faults."""

    def __init__(self, entry: t.Any, where: str, accounts: Sequence[Account]) -> None:
        self._entry = entry
        self._where = where
        self._accounts = accounts
        self._fields: list[Field] = []
        self.faults: list[str] = []

    def read(self) -> KeyEntry | None:
        if not isinstance(self._entry, Mapping):
            self.faults.append(f"{self._where} must be a dictionary with an alias.")
            return None
        options = dict(self._entry)
        self._refuse_unknown(options, all_names(KEY), self._where)
        alias = options.get("alias")
        if alias is not None and isinstance(alias, str) and alias.strip():
            self._where += f" ({alias})"
            alias = alias if alias.startswith("alias/") else f"alias/{alias}"
        elif not isinstance(options.get("key_id"), str) or not options["key_id"].strip():
            self.faults.append(
                f"{self._where} has no alias. For a key without an alias, set key_id to its key ID or key ARN."
            )
        hosts, faults = hosts_of(self._accounts, options.get("accounts"), self._where)
        self.faults += faults
        key_spec = str(options.get("key_spec", "SYMMETRIC_DEFAULT"))
        title = options.get("credential", DEFAULT_CREDENTIAL)
        read = self._with_files(options, self._where, alias or options.get("name"), key_spec, title)
        if PREVIOUS in read:
            read[PREVIOUS] = self._previous(read[PREVIOUS], key_spec)
        hosts = self._of_its_arn(read, hosts)
        if self.faults:
            return None
        return KeyEntry(hosts, read, alias, key_spec, tuple(self._fields))

    def _previous(self, given: t.Any, key_spec: str) -> list[Json]:
        if not is_list(given) or not all(isinstance(one, Mapping) for one in given):
            self.faults.append(f"{self._where}: {PREVIOUS} must be a list of dictionaries.")
            return []
        known = all_names(KEY[PREVIOUS]["options"])
        previous = []
        for place, one in enumerate(given):
            where = f"{self._where}.{PREVIOUS}[{place}]"
            self._refuse_unknown(one, known, where, own=("name", "credential", "has_passphrase"))
            previous.append(
                self._with_files(dict(one), where, one.get("name"), key_spec, one.get("credential", DEFAULT_CREDENTIAL))
            )
        return previous

    def _with_files(self, options: Json, where: str, named_by: t.Any, key_spec: str, title: t.Any) -> Json:
        """The options without those of AWX, and with the paths of the files that its fields are in."""
        given = options.get("name", named_by)
        read = {name: value for name, value in options.items() if name not in _OWN}
        has_file = any(source in options for source in _SOURCES)
        has_passphrase = options.get("has_passphrase", False)
        if not isinstance(has_passphrase, bool):
            self.faults.append(f"{where}: has_passphrase must be true or false.")
        if has_file and not has_passphrase:
            if "credential" in options:
                self.faults.append(
                    f"{where}: credential is only for key material in a field, but this entry names a file."
                )
            return read
        if not isinstance(title, str) or not _TITLE.fullmatch(title):
            self.faults.append(f"{where}: credential must be the title of a credential, such as key material 2027.")
            return read
        name = field_name(str(given).removeprefix("alias/")) if given else ""
        if not _NAME.fullmatch(name):
            self.faults.append(f"{where} requires a name for the field with its key material.")
            return read
        label = where.partition("(")[2].partition(")")[0] or name
        if not has_file:
            self._fields.append(Field(f"key_{name}", f"Key material of {label}", title, _help_of(key_spec)))
            read["key_material_src"] = path_of(f"key_{name}")
            if not _is_text(key_spec):
                read.setdefault("key_material_format", "base64")
        if has_passphrase is True:
            self._fields.append(Field(f"passphrase_{name}", f"Passphrase of {label}", title))
            read["key_material_passphrase_src"] = path_of(f"passphrase_{name}")
        return read

    def _of_its_arn(self, options: Json, hosts: frozenset[str]) -> frozenset[str]:
        """A key ARN says which account and Region it is of."""
        arn = _ARN.fullmatch(str(options.get("key_id", "")))
        if arn is None:
            return hosts
        its = {one.name for one in self._accounts if (one.account_id, one.region) == (arn["account"], arn["region"])}
        if not its & hosts:
            self.faults.append(
                f"{self._where}: its key_id is of account {arn['account']} in {arn['region']}, which is none of its"
                " accounts in awx_setup_accounts."
            )
        return frozenset(its & hosts)

    def _refuse_unknown(
        self, options: Mapping[str, t.Any], known: t.Collection[str], where: str, own: Sequence[str] = _OWN
    ) -> None:
        unknown = sorted(str(name) for name in options if name not in known and name not in own)
        secret = [name for name in unknown if name in SECRETS]
        if secret:
            self.faults.append(
                f"{where} has {', '.join(secret)}. This role never sees key material: people, or an external lookup of"
                " AWX, fill it into the credential."
            )
        others = [name for name in unknown if name not in secret]
        if others:
            self.faults.append(
                f"{where} has unknown options: {', '.join(others)}. It accepts those of an entry of"
                f" cloudkeys.aws.kms_imported_keys, and {', '.join(own)}."
            )


def _is_text(key_spec: str) -> bool:
    """Whether its key material is a private key, which has a text form of its own."""
    return key_spec != "SYMMETRIC_DEFAULT" and not key_spec.startswith("HMAC_")


def _help_of(key_spec: str) -> str:
    if _is_text(key_spec):
        return "The private key as PKCS #8 PEM."
    return "The raw bytes as base64, as printed by openssl base64 -A."


def same_fields(fields: Sequence[Field]) -> Iterator[str]:
    """A sentence for each two fields with one ID. They would be one field, and two keys would share key material."""
    seen: dict[str, Field] = {}
    for one in fields:
        first = seen.setdefault(one.id, one)
        if first is not one:
            yield (
                f"{first.label} and {one.label} would share the field {one.id}. Give one of the entries another name."
            )
