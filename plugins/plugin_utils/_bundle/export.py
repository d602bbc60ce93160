# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The import parameters of one key: read the key, refuse what is impossible, download, and make the bundle.

Every run calls KMS. An existing file is never used as KMS's answer, because anyone who can write to the directory could
have created it with their own wrapping key.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ...module_utils._errors import CloudKeysError
from ...module_utils._key.facts import KeyFacts
from ...module_utils._key.specs import choose_wrapping_algorithm
from ...module_utils._material.plan import refuse_key
from ...module_utils._material.wanted import Wanted
from ...module_utils._messages import Failure, GetParameters, GivenParameters, Look, Seen
from .._controller.conversations import Conversation, ask, concluded
from .._cryptography.wrapping import public_key_sha256, refuse_other_wrapping
from .._trust import check_provenance, recorded_connection
from .contents import ImportParameters
from .destinations import read_existing, write_files
from .export_declaration import Export

__all__ = ("ExportOutcome", "export", "write")


@dataclass
class ExportOutcome:
    """The knowledge at the end of a conversation, however it ended.

    :ivar asked: the request to KMS or, in check mode, the request that would be sent.
    :ivar existing: the content of existing files, by the options that name them.
    :ivar bundle: the result from KMS. After a failure there is none, unless its file was written.
    :ivar written: the options whose files were written or, in check mode, would be.
    :ivar lost: Ansible's result of a visit that failed.
    """

    facts: KeyFacts | None = None
    asked: GetParameters | None = None
    existing: Mapping[str, bytes | None] = field(default_factory=dict)
    bundle: ImportParameters | None = None
    written: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    failure: Failure | None = None
    lost: Mapping[str, t.Any] | None = None


def export(declared: Export) -> Conversation[ExportOutcome]:
    """The conversation for one key. It returns the outcome and raises nothing of its own."""
    outcome = ExportOutcome()
    return (yield from concluded(_export(declared, outcome), outcome))


def write(declared: Export, outcome: ExportOutcome) -> None:
    """Write the files. If a file cannot be written, that is the outcome's failure."""
    if outcome.bundle is None:
        return
    try:
        write_files(outcome.bundle, declared.paths, outcome.existing, outcome.written)
    except CloudKeysError as error:
        outcome.failure = Failure.of(error)
        if "dest" not in outcome.written:
            outcome.bundle = None


def _export(declared: Export, outcome: ExportOutcome) -> Conversation[None]:
    outcome.existing = read_existing(declared.paths, check_mode=declared.check_mode)
    seen = yield from ask(Look(declared.key, declared.region, materials=False), Seen)
    facts = outcome.facts = seen.facts
    refuse_key(facts, Wanted())
    algorithm = choose_wrapping_algorithm(
        facts.arn, facts.key_spec, facts.region, declared.wrapping_key_spec, declared.wrapping_algorithm
    )
    outcome.asked = GetParameters(facts.arn, facts.region, algorithm, declared.wrapping_key_spec)
    # Checked before the download, so that KMS returns nothing that could not be used.
    warning = check_provenance(seen.provenance, declared.wrapping_key_trust)
    if declared.check_mode:
        outcome.written = list(declared.paths)
    else:
        given = yield from ask(outcome.asked, GivenParameters)
        warning = check_provenance(given.provenance, declared.wrapping_key_trust)
        bundle = bundle_of(facts, outcome.asked, given)
        what = f"The import parameters bundle of {declared.key}"
        bundle.refuse_expired(given.now, timedelta(0), what, "Nothing was written.")
        outcome.bundle = bundle
    outcome.warnings = [warning] if warning else []


def bundle_of(facts: KeyFacts, asked: GetParameters, given: GivenParameters) -> ImportParameters:
    """:raises Refusal: these are not the requested parameters."""
    parameters, provenance = given.parameters, given.provenance
    refuse_other_wrapping(
        facts.arn,
        (asked.wrapping_algorithm, asked.wrapping_key_spec),
        (parameters.wrapping_algorithm, parameters.wrapping_key_spec),
    )
    return ImportParameters(
        key_arn=facts.arn,
        key_id=facts.key_id,
        key_spec=facts.key_spec,
        region=facts.region,
        wrapping_algorithm=parameters.wrapping_algorithm,
        wrapping_key_spec=parameters.wrapping_key_spec,
        wrapping_public_key_sha256=public_key_sha256(parameters.wrapping_public_key),
        import_token=parameters.import_token,
        parameters_valid_to=parameters.valid_to,
        endpoint=provenance.url,
        connection=recorded_connection(provenance),
        certificates=provenance.certificates,
        wrapping_public_key=parameters.wrapping_public_key,
    )
