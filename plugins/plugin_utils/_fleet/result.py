# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The result of a task over many keys: an entry for each key, a summary, and the diff. Pure."""

from __future__ import annotations

import json
import typing as t
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ...module_utils._json import to_json
from ...module_utils._key.expiration import format_time
from ...module_utils._kms.identifiers import name_some
from .._material.outcome import Outcome
from .._material.outcome import to_result as material_result
from .fleet_key import FleetKey
from .keep import KeyRecord
from .run import FleetOutcome
from .survey import Surveyed

__all__ = ("decision_in_words", "to_result")

Json = dict[str, t.Any]
_Value = t.TypeVar("_Value")
_Status = t.Literal["changed", "unchanged", "failed", "not_started"]
# AWX drops the event of a task with more than 700,000 characters. The entries take most of that and the diff the rest,
# with a margin for Ansible's own fields.
LONGEST_ENTRIES, LONGEST_DIFF = 350_000, 150_000
MOST_WARNINGS = 50
# In characters. A message that quotes another source, such as a lost target, may have any length.
LONGEST_QUOTE, LONGEST_WARNING, LONGEST_REASON = 4000, 2000, 300
# The number of reasons in the task's message.
_QUOTED = 5
# The fields of a shortened entry.
_BRIEF = ("name", "region", "arn", "changed", "failed", "started", "actions", "msg", "valid_to")
# Fields of the result for one key that an entry has in another form, or that belong to the task.
_ELSEWHERE = ("changed", "actions", "actions_unconfirmed", "failed", "msg", "diff", "warnings", "kms_error", "kms_keys")


class _KeyReport(t.NamedTuple):
    """The parts of the result about one key: its entry, its diffs, and its warnings for the task."""

    entry: Json
    diffs: list[Json]
    warnings: list[str]


def to_result(keys: Sequence[FleetKey], outcome: FleetOutcome) -> Json:
    """The fields of the result, including those of a failed one."""
    not_begun = set(outcome.not_begun)
    reports = [
        _report(key, outcome.of(key.place), begun=key.place not in not_begun, due=outcome.surveyed[key.place].due)
        for key in keys
    ]
    entries = [one.entry for one in reports]
    statuses = [_status(entry) for entry in entries]
    result: Json = {
        "changed": any(entry["changed"] for entry in entries),
        "summary": _summary(entries, statuses),
        **_shortened(entries),
    }
    diffs = list(_as_many_as_fit([diff for one in reports for diff in one.diffs], LONGEST_DIFF))
    if diffs:
        result["diff"] = diffs
    warnings = list(dict.fromkeys([*outcome.warnings, *(warning for one in reports for warning in one.warnings)]))
    if warnings:
        more = len(warnings) - MOST_WARNINGS
        shown = [_cut(warning, LONGEST_WARNING) for warning in warnings[:MOST_WARNINGS]]
        result["warnings"] = shown + ([f"And {more} more warnings."] if more > 0 else [])
    if "failed" in statuses:
        result |= {"failed": True, "msg": _message(entries, statuses, outcome)}
    return result


def _report(key: FleetKey, record: KeyRecord, *, begun: bool, due: bool) -> _KeyReport:
    # Predictions count only in check mode, and only for keys that the run would begin.
    counted = [ensured for ensured in record.ensured if not ensured.foretold or (key.check_mode and begun and due)]
    changes = [
        {
            "changed": ensured.result.changed,
            "actions": list(ensured.result.actions),
            "diff": [to_json(diff) for diff in ensured.result.diffs],
        }
        for ensured in counted
    ]
    outcomes = record.outcomes if begun else list(map(_untouched, record.outcomes))
    materials = list(map(_without_lost, outcomes))
    done = [*changes[:1], *materials[:1], *changes[1:], *materials[1:]]
    changed = [one for one in done if one["changed"]]
    shown = _shown(record, materials)
    region = next((ensured.seen.facts.region for ensured in record.ensured if ensured.seen is not None), key.region)
    failures = record.failures
    entry: Json = {
        "name": key.name,
        "region": shown["region"] if shown else region,
        "arn": shown["arn"] if shown else None,
        "changed": bool(changed or record.unconfirmed),
        "failed": bool(failures),
        "started": begun,
        "actions": [action for one in done for action in one["actions"]],
        "msg": " ".join(one.sentence for one in failures) or None,
        "valid_to": _valid_to(outcomes, shown),
    }
    of_materials = (action for one in materials for action in one.get("actions_unconfirmed", ()))
    unconfirmed = [*record.unconfirmed, *of_materials]
    if unconfirmed:
        entry["actions_unconfirmed"] = unconfirmed
    errors = [one.kms_error for one in failures if one.kms_error]
    if errors:
        entry["kms_error"] = dict(errors[0])
    for one in materials:
        entry |= {name: value for name, value in one.items() if name not in _ELSEWHERE}
        if "kms_keys" in one:
            entry["regions"] = one["kms_keys"]
    if record.ensured and record.ensured[-1].result.replicas:
        entry["replicas"] = [to_json(replica) for replica in record.ensured[-1].result.replicas]
    entry.pop("kms_key", None)
    if shown:
        entry["kms_key"] = shown
    diffs = [diff for one in changed for diff in _listed(one.get("diff")) if diff["before"] != diff["after"]]
    if any(ensured.seen is not None for ensured in record.ensured):
        # The label depends on the key ID, which KMS assigns.
        for diff in diffs:
            for side in ("before", "after"):
                diff[side].pop("key_material_label", None)
    of_key = record.ensured[-1].warnings if record.ensured else ()
    of_material = [warning for one in materials for warning in one.get("warnings", ())]
    return _KeyReport(entry, diffs, [*of_key, *of_material, *record.notes])


