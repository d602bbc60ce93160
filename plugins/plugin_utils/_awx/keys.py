# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The keys that jobs of AWX work on, and the fields of credentials that have their key material. Pure.

An entry without a file has its key material in a field of a credential. During a job, AWX writes the field to a file,
and the variable ``cloudkeys_file_...`` has its path. This code never sees key material.
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
"""Options with the files of plaintext key material and of passphrases."""

_OWN = ("name", "accounts", "credential", "has_passphrase")
_SOURCES = ("key_material_src", "encrypted_key_material_src", "wrapped_bundle_src")
_NAME = re.compile(r"[a-z0-9_]{1,60}")
_TITLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,60}")
_ARN = re.compile(r"arn:[\w-]+:kms:(?P<region>[\w-]+):(?P<account>\d{12}):key/[\w-]+")
# A renewal reimports the same key material. Options that create a key or change its key material do not apply.
_RENEWED = (
    "region", *_SOURCES, "key_material_passphrase_src", "key_material_format", "key_material_label",
    "key_material_description", "import_token_src", "expected_check_code", "valid_for", "on_unknown_material",
    "wrapping_key_trust", "wrapping_algorithm", "wrapping_key_spec",
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field of a credential.

    :ivar id: the ID of the field, from which the name of the variable with the path is derived.
    :ivar label: the label that AWX displays.
    :ivar credential: the title of the credential with the field.
    """

    id: str
    label: str
    credential: str
    help_text: str = ""


@dataclass(frozen=True)
class KeyEntry:
    """One key.

    :ivar hosts: the names of the accounts in which the key is declared.
    :ivar options: the options of an entry of ``kms_imported_keys``, with the paths of the files.
    :ivar alias: the alias with its prefix, or None for a key that is identified by its key ID or ARN.
    :ivar fields: the fields for its key material and its older key materials.
    """

    hosts: frozenset[str]
    options: Json
    alias: str | None
    key_spec: str
    fields: tuple[Field, ...] = field(default=())

    @property
    def symmetric(self) -> bool:
        """Whether KMS can rotate the key under the same ARN."""
        return self.key_spec == "SYMMETRIC_DEFAULT"

    @property
    def renews(self) -> bool:
        """Whether the key material is renewed. Key material with a fixed expiration or without one is not."""
        return not {"expiration_model", "valid_to"} & set(self.options)

    def provisioned(self) -> Json:
        # Only a symmetric key can be rotated, so a default of "rotate" for all keys must not apply to other keys.
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
    """Return a template for the path of the file that contains a field during a job."""
    return braces(f"cloudkeys_file_{field_id}")


def is_path_of_field(path: str) -> bool:
    return path.startswith("{{ cloudkeys_file_")


def field_name(text: str) -> str:
    """Return *text* as the name of a field. Other characters than letters and digits become underscores."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def read_keys(given: t.Any, accounts: Sequence[Account]) -> tuple[tuple[KeyEntry, ...], list[str]]:
    """Return the keys, and a sentence for each fault. No sentence contains a value that may be secret."""
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
    """Read one entry, and collect its faults."""

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
        """Return the options without those for AWX, and with the paths of the files of its fields."""
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
        """Return the host for the account and Region of a key ARN."""
        arn = _ARN.fullmatch(str(options.get("key_id", "")))
        if arn is None:
            return hosts
        its = {one.name for one in self._accounts if (one.account_id, one.region) == (arn["account"], arn["region"])}
        if not its & hosts:
            self.faults.append(
                f"{self._where}: its key_id is of account {arn['account']} in {arn['region']}, which is none of its"
                " accounts in awx_setup_accounts. Correct the ARN or the accounts."
            )
        return frozenset(its & hosts)

    def _refuse_unknown(
        self, options: Mapping[str, t.Any], known: t.Collection[str], where: str, own: Sequence[str] = _OWN
    ) -> None:
        unknown = sorted(str(name) for name in options if name not in known and name not in own)
        secret = [name for name in unknown if name in SECRETS]
        if secret:
            self.faults.append(
                f"{where} has {', '.join(secret)}. This role does not accept key material. Remove it, and fill in the"
                " credential in AWX, or use an external lookup of AWX."
            )
        others = [name for name in unknown if name not in secret]
        if others:
            self.faults.append(
                f"{where} has unknown options: {', '.join(others)}. Use the options of an entry of"
                f" cloudkeys.aws.kms_imported_keys, or {', '.join(own)}."
            )


def _is_text(key_spec: str) -> bool:
    """Return whether the key material is a private key, which has a text format."""
    return key_spec != "SYMMETRIC_DEFAULT" and not key_spec.startswith("HMAC_")


def _help_of(key_spec: str) -> str:
    if _is_text(key_spec):
        return "The private key as PKCS #8 PEM."
    return "The raw bytes as base64, as printed by openssl base64 -A."


def same_fields(fields: Sequence[Field]) -> Iterator[str]:
    """Yield a sentence for each two fields with the same ID, because two keys would share their key material."""
    seen: dict[str, Field] = {}
    for one in fields:
        first = seen.setdefault(one.id, one)
        if first is not one:
            yield (
                f"{first.label} and {one.label} would share the field {one.id}. Give one of the entries another name."
            )
