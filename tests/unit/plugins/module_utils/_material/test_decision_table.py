# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision table of ``kms_key_material``: KMS's responses, the task's declaration, and the actions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.expiration import WantedExpiration
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.facts import KeyFacts
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.match import Match
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.plan import make_plan
from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import Wanted

from ..keys import CIPHERTEXT_LABEL, CURRENT, EARLIER, LABEL, NOW

ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SOON = NOW + timedelta(10)
SAME = Match("same", "label", key_material_id=CURRENT)
UNKNOWN = Match.unknown("nothing told")
DIFFERENT = Match("different", "label", "found that it is different")
NEVER = WantedExpiration(never=True)
RENEWED = WantedExpiration(valid_for=timedelta(90), renew_before=timedelta(30))


def entry(name: str = CURRENT, *, imported: bool = True, **values: Any) -> dict[str, Any]:
    """An entry of ListKeyRotations."""
    state = "CURRENT" if name == CURRENT else "NON_CURRENT"
    values.setdefault("KeyMaterialDescription", LABEL if name == CURRENT else None)
    if imported:
        ends = "ValidTo" in values
        values["ExpirationModel"] = "KEY_MATERIAL_EXPIRES" if ends else "KEY_MATERIAL_DOES_NOT_EXPIRE"
    import_state = "IMPORTED" if imported else "PENDING_IMPORT"
    return {"KeyMaterialId": name, "KeyMaterialState": state, "ImportState": import_state, **values}


HELD, LOST, UNLABELED = entry(), entry(imported=False), entry(KeyMaterialDescription=None)


@dataclass(frozen=True)
class Row:
    """One row.

    :ivar describe: DescribeKey's differences from an Enabled key whose key material does not expire.
    :ivar listed: ListKeyRotations; None where it is denied; () before the first import.
    :ivar then: the actions, or a part of the refusal's message.
    :ivar fails: a part of the message if the task fails after its actions.
    :ivar warns: a part of a warning.
    """

    name: str
    then: list[str] | str
    describe: dict[str, Any] = field(default_factory=dict)
    listed: tuple[dict[str, Any], ...] | None = (HELD,)
    wanted: Wanted = field(default_factory=lambda: Wanted(material_label=LABEL))
    match: Match = SAME
    fails: str | None = None
    warns: str | None = None

    def facts(self) -> KeyFacts:
        held = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE", "CurrentKeyMaterialId": CURRENT}
        metadata = {
            "KeyId": ARN.rpartition("/")[2],
            "Arn": ARN,
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "Origin": "EXTERNAL",
            "KeyState": "Enabled",
            "KeyManager": "CUSTOMER",
            **held,
            **self.describe,
        }
        metadata = {name: value for name, value in metadata.items() if value is not None}
        listed, unread = self.listed, None
        if metadata["KeySpec"] != "SYMMETRIC_DEFAULT":
            listed = None
            metadata.pop("CurrentKeyMaterialId", None)
        elif listed is None:
            unread = "kms:ListKeyRotations is denied"
        return KeyFacts.from_kms(metadata, listed, unread, NOW)


def wanted(**values: Any) -> Wanted:
    return replace(Wanted(material_label=LABEL), **values)


EMPTY = {"KeyState": "PendingImport", "ExpirationModel": None, "CurrentKeyMaterialId": None}
GONE = {"KeyState": "PendingImport", "ExpirationModel": None}
DISABLED = {"KeyState": "Disabled"}
REPLICA = {"MultiRegion": True, "MultiRegionConfiguration": {"MultiRegionKeyType": "REPLICA"}}
HMAC = {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}