def _untouched(outcome: Outcome) -> Outcome:
    """The outcome without check mode's predictions, for a key that the run would not begin."""
    replicas = None if outcome.replicas is None else list(map(_untouched, outcome.replicas))
    failure = None if outcome.done else outcome.failure
    return replace(outcome, done=[], after=None, failure=failure, replicas=replicas)


def _without_lost(outcome: Outcome) -> Json:
    """The result for one key, without Ansible's fields about a failed visit: the message contains the reason."""
    return {name: value for name, value in material_result(outcome).items() if name not in (outcome.lost or {})}


def _shown(record: KeyRecord, materials: Sequence[Json]) -> Json:
    """The key in the form of ``kms_key``, with the fields that only ``kms_external_key`` reads; empty for a key that
    does not exist.
    """
    if any(ensured.seen is not None for ensured in record.ensured):
        return {}
    last = record.ensured[-1].result if record.ensured else None
    of_key = {} if last is None or last.arn is None else {"arn": last.arn, **last.kms_key}
    of_material = materials[-1].get("kms_key", {}) if materials else {}
    return {**of_key, **of_material}


def _listed(diff: t.Any) -> list[Json]:
    return diff if isinstance(diff, list) else [diff] if diff else []


def _valid_to(outcomes: Sequence[Outcome], shown: Mapping[str, t.Any]) -> str | None:
    """When the key material of the key expires, as far as it is known at the end or predicted."""
    after = outcomes[-1].after if outcomes else None
    value = after.get("valid_to") if after is not None else shown.get("valid_to")
    return t.cast("str | None", value)


def _status(entry: Json) -> _Status:
    if entry["failed"]:
        return "failed"
    if not entry["started"]:
        return "not_started"
    return "changed" if entry["changed"] else "unchanged"


def _summary(entries: Sequence[Json], statuses: Sequence[_Status]) -> Json:
    counted = Counter(statuses)
    ends = [entry["valid_to"] for entry in entries if entry["valid_to"]]
    return {
        "total": len(entries),
        **{status: counted[status] for status in ("changed", "unchanged", "failed", "not_started")},
        # All of them are ISO 8601 in UTC with whole seconds, which sort as text.
        "soonest_expiry": min(ends, default=None),
    }


def _shortened(entries: Sequence[Json]) -> Json:
    """As many full entries as fit into a result: failed and changed keys before unchanged ones."""
    if _length(entries) <= LONGEST_ENTRIES:
        return {"kms_keys": list(entries)}
    brief = [_brief(entry) if _status(entry) == "unchanged" else entry for entry in entries]
    if _length(brief) <= LONGEST_ENTRIES:
        return {"kms_keys": brief, "kms_keys_shortened": True}
    order: Sequence[_Status] = ("failed", "not_started", "changed", "unchanged")
    # With their places, because the list keeps its order.
    ranked = sorted(enumerate(map(_briefer, entries)), key=lambda one: order.index(_status(one[1])))
    fitting = sorted(_as_many_as_fit(ranked, LONGEST_ENTRIES), key=lambda one: one[0])
    return {
        "kms_keys": [entry for _place, entry in fitting],
        "kms_keys_shortened": True,
        "kms_keys_left_out": len(entries) - len(fitting),
    }


def _as_many_as_fit(values: Iterable[_Value], room: int) -> Iterator[_Value]:
    for value in values:
        room -= _length(value)
        if room < 0:
            return
        yield value


def _brief(entry: Json) -> Json:
    return {name: entry[name] for name in _BRIEF}


def _briefer(entry: Json) -> Json:
    """A shortened entry with a shortened reason, so that more entries fit."""
    brief = _brief(entry)
    return {**brief, "msg": brief["msg"] and _cut(brief["msg"], LONGEST_REASON)}


def _cut(sentence: str, longest: int) -> str:
    return sentence if len(sentence) <= longest else f"{sentence[:longest]}..."


def _length(value: t.Any) -> int:
    return len(json.dumps(value, default=str))


def _about(names: Sequence[str], sentence: str) -> str:
    """The sentence with the names of its keys, unless it already contains them."""
    shown = _cut(sentence, LONGEST_QUOTE)
    return shown if names[0] in shown else f"{name_some(names)}: {shown}"


def _message(entries: Sequence[Json], statuses: Sequence[_Status], outcome: FleetOutcome) -> str:
    failed: dict[str, list[str]] = {}
    for entry, status in zip(entries, statuses, strict=True):
        if status == "failed":
            failed.setdefault(entry["msg"], []).append(entry["name"])
    quoted = " ".join(_about(names, sentence) for sentence, names in list(failed.items())[:_QUOTED])
    if len(entries) == 1:
        return quoted
    more = " The other reasons are in kms_keys." if len(failed) > _QUOTED else ""
    waiting = statuses.count("not_started")
    kept_waiting = "1 key was" if waiting == 1 else f"{waiting} keys were"
    stopped = {
        None: "",
        "canary": f" The canary failed, so {kept_waiting} not started.",
        "failures": f" This exceeds max_failures, so {kept_waiting} not started.",
    }[outcome.stopped]
    return f"{statuses.count('failed')} of {len(entries)} keys failed.{stopped} {quoted}{more}"


def decision_in_words(key: FleetKey, surveyed: Surveyed) -> str:
    """The run's decision about a key, in one line."""
    name = key.name if surveyed.arn in (None, key.name) else f"{key.name} ({surveyed.arn})"
    if surveyed.record.failures:
        return _about([key.name], surveyed.record.failures[0].sentence)
    if not surveyed.actions:
        return f"{name}: {'continues the operation in progress' if surveyed.due else 'as declared'}"
    ends = f", until {format_time(surveyed.ends)}" if surveyed.ends else ""
    return f"{name}: {', '.join(surveyed.actions)}{ends}"
