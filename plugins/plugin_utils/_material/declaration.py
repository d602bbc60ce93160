# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What a task says about one key, checked as far as that is possible without asking KMS."""

from __future__ import annotations

from dataclasses import dataclass

from ansible.plugins.action import ActionBase

from ...module_utils._errors import Refusal
from ...module_utils._key.expiration_options import want_expiration
from ...module_utils._key.facts import KeyFacts
from ...module_utils._key.specs import DEFAULT_WRAPPING_KEY_SPEC, choose_wrapping_algorithm
from ...module_utils._material.options import KEY_MATERIAL
from ...module_utils._material.wanted import Wanted
from .._controller.arguments import Arguments, region_of_key, validate
from .combinations import refuse_combinations_of_import, refuse_no_code
from .sources import Sources, read_sources

__all__ = ("Declaration", "declare")


@dataclass(frozen=True)
class Declaration:
    """What the task says about one key: the material, how to read and to wrap it, and how the key is to be.

    :ivar region: where the key is; None for the Region of the task.
    :ivar wait_timeout: seconds; None not to wait until KMS shows what was done.
    """

    key: str
    wanted: Wanted
    sources: Sources
    region: str | None = None
    key_material_format: str = "auto"
    wrapping_algorithm: str | None = None
    wrapping_key_spec: str = DEFAULT_WRAPPING_KEY_SPEC
    wrapping_key_trust: str = "kms_direct"
    wait_timeout: int | None = 300
    check_mode: bool = False

    def wrapping_algorithm_for(self, facts: KeyFacts) -> str:
        """:raises Refusal: KMS takes no key material for this key that is wrapped as the task says."""
        return choose_wrapping_algorithm(
            facts.arn, facts.key_spec, facts.region, self.wrapping_key_spec, self.wrapping_algorithm
        )


def declare(action: ActionBase, arguments: Arguments, *, check_mode: bool) -> Declaration:
    """:raises Refusal: an option, a combination of them, or a file that cannot be right."""
    refuse_no_code(arguments.options)
    given = validate(arguments.options, KEY_MATERIAL)
    key = given["key_id"].strip()
    if not key:
        raise Refusal("key_id is empty. Give a key ID, key ARN, alias name or alias ARN.")
    if given["wait_timeout"] < 1:
        raise Refusal(f"wait_timeout is {given['wait_timeout']}; it must be at least one second.")
    refuse_combinations_of_import(given["state"], arguments.given(given))
    expiration = want_expiration(
        given.get("expiration_model"), given.get("valid_to"), given.get("valid_for"), given.get("renew_before")
    )
    region = region_of_key(key, arguments.forwarded)
    sources = read_sources(action, given, arguments.secrets)
    return Declaration(
        key=key,
        region=region,
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
