# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Which options go together, of the actions that take key material. Pure: *given* are the names of those with a value.

Each thing can be given as a file (``key_material_src``) or as a value (``key_material``).
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from ...module_utils._errors import Refusal

__all__ = (
    "refuse_combinations_of_entry", "refuse_combinations_of_import", "refuse_combinations_of_previous",
    "refuse_combinations_of_wrapping", "refuse_empty_key", "refuse_no_code", "refuse_no_time", "source_of",
)  # fmt: skip

Source = t.Literal["plaintext", "wrapped"]


def source_of(given: AbstractSet[str]) -> Source | None:
    """How the key material is given, by options that do not exclude each other; None where it is not given."""
    if _source("key_material", given):
        return "plaintext"
    return "wrapped" if _source("encrypted_key_material", given) or _source("wrapped_bundle", given) else None


def refuse_no_code(options: Mapping[str, t.Any]) -> None:
    """:param options: as the task gives them.
    :raises Refusal: the code is null: a variable that nobody filled in must not turn the comparison off.
    """
    if "expected_check_code" in options and options["expected_check_code"] is None:
        raise Refusal(
            "expected_check_code is null. Give the code that was read to you, or leave the option out to use the bundle"
            " without a comparison."
        )


def refuse_empty_key(key: str) -> None:
    """:raises Refusal: it names no key."""
    if not key.strip():
        raise Refusal("key_id is empty. Give a key ID, key ARN, alias name or alias ARN.")


def refuse_no_time(option: str, seconds: int) -> None:
    """:raises Refusal: there is no time to wait in."""
    if seconds < 1:
        raise Refusal(f"{option} is {seconds}; it must be at least one second.")


def refuse_combinations_of_import(state: str, given: AbstractSet[str]) -> None:
    """Of ``kms_key_material``.

    :raises Refusal: options that exclude each other, or one that needs another.
    """
    _refuse_combinations_of_source(given)
    if state == "present" and source_of(given) is None:
        raise Refusal(
            "The task gives no key material. Set key_material_src to a file on the controller, key_material to a value"
            " from a lookup, encrypted_key_material_src with import_token_src, or wrapped_bundle_src."
        )
    for option in ("key_material_id", "all_materials") if state == "present" else ():
        if option in given:
            raise Refusal(f"{option} says what state: absent deletes. Remove it, or set state: absent.")
    if {"key_material_id", "all_materials"} <= given:
        raise Refusal("key_material_id and all_materials exclude each other. Keep one of them.")
    _refuse_wrapped_replicas(given)


def refuse_combinations_of_entry(given: AbstractSet[str]) -> None:
    """Of an entry of ``kms_imported_keys``, which may be for the key alone.

    :raises Refusal: options that exclude each other, or one that needs another.
    """
    _refuse_combinations_of_source(given)
    _refuse_wrapped_replicas(given)


def refuse_combinations_of_previous(given: AbstractSet[str], *, values: bool = True) -> None:
    """Of an entry of ``previous_key_materials``.

    :param values: whether key material may be given as a value there.
    :raises Refusal: options that exclude each other, or one that needs another.
    """
    _refuse_combinations_of_source(given)
    if source_of(given) is None:
        value = " key_material to a value from a lookup," if values else ""
        raise Refusal(
            f"The entry gives no key material. Set key_material_src to a file on the controller,{value}"
            " encrypted_key_material_src with import_token_src, or wrapped_bundle_src."
        )


def _refuse_wrapped_replicas(given: AbstractSet[str]) -> None:
    if "replicas" in given and source_of(given) == "wrapped":
        raise Refusal(
            "replicas: true needs plaintext key material (key_material_src): an import token is for one key in one"
            " Region. Import what was encrypted elsewhere into each replica key by a task of its own."
        )


def _refuse_combinations_of_source(given: AbstractSet[str]) -> None:
    """:raises Refusal: options that exclude each other, or one that needs another."""
    plain, encrypted, token, bundle = (
        _source(name, given) for name in ("key_material", "encrypted_key_material", "import_token", "wrapped_bundle")
    )
    if bundle and (plain or encrypted or token):
        raise Refusal(
            "The task gives a wrapped bundle, which holds the encrypted key material and the import token, and key"
            " material or an import token beside it. Keep the bundle, or the others."
        )
    if "expected_check_code" in given and not bundle:
        raise Refusal("expected_check_code is that of a wrapped bundle; give one (wrapped_bundle_src).")
    if plain and (encrypted or token):
        raise Refusal(
            "The task gives key material both as plaintext (key_material, key_material_src) and encrypted elsewhere"
            " (encrypted_key_material, import_token). Keep one of them."
        )
    if bool(encrypted) != bool(token):
        there, missing = (
            ("encrypted_key_material", "import_token") if encrypted else ("import_token", "encrypted_key_material")
        )
        raise Refusal(
            f"{there} needs {missing} beside it ({missing}_src for a file): KMS decrypts the key material with the"
            " wrapping key that was downloaded together with the import token."
        )
    _refuse_passphrase_alone(plain, given)


def refuse_combinations_of_wrapping(given: AbstractSet[str]) -> None:
    """Of ``kms_wrapped_key_material``.

    :raises Refusal: options that exclude each other, or one that needs another.
    """
    if not _source("parameters_bundle", given):
        raise Refusal(
            "The task gives no import parameters. Set parameters_bundle_src to a file of kms_import_parameters."
        )
    plain, encrypted = (_source(name, given) for name in ("key_material", "encrypted_key_material"))
    handing_out = "wrapping_public_key_dest" in given
    if not (plain or encrypted or handing_out):
        raise Refusal(
            "The task gives no key material. Set key_material_src to a file; or wrapping_public_key_dest, to have"
            " another tool encrypt it, and then encrypted_key_material_src to what that tool made."
        )
    _one_of((plain, encrypted, "wrapping_public_key_dest" if handing_out else None))
    _refuse_passphrase_alone(plain, given)
    if not handing_out and not given & {"dest", "return_bundle"}:
        raise Refusal(
            "The task says neither where to write the bundle nor to return it. Set dest, or return_bundle: true."
        )


def _source(name: str, given: AbstractSet[str]) -> str | None:
    """The option that gives this, whether as a file or as a value; None where none does."""
    return _one_of(option if option in given else None for option in (f"{name}_src", name))


def _one_of(options: Iterable[str | None]) -> str | None:
    """:raises Refusal: there are several."""
    found = [option for option in options if option is not None]
    if len(found) > 1:
        raise Refusal(f"{' and '.join(found)} exclude each other. Keep one of them.")
    return found[0] if found else None


def _refuse_passphrase_alone(plain: str | None, given: AbstractSet[str]) -> None:
    passphrase = _source("key_material_passphrase", given)
    if passphrase and not plain:
        raise Refusal(f"{passphrase} is for an encrypted private key in key_material_src or key_material; give one.")
