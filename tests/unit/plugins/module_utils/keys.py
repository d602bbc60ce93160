# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KMS keys for the tests of decisions: any key, and its state after a plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import Expiration, WantedExpiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.specs import KEY_SPECS
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.match import Match
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import GivenMaterial, Wanted
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Step

NOW = datetime(2027, 1, 1, tzinfo=UTC)
LABEL = "cloudkeys.aws/v1:" + "0123456789abcdef" * 2
OTHER_LABEL = "cloudkeys.aws/v1:" + "fedcba9876543210" * 2
CIPHERTEXT_LABEL = "cloudkeys.aws/v1c:" + "0123456789abcdef" * 2
CURRENT, EARLIER, STAGED = "c" * 64, "a" * 64, "f" * 64

#: A symmetric key whose list of key materials was not read.
SYMMETRIC = KeyFacts(
    key_id="1234abcd-12ab-34cd-56ef-1234567890ab",
    arn="arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    region="eu-central-1",
    key_spec="SYMMETRIC_DEFAULT",
    key_usage="ENCRYPT_DECRYPT",
    origin="EXTERNAL",
    key_state="Enabled",
    current_key_material_id=CURRENT,
)

#: The same key with one key material, which has a label and does not expire.
IMPORTED = SYMMETRIC._replace(
    expiration_model="KEY_MATERIAL_DOES_NOT_EXPIRE",
    materials=(Material(CURRENT, "CURRENT", "IMPORTED", LABEL, "KEY_MATERIAL_DOES_NOT_EXPIRE"),),
)

ends = st.one_of(st.none(), st.integers(1, 364).map(lambda days: NOW + timedelta(days)))
descriptions = st.sampled_from(
    [None, "payments", LABEL, f"payments {LABEL}", CIPHERTEXT_LABEL, f"payments {OTHER_LABEL}"]
)


@st.composite
def materials(draw: st.DrawFn, material_id: str, state: str) -> Material:
    imported = draw(st.booleans())
    end = draw(ends) if imported else None
    model = ("KEY_MATERIAL_EXPIRES" if end else "KEY_MATERIAL_DOES_NOT_EXPIRE") if imported else None
    return Material(material_id, state, "IMPORTED" if imported else "PENDING_IMPORT", draw(descriptions), model, end)


@st.composite
def keys(draw: st.DrawFn) -> KeyFacts:
    """Keys with origin EXTERNAL as DescribeKey and ListKeyRotations can return them."""
    spec = draw(st.sampled_from(list(KEY_SPECS)))
    listed: tuple[Material, ...] | None = None
    if spec == "SYMMETRIC_DEFAULT":
        listed = ()
        if draw(st.booleans()):
            listed = (draw(materials(CURRENT, "CURRENT")),)
            listed += (draw(materials(STAGED, "PENDING_ROTATION")),) if draw(st.booleans()) else ()
            listed += (draw(materials(EARLIER, "NON_CURRENT")),) if draw(st.booleans()) else ()
        associated = [entry for entry in listed if entry.associated]
        whole = bool(associated) and all(entry.imported for entry in associated)
        expirations = [entry.valid_to for entry in associated if entry.valid_to]
        end = min(expirations, default=None)
    else:
        whole, end = draw(st.booleans()), draw(ends)
    state = draw(st.sampled_from(["Enabled", "Disabled"])) if whole else "PendingImport"
    model = ("KEY_MATERIAL_EXPIRES" if end else "KEY_MATERIAL_DOES_NOT_EXPIRE") if whole else None
    return KeyFacts(
        key_id="1234abcd-12ab-34cd-56ef-1234567890ab",
        arn="arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        region="eu-central-1",
        key_spec=spec,
        key_usage=KEY_SPECS[spec].key_usages[0],
        origin="EXTERNAL",
        key_state=draw(st.sampled_from([state, state, state, "PendingDeletion"])),
        expiration_model=model,
        valid_to=end if whole else None,
        current_key_material_id=CURRENT if listed else None,
        materials=listed,
    )


