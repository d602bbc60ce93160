# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KMS keys for the tests of decisions: any of them, and what becomes of them when a plan is carried out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import Expiration, WantedExpiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts, Material
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.specs import KEY_SPECS
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.match import Match
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.plan import Plan
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import Wanted

NOW = datetime(2027, 1, 1, tzinfo=UTC)
LABEL = "cloudkeys.aws/v1:" + "0123456789abcdef" * 2
OTHER_LABEL = "cloudkeys.aws/v1:" + "fedcba9876543210" * 2
CIPHERTEXT_LABEL = "cloudkeys.aws/v1c:" + "0123456789abcdef" * 2
CURRENT, EARLIER, STAGED = "c" * 64, "a" * 64, "f" * 64

#: A symmetric key of which the list of key materials has not been read.
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

#: The same with its one key material, which is labelled and does not expire.
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
    """As DescribeKey and ListKeyRotations may show a key with origin EXTERNAL."""
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


def carried_out(facts: KeyFacts, plan: Plan) -> KeyFacts:
    """The key as KMS would show it after the plan's steps (Developer Guide, "Key states of AWS KMS keys")."""
    for step in plan.steps:
        if step.action in ("import", "reimport"):
            facts = _imported(facts, step.expiration or Expiration(), step.description)
        elif step.action == "delete":
            facts = _deleted(facts)
        else:
            facts = facts._replace(key_state="Enabled" if step.action == "enable" else "Disabled")
    return facts


def _imported(facts: KeyFacts, expiration: Expiration, description: str | None) -> KeyFacts:
    listed = facts.materials
    if listed is not None:
        now = Material(CURRENT, "CURRENT", "IMPORTED", description, expiration.model, expiration.valid_to)
        was = facts.current_material
        if was and description is None:
            now = now._replace(description=was.description)
        listed = (now, *(entry for entry in listed if entry.key_material_id != CURRENT))
    facts = facts._replace(
        materials=listed, current_key_material_id=CURRENT if listed else facts.current_key_material_id
    )
    whole = not facts.missing_materials
    return facts._replace(
        key_state="Enabled" if whole else "PendingImport",
        expiration_model=expiration.model if whole else None,
        valid_to=expiration.valid_to if whole else None,
    )


def _deleted(facts: KeyFacts) -> KeyFacts:
    listed = facts.materials and tuple(
        entry._replace(import_state="PENDING_IMPORT", expiration_model=None, valid_to=None)
        if entry.key_material_id == CURRENT
        else entry
        for entry in facts.materials
    )
    return facts._replace(
        materials=listed,
        key_state=facts.key_state if facts.key_state.startswith("Pending") else "PendingImport",
        expiration_model=None,
        valid_to=None,
    )
