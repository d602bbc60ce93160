# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Key material made ready for an import: encrypted here under KMS's wrapping public key, or as another tool did it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ...module_utils._key.expiration import format_time
from ...module_utils._messages import GetParameters, GivenParameters, Seen
from .._controller.conversations import Conversation, Unanswered, ask
from .._cryptography.key_material import KeyMaterial
from .._cryptography.wrapping import public_key_sha256, refuse_other_wrapping, wrap
from .._trust import check_provenance
from .declaration import Declaration
from .outcome import Outcome

__all__ = ("Encrypted", "encrypt")

_SUMMARY = ("wrapping_algorithm", "wrapping_key_spec", "wrapping_public_key_sha256", "parameters_valid_to")


@dataclass(frozen=True)
class Encrypted:
    """What an import sends; nothing, for a plan without one.

    :ivar summary: what the result says of how it was encrypted.
    """

    encrypted_key_material: bytes | None = field(default=None, repr=False)
    import_token: bytes | None = field(default=None, repr=False)
    summary: t.Mapping[str, t.Any] = field(default_factory=dict)


def encrypt(
    declaration: Declaration, outcome: Outcome, seen: Seen, material: KeyMaterial | None
) -> Conversation[Encrypted]:
    """With the import parameters that came with the facts, or else with new ones.

    :param material: None where it was encrypted elsewhere.
    :raises Refusal: the wrapping public key may be somebody else's than KMS's.
    :raises Unanswered: KMS gives no import parameters.
    """
    sources = declaration.sources
    if material is None:
        summary = {} if sources.bundle is None else {name: sources.bundle.summary[name] for name in _SUMMARY}
        return Encrypted(sources.encrypted_key_material, sources.import_token, summary)
    algorithm = declaration.wrapping_algorithm_for(seen.facts)
    parameters, provenance = seen.parameters, seen.provenance
    if parameters is None:
        if seen.parameters_failure is not None:
            raise Unanswered(seen.parameters_failure, None)
        request = GetParameters(seen.facts.arn, declaration.region, algorithm, declaration.wrapping_key_spec)
        given = yield from ask(request, GivenParameters)
        parameters, provenance = given.parameters, given.provenance
    outcome.warn(check_provenance(provenance, declaration.wrapping_key_trust))
    refuse_other_wrapping(
        seen.facts.arn,
        (algorithm, declaration.wrapping_key_spec),
        (parameters.wrapping_algorithm, parameters.wrapping_key_spec),
    )
    encrypted = wrap(
        material.data,
        wrapping_public_key=parameters.wrapping_public_key,
        wrapping_algorithm=parameters.wrapping_algorithm,
        wrapping_key_spec=parameters.wrapping_key_spec,
    )
    values = (
        parameters.wrapping_algorithm,
        parameters.wrapping_key_spec,
        public_key_sha256(parameters.wrapping_public_key),
        format_time(parameters.valid_to),
    )
    return Encrypted(encrypted, parameters.import_token, dict(zip(_SUMMARY, values, strict=True)))
