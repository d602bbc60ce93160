# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""One key on its way to what the task declares, as a conversation with the target.

The conversation is a generator: it yields what the target is to do next and is sent the target's answer, so that it
knows nothing of Ansible, and the conversations of many keys can share their visits.
"""

from __future__ import annotations

import base64
import typing as t
from dataclasses import dataclass, field, replace
from datetime import timedelta

from ...module_utils._errors import CloudKeysError, Refusal
from ...module_utils._json import from_json, to_json
from ...module_utils._key.expiration import format_time, parse_time
from ...module_utils._key.facts import KeyFacts
from ...module_utils._key.specs import (
    KEY_SPECS,
    choose_wrapping_algorithm,
)
from ...module_utils._material.match import (
    Match,
    TamperedLabelError,
    match_label,
)
from ...module_utils._material.plan import Plan, make_plan
from ...module_utils._material.wanted import Wanted
from .._bundle.contents import WrappedKeyMaterial
from .._bundle.file import BundleError
from .._cryptography.key_material import (
    KeyMaterial,
    KeyMaterialError,
    same_public_key,
)
from .._cryptography.wrapping import public_key_sha256, wrap
from .._trust import Way, judge_way
from .evidence import Comparable
from .sources import Sources

__all__ = ("Declaration", "Outcome", "converge")

# How often the key may change under the task's hands before it gives up.
ROUNDS = 4
_STALE_TOKEN = ("ExpiredImportTokenException", "InvalidImportTokenException")

Request = dict[str, t.Any]
Answer = t.Mapping[str, t.Any]
Conversation = t.Generator[Request, Answer, "Outcome"]


@dataclass(frozen=True)
class Declaration:
    """What the task says about one key: the material, how to read and to wrap it, and how the key is to be."""

    key: str
    wanted: Wanted
    sources: Sources
    key_material_format: str = "auto"
    wrapping_algorithm: str | None = None
    wrapping_key_spec: str = "RSA_4096"
    wrapping_key_trust: str = "kms_direct"
    wait_timeout: int | None = 300
    check_mode: bool = False


@dataclass
class Outcome:
    """What is known at the end of a conversation, whichever end it was.

    :ivar done: the actions that were carried out or, in check mode, would be.
    :ivar before: the key before them, in the fields of the diff; None where no decision was made.
    :ivar after: the key after them; None for what *facts* show.
    """

    facts: KeyFacts | None = None
    match: Match = field(default_factory=lambda: Match.unknown("nothing was compared"))
    done: list[str] = field(default_factory=list)
    before: t.Mapping[str, t.Any] | None = None
    after: t.Mapping[str, t.Any] | None = None
    imported: dict[str, t.Any] | None = None
    warnings: list[str] = field(default_factory=list)
    failure: str | None = None
    kms_error: t.Mapping[str, t.Any] | None = None


class _Ended(Exception):
    """The conversation cannot go on; the outcome says why."""


def converge(declaration: Declaration) -> Conversation:
    """The conversation for one key. Its return value is the outcome; it raises nothing of its own."""
    outcome = Outcome()
    try:
        yield from _converge(declaration, outcome)
    except (Refusal, TamperedLabelError, KeyMaterialError, BundleError, CloudKeysError) as error:
        outcome.failure = str(error)
    except _Ended:
        pass
    return outcome


def _converge(declaration: Declaration, outcome: Outcome) -> t.Generator[Request, Answer, None]:
    renewed_token = False
    parameters_wanted = "never" if declaration.check_mode or declaration.sources.kind != "given" else "due"
    for _round in range(ROUNDS):
        seen = yield from _ask(outcome, _look(declaration, parameters_wanted))
        facts = outcome.facts = from_json(KeyFacts, seen["facts"])
        material = _parse(declaration, facts)
        comparable = _comparable(declaration, facts, material)
        outcome.match = yield from _compare(declaration, outcome, facts, comparable, seen)
        plan = _decide(declaration, outcome, facts, comparable, seen)
        if not plan.steps or declaration.check_mode:
            outcome.done += plan.actions
            outcome.after, outcome.failure = plan.after, plan.failure
            return
        encrypted, token = declaration.sources.encrypted_key_material, declaration.sources.import_token
        imported = _made_with(declaration.sources.bundle)
        if plan.import_step is not None and material is not None:
            parameters = seen.get("parameters")
            if parameters is None:
                # Only the comparison called for the import, so there are none yet.
                parameters_wanted = "always"
                continue
            encrypted, imported = _wrap(material, parameters)
            token = base64.b64decode(parameters["import_token"])
        # KMS verifies MACs only while the key is enabled.
        import_first = declaration.sources.bundle is not None and comparable.mac is not None
        part = plan.until_import() if import_first else plan
        answer = yield _apply(declaration, facts, part, encrypted, token)
        _take_progress(outcome, answer, imported)
        if answer.get("facts_changed"):
            continue
        error = answer.get("kms_error") or {}
        if error.get("code") in _STALE_TOKEN and material is not None and not renewed_token:
            renewed_token = True
            continue
        if "failure" in answer:
            _explain_refused_import(outcome, answer, declaration.sources, material)
            raise _Ended
        if plan.import_step is not None and declaration.sources.bundle is not None:
            yield from _verify_claims(declaration, outcome, comparable)
        if part.steps != plan.steps:
            continue
        outcome.after, outcome.failure = plan.after, plan.failure
        return
    raise CloudKeysError(
        f"{declaration.key} kept changing while the task looked at it, {ROUNDS} times: something else works on the key"
        " at the same time. Run again when it has ended."
    )


def _decide(declaration: Declaration, outcome: Outcome, facts: KeyFacts, comparable: Comparable, seen: Answer) -> Plan:
    """:raises CloudKeysError: what would be imported cannot be, which is said in check mode, too."""
    wanted = replace(declaration.wanted, material_label=comparable.label)
    now = parse_time(seen["now"], "now")
    if outcome.imported is not None:
        # What KMS took a moment ago is what it has, whether that can be verified or not.
        plan = make_plan(facts, replace(wanted, force=False), Match("same", "kms_import"), now)
        if plan.import_step is not None:
            raise CloudKeysError(
                f"{facts.arn}: KMS does not show the import yet, so the key could not be disabled. Run again, or set"
                " wait: true."
            )
        return plan
    plan = make_plan(facts, wanted, outcome.match, now)
    outcome.warnings = list(plan.warnings)
    outcome.before = plan.before
    bundle = declaration.sources.bundle
    if bundle is not None and plan.import_step is not None:
        bundle.refuse_expired(now, timedelta(0), declaration.sources.origin, "Begin again with an export.")
        if not declaration.sources.check_code_compared:
            outcome.warnings.append(
                f"{declaration.sources.origin} is imported without expected_check_code: anyone who could replace it"
                " chose the key material. Compare the check code with whoever made the bundle."
            )
    if declaration.sources.kind == "given":
        # Also when nothing is due: the next import would fail.
        _refuse_wrapping(declaration, facts)
        if plan.import_step is not None:
            refusal, warning = judge_way(Way(**seen["way"]), declaration.wrapping_key_trust)
            if refusal:
                raise CloudKeysError(refusal)
            outcome.warnings += [warning] if warning else []
    return plan


def _ask(outcome: Outcome, request: Request) -> t.Generator[Request, Answer, Answer]:
    answer = yield request
    if "failure" in answer:
        outcome.failure, outcome.kms_error = answer["failure"], answer.get("kms_error")
        raise _Ended
    return answer


def _look(declaration: Declaration, parameters: str) -> Request:
    return {
        "visit": "look",
        "key_id": declaration.key,
        "wanted": declaration.wanted.to_json(),
        "compare": declaration.sources.kind == "given" or declaration.sources.bundle is not None,
        "parameters": parameters,
        "wrapping_algorithm": declaration.wrapping_algorithm,
        "wrapping_key_spec": declaration.wrapping_key_spec,
        "wait_timeout": declaration.wait_timeout or 0,
    }


def _parse(declaration: Declaration, facts: KeyFacts) -> KeyMaterial | None:
    if facts.origin != "EXTERNAL" or facts.key_spec not in KEY_SPECS:
        return None  # The plan refuses such a key in words of its own.
    return declaration.sources.key_material(facts.key_spec, declaration.key_material_format, facts.region)


def _comparable(declaration: Declaration, facts: KeyFacts, material: KeyMaterial | None) -> Comparable:
    """:raises CloudKeysError: the bundle is for another key, or for another kind of key."""
    sources = declaration.sources
    if sources.bundle is not None and sources.bundle.key_arn != facts.arn:
        raise CloudKeysError(
            f"{sources.origin} is for the key {sources.bundle.key_arn}, and {declaration.key} is {facts.arn}: KMS"
            " takes an import token for one key in one Region. Give the bundle that was made for this key."
        )
    if sources.bundle is not None and sources.bundle.key_spec != facts.key_spec:
        raise CloudKeysError(
            f"{sources.origin} says that {facts.arn} has the key spec {sources.bundle.key_spec}, and it has"
            f" {facts.key_spec}. The bundle is forged or damaged. Find out who made it."
        )
    if material is not None:
        return Comparable.of_material(material, facts.key_id)
    if sources.encrypted_key_material is not None and facts.symmetric:
        return Comparable.of_ciphertext(sources.encrypted_key_material)
    return Comparable() if sources.bundle is None else Comparable.of_claims(sources.bundle)


def _compare(
    declaration: Declaration,
    outcome: Outcome,
    facts: KeyFacts,
    comparable: Comparable,
    seen: Answer,
) -> t.Generator[Request, Answer, Match]:
    """Whether KMS holds this material, by the best proof that the key's spec has."""
    if comparable.nothing:
        if declaration.sources.kind == "wrapped":
            return Match.unknown("the key material was given encrypted, and cannot be compared")
        return Match.unknown("no key material was given to compare with")
    if comparable.label is not None:
        return match_label(facts, comparable.label)
    if not facts.material_present:
        return Match.unknown("KMS holds no key material now")
    if comparable.public_key is not None:
        if "public_key" not in seen:
            return Match.unknown(seen.get("proof_unread") or "the public key could not be read")
        if same_public_key(base64.b64decode(seen["public_key"]), comparable.public_key):
            return Match("same", "public_key")
        return Match("different", "public_key", "GetPublicKey shows another public key than the given private key has")
    if facts.key_state != "Enabled":
        return Match.unknown(f"KMS verifies MACs with Enabled keys only, and the key is {facts.key_state}")
    message, mac = t.cast("tuple[bytes, bytes]", comparable.mac)
    answer = yield from _ask(
        outcome,
        {
            "visit": "verify_mac",
            "key_id": facts.arn,
            "message": _base64(message),
            "mac": _base64(mac),
            "mac_algorithm": KEY_SPECS[facts.key_spec].mac_algorithm,
        },
    )
    if answer.get("mac_valid") is None:
        return Match.unknown(answer.get("proof_unread") or "the MAC could not be verified")
    if answer["mac_valid"]:
        return Match("same", "mac")
    return Match("different", "mac", "VerifyMac does not accept a MAC that the given key material makes")


