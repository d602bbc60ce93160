# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Validation of option combinations, for actions that take key material. Pure: *given* are the names of set options.

Each value can be given as a file (``key_material_src``) or directly (``key_material``).
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
    """How the key material is given, if the options do not exclude each other; None if it is not given."""
    if _source("key_material", given):
        return "plaintext"
    return "wrapped" if _source("encrypted_key_material", given) or _source("wrapped_bundle", given) else None


def refuse_no_code(options: Mapping[str, t.Any]) -> None:
    """:param options: as the task sets them.
    :raises Refusal: the code is null. A variable that was not filled in must not disable the comparison.
    """
    if "expected_check_code" in options and options["expected_check_code"] is None:
        raise Refusal(
            "expected_check_code is null. Set the code that was read to you, or omit the option to use the bundle"
            " without a comparison."
        )


def refuse_empty_key(key: str) -> None:
    """:raises Refusal: the key is empty."""
    if not key.strip():
        raise Refusal("key_id is empty. Set a key ID, key ARN, alias name or alias ARN.")


def refuse_no_time(option: str, seconds: int) -> None:
    """:raises Refusal: the time to wait is less than a second."""
    if seconds < 1:
        raise Refusal(f"{option} is {seconds}, but must be at least 1 (in seconds). Correct it.")


def refuse_combinations_of_import(state: str, given: AbstractSet[str]) -> None:
    """Check the options of ``kms_key_material``.

    :raises Refusal: options exclude each other, or an option requires another one.
    """
    _refuse_combinations_of_source(given)
    if state == "present" and source_of(given) is None:
        raise Refusal(
            "The task gives no key material. Set key_material_src to a file on the controller, key_material to a"
            " value from a lookup, encrypted_key_material_src with import_token_src, or wrapped_bundle_src."
        )
    for option in ("key_material_id", "all_materials") if state == "present" else ():
        if option in given:
            raise Refusal(
                f"{option} selects what state: absent deletes, but state is present. Remove it, or set state: absent."
            )
    if {"key_material_id", "all_materials"} <= given:
        raise Refusal("key_material_id and all_materials are mutually exclusive. Keep only one of them.")
    _refuse_wrapped_replicas(given)


def refuse_combinations_of_entry(given: AbstractSet[str]) -> None:
    """Check the options of an entry of ``kms_imported_keys``, which may be for the key alone.

    :raises Refusal: options exclude each other, or an option requires another one.
    """
    _refuse_combinations_of_source(given)
    _refuse_wrapped_replicas(given)


def refuse_combinations_of_previous(given: AbstractSet[str], *, values: bool = True) -> None:
    """Check the options of an entry of ``previous_key_materials``.

    :param values: whether key material may be given as a value there.
    :raises Refusal: options exclude each other, or an option requires another one.
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
            "replicas: true requires plaintext key material (key_material_src), because an import token is for one"
            " key in one Region. To import key material that was encrypted elsewhere, use a separate task for each"
            " replica key."
        )


def _refuse_combinations_of_source(given: AbstractSet[str]) -> None:
    """:raises Refusal: options exclude each other, or an option requires another one."""
    plain, encrypted, token, bundle = (
        _source(name, given) for name in ("key_material", "encrypted_key_material", "import_token", "wrapped_bundle")
    )
    if bundle and (plain or encrypted or token):
        raise Refusal(
            "The task gives a wrapped bundle, which contains the encrypted key material and the import token, and"
            " also key material or an import token. Keep only the bundle, or only the others."
        )
    if "expected_check_code" in given and not bundle:
        raise Refusal("expected_check_code requires a wrapped bundle. Set wrapped_bundle_src.")
    if plain and (encrypted or token):
        raise Refusal(
            "The task gives key material both as plaintext (key_material, key_material_src) and encrypted elsewhere"
            " (encrypted_key_material, import_token). Keep only one of them."
        )
    if bool(encrypted) != bool(token):
        there, missing = (
            ("encrypted_key_material", "import_token") if encrypted else ("import_token", "encrypted_key_material")
        )
        raise Refusal(
            f"{there} requires {missing} ({missing}_src for a file): KMS decrypts the key material with the wrapping"
            " key that was downloaded together with the import token. Set both."
        )
    _refuse_passphrase_alone(plain, given)


def refuse_combinations_of_wrapping(given: AbstractSet[str]) -> None:
    """Check the options of ``kms_wrapped_key_material``.

    :raises Refusal: options exclude each other, or an option requires another one.
    """
    if not _source("parameters_bundle", given):
        raise Refusal(
            "The task gives no import parameters. Set parameters_bundle_src to a file from kms_import_parameters."
        )
    plain, encrypted = (_source(name, given) for name in ("key_material", "encrypted_key_material"))
    handing_out = "wrapping_public_key_dest" in given
    if not (plain or encrypted or handing_out):
        raise Refusal(
            "The task gives no key material. Set key_material_src to a file; or set wrapping_public_key_dest to"
            " encrypt it with another tool, and then encrypted_key_material_src to that tool's output."
        )
    _one_of((plain, encrypted, "wrapping_public_key_dest" if handing_out else None))
    _refuse_passphrase_alone(plain, given)
    if not handing_out and not given & {"dest", "return_bundle"}:
        raise Refusal("The task neither writes nor returns the bundle. Set dest, or return_bundle: true.")


def _source(name: str, given: AbstractSet[str]) -> str | None:
    """The option that gives this, as a file or as a value; None if neither is set."""
    return _one_of(option if option in given else None for option in (f"{name}_src", name))


def _one_of(options: Iterable[str | None]) -> str | None:
    """:raises Refusal: there are several."""
    found = [option for option in options if option is not None]
    if len(found) > 1:
        raise Refusal(f"{' and '.join(found)} are mutually exclusive. Keep only one of them.")
    return found[0] if found else None


def _refuse_passphrase_alone(plain: str | None, given: AbstractSet[str]) -> None:
    passphrase = _source("key_material_passphrase", given)
    if passphrase and not plain:
        raise Refusal(
            f"{passphrase} requires an encrypted private key in key_material_src or key_material. Set one of them,"
            " or remove the passphrase."
        )