@st.composite
def declarations(draw: st.DrawFn) -> Wanted:
    return Wanted(
        state=draw(st.sampled_from(["present", "present", "absent"])),
        expiration=draw(
            st.sampled_from(
                [
                    WantedExpiration(),
                    WantedExpiration(never=True),
                    WantedExpiration(valid_to=NOW + timedelta(50)),
                    WantedExpiration(valid_to=NOW - timedelta(1)),
                    WantedExpiration(None, timedelta(90), timedelta(30)),
                ]
            )
        ),
        material=draw(st.sampled_from(["given", "wrapped", "none"])),
        enabled=draw(st.sampled_from([None, True, False])),
        force=draw(st.booleans()),
        on_unknown_material=draw(st.sampled_from([None, "accept", "fail", "reimport"])),
        on_different_material=draw(st.sampled_from(["fail", "stage", "rotate"])),
        description=draw(st.sampled_from([None, None, "payments", "ledger", ""])),
        label=draw(st.booleans()),
        material_label=draw(st.sampled_from([None, LABEL, CIPHERTEXT_LABEL])),
    )


matches = st.sampled_from(
    [
        Match("same", "label", key_material_id=CURRENT),
        Match.unknown("nothing told"),
        Match("different", "label", "other"),
    ]
)


def carried_out(facts: KeyFacts, steps: Iterable[Step], new: str = "e" * 64) -> KeyFacts:
    """The key as KMS would return it after these steps (Developer Guide, "Key states of AWS KMS keys", "Special
    considerations for imported key material" and "Perform on-demand key rotation").

    :param new: the KeyMaterialId that KMS assigns to staged key material.
    """
    for step in steps:
        if step.action in ("import", "reimport"):
            facts = _imported(facts, step)
        elif step.action == "stage":
            facts = _staged(facts, step, new)
        elif step.action == "rotate":
            facts = _rotated(facts)
        elif step.action == "delete":
            facts = _deleted(facts, step.key_material_id)
        else:
            facts = facts._replace(key_state="Enabled" if step.action == "enable" else "Disabled")
    return facts


def _told(facts: KeyFacts, enabled: str | None = None) -> KeyFacts:
    """DescribeKey's fields for the key materials: the earliest expiration of all that the key needs.

    :param enabled: the state of a key that has all of them; None to keep its state.
    """
    if facts.materials is None:
        return facts
    needed = [one for one in facts.materials if one.state in ("CURRENT", "NON_CURRENT")]
    whole = bool(needed) and all(one.import_state == "IMPORTED" for one in needed)
    end = min((one.valid_to for one in needed if one.valid_to), default=None)
    model = "KEY_MATERIAL_EXPIRES" if end else "KEY_MATERIAL_DOES_NOT_EXPIRE"
    state = facts.key_state
    if not state.startswith("PendingDel"):
        state = (enabled or state) if whole else "PendingImport"
    return facts._replace(
        key_state=state,
        expiration_model=model if whole else None,
        valid_to=end if whole else None,
        current_key_material_id=next((one.key_material_id for one in needed if one.state == "CURRENT"), None),
    )


def _imported(facts: KeyFacts, step: Step) -> KeyFacts:
    expiration = step.expiration or Expiration(None)
    if facts.materials is None:
        return facts._replace(key_state="Enabled", expiration_model=expiration.model, valid_to=expiration.valid_to)
    name = step.key_material_id or facts.current_key_material_id or CURRENT
    was = facts.material(name) or Material(name, "CURRENT", "PENDING_IMPORT")
    now = was._replace(
        import_state="IMPORTED",
        description=was.description if step.description is None else step.description,
        expiration_model=expiration.model,
        valid_to=expiration.valid_to,
    )
    others = tuple(one for one in facts.materials if one.key_material_id != name)
    return _told(facts._replace(materials=(now, *others)), "Enabled")


def _staged(facts: KeyFacts, step: Step, new: str) -> KeyFacts:
    expiration = step.expiration or Expiration(None)
    staged = Material(new, "PENDING_ROTATION", "IMPORTED", step.description, expiration.model, expiration.valid_to)
    return _told(facts._replace(materials=(*(facts.materials or ()), staged)), "Enabled")


def _rotated(facts: KeyFacts) -> KeyFacts:
    after = {"CURRENT": "NON_CURRENT", "PENDING_ROTATION": "CURRENT"}
    return _told(
        facts._replace(
            materials=tuple(one._replace(state=after.get(one.state, one.state)) for one in facts.materials or ())
        )
    )