TABLE = [
    Row("another origin", "origin EXTERNAL", {"Origin": "AWS_KMS"}),
    Row("AWS managed", "AWS managed key", {"KeyManager": "AWS"}),
    Row("unavailable", "Unavailable", {"KeyState": "Unavailable"}),
    Row("pending deletion", "CancelKeyDeletion", {"KeyState": "PendingDeletion"}),
    Row("still updating after the wait", "still Updating", {"KeyState": "Updating"}),
    # PendingImport
    Row("never imported", ["import"], EMPTY, (), wanted(expiration=NEVER), UNKNOWN),
    Row("never imported, no expiration declared", "does not declare when it expires", EMPTY, (), match=UNKNOWN),
    Row(
        "never imported, past valid_to",
        "never had key material",
        EMPTY,
        (),
        wanted(expiration=WantedExpiration(valid_to=NOW - timedelta(1))),
        UNKNOWN,
    ),
    Row(
        "never imported, no label",
        "key_material_label: true",
        EMPTY,
        (),
        wanted(expiration=NEVER, label=False),
        UNKNOWN,
    ),
    Row(
        "never imported, no label, which is accepted",
        ["import"],
        EMPTY,
        (),
        wanted(expiration=NEVER, label=False, on_unknown_material="accept"),
        UNKNOWN,
    ),
    Row(
        "never imported, encrypted elsewhere, no label",
        ["import"],
        EMPTY,
        (),
        wanted(expiration=NEVER, label=False, material="wrapped", material_label=CIPHERTEXT_LABEL),
        UNKNOWN,
    ),
    Row("never imported, list denied", "(kms:ListKeyRotations)", EMPTY, None, wanted(expiration=NEVER), UNKNOWN),
    Row("lost, same", ["import"], GONE, (LOST,), wanted(expiration=NEVER)),
    Row("lost, unknown", ["import"], GONE, (LOST,), wanted(expiration=NEVER), UNKNOWN),
    Row("lost, different", "Nothing was changed", GONE, (LOST,), wanted(expiration=NEVER), DIFFERENT),
    Row(
        "lost, past valid_to",
        "expired as declared",
        GONE,
        (LOST,),
        wanted(expiration=WantedExpiration(valid_to=NOW - timedelta(1))),
    ),
    # It is unknown whether these keys ever had key material.
    *(
        Row(
            f"{name} key without key material, past valid_to",
            "or was never imported",
            {**GONE, **kind},
            (LOST,),
            Wanted(expiration=WantedExpiration(valid_to=NOW - timedelta(1))),
        )
        for name, kind in (("HMAC", HMAC), ("replica", REPLICA))
    ),
    Row("expired a moment ago, still listed as imported", ["import"], GONE, (HELD,), wanted(expiration=NEVER)),
    Row(
        "lost, and an older one too",
        ["import"],
        GONE,
        (LOST, entry(EARLIER, imported=False)),
        wanted(expiration=NEVER),
        fails=EARLIER,
    ),
    Row("an older one lost", [], GONE, (HELD, entry(EARLIER, imported=False)), fails=EARLIER),
    Row(
        "an older one expired a moment ago, still listed as imported",
        [],
        GONE,
        (HELD, entry(EARLIER, ValidTo=NOW - timedelta(seconds=1))),
        fails=EARLIER,
    ),
    Row("imported a moment ago, still listed as missing", [], {}, (LOST,)),
    # Enabled
    Row("as declared", [], wanted=wanted(expiration=NEVER)),
    Row("nothing declared", []),
    Row("another expiration", ["reimport"], wanted=wanted(expiration=RENEWED)),
    Row("forced", ["reimport"], wanted=wanted(force=True)),
    Row("forced, unknown", ["reimport"], wanted=wanted(force=True), match=UNKNOWN),
    Row("forced, different", "Nothing was changed", wanted=wanted(force=True), match=DIFFERENT),
    Row("unknown", "run once with on_unknown_material: reimport", match=UNKNOWN),
    Row(
        "unknown, and a label is to be written", "label by which later runs recognize", {}, (UNLABELED,), match=UNKNOWN
    ),
    Row(
        "unknown, and no label is wanted",
        "compares the two in every run",
        {},
        (UNLABELED,),
        wanted(label=False),
        UNKNOWN,
    ),
    Row("unknown, list denied", "compares the two in every run", {}, None, match=UNKNOWN),
    Row("unknown, for a key without labels", "compares the two in every run", HMAC, wanted=Wanted(), match=UNKNOWN),
    Row("unknown, to be compared", ["reimport"], wanted=wanted(on_unknown_material="reimport"), match=UNKNOWN),
    Row("unknown, accepted", [], wanted=wanted(on_unknown_material="accept"), match=UNKNOWN, warns="it is unknown"),
    Row("unknown, encrypted elsewhere", [], wanted=wanted(material="wrapped"), match=UNKNOWN, warns="it is unknown"),
    Row(
        "unknown, encrypted elsewhere, to fail",
        "it is unknown",
        wanted=wanted(material="wrapped", on_unknown_material="fail"),
        match=UNKNOWN,
    ),
    Row("different", "Nothing was changed", match=DIFFERENT),
    Row(
        "the older one expires soon",
        [],
        {},
        (HELD, entry(EARLIER, ValidTo=SOON)),
        wanted(expiration=NEVER),
        warns=EARLIER,
    ),
    Row(
        "the older one expires within renew_before",
        [],
        {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": SOON},
        (entry(ValidTo=NOW + timedelta(80)), entry(EARLIER, ValidTo=SOON)),
        wanted(expiration=RENEWED),
        fails=EARLIER,
    ),
    Row(
        "it expires within renew_before",
        ["reimport"],
        {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": SOON},
        (entry(ValidTo=SOON),),
        wanted(expiration=RENEWED),
    ),
    Row(
        "one that waits for a rotation expires soon",
        [],
        {},
        (HELD, {**entry(EARLIER, ValidTo=SOON), "KeyMaterialState": "PENDING_ROTATION"}),
        wanted(expiration=NEVER),
    ),
    Row("another description", ["reimport"], wanted=wanted(description="payments")),
    Row("no description, no label", "cannot remove a description", wanted=wanted(description="", label=False)),
    Row(
        "forced, list denied, no expiration declared",
        ["reimport"],
        {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": SOON},
        None,
        wanted(force=True, on_unknown_material="accept"),
        UNKNOWN,
        warns="earliest expiration of all its key materials",
    ),
    # Disabled
    Row("disabled, nothing to import", [], DISABLED),
    Row("disabled, an import due", "Declare the state", DISABLED, wanted=wanted(expiration=RENEWED)),
    Row("disabled, to stay so", ["reimport", "disable"], DISABLED, wanted=wanted(expiration=RENEWED, enabled=False)),
    Row("disabled, to be enabled", ["reimport"], DISABLED, wanted=wanted(expiration=RENEWED, enabled=True)),
    Row("disabled, to be enabled without an import", ["enable"], DISABLED, wanted=wanted(enabled=True)),
    Row("enabled, to be disabled", ["disable"], wanted=wanted(enabled=False)),
    Row(
        "disabled HMAC key", [], {**HMAC, **DISABLED}, wanted=Wanted(), match=UNKNOWN, warns="after the key is enabled"
    ),
    Row(
        "disabled HMAC key, to fail",
        "after the key is enabled",
        {**HMAC, **DISABLED},
        wanted=Wanted(on_unknown_material="fail"),
        match=UNKNOWN,
    ),
    Row(
        "disabled HMAC key, to be compared",
        [],
        {**HMAC, **DISABLED},
        wanted=Wanted(on_unknown_material="reimport", enabled=False),
        match=UNKNOWN,
        warns="after the key is enabled",
    ),
    # absent
    Row("absent, nothing there", [], EMPTY, (), wanted(state="absent"), UNKNOWN),
    Row("absent, same", ["delete"], wanted=wanted(state="absent"), warns="stops working"),
    Row("absent, different", "Nothing was deleted", wanted=wanted(state="absent"), match=DIFFERENT),
    Row("absent, different, forced", "Nothing was deleted", wanted=wanted(state="absent", force=True), match=DIFFERENT),
    Row("absent, unknown", ["reimport", "delete"], wanted=wanted(state="absent"), match=UNKNOWN, warns="stops working"),
    Row(
        "absent, unknown, whatever unknown material means elsewhere",
        ["reimport", "delete"],
        wanted=wanted(state="absent", on_unknown_material="fail"),
        match=UNKNOWN,
        warns="stops working",
    ),
    Row("absent, unknown, Disabled", "enable the key first", DISABLED, wanted=wanted(state="absent"), match=UNKNOWN),
    Row(
        "absent, unknown, pending deletion",
        "CancelKeyDeletion",
        {"KeyState": "PendingDeletion"},
        wanted=wanted(state="absent"),
        match=UNKNOWN,
    ),
    Row(
        "absent, same, pending deletion",
        ["delete"],
        {"KeyState": "PendingDeletion"},
        wanted=wanted(state="absent"),
        warns="stops working",
    ),
    Row("absent, nothing given", "set force: true", wanted=wanted(state="absent", material="none"), match=UNKNOWN),
    Row("absent, only a ciphertext given", "as plaintext", wanted=wanted(state="absent", material="wrapped")),
    Row(
        "absent, forced",
        ["delete"],
        wanted=wanted(state="absent", material="none", force=True),
        match=UNKNOWN,
        warns="stops working",
    ),
]


@pytest.mark.parametrize("row", TABLE, ids=[row.name for row in TABLE])
def test_the_decision(row: Row) -> None:
    facts = row.facts()
    if isinstance(row.then, str):
        with pytest.raises(Refusal) as caught:
            make_plan(facts, row.wanted, row.match, NOW)
        assert row.then in str(caught.value)
        assert ARN in str(caught.value)
        return
    plan = make_plan(facts, row.wanted, row.match, NOW)
    assert plan.actions == row.then
    assert bool(plan.failure) is bool(row.fails), plan.failure
    assert (row.fails or "") in (plan.failure or "")
    told = " ".join(plan.warnings)
    assert bool(told) is bool(row.warns), told
    assert (row.warns or "") in told


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({row.name for row in TABLE}) == len(TABLE)
