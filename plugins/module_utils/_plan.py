# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The decision of ``kms_key_material``: from what KMS shows and what the task declares to the steps that are due.

Pure: the facts, the match and the time are arguments. Check mode makes the same plan and does not carry it out.
"""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._expiration import (
    Expiration,
    ExpirationError,
    format_time,
    parse_time,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._facts import KeyFacts
from ansible_collections.cloudkeys.aws.plugins.module_utils._key_specs import refuse_key_spec
from ansible_collections.cloudkeys.aws.plugins.module_utils._match import Match
from ansible_collections.cloudkeys.aws.plugins.module_utils._material_label import (
    DescriptionError,
    join_description,
    split_description,
)
from ansible_collections.cloudkeys.aws.plugins.module_utils._wanted import Wanted

__all__ = ("Plan", "Step", "make_plan", "refuse_key", "snapshot")


@dataclass(frozen=True)
class Step:
    """One change of the key, in the words of the result's ``actions``.

    :ivar action: ``import``, ``reimport``, ``delete``, ``enable`` or ``disable``.
    :ivar proof: done only to prove a permission before something that must be followed by it; not reported.
    :ivar import_type: ImportType, or None to send none.
    :ivar description: KeyMaterialDescription, or None to send none, which keeps the present one.
    """

    action: str
    proof: bool = False
    expiration: Expiration | None = None
    import_type: str | None = None
    key_material_id: str | None = None
    description: str | None = None

    def to_json(self) -> dict[str, t.Any]:
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        if self.expiration is not None:
            valid_to = self.expiration.valid_to
            values["expiration"] = {"valid_to": format_time(valid_to) if valid_to else None}
        return values

    @classmethod
    def from_json(cls, data: t.Mapping[str, t.Any]) -> Step:
        values = dict(data)
        if values["expiration"] is not None:
            valid_to = values["expiration"]["valid_to"]
            values["expiration"] = Expiration(parse_time(valid_to, "valid_to") if valid_to else None)
        return cls(**values)


@dataclass(frozen=True)
class Plan:
    """The steps in their order, what to tell the user, and the key before and after as the diff shows it."""

    steps: tuple[Step, ...]
    warnings: tuple[str, ...]
    before: t.Mapping[str, t.Any]
    after: t.Mapping[str, t.Any]

    @property
    def actions(self) -> list[str]:
        return [step.action for step in self.steps if not step.proof]

    @property
    def import_step(self) -> Step | None:
        for step in self.steps:
            if step.action in ("import", "reimport"):
                return step
        return None


def make_plan(facts: KeyFacts, wanted: Wanted, match: Match, now: datetime) -> Plan:
    """:raises Refusal: the key cannot carry this material, or the task does not declare what doing it would need."""
    refuse_key(facts, wanted)
    try:
        if wanted.state == "absent":
            return _plan_absent(facts, wanted, match)
        return _plan_present(facts, wanted, match, now)
    except (ExpirationError, DescriptionError) as error:
        raise Refusal(f"{error} The key is {facts.arn}.") from None


def refuse_key(facts: KeyFacts, wanted: Wanted) -> None:
    """:raises Refusal: nothing can be imported into the key, now or ever; with ``state: absent``, or deleted."""
    key = facts.arn
    if facts.key_manager == "AWS":
        raise Refusal(
            f"{key} is an AWS managed key, and AWS makes its key material. Name a customer managed key with origin"
            " EXTERNAL."
        )
    if facts.origin != "EXTERNAL":
        raise Refusal(
            f"{key} has the origin {facts.origin}; key material can only be imported into a key with the origin"
            " EXTERNAL, and KMS fixes the origin when the key is created. Create a key with origin EXTERNAL and name"
            " that one."
        )
    refusal = refuse_key_spec(facts.key_spec)
    if refusal:
        raise Refusal(f"{key}: {refusal}")
    if facts.key_state == "Unavailable":
        raise Refusal(f"{key} is Unavailable: its key store does not answer. Reconnect the key store, then run again.")
    if facts.key_state in ("Creating", "Updating"):
        raise Refusal(
            f"{key} is still {facts.key_state}. Run again in some minutes, or set wait: true and a longer wait_timeout."
        )
    if wanted.state == "present" and facts.key_state in ("PendingDeletion", "PendingReplicaDeletion"):
        when = f" on {format_time(facts.deletion_date)}" if facts.deletion_date else ""
        raise Refusal(
            f"{key} is {facts.key_state}: KMS will delete it{when}, and imports nothing until then. To keep the key,"
            " cancel the deletion (CancelKeyDeletion), then run again."
        )


def _plan_present(facts: KeyFacts, wanted: Wanted, match: Match, now: datetime) -> Plan:
    if match.verdict == "different":
        raise Refusal(_sentence_different(facts, match))
    warnings: list[str] = []
    target = match.key_material_id or facts.current_key_material_id
    description = _description(facts, wanted, warnings)
    present = facts.expiration
    if present is None:
        action = "import"
    elif _must_reimport(facts, wanted, match, present, description, now):
        action = "reimport"
    else:
        action = ""
        if match.verdict == "unknown":
            warnings.append(_sentence_unknown(facts, match))
    steps: list[Step] = []
    key_state, expiration = facts.key_state, present
    missing = [entry.key_material_id for entry in facts.missing_materials]
    if action:
        _refuse_disabled(facts, wanted)
        expiration = wanted.expiration.for_import(present, now)
        if facts.key_state == "Disabled":
            steps.append(Step("disable", proof=True))
        steps.append(
            Step(
                action,
                expiration=expiration,
                # Never sent for other specs: KMS refuses even the default there.
                import_type="EXISTING_KEY_MATERIAL" if facts.symmetric and target else None,
                key_material_id=target if facts.symmetric else None,
                description=description,
            )
        )
        missing = [key_material_id for key_material_id in missing if key_material_id != target]
        key_state = "PendingImport" if missing else "Enabled"
    if missing:
        warnings.append(
            f"{facts.arn} stays PendingImport, and unusable, until these other key materials of it are imported again"
            f" too: {', '.join(missing)}."
        )
    elif wanted.enabled is not None and key_state == ("Disabled" if wanted.enabled else "Enabled"):
        steps.append(Step("enable" if wanted.enabled else "disable"))
        key_state = "Enabled" if wanted.enabled else "Disabled"
    before = snapshot(facts)
    after = _snapshot(
        facts, key_state, expiration, _description_now(facts) if not action or description is None else description
    )
    return Plan(tuple(steps), tuple(warnings), before, after)


def _must_reimport(
    facts: KeyFacts, wanted: Wanted, match: Match, present: Expiration, description: str | None, now: datetime
) -> bool:
    if match.verdict == "unknown":
        if wanted.on_unknown_material == "fail":
            raise Refusal(
                f"{facts.arn} holds key material, and whether it is the given one is not known: {match.reason}."
                " on_unknown_material is fail. Set it to reimport to let KMS compare the two (it refuses any other"
                " material), or to accept."
            )
        if wanted.on_unknown_material == "reimport":
            return True
    if wanted.force or not wanted.expiration.satisfied_by(present, now):
        return True
    # A label that is missing is added at the next import; only the user's own text is worth one.
    return (
        wanted.description is not None
        and description is not None
        and split_description(description)[0] != split_description(_description_now(facts))[0]
    )


def _refuse_disabled(facts: KeyFacts, wanted: Wanted) -> None:
    if facts.key_state == "Disabled" and wanted.enabled is None:
        raise Refusal(
            f"{facts.arn} is Disabled, an import is due, and KMS enables a key when it imports into it. Declare what"
            " the key is to be afterwards: enabled: false to have it disabled again, or enabled: true."
        )


def _plan_absent(facts: KeyFacts, wanted: Wanted, match: Match) -> Plan:
    description = _description_now(facts)
    before = snapshot(facts)
    if not facts.material_present:
        return Plan((), (), before, before)
    if match.verdict == "different":
        raise Refusal(
            f"{facts.arn} holds other key material than the given one: {match.reason}. KMS cannot give key material"
            " back, so nothing is deleted. Give the material that the key holds; or, to delete material of which you"
            " may have no copy, give none and set force: true."
        )
    if wanted.material != "given" and not wanted.force:
        raise Refusal(
            f"KMS cannot give key material back once it is deleted from {facts.arn}. Show that you hold a copy by"
            " giving it (key_material_src), or set force: true."
        )
    warnings = [
        f"The key material of {facts.arn} is deleted from KMS: everything that uses the key stops working now, until"
        " the same key material is imported again."
    ]
    key_state = facts.key_state if facts.key_state.startswith("Pending") else "PendingImport"
    step = Step("delete", key_material_id=facts.current_key_material_id if facts.symmetric else None)
    return Plan((step,), tuple(warnings), before, _snapshot(facts, key_state, None, description))


def _description(facts: KeyFacts, wanted: Wanted, warnings: list[str]) -> str | None:
    """The KeyMaterialDescription that an import is to send, or None to send none, which keeps what is there."""
    if not facts.symmetric:
        if wanted.description is not None:
            raise Refusal(
                f"{facts.arn} is a {facts.key_spec} key, and KMS keeps key material descriptions for symmetric"
                " encryption keys only. Remove key_material_description."
            )
        return None
    now = _description_now(facts)
    text, fingerprint = split_description(now)
    if wanted.label and wanted.fingerprint:
        fingerprint = wanted.fingerprint
    elif wanted.description is None:
        return None
    elif not wanted.label:
        fingerprint = None
    described = join_description(text if wanted.description is None else wanted.description, fingerprint)
    if described == (now or ""):
        return None
    if facts.replica:
        if wanted.description is not None and wanted.description.strip() != text:
            warnings.append(
                f"key_material_description is not set on {facts.arn}: the key is a replica, and takes its"
                f" descriptions from the primary key in {facts.primary_region}."
            )
        return None
    if facts.materials is None and facts.current_key_material_id:
        # It may hold text that is not ours to overwrite.
        if wanted.description is not None:
            warnings.append(
                f"key_material_description is left as it is on {facts.arn}: the present one could not be read"
                f" ({facts.materials_unread})."
            )
        return None
    return described or None


def _description_now(facts: KeyFacts) -> str | None:
    current = facts.current_material
    return current.description if current else None


def snapshot(facts: KeyFacts) -> dict[str, t.Any]:
    """The key as KMS shows it now, in the fields of the diff."""
    return _snapshot(facts, facts.key_state, facts.expiration, _description_now(facts))


def _snapshot(
    facts: KeyFacts, key_state: str, expiration: Expiration | None, description: str | None
) -> dict[str, t.Any]:
    """The key as the diff shows it: facts, and nothing that an import has yet to bring about."""
    values: dict[str, t.Any] = {
        "key_state": key_state,
        "expiration_model": expiration.model if expiration else None,
        "valid_to": format_time(expiration.valid_to) if expiration and expiration.valid_to else None,
    }
    if facts.symmetric:
        text, fingerprint = split_description(description)
        if facts.current_key_material_id:
            values["key_material_id"] = facts.current_key_material_id
        values["key_material_description"] = text or None
        values["fingerprint"] = fingerprint
    return values


def _sentence_unknown(facts: KeyFacts, match: Match) -> str:
    return (
        f"{facts.arn} holds key material, and whether it is the given one is not known: {match.reason}. It is accepted"
        " as it is; on_unknown_material: reimport lets KMS compare the two."
    )


def _sentence_different(facts: KeyFacts, match: Match) -> str:
    proof = {"public_key": "its public key", "mac": "VerifyMac", "label": "its label"}.get(match.by, match.by)
    what_to_do = (
        "A key's material is only ever changed by a rotation, which this task does not do; nothing was touched. Give"
        " the material that the key holds, or name another key."
        if facts.symmetric
        else f"KMS never replaces the material of a {facts.key_spec} key; nothing was touched. Give the material that"
        " the key holds; for new material create a new key and move the alias to it."
    )
    return f"{facts.arn} belongs to other key material than the given one, by {proof}: {match.reason}. {what_to_do}"