def _deleted(facts: KeyFacts, name: str | None) -> KeyFacts:
    if facts.materials is None:
        state = facts.key_state if facts.key_state.startswith("Pending") else "PendingImport"
        return facts._replace(key_state=state, expiration_model=None, valid_to=None)
    named = facts.material(name or facts.current_key_material_id)
    gone = named and named._replace(import_state="PENDING_IMPORT", expiration_model=None, valid_to=None)
    left = tuple(gone if one is named and gone else one for one in facts.materials)
    if named is not None and named.state == "PENDING_ROTATION":
        left = tuple(one for one in facts.materials if one is not named)
    return _told(facts._replace(materials=left))


@dataclass(frozen=True)
class Situation:
    """A key in KMS, a task's declaration, and the matches of the task's key materials."""

    facts: KeyFacts
    wanted: Wanted
    match: Match
    previous: tuple[Match, ...] = ()


@st.composite
def rotations(draw: st.DrawFn) -> Situation:
    """A symmetric key and a declaration whose key material can differ from the current key material."""
    expiring = st.sampled_from([None, NOW + timedelta(40)])

    def held(name: str, state: str) -> Material:
        end = draw(expiring)
        model = "KEY_MATERIAL_EXPIRES" if end else "KEY_MATERIAL_DOES_NOT_EXPIRE"
        return Material(name, state, "IMPORTED", OTHER_LABEL if name == EARLIER else LABEL, model, end)

    listed = [held(CURRENT, "CURRENT")]
    listed += [held(STAGED, "PENDING_ROTATION")] if draw(st.booleans()) else []
    listed += [held(EARLIER, "NON_CURRENT")] if draw(st.booleans()) else []
    ends = [one.valid_to for one in listed if one.valid_to and one.associated]
    facts = SYMMETRIC._replace(
        key_state=draw(st.sampled_from(["Enabled", "Enabled", "Disabled"])),
        expiration_model="KEY_MATERIAL_EXPIRES" if ends else "KEY_MATERIAL_DOES_NOT_EXPIRE",
        valid_to=min(ends, default=None),
        materials=tuple(listed),
    )
    staged = STAGED if listed[1:] and listed[1].staged else None
    wanted = replace(
        draw(declarations()),
        state="present",
        material="given",
        force=False,
        on_different_material=draw(st.sampled_from(["stage", "rotate"])),
        expiration=draw(
            st.sampled_from([WantedExpiration(never=True), WantedExpiration(valid_to=NOW + timedelta(50))])
        ),
        label=True,
        material_label=LABEL,
    )
    match = Match("different", "label", "found that it is different", staged)
    if listed[-1].key_material_id == EARLIER and draw(st.booleans()):
        older = GivenMaterial(1, "given", wanted.expiration, OTHER_LABEL)
        return Situation(facts, replace(wanted, previous=(older,)), match, (Match("same", "label", "", EARLIER),))
    return Situation(facts, wanted, match)


@st.composite
def any_situations(draw: st.DrawFn) -> Situation:
    """Each match is possible for the facts."""
    facts, wanted, match = draw(keys()), draw(declarations()), draw(matches)
    names = {one.key_material_id for one in facts.materials or ()}
    if match.verdict == "same" and CURRENT not in names:
        # A label that no key material has does not match.
        match = replace(match, key_material_id=None)
    if match.verdict == "different" and facts.symmetric and facts.current_key_material_id is None:
        match = Match.unknown("no key material has been imported into the key yet")
    if match.verdict == "different" and STAGED in names and draw(st.booleans()):
        match = Match("different", "label", "it is staged", STAGED)
    if not facts.symmetric or not draw(st.booleans()):
        return Situation(facts, wanted, match)
    older = GivenMaterial(
        1, "given", draw(st.sampled_from([wanted.expiration, WantedExpiration(never=True)])), OTHER_LABEL
    )
    previous = draw(
        st.sampled_from([Match("same", "label", key_material_id=EARLIER), Match.unknown("nothing told")])
        if EARLIER in names
        else st.just(Match("different", "label", "it is none of them"))
    )
    return Situation(facts, replace(wanted, previous=(older,)), match, (previous,))


situations = st.one_of(any_situations(), rotations())