def _refuse_wrapping(declaration: Declaration, facts: KeyFacts) -> None:
    choose_wrapping_algorithm(
        facts.arn, facts.key_spec, facts.region, declaration.wrapping_key_spec, declaration.wrapping_algorithm
    )


def _wrap(material: KeyMaterial, parameters: t.Mapping[str, t.Any]) -> tuple[bytes, dict[str, t.Any]]:
    """The ciphertext, and what the result tells about how it was made."""
    public_key = base64.b64decode(parameters["wrapping_public_key"])
    encrypted = wrap(
        material.data,
        wrapping_public_key=public_key,
        wrapping_algorithm=parameters["wrapping_algorithm"],
        wrapping_key_spec=parameters["wrapping_key_spec"],
    )
    return encrypted, {
        "wrapping_algorithm": parameters["wrapping_algorithm"],
        "wrapping_key_spec": parameters["wrapping_key_spec"],
        "wrapping_public_key_sha256": public_key_sha256(public_key),
        "parameters_valid_to": parameters["parameters_valid_to"],
    }


def _made_with(bundle: WrappedKeyMaterial | None) -> dict[str, t.Any]:
    """The same of key material that was encrypted with a bundle."""
    if bundle is None:
        return {}
    return {
        "wrapping_algorithm": bundle.wrapping_algorithm,
        "wrapping_key_spec": bundle.wrapping_key_spec,
        "wrapping_public_key_sha256": bundle.wrapping_public_key_sha256,
        "parameters_valid_to": format_time(bundle.parameters_valid_to),
    }


