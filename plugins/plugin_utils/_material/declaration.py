# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What a task says about one key, checked as far as that is possible without asking KMS."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ...module_utils._key.expiration import ExpirationError, want_expiration
from ...module_utils._material.options import DECLARED
from ...module_utils._material.wanted import Wanted
from .._bundle.reading import refuse_no_code
from .._controller.arguments import validate
from .converge import Declaration
from .sources import SECRET_OPTIONS, read_sources

__all__ = ("declare",)

_PUBLIC = {name: spec for name, spec in DECLARED.items() if name not in SECRET_OPTIONS}


def declare(
    action: ActionBase, options: Mapping[str, t.Any], secrets: Mapping[str, t.Any], check_mode: bool
) -> Declaration:
    """:raises AnsibleActionFail: an option, a combination of them, or a file that cannot be right."""
    refuse_no_code(options)
    given = validate(options, _PUBLIC)
    if not given["key_id"].strip():
        raise AnsibleActionFail("key_id is empty. Give a key id, key ARN, alias name or alias ARN.")
    if given["wait_timeout"] < 1:
        raise AnsibleActionFail(f"wait_timeout is {given['wait_timeout']}; it must be at least one second.")
    _refuse_combinations(
        given["state"], {name for name in (*given, *secrets) if {**given, **secrets}[name] is not None}
    )
    try:
        expiration = want_expiration(
            given.get("expiration_model"), given.get("valid_to"), given.get("valid_for"), given.get("renew_before")
        )
    except ExpirationError as error:
        raise AnsibleActionFail(str(error)) from None
    sources = read_sources(action, given, secrets)
    return Declaration(
        key=given["key_id"].strip(),
        wanted=Wanted(
            state=given["state"],
            expiration=expiration,
            material=sources.kind,
            enabled=given.get("enabled"),
            force=given["force"],
            on_unknown_material=given.get("on_unknown_material"),
            description=given.get("key_material_description"),
            label=given["key_material_label"],
        ),
        sources=sources,
        key_material_format=given["key_material_format"],
        wrapping_algorithm=given.get("wrapping_algorithm"),
        wrapping_key_spec=given["wrapping_key_spec"],
        wrapping_key_trust=given["wrapping_key_trust"],
        wait_timeout=given["wait_timeout"] if given["wait"] else None,
        check_mode=check_mode,
    )


def _refuse_combinations(state: str, given: set[str]) -> None:
    """:param given: the names of the options that have a value."""
    for value in SECRET_OPTIONS:
        if {value, f"{value}_src"} <= given:
            raise AnsibleActionFail(f"{value} and {value}_src both give the same thing. Keep one of them.")
    plain = bool(given & {"key_material", "key_material_src"})
    encrypted = bool(given & {"encrypted_key_material", "encrypted_key_material_src"})
    token = bool(given & {"import_token", "import_token_src"})
    bundle = bool(given & {"wrapped_bundle", "wrapped_bundle_src"})
    if bundle and (plain or encrypted or token):
        raise AnsibleActionFail(
            "The task gives a wrapped bundle, which holds the encrypted key material and the import token, and key"
            " material or an import token beside it. Keep the bundle, or the others."
        )
    if "expected_check_code" in given and not bundle:
        raise AnsibleActionFail("expected_check_code is that of a wrapped bundle; give one (wrapped_bundle_src).")
    if plain and (encrypted or token):
        raise AnsibleActionFail(
            "The task gives key material both in plain (key_material, key_material_src) and encrypted elsewhere"
            " (encrypted_key_material, import_token). Keep one of them."
        )
    if encrypted != token:
        there, missing = (
            ("encrypted_key_material", "import_token") if encrypted else ("import_token", "encrypted_key_material")
        )
        raise AnsibleActionFail(
            f"{there} needs {missing} beside it ({missing}_src for a file): KMS decrypts the key material with the"
            " wrapping key that was downloaded together with the import token."
        )
    for name in ("key_material_passphrase", "key_material_passphrase_src"):
        if name in given and not plain:
            raise AnsibleActionFail(f"{name} is for an encrypted key_material_src or key_material; give one.")
    if state == "present" and not (plain or encrypted or bundle):
        raise AnsibleActionFail(
            "The task gives no key material. Set key_material_src to a file on the controller, key_material to a value"
            " from a lookup, encrypted_key_material_src with import_token_src, or wrapped_bundle_src."
        )
