# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Whether a key material of a key is imported, reimported, or not changed. Pure."""

from __future__ import annotations

from datetime import datetime

from .._errors import OptionError, Refusal
from .._key.expiration import Expiration
from .._key.facts import KeyFacts
from .._key.material_label import split_description
from .._key.specs import KEY_SPECS
from .._messages import Action, Step
from .import_description import import_description, refuse_unrecognizable
from .match import Match, unrecognized
from .wanted import GivenMaterial, Wanted

__all__ = ("comparison", "decide_import", "import_step")


def decide_import(
    facts: KeyFacts, wanted: Wanted, given: GivenMaterial, match: Match, now: datetime, warnings: list[str]
) -> Step | None:
    """The required import; None for none.

    :param match: not known to be ``different``.
    :raises Refusal: it is unknown whether KMS holds the given key material, and the task must fail in this case.
    """
    target = match.key_material_id or (None if given.place else facts.current_key_material_id)
    # KMS deletes expired key material, and may still return it for some moments.
    present = _present(facts, given, target)
    present_description = facts.description_of(target) if target or not given.place else None
    description = import_description(facts, wanted, given, present_description, warnings)
    action: Action
    if present is None or present.past(now):
        # If KMS must find out which key material it is, all of them may exist and have different expirations.
        all_there = _all_there(facts, given, target)
        if all_there and wanted.unknown_material(given) == "fail":
            raise Refusal(_sentence_unknown(facts, given, match, present_description, description))
        present, action = None, "reimport" if all_there else "import"
    elif _must_reimport(facts, wanted, given, match, present, present_description, description, now):
        action = "reimport"
    else:
        if match.verdict == "unknown" and given.place not in wanted.told:
            warnings.append(_sentence_accepted(facts, given, match))
        return None
    if facts.key_state == "Disabled" and wanted.enabled is None:
        raise Refusal(
            f"{facts.arn} is Disabled, and the required import would enable it. Declare the state after the import:"
            " enabled: false to disable the key again, or enabled: true."
        )
    refuse_unrecognizable(facts, wanted, given, present_description, description)
    try:
        end = given.expiration.for_import(present, now, never_imported=False if given.place else facts.never_imported)
    except OptionError as error:
        raise OptionError(f"{given.name}: {error}" if given.place else f"{error}") from None
    if present is not None and facts.materials_unread and not given.expiration.declared:
        warnings.append(
            f"{facts.arn}: the task does not declare an expiration, and the expiration of this key material alone"
            f" could not be read ({facts.materials_unread}). The earliest expiration of all its key materials, {end},"
            " is sent again."
        )
    return import_step(facts, given, action, end, target, description)


def comparison(facts: KeyFacts, given: GivenMaterial, match: Match, target: str | None) -> Step:
    """An import that changes nothing and makes KMS compare the given key material with the present one.

    :raises Refusal: KMS would not perform it in this key state, or would enable the key.
    """
    present = facts.expiration_of(target)
    if facts.key_state not in ("Enabled", "PendingImport") or present is None:
        remedy = (
            "cancel the deletion (CancelKeyDeletion) and enable the key first"
            if facts.key_state.startswith("Pending")
            else "enable the key first"
        )
        raise Refusal(
            f"{facts.arn} holds key material, and it is unknown whether it is the given one: {match.reason}. Nothing"
            " was deleted, because this proof is missing. An import would let KMS compare the two, but not while the"
            f" key is {facts.key_state}: {remedy}. To delete key material of which you may have no copy, set force:"
            " true."
        )
    return import_step(facts, given, "reimport", present, target)


def import_step(
    facts: KeyFacts,
    given: GivenMaterial,
    action: Action,
    expiration: Expiration,
    target: str | None,
    description: str | None = None,
) -> Step:
    """The import with the parameters that KMS accepts for this kind of key.

    :param target: the key material that *given* is; None for the first one, or if KMS is to determine which one it is.
    """
    existing = target is not None or given.place > 0
    return Step(
        action,
        place=given.place,
        expiration=expiration,
        # Never sent for other key specs: KMS rejects even the default there.
        import_type="EXISTING_KEY_MATERIAL" if facts.symmetric and existing else None,
        key_material_id=target if facts.symmetric else None,
        description=description,
    )