def _apply(
    declaration: Declaration, facts: KeyFacts, plan: Plan, encrypted: bytes | None, token: bytes | None
) -> Request:
    importing = plan.import_step is not None
    return {
        "visit": "apply",
        "key_id": facts.arn,
        "seen": to_json(facts),
        "steps": [step.to_json() for step in plan.steps],
        "after": dict(plan.after),
        "encrypted_key_material": _base64(encrypted) if importing and encrypted else None,
        "import_token": _base64(token) if importing and token else None,
        "wait_timeout": declaration.wait_timeout,
    }


def _take_progress(outcome: Outcome, answer: Answer, imported: dict[str, t.Any]) -> None:
    if "facts" in answer:
        outcome.facts = from_json(KeyFacts, answer["facts"])
    outcome.done += answer.get("done", [])
    if "import" in answer:
        outcome.imported = {**answer["import"], **imported}
        outcome.match = Match("same", "kms_import")


def _explain_refused_import(outcome: Outcome, answer: Answer, sources: Sources, material: KeyMaterial | None) -> None:
    """KMS compared the bytes, and that is an answer to whether they match."""
    outcome.failure, outcome.kms_error = answer["failure"], answer.get("kms_error")
    if (outcome.kms_error or {}).get("code") != "IncorrectKeyMaterialException":
        return
    if material is not None and outcome.match.by == "public_key" and outcome.match.verdict == "same":
        outcome.failure = (
            f"{outcome.failure} The public keys agree, so it is the same key in another encoding than the one that was"
            " imported first"
            + ("; it was re-encoded here, so give the PKCS#8 file that was used then." if material.reencoded else ".")
        )
        return
    if sources.bundle is not None and outcome.match.verdict == "same":
        outcome.failure = (
            f"{outcome.failure} {sources.origin} claims to hold the key material of this key, and its ciphertext holds"
            " other bytes: other key material, or another encoding of the same private key. Find out who made it."
        )
    outcome.match = Match("different", "kms_import", "KMS compared the bytes with those imported before")


