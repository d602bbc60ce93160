# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The outcomes of many exports in the task's result. No message contains import tokens or bundles."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ...module_utils._kms.identifiers import name_some
from .destinations import existing_bundle
from .export import ExportOutcome
from .export_declaration import Export

__all__ = ("to_result",)


def to_result(
    exports: Sequence[Export], outcomes: Sequence[ExportOutcome], *, return_bundles: bool
) -> dict[str, t.Any]:
    """The fields of the result, including those of a failed one: files that were written are always reported."""
    pairs = list(zip(exports, outcomes, strict=True))
    result = {
        **_failure(pairs),
        "changed": any(outcome.written for outcome in outcomes),
        "bundles": [_entry(declared, outcome, return_bundles) for declared, outcome in pairs],
        "diff": [_diff(declared, outcome) for declared, outcome in pairs if outcome.written],
    }
    warnings = list(dict.fromkeys(warning for outcome in outcomes for warning in outcome.warnings))
    return {**result, "warnings": warnings} if warnings else result


def _failure(pairs: Sequence[tuple[Export, ExportOutcome]]) -> dict[str, t.Any]:
    failed = [(declared.key, outcome.failure) for declared, outcome in pairs if outcome.failure is not None]
    if not failed:
        return {}
    name, first = failed[0]
    lost: dict[str, t.Any] = next((dict(outcome.lost) for _declared, outcome in pairs if outcome.lost), {})
    message = first.sentence
    if len(pairs) > 1:
        # Many messages begin with the name of their key.
        named = first.sentence.startswith(name)
        which = "" if named and len(failed) == 1 else f": {name_some([key for key, _failure in failed])}"
        message = f"No import parameters for {len(failed)} of {len(pairs)} keys{which}."
        if all(failure.sentence == first.sentence for _key, failure in failed):
            message += f" {first.sentence}"
        else:
            message += f" {'' if named else f'{name}: '}{first.sentence} For the other failures, see bundles."
    return {
        **lost,
        # For an unreachable host, Ansible sets that field instead.
        **({} if lost.get("unreachable") else {"failed": True}),
        "msg": message,
        **({"kms_error": dict(first.kms_error)} if first.kms_error else {}),
    }


def _entry(declared: Export, outcome: ExportOutcome, with_content: bool) -> dict[str, t.Any]:
    entry: dict[str, t.Any] = {
        **_known(outcome),
        "key_id": declared.key,
        "changed": bool(outcome.written),
        **{option: str(path) for option, path in declared.paths.items()},
    }
    if outcome.bundle is not None and with_content:
        entry["bundle"] = outcome.bundle.value
    if outcome.failure is not None:
        entry.update(failed=True, msg=outcome.failure.sentence)
        if outcome.failure.kms_error:
            entry["kms_error"] = dict(outcome.failure.kms_error)
    return entry


def _known(outcome: ExportOutcome) -> dict[str, t.Any]:
    if outcome.bundle is not None:
        return outcome.bundle.summary
    known: dict[str, t.Any] = {"key_arn": None, "check_code": None}
    if outcome.facts is not None:
        known.update(key_arn=outcome.facts.arn, key_spec=outcome.facts.key_spec, region=outcome.facts.region)
    return {**known, **_asked(outcome)}


def _asked(outcome: ExportOutcome) -> dict[str, t.Any]:
    if outcome.asked is None:
        return {}
    return {
        "wrapping_algorithm": outcome.asked.wrapping_algorithm,
        "wrapping_key_spec": outcome.asked.wrapping_key_spec,
    }


def _diff(declared: Export, outcome: ExportOutcome) -> dict[str, t.Any]:
    header = str(declared.paths.get("dest", declared.key))
    existing = existing_bundle(outcome.existing.get("dest"))
    before = existing.summary if existing is not None else {}
    # It is not the outcome, and the author of the existing file is unknown.
    before.pop("check_code", None)
    after = {name: value for name, value in _known(outcome).items() if value is not None}
    return {"before_header": header, "after_header": header, "before": before, "after": after}