def _present(facts: KeyFacts, given: GivenMaterial, target: str | None) -> Expiration | None:
    """The present expiration of the key material; None if KMS does not hold it."""
    if target or not given.place or given.label is None:
        return facts.expiration_of(target)
    # KMS will determine which of them it is. Their present expiration is known only if they all have the same.
    ends = [one.expiration for one in unrecognized(facts, given.label)]
    return ends[0] if len(set(ends)) == 1 else None


def _all_there(facts: KeyFacts, given: GivenMaterial, target: str | None) -> bool:
    if target or not given.place or given.label is None:
        return False
    return all(one.imported for one in unrecognized(facts, given.label))


def _must_reimport(
    facts: KeyFacts,
    wanted: Wanted,
    given: GivenMaterial,
    match: Match,
    present: Expiration,
    present_description: str | None,
    description: str | None,
    now: datetime,
) -> bool:
    """Whether to reimport key material that KMS holds, and that is not known to differ from the given one.

    :param description: the description that an import would send.
    :raises Refusal: it is unknown whether it is the given one, and the task must fail in this case.
    """
    if wanted.force and given.place not in wanted.compared:
        return True
    if match.verdict == "unknown" and given.place not in wanted.told:
        comparable = _comparable(facts)
        on_unknown = wanted.unknown_material(given)
        if on_unknown == "fail" and (comparable or wanted.on_unknown_material):
            raise Refusal(_sentence_unknown(facts, given, match, present_description, description))
        if on_unknown == "reimport" and comparable:
            return True
    if not given.expiration.satisfied_by(present, now):
        return True
    # A missing label is added by the next import; only the user's own text justifies an import.
    return (
        given.description is not None
        and description is not None
        and split_description(description)[0] != split_description(present_description)[0]
    )


def _comparable(facts: KeyFacts) -> bool:
    """Whether a comparison is possible. For a Disabled HMAC key, only an import could compare, and it would enable the
    key.
    """
    return not (facts.key_state == "Disabled" and KEY_SPECS[facts.key_spec].kind == "hmac")


def _sentence_unknown(
    facts: KeyFacts, given: GivenMaterial, match: Match, present_description: str | None, description: str | None
) -> str:
    """:param description: the description that an import would send."""
    what = f"one of its key materials is {given.name}" if given.place else "it is the given one"
    unknown = f"{facts.arn} holds key material, and it is unknown whether {what}: {match.reason}."
    accept = "To accept it without proof, set on_unknown_material: accept."
    if not _comparable(facts):
        return f"{unknown} Nothing was changed. KMS can compare the two after the key is enabled. {accept}"
    after = present_description if description is None else description
    if facts.materials is not None and given.label and split_description(after)[1] == given.label:
        return (
            f"{unknown} Nothing was changed. If it should be the given one, run once with on_unknown_material:"
            " reimport. KMS then compares the two, rejects any other key material, and the import writes the label"
            f" by which later runs recognize it. {accept}"
        )
    return (
        f"{unknown} Nothing was changed. If it should be the given one, set on_unknown_material: reimport. KMS then"
        f" compares the two in every run and rejects any other key material. {accept}"
    )


def _sentence_accepted(facts: KeyFacts, given: GivenMaterial, match: Match) -> str:
    compare = (
        "to let KMS compare the two, set on_unknown_material: reimport"
        if _comparable(facts)
        else "KMS can compare the two after the key is enabled"
    )
    return (
        f"{facts.arn} holds key material, and it is unknown whether it is"
        f" {given.name if given.place else 'the given one'}: {match.reason}. It was accepted without proof; {compare}."
    )