def _verify_claims(
    declaration: Declaration, outcome: Outcome, comparable: Comparable
) -> t.Generator[Request, Answer, None]:
    """Asks KMS whether it now holds what the bundle says of itself: anyone can encrypt under a public key.

    :raises CloudKeysError: it holds something else. An HMAC key is then left Enabled, so that later runs can see it.
    """
    if not comparable.verifiable or outcome.facts is None:
        return
    origin = declaration.sources.origin
    seen = yield from _ask(outcome, _look(declaration, "never"))
    facts = outcome.facts = from_json(KeyFacts, seen["facts"])
    outcome.match = yield from _compare(declaration, outcome, facts, comparable, seen)
    if outcome.match.verdict == "unknown":
        outcome.warnings.append(
            f"{facts.arn}: KMS imported the ciphertext of {origin}, and whether it holds what the bundle says could not"
            f" be verified: {outcome.match.reason}. Run again when it can, before the key is used."
        )
    elif outcome.match.verdict == "different":
        raise CloudKeysError(
            f"{facts.arn}: KMS imported the ciphertext of {origin}, and it is not the key material that the bundle says"
            f" it is: {outcome.match.reason}. The bundle is forged or damaged. Do not use the key. Nothing was deleted:"
            " find out who made the bundle, then delete the key (kms_external_key with state: absent), because KMS"
            " never takes other key material for it."
        )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
